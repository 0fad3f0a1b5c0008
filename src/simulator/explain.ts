import type { Members } from "../core/change.ts";
import type { Account } from "./account.ts";
import { quoted } from "./effect/reasons.ts";
import { type AccessOutcome, type Decision, type Gate, pass, type Step } from "./evaluate.ts";
import { factOf, loginKey } from "./facts.ts";
import { type Identity, isMachine, type Verdict } from "./selectors.ts";
import { admits } from "./standing.ts";
import { isStrict } from "./strict.ts";
import { conditionAt, conditionOf, leafAt } from "./wording.ts";

/** Yes, no, or that it depends on what is not known, as answers say it. */
export type Answer = "yes" | "no" | "depends";

export const wordFor = (verdict: Verdict): Answer => (verdict === undefined ? "depends" : verdict ? "yes" : "no");

/** A fact that is not known, and what it would decide. */
export interface Open {
  readonly fact: string;
  /** What of a request tells, in words. */
  readonly needs: string;
  readonly if_true: Answer;
  readonly if_false: Answer;
}

/** Why somebody gets in or not. */
export interface Explanation {
  readonly allowed: Answer;
  readonly certain: boolean;
  readonly says: string;
  readonly outcomes: readonly AccessOutcome[];
  /** The policy that decides, where it is sure which one does. */
  readonly decided_by?: Members;
  readonly depends_on?: readonly Open[];
  readonly trace: readonly Members[];
}

const most = 8;

/** What Access does with somebody at a gate, the policy and rule that decide, and which unknown facts would settle it. */
export function explanationOf(identity: Identity, gate: Gate): Explanation {
  const decision = pass(identity, gate);
  const verdict = admits(decision);
  const { outcomes, certain, trace } = decision;
  const deciding = certain ? trace.at(-1) : undefined;
  const isDecided = deciding?.verdict === true;
  const depends = verdict === undefined ? openIn(decision, identity, gate) : [];
  return {
    allowed: wordFor(verdict),
    certain,
    says: sentenceOf(decision, verdict),
    outcomes: [...outcomes],
    ...(isDecided && { decided_by: { policy: nameOf(deciding), ...ruleThat(deciding, gate) } }),
    ...(depends.length > 0 && { depends_on: depends }),
    trace: trace.map((step) => ({ policy: nameOf(step), ...lineOf(step, identity, gate) })),
  };
}

const nameOf = ({ policy }: Step): Members => ({
  id: policy["id"],
  name: policy["name"],
  decision: policy["decision"],
});

const sentences: Readonly<Record<AccessOutcome, string>> = {
  allowed: "gets in after login",
  allowed_after_approval: "gets in after login, once somebody approves",
  bypassed: "gets in without login and without log",
  service_auth: "gets in without login, by service auth",
  blocked: "is blocked",
  denied_by_default: "is denied: no policy matches",
};

function sentenceOf({ outcomes, trace, certain }: Decision, verdict: Verdict): string {
  const all = [...outcomes].map((outcome) => sentences[outcome]);
  if (trace.length === 0) return "is denied: there is no policy, and Access denies by default.";
  const last = trace.at(-1);
  const by = certain && last?.verdict === true ? `, by policy ${quoted(last.policy["name"] ?? last.policy["id"])}` : "";
  if (verdict === undefined) return `It depends: ${all.join("; or ")}.`;
  return `${all.join("; or ")}${by}.`;
}

/** The rule by which a policy matched. */
function ruleThat({ policy, rules }: Step, { account }: Gate): Members {
  const rule = rules.find(({ place, verdict }) => place === "include" && verdict === true);
  return rule === undefined ? {} : { rule: rule.field, says: conditionOf(leafAt(policy, rule.field), account) };
}

/** What became of a policy, and the rule because of which. */
function lineOf(step: Step, identity: Identity, gate: Gate): Members {
  const { verdict, notes } = step;
  if (verdict === true) return { matches: "yes", ...ruleThat(step, gate), ...(notes.length > 0 && { notes }) };
  return {
    matches: verdict === false ? "no" : "unknown",
    ...(verdict === false ? whyNot : whyOpen)(step, identity, gate),
  };
}

/** Why a policy does not match: what surely fails, never what is not known. */
function whyNot({ policy, rules, login, apart = [] }: Step, identity: Identity, { account }: Gate): Members {
  if (login === false) return { because: noLogin(identity, account) };
  const broken = rules.find(({ place, verdict }) => verdict === (place === "exclude") && place !== "include");
  if (broken !== undefined) {
    const text = conditionOf(leafAt(policy, broken.field), account);
    return { rule: broken.field, because: `${broken.place === "exclude" ? "excluded" : "not met"}: ${text}` };
  }
  if (apart.length === 0) return { because: "no include rule matches" };
  const named = apart.slice(0, few).map((leaf) => conditionOf(leaf, account));
  const more = apart.length > few ? ` and ${apart.length - few} more` : "";
  return { because: `its rules contradict each other, so nobody meets it: ${named.join(", ")}${more}` };
}

const few = 3;

function noLogin(identity: Identity, account: Account): string {
  if (isMachine(identity)) return "a machine never logs in, and allow and block policies are for those who do";
  if (identity.service_token !== undefined && isStrict(account) === true)
    return "it carries a service token, and the organization lets no login count beside one";
  return "they cannot log in by a provider that it allows";
}

function whyOpen({ policy, rules, login }: Step, _: Identity, { account }: Gate): Members {
  // One include rule that holds is enough, whatever the others do.
  const isIncluded = rules.some(({ place, verdict }) => place === "include" && verdict === true);
  const rule = rules.find(({ place, verdict }) => verdict === undefined && !(isIncluded && place === "include"));
  if (rule !== undefined)
    return { rule: rule.field, because: `not known: ${conditionOf(leafAt(policy, rule.field), account)}` };
  const what = login === undefined ? factOf(loginKey).what : `what the decision ${quoted(policy["decision"])} does`;
  return { because: `not known: ${what}` };
}

/** The facts that would settle it, or come nearest to that. */
function openIn({ trace }: Decision, identity: Identity, gate: Gate): readonly Open[] {
  const marks = [...new Set(trace.flatMap(({ missing }) => missing))].slice(0, 4 * most);
  const found = marks.map((mark) => {
    const [if_true, if_false] = [true, false].map((fact) =>
      wordFor(admits(pass({ ...identity, facts: new Map(identity.facts).set(mark, fact) }, gate))),
    ) as [Answer, Answer];
    const { what } = factOf(mark, identity);
    return { fact: conditionAt(mark, gate.account), needs: what, if_true, if_false };
  });
  const settled = ({ if_true, if_false }: Open) => Number(if_true !== "depends") + Number(if_false !== "depends");
  return found.toSorted((one, other) => settled(other) - settled(one)).slice(0, most);
}
