import { asRequest } from "../../../access/applications/attached-policies.ts";
import type { Members } from "../../../core/change.ts";
import { membersOf } from "../../../simulator/fields.ts";
import type { Fix, Found } from "../../check.ts";
import type { Estate } from "../../estate.ts";
import { applicationSubjects, everyPolicy, policySubject, type Standing } from "../shared/attached.ts";
import type { Branch, Place, Rule } from "../shared/closure.ts";
import { mayMatchBy } from "../shared/placed.ts";

/** Where most of what is said here is documented. */
export const documentation = "https://developers.cloudflare.com/cloudflare-one/access-controls/policies/";

function byDecision(estate: Estate): ReadonlyMap<unknown, readonly Standing[]> {
  const found = new Map<unknown, Standing[]>();
  for (const standing of everyPolicy(estate)) {
    const { decision } = standing.policy;
    const same = found.get(decision);
    if (same === undefined) found.set(decision, [standing]);
    else same.push(standing);
  }
  return found;
}

/** Every policy with one of some decisions. */
export const policiesThat = (estate: Estate, ...decisions: readonly string[]): readonly Standing[] =>
  decisions.flatMap((decision) => estate.once(byDecision).get(decision) ?? []);

/** Those of them that may match by a rule of one of some selectors. */
export function policiesBy(
  estate: Estate,
  decisions: readonly string[],
  selectors: Iterable<string>,
): readonly Standing[] {
  const found = Array.from(selectors, (selector) => mayMatchBy(estate, selector));
  return policiesThat(estate, ...decisions).filter(({ policy }) => found.some((policies) => policies.has(policy)));
}

/** What is wrong with a policy, and the applications that it concerns. */
export const about = (standing: Standing, found: Omit<Found, "subject">): Found => ({
  subject: policySubject(standing),
  related: applicationSubjects(standing.applications),
  ...found,
});

/** The same of a policy that lets too many in: of low severity as long as it opens nothing. */
export const opening = (standing: Standing, found: Omit<Found, "subject">): Found =>
  about(standing, { ...found, ...(protectedBy(standing).length === 0 && { severity: "low" }) });

/** The applications of a policy that keep anybody out: a bookmark is only a link. */
export const protectedBy = ({ applications }: Standing): readonly Members[] =>
  applications.filter(({ type }) => type !== "bookmark");

/** Where rules stand in a policy: the one, or the list of which there are more. */
export function evidence(
  policy: Members,
  found: readonly { readonly field: string }[],
): Pick<Found, "field" | "value" | "first"> {
  const [field = "", ...more] = new Set(found.map((one) => one.field));
  const [place = "", at] = field.split(/[[\]]/);
  if (more.length > 0) return { field: place, value: policy[place], first: field };
  return { field, value: Array.isArray(policy[place]) ? policy[place][Number(at)] : undefined };
}

/** How branches lead there, as the end of a sentence. */
export const route = (branches: readonly Branch[]): string =>
  branches.every(({ way }) => way.through.length > 0) ? ", by way of a group" : "";

/** The rules of a policy at one place but some, as they are written. */
export const without = (policy: Members, place: Place, rules: readonly Rule[]): readonly unknown[] => {
  const gone = new Set<unknown>(rules.map(({ field }) => field));
  const given = policy[place];
  return Array.isArray(given) ? given.filter((_, at) => !gone.has(`${place}[${at}]`)) : [];
};

/** The call that gives an application other policies, or the same in another order. */
export function relinked(application: Members, policies: readonly unknown[]): Fix["steps"][number] {
  const shown = policies.map((policy) => (typeof policy === "string" ? { id: policy, reusable: true } : policy));
  const given = asRequest(shown, false) as readonly Members[];
  const numbered = given.map((policy, at) => ({ ...policy, precedence: at + 1 }));
  return { operation: "update_application", arguments: { app_id: application["id"], policies: numbered } };
}

/** A plan takes no more steps than these. */
const mostSteps = 100;

/** Calls as a fix; none where they are too many for one plan. */
export const planOf = (steps: Fix["steps"]): Fix | undefined =>
  steps.length === 0 || steps.length > mostSteps ? undefined : { steps };

/** Whether an application has no other policy. */
export const isBareWithout = ({ policy, applications }: Standing): boolean =>
  applications.some((application) => linksOf(application).every((link) => idOf(link) === policy["id"]));

/** The calls that take a policy from the applications that use it; one that is of an application alone is deleted. */
export function detached({ policy, isReusable, applications }: Standing): Fix | undefined {
  const steps = applications.map((application) => {
    if (isReusable)
      return relinked(
        application,
        linksOf(application).filter((link) => idOf(link) !== policy["id"]),
      );
    const id = { app_id: application["id"], policy_id: policy["id"] };
    return { operation: "delete_application_policy", arguments: id };
  });
  return planOf(steps);
}

/** The policies of an application as it shows them. */
export const linksOf = ({ policies }: Members): readonly unknown[] => (Array.isArray(policies) ? policies : []);

/** The id of a policy as an application shows it. */
export const idOf = (link: unknown): unknown => (typeof link === "string" ? link : membersOf(link)["id"]);
