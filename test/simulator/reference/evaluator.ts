import type { Members } from "../../../src/core/change.ts";
import { ruleKey } from "../../../src/simulator/selectors.ts";
import type { Case } from "./case.ts";
import { holds, holdsByOneValue, logsIn, type Visit } from "./holds.ts";
import { type Ask, everyWay, isEverSo } from "./possibilities.ts";

type Verdict = boolean | undefined;
type Rules = readonly Readonly<Record<string, Members>>[];

/** What may happen in a case: the outcomes, and the policies that were looked at with what became of each. */
export interface Walk {
  readonly outcomes: readonly string[];
  readonly steps: readonly (readonly [policy: string, verdict: Verdict])[];
}

/** Decides questions about a visit; the third value is for those that nobody can decide. */
type Decide = (question: (visit: Visit) => boolean, mark?: string) => Verdict;

const or = (verdicts: readonly Verdict[]): Verdict =>
  verdicts.some((one) => one === true) || (verdicts.every((one) => one === false) ? false : undefined);
const not = (verdict: Verdict): Verdict => (verdict === undefined ? undefined : !verdict);
const and = (verdicts: readonly Verdict[]): Verdict => not(or(verdicts.map(not)));

/** Whether a rule is decided: in every way that what is not known may be, it comes out alike. */
function decided(one: Case, question: (visit: Visit) => boolean): Verdict {
  const { results } = everyWay((ask) => question({ one, ask }), 100_000);
  return results.size === 1 ? results.has(true) : undefined;
}

/** What may happen by the algorithm of three values. */
export const byThreeValues = (one: Case): Walk =>
  walk(one, (question, mark) => decided(one, question) ?? (mark === undefined ? undefined : one.facts[mark]));

/** What happens when everything is known, be it by asking. */
export const inOneWay = (visit: Visit): string => {
  const decide: Decide = (question, mark) =>
    mark !== undefined && mark in visit.one.facts && decided(visit.one, question) === undefined
      ? visit.one.facts[mark]
      : question(visit);
  return walk(visit.one, decide).outcomes.join();
};

function walk(one: Case, decide: Decide): Walk {
  const outcomes = new Set<string>();
  const steps: [string, Verdict][] = [];
  const ordered = policiesOf(one);
  const isEarly = ({ decision }: Members) => decision === "bypass" || decision === "non_identity";
  for (const policy of [...ordered.filter(isEarly), ...ordered.filter((late) => !isEarly(late))]) {
    const matched = match(policy, String(policy["decision"]), one, decide);
    // Allow and Block are for users, so for those who can log in; nobody else passes them.
    const verdict = isEarly(policy) ? matched : and([matched, decide(logsIn)]);
    steps.push([String(policy["id"]), verdict]);
    if (verdict !== false) outcomes.add(outcomeOf(policy, one));
    if (verdict === true) return { outcomes: [...outcomes], steps };
  }
  return { outcomes: [...outcomes, "denied_by_default"], steps };
}

/** The policies of the application by precedence, else as they are listed; reusable ones as the account has them. */
function policiesOf({ application, account }: Case): readonly Members[] {
  const links = (application["policies"] ?? []) as readonly Members[];
  const order = links.map((link, at) => [Number(link["precedence"] ?? at), link] as const);
  return order
    .sort(([first], [second]) => first - second)
    .flatMap(([, link]): readonly Members[] => {
      const shared = account.policies?.filter(({ id }) => id === link["id"]) ?? [];
      if (link["reusable"] === false || account.policies === undefined) return [link];
      // A copy of a reusable policy that is gone is none.
      return shared.length > 0 || link["reusable"] === true ? shared : [link];
    });
}

/**
 * Rules that are not known may still be known not to hold together: a visit has one country, one e-mail address and so
 * on. When no such values let a policy or group match, nobody meets it, whatever else is not known.
 */
function match(holder: Members, decision: string, one: Case, decide: Decide, above: readonly unknown[] = []): Verdict {
  const told = byPlaces(holder, decision, one, decide, above);
  if (told !== undefined) return told;
  const mayMatch = (ask: Ask) => byPlaces(holder, decision, one, decide, above, ask) !== false;
  return isEverSo(mayMatch) ? undefined : false;
}

function byPlaces(
  holder: Members,
  decision: string,
  one: Case,
  decide: Decide,
  above: readonly unknown[],
  value?: Ask,
): Verdict {
  const at = (place: string) =>
    ((holder[place] ?? []) as Rules).flatMap((rule) =>
      Object.entries(rule).map(([selector, argument]) =>
        verdictOn(selector, argument, decision, one, decide, above, value),
      ),
    );
  return and([or(at("include")), and(at("require")), not(or(at("exclude")))]);
}

function verdictOn(
  selector: string,
  argument: Members,
  decision: string,
  one: Case,
  decide: Decide,
  above: readonly unknown[],
  value?: Ask,
): Verdict {
  const mark = ruleKey(selector, argument);
  if (selector !== "group") {
    const told = decide((visit) => holds(selector, argument, decision, visit), mark);
    return told === undefined && value ? holdsByOneValue(selector, argument, { one, ask: value }) : told;
  }
  const { id } = argument;
  const isEarly = decision === "bypass" || decision === "non_identity";
  if (!isEarly && one.identity.groups?.includes(String(id))) return true;
  const group = one.account.groups?.find((each) => each["id"] === id);
  // What a group means that is not there or leads back to itself, nobody says.
  if (group === undefined || above.includes(id)) return decide(({ ask }) => ask(`group ${id}`, [false, true]), mark);
  const inner = [...above, id];
  return value ? byPlaces(group, decision, one, decide, inner, value) : match(group, decision, one, decide, inner);
}

const zero = "0s";

function outcomeOf({ decision, session_duration, approval_required }: Members, one: Case): string {
  if (decision === "deny") return "blocked";
  if (decision === "bypass") return "bypassed";
  if (decision === "non_identity") return "service_auth";
  // Those whose session ends at once never get in.
  const own = session_duration ?? one.application["session_duration"];
  if (own === zero || one.account.organization?.[0]?.["session_duration"] === zero) return "blocked";
  return approval_required === true ? "allowed_after_approval" : "allowed";
}
