import type { Members } from "../../core/change.ts";
import { listOf, membersOf, textOf } from "../../simulator/fields.ts";
import { family } from "../check.ts";
import { type Estate, subject } from "../estate.ts";
import { day, shortOf } from "./shared/history.ts";
import { everyPresent, lastEnd, openedBy, revocation } from "./shared/sessions.ts";

/** A provider that has sent nothing for so many days is said to be silent. */
const silentDays = 7;
const logs = ["scim_updates", "access_requests"] as const;

const speaksScim = ({ scim_config }: Members): boolean => membersOf(scim_config)["enabled"] === true;

const timeOf = ({ logged_at }: Members): number => Date.parse(textOf(logged_at));

/** What the log says of each provider, oldest first. */
const updatesBy = (estate: Estate): ReadonlyMap<unknown, readonly Members[]> => {
  const found = new Map<unknown, Members[]>();
  for (const update of estate.items("scim_updates").toSorted((one, other) => timeOf(one) - timeOf(other))) {
    const { idp_id } = update;
    found.set(idp_id, found.get(idp_id) ?? []);
    found.get(idp_id)?.push(update);
  }
  return found;
};

/** The failures that no later success about the same person or group made good. */
function standing(updates: readonly Members[]): readonly Members[] {
  const last = new Map<unknown, Members>();
  for (const update of updates) {
    const { resource_user_email, resource_group_name, idp_resource_id, cf_resource_id } = update;
    last.set(resource_user_email ?? resource_group_name ?? idp_resource_id ?? cf_resource_id ?? update, update);
  }
  return [...last.values()].filter(({ status }) => status === "FAILURE");
}

/** Providers that should have sent something lately and did not. */
const silent = (estate: Estate): readonly Members[] =>
  estate.items("identity_providers").filter((provider) => {
    const latest = estate.once(updatesBy).get(provider["id"])?.at(-1);
    return speaksScim(provider) && !(latest !== undefined && estate.now - timeOf(latest) < silentDays * day);
  });

const emailsOf = ({ emails }: Members): readonly string[] =>
  listOf(emails).map(({ value }) => textOf(value).toLowerCase());

/** E-mail addresses of those whom providers took away, by SCIM, and did not give back. */
function leaversIn(estate: Estate): ReadonlySet<string> {
  const people = estate.items("idp_scim").filter(({ active }) => typeof active === "boolean");
  const present = new Set(people.filter(({ active }) => active === true).flatMap(emailsOf));
  const lastOf = new Map(
    [...estate.once(updatesBy).values()].flatMap((updates) =>
      updates
        .filter(({ status, resource_type }) => status === "SUCCESS" && resource_type === "USER")
        .map((update) => [textOf(update["resource_user_email"]).toLowerCase(), update] as const),
    ),
  );
  const deleted = [...lastOf].filter(([, { request_method }]) => request_method === "DELETE").map(([email]) => email);
  const gone = [...people.filter(({ active }) => active === false).flatMap(emailsOf), ...deleted];
  return new Set(gone.filter((email) => email !== "" && !present.has(email)));
}

const okta = { id: "okta", type: "okta", name: "Okta", scim_config: { enabled: true } };
const update = {
  idp_id: "okta",
  resource_type: "USER",
  request_method: "PATCH",
  resource_user_email: "ada@example.com",
};
const failure = { ...update, status: "FAILURE", logged_at: "2026-10-30T10:00:00Z" };
const success = { ...update, status: "SUCCESS", logged_at: "2026-10-30T11:00:00Z" };
const older = { ...update, status: "SUCCESS", logged_at: "2026-10-02T11:00:00Z" };
const ada = { id: "ada", uid: "ada", email: "ada@example.com", name: "Ada" };
const session = { user_id: "ada", name: "n", metadata: { expires: 1_793_577_600, apps: { wiki: { name: "Wiki" } } } };
const scimAda = { id: "s", identity_provider_id: "okta", active: false, emails: [{ value: "Ada@example.com" }] };

