import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { createClient } from "../../src/cloudflare/client.ts";
import { sendStack } from "../../src/cloudflare/send/index.ts";
import type { Call, Next, Outcome } from "../../src/core/call.ts";
import type { Control } from "../../src/core/change.ts";
import type { Entry } from "../../src/core/room.ts";
import { fileMemory } from "../../src/main/memory.ts";
import { safetyFor } from "../../src/main/safety.ts";
import { readSettings } from "../../src/main/settings.ts";
import { stateIn } from "../../src/main/state.ts";
import { type PipelineSettings, pipeline } from "../../src/pipeline/index.ts";
import type { OperatorRules } from "../../src/pipeline/rules/index.ts";
import type { Destination } from "../../src/pipeline/writing.ts";
import { createSandbox, type SandboxOptions } from "../../src/sandbox/index.ts";
import { callOf } from "./calls.ts";

/** A folder for the state of one test file, gone when the file is done. */
export function stateFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "access-state-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The settings of the server's own pipeline, over real state in a folder; flags as the command line has them. */
export function pipelineSettings(
  flags: Readonly<Record<string, string>> = {},
  given: Partial<PipelineSettings> & { readonly folder?: string; readonly rules?: OperatorRules } = {},
): PipelineSettings {
  const { folder = stateFolder(), rules, ...rest } = given;
  const values = readSettings(new Map(Object.entries(flags)), {});
  const { safety, journal } = safetyFor(values, folder, rules, { version: "test", transport: "test" });
  afterAll(() => journal.close());
  const settings: PipelineSettings = {
    readOnly: values["read-only"],
    maxResult: values["max-result"],
    redactText: (text) => text,
    secretKeeper: { ready: async () => undefined, keep: async () => "kept by the test" },
    safety,
    memory: fileMemory(join(folder, "descriptions.json")),
    ...rest,
  };
  journals.set(settings, journal);
  return settings;
}

/** The journal that each pipeline writes, to be closed by whoever makes thousands of them. */
const journals = new WeakMap<PipelineSettings, { close(): Promise<void> }>();

/** Something that answers every call, in place of the way to Cloudflare. */
export const destinationOf = (answer: Next): Destination =>
  Object.assign((call: Call) => answer(call), {
    scopeOf: async ({ scope }: Call) => scope ?? { account_id: "account" },
    preview: async ({ entry }: Call) => {
      const [method = "", path = ""] = entry.route.split(" ");
      return { method, path };
    },
  });

export interface SafeServer {
  /** Every operation, those over the journal included. */
  readonly entries: ReadonlyMap<string, Entry>;
  readonly sandbox: ReturnType<typeof createSandbox>;
  readonly folder: string;
  readonly journal: ReturnType<typeof stateIn>["journal"];
  /** Gives its files back before the tests of the file end. */
  close(): Promise<void>;
  /** Calls an operation the way agents do, arguments already checked. */
  call(name: string, input?: Record<string, unknown>, control?: Control, more?: Partial<Call>): Promise<Outcome>;
}

/** The server's own pipeline over a sandbox, without protocol around it. No rate limit unless options say so. */
export function safeServer(
  flags: Readonly<Record<string, string>> = {},
  options: SandboxOptions & {
    readonly folder?: string;
    readonly rules?: OperatorRules;
    /** Names of the operations within reach. */
    readonly offered?: ReadonlySet<string>;
    readonly sandbox?: ReturnType<typeof createSandbox>;
  } = {},
): SafeServer {
  const { folder = stateFolder(), rules, offered, ...rest } = options;
  const sandbox = options.sandbox ?? createSandbox({ rateLimit: { limit: 1e9, window: 1 }, ...rest });
  const settings = pipelineSettings(
    { "max-writes": "100000", "max-destroys": "100000", sandbox: "true", ...flags },
    { folder, offered, ...(rules && { rules }) },
  );
  const send = sendStack({
    baseUrl: new URL("http://localhost/client/v4"),
    credentials: { kind: "token", token: sandbox.token },
    transport: sandbox.send,
    budget: [],
  });
  const run = pipeline(settings, createClient({ send, account_id: sandbox.accountId }));
  const { entries } = settings.safety;
  return {
    entries,
    sandbox,
    folder,
    journal: stateIn(folder, "agent").journal,
    close: async () => journals.get(settings)?.close(),
    call(name, input = {}, control = {}, more = {}) {
      const entry = entries.get(name);
      if (entry === undefined) throw new Error(`no operation ${name}`);
      return run({ ...callOf("list_groups"), entry, input, control, ...more });
    },
  };
}
