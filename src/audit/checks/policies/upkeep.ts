import { policyFields } from "../../../access/policies.ts";
import type { Members } from "../../../core/change.ts";
import { listOf, textOf } from "../../../simulator/fields.ts";
import { type Fix, type Found, family } from "../../check.ts";
import type { Estate } from "../../estate.ts";
import { applicationSubjects, everyPolicy, type Standing } from "../shared/attached.ts";
import { places, rulesOf } from "../shared/closure.ts";
import { day } from "../shared/history.ts";
import { type Holder, holderFix, holderSubject, rulesBy, type Use, usesOf } from "../shared/placed.ts";
import { lackOf } from "../shared/whole.ts";
import { applicationsOf, sideOf } from "./deciding.ts";
import { misspelt } from "./misspelt.ts";
import { about, idOf, linksOf, planOf, relinked, without } from "./told.ts";

/** Settings of a policy but its name and rules. */
const settings = new Set(
  Object.keys(policyFields).filter((field) => field !== "name" && !places.some((place) => place === field)),
);

const isSaid = (value: unknown): boolean => value !== undefined && value !== null && value !== false && value !== "";

/** The same for policies that do the same: rules in any order, and what is not said left out; none for what nobody can compare. */
function canonical(policy: Members): string | undefined {
  const rules = rulesOf(policy);
  const lists = places.map((place) => rules[place]);
  if (lists[0]?.length === 0 || lists.some((rules) => rules.some(({ mark }) => mark === ""))) return undefined;
  const said = Object.keys(policy).filter((field) => settings.has(field) && isSaid(policy[field]));
  return [
    ...lists.map((rules) => sortedLines(rules.map(({ mark }) => mark))),
    sortedLines(said.map((field) => `${field} ${JSON.stringify(policy[field])}`)),
  ].join("\n\n");
}

const sortedLines = (lines: readonly string[]): string =>
  lines.length === 1 ? (lines[0] ?? "") : lines.toSorted().join("\n");

/** One reusable policy in the place of all others, which are deleted; nothing where none of them is reusable. */
function united(kept: Standing, others: readonly Standing[]): Fix | undefined {
  if (!kept.isReusable) return undefined;
  const gone = new Set(others.map(({ policy }) => policy["id"]));
  const applications = new Set(others.flatMap((other) => other.applications));
  const link = { id: kept.policy["id"], reusable: true };
  const relinks = [...applications].map((application) => {
    const links = linksOf(application).map((one) => (gone.has(idOf(one)) ? link : one));
    return relinked(
      application,
      links.filter((one, at) => links.findIndex((other) => idOf(other) === idOf(one)) === at),
    );
  });
  const deletions = others
    .filter(({ isReusable }) => isReusable)
    .map(({ policy }) => ({ operation: "delete_policy", arguments: { policy_id: policy["id"] } }));
  return planOf([...relinks, ...deletions]);
}

/** From so many on a list of addresses is one that somebody has to keep. */
const many = 10;
const quietDays = 90;

/** When people were last seen, or else first known, by e-mail address; ISO 8601. */
function lastLogins(estate: Estate): ReadonlyMap<string, string> {
  const users = estate.known("users") ?? [];
  return new Map(
    users.map(({ email, last_successful_login, created_at }) => [
      addressOf(email),
      textOf(last_successful_login) || textOf(created_at),
    ]),
  );
}

const addressOf = (email: unknown): string => textOf(email).toLowerCase();

/** Addresses of people whom a directory has marked as gone. */
const departed = (estate: Estate): ReadonlySet<string> =>
  new Set(
    (estate.known("idp_scim") ?? [])
      .filter(({ active }) => active === false)
      .flatMap(({ emails }) => listOf(emails).map(({ value }) => addressOf(value))),
  );

/** Whether the person of an address has left, or was not seen for long. */
const isGone = (estate: Estate, address: string): boolean =>
  estate.once(departed).has(address) ||
  Date.parse(estate.once(lastLogins).get(address) ?? "") < estate.now - quietDays * day;

/** Whether those whom a policy or group matches come in somewhere. */
const letsIn = ({ standing }: Holder, uses: readonly Use[]): boolean =>
  standing === undefined ? uses.some((use) => sideOf(use) === "in") : standing.policy["decision"] === "allow";