/** What identity providers tell Cloudflare about people, and what comes of it. */
export default family(
  {
    id: "SCM-01",
    title: "SCIM updates fail or stay away",
    severity: "high",
    why: "People who left may still be active here, and groups may hold people who are no longer in them.",
    reads: ["identity_providers", "scim_updates"],
    also: ["access_requests"],
    lacks: (estate) => (silent(estate).length > 0 ? shortOf(estate, logs, silentDays) : undefined),
    *find(estate) {
      for (const provider of estate.items("identity_providers")) {
        const failures = standing(estate.once(updatesBy).get(provider["id"]) ?? []);
        if (failures.length === 0) continue;
        const latest = textOf(failures.at(-1)?.["logged_at"]).slice(0, 10);
        yield {
          subject: subject("identity_providers", provider),
          says: `${failures.length} people or groups were not updated since a change failed, the last one on ${latest}`,
          field: "scim_config.enabled",
          value: membersOf(provider["scim_config"])["enabled"],
          mark: "failures",
        };
      }
      if (estate.known("scim_updates") === undefined || shortOf(estate, logs, silentDays) !== undefined) return;
      for (const provider of silent(estate)) {
        yield {
          subject: subject("identity_providers", provider),
          says: `it has sent nothing for ${silentDays} days`,
          field: "scim_config.enabled",
          value: membersOf(provider["scim_config"])["enabled"],
          mark: "silence",
          severity: "medium",
          certain: false,
        };
      }
    },
    remedy: "Read the errors with list_scim_updates, put them right at the provider and let it send everything again.",
    falsePositive: "Small companies in which nothing changed; the log goes back only as far as the plan keeps it.",
    source: "the API's own log of SCIM updates",
    flagged: [
      { says: "a failure that stands", account: { identity_providers: [okta], scim_updates: [failure] } },
      { says: "silence", account: { identity_providers: [okta], scim_updates: [older] } },
    ],
    clean: [
      {
        says: "it worked the second time",
        account: { identity_providers: [okta], scim_updates: [older, success, failure] },
      },
      {
        says: "no SCIM, so no updates",
        account: { identity_providers: [{ ...okta, scim_config: { enabled: false } }] },
      },
    ],
  },
  {
    id: "SCM-02",
    title: "Somebody who left is still logged in",
    severity: "critical",
    why: "The identity provider says that this person is gone, and the open session works on until it ends.",
    reads: ["users", "user_sessions", "idp_scim"],
    also: ["scim_updates"],
    *find(estate) {
      const leavers = leaversIn(estate);
      for (const { user, sessions } of everyPresent(estate)) {
        if (!leavers.has(textOf(user["email"]).toLowerCase())) continue;
        yield {
          subject: subject("users", user),
          says: `the identity provider removed this person, but ${sessions.length} sessions are open until ${lastEnd(sessions)}`,
          field: "email",
          value: user["email"],
          // Another provider may still have the person.
          certain: estate.known("idp_scim") !== undefined,
          related: openedBy(sessions),
          fix: revocation(user, { devices: true }),
        };
      }
    },
    remedy: "End the sessions and revoke the devices at once; then see why SCIM did not do it.",
    falsePositive: "Clocks that differ: the session ended in this minute.",
    source: "own judgement",
    flagged: [
      {
        says: "switched off at the provider",
        account: { users: [ada], user_sessions: [session], idp_scim: [scimAda] },
      },
      {
        says: "deleted by the provider",
        account: {
          users: [ada],
          user_sessions: [session],
          scim_updates: [{ ...success, request_method: "DELETE" }],
        },
      },
    ],
    clean: [
      {
        says: "the session has ended",
        account: {
          users: [ada],
          user_sessions: [{ ...session, metadata: { expires: 1_793_000_000 } }],
          idp_scim: [scimAda],
        },
      },
      {
        says: "moved to another provider",
        account: {
          users: [ada],
          user_sessions: [session],
          idp_scim: [scimAda, { ...scimAda, identity_provider_id: "entra", active: true }],
          scim_updates: [{ ...success, request_method: "DELETE" }],
        },
      },
      {
        says: "deleted and added again",
        account: {
          users: [ada],
          user_sessions: [session],
          scim_updates: [
            { ...success, request_method: "DELETE" },
            { ...success, request_method: "POST", logged_at: "2026-10-31T11:00:00Z" },
          ],
        },
      },
    ],
  },
);
