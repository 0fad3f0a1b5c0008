import { heldWith } from "./cases.ts";
import type { Gate } from "./evaluate.ts";
import { listOf } from "./fields.ts";
import { groupsUnder } from "./rules.ts";
import { ruleKey } from "./selectors.ts";
import { type Leaf, leafOf } from "./wording.ts";

/** Selectors of which one person, or one request, has one value. */
const single = new Set(["email", "email_domain", "geo", "login_method", "service_token", "common_name"]);

const markOf = ({ selector, argument }: Leaf): string => ruleKey(selector, argument);

const known = new WeakMap<Gate, readonly Leaf[]>();

/** The rules at a gate of which others of their kind tell, each once. */
function rulesAt(gate: Gate): readonly Leaf[] {
  const { policies, account } = gate;
  const holders = [...policies, ...groupsUnder(policies, account)];
  const rules = holders.flatMap((holder) =>
    ["include", "require", "exclude"].flatMap((place) => listOf(holder[place])),
  );
  const leaves = rules.map(leafOf).filter(({ selector }) => single.has(selector) || selector === "ip");
  return [...new Map(leaves.map((leaf) => [markOf(leaf), leaf])).values()];
}

/** What is known of rules at a gate where some rules hold, by their marks. An e-mail address decides by itself. */
export function impliedBy(leaves: readonly Leaf[], gate: Gate): readonly (readonly [mark: string, holds: boolean])[] {
  const open = leaves.filter(({ selector }) => selector !== "email" && (single.has(selector) || selector === "ip"));
  if (open.length === 0) return [];
  const rules = known.get(gate) ?? rulesAt(gate);
  known.set(gate, rules);
  return rules.flatMap((rule) => {
    const told = open.map((leaf) => heldWith(rule, leaf));
    const holds = told.includes(false) ? false : told.includes(true) ? true : undefined;
    return holds === undefined ? [] : [[markOf(rule), holds] as const];
  });
}
