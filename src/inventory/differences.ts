import type { Difference, Members } from "../core/change.ts";
import { isMembers } from "./reading.ts";

/** What differs between two values, field by field. Items of lists are told apart by their id or contents, not by place. */
export function differences(before: unknown, after: unknown, path = ""): readonly Difference[] {
  if (isMembers(before) && isMembers(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    return names.flatMap((name) => differences(before[name], after[name], path === "" ? name : `${path}.${name}`));
  }
  if (Array.isArray(before) && Array.isArray(after)) return itemDifferences(before, after, path);
  if (before === after) return [];
  return [{ path, ...(before !== undefined && { before }), ...(after !== undefined && { after }) }];
}

function itemDifferences(before: readonly unknown[], after: readonly unknown[], path: string): readonly Difference[] {
  const hasIds = [...before, ...after].every((item) => typeof (item as Members | null)?.["id"] === "string");
  const markOf = (item: unknown): string => (hasIds ? String((item as Members)["id"]) : JSON.stringify(item));
  const left = new Map<string, number[]>();
  for (const [place, item] of before.entries()) {
    left.set(markOf(item), [...(left.get(markOf(item)) ?? []), place]);
  }
  const found = after.flatMap((item, place) => {
    const twin = left.get(markOf(item))?.shift();
    return twin === undefined
      ? [{ path: `${path}[${place}]`, after: item }]
      : differences(before[twin], item, `${path}[${place}]`);
  });
  const gone = [...left.values()].flat().map((place) => ({ path: `${path}[${place}]`, before: before[place] }));
  return [...found, ...gone];
}
