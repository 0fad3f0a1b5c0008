import { chain, type Link } from "./chain.ts";
import type { Entry, EntryDraft } from "./entry.ts";
import type { JournalFile } from "./journal-file.ts";
import type { Checkpoint } from "./store.ts";

/** Writes one journal file. After its first failure it only refuses. */
export interface Writer {
  append(draft: EntryDraft): Promise<Entry>;
  /** Throws when the next line could not be kept. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

interface Waiting {
  readonly entry: Entry;
  readonly line: string;
  readonly resolve: (entry: Entry) => void;
  readonly reject: (error: unknown) => void;
}

/** A writer whose lines share one write and one flush with all others that wait at that moment. */
export function writer(file: JournalFile, onCheckpoint: (checkpoint: Checkpoint) => void): Writer {
  const next = chain(file.name);
  const checkpoints = checkpointer((link) =>
    onCheckpoint({ file: `${file.name}.jsonl`, seq: link.seq, hash: link.hash }),
  );
  const waiting: Waiting[] = [];
  let flushing: Promise<void> | undefined;
  let failure: { readonly error: unknown } | undefined;

  const flush = async () => {
    while (waiting.length > 0) {
      let batch: readonly Waiting[] = [];
      try {
        await ready();
        batch = waiting.splice(0);
        const last = (batch.at(-1) as Waiting).entry;
        await file.write(batch.map(({ line }) => line).join(""), last);
        for (const { entry, resolve } of batch) resolve(entry);
        checkpoints.reached(last);
      } catch (error) {
        failure ??= { error };
        for (const { reject } of [...batch, ...waiting.splice(0)]) reject(error);
      }
    }
    flushing = undefined;
  };
  const ready = async () => {
    if (failure !== undefined) throw failure.error;
    await file.check();
  };

  return {
    append: (draft) =>
      new Promise((resolve, reject) => {
        if (failure !== undefined) throw failure.error;
        waiting.push({ ...next(draft), resolve, reject });
        flushing ??= flush();
      }),
    ready,
    async close() {
      await flushing;
      checkpoints.close();
      await file.close();
    },
  };
}

/** Reports how far a chain has come: after 1,000 entries, after an hour, and at its end. */
function checkpointer(report: (link: Link) => void) {
  let last: Link | undefined;
  let reported = 0;
  let timer: NodeJS.Timeout | undefined;
  const close = () => {
    clearTimeout(timer);
    timer = undefined;
    if (last === undefined || last.seq === reported) return;
    reported = last.seq;
    report(last);
  };
  return {
    reached(link: Link): void {
      last = link;
      if (link.seq - reported >= 1000) close();
      else timer ??= setTimeout(close, 3_600_000).unref();
    },
    close,
  };
}
