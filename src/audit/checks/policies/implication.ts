import type { Members } from "../../../core/change.ts";
import { textOf } from "../../../simulator/fields.ts";
import { networkCovers, networkOf } from "../../../simulator/networks.ts";
import type { Estate } from "../../estate.ts";
import { groupOf, places, type Rule, rulesOf } from "../shared/closure.ts";

/** The rules of a policy or group, ready to be compared. */
interface Ruleset {
  readonly include: readonly Rule[];
  readonly require: readonly Rule[];
  readonly exclude: readonly Rule[];
  /** Include rules that can cover others than their equals. */
  readonly wide: readonly Rule[];
}

/** What stands in a group and in the groups that it includes. */
interface Inside {
  readonly marks: ReadonlySet<string>;
  /** Those that can cover others than their equals. */
  readonly wide: readonly Rule[];
}

/** What is known of somebody: rules that hold and rules that do not. */
interface Facts {
  readonly holds: readonly Rule[];
  readonly fails: readonly Rule[];
}

type Relation = (wide: Members, narrow: Members) => boolean;

/** Whether an address is of a domain, by the marks of the rules. */
const isOfDomain = (email: Rule, domain: Rule): boolean =>
  email.mark.endsWith(`@${domain.mark.slice("email_domain ".length)}`);

const same =
  (field: string): Relation =>
  (one, other) =>
    one[field] === other[field];

/** Whether a network holds all of another; what is no network holds none. */
function holdsNetwork(wide: unknown, narrow: unknown): boolean {
  const [outer, inner] = [networkOf(textOf(wide)), networkOf(textOf(narrow))];
  return outer !== undefined && inner !== undefined && networkCovers(outer, inner);
}

/** Whether all whom a rule of the second selector matches are matched by one of the first too, by what both say. */
const covering: Readonly<Record<string, Readonly<Record<string, Relation>>>> = {
  certificate: { common_name: () => true },
  ip: { ip: (wide, narrow) => holdsNetwork(wide["ip"], narrow["ip"]) },
  "github-organization": {
    "github-organization": (wide, narrow) =>
      same("name")(wide, narrow) &&
      same("identity_provider_id")(wide, narrow) &&
      (wide["team"] ?? undefined) === undefined,
  },
};

const wideOnes = new Set(["everyone", "login_method", "email_domain", ...Object.keys(covering)]);
const wideSelectors = new Set(["group", ...wideOnes]);

/** By which identity provider somebody came for whom a rule holds. */
const providerOf = ({ selector, argument }: Rule): string =>
  textOf(selector === "login_method" ? argument["id"] : argument["identity_provider_id"]);

/** Of these a request or login has one. */
const singles = new Set(["email", "email_domain", "geo", "common_name", "service_token"]);

/** Whether a rule may be one that never holds together with some other. */
export const isSingle = (rule: Rule): boolean =>
  singles.has(rule.selector) || rule.selector === "ip" || rule.selector === "group" || providerOf(rule) !== "";

/** Whether two rules never both hold. */
function isApart(one: Rule, other: Rule): boolean {
  if (one.selector === other.selector && singles.has(one.selector)) return one.mark !== other.mark;
  if (one.selector === "email" && other.selector === "email_domain") return !isOfDomain(one, other);
  if (one.selector === "email_domain" && other.selector === "email") return !isOfDomain(other, one);
  if (one.selector === "ip" && other.selector === "ip") return areDisjoint(one.argument["ip"], other.argument["ip"]);
  const [provider, another] = [providerOf(one), providerOf(other)];
  return provider !== "" && another !== "" && provider !== another;
}

/** Whether two networks have no address in common; of what is no network that cannot be said. */
function areDisjoint(one: unknown, other: unknown): boolean {
  const [network, second] = [networkOf(textOf(one)), networkOf(textOf(other))];
  if (network === undefined || second === undefined) return false;
  return !networkCovers(network, second) && !networkCovers(second, network);
}

/** Whether one rule holds wherever another does, after a login: then everyone is everybody. */
function isWithin(narrow: Rule, wide: Rule): boolean {
  if (wide.selector === "everyone" || (narrow.mark !== "" && narrow.mark === wide.mark)) return true;
  if (wide.selector === "login_method" && narrow.selector !== "login_method") {
    return providerOf(narrow) !== "" && providerOf(narrow) === providerOf(wide);
  }
  if (wide.selector === "email_domain") return narrow.selector === "email" && isOfDomain(narrow, wide);
  return covering[wide.selector]?.[narrow.selector]?.(wide.argument, narrow.argument) ?? false;
}

const loops = (_: Estate): Map<Members, boolean> => new Map();

