import type { Members } from "../../../core/change.ts";
import type { Estate } from "../../estate.ts";
import { isPersonal } from "../policies/kinds.ts";
import { type Branch, branchesOf, ensuredBy, groupOf, type Rule } from "./closure.ts";

/** A rule by which everybody meets a policy or group, but for those whom some rules leave out. */
export interface Opening extends Branch {
  readonly exceptions: readonly Rule[];
}

const knownOpenings = (_: Estate): WeakMap<Members, readonly Opening[]> => new WeakMap();

/** All such rules of a policy or group, those first that leave out the fewest; none where something is asked for. */
export function openingsOf(estate: Estate, holder: Members): readonly Opening[] {
  const known = estate.once(knownOpenings);
  const before = known.get(holder);
  if (before !== undefined) return before;
  // Until it is found out, a group that requires itself is not open.
  known.set(holder, []);
  const openings = branchesOf(estate, holder, ["everyone"]).flatMap((branch): readonly Opening[] => {
    const required = branch.way.require.map((rule) => exceptionsTo(estate, rule));
    if (required.includes(undefined)) return [];
    const exceptions = [...branch.way.exclude, ...required.flatMap((rules = []) => rules)];
    return exceptions.some((rule) => exceptionsTo(estate, rule) !== undefined) ? [] : [{ ...branch, exceptions }];
  });
  const sorted = openings.toSorted((one, other) => one.exceptions.length - other.exceptions.length);
  known.set(holder, sorted);
  return sorted;
}

/** Whom a rule leaves out that everybody else meets; nothing of any other rule. */
function exceptionsTo(estate: Estate, rule: Rule): readonly Rule[] | undefined {
  if (rule.selector === "everyone") return [];
  const group = groupOf(estate, rule);
  return group && openingsOf(estate, group)[0]?.exceptions;
}

/** The first such rule of a policy by which nobody logs in: whom it leaves out as people comes in all the same. */
export function openingWithoutLogin(estate: Estate, policy: Members): Opening | undefined {
  const isKeptOut = (rule: Rule) => ensuredBy(estate, rule, isPersonal) !== true;
  const openings = openingsOf(estate, policy).map((opening) => ({
    ...opening,
    exceptions: opening.exceptions.filter(isKeptOut),
  }));
  return openings.find(({ exceptions }) => exceptions.length === 0) ?? openings[0];
}
