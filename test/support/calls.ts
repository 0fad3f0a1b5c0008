import { access } from "../../src/access/index.ts";
import type { Call } from "../../src/core/call.ts";
import { AccessError } from "../../src/core/errors.ts";
import type { Entry } from "../../src/core/room.ts";

/** The declaration of an operation; throws when there is none. */
export function entryOf(name: string): Entry {
  const entry = access.find((candidate) => candidate.name === name);
  if (entry === undefined) throw new Error(`no operation ${name}`);
  return entry;
}

/** The fields of an operation that stand in its path, without the scope. */
export const pathFields = ({ route }: Entry): string[] =>
  [...route.matchAll(/\{(\w+)\}/g)]
    .map(([, name]) => name ?? "")
    .filter((name) => name !== "account_id" && name !== "account_or_zone");

/** A call as the toolbox would make it, due in 60 s unless told otherwise. */
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

/** The failure that a promise must end in. */
export async function failureOf(promise: Promise<unknown>): Promise<AccessError> {
  const end = await promise.then(
    (value) => new Error(`resolved with ${JSON.stringify(value)}`),
    (thrown: unknown) => thrown,
  );
  if (end instanceof AccessError) return end;
  throw end;
}
