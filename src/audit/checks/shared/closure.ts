import type { Members } from "../../../core/change.ts";
import { listOf, membersOf, textOf } from "../../../simulator/fields.ts";
import { ruleKey, type Verdict } from "../../../simulator/selectors.ts";
import type { Estate } from "../../estate.ts";

/** The lists of rules of a policy or group. */
export const places = ["include", "require", "exclude"] as const;
export type Place = (typeof places)[number];

/** One rule taken apart. A rule with no selector or with several has the selector "". */
export interface Rule {
  readonly selector: string;
  readonly argument: Members;
  /** Where it stands in its holder: `include[0]`. */
  readonly field: string;
  /** As it is written. */
  readonly rule: Members;
  /** The same for rules that say the same; "" where the same words need not mean the same twice. */
  readonly mark: string;
}

/** Asked anew each time, or not known. */
const fickle = new Set(["external_evaluation", ""]);
const caseless = new Set(["email", "email_domain", "gsuite", "geo"]);

/** The `mark` of a rule. */
export function markOf(selector: string, argument: Members): string {
  if (fickle.has(selector)) return "";
  const values = Object.values(argument);
  const [value] = values;
  // The usual rule says one thing; the whole notation takes too long where there are many.
  const mark =
    values.length === 1 && typeof value === "string"
      ? `${selector} ${selector === "email_domain" ? value.replace(/^@/, "") : value}`
      : ruleKey(selector, argument);
  return caseless.has(selector) ? mark.toLowerCase() : mark;
}

/** Include rules by which a policy or group may match: its own ones, or those of a group that it includes. */
export interface Way {
  /** The include rules by selector; groups among them are followed in ways of their own. */
  readonly rules: ReadonlyMap<string, readonly Rule[]>;
  /** The groups that lead to them, outermost first; none for rules of its own. */
  readonly through: readonly Members[];
  /** The rule of the policy or group itself that leads into `through`. */
  readonly entrance: string | undefined;
  /** What has to hold besides on the whole way, and what must not. */
  readonly require: readonly Rule[];
  readonly exclude: readonly Rule[];
  /** False when a group that is included here is not known, does not exist, or leads back. */
  readonly isWhole: boolean;
}

/** The rules of a policy or group by their places. */
type Ruleset = Readonly<Record<Place, readonly Rule[]>>;

function partsOf(rule: Members, field: string): Rule {
  const keys = Object.keys(rule);
  const [selector = "", ...others] =
    keys.length === 1 ? keys : keys.filter((key) => (rule[key] ?? undefined) !== undefined);
  if (others.length > 0) return { selector: "", argument: {}, field, rule, mark: "" };
  const argument = membersOf(rule[selector]);
  return { selector, argument, field, rule, mark: markOf(selector, argument) };
}

const rulesets = new WeakMap<Members, Ruleset>();

/** The rules of a policy or group, taken apart once. */
export function rulesOf(holder: Members): Ruleset {
  const known = rulesets.get(holder);
  if (known !== undefined) return known;
  const at = (place: Place) => listOf(holder[place]).map((rule, index) => partsOf(rule, `${place}[${index}]`));
  const found = { include: at("include"), require: at("require"), exclude: at("exclude") };
  rulesets.set(holder, found);
  return found;
}

/** Those at one place. */
export const rulesAt = (holder: Members, place: Place): readonly Rule[] => rulesOf(holder)[place];

const included = new WeakMap<Members, ReadonlyMap<string, readonly Rule[]>>();

/** What a policy or group itself includes, by selector. */
function includedIn(holder: Members): ReadonlyMap<string, readonly Rule[]> {
  const known = included.get(holder);
  if (known !== undefined) return known;
  const found = new Map<string, Rule[]>();
  for (const rule of rulesOf(holder).include) {
    const same = found.get(rule.selector);
    if (same === undefined) found.set(rule.selector, [rule]);
    else same.push(rule);
  }
  included.set(holder, found);
  return found;
}

/** The group that a rule names; nothing also where groups are not known. */
export const groupOf = (estate: Estate, { selector, argument }: Rule): Members | undefined =>
  selector === "group" ? estate.find("groups", textOf(argument["id"])) : undefined;

/** A rule by which somebody may match, and the way on which it stands. */
export interface Branch {
  readonly way: Way;
  readonly rule: Rule;
  /** Where it is seen from the policy or group that was asked about: `include[0]`, also when a group stands there. */
  readonly field: string;
}

