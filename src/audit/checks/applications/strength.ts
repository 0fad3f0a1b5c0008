import type { Members } from "../../../core/change.ts";
import { milliseconds } from "../../../simulator/durations.ts";
import { textOf } from "../../../simulator/fields.ts";
import type { Verdict } from "../../../simulator/selectors.ts";
import type { Estate } from "../../estate.ts";
import { isPosture, isSecondFactor, saysWho } from "../policies/kinds.ts";
import { policiesOn } from "../shared/attached.ts";
import { branchesOf, ensuredIn, ensures, type Test, type Way, waysInto } from "../shared/closure.ts";
import { openingWithoutLogin } from "../shared/everybody.ts";
import { asksFactor } from "../shared/factors.ts";
import { mayMatchBy } from "../shared/placed.ts";

/** How long a session lasts where neither policy nor application says. */
export const usual = "24h";

const allOf = (estate: Estate, application: Members): readonly Members[] =>
  policiesOn(estate, application).map(({ policy }) => policy);

/** The policies of an application by which people log in, those included of which nothing is known. */
export const mayLetIn = (estate: Estate, application: Members): readonly Members[] =>
  allOf(estate, application).filter(({ decision }) => decision === undefined || decision === "allow");

/** Whether all rules on a way are known, groups and all. */
const isWhole = (estate: Estate, { isWhole, require, exclude }: Way): boolean =>
  isWhole && ensures(estate, [...require, ...exclude], isNothing) !== undefined;

const isNothing: Test = () => false;

/** Whether everybody passes without a login, so that there is no session to be used. */
export function isPublic(estate: Estate, application: Members): Verdict {
  const verdicts = allOf(estate, application).map((policy): Verdict => {
    if (policy["decision"] !== "bypass") return policy["decision"] === undefined ? undefined : false;
    if (openingWithoutLogin(estate, policy)?.exceptions.length === 0) return true;
    return waysInto(estate, policy).every((way) => isWhole(estate, way)) ? false : undefined;
  });
  return verdicts.includes(true) ? true : verdicts.includes(undefined) ? undefined : false;
}

/** What an application asks of those who come; each is looked at when somebody asks for it, and once. */
class Strength {
  readonly #estate: Estate;
  readonly #application: Members;
  readonly #known = new Map<string, unknown>();

  constructor(estate: Estate, application: Members) {
    this.#estate = estate;
    this.#application = application;
  }

  get isPublic(): Verdict {
    return this.#once("public", () => isPublic(this.#estate, this.#application));
  }

  /** Everybody passes without a login, but for those whom a policy excludes. */
  get isMostlyPublic(): boolean {
    return this.#once("mostly public", () =>
      allOf(this.#estate, this.#application).some(
        (policy) => policy["decision"] === "bypass" && openingWithoutLogin(this.#estate, policy) !== undefined,
      ),
    );
  }

  /** Some pass without a login. */
  get isBypassed(): boolean {
    return this.#once("bypassed", () =>
      allOf(this.#estate, this.#application).some(({ decision }) => decision === "bypass"),
    );
  }

  /** Everybody with a login gets in. */
  get isForEveryone(): boolean {
    const isOpen = (policy: Members) =>
      mayMatchBy(this.#estate, "everyone").has(policy) &&
      branchesOf(this.#estate, policy, ["everyone"]).some(
        ({ way }) => ensures(this.#estate, way.require, saysWho) === false,
      );
    return this.#once("everyone", () => this.#allowing().some(isOpen));
  }

  /** Whether all who log in need a second factor. */
  get factor(): Verdict {
    return this.#each("factor", (policy) => {
      const asked = asksFactor(this.#estate, this.#application, policy);
      return asked === true || ensuredIn(this.#estate, policy, isSecondFactor) === true ? true : asked;
    });
  }

  /** Whether all who log in need a device that passes a posture rule. */
  get posture(): Verdict {
    return this.#each("posture", (policy) => ensuredIn(this.#estate, policy, isPosture));
  }

  /** The longest session, in milliseconds. */
  get session(): number {
    const sessionOf = (policy: Members) =>
      milliseconds(textOf(policy["session_duration"]) || textOf(this.#application["session_duration"]) || usual);
    return this.#once("session", () => Math.max(0, ...this.#allowing().map(sessionOf)));
  }

  #allowing(): readonly Members[] {
    return allOf(this.#estate, this.#application).filter(({ decision }) => decision === "allow");
  }

  #each(what: string, test: (policy: Members) => Verdict): Verdict {
    return this.#once(what, () => {
      const verdicts = this.#allowing().map(test);
      return verdicts.includes(false)
        ? false
        : verdicts.length === 0 || verdicts.includes(undefined)
          ? undefined
          : true;
    });
  }

  #once<T>(what: string, make: () => T): T {
    if (!this.#known.has(what)) this.#known.set(what, make());
    return this.#known.get(what) as T;
  }
}

const strengths = (_: Estate): Map<Members, Strength> => new Map();

/** What an application asks of those who come. */
export function strengthOf(estate: Estate, application: Members): Strength {
  const known = estate.once(strengths);
  const strength = known.get(application) ?? new Strength(estate, application);
  known.set(application, strength);
  return strength;
}
