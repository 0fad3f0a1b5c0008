import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { Call, Outcome, Workshop } from "../../core/call.ts";
import type { Members } from "../../core/change.ts";
import { ownOperation } from "../../core/operation.ts";
import { catalogue, type Entry, room } from "../../core/room.ts";
import type { Snapshots } from "../../inventory/source.ts";
import { parseArguments } from "../../mcp/arguments.ts";
import { osUser } from "../changes/person.ts";
import { CommandError } from "../command-error.ts";
import { takeCloudflare } from "../credentials.ts";
import { type LoadedEngine, loadEngine } from "../engine.ts";
import type { SettingValues } from "../settings.ts";
import { version } from "../version.ts";

/** The account that a command asks about: live, pretend, or a file. */
export interface Session {
  /** Runs an operation of the catalogue the way of every call. */
  ask(operation: string, input: Members): Promise<Outcome>;
  /** Lends a call and what operations of this server work with. */
  work<T>(job: (call: Call, workshop: Workshop) => Promise<T>): Promise<T>;
  /** What stands for the snapshot in an input; empty without one. */
  readonly source: { readonly snapshot?: string };
  readonly snapshots: Snapshots;
  readonly values: SettingValues;
  close(): Promise<void>;
}

const inFile = "file";

/** A whole audit reads more than one call of an agent does. */
const patience = 600_000;

export async function openSession(
  values: SettingValues,
  environment: NodeJS.ProcessEnv,
  file: string | undefined,
): Promise<Session> {
  const snapshots = file === undefined ? noSnapshots : await snapshotIn(file);
  const { cloudflare, pinned } =
    file === undefined ? takeCloudflare(values, environment) : { cloudflare: nowhere, pinned: false };
  for (const warning of cloudflare?.warnings ?? []) process.stderr.write(`cloudflare-access-mcp: ${warning}\n`);
  const own = { ...values, "read-only": true, "max-result": 500_000 } as const;
  const engine = await loadEngine({
    values: own,
    environment,
    cloudflare,
    pinned,
    rules: undefined,
    snapshots,
    transport: "command line",
  });
  return {
    ...callsOf(engine),
    source: file === undefined ? {} : { snapshot: inFile },
    snapshots,
    values,
    close: engine.close,
  };
}

function callsOf(engine: LoadedEngine): Pick<Session, "ask" | "work"> {
  const callOf = (entry: Entry, input: Members): Call => ({
    entry,
    input,
    view: {},
    signal: new AbortController().signal,
    deadline: performance.now() + patience,
    caller: { principal: osUser(), client: { name: "cloudflare-access-mcp", version } },
  });
  return {
    async ask(operation, given) {
      const entry = engine.entries.get(operation);
      if (entry === undefined) throw new Error(`there is no ${operation}`);
      const call = callOf(entry, parseArguments(entry, given, true).input);
      return engine.run(entry.answers === "list" ? { ...call, view: { all: true } } : call);
    },
    async work(job) {
      let made: Awaited<ReturnType<typeof job>> | undefined;
      const entry = errand(async (call, workshop) => {
        made = await job(call, workshop);
        return { result: null, notes: [] };
      });
      await engine.run(callOf(entry, {}));
      return made as Awaited<ReturnType<typeof job>>;
    },
  };
}

/** An operation that is on no list: what a command does with the account besides the tools. */
function errand(run: (call: Call, workshop: Workshop) => Promise<Outcome>): Entry {
  const once = ownOperation({
    name: "command",
    title: "Command",
    summary: "What a command does with the account.",
    effect: "read",
    input: z.strictObject({}),
    output: z.unknown(),
    run,
  });
  const [entry] = catalogue([
    room({ noun: "command", toolset: "command", key: null, permission: null, columns: [], verbs: { once } }),
  ]);
  if (entry === undefined) throw new Error("a room with an operation has one");
  return entry;
}

const noSnapshots: Snapshots = {
  read: () => Promise.reject(new Error("no snapshot was given")),
  write: () => Promise.reject(new Error("nothing is kept")),
};

async function snapshotIn(file: string): Promise<Snapshots> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new CommandError("usage", `--snapshot: ${file} cannot be read (${error.code})`);
  });
  return { ...noSnapshots, read: async () => text };
}

/** What stands for Cloudflare where there is only a file. */
const nowhere = {
  credentials: { kind: "token", token: "none" },
  baseUrl: new URL("http://localhost/client/v4"),
  accountId: undefined,
  transport: () => Promise.reject(new Error("a snapshot is asked, not Cloudflare")),
  warnings: [],
} as const;
