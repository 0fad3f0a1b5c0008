import type { Call, ListFacts, Outcome, Stage } from "../core/call.ts";
import { cursorAt } from "../core/cursor.ts";
import { shapesOf } from "../core/model.ts";
import { didYouMean } from "../core/nearest.ts";
import { fitting, fittingPart, pick } from "./select.ts";

/** A list as agents get it. */
export interface ListAnswer {
  readonly items: readonly unknown[];
  readonly total: number | null;
  readonly next_cursor: string | null;
  /** True when these items are the rest of the list and nothing moved while they were read. */
  readonly complete: boolean;
}

/** Chooses columns and keeps an answer within `maxResult` characters of JSON, cut between items. */
export function shape({ maxResult }: { readonly maxResult: number }): Stage {
  return async (call, next) => {
    const { list, ...outcome } = await next(call);
    const { result, notes } =
      list === undefined ? shapeObject(outcome, maxResult) : shapeList(call, outcome, list, maxResult);
    return { ...outcome, result, notes };
  };
}

function shapeList(call: Call, outcome: Outcome, list: ListFacts, maxResult: number): Outcome {
  const found = outcome.result as readonly unknown[];
  const { rows, notes } = chosen(call, found);
  const remarks = [...outcome.notes, ...notes];
  if (!list.steady) {
    remarks.push(
      "Items moved while the list was read, or the reading ended early: some may be missing. Read it again to be sure.",
    );
  }
  const showing = (items: readonly unknown[], notes: readonly string[]): Outcome => {
    const ended = list.ended && items.length === rows.length;
    const answer: ListAnswer = {
      items,
      total: list.total ?? null,
      next_cursor: ended ? null : cursorAt(call, list.offset + items.length),
      complete: ended && list.steady,
    };
    return { result: { ...list.head, ...answer }, notes: [...remarks, ...notes] };
  };

  const whole = showing(rows, []);
  const size = JSON.stringify(whole).length;
  if (size <= maxResult) return whole;
  const room = maxResult - (size - JSON.stringify(rows).length);
  const items = fittingPart(rows, room - noteRoom, (row) => JSON.stringify(row)?.length ?? 0);
  if (items.length > 0) {
    const cut = `Showing ${items.length} of ${rows.length} items to stay under ${maxResult} characters: pass next_cursor to go on, or choose fewer columns with fields.`;
    return showing(items, [cut]);
  }
  const { value, cut } = fitting(rows[0], room - 2 * noteRoom);
  const alone = `One item alone is over ${maxResult} characters; shortened: ${cut.slice(0, 10).join(", ")}. Choose columns with fields.`;
  return showing([value], [alone]);
}

/** Characters that a note about a cut may take. */
const noteRoom = 400;

/** The columns that the caller named or, where it named none, those of the room; whole rows that have none of these. */
function chosen(
  { entry, view }: Call,
  found: readonly unknown[],
): { rows: readonly unknown[]; notes: readonly string[] } {
  const { fields } = view;
  if (fields === undefined) {
    const rows = found.map((item) => {
      const picked = pick(item, entry.room.columns);
      return isEmpty(picked) ? item : picked;
    });
    return { rows, notes: [] };
  }
  if (fields.includes("*")) return { rows: found, notes: [] };
  const there = new Set([
    ...shapesOf(entry.output).flatMap(Object.keys),
    ...found.flatMap((item) => (typeof item === "object" && item !== null ? Object.keys(item) : [])),
  ]);
  const unknown = fields.filter((field) => !there.has(field.split(".")[0] ?? ""));
  const notes = unknown.map((field) => `fields: no item has "${field.slice(0, 64)}"${didYouMean(field, there)}`);
  return { rows: found.map((item) => pick(item, fields)), notes: notes.slice(0, 5) };
}

const isEmpty = (value: unknown): boolean =>
  typeof value === "object" && value !== null && Object.keys(value).length === 0;

function shapeObject(outcome: Outcome, maxResult: number): Outcome {
  const { value, cut } = fitting(outcome.result, maxResult - 400);
  if (cut.length === 0) return outcome;
  return {
    result: value,
    notes: [
      ...outcome.notes,
      `Over ${maxResult} characters; shortened: ${cut.slice(0, 10).join(", ")}. Do not send shortened values back.`,
    ],
  };
}
