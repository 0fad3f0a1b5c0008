import type { Call } from "./call.ts";
import { badInput } from "./errors.ts";

/** Marks a list question, so that a cursor of another question is refused instead of skipping items. */
function questionOf({ entry, input, scope }: Call): string {
  const text = JSON.stringify([entry.name, Object.entries(input).sort(([a], [b]) => (a < b ? -1 : 1)), scope ?? null]);
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return (hash >>> 0).toString(36);
}

/** The opaque place in a list where the next answer starts. */
export function cursorAt(call: Call, offset: number): string {
  return btoa(`${offset}.${questionOf(call)}`).replaceAll("=", "");
}

/** Where to start reading: 0 without a cursor; a cursor that is not of this question is refused. */
export function offsetOf(call: Call): number {
  const { cursor } = call.view;
  if (cursor === undefined) return 0;
  const [, offset, question] = /^(\d{1,9})\.(\w+)$/.exec(decode(cursor)) ?? [];
  if (offset === undefined || question !== questionOf(call)) {
    throw badInput(
      `cursor: not one that ${call.entry.name} gave for these arguments`,
      "Pass next_cursor of the previous answer unchanged together with the same filters, or leave cursor out to start over.",
    );
  }
  return Number(offset);
}

function decode(text: string): string {
  try {
    return atob(text);
  } catch {
    return "";
  }
}
