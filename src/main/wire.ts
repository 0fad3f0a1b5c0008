import { discoveryTools } from "../mcp/discovery.ts";
import { type Selection, SelectionError, selectTools } from "../mcp/selection.ts";
import { listedTools, serverFactory } from "../mcp/server.ts";
import { type Engine, Toolbox } from "../mcp/toolbox.ts";
import { CommandError } from "./command-error.ts";
import { accountOf, type CloudflareAccess, readCloudflare } from "./credentials.ts";
import { loadRecords } from "./records.ts";
import { secretKeeper } from "./secrets.ts";
import type { SettingValues } from "./settings.ts";
import { version } from "./version.ts";

export interface WiredServer {
  /** Makes a protocol server; one per connection or HTTP request. */
  readonly factory: ReturnType<typeof serverFactory>;
  /** The tools as clients get them. */
  readonly tools: ReturnType<typeof listedTools>;
  readonly warnings: readonly string[];
  /** To be called when the end is near: calls still running then are answered with what is known of them. */
  ending(): void;
  close(): Promise<void>;
}

/** Milliseconds a running call is waited for at the end, a second less than the transports wait. */
const patience = 9_000;

/** Puts the parts together for one process. Reads the credentials, contacts nobody. */
export async function wire(values: SettingValues, environment: NodeJS.ProcessEnv): Promise<WiredServer> {
  const cloudflare = values.sandbox ? undefined : readCloudflare(environment);
  const pinned = accountOf(environment) !== undefined;
  // Child processes and crash reports see the environment; from here on only the sender knows the credentials.
  for (const name of ["CLOUDFLARE_API_TOKEN", "CLOUDFLARE_API_KEY"]) delete environment[name];

  const readOnly = values["read-only"];
  const closing = new AbortController();
  let engine: Promise<LoadedEngine> | undefined;
  const toolbox = new Toolbox({
    selection: select(await loadRecords(), values),
    discovery: discoveryTools,
    readOnly,
    pinned,
    closing: closing.signal,
    timeout: values.timeout * 1000,
    load: () => {
      engine ??= loadEngine(values, cloudflare, pinned, environment);
      return engine;
    },
  });
  return {
    factory: serverFactory(toolbox, { version, readOnly }),
    tools: listedTools(toolbox),
    warnings: cloudflare?.warnings ?? [],
    ending: () => void setTimeout(() => closing.abort(), patience).unref(),
    close: async () => (await engine)?.close(),
  };
}

function select(records: Awaited<ReturnType<typeof loadRecords>>, values: SettingValues): Selection {
  try {
    return selectTools(
      records,
      discoveryTools.map(({ record }) => record),
      {
        surface: values.surface,
        toolsets: values.toolsets,
        tools: values.tools,
        excludeTools: values["exclude-tools"],
        readOnly: values["read-only"],
      },
    );
  } catch (error) {
    if (error instanceof SelectionError) throw new CommandError("usage", error.message);
    throw error;
  }
}

interface LoadedEngine extends Engine {
  close(): Promise<void>;
}

/** Loads the models and the way to Cloudflare; the first call pays for it, not the start. */
async function loadEngine(
  values: SettingValues,
  cloudflare: CloudflareAccess | undefined,
  pinned: boolean,
  environment: NodeJS.ProcessEnv,
): Promise<LoadedEngine> {
  const [{ access }, { createClient }, { redactor }, { sendStack }, { secretOf }, { pipeline }] = await Promise.all([
    import("../access/index.ts"),
    import("../cloudflare/client.ts"),
    import("../cloudflare/redaction.ts"),
    import("../cloudflare/send/index.ts"),
    import("../cloudflare/send/authorize.ts"),
    import("../pipeline/index.ts"),
  ]);
  const { credentials, baseUrl, accountId, transport } = cloudflare ?? (await pretend(values));
  const send = sendStack({ baseUrl, credentials, ...(transport && { transport }) });
  const run = pipeline(
    {
      readOnly: values["read-only"],
      maxResult: values["max-result"],
      redactText: redactor([secretOf(credentials)]),
      secretKeeper: secretKeeper(values.secrets, environment),
    },
    createClient({ send, ...(pinned && { account_id: accountId }) }),
  );
  return { entries: new Map(access.map((entry) => [entry.name, entry])), run, close: () => send.close() };
}

/** A pretend Cloudflare in this process; its only account stands in for a pinned one. */
async function pretend({ seed, scale, latency }: SettingValues): Promise<CloudflareAccess> {
  const { createSandbox, SANDBOX_TOKEN } = await import("../sandbox/index.ts");
  const { send, accountId } = createSandbox({ seed, scale, latency });
  const credentials = { kind: "token", token: SANDBOX_TOKEN } as const;
  return { credentials, baseUrl: new URL("http://localhost/client/v4"), accountId, transport: send, warnings: [] };
}