/** Whether a group leads back to itself; what that means is not documented. */
function isLoop(estate: Estate, group: Members): boolean {
  const known = estate.once(loops);
  const seen = new Set<Members>();
  const leadsBack = (at: Members): boolean =>
    places.some((place) =>
      rulesOf(at)[place].some((rule) => {
        const next = groupOf(estate, rule);
        if (next === undefined || seen.has(next)) return false;
        seen.add(next);
        return next === group || leadsBack(next);
      }),
    );
  const found = known.get(group);
  if (found === undefined) known.set(group, leadsBack(group));
  return found ?? isLoop(estate, group);
}

/** Steps after which a comparison is given up, as if nothing followed: groups of groups of groups grow fast. */
const mostSteps = 20_000;

/** Tells what follows from what by the rules alone. It never says so of what it cannot tell: every answer but yes is open. */
class Logic {
  readonly #estate: Estate;
  readonly #groups = new Map<Rule, Members | undefined>();
  readonly #rulesets = new Map<Members, Ruleset>();
  readonly #marks = new Map<Members, ReadonlySet<string>>();
  readonly #answers = new Map<Members, Map<Members, boolean>>();
  readonly #insides = new Map<Members, Inside>();
  readonly #cases = new Map<Members, readonly Rule[]>();
  #steps = 0;

  constructor(estate: Estate) {
    this.#estate = estate;
  }

