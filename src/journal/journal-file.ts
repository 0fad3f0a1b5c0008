import { randomBytes } from "node:crypto";
import { type FileHandle, lstat, rm } from "node:fs/promises";
import { AccessError, refused } from "../core/errors.ts";
import type { Link } from "./chain.ts";
import { create, place, prepare, syncFolder } from "./folder.ts";
import { headText } from "./head.ts";
import { codeOf } from "./own-files.ts";

/** A file of the journal that this process made and alone writes: it was made where nothing was, which is its lock. */
export interface JournalFile {
  readonly name: string;
  /** Puts lines at the end; on disk when it resolves, and the head names the last of them. */
  write(lines: string, last: Link): Promise<void>;
  /** Throws when the file is no longer where it was made: lines would go where nobody finds them. */
  check(): Promise<void>;
  /** Lets go of the file, and removes it when nothing was written. */
  close(): Promise<void>;
}

/** Begins a file in the folder of a journal, which is made when it is missing. All errors are refusals. */
export async function beginFile(folder: string): Promise<JournalFile> {
  const started = new Date().toISOString().replaceAll(/[-:.]/g, "");
  const name = `${started}-${process.pid}-${randomBytes(4).toString("hex")}`;
  const path = place.file(folder, name);
  const opened: FileHandle[] = [];
  const close = async () => {
    for (const handle of opened.splice(0)) await handle.close();
  };

  try {
    await prepare(folder);
    // The head comes first, so that no file is ever without one.
    const head = await create(place.head(folder, name));
    opened.push(head);
    await head.writeFile(headText({ seq: 0, hash: "" }));
    await head.datasync();
    const file = await create(path, true);
    opened.push(file);
    await Promise.all([syncFolder(place.heads(folder)), syncFolder(place.entries(folder))]);
    const { ino, dev } = await file.stat();
    let length = 0;

    return {
      name,
      async write(lines, last) {
        const bytes = Buffer.from(lines);
        try {
          await file.appendFile(bytes);
          await file.datasync();
          // Not flushed: after a power cut the head may be behind the file, but never ahead.
          await head.write(headText(last), 0);
          length += bytes.length;
        } catch (error) {
          await file.truncate(length).catch(() => undefined);
          throw unwritable(folder, error);
        }
      },
      async check() {
        const found = await lstat(path).catch((error: unknown) => {
          throw unwritable(folder, error);
        });
        if (found.ino !== ino || found.dev !== dev) throw unwritable(folder, { code: "replaced" });
      },
      async close() {
        await close();
        if (length > 0) return;
        await rm(path, { force: true }).catch(() => undefined);
        await rm(place.head(folder, name), { force: true }).catch(() => undefined);
      },
    };
  } catch (error) {
    await close();
    throw unwritable(folder, error);
  }
}

/** Names the system's word for the trouble and nothing of what was to be written. */
function unwritable(folder: string, error: unknown): AccessError {
  if (error instanceof AccessError) return error;
  const trouble = troubles[codeOf(error) ?? ""] ?? "cannot be written";
  return refused(
    `the journal in ${folder} ${trouble} (${codeOf(error) ?? "unknown reason"}), and what cannot be journalled is not done`,
    "Have the operator free space on that disk and make the folder writable for the owner alone, then try again. Reading still works.",
  );
}

const troubles: Readonly<Record<string, string>> = {
  ENOSPC: "is on a full disk",
  EDQUOT: "is over the quota",
  EFBIG: "is over the size that a file may have",
  EROFS: "is on a disk that cannot be written",
  ENOTDIR: "is not a folder",
  ELOOP: "is a symbolic link",
  ENOENT: "was removed while it was in use",
  replaced: "was replaced while it was in use",
};
