import { compose, type Next, type Stage } from "../core/call.ts";
import type { Entry } from "../core/room.ts";

/** Lets operations of this server do their work; what they call goes through the `inner` stages like any other call. */
export function perform(entries: ReadonlyMap<string, Entry>, inner: readonly Stage[], last: Next): Stage {
  const within = compose(inner, last);
  return async (call, next) => {
    const { run } = call.entry;
    return run === undefined ? next(call) : run(call, { perform: within, entries });
  };
}
