import { refused } from "../core/errors.ts";
import { abandonedIn } from "./abandoned.ts";
import { beginFile } from "./journal-file.ts";
import { entriesIn } from "./reading.ts";
import type { Checkpoint, Journal } from "./store.ts";
import { verifyFolder } from "./verify.ts";
import { type Writer, writer } from "./writer.ts";

export interface FileJournalSettings {
  /** The journal's own folder, shared by all processes of one user; made when the first line is written. */
  readonly folder: string;
  /** Told every 1,000 entries, every hour and at the end how far the file of this process has come. */
  readonly onCheckpoint?: ((checkpoint: Checkpoint) => void) | undefined;
}

/** A journal in files: one of JSON lines for each process, each with a chain of its own, read as one. */
export function fileJournal({ folder, onCheckpoint = () => undefined }: FileJournalSettings): Journal {
  let isClosed = false;
  let current: Promise<Writer> | undefined;
  let renewal: Promise<void> | undefined;

  const begin = async () => {
    if (isClosed) throw refused("the journal is closed: the server is ending", "Start the server again to write.");
    return writer(await beginFile(folder), onCheckpoint);
  };
  const end = async () => {
    const last = current;
    current = undefined;
    await (await last?.catch(() => undefined))?.close();
  };
  const renew = async () => {
    current ??= begin();
    try {
      await (await current).ready();
    } catch {
      await end();
      current ??= begin();
      await current;
    }
  };

  return {
    append: async (draft) => {
      current ??= begin();
      return (await current).append(draft);
    },
    ready() {
      renewal ??= renew().finally(() => {
        renewal = undefined;
      });
      return renewal;
    },
    entries: (filter = {}) => entriesIn(folder, filter),
    abandoned: (limit) => abandonedIn(folder, limit),
    verify: (checkpoints = []) => verifyFolder(folder, checkpoints),
    close() {
      isClosed = true;
      return end();
    },
  };
}
