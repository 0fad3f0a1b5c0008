import { type Decision, endedNote, type Gate, type Step } from "./evaluate.ts";
import { textOf } from "./fields.ts";
import type { RuleTrace } from "./rules.ts";
import type { Identity } from "./selectors.ts";
import { admits, passesOf } from "./standing.ts";

/** What keeps somebody out, and what to do about it. */
export interface Fault {
  /** The policy that decides, by name. */
  readonly policy?: string;
  /** The rule in it: `require[0] geo`. */
  readonly rule?: string;
  readonly why: string;
  /** The way forward, one sentence. */
  readonly next: string;
}

const nameOf = ({ policy }: Step): string => textOf(policy["name"]) || textOf(policy["id"]) || "without a name";
const letsIn = (step: Step): boolean => step.verdict !== false && !step.outcomes.includes("blocked");
const isSame = (one: Step, other: Step): boolean => one.policy["id"] === other.policy["id"];

/** Why an identity that got in before the change would not after it. */
export function faultOf(identity: Identity, before: Gate, after: Gate): Fault {
  if (after.logins?.length === 0 && before.logins?.length !== 0) {
    return {
      why: "no identity provider that it allows would be left to rely on",
      next: "Add and allow another identity provider first, such as a one-time PIN.",
    };
  }
  const [then, now] = [bestPass(identity, before), bestPass(identity, after)];
  return blockedBy(then, now) ?? lostBy(then, now, after);
}

/** The pass by the way to log in that lets the identity in most surely. */
function bestPass(identity: Identity, gate: Gate): Decision {
  const rank = (decision: Decision) => [false, undefined, true].indexOf(admits(decision));
  return passesOf(identity, gate).reduce((best, other) => (rank(other) > rank(best) ? other : best));
}

function blockedBy(then: Decision, now: Decision): Fault | undefined {
  const step = now.trace.find(
    (one) =>
      one.verdict !== false &&
      one.outcomes.includes("blocked") &&
      !then.trace.some((old) => isSame(old, one) && old.verdict === one.verdict && old.outcomes.includes("blocked")),
  );
  if (step === undefined) return undefined;
  const policy = nameOf(step);
  if (step.notes.includes(endedNote)) {
    return {
      policy,
      why: `policy "${policy}" would let them in, but ${endedNote}`,
      next: "Use a session of a minute or more in policy, application and organization.",
    };
  }
  const rule = step.rules.find(({ place, verdict }) => place === "include" && verdict !== false);
  return {
    policy,
    ...(rule && { rule: labelOf(rule) }),
    why: `policy "${policy}" ${step.verdict === true ? "would" : "might"} block them`,
    next: `Exclude them from policy "${policy}", or put it behind a policy that lets them in.`,
  };
}

function lostBy(then: Decision, now: Decision, after: Gate): Fault {
  const old = then.trace.find(letsIn);
  if (old === undefined)
    return { why: "nothing would surely let them in", next: "Let them in by another policy first." };
  const policy = nameOf(old);
  const next = `Let policy "${policy}" go on letting them in, or let them in by another policy first.`;
  const step = now.trace.find((one) => isSame(one, old));
  if (step === undefined) {
    const isThere = after.policies.some(({ id }) => id === old.policy["id"]);
    return { policy, why: `policy "${policy}" would no longer ${isThere ? "be reached" : "be part of it"}`, next };
  }
  const rule = step.rules.find(isUnmet) ?? step.rules.find(({ place }) => place === "include");
  const how = step.verdict === false ? "no longer let them in" : "no longer surely let them in";
  const because = rule === undefined ? "" : `, because of ${labelOf(rule)}`;
  return { policy, ...(rule && { rule: labelOf(rule) }), why: `policy "${policy}" would ${how}${because}`, next };
}

const isUnmet = ({ place, verdict }: RuleTrace): boolean =>
  (place === "require" && verdict !== true) || (place === "exclude" && verdict !== false);

const labelOf = ({ field, selector }: RuleTrace): string => `${field} (${selector})`;
