import type { Members } from "../../../core/change.ts";
import { type Fix, family } from "../../check.ts";
import type { Estate } from "../../estate.ts";
import { type Attached, applicationSubjects, policiesOn, policyFix, policySubject } from "../shared/attached.ts";
import { ensuredBy, ensures, type Rule, rulesAt, waysInto } from "../shared/closure.ts";
import { lackOf } from "../shared/whole.ts";
import { logicOf } from "./implication.ts";
import { isCredential, isPersonal, personal } from "./kinds.ts";
import { documentation, evidence, idOf, linksOf, planOf, relinked } from "./told.ts";

/** A policy that another stands before, and the applications in which it does. */
interface Pair {
  readonly first: Attached;
  readonly second: Attached;
  readonly applications: Members[];
}

const isEarly = ({ policy }: Attached): boolean =>
  policy["decision"] === "bypass" || policy["decision"] === "non_identity";
const isLate = ({ policy }: Attached): boolean => policy["decision"] === "allow" || policy["decision"] === "deny";

/** Pairs of policies of an application, with their places in it; the same pair of reusable ones counts once. */
function pairs(
  estate: Estate,
  isPair: (first: Attached, second: Attached, isInOrder: boolean) => boolean,
): readonly Pair[] {
  const found = new Map<string, Pair>();
  for (const application of estate.items("applications")) {
    const policies = policiesOn(estate, application);
    for (const [at, second] of policies.entries()) {
      for (const [place, first] of policies.entries()) {
        if (!isPair(first, second, place < at)) continue;
        const own = first.isReusable && second.isReusable ? "" : application["id"];
        const mark = [own, first.policy["id"] ?? place, second.policy["id"] ?? at].join(" ");
        const pair = found.get(mark);
        if (pair === undefined) found.set(mark, { first, second, applications: [application] });
        else pair.applications.push(application);
      }
    }
  }
  return [...found.values()];
}

/** Allow and block policies of which one before them leaves nobody. */
function covered(estate: Estate): readonly Pair[] {
  const logic = logicOf(estate);
  return pairs(
    estate,
    (first, second, isInOrder) =>
      isInOrder && isLate(first) && isLate(second) && logic.isCovered(second.policy, first.policy),
  );
}

/** Puts the second before the first in every application; those of infrastructure show no order to change. */
function swapped({ first, second, applications }: Pair): Fix | undefined {
  const steps = applications
    .filter(({ type }) => type !== "infrastructure")
    .map((application) => {
      const links = linksOf(application).toSorted((one, other) => placeOf(one) - placeOf(other));
      const moved = links.filter((link) => idOf(link) === second.policy["id"]);
      const others = links.filter((link) => !moved.includes(link));
      const at = others.findIndex((link) => idOf(link) === first.policy["id"]);
      return relinked(application, [...others.slice(0, at), ...moved, ...others.slice(at)]);
    });
  return planOf(steps);
}

const placeOf = (link: unknown): number =>
  Number((typeof link === "object" && link !== null && "precedence" in link && link.precedence) || 0);

/** What both say, for the evidence. */
const orderOf = ({ first, second }: Pair): Members => ({
  before: { id: first.policy["id"], decision: first.policy["decision"], precedence: first.precedence },
  this: { decision: second.policy["decision"], precedence: second.precedence },
});

/** One way in which a policy lets somebody through without a login. */
interface Door {
  readonly conditions: readonly Rule[];
  readonly exclude: readonly Rule[];
  readonly forMachines: boolean;
}

const everyDoor = (_: Estate): Map<Members, readonly Door[]> => new Map();

function doorsOf(estate: Estate, early: Members): readonly Door[] {
  const known = estate.once(everyDoor);
  const doors =
    known.get(early) ??
    waysInto(estate, early).flatMap(({ rules, require, exclude }) => {
      // Rules about people never match before a login.
      if (ensures(estate, require, isPersonal) !== false) return [];
      const open = [...rules].flatMap(([selector, same]) =>
        selector === "" || selector === "group" || personal.has(selector) ? [] : same,
      );
      return open.map((rule): Door => {
        const conditions = [rule, ...require];
        return { conditions, exclude, forMachines: ensures(estate, conditions, isCredential) === true };
      });
    });
  known.set(early, doors);
  return doors;
}

