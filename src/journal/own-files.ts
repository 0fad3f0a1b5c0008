import { randomBytes } from "node:crypto";
import { constants, type Stats } from "node:fs";
import { link, mkdir, open, rm } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { AccessError, refused } from "../core/errors.ts";

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = constants;
const isWindows = process.platform === "win32";

/**
 * Makes a file (0600) that must not exist yet; true for exactly one caller, across processes.
 * It is written beside its place, flushed and linked there: nobody ever reads half of it, and it outlives a power cut.
 */
export async function createOnce(path: string, content: string | Buffer): Promise<boolean> {
  const folder = dirname(path);
  const draft = `${path}.${randomBytes(8).toString("hex")}`;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = await open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
    await link(draft, path);
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  } finally {
    await file.close();
    await rm(draft, { force: true });
  }
  await syncFolder(folder);
  return true;
}

/** A new name in a folder is on disk only when the folder is; Windows has no such call. */
async function syncFolder(path: string): Promise<void> {
  if (isWindows) return;
  const folder = await open(path, O_RDONLY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Reads a file that only this user can have written; `undefined` when there is none. */
export async function readOwn(path: string): Promise<Buffer | undefined> {
  try {
    // Without O_NONBLOCK a pipe in its place would be waited for.
    const file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      const flaw = flawIn(await file.stat());
      if (flaw !== undefined) throw unsafe(path, flaw);
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw codeOf(error) === "ELOOP" ? unsafe(path, "is a symbolic link") : error;
  }
}

function flawIn(found: Stats): string | undefined {
  if (!found.isFile()) return "is not a file";
  if (isWindows) return undefined;
  if ((found.mode & 0o077) !== 0) return "is open to other users of this machine";
  return found.uid === process.getuid?.() ? undefined : "belongs to another user";
}

/** A file of the state folder that cannot be trusted. */
export const unsafe = (path: string, flaw: string): AccessError =>
  refused(
    `${basename(path)} in the state folder ${flaw}`,
    "Nothing was sent. Ask the operator to see who put it there and to remove it; the server makes a new one.",
  );

/** Does work on files; whatever keeps it from being done refuses the write. */
export async function orRefuse<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AccessError || codeOf(error) === undefined) throw error;
    throw refused(
      `the state folder cannot be read or written (${codeOf(error)})`,
      "Nothing was sent. Ask the operator to give the server a state folder that it can write, with room on the disk.",
    );
  }
}

/** The system's word for what went wrong. */
export const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

/** Whether the process that had a number at a time, in milliseconds since 1970, is running, whoever's it is. */
export function isAlive(pid: number, then: number): boolean {
  // In a container the next server gets the number of the last one.
  if (pid === process.pid) return then >= performance.timeOrigin;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}
