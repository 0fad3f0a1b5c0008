import { leafOfMark, selectorOf } from "./facts.ts";
import { textOf } from "./fields.ts";
import { networkCovers, networkOf } from "./networks.ts";
import type { Verdict } from "./verdicts.ts";
import type { Leaf } from "./wording.ts";

/** What a request has one of, by the selectors that ask for it; groups and claims of a provider ask for the login. */
const kinds: Readonly<Record<string, string>> = {
  email: "address",
  email_domain: "address",
  geo: "country",
  login_method: "login",
  service_token: "token",
  common_name: "certificate",
  ip: "network",
};

function kindOf({ selector, argument }: Leaf): string | undefined {
  if (selector === "ip" && networkOf(textOf(argument["ip"])) === undefined) return undefined;
  return kinds[selector] ?? (argument["identity_provider_id"] === undefined ? undefined : "login");
}

const lower = (value: unknown): string => textOf(value).toLowerCase();
const domainOf = ({ argument }: Leaf): string => `@${lower(argument["domain"]).replace(/^@/, "")}`;
const addressOf = (leaf: Leaf): string => (leaf.selector === "email" ? lower(leaf.argument["email"]) : domainOf(leaf));
const providerOf = ({ argument }: Leaf): unknown => argument["identity_provider_id"] ?? argument["id"];

/** Whether whatever a rule asks for is what a rule of the same kind asks for, or some of it. */
const coverings: Readonly<Record<string, (wide: Leaf, narrow: Leaf) => boolean>> = {
  address: (wide, narrow) =>
    wide.selector === "email_domain"
      ? addressOf(narrow).endsWith(domainOf(wide))
      : addressOf(wide) === addressOf(narrow),
  country: (wide, narrow) => lower(wide.argument["country_code"]) === lower(narrow.argument["country_code"]),
  login: (wide, narrow) => providerOf(wide) === providerOf(narrow),
  token: (wide, narrow) => wide.argument["token_id"] === narrow.argument["token_id"],
  certificate: (wide, narrow) => wide.argument["common_name"] === narrow.argument["common_name"],
  network: (wide, narrow) => {
    const [all, some] = [wide, narrow].map(({ argument }) => networkOf(textOf(argument["ip"])));
    return all !== undefined && some !== undefined && networkCovers(all, some);
  },
};

const covers = (wide: Leaf, narrow: Leaf, kind: string): boolean => coverings[kind]?.(wide, narrow) ?? false;

/** Whether a rule asks for nothing else: who logs in by a provider may be in its group or not. */
const isWhole = (rule: Leaf, kind: string): boolean => kind !== "login" || rule.selector === "login_method";

/** Whether a rule holds of a request of which another does; nothing where that does not tell. */
export function heldWith(rule: Leaf, other: Leaf): Verdict {
  const kind = kindOf(rule);
  if (kind === undefined || kind !== kindOf(other)) return undefined;
  if (covers(rule, other, kind)) return isWhole(rule, kind) ? true : undefined;
  return covers(other, rule, kind) ? undefined : false;
}

/** Whether two rules never hold of one request: two countries, an address of another domain, networks that do not meet. */
export const areApart = (one: Leaf, other: Leaf): boolean => heldWith(one, other) === false;

/** What a request has of one kind: just what a rule asks for, or what no rule does. */
interface Case {
  readonly kind: string;
  readonly leaf?: Leaf;
}

/** What is supposed of a request besides what is known of it. */
export type Supposed = readonly Case[];

/** Whether a rule holds as far as what is supposed tells. */
export function heldBy(supposed: Supposed, rule: Leaf): Verdict {
  const kind = kindOf(rule);
  const met = supposed.find((one) => one.kind === kind);
  if (kind === undefined || met === undefined) return undefined;
  if (met.leaf === undefined || !covers(rule, met.leaf, kind)) return false;
  return isWhole(rule, kind) ? true : undefined;
}

/** What became of rules, and the marks of those that are not known. */
interface Tried {
  readonly verdict: Verdict;
  readonly missing: readonly string[];
}

/** So many cases are tried at most; with more it stays open. */
const mostCases = 250;

/**
 * The rules that rule each other out when something that is not known never holds, whatever a request has of each kind:
 * what is not known of one rule is often known when another holds. Nothing when it may hold.
 */
export function contradiction(open: readonly string[], attempt: (supposed: Supposed) => Tried): readonly Leaf[] {
  const count = { left: mostCases };
  const among: Leaf[] = [];
  const fails = (missing: readonly string[], supposed: Supposed): boolean => {
    const [kind, leaves] = fewest(missing, supposed) ?? [];
    if (kind === undefined || leaves === undefined) return false;
    among.push(...leaves);
    return [...leaves.map((leaf) => ({ kind, leaf })), { kind }].every((one) => {
      if (count.left-- <= 0) return false;
      const { verdict, missing: rest } = attempt([...supposed, one]);
      return verdict === false || (verdict === undefined && fails(rest, [...supposed, one]));
    });
  };
  return fails(open, []) ? [...new Set(among)] : [];
}

/** The kind of which the fewest different rules are open, and those; of one rule alone nothing follows. */
function fewest(missing: readonly string[], supposed: Supposed): readonly [string, readonly Leaf[]] | undefined {
  if (missing.length < 2) return undefined;
  const found = new Map<string, string[]>();
  for (const mark of missing) {
    const kind = kinds[selectorOf(mark)] ?? (mark.includes(provided) ? "login" : undefined);
    if (kind === undefined || supposed.some((one) => one.kind === kind)) continue;
    const marks = found.get(kind);
    if (marks === undefined) found.set(kind, [mark]);
    else marks.push(mark);
  }
  return [...found]
    .filter(([, marks]) => marks.length > 1)
    .map(([kind, marks]) => [kind, [...new Set(marks)].map(leafOfMark)] as const)
    .filter(([kind, leaves]) => leaves.some((leaf) => isWhole(leaf, kind) || areApart(leaf, leaves[0] ?? leaf)))
    .sort(([, some], [, others]) => some.length - others.length)[0];
}

/** How the marks of rules that belong to an identity provider say so; inside of a value its quotes would be escaped. */
const provided = '["identity_provider_id"';
