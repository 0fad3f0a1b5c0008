import { type Row, rowOf, rowsOf, textOf } from "../store.ts";
import type { World } from "../world.ts";

/** Yes, no, or not to be told from what the sandbox holds. */
type Verdict = boolean | undefined;

/** Somebody whom policies are tried on. */
export interface Person {
  readonly email: string;
}

const either = (verdicts: readonly Verdict[]): Verdict =>
  verdicts.includes(true) ? true : verdicts.includes(undefined) ? undefined : false;
const all = (verdicts: readonly Verdict[]): Verdict =>
  verdicts.includes(false) ? false : verdicts.includes(undefined) ? undefined : true;
const not = (verdict: Verdict): Verdict => (verdict === undefined ? undefined : !verdict);

type Selector = (argument: Row, person: Person, evaluator: Evaluator) => Verdict;

interface Evaluator {
  readonly world: World;
  readonly scope: string;
  /** Groups on the way here: one inside itself cannot be decided. */
  readonly above: readonly string[];
}

const selectors: Readonly<Record<string, Selector>> = {
  everyone: () => true,
  email: ({ email }, person) => textOf(email).toLowerCase() === person.email,
  email_domain: ({ domain }, person) => person.email.endsWith(`@${textOf(domain).toLowerCase()}`),
  email_list: ({ id }, person, { world, scope }) => {
    const items = `${scope}/gateway/lists/${textOf(id)}/items`;
    if (world.store.find(`${scope}/gateway/lists`, textOf(id)) === undefined) return undefined;
    return world.store.rows(items).some(({ value }) => textOf(value).toLowerCase() === person.email);
  },
  group: ({ id }, person, evaluator) => {
    const { world, scope, above } = evaluator;
    const group = world.store.find(`${scope}/access/groups`, textOf(id));
    if (group === undefined || above.includes(textOf(id))) return undefined;
    return matches(group, person, { ...evaluator, above: [...above, textOf(id)] });
  },
  // Nobody who logs in is a machine.
  service_token: () => false,
  any_valid_service_token: () => false,
};

function holds(rule: Row, person: Person, evaluator: Evaluator): Verdict {
  const [selector = "", argument] = Object.entries(rule)[0] ?? [];
  return selectors[selector]?.(rowOf(argument), person, evaluator);
}

/** Include OR, require AND, exclude NOT; an empty include matches nobody. */
function matches(holder: Row, person: Person, evaluator: Evaluator): Verdict {
  const verdicts = (place: string) => rowsOf(holder[place]).map((rule) => holds(rule, person, evaluator));
  return all([either(verdicts("include")), all(verdicts("require")), not(either(verdicts("exclude")))]);
}

/** How Access decides on a person: bypass and service auth first, then block and allow, each in order; else no entry. */
export function decide(
  policies: readonly Row[],
  person: Person,
  world: World,
  scope: string,
): "approved" | "blocked" | "error" {
  const early = (policy: Row) => policy["decision"] === "bypass" || policy["decision"] === "non_identity";
  const outcomes = new Set<boolean>();
  for (const policy of [...policies.filter(early), ...policies.filter((policy) => !early(policy))]) {
    const verdict = matches(policy, { email: person.email.toLowerCase() }, { world, scope, above: [] });
    if (verdict === false) continue;
    outcomes.add(policy["decision"] !== "deny");
    if (verdict === true) return outcomes.size > 1 ? "error" : outcomes.has(true) ? "approved" : "blocked";
  }
  return outcomes.has(true) ? "error" : "blocked";
}