/** Whom a block policy names, in one way: rules about people alike, since no policy before a login tells them apart. */
function namedIn(estate: Estate, block: Members): readonly { met: readonly Rule[]; fields: readonly string[] }[] {
  return waysInto(estate, block).flatMap(({ rules, require, entrance }) => {
    const meant = [...rules].filter(([selector]) => !["everyone", "group", ""].includes(selector));
    const people = meant.flatMap(([selector, same]) => (personal.has(selector) ? same : []));
    const others = meant.flatMap(([selector, same]) => (personal.has(selector) ? [] : same));
    const alike = [...(people.length > 0 ? [people] : []), ...others.map((rule) => [rule])];
    return alike.map((same) => ({
      met: [...same.slice(0, 1), ...require],
      fields: entrance === undefined ? same.map(({ field }) => field) : [entrance],
    }));
  });
}

/** Whether those who meet some rules come through a door: surely, perhaps, or not. */
function passes(estate: Estate, met: readonly Rule[], { conditions, exclude, forMachines }: Door) {
  const logic = logicOf(estate);
  const isLeftOut = (rule: Rule) => ensuredBy(estate, rule, isPersonal) === false && logic.follows(met, rule);
  if (exclude.some(isLeftOut) || conditions.some((rule) => logic.contradicts(met, rule))) return undefined;
  if (exclude.length === 0 && conditions.every((rule) => logic.follows(met, rule))) return "sure";
  const [rule] = met;
  const isSame = rule !== undefined && conditions.some((one) => logic.follows([one], rule));
  return forMachines && !isSame ? undefined : "possible";
}

/** Moves what a block policy says into a policy that is looked at before; after a login where people are meant. */
function leftOut(estate: Estate, { first, second, applications }: Pair): Fix | undefined {
  const [policy, early] = [second.policy, first.policy];
  const include = rulesAt(policy, "include");
  const standing = { policy: early, isReusable: first.isReusable, applications };
  if (include.some((rule) => ensuredBy(estate, rule, isPersonal) !== false)) {
    return policyFix(standing, { decision: "allow" });
  }
  if (rulesAt(policy, "require").length > 0 || rulesAt(policy, "exclude").length > 0) return undefined;
  const exclude = [...rulesAt(early, "exclude"), ...include].map(({ rule }) => rule);
  return policyFix(standing, { exclude });
}

const staff = { email_domain: { domain: "example.com" } };
const ada = { email: { email: "ada@example.com" } };
const everyone = { everyone: {} };
const office = { ip: { ip: "203.0.113.0/24" } };

const country = { geo: { country_code: "KP" } };
const ownCode = { external_evaluation: { evaluate_url: "https://checks.example.com" } };
const robots = { decision: "non_identity", include: [{ service_token: { token_id: "robot" } }] };
const allow = (rule: Members): Members => ({ decision: "allow", include: [rule] });
const block = (rule: Members): Members => ({ decision: "deny", include: [rule] });
const bypass = (rule: Members): Members => ({ decision: "bypass", include: [rule] });

/** An application with policies of its own, in this order. */
const site = (...policies: readonly Members[]): Members => ({
  id: "site",
  type: "self_hosted",
  domain: "site.example.com",
  policies: policies.map((policy, at) => ({
    id: `p${at}`,
    name: `Policy ${at}`,
    reusable: false,
    precedence: at + 1,
    ...policy,
  })),
});

