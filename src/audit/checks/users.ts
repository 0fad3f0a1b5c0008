import type { Members } from "../../core/change.ts";
import { type Gate, gateIn } from "../../simulator/evaluate.ts";
import { textOf } from "../../simulator/fields.ts";
import { identityFrom } from "../../simulator/seen.ts";
import type { Identity } from "../../simulator/selectors.ts";
import { staysOut } from "../../simulator/standing.ts";
import { type Found, family } from "../check.ts";
import { type Estate, subject } from "../estate.ts";
import { day, shortOf } from "./shared/history.ts";
import { detailsOf, everyPresent, lastEnd, openedBy, revocation } from "./shared/sessions.ts";

/** Whoever has not come for so many days does not need a seat. */
const idleDays = 90;

/** So many refusals of one person within an hour are no slip of the fingers. */
const burst = 10;
const hour = 3_600_000;

const gates = (_: Estate): Map<unknown, Gate | undefined> => new Map();

/** What decides about an application that a session names; nothing when there is no such application. */
function gateAt(estate: Estate, id: string): Gate | undefined {
  const known = estate.once(gates);
  if (!known.has(id)) {
    const application = estate.find("applications", id);
    known.set(id, application && gateIn(application, estate.account));
  }
  return known.get(id);
}

const logins = (estate: Estate): ReadonlyMap<unknown, Members> =>
  new Map(estate.items("user_identities").map((seen) => [seen["user_id"], seen]));

const lasting = new Set(["login_method", "idp_groups", "auth_methods", "claims"]);

/**
 * Who somebody was when a session began, as far as it cannot have changed since: where they were and on which device is
 * asked again all the time. No groups at all may mean that the provider does not send them.
 */
function identityOf(estate: Estate, { id, email }: Members, session: Members): Identity {
  const seen = estate.once(logins).get(id);
  const began = Number(detailsOf(session)["iat"]);
  if (seen === undefined || !(Math.abs(Number(seen["iat"]) - began) < 60)) return { email: textOf(email) };
  const told = Object.entries(identityFrom(seen).identity).filter(
    ([field, value]) => lasting.has(field) && !(Array.isArray(value) && value.length === 0),
  );
  return { email: textOf(email), ...Object.fromEntries(told) };
}

/** The most of some times that lie within one hour, in order. */
function densest(times: readonly number[]): readonly number[] {
  const sorted = times.toSorted((one, other) => one - other);
  let [first, past] = [0, 0];
  let start = 0;
  for (const [end, time] of sorted.entries()) {
    while (time - (sorted[start] ?? time) > hour) start += 1;
    if (end + 1 - start > past - first) [first, past] = [start, end + 1];
  }
  return sorted.slice(first, past);
}

const minute = (time: number | undefined): string => `${new Date(time ?? 0).toISOString().slice(0, 16)}Z`;

/** Times by what they are about. */
function timesBy(rows: readonly Members[], keyOf: (row: Members) => string, timeOf: (row: Members) => number) {
  const found = new Map<string, number[]>();
  for (const row of rows) {
    const key = keyOf(row);
    found.set(key, found.get(key) ?? []);
    found.get(key)?.push(timeOf(row));
  }
  return [...found].map(([key, times]) => [key, densest(times)] as const).filter(([, times]) => times.length >= burst);
}

/** Refusals of one person at one application. */
function* refused(estate: Estate): Iterable<Found> {
  const denials = estate.items("access_requests").filter(({ allowed }) => allowed === false);
  const keyOf = ({ app_uid, user_email }: Members) => JSON.stringify([app_uid ?? "", user_email ?? ""]);
  for (const [key, times] of timesBy(denials, keyOf, ({ created_at }) => Date.parse(textOf(created_at)))) {
    const [id, email] = JSON.parse(key) as readonly [string, string];
    const application = estate.find("applications", id);
    yield {
      subject: application === undefined ? { noun: "application", id } : subject("applications", application),
      says: `one person was turned away ${times.length} times within an hour, from ${minute(times[0])}`,
      mark: email,
      related: [{ noun: "user", id: email, name: email }],
    };
  }
}

