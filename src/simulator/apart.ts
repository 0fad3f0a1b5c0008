import type { Gate } from "./evaluate.ts";
import { listOf, textOf } from "./fields.ts";
import { networkCovers, networkOf } from "./networks.ts";
import { groupsUnder } from "./rules.ts";
import { ruleKey } from "./selectors.ts";
import { type Leaf, leafOf } from "./wording.ts";

/** Selectors of which one person, or one request, has one value. */
const single = new Set(["email", "email_domain", "geo", "login_method", "service_token", "common_name"]);

const markOf = ({ selector, argument }: Leaf): string => ruleKey(selector, argument);

/** Whether two rules never hold of one request: two countries, an address of another domain, networks that do not meet. */
export function areApart(one: Leaf, other: Leaf): boolean {
  if (one.selector === "email_domain" && other.selector === "email") return !isWithin(other, one);
  if (one.selector === "email" && other.selector === "email_domain") return !isWithin(one, other);
  if (one.selector !== other.selector) return false;
  if (one.selector !== "ip")
    return single.has(one.selector) && markOf(one).toLowerCase() !== markOf(other).toLowerCase();
  const [mine, theirs] = [one, other].map(({ argument }) => networkOf(textOf(argument["ip"])));
  return mine !== undefined && theirs !== undefined && !networkCovers(mine, theirs) && !networkCovers(theirs, mine);
}

const isWithin = ({ argument: { email } }: Leaf, { argument: { domain } }: Leaf): boolean =>
  textOf(email)
    .toLowerCase()
    .endsWith(`@${textOf(domain).toLowerCase().replace(/^@/, "")}`);

const known = new WeakMap<Gate, readonly Leaf[]>();

/** The rules at a gate that others of their kind may be apart from, each once. */
function rulesAt(gate: Gate): readonly Leaf[] {
  const { policies, account } = gate;
  const holders = [...policies, ...groupsUnder(policies, account)];
  const rules = holders.flatMap((holder) =>
    ["include", "require", "exclude"].flatMap((place) => listOf(holder[place])),
  );
  const leaves = rules.map(leafOf).filter(({ selector }) => single.has(selector) || selector === "ip");
  return [...new Map(leaves.map((leaf) => [markOf(leaf), leaf])).values()];
}

/** Marks of the rules at a gate that do not hold for those of whom some rules do. An address decides by itself. */
export function apartFrom(leaves: readonly Leaf[], gate: Gate): readonly (readonly [mark: string, holds: false])[] {
  const open = leaves.filter(({ selector }) => selector !== "email" && (single.has(selector) || selector === "ip"));
  if (open.length === 0) return [];
  const rules = known.get(gate) ?? rulesAt(gate);
  known.set(gate, rules);
  return rules
    .filter((rule) => open.some((leaf) => areApart(leaf, rule)))
    .map((rule) => [markOf(rule), false] as const);
}
