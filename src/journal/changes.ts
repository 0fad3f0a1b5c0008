import type { ChangeStatus, Entry } from "./entry.ts";

/** One change, put together from its lines. */
export interface ChangeRecord {
  readonly change_id: string;
  /** `open`: it was about to be sent, and nothing says what came of it. */
  readonly status: ChangeStatus | "open";
  /** Absent when the change was refused. */
  readonly intent?: Entry | undefined;
  /** What is known best of how it ended. */
  readonly end?: Entry | undefined;
  /** The change that took it back. */
  readonly undone_by?: string | undefined;
}

/** The changes that lines belong to, newest first. Lines that have no intent or refusal with them only mark what they undid. */
export function changesFrom(entries: readonly Entry[]): readonly ChangeRecord[] {
  const lines = new Map<string, Entry[]>();
  const undone = new Map<string, string>();
  for (const entry of entries) {
    const known = lines.get(entry.change_id);
    if (known === undefined) lines.set(entry.change_id, [entry]);
    else known.push(entry);
    const back = tookBack(entry);
    if (back !== undefined) undone.set(back, entry.change_id);
  }
  const ids = [...lines.keys()].sort().reverse();
  return ids.flatMap((id) => recordOf(id, lines.get(id) ?? [], undone.get(id)) ?? []);
}

/** The change that a line says was taken back. */
export const tookBack = ({ undo_of, stage, result }: Entry): string | undefined =>
  stage !== "intent" && result?.status === "done" ? undo_of : undefined;

function recordOf(change_id: string, lines: readonly Entry[], undone_by: string | undefined): ChangeRecord | undefined {
  const intent = lines.find(({ stage }) => stage === "intent");
  const [end] = lines
    .filter(({ stage }) => stage !== "intent")
    .toSorted((a, b) => certainty(b) - certainty(a) || later(a, b));
  if (intent === undefined && end?.stage !== "refused") return undefined;
  return { change_id, status: end?.result?.status ?? "open", intent, end, undone_by };
}

/** Who made the call knows best, unless the answer was lost; a later look may even come before a slow answer. */
const certainty = ({ stage, result }: Entry): number =>
  stage === "settled" ? 1 : result?.status === "unknown" ? 0 : 2;
const later = (a: Entry, b: Entry): number => (a.id < b.id ? 1 : -1);

/** Whether a line is about a plan as a whole: its steps have lines of their own. */
export const isPlan = (line: Entry | undefined): boolean => line?.plan?.step === 0;
