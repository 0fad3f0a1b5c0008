import type { Members } from "../../../core/change.ts";
import type { Fix, Subject } from "../../check.ts";
import { type Estate, subject } from "../../estate.ts";
import { everyPolicy, policyFix, policySubject, type Standing } from "./attached.ts";
import { groupOf, type Place, places, type Rule, rulesOf } from "./closure.ts";

/** A policy or group that has rules. */
export interface Holder {
  readonly item: Members;
  /** Nothing of a group. */
  readonly standing?: Standing;
}

/** A rule where it stands. */
export interface Placed {
  readonly rule: Rule;
  readonly place: Place;
  readonly holder: Holder;
}

/** A policy or group as findings name it. */
export const holderSubject = ({ item, standing }: Holder): Subject =>
  standing === undefined ? subject("groups", item) : policySubject(standing);

/** The call that changes some fields of a policy or group where it stands. */
export function holderFix({ item, standing }: Holder, changes: Members, choose?: Fix["choose"]): Fix {
  if (standing !== undefined) return policyFix(standing, changes, choose);
  const steps = [{ operation: "update_group", arguments: { group_id: item["id"], ...changes } }];
  return choose === undefined ? { steps } : { steps, choose };
}

function placed(estate: Estate): ReadonlyMap<string, readonly Placed[]> {
  const found = new Map<string, Placed[]>();
  const add = (holder: Holder): void => {
    const rules = rulesOf(holder.item);
    for (const place of places) {
      for (const rule of rules[place]) {
        const same = found.get(rule.selector);
        if (same === undefined) found.set(rule.selector, [{ rule, place, holder }]);
        else same.push({ rule, place, holder });
      }
    }
  };
  for (const standing of everyPolicy(estate)) add({ item: standing.policy, standing });
  for (const group of estate.items("groups")) add({ item: group });
  return found;
}

/** Every rule of every policy and group, by selector. */
export const everyRule = (estate: Estate): ReadonlyMap<string, readonly Placed[]> => estate.once(placed);

/** Those of one selector. */
export const rulesBy = (estate: Estate, selector: string): readonly Placed[] => everyRule(estate).get(selector) ?? [];

function users(estate: Estate): ReadonlyMap<Members, readonly Placed[]> {
  const found = new Map<Members, Placed[]>();
  for (const one of rulesBy(estate, "group")) {
    const group = groupOf(estate, one.rule);
    const others = group && found.get(group);
    if (others !== undefined) others.push(one);
    else if (group !== undefined) found.set(group, [one]);
  }
  return found;
}

/** The rules that name a group. */
export const rulesNaming = (estate: Estate, group: Members): readonly Placed[] => estate.once(users).get(group) ?? [];

/** A policy to which a group matters. */
export interface Use {
  readonly standing: Standing;
  /** Whether whom the group matches match the policy the sooner: not so below an exclude. */
  readonly helps: boolean;
}

/** The policies that use a group, themselves or by groups that do, at some places; a policy uses itself. */
export function usesOf(estate: Estate, { item, standing }: Holder, at: readonly Place[] = places): readonly Use[] {
  if (standing !== undefined) return [{ standing, helps: true }];
  const open: { readonly group: Members; readonly helps: boolean }[] = [{ group: item, helps: true }];
  const seen = { true: new Set([item]), false: new Set<Members>() };
  const found: Use[] = [];
  // Grows while it is gone through.
  for (const { group, helps: wanted } of open) {
    for (const { place, holder } of rulesNaming(estate, group)) {
      const helps = place === "exclude" ? !wanted : wanted;
      if (!at.includes(place) || seen[`${helps}`].has(holder.item)) continue;
      seen[`${helps}`].add(holder.item);
      if (holder.standing === undefined) open.push({ group: holder.item, helps });
      else found.push({ standing: holder.standing, helps });
    }
  }
  return found;
}

/** The same of a rule. */
export function usesOfRule(estate: Estate, { place, holder }: Placed, at?: readonly Place[]): readonly Use[] {
  const uses = usesOf(estate, holder, at);
  return place === "exclude" ? uses.map(({ standing, helps }) => ({ standing, helps: !helps })) : uses;
}

/** The policies with a rule of a selector at some places, their own or one of groups that they name at those. */
export function policiesWith(estate: Estate, selector: string, at: readonly Place[]): ReadonlySet<Standing> {
  const there = rulesBy(estate, selector).filter(({ place }) => at.includes(place));
  const holders = [...new Set(there.map(({ holder }) => holder))];
  return new Set(holders.flatMap((holder) => usesOf(estate, holder, at).map(({ standing }) => standing)));
}

const knownWays = (_: Estate): Map<string, ReadonlySet<Members>> => new Map();

/** The policies that may match by a rule of a selector: all for which `branchesOf` finds one. */
export function mayMatchBy(estate: Estate, selector: string): ReadonlySet<Members> {
  const known = estate.once(knownWays);
  const found =
    known.get(selector) ?? new Set([...policiesWith(estate, selector, ["include"])].map(({ policy }) => policy));
  known.set(selector, found);
  return found;
}
