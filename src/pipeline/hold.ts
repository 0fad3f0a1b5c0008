import type { Next, Stage } from "../core/call.ts";
import { AccessError, refused } from "../core/errors.ts";
import type { Entry } from "../core/room.ts";
import { conflict } from "./conflict.ts";
import type { Judge, Lease, Turns } from "./ports.ts";
import { canonical } from "./rehearse/difference.ts";
import { askWithin } from "./rehearse/index.ts";
import { fingerprint, readBefore } from "./rehearse/think.ts";

export interface HoldSettings {
  readonly read: Next;
  readonly entries: ReadonlyMap<string, Entry>;
  readonly judge: Judge;
  readonly lease: Lease;
  readonly turns: Turns;
}

/**
 * Lets the writes to an account through one at a time on this machine: what was judged still holds when it is done. The
 * object is read once more, so that a change which somebody made since the rehearsal is not overwritten; and when
 * another write came in between, guard and rules are asked again, since two changes may do together what neither does.
 */
export function hold({ read, entries, judge, lease, turns }: HoldSettings): Stage {
  return async (call, next) => {
    const { rehearsal, scope, entry } = call;
    if (rehearsal === undefined) return next(call);
    const { change, turn } = rehearsal;
    const key = canonical(scope);
    return lease(key, async () => {
      const ask = askWithin(call, read, entries);
      if (change.before !== undefined) {
        const now = await readBefore(entry, change.input, ask, true).catch(unlessGone);
        if (fingerprint(entry, now) !== rehearsal.written.digest_before) throw conflict(change, change.before, now);
      }
      if ((await turns.now(key)) !== turn) {
        const [first] = (await judge(change, ask, call)).objections;
        if (first !== undefined) throw refused(`${entry.name}: ${first.message}`, first.next);
      }
      // Where the mark cannot be written the journal cannot either, and nothing more is written.
      return next(call).finally(() => turns.end(key).catch(() => undefined));
    });
  };
}

function unlessGone(error: unknown): undefined {
  if (!(error instanceof AccessError) || error.facts.kind !== "not_found") throw error;
}
