/** The parts of a value that dotted paths name; arrays on the way are entered, what is not there is left out. */
export function pick(value: unknown, paths: readonly string[]): unknown {
  if (typeof value !== "object" || value === null) return value;
  return pickOr(
    value,
    paths.map((path) => path.replace(/\.\*$/, "").split(".")),
  );
}

function pickOr(value: unknown, paths: readonly (readonly string[])[]): unknown {
  if (paths.some((path) => path.length === 0)) return value;
  if (Array.isArray(value)) return value.map((item) => pickOr(item, paths));
  if (typeof value !== "object" || value === null) return undefined;
  const members = value as Record<string, unknown>;
  const picked: Record<string, unknown> = {};
  for (const head of new Set(paths.map(([first]) => first as string))) {
    if (!Object.hasOwn(members, head) || members[head] === undefined) continue;
    const rest = paths.filter(([first]) => first === head).map((path) => path.slice(1));
    const part = pickOr(members[head], rest);
    if (part !== undefined) picked[head] = part;
  }
  return picked;
}

/**
 * The value within `budget` characters of JSON: the longest members are shortened first, and named in `cut`.
 * Strings end with a mark that says how long they were; arrays lose items at the end.
 */
export function fitting(value: unknown, budget: number): { readonly value: unknown; readonly cut: readonly string[] } {
  const cut: string[] = [];
  return { value: shorten(value, budget, "", cut), cut };
}

/** How a text ends that was shortened here. */
export const cutMark = /… \[cut, (\d+) characters in all\]$/;

/** The first characters of a text and a mark that says how long it was, at most `length` together; the mark stays whole. */
export function cutTo(text: string, length: number): string {
  const [, whole = text.length] = cutMark.exec(text) ?? [];
  const mark = `… [cut, ${whole} characters in all]`;
  const kept = text.slice(0, Math.max(0, length - mark.length));
  // Neither half a character nor half of the mark that stands for one.
  return kept.replace(/[\uD800-\uDBFF]$|⟦(?:U\+?[0-9A-F]{0,6})?$/, "") + mark;
}

const sizeOf = (value: unknown): number => JSON.stringify(value)?.length ?? 0;

function shorten(value: unknown, budget: number, path: string, cut: string[]): unknown {
  if (sizeOf(value) <= budget) return value;
  const name = path === "" ? "the value" : path;
  if (typeof value === "string") return cutText(value, budget, name, cut);
  if (Array.isArray(value)) {
    const items = fittingPart(value, budget, sizeOf);
    cut.push(`${name} (${items.length} of ${value.length} items)`);
    return items;
  }
  return typeof value === "object" && value !== null ? cutMembers(value, budget, path, cut) : value;
}

/** Text with a mark that says how long it was; as it is when the mark would be longer than what it replaces. */
function cutText(text: string, budget: number, name: string, cut: string[]): string {
  let length = budget - 2;
  // What JSON escapes takes more room than it counts.
  while (length > 0 && sizeOf(cutTo(text, length)) > budget) length = Math.floor(length * 0.8);
  const shortened = cutTo(text, length);
  if (sizeOf(shortened) >= sizeOf(text)) return text;
  cut.push(name);
  return shortened;
}

/** The longest members shortened; when there are too many to fit at all, the last ones left out. */
function cutMembers(value: object, budget: number, path: string, cut: string[]): object {
  const members = Object.entries(value);
  const overhead = (key: string) => sizeOf(key) + ":".length;
  const share = fairShare(
    members.map(([key, member]) => sizeOf(member) + overhead(key) + ",".length),
    budget - 2,
  );
  const shortened = members.map(([key, member]): [string, unknown] => [
    key,
    shorten(member, share - overhead(key) - 1, path === "" ? key : `${path}.${key}`, cut),
  ]);
  const kept = fittingPart(shortened, budget, ([key, member]) => sizeOf(member) + overhead(key));
  if (kept.length < members.length) {
    cut.push(`${path === "" ? "the value" : path} (${kept.length} of ${members.length} members)`);
  }
  return Object.fromEntries(kept);
}

/** As many from the start as fit into `budget` with their brackets and commas. */
export function fittingPart<Item>(items: readonly Item[], budget: number, size: (item: Item) => number): Item[] {
  let room = budget - 2;
  const end = items.findIndex((item) => {
    room -= size(item) + 1;
    return room < 0;
  });
  return items.slice(0, end === -1 ? items.length : end);
}

/** The most that each of `sizes` may take so that together they stay within `budget`. */
function fairShare(sizes: readonly number[], budget: number): number {
  const ascending = sizes.toSorted((a, b) => a - b);
  let left = budget;
  for (const [index, size] of ascending.entries()) {
    const share = Math.floor(left / (ascending.length - index));
    if (size > share) return Math.max(0, share);
    left -= size;
  }
  return budget;
}
