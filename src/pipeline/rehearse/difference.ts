import { createHash } from "node:crypto";
import type { Difference, Members } from "../../core/change.ts";

const isMembers = (value: unknown): value is Members =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A text that is equal for equal JSON values, whatever the order of their members. */
export function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_, inner: unknown) =>
      isMembers(inner)
        ? Object.fromEntries(Object.entries(inner).toSorted(([one], [other]) => (one < other ? -1 : 1)))
        : inner,
    ) ?? "undefined"
  );
}

/** SHA-256 of what a value says, in base64url. */
export const digest = (value: unknown): string => createHash("sha256").update(canonical(value)).digest("base64url");

/** What differs between two values, field by field; items of lists by their id or, without one, by their contents. */
export function differences(before: unknown, after: unknown, path = ""): readonly Difference[] {
  if (canonical(before) === canonical(after)) return [];
  if (isMembers(before) && isMembers(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) => differences(before[key], after[key], path === "" ? key : `${path}.${key}`));
  }
  if (Array.isArray(before) && Array.isArray(after)) return itemDifferences(before, after, path);
  return [{ path, ...(before !== undefined && { before }), ...(after !== undefined && { after }) }];
}

/** What items of lists are told apart by. */
export const identity = (item: unknown): string | undefined => {
  if (!isMembers(item)) return undefined;
  const id = item["id"] ?? item["server_id"] ?? item["name"];
  return typeof id === "string" ? id : undefined;
};

function itemDifferences(before: readonly unknown[], after: readonly unknown[], path: string): readonly Difference[] {
  const named = [...before, ...after].every((item) => identity(item) !== undefined);
  const keyOf = (item: unknown) => (named ? identity(item) : canonical(item)) as string;
  const old = placesOf(before, keyOf);
  const found: Difference[] = [];
  const kept: string[] = [];
  for (const [place, item] of after.entries()) {
    const key = keyOf(item);
    const twin = old.get(key)?.shift();
    if (twin === undefined) found.push({ path: `${path}[${place}]`, after: item });
    else {
      kept.push(key);
      found.push(...differences(before[twin], item, `${path}[${place}]`));
    }
  }
  const gone = [...old.values()].flat().toSorted((one, other) => one - other);
  found.push(...gone.map((place): Difference => ({ path: `${path}[${place}]`, before: before[place] })));
  const order = before.map(keyOf).filter((key) => kept.includes(key));
  if (found.length === 0 || order.join("\n") !== kept.join("\n")) {
    found.push({ path, before: before.map(nameOf), after: after.map(nameOf) });
  }
  return found;
}

const nameOf = (item: unknown): unknown => (isMembers(item) ? (item["name"] ?? item["id"] ?? item) : item);

function placesOf(items: readonly unknown[], keyOf: (item: unknown) => string): Map<string, number[]> {
  const places = new Map<string, number[]>();
  for (const [place, item] of items.entries()) {
    const key = keyOf(item);
    places.set(key, [...(places.get(key) ?? []), place]);
  }
  return places;
}
