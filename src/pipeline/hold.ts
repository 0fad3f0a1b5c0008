import type { Call, Next, Stage } from "../core/call.ts";
import type { Change, Members } from "../core/change.ts";
import { AccessError } from "../core/errors.ts";
import type { Entry } from "../core/room.ts";
import { canonical, differences } from "./difference.ts";
import { masked } from "./masks.ts";
import type { Lease } from "./ports.ts";
import { askWithin } from "./rehearse.ts";
import { essence, readBefore } from "./think.ts";

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
      if (canonical(essence(call.entry, now)) !== canonical(essence(call.entry, change.before))) {
        throw conflict(change, change.before, now);
      }
      return next(call);
    });
  };
}

const keyOf = ({ entry, scope }: Call, { id }: Change): string =>
  canonical([scope ?? null, entry.room.noun, id ?? null]);

/** The refusal when an object is no longer what it was: what the caller meant to change, and what others changed. */
export function conflict(change: Change, before: Members | undefined, now: Members | undefined): AccessError {
  const { entry, after } = change;
  const shown = (value: Members | undefined) => masked(essence(entry, value) ?? {}, entry.secrets);
  return new AccessError(`${entry.name}: the ${entry.room.noun} was changed by somebody else since it was looked at`, {
    kind: "conflict",
    next: "Nothing was sent. Look at both sides, then make the call again, without ticket, if it is still wanted.",
    outcome: "not_sent",
    details: {
      ...(before !== undefined && { theirs: now === undefined ? "it is gone" : differences(shown(before), shown(now)) }),
      yours: after === undefined ? entry.effect : differences(shown(before ?? change.before), shown(after)),
    },
  });
}
