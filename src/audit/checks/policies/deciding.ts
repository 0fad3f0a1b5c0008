import { type Found, type Severity, severities } from "../../check.ts";
import type { Estate } from "../../estate.ts";
import { applicationSubjects } from "../shared/attached.ts";
import type { Rule } from "../shared/closure.ts";
import { holderFix, holderSubject, rulesBy, type Use, usesOfRule } from "../shared/placed.ts";

/** Whether those whom a rule matches come in by a policy or are kept out. */
export const sideOf = ({ standing, helps }: Use): "in" | "out" =>
  (standing.policy["decision"] === "deny") === helps ? "out" : "in";

/** The applications of the policies to which something matters. */
export const applicationsOf = (uses: readonly Pick<Use, "standing">[]): Found["related"] =>
  applicationSubjects([...new Set(uses.flatMap(({ standing }) => standing.applications))]);

/** What is wrong with one rule. */
export type Flaw = Pick<Found, "says" | "severity" | "certain" | "mark">;

/**
 * Findings about rules of one selector: each rule once, at the policy or group that has it, as bad as it is anywhere,
 * with all applications that it concerns. `choose` says what the owner shall put in the place of its list.
 */
export function* flawed(
  estate: Estate,
  selector: string,
  choose: string,
  flawOf: (rule: Rule, use: Use) => Flaw | undefined,
): Iterable<Found> {
  for (const placed of rulesBy(estate, selector)) {
    const { rule, place, holder } = placed;
    const flaws = usesOfRule(estate, placed).flatMap((use) => {
      const flaw = flawOf(rule, use);
      return flaw === undefined ? [] : [{ ...use, flaw }];
    });
    const worst = flaws.toSorted((one, other) => rank(one.flaw.severity) - rank(other.flaw.severity))[0];
    if (worst === undefined) continue;
    yield {
      subject: holderSubject(holder),
      field: rule.field,
      value: rule.rule,
      related: applicationsOf(flaws),
      ...worst.flaw,
      fix: holderFix(holder, {}, { [place]: choose }),
    };
  }
}

/** Without a severity of its own a flaw is in the middle, as its check is. */
const rank = (severity: Severity = "medium"): number => severities.indexOf(severity);
