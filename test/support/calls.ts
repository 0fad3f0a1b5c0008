import { access } from "../../src/access/index.ts";
import type { Call } from "../../src/core/call.ts";
import type { Entry } from "../../src/core/room.ts";

/** The declaration of an operation; throws when there is none. */
export function entryOf(name: string): Entry {
  const entry = access.find((candidate) => candidate.name === name);
  if (entry === undefined) throw new Error(`no operation ${name}`);
  return entry;
}

/** A call as the toolbox would make it. */
export function callOf(name: string, input: Record<string, unknown> = {}, given: Partial<Call> = {}): Call {
  return {
    entry: entryOf(name),
    input,
    view: {},
    signal: new AbortController().signal,
    deadline: performance.now() + 60_000,
    ...given,
  };
}
