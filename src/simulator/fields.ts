import type { Members } from "../core/change.ts";

/** A value as members; empty when it is none. */
export const membersOf = (value: unknown): Members =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Members) : {};

/** The members of an array; none when it is no array. */
export const listOf = (value: unknown): readonly Members[] => (Array.isArray(value) ? value.map(membersOf) : []);

/** A value as text; empty when it is none. */
export const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** Every text at a path such as `policies[].id`, with where it stands; `*` is any member, `[]` is optional. */
export function textsAt(value: unknown, path: string): readonly (readonly [field: string, text: string])[] {
  return walk(value, path.split("."), "");
}

function walk(value: unknown, steps: readonly string[], field: string): readonly (readonly [string, string])[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => walk(item, steps, `${field}[${index}]`));
  const [step, ...rest] = steps;
  if (step === undefined) return typeof value === "string" ? [[field, value]] : [];
  const members = membersOf(value);
  const name = step.replace("[]", "");
  return (name === "*" ? Object.keys(members) : [name]).flatMap((key) =>
    walk(members[key], rest, field === "" ? key : `${field}.${key}`),
  );
}

/** Whether two values of an answer are the same, whatever the order of their members. */
export function isEqual(one: unknown, other: unknown): boolean {
  const canonical = (_: string, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value;
  return JSON.stringify(one, canonical) === JSON.stringify(other, canonical);
}
