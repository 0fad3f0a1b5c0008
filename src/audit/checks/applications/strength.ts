import type { Members } from "../../../core/change.ts";
import { milliseconds } from "../../../simulator/durations.ts";
import { textOf } from "../../../simulator/fields.ts";
import type { Verdict } from "../../../simulator/selectors.ts";
import type { Estate } from "../../estate.ts";
import { isPosture, isSecondFactor, saysWho } from "../policies/kinds.ts";
import { policiesOn } from "../shared/attached.ts";
import { branchesOf, ensuredIn, ensures, type Way, waysInto } from "../shared/closure.ts";
import { asksFactor } from "../shared/factors.ts";
import { mayMatchBy } from "../shared/placed.ts";

/** How long a session lasts where neither policy nor application says. */
export const usual = "24h";

const allOf = (estate: Estate, application: Members): readonly Members[] =>
  policiesOn(estate, application).map(({ policy }) => policy);

/** The policies of an application by which people log in, those included of which nothing is known. */
export const mayLetIn = (estate: Estate, application: Members): readonly Members[] =>
  allOf(estate, application).filter(({ decision }) => decision === undefined || decision === "allow");

/** Whether everybody passes without a login, so that there is no session to be used. */
export function isPublic(estate: Estate, application: Members): Verdict {
  const verdicts = allOf(estate, application).map((policy): Verdict => {
    if (policy["decision"] !== "bypass") return policy["decision"] === undefined ? undefined : false;
    const ways = waysInto(estate, policy);
    const isFree = ({ rules, require, exclude }: Way) => rules.has("everyone") && require.length + exclude.length === 0;
    return ways.some(isFree) || (ways.every(({ isWhole }) => isWhole) ? false : undefined);
  });
  return verdicts.includes(true) ? true : verdicts.includes(undefined) ? undefined : false;
}

/** What an application asks of those who come. */
interface Strength {
  readonly isPublic: Verdict;
  /** Some pass without a login. */
  readonly isBypassed: boolean;
  /** Everybody with a login gets in. */
  readonly isForEveryone: boolean;
  /** Whether all who log in need a second factor, and a device that passes a posture rule. */
  readonly factor: Verdict;
  readonly posture: Verdict;
  /** The longest session, in milliseconds. */
  readonly session: number;
}

const strengths = (_: Estate): Map<Members, Strength> => new Map();

/** Looked at once for an application. */
export function strengthOf(estate: Estate, application: Members): Strength {
  const known = estate.once(strengths);
  const strength = known.get(application) ?? measured(estate, application);
  known.set(application, strength);
  return strength;
}

function measured(estate: Estate, application: Members): Strength {
  const allowing = allOf(estate, application).filter(({ decision }) => decision === "allow");
  const each = (test: (policy: Members) => Verdict): Verdict => {
    const verdicts = allowing.map(test);
    return verdicts.includes(false) ? false : verdicts.length === 0 || verdicts.includes(undefined) ? undefined : true;
  };
  const isForEveryone = allowing.some(
    (policy) =>
      mayMatchBy(estate, "everyone").has(policy) &&
      branchesOf(estate, policy, ["everyone"]).some(({ way }) => ensures(estate, way.require, saysWho) === false),
  );
  const sessions = allowing.map((policy) =>
    milliseconds(textOf(policy["session_duration"]) || textOf(application["session_duration"]) || usual),
  );
  return {
    isPublic: isPublic(estate, application),
    isBypassed: allOf(estate, application).some(({ decision }) => decision === "bypass"),
    isForEveryone,
    factor: each((policy) => {
      const asked = asksFactor(estate, application, policy);
      return asked === true || ensuredIn(estate, policy, isSecondFactor) === true ? true : asked;
    }),
    posture: each((policy) => ensuredIn(estate, policy, isPosture)),
    session: Math.max(0, ...sessions),
  };
}