/** Policies that never get their turn: `POL-13` and `POL-14`. */
export default family(
  {
    id: "POL-13",
    title: "Policy that is never reached",
    severity: "medium",
    why: "The first allow or block policy that matches decides; whoever this one is for has been decided on before.",
    reads: ["applications", "policies"],
    also: ["groups"],
    lacks: lackOf("groups"),
    *find(estate) {
      for (const pair of estate.once(covered)) {
        const fix = swapped(pair);
        yield {
          subject: policySubject(pair.second),
          says: "a policy before it matches all whom it could match",
          value: orderOf(pair),
          mark: String(pair.first.policy["id"]),
          // Infrastructure knows some selectors only; what others mean there nobody says.
          certain: !pair.applications.some(({ type }) => type === "infrastructure"),
          related: applicationSubjects(pair.applications),
          ...(fix && { fix }),
        };
      }
    },
    remedy: "Put the narrower policy first, or take it away.",
    falsePositive: "It may be kept for the day on which the one before it goes.",
    source: documentation,
    flagged: [
      { says: "an address after its domain", account: { applications: [site(allow(staff), allow(ada))] } },
      {
        says: "both leave out the same",
        account: { applications: [site({ ...allow(staff), exclude: [office] }, { ...allow(ada), exclude: [office] })] },
      },
      {
        says: "reusable ones, through groups, in the order of their precedence",
        account: {
          applications: [
            {
              id: "site",
              policies: [
                { id: "narrow", reusable: true, precedence: 2 },
                { id: "wide", reusable: true, precedence: 1 },
              ],
            },
          ],
          policies: [
            { id: "narrow", ...allow({ group: { id: "some" } }), require: [office] },
            { id: "wide", ...allow({ group: { id: "all" } }), exclude: [{ email: { email: "bob@other.example" } }] },
          ],
          groups: [
            { id: "some", include: [ada, { email: { email: "eve@example.com" } }] },
            { id: "all", include: [staff, { okta: { name: "all", identity_provider_id: "okta" } }] },
          ],
        },
      },
    ],
    clean: [
      { says: "the narrower one first", account: { applications: [site(allow(ada), allow(staff))] } },
      {
        says: "the first has a condition",
        account: { applications: [site({ ...allow(staff), require: [office] }, allow(ada))] },
      },
      {
        says: "the first leaves somebody out",
        account: { applications: [site({ ...allow(staff), exclude: [ada] }, allow(ada))] },
      },
      {
        says: "one's own code may decide otherwise the second time",
        account: { applications: [site(allow(ownCode), allow(ownCode))] },
      },
    ],
  },
  {
    id: "POL-14",
    title: "Block policy that comes too late",
    severity: "high",
    why: "Bypass and Service Auth are looked at before every block policy, and an allow policy above it wins too: those it names come in.",
    reads: ["applications", "policies"],
    also: ["groups"],
    lacks: lackOf("groups"),
    *find(estate) {
      for (const pair of estate.once(covered)) {
        if (pair.second.policy["decision"] !== "deny" || pair.first.policy["decision"] === "deny") continue;
        const fix = swapped(pair);
        yield {
          subject: policySubject(pair.second),
          says: "an allow policy before it lets in all whom it should block",
          value: orderOf(pair),
          mark: String(pair.first.policy["id"]),
          related: applicationSubjects(pair.applications),
          ...(fix && { fix }),
        };
      }
      const isBlock = ({ policy }: Attached) => policy["decision"] === "deny";
      for (const pair of pairs(estate, (first, second) => isEarly(first) && isBlock(second))) {
        const [early, block] = [pair.first.policy, pair.second.policy];
        const doors = doorsOf(estate, early);
        const verdicts = (doors.length === 0 ? [] : namedIn(estate, block)).map(({ met, fields }) => {
          const found = doors.map((door) => passes(estate, met, door));
          return { fields, verdict: found.includes("sure") ? "sure" : found.find((one) => one !== undefined) };
        });
        const isSure = verdicts.some(({ verdict }) => verdict === "sure");
        const through = verdicts.filter(({ verdict }) => verdict === (isSure ? "sure" : "possible"));
        if (through.length === 0) continue;
        const fix = leftOut(estate, pair);
        yield {
          subject: policySubject(pair.second),
          says: isSure
            ? `a ${early["decision"] === "bypass" ? "bypass" : "Service Auth"} policy lets them through before it`
            : "some of those it should block may come through a policy that asks for no login",
          ...evidence(
            block,
            through.flatMap(({ fields }) => fields.map((field) => ({ field }))),
          ),
          mark: String(pair.first.policy["id"]),
          related: applicationSubjects(pair.applications),
          ...(!isSure && { severity: "medium", certain: false }),
          ...(fix && { fix }),
        };
      }
    },
    remedy: "Exclude them in the policy that lets them in, or put the block policy before the allow policy.",
    falsePositive: "None where it is certain; else a request may meet only one of the two.",
    source: documentation,
    flagged: [
      { says: "a bypass for everyone", account: { applications: [site(block(ada), bypass(everyone))] } },
      {
        says: "an address of a network that Service Auth lets in",
        account: {
          applications: [site(block({ ip: { ip: "203.0.113.9" } }), { decision: "non_identity", include: [office] })],
        },
      },
      { says: "somebody who may be in the office", account: { applications: [site(block(ada), bypass(office))] } },
      { says: "after an allow policy", account: { applications: [site(allow(staff), block(ada))] } },
    ],
    clean: [
      { says: "before the allow policy", account: { applications: [site(block(ada), allow(staff))] } },
      {
        says: "left out of the bypass",
        account: { applications: [site(block(country), { ...bypass(everyone), exclude: [country] })] },
      },
      {
        says: "everybody else is blocked at the end, and machines have tokens",
        account: { applications: [site(robots, allow(staff), block(everyone))] },
      },
      { says: "people are blocked, machines have tokens", account: { applications: [site(robots, block(ada))] } },
    ],
  },
);
