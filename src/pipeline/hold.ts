import type { Call, Next, Stage } from "../core/call.ts";
import type { Change } from "../core/change.ts";
import type { Entry } from "../core/room.ts";
import { conflict } from "./conflict.ts";
import { canonical } from "./difference.ts";
import type { Lease } from "./ports.ts";
import { askWithin } from "./rehearse.ts";
import { fingerprint, readBefore } from "./think.ts";

/**
 * Holds the object while it is written: nobody else of this machine writes it meanwhile, and it is read once more, so
 * that a change which somebody made since the rehearsal is not overwritten.
 */
export function hold(read: Next, entries: ReadonlyMap<string, Entry>, lease: Lease): Stage {
  return async (call, next) => {
    const change = call.rehearsal?.change;
    if (change?.before === undefined) return next(call);
    return lease(keyOf(call, change), async () => {
      const now = await readBefore(call.entry, change.input, askWithin(call, read, entries), true);
      if (fingerprint(call.entry, now) !== fingerprint(call.entry, change.before)) {
        throw conflict(change, change.before, now);
      }
      return next(call);
    });
  };
}

const keyOf = ({ entry, scope }: Call, { id }: Change): string =>
  canonical([scope ?? null, entry.room.noun, id ?? null]);
