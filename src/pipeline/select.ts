/** The parts of a value that dotted paths name; arrays on the way are entered. The value itself when none is there. */
export function pick(value: unknown, paths: readonly string[]): unknown {
  if (typeof value !== "object" || value === null) return value;
  const picked = pickOr(
    value,
    paths.map((path) => path.split(".")),
  );
  return picked === undefined || Object.keys(picked as object).length === 0 ? value : picked;
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

const sizeOf = (value: unknown): number => JSON.stringify(value)?.length ?? 0;

function shorten(value: unknown, budget: number, path: string, cut: string[]): unknown {
  const size = sizeOf(value);
  if (size <= budget) return value;
  const name = path === "" ? "the value" : path;
  if (typeof value === "string") {
    cut.push(name);
    const keep = Math.max(0, Math.floor((value.length * budget) / size) - 80);
    return `${value.slice(0, keep).replace(/[\uD800-\uDBFF]$/, "")}… [cut, ${value.length} characters in all]`;
  }
  if (Array.isArray(value)) {
    cut.push(`${name} (${value.length} items)`);
    let room = budget;
    const end = value.findIndex((item) => {
      room -= sizeOf(item) + 1;
      return room < 0;
    });
    return value.slice(0, end === -1 ? value.length : end);
  }
  const members = Object.entries(value as object);
  const share = fairShare(
    members.map(([key, member]) => sizeOf(member) + key.length + 4),
    budget,
  );
  return Object.fromEntries(
    members.map(([key, member]) => [
      key,
      shorten(member, share - key.length - 4, path === "" ? key : `${path}.${key}`, cut),
    ]),
  );
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
