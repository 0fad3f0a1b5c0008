import type { Change, Members } from "../../src/core/change.ts";
import { entryOf } from "./calls.ts";

/** A change as rehearsal would make it: the object is created. */
export const creates = (operation: string, after: Members, input: Members = after): Change => ({
  entry: entryOf(operation),
  input,
  after,
});

/** The object is edited: `patch` is laid over it. */
export const edits = (operation: string, before: Members, patch: Members, path: Members = {}): Change => ({
  entry: entryOf(operation),
  input: { ...path, ...patch },
  id: String(before["id"]),
  before,
  after: { ...before, ...patch },
});

/** The object is deleted, or something is done to it that changes no field. */
export const does = (operation: string, before: Members | undefined, input: Members = {}): Change => ({
  entry: entryOf(operation),
  input,
  ...(before !== undefined && { id: String(before["id"]), before }),
});