/** Failed logins of one person: each is forgotten after the same time, so those that end together happened together. */
function* failed(estate: Estate): Iterable<Found> {
  const logins = estate.known("failed_logins") ?? [];
  const keyOf = ({ user_id }: Members) => textOf(user_id);
  for (const [id, times] of timesBy(logins, keyOf, ({ expiration }) => Number(expiration) * 1000)) {
    const user = estate.find("users", id);
    yield {
      subject: user === undefined ? { noun: "user", id } : subject("users", user),
      says: `${times.length} logins failed within an hour`,
      mark: "failed logins",
    };
  }
}

const ada = { id: "ada", email: "ada@example.com", name: "Ada", access_seat: true, gateway_seat: false };
const lately = { ...ada, last_successful_login: "2026-10-30T08:00:00Z" };
const longAgo = { ...ada, last_successful_login: "2026-06-01T08:00:00Z" };
const okta = { id: "okta", type: "okta", name: "Okta" };
const only = (email: string) => [{ id: "p", decision: "allow", include: [{ email: { email } }], precedence: 1 }];
const wiki = { id: "wiki", type: "self_hosted", name: "Wiki", domain: "wiki.example.com" };
const session = {
  user_id: "ada",
  name: "n",
  metadata: { iat: 1_793_491_200, expires: 1_793_577_600, apps: { wiki: { uid: "wiki", name: "Wiki" } } },
};
const logged = { identity_providers: [okta], users: [lately], user_sessions: [session] };

const login = {
  user_id: "ada",
  email: "ada@example.com",
  iat: 1_793_491_200,
  idp: { id: "okta" },
  groups: ["support"],
};
const group = (name: string) => ({ ...only("")[0], include: [{ okta: { name, identity_provider_id: "okta" } }] });

const minutes = (count: number, step: number): readonly Members[] =>
  Array.from({ length: count }, (_, at) => ({
    created_at: new Date(Date.parse("2026-10-20T08:00:00Z") + at * step * 60_000).toISOString(),
    app_uid: "wiki",
    user_email: "ada@example.com",
    allowed: false,
  }));
const failures = Array.from({ length: burst }, (_, at) => ({ user_id: "ada", expiration: 1_795_000_000 + at }));
const entry = { created_at: "2026-10-02T08:00:00Z", allowed: true };

