import type { Call } from "../../src/core/call.ts";
import type { Members } from "../../src/core/change.ts";
import { discoveryTools } from "../../src/mcp/discovery.ts";
import type { SelectionSettings } from "../../src/mcp/selection.ts";
import { type CallContext, type Engine, Toolbox } from "../../src/mcp/toolbox.ts";
import type { Sandbox } from "../../src/sandbox/index.ts";
import { type SafeServer, safeServer } from "./safe.ts";
import { selected } from "./tools.ts";

/** What a tool said. */
export interface Said {
  readonly isError: boolean;
  /** The structured content, or what is in `error` of it. */
  readonly content: Members;
  readonly pending: boolean;
}

interface Tools {
  /** Calls a tool the way a client does, arguments and all. */
  tool(name: string, given: Members, context?: Partial<CallContext>): Promise<Said>;
  plan(changes: readonly unknown[], control?: Members, context?: Partial<CallContext>): Promise<Said>;
  /** Makes a plan, agreeing to it if anybody has to. */
  planAndAgree(changes: readonly unknown[], control?: Members, context?: Partial<CallContext>): Promise<Said>;
}

export interface PlanServer extends SafeServer, Tools {
  /** The id of what has a name, below the account's `access`. */
  idOf(collection: string, name: string): Promise<unknown>;
}

/** The tools in front of an engine. */
export function toolsOver(engine: Engine, selection: Partial<SelectionSettings> = {}): Tools {
  const toolbox = new Toolbox({
    selection: selected({ surface: "all", ...selection }),
    discovery: discoveryTools,
    readOnly: selection.readOnly ?? false,
    pinned: true,
    timeout: 60_000,
    load: async () => engine,
  });
  const tool: Tools["tool"] = async (name, given, context = {}) => {
    const signal = new AbortController().signal;
    // What comes over the wire shares nothing with what was sent.
    const { result, pending } = await toolbox.call(name, JSON.parse(JSON.stringify(given)), { signal, ...context });
    const content = result.structuredContent as Members;
    const isError = result.isError === true;
    return { isError, content: isError ? (content["error"] as Members) : content, pending: pending !== undefined };
  };
  const plan: Tools["plan"] = (changes, control = {}, context = {}) =>
    tool("plan_changes", { changes, ...control }, context);
  return {
    tool,
    plan,
    async planAndAgree(changes, control = {}, context = {}) {
      const { content } = await plan(changes, { ...control, dry_run: true }, context);
      return plan(changes, { ...control, ticket: content["ticket"] ?? "" }, context);
    },
  };
}

/** A safe server with the tools in front of it. */
export function planServer(
  flags: Parameters<typeof safeServer>[0] = {},
  options: Parameters<typeof safeServer>[1] = {},
  selection: Partial<SelectionSettings> = {},
): PlanServer {
  const server = safeServer(flags, options);
  const run = (call: Call) => server.call(call.entry.name, call.input, call.control, call);
  return {
    ...server,
    ...toolsOver({ entries: server.entries, run }, selection),
    idOf: async (collection, name) => rowsOf(server.sandbox, collection).find((row) => row["name"] === name)?.["id"],
  };
}

/** The objects of a collection below the account's `access`. */
export const rowsOf = (sandbox: Sandbox, collection: string): readonly Members[] =>
  Object.values(sandbox.snapshot()[`accounts/${sandbox.accountId}/access/${collection}`] ?? {});

/** The writes that reached Cloudflare. */
export const writesOf = ({ sandbox }: { readonly sandbox: Sandbox }) =>
  sandbox.requests.filter(({ method }) => method !== "GET");

/** Everything in the account but the times at which it was written, and ids where they are left out. */
export function contentsOf(sandbox: Sandbox, ids = true): unknown {
  const strip = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(strip);
    if (typeof value !== "object" || value === null) return value;
    const kept = Object.entries(value).filter(([key]) => !/_at$/.test(key) && (ids || !["id", "uid"].includes(key)));
    return Object.fromEntries(kept.map(([key, inner]) => [key, strip(inner)]).sort());
  };
  const collections = Object.entries(sandbox.snapshot()).map(([path, rows]) => [
    path,
    Object.values(rows)
      .map((row) => JSON.stringify(strip(row)))
      .sort(),
  ]);
  return collections.filter(([, rows]) => rows?.length !== 0);
}
