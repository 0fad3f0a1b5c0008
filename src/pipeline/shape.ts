import type { Call, ListFacts, Outcome, Stage } from "../core/call.ts";
import { cursorAt } from "../core/cursor.ts";
import { fitting, pick } from "./select.ts";

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
    const outcome = await next(call);
    return outcome.list === undefined
      ? shapeObject(outcome, maxResult)
      : shapeList(call, outcome, outcome.list, maxResult);
  };
}

function shapeList(call: Call, outcome: Outcome, list: ListFacts, maxResult: number): Outcome {
  const found = outcome.result as readonly unknown[];
  const fields = call.view.fields ?? call.entry.room.columns;
  const rows = fields.includes("*") ? found : found.map((item) => pick(item, fields));

  let room = maxResult - 400;
  let kept = 0;
  for (const row of rows) {
    room -= JSON.stringify(row)?.length ?? 0;
    if (room < 0) break;
    kept += 1;
  }
  const notes = [...outcome.notes];
  let items = rows.slice(0, kept);
  if (kept === 0 && rows.length > 0) {
    const { value, cut } = fitting(rows[0], maxResult - 800);
    items = [value];
    kept = 1;
    notes.push(
      `One item alone is over ${maxResult} characters; shortened: ${cut.join(", ")}. Choose columns with fields.`,
    );
  }
  const ended = list.ended && kept === rows.length;
  if (kept < rows.length) {
    notes.push(
      `Showing ${kept} of ${rows.length} items to stay under ${maxResult} characters: pass next_cursor to go on, or choose fewer columns with fields.`,
    );
  }
  if (!list.steady)
    notes.push(
      "Items moved while the list was read, or a cap ended the reading: some may be missing. Read it again to be sure.",
    );
  const answer: ListAnswer = {
    items,
    total: list.total ?? null,
    next_cursor: ended ? null : cursorAt(call, list.offset + kept),
    complete: ended && list.steady,
  };
  return { result: answer, notes };
}

function shapeObject(outcome: Outcome, maxResult: number): Outcome {
  const { value, cut } = fitting(outcome.result, maxResult - 400);
  if (cut.length === 0) return outcome;
  return {
    result: value,
    notes: [
      ...outcome.notes,
      `Over ${maxResult} characters; shortened: ${cut.join(", ")}. Do not send shortened values back.`,
    ],
  };
}
