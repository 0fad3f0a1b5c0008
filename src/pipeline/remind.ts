import type { Stage } from "../core/call.ts";

/** What is overdue to be taken back. */
export interface Dues {
  /** Begins to read what will be asked for. */
  look(): void;
  reminder(): Promise<string | undefined>;
}

/** Adds to the answer of every write which changes should have been taken back by now. */
export function remind(dues: Dues): Stage {
  return async (call, next) => {
    if (call.entry.effect === "read") return next(call);
    dues.look();
    const outcome = await next(call);
    const reminder = await dues.reminder();
    return reminder === undefined ? outcome : { ...outcome, notes: [...outcome.notes, reminder] };
  };
}
