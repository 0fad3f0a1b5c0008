import { constants, type Stats } from "node:fs";
import { type FileHandle, lstat, mkdir, open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { AccessError, refused } from "../core/errors.ts";
import { codeOf } from "./own-files.ts";

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_APPEND, O_NOFOLLOW, O_NONBLOCK, O_DIRECTORY } = constants;
const isWindows = process.platform === "win32";

/** Where things lie in the folder of a journal; `name` is that of a journal file without its ending. */
export const place = {
  entries: (folder: string) => join(folder, "entries"),
  heads: (folder: string) => join(folder, "heads"),
  file: (folder: string, name: string) => join(folder, "entries", `${name}.jsonl`),
  head: (folder: string, name: string) => join(folder, "heads", `${name}.json`),
};

/** Makes the folders of a journal, 0700; throws when one is not safe to use. */
export async function prepare(folder: string): Promise<void> {
  for (const path of [folder, place.entries(folder), place.heads(folder)]) {
    await mkdir(path, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
      if (codeOf(error) !== "EEXIST") throw error;
    });
    await check(path);
  }
}

/** A file that did not exist before, 0600; `append`: every write goes to its end. */
export const create = (path: string, append = false): Promise<FileHandle> =>
  open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | (append ? O_APPEND : 0), 0o600);

/** A file to read; `undefined` when there is none, a refusal when others can open it. */
export async function openOwn(path: string): Promise<FileHandle | undefined> {
  try {
    // Without O_NONBLOCK a pipe in its place would be waited for.
    const file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    const flaw = flawIn(await file.stat(), "file");
    if (flaw === undefined) return file;
    await file.close();
    throw unsafe(path, flaw);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw refusalOf(path, error);
  }
}

/** The names of the journal files, or of their heads, in the order in which they were begun. */
export async function namesIn(folder: string, kind: "entries" | "heads"): Promise<readonly string[]> {
  try {
    await check(folder);
    await check(place[kind](folder));
    const found = await readdir(place[kind](folder));
    return found.flatMap((name) => /^(\d{8}T\d{9}Z-\d+-[0-9a-f]{8})\.jsonl?$/.exec(name)?.[1] ?? []).sort();
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw refusalOf(place[kind](folder), error);
  }
}

/** A new name in a folder is on disk only when the folder is; Windows has no such call. */
export async function syncFolder(path: string): Promise<void> {
  if (isWindows) return;
  const folder = await open(path, O_RDONLY | O_DIRECTORY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function check(path: string): Promise<void> {
  const flaw = flawIn(await lstat(path), "folder");
  if (flaw !== undefined) throw unsafe(path, flaw);
}

function flawIn(found: Stats, kind: "file" | "folder"): string | undefined {
  if (found.isSymbolicLink()) return "is a symbolic link";
  if (kind === "file" ? !found.isFile() : !found.isDirectory()) return `is not a ${kind}`;
  if (isWindows) return undefined;
  if (found.uid !== process.getuid?.()) return "belongs to another user";
  const mode = found.mode & 0o777;
  return (mode & 0o077) === 0 ? undefined : `is open to other users of this machine (mode ${mode.toString(8)})`;
}

/** The system's own errors in the words of a refusal. */
function refusalOf(path: string, error: unknown): AccessError {
  if (error instanceof AccessError) return error;
  const code = codeOf(error) ?? "unknown reason";
  return unsafe(path, code === "ELOOP" ? "is a symbolic link" : `cannot be opened (${code})`);
}

const unsafe = (path: string, flaw: string): AccessError =>
  refused(
    `the journal cannot be trusted: ${path} ${flaw}`,
    "Have the operator see who did that and put it right: real files and folders that the owner alone can open (chmod 600, 700).",
  );
