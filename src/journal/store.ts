import type { Link } from "./chain.ts";
import type { Entry, EntryDraft } from "./entry.ts";

/** Keeps what was done and what was refused, for ever and in order. */
export interface Journal {
  /** On disk when it resolves; rejects with an `AccessError` when it cannot be, and from then on until `ready`. */
  append(draft: EntryDraft): Promise<Entry>;
  /** Throws when a write could not be journalled; after a failure it tries anew. */
  ready(): Promise<void>;
  /**
   * All lines of the changes that `filter` lets through, oldest first; and, of later changes that took one of them back,
   * the line that says it was done. `changesFrom` puts them together.
   */
  entries(filter?: Filter): Promise<readonly Entry[]>;
  /**
   * Intents of which no line says what became of them and that nobody is at work on: their process is gone, or they are
   * older than any call. At most `limit`, the newest first.
   */
  abandoned(limit: number): Promise<readonly Entry[]>;
  /**
   * Checks every line, and that nothing is missing that the heads or the given checkpoints know of. Who can write the
   * folder can make a whole new journal with its heads; a checkpoint kept elsewhere shows even that.
   */
  verify(checkpoints?: readonly Checkpoint[]): Promise<Verdict>;
  /** Ends writing; what was appended before is still written. */
  close(): Promise<void>;
}

/** Which changes to read; a change is let through by any of its lines. */
export interface Filter {
  /** At most so many changes, the newest. */
  readonly limit?: number | undefined;
  /** Only changes begun before this one. */
  readonly before?: string | undefined;
  /** Only changes begun at or after this time, RFC 3339. */
  readonly since?: string | undefined;
  readonly change_id?: string | undefined;
  readonly operation?: string | undefined;
  readonly resource_id?: string | undefined;
  readonly plan_id?: string | undefined;
  /** Only changes that have a time when they must be taken back. */
  readonly due?: boolean | undefined;
}

/** How far a file of the journal had come; kept elsewhere, it shows when that line is gone or another. */
export interface Checkpoint extends Link {
  readonly file: string;
}

/** The first thing wrong with a file. */
export interface Fault {
  readonly file: string;
  /** From 1; 0 when the file as a whole is meant. */
  readonly line: number;
  readonly problem: string;
}

export interface Verdict {
  readonly files: number;
  /** Lines that were found right. */
  readonly entries: number;
  /** One for each file that is not as it was written; none: the journal is whole. */
  readonly faults: readonly Fault[];
  /** Last lines that a crash or a power cut left half-written; nobody was ever told that they were kept. */
  readonly torn: readonly Fault[];
}
