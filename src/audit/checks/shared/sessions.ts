import type { Members } from "../../../core/change.ts";
import { membersOf, textOf } from "../../../simulator/fields.ts";
import type { Subject } from "../../check.ts";
import type { Estate } from "../../estate.ts";

/** A user with sessions that have not ended. */
export interface Present {
  readonly user: Members;
  readonly sessions: readonly Members[];
}

/** What Cloudflare says of a session: times in seconds since 1970, and the applications that it opened. */
export const detailsOf = ({ metadata }: Members): Members => membersOf(metadata);

function ends({ expiration, ...session }: Members): number {
  return Number(detailsOf(session)["expires"] ?? expiration) * 1000;
}

function present(estate: Estate): readonly Present[] {
  const open = estate.items("user_sessions").filter((session) => ends(session) > estate.now);
  const sessionsOf = new Map<unknown, Members[]>();
  for (const session of open) {
    const others = sessionsOf.get(session["user_id"]) ?? [];
    sessionsOf.set(session["user_id"], [...others, session]);
  }
  return [...sessionsOf].flatMap(([id, sessions]) => {
    const user = estate.find("users", id);
    return user === undefined ? [] : [{ user, sessions }];
  });
}

/** Everybody who is logged in now, as far as sessions were read. */
export const everyPresent = (estate: Estate): readonly Present[] => estate.once(present);

/** When the last of some sessions ends, ISO 8601. */
export const lastEnd = (sessions: readonly Members[]): string =>
  new Date(sessions.reduce((last, session) => Math.max(last, ends(session)), 0)).toISOString();

/** The applications that some sessions opened. */
export function openedBy(sessions: readonly Members[]): readonly Subject[] {
  const opened = sessions.flatMap((session) => Object.entries(membersOf(detailsOf(session)["apps"])));
  const subjects = opened.map(([key, given]): Subject => {
    const { uid, name } = membersOf(given);
    return { noun: "application", id: textOf(uid) || key, ...(textOf(name) !== "" && { name: textOf(name) }) };
  });
  return [...new Map(subjects.map((one) => [one.id, one])).values()];
}

/** The call that ends all sessions of somebody. */
export const revocation = ({ email, uid }: Members, more: Members = {}) => ({
  steps: [{ operation: "revoke_user", arguments: { email, ...(textOf(uid) !== "" && { user_uid: uid }), ...more } }],
});
