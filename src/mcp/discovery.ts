import { badInput } from "../core/errors.ts";
import { shapesOf } from "../core/model.ts";
import { didYouMean } from "../core/nearest.ts";
import type { Entry } from "../core/room.ts";
import { type Arguments, inputOf } from "./arguments.ts";
import { controlMeanings } from "./control.ts";
import { hintsFor, listsItems, type RootSchema, type ToolRecord, type ToolSchema } from "./describe.ts";
import { type Answer, toResult } from "./result.ts";
import { signature } from "./signature.ts";
import type { CallContext, DiscoveryTool, Toolbox } from "./toolbox.ts";

const text: ToolSchema = { type: "string" };

function record(
  name: string,
  title: string,
  description: string,
  effect: "read" | "delete",
  properties: RootSchema["properties"],
  required: readonly string[],
): ToolRecord {
  return {
    name,
    title,
    description,
    inputSchema: { type: "object", properties, required },
    annotations: { ...hintsFor(effect), idempotentHint: effect === "read" },
    toolset: "discovery",
    effect,
    everyday: true,
    keywords: "",
  };
}

const callProperties = {
  operation: text,
  arguments: { type: "object", description: "The operation's own arguments" },
} as const;

/** Through these four, every operation is reachable on every surface. */
export const discoveryTools: readonly DiscoveryTool[] = [
  {
    record: record(
      "search_operations",
      "Search operations",
      "Find Cloudflare Access operations by what they do: applications, policies, groups, tokens, targets, certificates, identity providers, MCP portals, users, logs. Start here when no listed tool fits.",
      "read",
      { query: { ...text, description: "What you want to do, in plain words" }, limit: { type: "integer" } },
      ["query"],
    ),
    run: async (toolbox, given) => {
      const { query, limit = 8 } = checked("search_operations", given, ["query", "limit"]);
      if (typeof query !== "string" || query.trim() === "") {
        throw badInput("query: what you want to do, in plain words", "Call again with a query.");
      }
      const most = Number(limit);
      if (!Number.isInteger(most) || most < 1 || most > 50) {
        throw badInput("limit: a whole number from 1 to 50", "Call again with another limit, or none.");
      }
      const { search } = await import("./search.ts");
      const items = search(toolbox.reachable, query, most).map(summary);
      const notes =
        items.length > 0 ? [] : ["Nothing fits. Name the thing (application, policy, token) and what to do with it."];
      return toResult({ result: { items }, notes });
    },
  },
  {
    record: record(
      "describe_operation",
      "Describe operation",
      "Show one operation in full: every argument at every depth, what it answers, the permission it needs.",
      "read",
      { operation: text },
      ["operation"],
    ),
    run: async (toolbox, given) => {
      const { operation } = checked("describe_operation", given, ["operation"]);
      const entry = await toolbox.entry(nameOf(operation));
      return toResult({
        result: {
          name: entry.name,
          title: entry.title,
          description: [entry.summary, entry.advice].filter(Boolean).join(" "),
          effect: entry.effect,
          ...(entry.deprecated !== undefined && { deprecated: entry.deprecated }),
          permission: entry.needs ?? "not documented by Cloudflare",
          arguments: signature(inputOf(entry)),
          ...(entry.scope === "account_or_zone" && { scope: "the account, or a zone when zone_id is given" }),
          ...(entry.effect !== "read" && { write_arguments: controlMeanings(entry) }),
          ...(listsItems(entry) && {
            list_arguments:
              'limit (1-1000, default 50), cursor (next_cursor of the previous answer), all (every page), fields (columns, dotted paths, ["*"] for everything)',
            columns: entry.room.columns,
          }),
          answers: answerFields(entry),
          ...(entry.secrets !== undefined && { secrets: entry.secrets }),
        },
        notes: [],
      });
    },
  },
  {
    record: record(
      "run_read_operation",
      "Run a read operation",
      "Run any operation that only reads, by name.",
      "read",
      callProperties,
      ["operation"],
    ),
    run: (toolbox, given, context) => run(toolbox, "run_read_operation", given, context),
  },
  {
    record: record(
      "run_write_operation",
      "Run a write operation",
      "Run any operation that creates, changes, deletes, revokes or rotates, by name. Describe it first.",
      "delete",
      callProperties,
      ["operation"],
    ),
    run: (toolbox, given, context) => run(toolbox, "run_write_operation", given, context),
  },
];

async function run(
  toolbox: Toolbox,
  tool: "run_read_operation" | "run_write_operation",
  given: Arguments,
  context: CallContext,
): Promise<Answer> {
  const { operation, arguments: inner = {} } = checked(tool, given, ["operation", "arguments"]);
  const name = nameOf(operation);
  const { effect } = await toolbox.entry(name);
  const right = effect === "read" ? "run_read_operation" : "run_write_operation";
  if (tool !== right) {
    throw badInput(
      `${name} is a ${effect} operation, ${tool} does not run it`,
      `Call ${right} with the same arguments.`,
    );
  }
  const members = typeof inner === "string" ? parsed(inner) : inner;
  if (typeof members !== "object" || members === null || Array.isArray(members)) {
    throw badInput(
      "arguments: an object with the operation's own arguments",
      `describe_operation {"operation":"${name}"} shows them.`,
    );
  }
  return toolbox.runOperation(name, members as Arguments, context);
}

/** The arguments, when all of them are known. */
function checked(tool: string, given: Arguments, known: readonly string[]): Arguments {
  for (const key of Object.keys(given)) {
    if (!known.includes(key)) {
      throw badInput(
        `${tool}: ${key} is not an argument${didYouMean(key, known)}`,
        `It takes ${known.join(", ")}; the operation's own arguments go into "arguments" of run_read_operation or run_write_operation.`,
      );
    }
  }
  return given;
}

function nameOf(operation: unknown): string {
  if (typeof operation === "string" && operation !== "") return operation;
  throw badInput("operation: the name of an operation", "Find one with search_operations.");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const summary = ({ name, description, effect, toolset, inputSchema }: ToolRecord) => ({
  name,
  summary: description,
  effect,
  toolset,
  required: inputSchema.required ?? [],
});

/** The first level of an answer model, enough to choose columns. */
const answerFields = (entry: Entry): readonly string[] => [...new Set(shapesOf(entry.output).flatMap(Object.keys))];
