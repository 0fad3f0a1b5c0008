import type { Change, Members } from "../core/change.ts";
import { AccessError } from "../core/errors.ts";
import { masked } from "./masks.ts";
import { differences } from "./rehearse/difference.ts";
import { essence } from "./rehearse/think.ts";

/** The refusal when an object is no longer what it was: what the caller meant to change, and what others changed. */
export function conflict(change: Change, before: Members | undefined, now: Members | undefined): AccessError {
  const { entry, after } = change;
  const shown = (value: Members | undefined) => masked(essence(entry, value) ?? {}, entry.secrets);
  const what = entry.run === undefined ? `the ${entry.room.noun}` : "something that it changes";
  return new AccessError(`${entry.name}: ${what} was changed by somebody else since it was looked at`, {
    kind: "conflict",
    next: "Nothing was sent. Look at both sides, then make the call again, without ticket, if it is still wanted.",
    outcome: "not_sent",
    details: {
      ...(before !== undefined && {
        theirs: now === undefined ? "it is gone" : differences(shown(before), shown(now)),
      }),
      yours: after === undefined ? entry.effect : differences(shown(change.before), shown(after)),
    },
  });
}
