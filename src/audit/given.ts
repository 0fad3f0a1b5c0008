import type { z } from "zod";
import type { Members } from "../core/change.ts";
import { type Entry, pathFields, shownBy } from "../core/room.ts";

const isMembers = (value: unknown): value is Members =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What stands at a dotted path. */
export const at = (value: unknown, path: string): unknown =>
  path.split(".").reduce((inner, name) => (isMembers(inner) ? inner[name] : undefined), value);

/** Arguments with what was chosen for dotted paths of them; other members of the same objects stay. */
export const placed = (given: Members, chosen: Members): Members =>
  Object.entries(chosen).reduce<Members>((base, [path, value]) => {
    const nested = path.split(".").reduceRight((inner: unknown, name) => ({ [name]: inner }), value);
    return laidOver(base, nested) as Members;
  }, given);

function laidOver(base: unknown, value: unknown): unknown {
  if (!isMembers(base) || !isMembers(value)) return value;
  const laid = Object.entries(value).map(([name, inner]) => [name, laidOver(base[name], inner)]);
  return { ...base, ...Object.fromEntries(laid) };
}

/** `value` with something else where a dotted path leads, in every item of lists on the way. */
function replacedAt(value: unknown, path: readonly string[], other: unknown): unknown {
  const [head = "", ...rest] = path;
  if (Array.isArray(value)) return value.map((item) => replacedAt(item, path, other));
  if (!isMembers(value) || !Object.hasOwn(value, head)) return value;
  return { ...value, [head]: rest.length === 0 ? other : replacedAt(value[head], rest, other) };
}

/** The arguments of a step as they can be shown. */
export const withoutSecrets = (entry: Entry | undefined, step: { readonly arguments: Members }): Members =>
  (entry?.secrets ?? []).reduce<Members>(
    (shown, path) => replacedAt(shown, path.split("."), "[secret]") as Members,
    step.arguments,
  );

/**
 * The secrets that an update of a whole object has to bring along, by dotted path with what to give: Cloudflare never
 * shows them, and its model of the object takes none without. `read` answers what the object is like now.
 */
export async function secretsWanted(
  entry: Entry,
  given: Members,
  read: (get: Entry, input: Members) => Promise<unknown>,
): Promise<Readonly<Record<string, string>>> {
  const get = shownBy(entry);
  const secrets = new Set(entry.secrets);
  if (get === undefined || secrets.size === 0) return {};
  const ids = pathFields(get).map((name) => [name, given[name]] as const);
  if (ids.some(([, id]) => id === undefined)) return {};
  const shown = await read(get, Object.fromEntries(ids));
  const bare = [...secrets].reduce((value, path) => replacedAt(value, path.split("."), undefined), shown);
  const { error } = entry.input.safeParse(bare);
  const wanted = new Set(pathsIn(error?.issues ?? []).filter((path) => secrets.has(path)));
  return Object.fromEntries([...wanted].map((path) => asked(shown, path)));
}

/** Paths that issues are about, places in lists not counted. */
function pathsIn(issues: readonly z.core.$ZodIssue[], above: readonly PropertyKey[] = []): readonly string[] {
  return issues.flatMap((issue) => {
    const path = [...above, ...issue.path];
    if (issue.code === "invalid_union") return issue.errors.flatMap((inner) => pathsIn(inner, path));
    return [path.filter((name) => typeof name === "string").join(".")];
  });
}

/** What to ask the owner for: the secret or, where there are several, the list that has them. */
function asked(shown: unknown, path: string): readonly [path: string, what: string] {
  const names = path.split(".");
  const list = names.map((_, end) => names.slice(0, end).join(".")).find((some) => Array.isArray(at(shown, some)));
  const what = "which Cloudflare never shows and refuses this change without";
  return list === undefined ? [path, `the secret, ${what}`] : [list, `the whole list with its secrets, ${what}`];
}