/** What is wrong with the addresses in a policy or group. */
function* handwritten(estate: Estate, holder: Holder): Iterable<Found> {
  const { item } = holder;
  const addresses = rulesOf(item).include.filter(({ selector }) => selector === "email");
  const left = addresses.filter(({ argument }) => isGone(estate, addressOf(argument["email"])));
  if (addresses.length < many && left.length === 0) return;
  const uses = usesOf(estate, holder);
  if (!letsIn(holder, uses)) return;
  const rest = { subject: holderSubject(holder), related: applicationsOf(uses) };
  const choose = { include: "a group of the directory, or a list of addresses that somebody keeps" };
  if (addresses.length >= many) {
    const says = `${addresses.length} addresses are kept by hand`;
    yield { ...rest, says, field: "include", value: item["include"], fix: holderFix(holder, {}, choose) };
  }
  if (left.length === 0) return;
  const include = without(item, "include", left);
  yield {
    ...rest,
    says: `${left.length} of its addresses belong to people who have left or have not logged in for ${quietDays} days`,
    value: left.map(({ field, argument: { email } }) => {
      return { field, email, last_seen: estate.once(lastLogins).get(addressOf(email)) ?? null };
    }),
    mark: "left",
    fix: include.length > 0 ? holderFix(holder, { include }) : holderFix(holder, {}, choose),
  };
}

const staff = { email_domain: { domain: "example.com" } };
const mail = (name: string) => ({ email: { email: `${name}@example.com` } });
const allow = (id: string, ...include: readonly Members[]): Members => ({ id, name: id, decision: "allow", include });
const site = (...policies: readonly Members[]): Members => ({
  id: "site",
  type: "self_hosted",
  domain: "site.example.com",
  policies,
});
const user = (name: string, last_successful_login: string): Members => ({
  id: name,
  email: `${name}@example.com`,
  last_successful_login,
});

