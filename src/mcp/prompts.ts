import type { CompleteResult, GetPromptResult, Prompt as ListedPrompt } from "@modelcontextprotocol/server";
import { badInput } from "../core/errors.ts";
import { didYouMean } from "../core/nearest.ts";
import type { Toolbox } from "./toolbox.ts";

/** What a prompt may be told, and where names for it come from. */
interface PromptArgument {
  readonly name: string;
  readonly description: string;
  readonly required?: boolean;
  /** The list whose objects can be meant, and the field that names them; or the words there are. */
  readonly completes?: { readonly operation: string; readonly field: string } | readonly string[];
}

/** How the steps of a prompt speak to the agent that will follow them. */
interface Speech {
  /** An operation as the agent reaches it: its name, or what runs it; says so where the operator does not offer it. */
  tool(operation: string): string;
  /** A value that somebody gave, as data: quoted, on one line. */
  given(name: string): string;
  has(name: string): boolean;
}

/** A job that people come with, as steps over the tools. */
export interface Prompt {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly arguments: readonly PromptArgument[];
  /** In the order in which they are done. */
  steps(speech: Speech): readonly string[];
}

/** Characters of an argument; names are shorter. */
const longest = 300;

/** Completions that the protocol allows in one answer. */
const most = 100;

/** The prompts as clients list them. */
export const listedPrompts = (prompts: readonly Prompt[]): ListedPrompt[] =>
  prompts.map(({ name, title, description, arguments: given }) => ({
    name,
    title,
    description,
    arguments: given.map(({ name, description, required = false }) => ({ name, description, required })),
  }));

/** One prompt with its arguments filled in, in the words of the surface that the agent sees. */
export function promptText(
  prompts: readonly Prompt[],
  toolbox: Toolbox,
  name: string,
  given: Readonly<Record<string, string>> = {},
): GetPromptResult {
  const prompt = promptIn(prompts, name);
  for (const [argument, value] of Object.entries(given)) {
    if (!prompt.arguments.some((known) => known.name === argument)) {
      const names = prompt.arguments.map((known) => known.name);
      throw badInput(`${name} takes no "${argument.slice(0, 64)}"${didYouMean(argument, names)}`, "Leave it out.");
    }
    if (value.length > longest) throw badInput(`${argument}: at most ${longest} characters`, "Shorten it.");
  }
  const has = (argument: string): boolean => (given[argument] ?? "").trim() !== "";
  const missing = prompt.arguments.find(({ name: argument, required }) => required === true && !has(argument));
  if (missing !== undefined) throw badInput(`${name} needs ${missing.name}: ${missing.description}`, "Give it.");
  const steps = prompt.steps({
    tool: (operation) => spoken(toolbox, operation),
    // What a person typed is a name, whatever it says.
    given: (argument) => JSON.stringify((given[argument] ?? "").trim()),
    has,
  });
  const text = [
    `${prompt.title}: ${prompt.description}`,
    "",
    ...steps.map((step, place) => `${place + 1}. ${step}`),
  ].join("\n");
  return { description: prompt.description, messages: [{ role: "user", content: { type: "text", text } }] };
}

function promptIn(prompts: readonly Prompt[], name: string): Prompt {
  const found = prompts.find((one) => one.name === name);
  if (found !== undefined) return found;
  const names = prompts.map((one) => one.name);
  throw badInput(`there is no prompt "${name.slice(0, 64)}"${didYouMean(name, names)}`, "See prompts/list.");
}

/** An operation as the agent can call it here. */
function spoken({ tools, reachable }: Toolbox, operation: string): string {
  if (tools.some(({ name }) => name === operation)) return operation;
  const found = reachable.get(operation);
  if (found === undefined) return `${operation} (not offered by this server: ask the person to do it elsewhere)`;
  return `${operation} (by ${found.effect === "read" ? "run_read_operation" : "run_write_operation"})`;
}

/** Names for an argument of a prompt that contain what was typed; none when they cannot be read. */
export async function completion(
  prompts: readonly Prompt[],
  toolbox: Toolbox,
  { prompt, argument, value }: { readonly prompt: string; readonly argument: string; readonly value: string },
  signal: AbortSignal,
): Promise<CompleteResult> {
  const { completes = [] } = promptIn(prompts, prompt).arguments.find(({ name }) => name === argument) ?? {};
  const names = "operation" in completes ? await namesIn(toolbox, completes, value.trim(), signal) : completes;
  const typed = value.toLowerCase();
  const found = [...new Set(names)].filter((name) => name.toLowerCase().includes(typed));
  return { completion: { values: found.slice(0, most), total: found.length, hasMore: found.length > most } };
}

async function namesIn(
  toolbox: Toolbox,
  { operation, field }: { readonly operation: string; readonly field: string },
  typed: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const reached = toolbox.reachable.get(operation);
  if (reached === undefined) return [];
  const searches = typed !== "" && reached.inputSchema.properties["search"] !== undefined;
  const given = { limit: 1000, fields: [field], ...(searches && { search: typed }) };
  const { result } = await toolbox.runOperation(operation, given, { signal }).catch(() => ({ result: undefined }));
  const { items } = (result?.structuredContent ?? {}) as { readonly items?: unknown };
  if (!Array.isArray(items)) return [];
  return items.flatMap((item) => (typeof item?.[field] === "string" ? [item[field]] : []));
}