  /** Whether whoever meets a policy surely meets another, both after a login. */
  isCovered(narrow: Members, wide: Members): boolean {
    this.#steps = 0;
    const known = this.#caseOf(narrow);
    if (!this.#rulesOf(wide).include.some((rule) => this.#mayFollow(known, rule))) return false;
    const { include, require, exclude } = this.#rulesOf(narrow);
    return (
      include.length > 0 && include.every((rule) => this.#meets({ holds: [rule, ...require], fails: exclude }, wide))
    );
  }

  /** Whether nobody for whom all of some rules hold meets a policy, after a login. */
  cannotMeet(holds: readonly Rule[], policy: Members): boolean {
    return this.#misses(this.#given(holds), policy);
  }

  /** Whether, where all of some rules hold, another surely holds too. */
  follows(holds: readonly Rule[], rule: Rule): boolean {
    const [facts, known] = [this.#given(holds), this.#known(rule)];
    return this.#mayFollow(this.#oneCase(facts.holds), known) && this.#holds(facts, known);
  }

  /** False when a rule has nothing to do with what holds in one case of many: so it mostly is, and no more is asked. */
  #mayFollow(known: readonly Rule[], rule: Rule): boolean {
    const group = this.#groupOf(rule);
    const { marks, wide } = group === undefined ? { marks: undefined, wide: [] } : this.#insideOf(group);
    return known.some(
      (one) => isWithin(one, rule) || marks?.has(one.mark) || wide.some((inner) => isWithin(one, inner)),
    );
  }

  /** What holds of those who meet a policy or group by the first rule that it includes. */
  #caseOf(holder: Members): readonly Rule[] {
    const { include, require } = this.#rulesOf(holder);
    const known = this.#cases.get(holder) ?? this.#oneCase([...include.slice(0, 1), ...require]);
    this.#cases.set(holder, known);
    return known;
  }

  /** What holds where all of some rules do and everybody is in a group by the first rule that it includes. */
  #oneCase(holds: readonly Rule[]): readonly Rule[] {
    return holds.flatMap((rule): readonly Rule[] => {
      const group = this.#groupOf(rule);
      return group === undefined ? [rule] : [rule, ...this.#caseOf(group)];
    });
  }

  /** Whether, where all of some rules hold, another surely does not. */
  contradicts(holds: readonly Rule[], rule: Rule): boolean {
    return this.#fails(this.#given(holds), this.#known(rule));
  }

  #given(holds: readonly Rule[]): Facts {
    this.#steps = 0;
    return { holds: holds.map((rule) => this.#known(rule)), fails: [] };
  }

  #meets(facts: Facts, holder: Members): boolean {
    const { wide, require, exclude } = this.#rulesOf(holder);
    const isIncluded =
      facts.holds.some(({ mark }) => mark !== "" && this.#names(holder, mark)) ||
      wide.some((rule) => this.#holds(facts, rule)) ||
      this.#inEach(facts, (inner) => this.#meets(inner, holder));
    return (
      isIncluded &&
      require.every((rule) => this.#holds(facts, rule)) &&
      exclude.every((rule) => this.#fails(facts, rule))
    );
  }

  #misses(facts: Facts, holder: Members): boolean {
    const { include, require, exclude } = this.#rulesOf(holder);
    return (
      include.every((rule) => this.#fails(facts, rule)) ||
      require.some((rule) => this.#fails(facts, rule)) ||
      exclude.some((rule) => this.#holds(facts, rule))
    );
  }

  #holds(facts: Facts, rule: Rule): boolean {
    this.#steps += 1;
    if (this.#steps > mostSteps) return false;
    if (facts.holds.some((known) => isWithin(known, rule))) return true;
    const group = this.#groupOf(rule);
    if (group === undefined) return this.#inEach(facts, (inner) => this.#holds(inner, rule));
    const [only, ...others] = facts.holds;
    const narrow = only && others.length === 0 && facts.fails.length === 0 ? this.#groupOf(only) : undefined;
    return narrow === undefined ? this.#meets(facts, group) : this.#isInside(narrow, group, facts);
  }

  /** Whether whoever is in a group is in another; remembered, since groups of groups ask it again and again. */
  #isInside(narrow: Members, wide: Members, facts: Facts): boolean {
    const answers = this.#answers.get(narrow) ?? new Map<Members, boolean>();
    this.#answers.set(narrow, answers);
    const found = answers.get(wide) ?? this.#meets(facts, wide);
    answers.set(wide, found);
    return found;
  }

  #fails(facts: Facts, rule: Rule): boolean {
    this.#steps += 1;
    if (this.#steps > mostSteps) return false;
    if (facts.holds.some((known) => isApart(known, rule))) return true;
    if (facts.fails.some((known) => this.#holds({ holds: [rule], fails: [] }, known))) return true;
    const group = this.#groupOf(rule);
    if (group !== undefined && this.#misses(facts, group)) return true;
    return this.#inEach(facts, (inner) => this.#fails(inner, rule));
  }

  /** Whether something is so in each way in which a group that holds can hold. */
  #inEach(facts: Facts, isSo: (facts: Facts) => boolean): boolean {
    return facts.holds.some((known) => {
      const group = this.#groupOf(known);
      if (group === undefined) return false;
      const { include, require, exclude } = this.#rulesOf(group);
      const others = facts.holds.filter((one) => one !== known);
      const fails = [...facts.fails, ...exclude];
      return include.length > 0 && include.every((one) => isSo({ holds: [one, ...require, ...others], fails }));
    });
  }

  #insideOf(group: Members): Inside {
    const known = this.#insides.get(group);
    if (known !== undefined) return known;
    const { include, wide } = this.#rulesOf(group);
    const inner = include.map((rule) => this.#groupOf(rule)).filter((one) => one !== undefined);
    const groups = inner.map((one) => this.#insideOf(one));
    const found = {
      marks: new Set([...include.map(({ mark }) => mark), ...groups.flatMap(({ marks }) => [...marks])]),
      wide: [...wide.filter(({ selector }) => wideOnes.has(selector)), ...groups.flatMap((inner) => inner.wide)],
    };
    this.#insides.set(group, found);
    return found;
  }

  #groupOf(rule: Rule): Members | undefined {
    if (rule.selector !== "group") return undefined;
    if (this.#groups.has(rule)) return this.#groups.get(rule);
    const group = groupOf(this.#estate, rule);
    const found = group === undefined || isLoop(this.#estate, group) ? undefined : group;
    this.#groups.set(rule, found);
    return found;
  }

  /** What leads back to itself is like nothing else, not even itself. */
  #known(rule: Rule): Rule {
    const group = groupOf(this.#estate, rule);
    return group !== undefined && isLoop(this.#estate, group) ? { ...rule, mark: "" } : rule;
  }

  #rulesOf(holder: Members): Ruleset {
    const known = this.#rulesets.get(holder);
    if (known !== undefined) return known;
    const found = this.#rulesetOf(holder);
    this.#rulesets.set(holder, found);
    return found;
  }

  #rulesetOf(holder: Members): Ruleset {
    const rules = rulesOf(holder);
    const [include = [], require = [], exclude = []] = places.map((place) =>
      rules[place].some(({ selector }) => selector === "group")
        ? rules[place].map((rule) => this.#known(rule))
        : rules[place],
    );
    return { include, require, exclude, wide: include.filter(({ selector }) => wideSelectors.has(selector)) };
  }

  /** Whether a policy or group includes a rule of that mark; long lists are indexed. */
  #names(holder: Members, mark: string): boolean {
    const { include } = this.#rulesOf(holder);
    if (include.length < 32) return include.some((rule) => rule.mark === mark);
    const found = this.#marks.get(holder) ?? new Set(include.map((rule) => rule.mark));
    this.#marks.set(holder, found);
    return found.has(mark);
  }
}

const logic = (estate: Estate): Logic => new Logic(estate);

/** The logic of an estate. */
export const logicOf = (estate: Estate): Logic => estate.once(logic);
