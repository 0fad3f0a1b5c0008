/** Controls, bidirectional marks and what is no character: they rearrange a page, drive a terminal or break a format. */
const unseen = /[^\P{Cc}\n\t]|[\p{Cs}\p{Bidi_C}\p{NChar}\u{E0000}-\u{EFFFF}\u2028\u2029]/gu;

const codeOf = (character: string) => (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");

/** A text in which nothing hides: what people cannot see stands as `⟦U+202E⟧`; line feeds and tabs stay. */
export const visible = (text: string): string => text.replace(unseen, (found) => `⟦U+${codeOf(found)}⟧`);

/** JSON, indented, in which nothing hides and every text is still exactly what it was. */
export const jsonText = (value: unknown): string =>
  JSON.stringify(value, null, 2).replace(unseen, (found) =>
    [...Array(found.length).keys()].map((at) => `\\u${found.charCodeAt(at).toString(16).padStart(4, "0")}`).join(""),
  );

/** A text on one line, nothing hidden, no longer than `limit` characters. */
export function line(text: string, limit = Number.POSITIVE_INFINITY): string {
  const whole = visible(text.slice(0, 4 * limit).replace(/\s*[\r\n\t]\s*/g, " "));
  if (whole.length <= limit) return whole;
  return `${whole
    .slice(0, limit - 1)
    .toWellFormed()
    .replace(/\uFFFD$/, "")}…`;
}

/** What stands in a field, as JSON on one line. */
export const valueText = (value: unknown, limit = 400): string => line(JSON.stringify(value) ?? "nothing", limit);

/** `1 check`, `2 checks`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** `one, two and three`. */
export const listed = (items: readonly string[]): string =>
  items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
