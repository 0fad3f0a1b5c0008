import { type ChangeRecord, changesFrom } from "./changes.ts";
import type { Journal } from "./store.ts";

/** Changes in force that must be taken back at some time, the earliest first. */
export async function dueChanges(journal: Journal): Promise<readonly ChangeRecord[]> {
  return changesFrom(await journal.entries({ due: true }))
    .filter(({ status, undone_by, intent }) => status === "done" && undone_by === undefined && !!intent?.revert_due)
    .toSorted((one, other) => dueTime(one) - dueTime(other));
}

/** When a change must be taken back, in milliseconds since 1970. */
export const dueTime = ({ intent }: ChangeRecord): number => Date.parse(intent?.revert_due ?? "");

const named = 5;

/** The reminder of changes that should have been taken back by now. */
export function reminderOf(changes: readonly ChangeRecord[], now: number): string | undefined {
  const ids = changes.filter((change) => dueTime(change) <= now).map(({ change_id }) => change_id);
  if (ids.length === 0) return undefined;
  const more = ids.length > named ? ` and ${ids.length - named} more` : "";
  const what = ids.length === 1 ? "1 change is" : `${ids.length} changes are`;
  return `${what} overdue to be taken back: ${ids.slice(0, named).join(", ")}${more}; undo_change takes ${ids.length === 1 ? "it" : "each"} back.`;
}

/** How long what is known counts, in milliseconds. */
const fresh = 60_000;

/** Knows what is overdue, over a journal that is read at most once a minute. */
export function dues(journal: Journal, now: () => number = Date.now) {
  const takenBack = new Set<string>();
  let known: Promise<readonly ChangeRecord[]> = Promise.resolve([]);
  let read = Number.NEGATIVE_INFINITY;
  return {
    /** Begins to read what will be asked for. */
    look(): void {
      if (now() - read < fresh) return;
      read = now();
      // What cannot be read is for writes to refuse, not for a reminder.
      known = dueChanges(journal).catch(() => []);
    },
    takenBack: (changeId: string): void => void takenBack.add(changeId),
    reminder: async (): Promise<string | undefined> =>
      reminderOf(
        (await known).filter(({ change_id }) => !takenBack.has(change_id)),
        now(),
      ),
  };
}
