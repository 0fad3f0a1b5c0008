import { type AccessOutcome, type Decision, type Gate, pass } from "./evaluate.ts";
import type { Identity, Verdict } from "./selectors.ts";

/** Outcomes that let somebody in. */
export const letsIn: ReadonlySet<AccessOutcome> = new Set([
  "allowed",
  "allowed_after_approval",
  "bypassed",
  "service_auth",
]);

/** Whether a decision lets somebody in. */
export function admits({ outcomes }: Pick<Decision, "outcomes">): Verdict {
  const good = [...outcomes].filter((outcome) => letsIn.has(outcome)).length;
  return good === 0 ? false : good === outcomes.size ? true : undefined;
}

/** An identity by each way that it can log in: people choose the identity provider. */
const waysOf = (identity: Identity, { logins = [] }: Gate): readonly Identity[] =>
  identity.login_method !== undefined || logins.length === 0
    ? [identity]
    : logins.map((login_method) => ({ ...identity, login_method }));

/** The passes of an identity by each way that it can log in. */
export const passesOf = (identity: Identity, gate: Gate): readonly Decision[] =>
  waysOf(identity, gate).map((way) => pass(way, gate));

/** Whether an identity surely stays outside, whichever way it takes; no further than the first way that may lead in. */
export const staysOut = (identity: Identity, gate: Gate): boolean =>
  waysOf(identity, gate).every((way) => admits(pass(way, gate)) === false);

/** Whether somebody gets into an application, as far as it is known. */
export interface Ability {
  /** Nothing where it depends on what is not known. */
  readonly verdict: Verdict;
  /** Marks of the facts that would settle it. */
  readonly missing: readonly string[];
}

/** Whether an identity gets into an application: by the way it logs in where that is known, else by the best there is. */
export function abilityOf(identity: Identity, gate: Gate): Ability {
  const passes = passesOf(identity, gate);
  const verdicts = passes.map(admits);
  const verdict = verdicts.includes(true) ? true : verdicts.includes(undefined) ? undefined : false;
  return { verdict, missing: passes.flatMap(({ trace }) => trace.flatMap(({ missing }) => missing)) };
}

/** Looks at most at so many cases of what is not known; a change that needs more is not shown to be harmless. */
const mostCases = 1000;

/** The two cases of a fact, until there have been too many. */
function* casesOf(identity: Identity, open: string | undefined, count: { left: number }): Generator<Identity> {
  for (const fact of [true, false]) {
    if (open === undefined || count.left-- <= 0) return;
    yield { ...identity, facts: new Map(identity.facts).set(open, fact) };
  }
}

/** Whether it is always so, whatever the facts are, that an identity gets in or does not; after too many cases it is not shown. */
function isAlways(wanted: boolean, identity: Identity, gate: Gate, count = { left: mostCases }): boolean {
  const { verdict, missing } = abilityOf(identity, gate);
  if (verdict !== undefined) return verdict === wanted;
  const cases = [...casesOf(identity, missing[0], count)];
  return cases.length === 2 && cases.every((one) => isAlways(wanted, one, gate, count));
}

/**
 * Whether an identity that gets in before still does after. Who surely got in must surely get in. Of whom that is not
 * sure it is enough that some facts let them in before and after alike; a rule that was not asked before counts against them.
 */
export function keepsStanding(identity: Identity, before: Gate, after: Gate): boolean {
  if (isAlways(true, identity, before)) return isAlways(true, identity, after);
  const count = { left: mostCases };
  const survives = (known: Identity): boolean => {
    const [was, is] = [abilityOf(known, before), abilityOf(known, after)];
    if (was.verdict === false || is.verdict === false) return false;
    if (was.verdict === true && is.verdict === true) return true;
    for (const one of casesOf(known, was.missing[0], count)) if (survives(one)) return true;
    return false;
  };
  // Whom no facts let in before has nothing to lose: rules can rule each other out.
  return survives(identity) || isAlways(false, identity, before);
}
