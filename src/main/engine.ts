import { join } from "node:path";
import { createClient } from "../cloudflare/client.ts";
import { redactor } from "../cloudflare/redaction.ts";
import { secretOf } from "../cloudflare/send/authorize.ts";
import { sendStack } from "../cloudflare/send/index.ts";
import type { Snapshots } from "../inventory/source.ts";
import type { Engine } from "../mcp/toolbox.ts";
import { harmless } from "../pipeline/cleanse.ts";
import { pipeline } from "../pipeline/index.ts";
import type { OperatorRules } from "../pipeline/rules/index.ts";
import type { CloudflareAccess } from "./credentials.ts";
import { fileMemory } from "./memory.ts";
import { recovery } from "./recovery.ts";
import { safetyFor } from "./safety.ts";
import { secretKeeper } from "./secrets.ts";
import type { SettingValues } from "./settings.ts";
import { stateFolder } from "./state.ts";
import { version } from "./version.ts";

export interface EngineParts {
  readonly values: SettingValues;
  readonly environment: NodeJS.ProcessEnv;
  /** Absent: a sandbox in this process. */
  readonly cloudflare: CloudflareAccess | undefined;
  /** The operator chose the account. */
  readonly pinned: boolean;
  readonly rules: OperatorRules | undefined;
  /** Where snapshots are; in the state folder when absent. */
  readonly snapshots?: Snapshots;
  /** Names of the operations within reach; all when absent. */
  readonly offered?: ReadonlySet<string> | undefined;
  /** How callers reach this process, for the journal. */
  readonly transport: string;
  /** Aborted when the process cannot wait any longer. */
  readonly ending?: AbortSignal;
}

export interface LoadedEngine extends Engine {
  close(): Promise<void>;
}

/** The models, the stages and the way to Cloudflare. Loaded with the first call, so that the start does not pay for it. */
export async function loadEngine(parts: EngineParts): Promise<LoadedEngine> {
  const { values, environment, pinned, rules } = parts;
  const { credentials, baseUrl, accountId, transport } = parts.cloudflare ?? (await pretend(values));
  const { folder, remove } = await stateFolder(values, environment);
  const server = { version, transport: parts.transport };
  const { safety, journal } = safetyFor(values, folder, rules, server, parts.snapshots);
  const send = sendStack({ baseUrl, credentials, ...(transport && { transport }) });
  const secrets = values.secrets === "file" ? `file:${join(folder, "secrets")}` : values.secrets;
  const client = createClient({ send, ...(pinned && { account_id: accountId }) });
  const run = pipeline(
    {
      readOnly: values["read-only"],
      offered: parts.offered,
      maxResult: values["max-result"],
      redactText: redactor([secretOf(credentials)]),
      secretKeeper: secretKeeper(secrets, environment),
      safety: { ...safety, ending: parts.ending },
      memory: fileMemory(join(folder, "descriptions.json")),
    },
    client,
  );
  // What was changed in a sandbox of another process is gone with it.
  const recovering =
    parts.cloudflare && recovery({ journal, entries: safety.entries, read: client, lease: safety.lease, server, warn });
  return {
    entries: safety.entries,
    run,
    async close() {
      recovering?.stop();
      await send.close();
      await journal.close();
      await remove();
    },
  };
}

const warn = (message: string): void => void process.stderr.write(`cloudflare-access-mcp: ${harmless(message)}\n`);

/** A pretend Cloudflare in this process; its only account stands in for a pinned one. */
async function pretend({ seed, scale, latency }: SettingValues): Promise<CloudflareAccess> {
  const { createSandbox, SANDBOX_TOKEN } = await import("../sandbox/index.ts");
  const { send, accountId } = createSandbox({ seed, scale, latency });
  const credentials = { kind: "token", token: SANDBOX_TOKEN } as const;
  return { credentials, baseUrl: new URL("http://localhost/client/v4"), accountId, transport: send, warnings: [] };
}
