import type { Call, Caller, Next } from "../core/call.ts";
import { badInput, refused } from "../core/errors.ts";
import { didYouMean } from "../core/nearest.ts";
import type { Entry } from "../core/room.ts";
import { type Arguments, parseArguments } from "./arguments.ts";
import type { ToolRecord } from "./describe.ts";
import { type Answer, toFailure, toResult } from "./result.ts";
import type { Selection } from "./selection.ts";

/** What comes with a call besides its arguments. */
export interface CallContext {
  readonly signal: AbortSignal;
  readonly progress?: ((done: number, total: number | undefined) => void) | undefined;
  readonly caller?: Caller | undefined;
  /** What a person said who was asked about an earlier round of this call. */
  readonly answer?: Call["answer"];
}

/** A tool about the tools, with the toolbox at hand. */
export interface DiscoveryTool {
  readonly record: ToolRecord;
  readonly run: (toolbox: Toolbox, given: Arguments, context: CallContext) => Promise<Answer>;
}

/** The models and the way to Cloudflare; loaded on the first call, so that listing tools starts fast. */
export interface Engine {
  readonly entries: ReadonlyMap<string, Entry>;
  readonly run: Next;
}

export interface ToolboxSettings {
  readonly selection: Selection;
  readonly discovery: readonly DiscoveryTool[];
  readonly readOnly: boolean;
  /** True when the operator chose the account: then no tool has an account argument. */
  readonly pinned: boolean;
  /** Ends running calls when the process cannot wait for them any longer. */
  readonly closing?: AbortSignal;
  /** Milliseconds a call may take. */
  readonly timeout: number;
  readonly load: () => Promise<Engine>;
}

/** Finds the tool that a name means, checks the arguments and runs it. */
export class Toolbox {
  readonly tools: readonly ToolRecord[];
  readonly #settings: ToolboxSettings;
  readonly #discovery: ReadonlyMap<string, DiscoveryTool>;

  constructor(settings: ToolboxSettings) {
    this.#settings = settings;
    const { listed } = settings.selection;
    this.tools = settings.pinned ? listed : listed.map(withAccount);
    this.#discovery = new Map(
      settings.discovery
        .filter(({ record }) => listed.some(({ name }) => name === record.name))
        .map((tool) => [tool.record.name, tool]),
    );
  }

  /** Calls a tool by name. Every failure comes back as a tool error; this never throws. */
  async call(name: string, given: Arguments, context: CallContext): Promise<Answer> {
    try {
      const discovery = this.#discovery.get(name);
      if (discovery !== undefined) return await discovery.run(this, given, context);
      if (this.#settings.discovery.some(({ record }) => record.name === name)) throw this.#refusal(name, "delete");
      await this.#refuseUnlisted(name);
      return await this.runOperation(name, given, context);
    } catch (error) {
      return toFailure(error);
    }
  }

  /** Operations that may be called, listed or not. */
  get reachable(): ReadonlyMap<string, ToolRecord> {
    return this.#settings.selection.reachable;
  }

  /** The declaration of a reachable operation; throws a refusal that says why it is not. */
  async entry(name: string): Promise<Entry> {
    const { entries } = await this.#settings.load();
    const entry = entries.get(name);
    if (entry === undefined) {
      throw badInput(
        `there is no operation "${name.slice(0, 64)}"${didYouMean(name, entries.keys())}`,
        "Find the right one with search_operations.",
      );
    }
    if (this.reachable.has(name)) return entry;
    throw this.#refusal(name, entry.effect);
  }

  #refusal(name: string, effect: Entry["effect"]): Error {
    const why =
      this.#settings.readOnly && effect !== "read" ? "this server is read-only" : "the operator has not offered it";
    return refused(`${name} is refused: ${why}`, "Ask the operator, or find another operation with search_operations.");
  }

  /** Checks the arguments of an operation and sends it through the pipeline. */
  async runOperation(name: string, given: Arguments, context: CallContext): Promise<Answer> {
    const entry = await this.entry(name);
    const { run } = await this.#settings.load();
    const { timeout, pinned, closing } = this.#settings;
    const parsed = parseArguments(entry, given, pinned);
    const outcome = await run({
      entry,
      ...parsed,
      signal: closing === undefined ? context.signal : AbortSignal.any([context.signal, closing]),
      deadline: performance.now() + timeout,
      progress: context.progress,
      caller: context.caller,
      answer: context.answer,
      interpret: async (other, inner) => {
        const step = await this.entry(other);
        return { entry: step, ...parseArguments(step, inner, pinned) };
      },
    });
    return toResult(outcome);
  }

  /** A tool that the surface does not list is not called by its name, but is still within reach. */
  async #refuseUnlisted(name: string): Promise<void> {
    if (this.tools.some((tool) => tool.name === name)) return;
    const { effect } = await this.entry(name);
    throw badInput(
      `"${name}" is not listed as a tool on this surface`,
      `Call ${effect === "read" ? "run_read_operation" : "run_write_operation"} {"operation":"${name}","arguments":{…}} instead.`,
    );
  }
}

/** Adds the account argument to a tool that works on one. */
function withAccount(tool: ToolRecord): ToolRecord {
  if (tool.toolset === "discovery") return tool;
  const { inputSchema } = tool;
  return {
    ...tool,
    inputSchema: { ...inputSchema, properties: { ...inputSchema.properties, account_id: { type: "string" } } },
  };
}