/** Policies that somebody should tidy up: `POL-23` to `POL-25`. */
export default family(
  {
    id: "POL-23",
    title: "Reusable policy that nothing uses",
    severity: "low",
    why: "Nobody looks after it, and one day it is attached by mistake.",
    reads: ["policies"],
    also: ["applications"],
    *find(estate) {
      const isKnown = estate.known("applications") !== undefined;
      for (const standing of everyPolicy(estate)) {
        const { policy, isReusable, applications } = standing;
        const count = policy["app_count"] ?? (isKnown ? applications.length : undefined);
        if (!isReusable || count !== 0 || applications.length > 0) continue;
        yield about(standing, {
          says: "no application uses it",
          field: "app_count",
          value: policy["app_count"],
          certain: isKnown,
          ...(/template/i.test(textOf(policy["name"])) && { severity: "info" }),
          fix: { steps: [{ operation: "delete_policy", arguments: { policy_id: policy["id"] } }] },
        });
      }
    },
    remedy: "Delete it.",
    falsePositive: "A template for policies to come; one that is named so counts less.",
    source: "the API's own field app_count",
    flagged: [
      { says: "counted as such", account: { policies: [{ ...allow("p", staff), app_count: 0 }] } },
      {
        says: "not counted, and in no application",
        account: { policies: [allow("p", staff)], applications: [site()] },
      },
      { says: "a template, which counts less", account: { policies: [{ ...allow("Template", staff), app_count: 0 }] } },
    ],
    clean: [
      { says: "used", account: { policies: [{ ...allow("p", staff), app_count: 1 }] } },
      {
        says: "used, whatever the count says",
        account: {
          policies: [{ ...allow("p", staff), app_count: 0 }],
          applications: [site({ id: "p", reusable: true })],
        },
      },
    ],
  },
  {
    id: "POL-24",
    title: "Policies that say the same",
    severity: "low",
    why: "Sooner or later one of them is changed and the others are forgotten.",
    reads: ["policies", "applications"],
    *find(estate) {
      const same = new Map<string, Standing[]>();
      for (const standing of everyPolicy(estate)) {
        const { policy, applications } = standing;
        // Infrastructure cannot use reusable policies.
        const mark = applications.some(({ type }) => type === "infrastructure") ? undefined : canonical(policy);
        if (mark === undefined) continue;
        const others = same.get(mark);
        if (others === undefined) same.set(mark, [standing]);
        else others.push(standing);
      }
      for (const alike of same.values()) {
        const [kept, ...others] = alike.toSorted(reusableFirst);
        if (kept === undefined || others.length === 0) continue;
        const fix = united(kept, others);
        const applications = [kept, ...others].flatMap((one) => one.applications);
        yield about(kept, {
          says: `${others.length} other policies say the same`,
          value: [kept, ...others].map(({ policy }) => policy["id"]),
          related: applicationSubjects([...new Set(applications)]),
          ...(fix && { fix }),
        });
      }
    },
    remedy: "Keep one reusable policy, use it everywhere, and delete the others.",
    falsePositive: "None; policies that will differ tomorrow may stay apart.",
    source: "own judgement",
    flagged: [
      {
        says: "a reusable one and one of an application, in another order",
        account: {
          policies: [allow("shared", staff, mail("guest")), { ...allow("again", mail("guest"), staff), require: [] }],
          applications: [site({ ...allow("own", mail("guest"), staff), reusable: false, precedence: 1 })],
        },
      },
      {
        says: "two of applications",
        account: {
          applications: [
            site({ ...allow("one", staff), reusable: false }),
            { ...site({ ...allow("two", staff), reusable: false }), id: "other" },
          ],
        },
      },
    ],
    clean: [
      {
        says: "other sessions, other decisions",
        account: {
          policies: [
            allow("one", staff),
            { ...allow("two", staff), session_duration: "1h" },
            { ...allow("three", staff), decision: "deny" },
            { ...allow("four", staff), mfa_config: { allowed_authenticators: ["totp"] } },
          ],
        },
      },
    ],
  },
  {
    id: "POL-25",
    title: "Addresses kept by hand: people who left, misspelt domains",
    severity: "medium",
    why: "No directory takes people out of such a list when they leave, or adds those who join.",
    reads: ["policies", "applications"],
    also: ["groups", "users", "idp_scim"],
    lacks: lackOf("groups", "users"),
    *find(estate) {
      const including = rulesBy(estate, "email").filter(({ place }) => place === "include");
      for (const holder of new Set(including.map((one) => one.holder))) yield* handwritten(estate, holder);
      yield* misspelt(estate);
    },
    remedy: "Use a group of the directory, or a list of addresses, and take out those who left.",
    falsePositive: "Guests who come seldom and are in no directory.",
    source: "own judgement",
    flagged: [
      {
        says: "ten addresses",
        account: { policies: [allow("p", ...Array.from({ length: 10 }, (_, at) => mail(`person${at}`)))] },
      },
      {
        says: "a domain with a letter missing",
        account: {
          policies: [allow("p", { email_domain: { domain: "exmple.com" } })],
          users: ["ada", "bo", "cy"].map((name) => user(name, "2026-10-30T00:00:00Z")),
        },
      },
      {
        says: "somebody who was not seen since spring, in a group",
        account: {
          policies: [allow("p", { group: { id: "g" } })],
          groups: [{ id: "g", include: [mail("ada"), mail("bob")] }],
          users: [user("ada", "2026-10-30T00:00:00Z"), user("bob", "2026-03-30T00:00:00Z")],
        },
      },
      {
        says: "somebody whom the directory has marked as gone",
        account: {
          policies: [allow("p", mail("bob"))],
          idp_scim: [{ id: "1", active: false, emails: [{ value: "Bob@example.com" }] }],
        },
      },
    ],
    clean: [
      {
        says: "two domains of one company, a letter apart",
        account: {
          policies: [allow("p", { email_domain: { domain: "exmple.com" } })],
          users: ["ada", "bo", "cy"]
            .map((name) => user(name, "2026-10-30T00:00:00Z"))
            .concat({ id: "d", email: "d@exmple.com", last_successful_login: "2026-10-30T00:00:00Z" }),
        },
      },
      {
        says: "few, who were here lately",
        account: { policies: [allow("p", mail("ada"), mail("new"))], users: [user("ada", "2026-10-30T00:00:00Z")] },
      },
      {
        says: "somebody who left is blocked",
        account: {
          policies: [{ ...allow("p", mail("bob")), decision: "deny" }],
          users: [user("bob", "2026-03-30T00:00:00Z")],
        },
      },
    ],
  },
);

/** The one to keep, whatever the order of lists. */
function reusableFirst(one: Standing, other: Standing): number {
  if (one.isReusable !== other.isReusable) return one.isReusable ? -1 : 1;
  return textOf(one.policy["id"]) < textOf(other.policy["id"]) ? -1 : 1;
}