/** Who has a seat or a session that should not, and who tries to get one. */
export default family(
  {
    id: "USR-01",
    title: "Seat of somebody who does not come any more",
    severity: "low",
    why: "The seat is paid for, and an account that nobody misses is one that nobody watches.",
    reads: ["users"],
    *find(estate) {
      for (const user of estate.items("users")) {
        const { id, access_seat, gateway_seat, last_successful_login, created_at } = user;
        if (access_seat !== true || gateway_seat === true) continue;
        const field = last_successful_login === undefined ? "created_at" : "last_successful_login";
        const days = Math.floor((estate.now - Date.parse(textOf(last_successful_login ?? created_at))) / day);
        if (!(days > idleDays)) continue;
        yield {
          subject: subject("users", user),
          says:
            field === "created_at"
              ? `has a seat for ${days} days and never logged in`
              : `has a seat and last logged in ${days} days ago`,
          field,
          value: user[field],
          fix: { steps: [{ operation: "delete_user", arguments: { user_id: id } }] },
        };
      }
    },
    remedy: "Delete the user, which frees the seat; whoever still matches a policy can come back and takes one again.",
    falsePositive: "People on long leave, and those who use only the device client.",
    source: "https://developers.cloudflare.com/cloudflare-one/team-and-resources/users/seat-management/",
    flagged: [
      { says: "five months", account: { users: [longAgo] } },
      { says: "never", account: { users: [{ ...ada, created_at: "2026-06-01T08:00:00Z" }] } },
    ],
    clean: [
      { says: "the day before yesterday", account: { users: [lately] } },
      { says: "uses the device client", account: { users: [{ ...longAgo, gateway_seat: true }] } },
      { says: "has no seat", account: { users: [{ ...longAgo, access_seat: false }] } },
    ],
  },
  {
    id: "USR-02",
    title: "Session that no policy would give any more",
    severity: "high",
    why: "Rules about who somebody is are asked at the login only: who lost access works on until the session ends.",
    reads: ["users", "user_sessions", "applications", "policies", "groups", "identity_providers"],
    also: ["user_identities", "organization", "gateway_lists", "gateway_list_items", "posture_rules"],
    *find(estate) {
      for (const { user, sessions } of everyPresent(estate)) {
        const isShut = (session: Members, gate: Gate) => staysOut(identityOf(estate, user, session), gate);
        for (const opened of openedBy(sessions)) {
          const gate = gateAt(estate, opened.id);
          const using = sessions.filter((session) => openedBy([session]).some(({ id }) => id === opened.id));
          if (gate === undefined || !using.every((session) => isShut(session, gate))) continue;
          yield {
            subject: subject("users", user),
            says: `an application that this login would not open now stays open to it until ${lastEnd(using)}`,
            field: "email",
            value: user["email"],
            mark: opened.id,
            related: [subject("applications", gate.application)],
            fix: revocation(user),
          };
        }
      }
    },
    remedy: "End the sessions of this person; revoke_application_tokens ends those of everybody at the application.",
    falsePositive: "None known: whoever a rule might let in that cannot be told from here is not reported.",
    source: "https://developers.cloudflare.com/cloudflare-one/access-controls/access-settings/session-management/",
    flagged: [
      {
        says: "the policy names somebody else by now",
        account: { ...logged, applications: [{ ...wiki, policies: only("grace@example.com") }] },
      },
      {
        says: "the group that the last login told is not the one that is asked for by now",
        account: { ...logged, user_identities: [login], applications: [{ ...wiki, policies: [group("platform")] }] },
      },
    ],
    clean: [
      { says: "still named", account: { ...logged, applications: [{ ...wiki, policies: only("ada@example.com") }] } },
      {
        says: "nobody can tell",
        account: {
          ...logged,
          applications: [{ ...wiki, policies: [{ ...only("")[0], include: [{ geo: { country_code: "NL" } }] }] }],
        },
      },
      {
        says: "in the group that is asked for",
        account: { ...logged, user_identities: [login], applications: [{ ...wiki, policies: [group("support")] }] },
      },
      {
        says: "what an older login told does not count",
        account: {
          ...logged,
          user_identities: [{ ...login, iat: 1_793_000_000 }],
          applications: [{ ...wiki, policies: [group("platform")] }],
        },
      },
      { says: "an application that is no more", account: logged },
    ],
  },
  {
    id: "USR-03",
    title: "Somebody is turned away again and again",
    severity: "medium",
    why: "Either somebody tries to get in, or a policy keeps out those whom it should let in.",
    reads: ["access_requests"],
    also: ["failed_logins", "users", "applications"],
    lacks: (estate) => shortOf(estate, ["access_requests"], 1),
    *find(estate) {
      yield* refused(estate);
      yield* failed(estate);
    },
    remedy: "Look at the requests with list_access_requests, and ask explain_access which rule turned them away.",
    falsePositive: "A page that reloads by itself; plans without a long log show the last day only.",
    source: "https://developers.cloudflare.com/cloudflare-one/insights/logs/",
    flagged: [
      { says: "ten in ten minutes", account: { applications: [wiki], access_requests: minutes(burst, 1) } },
      {
        says: "logins that failed",
        account: { users: [lately], failed_logins: failures, access_requests: [entry] },
      },
    ],
    clean: [
      {
        says: "ten in a day",
        account: { applications: [wiki], access_requests: minutes(burst, 120) },
      },
      { says: "nine", account: { applications: [wiki], access_requests: [entry, ...minutes(burst - 1, 1)] } },
    ],
  },
);
