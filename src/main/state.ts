import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileTickets } from "../journal/file-tickets.ts";
import { fileJournal } from "../journal/files.ts";
import { fileLeases, fileTurns } from "../journal/leases.ts";
import type { Checkpoint } from "../journal/store.ts";
import { stateFolder as usualFolder } from "./secrets.ts";
import type { SettingValues } from "./settings.ts";

/** The folder that `--state` names. A sandbox ends with its process, and so does what is remembered of it. */
export async function stateFolder(
  { state, sandbox }: Pick<SettingValues, "state" | "sandbox">,
  environment: NodeJS.ProcessEnv,
): Promise<{ readonly folder: string; readonly remove: () => Promise<void> }> {
  if (state !== undefined) return { folder: resolve(state), remove: async () => undefined };
  if (!sandbox) return { folder: usualFolder(environment), remove: async () => undefined };
  const folder = await mkdtemp(join(tmpdir(), "cloudflare-access-mcp-"));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** How far the journal had come, where whoever rewrites its files does not reach. */
const tellCheckpoint = ({ file, seq, hash }: Checkpoint): void =>
  void process.stderr.write(`cloudflare-access-mcp: journal checkpoint ${file} ${seq} ${hash}\n`);

/** All that is remembered between calls, in files below one folder that processes share. */
export function stateIn(folder: string, approval: "agent" | "human", witness = tellCheckpoint) {
  return {
    journal: fileJournal({ folder: join(folder, "journal"), onCheckpoint: witness }),
    tickets: fileTickets(folder, approval === "human" ? { approval } : {}),
    lease: fileLeases(join(folder, "leases")),
    turns: fileTurns(join(folder, "leases")),
  };
}
