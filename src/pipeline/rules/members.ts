import type { Members } from "../../core/change.ts";

/** Readings of values whose form nobody promised: what is not there is empty, never an error. */
export const isMembers = (value: unknown): value is Members =>
  typeof value === "object" && value !== null && !Array.isArray(value);
export const membersOf = (value: unknown): Members => (isMembers(value) ? value : {});
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
export const textsOf = (values: readonly unknown[]): readonly string[] =>
  values.filter((value) => typeof value === "string" && value !== "") as string[];
