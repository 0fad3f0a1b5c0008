import groups from "../access/groups.ts";
import type { Members } from "../core/change.ts";
import type { Room } from "../core/room.ts";
import type { Account } from "./account.ts";
import { contradiction, heldBy } from "./cases.ts";
import { listOf, membersOf, textOf } from "./fields.ts";
import { type Identity, type Question, ruleKey, type Selector, selectors } from "./selectors.ts";
import { all, either, not, type Verdict } from "./verdicts.ts";
import type { Leaf } from "./wording.ts";

const places = ["include", "require", "exclude"] as const;
type Place = (typeof places)[number];

/** What became of one rule. */
export interface RuleTrace {
  readonly place: Place;
  /** Where it stands: `include[0]`. */
  readonly field: string;
  readonly selector: string;
  readonly verdict: Verdict;
  /** The rules, deep in groups too, that would have to be known, by `ruleKey`. */
  readonly missing: readonly string[];
}

/** What became of the rules of a policy or group. */
export interface Match {
  readonly verdict: Verdict;
  readonly rules: readonly RuleTrace[];
  /** Rules that rule each other out, so that it never holds although nobody knows which of them fail. */
  readonly apart?: readonly Leaf[];
}

type Decided = Pick<RuleTrace, "verdict" | "missing">;

/** Whether a policy or group matches; it surely does not when its rules contradict each other. */
export function matches(holder: Members, question: Question, above: readonly string[] = []): Match {
  const match = byRules(holder, question, above);
  if (match.verdict !== undefined || question.supposed !== undefined) return match;
  const apart = contradiction(missingOf(match), (supposed) => {
    const tried = byRules(holder, { ...question, supposed }, above);
    return { verdict: tried.verdict, missing: missingOf(tried) };
  });
  return apart.length === 0 ? match : { ...match, verdict: false, apart };
}

const missingOf = ({ rules }: Match): readonly string[] => rules.flatMap(({ missing }) => missing);

/** Include OR, require AND, exclude NOT; an empty include matches nobody. `above` are the groups on the way here. */
function byRules(holder: Members, question: Question, above: readonly string[]): Match {
  const at = (place: Place): readonly RuleTrace[] =>
    listOf(holder[place]).map((rule, index) => {
      const [selector = ""] = Object.keys(rule);
      const field = `${place}[${index}]`;
      return { place, field, selector, ...decided(selector, membersOf(rule[selector]), question, above) };
    });
  const [include, require, exclude] = [at("include"), at("require"), at("exclude")];
  const verdicts = [either(include.map(verdictOf)), all(require.map(verdictOf)), not(either(exclude.map(verdictOf)))];
  return { rules: [...include, ...require, ...exclude], verdict: all(verdicts) };
}

const verdictOf = ({ verdict }: RuleTrace): Verdict => verdict;

/** What policies of infrastructure applications can ask (Cloudflare's page on them); groups stand for their rules. */
const ofInfrastructure: ReadonlySet<string> = new Set([
  "email",
  "email_domain",
  "saml",
  "geo",
  "auth_method",
  "device_posture",
  "azureAD",
  "github-organization",
  "gsuite",
  "okta",
]);

/** Whether rules of an application can use a selector; nobody documents what one does that they cannot. */
export const isSupported = (selector: string, { type }: Members): boolean =>
  type !== "infrastructure" || ofInfrastructure.has(selector);

/** A selector that nobody knows yet is not known, which is not the same as not met. */
function decided(selector: string, argument: Members, question: Question, above: readonly string[]): Decided {
  const { about, holds }: Selector = selectors[selector] ?? {};
  const early = question.decision === "bypass" || question.decision === "non_identity";
  if (about !== undefined && (about === "machine") !== early) return { verdict: false, missing: [] };
  if (selector === "group") return inGroup(textOf(argument["id"]), early, question, above);
  const key = ruleKey(selector, argument);
  if (!isSupported(selector, question.application)) return byFact(key, question.identity);
  const { supposed, identity } = question;
  const told =
    holds?.(argument, question) ?? identity.facts?.get(key) ?? (supposed && heldBy(supposed, { selector, argument }));
  return { verdict: told, missing: told === undefined ? [key] : [] };
}

function byFact(key: string, { facts }: Identity): Decided {
  const verdict = facts?.get(key);
  return { verdict, missing: verdict === undefined ? [key] : [] };
}

function inGroup(id: string, early: boolean, question: Question, above: readonly string[]): Decided {
  const { identity, account } = question;
  if (!early && identity.groups?.includes(id)) return { verdict: true, missing: [] };
  const group = account.find(groups, id);
  if (group === undefined || above.includes(id)) return byFact(ruleKey("group", { id }), identity);
  const match = matches(group, question, [...above, id]);
  return { verdict: match.verdict, missing: match.verdict === undefined ? missingOf(match) : [] };
}

/** The groups that some holders of rules use, through each other too. */
export function groupsUnder(holders: readonly Members[], account: Account): ReadonlySet<Members> {
  const found = new Set<Members>();
  const visit = (holder: Members): void => {
    for (const rule of places.flatMap((place) => listOf(holder[place]))) {
      const id = textOf(membersOf(rule["group"])["id"]);
      const group = id === "" ? undefined : account.find(groups, id);
      if (group === undefined || found.has(group)) continue;
      found.add(group);
      visit(group);
    }
  };
  holders.forEach(visit);
  return found;
}

const selectorsIn = (holders: readonly Members[]): ReadonlySet<string> =>
  new Set(holders.flatMap((holder) => places.flatMap((place) => listOf(holder[place]).flatMap(Object.keys))));

/** The rooms that have to be read to decide the rules of policies, given the groups they may use. */
export function roomsFor(policies: readonly Members[], everyGroup: readonly Members[]): readonly Room[] {
  const used = selectorsIn(policies);
  const inner = used.has("group") ? selectorsIn(everyGroup) : [];
  return [...new Set([...used, ...inner])].flatMap((name) => selectors[name]?.reads ?? []);
}

/** Every room that may have to be read to decide rules. */
export const roomsOfRules: readonly Room[] = [groups, ...Object.values(selectors).flatMap(({ reads }) => reads ?? [])];