const knownWays = (_: Estate): Map<Members, readonly Way[]> => new Map();

/** All ways in which a policy or group may match, through groups as deep as they go. */
export function waysInto(estate: Estate, holder: Members): readonly Way[] {
  const known = estate.once(knownWays);
  const found = known.get(holder) ?? followed(estate, holder);
  known.set(holder, found);
  return found;
}

/** The same rule by rule, of some selectors or of all but groups. */
export function branchesOf(estate: Estate, holder: Members, selectors?: Iterable<string>): readonly Branch[] {
  const found: Branch[] = [];
  for (const way of waysInto(estate, holder)) {
    for (const selector of selectors ?? way.rules.keys()) {
      if (selector === "group") continue;
      for (const rule of way.rules.get(selector) ?? []) found.push({ way, rule, field: way.entrance ?? rule.field });
    }
  }
  return found;
}

function followed(estate: Estate, holder: Members): readonly Way[] {
  const { include, require, exclude } = rulesOf(holder);
  if (!include.some(({ selector }) => selector === "group")) {
    return [{ rules: includedIn(holder), through: [], entrance: undefined, require, exclude, isWhole: true }];
  }
  const ways: Way[] = [];
  // The same group under the same conditions matches the same, whichever way leads to it.
  const seen = new Set<string>();
  const visit = (at: Members, through: readonly Members[], entrance: string | undefined, outer?: Way): void => {
    const [rules, own] = [includedIn(at), rulesOf(at)];
    const require = outer === undefined ? own.require : [...outer.require, ...own.require];
    const exclude = outer === undefined ? own.exclude : [...outer.exclude, ...own.exclude];
    const inner = (rules.get("group") ?? []).map((rule) => ({ rule, group: groupOf(estate, rule) }));
    const isWhole = inner.every(({ group }) => group !== undefined && !through.includes(group));
    const way: Way = { rules, through, entrance, require, exclude, isWhole };
    ways.push(way);
    if (inner.length === 0) return;
    const conditions = [...require, ...exclude].map((one) => `${one.field[0]} ${one.mark || one.field}`).sort();
    for (const { rule, group } of inner) {
      if (group === undefined || through.includes(group)) continue;
      const mark = `${group["id"]} ${conditions}`;
      if (!seen.has(mark)) visit(group, [...through, group], entrance ?? rule.field, way);
      seen.add(mark);
    }
  };
  visit(holder, [], undefined);
  return ways;
}

/** What a rule is asked for; made once at the top of a file, since what comes of it is remembered by it. */
export type Test = (rule: Rule, estate: Estate) => boolean;

const knownTests = (_: Estate): Map<Test, Map<Members, Verdict>> => new Map();

/** What is known of groups by a test. */
function verdictsBy(estate: Estate, test: Test): Map<Members, Verdict> {
  const tests = estate.once(knownTests);
  const known = tests.get(test) ?? new Map<Members, Verdict>();
  if (known.size === 0) tests.set(test, known);
  return known;
}

/**
 * Whether whoever meets all of some rules surely meets one that passes a test, itself or in each way through a group;
 * undefined when a group that decides it is not known or leads back to itself.
 */
export function ensures(estate: Estate, rules: readonly Rule[], test: Test): Verdict {
  let verdict: Verdict = false;
  for (const rule of rules) {
    const found = ensuredBy(estate, rule, test);
    if (found === true) return true;
    if (found === undefined) verdict = undefined;
  }
  return verdict;
}

/** The same of a policy or group as a whole: by what it requires, or by everything that it includes. */
export function ensuredIn(estate: Estate, holder: Members, test: Test): Verdict {
  const { include, require } = rulesOf(holder);
  const byRequire = ensures(estate, require, test);
  if (byRequire === true || include.length === 0) return byRequire;
  let byInclude: Verdict = true;
  for (const rule of include) {
    const found = ensuredBy(estate, rule, test);
    if (found === false) return byRequire;
    if (found === undefined) byInclude = undefined;
  }
  return byInclude;
}

/** The same of a single rule. */
export function ensuredBy(estate: Estate, rule: Rule, test: Test): Verdict {
  if (rule.selector !== "group") return test(rule, estate);
  const group = groupOf(estate, rule);
  if (group === undefined) return undefined;
  const known = verdictsBy(estate, test);
  if (known.has(group)) return known.get(group);
  // What leads back to itself is not documented.
  known.set(group, undefined);
  const verdict = ensuredIn(estate, group, test);
  known.set(group, verdict);
  return verdict;
}
