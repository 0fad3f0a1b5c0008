import type { Call, Next, Stage } from "../core/call.ts";
import { AccessError } from "../core/errors.ts";
import { type Entry, pathFields } from "../core/room.ts";
import { conflict } from "./conflict.ts";
import type { Lease } from "./ports.ts";
import { canonical } from "./rehearse/difference.ts";
import { askWithin } from "./rehearse/index.ts";
import { fingerprint, readBefore } from "./rehearse/think.ts";

/**
 * Holds the object while it is written: nobody else of this machine writes it meanwhile, and it is read once more, so
 * that a change which somebody made since the rehearsal is not overwritten.
 */
export function hold(read: Next, entries: ReadonlyMap<string, Entry>, lease: Lease): Stage {
  return async (call, next) => {
    const change = call.rehearsal?.change;
    const key = keyOf(call);
    if (change === undefined || (change.before === undefined && key === undefined)) return next(call);
    return lease(canonical([call.scope ?? null, key ?? call.entry.room.noun]), async () => {
      if (change.before === undefined) return next(call);
      const now = await readBefore(call.entry, change.input, askWithin(call, read, entries), true).catch(unlessGone);
      if (fingerprint(call.entry, now) !== fingerprint(call.entry, change.before)) {
        throw conflict(change, change.before, now);
      }
      return next(call);
    });
  };
}

function unlessGone(error: unknown): undefined {
  if (!(error instanceof AccessError) || error.facts.kind !== "not_found") throw error;
}

/** The outermost object in the path: what belongs to it, as policies to an application, is written in turn with it. */
function keyOf({ entry, input }: Call): readonly unknown[] | undefined {
  const [outermost] = pathFields(entry);
  return outermost === undefined ? undefined : [outermost, input[outermost]];
}
