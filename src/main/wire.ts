import { discoveryTools } from "../mcp/discovery.ts";
import { type Selection, SelectionError, selectTools } from "../mcp/selection.ts";
import { listedTools, serverFactory } from "../mcp/server.ts";
import { Toolbox } from "../mcp/toolbox.ts";
import type { OperatorRules } from "../pipeline/rules/index.ts";
import { prompts } from "../prompts/index.ts";
import { CommandError } from "./command-error.ts";
import { takeCloudflare } from "./credentials.ts";
import type { LoadedEngine } from "./engine.ts";
import { loadRecords } from "./records.ts";
import type { SettingValues } from "./settings.ts";
import { version } from "./version.ts";

/** What some callers get. */
export interface Offer {
  /** Makes a protocol server; one per connection or HTTP request. */
  readonly factory: ReturnType<typeof serverFactory>;
  /** The tools as clients get them. */
  readonly tools: ReturnType<typeof listedTools>;
}

export interface WiredServer {
  /** For callers who may do all that the operator offers; `looking`: for those who may only look. */
  offer(looking?: boolean): Offer;
  readonly warnings: readonly string[];
  /** To be called when the end is near: calls still running then are answered with what is known of them. */
  ending(): void;
  close(): Promise<void>;
}

/** Milliseconds a running call is waited for at the end, a second less than the transports wait. */
const patience = 9_000;

/** Puts the parts together for one process. Reads the credentials, contacts nobody. */
export async function wire(
  values: SettingValues,
  environment: NodeJS.ProcessEnv,
  transport: "stdio" | "http",
): Promise<WiredServer> {
  const { cloudflare, pinned } = takeCloudflare(values, environment);
  const closing = new AbortController();
  const rules = await rulesOf(values);
  const records = await loadRecords();
  const offered = new Set(select(records, values, values["read-only"]).reachable.keys());
  let engine: Promise<LoadedEngine> | undefined;
  const load = () => {
    engine ??= import("./engine.ts").then(({ loadEngine }) =>
      loadEngine({ values, cloudflare, pinned, environment, rules, offered, transport, ending: closing.signal }),
    );
    return engine;
  };
  const offer = (looking = false): Offer => {
    const readOnly = looking || values["read-only"];
    const toolbox = new Toolbox({
      selection: select(records, values, readOnly),
      discovery: discoveryTools,
      readOnly,
      pinned,
      closing: closing.signal,
      timeout: values.timeout * 1000,
      load,
    });
    const factory = serverFactory(toolbox, { version, readOnly, elicit: values.elicit === "auto", prompts });
    return { factory, tools: listedTools(toolbox) };
  };
  return {
    offer,
    warnings: cloudflare?.warnings ?? [],
    ending: () => void setTimeout(() => closing.abort(), patience).unref(),
    close: async () => (await engine)?.close(),
  };
}

/** The operator's rules, read once at the start: a server with half a set of rules does not start. */
async function rulesOf({ rules }: SettingValues): Promise<OperatorRules | undefined> {
  if (rules === undefined) return undefined;
  const [{ readRules }, { described }] = await Promise.all([import("./rules-file.ts"), import("./catalogue.ts")]);
  return readRules(rules, described);
}

function select(records: Awaited<ReturnType<typeof loadRecords>>, values: SettingValues, readOnly: boolean): Selection {
  try {
    return selectTools(
      records,
      discoveryTools.map(({ record }) => record),
      {
        surface: values.surface,
        toolsets: values.toolsets,
        tools: values.tools,
        excludeTools: values["exclude-tools"],
        readOnly,
      },
    );
  } catch (error) {
    if (error instanceof SelectionError) throw new CommandError("usage", error.message);
    throw error;
  }
}
