import { BlockList, isIPv4 } from "node:net";
import { Rule } from "../../access/rules.ts";
import type { Members } from "../../core/change.ts";
import { listOf, membersOf, textOf } from "../fields.ts";
import { canonical } from "./compare.ts";
import { type Finding, finding, listed, quoted, type widening } from "./reasons.ts";

/** One rule taken apart: its selector, what the selector says, and a text that is equal for equal rules. */
interface Parsed {
  readonly selector: string;
  readonly says: Members;
  readonly key: string;
}

/** Selectors whose values mean the same in upper and lower case (e-mail addresses and domains). */
const caseless = new Set(["email", "email_domain", "gsuite", "geo"]);

/** A rule with no selector, several, or one that the API did not have when this was written has none to go by. */
function parsed(rule: Members): Parsed {
  const selectors = Object.keys(rule).filter((key) => rule[key] !== undefined && rule[key] !== null);
  const selector = selectors.length === 1 ? (selectors[0] ?? "") : "";
  const key = canonical(rule);
  return {
    selector: Object.hasOwn(Rule.shape, selector) ? selector : "",
    says: membersOf(rule[selector]),
    key: caseless.has(selector) ? key.toLowerCase() : key,
  };
}

const isOf = (field: string) => (wide: Members, narrow: Members) => wide[field] === narrow[field];

/** Whether all whom a rule of the first selector matches are matched by one of the second too, by what both say. */
const covering: Readonly<Record<string, Readonly<Record<string, (wide: Members, narrow: Members) => boolean>>>> = {
  email_domain: {
    email: (wide, narrow) =>
      textOf(narrow["email"])
        .toLowerCase()
        .endsWith(`@${textOf(wide["domain"]).toLowerCase()}`) && textOf(wide["domain"]) !== "",
  },
  any_valid_service_token: { service_token: () => true },
  certificate: { common_name: () => true },
  ip: { ip: (wide, narrow) => isWithin(textOf(narrow["ip"]), textOf(wide["ip"])) },
  "github-organization": {
    "github-organization": (wide, narrow) =>
      isOf("name")(wide, narrow) &&
      isOf("identity_provider_id")(wide, narrow) &&
      ((wide["team"] ?? undefined) === undefined || isOf("team")(wide, narrow)),
  },
  user_risk_score: {
    user_risk_score: (wide, narrow) => {
      const [all, some] = [wide["user_risk_score"], narrow["user_risk_score"]];
      return Array.isArray(all) && Array.isArray(some) && some.every((score) => all.includes(score));
    },
  },
};

/** Whether one network lies in another; both as address or CIDR. What is neither lies nowhere. */
function isWithin(inner: string, outer: string): boolean {
  const [[, address = "", size] = [], [, network = "", prefix] = []] = [inner, outer].map(
    (network) => /^([\da-f.:]+)(?:\/(\d+))?$/i.exec(network) ?? [],
  );
  const family = isIPv4(address) ? "ipv4" : "ipv6";
  const longest = family === "ipv4" ? 32 : 128;
  const [innerPrefix, outerPrefix] = [Number(size ?? longest), Number(prefix ?? longest)];
  if (isIPv4(address) !== isIPv4(network) || !(innerPrefix >= outerPrefix)) return false;
  try {
    const list = new BlockList();
    list.addSubnet(network, outerPrefix, family);
    return list.check(address, family);
  } catch {
    return false;
  }
}

/** Selectors that need no login: they match in policies that ask for none (documented per selector by Cloudflare). */
const withoutLogin = new Set([
  "everyone",
  "ip",
  "ip_list",
  "geo",
  "certificate",
  "common_name",
  "service_token",
  "any_valid_service_token",
  "linked_app_token",
  "device_posture",
]);

/**
 * Whether all whom one rule matches are matched by another too. What `everyone` means to machines is not documented:
 * where they may come without login it covers only people.
 */
function covers(wide: Parsed, narrow: Parsed, machinesCome: boolean): boolean {
  if (wide.key === narrow.key) return true;
  if (wide.selector === "" || narrow.selector === "") return false;
  if (wide.selector === "everyone") {
    return !machinesCome || (narrow.selector !== "group" && !withoutLogin.has(narrow.selector));
  }
  if (wide.selector === "login_method" && narrow.says["identity_provider_id"] !== undefined) {
    return narrow.says["identity_provider_id"] === wide.says["id"];
  }
  return covering[wide.selector]?.[narrow.selector]?.(wide.says, narrow.says) ?? false;
}

/** Whether a group that is known holds everyone. */
const isEveryone = ({ everyone }: Members): boolean => everyone === true;

/** A rule as a sentence names it: `email "ada@example.com"`. */
function named({ selector, says, key }: Parsed): string {
  if (selector === "") return `a rule that nobody knows, ${quoted(key)}`;
  if (selector === "group" && says["name"] !== undefined) {
    return `group ${quoted(says["name"])}${isEveryone(says) ? ", which holds everyone" : ""}`;
  }
  const values = Object.values(says);
  if (values.length === 0) return selector;
  return `${selector} ${quoted(values.length === 1 ? values[0] : says)}`;
}

/** The codes of rules that let in a whole class at once. */
const broad: Readonly<Record<string, keyof typeof widening>> = {
  everyone: "everyone",
  any_valid_service_token: "any_service_token",
  certificate: "any_certificate",
  login_method: "any_login",
  "": "unclear",
};

/** Selectors by how many they may match, most first: many small rules must not hide a wide one. */
const byBreadth = [
  ["everyone", "any_valid_service_token", "certificate"],
  ["email_domain", "cloudflare_account_member"],
  ["email_list", "ip_list"],
  ["login_method", "github-organization", "gsuite", "okta", "azureAD", "saml", "oidc"],
  ["auth_method", "auth_context", "external_evaluation", "user_risk_score", "device_posture"],
  ["group"],
  ["ip", "geo"],
  ["linked_app_token", "service_token", "common_name", "email"],
];

/** What nobody has ranked comes first. */
const breadth = ({ selector, says }: Parsed): number =>
  isEveryone(says) ? 0 : byBreadth.findIndex((selectors) => selectors.includes(selector));

type Code = Finding["code"];

const told = (rules: readonly Parsed[], field: string, verb: string, codeOf: (rule: Parsed) => Code) => {
  const byCode = new Map<Code, Parsed[]>();
  for (const rule of rules.toSorted((one, other) => breadth(one) - breadth(other))) {
    byCode.set(codeOf(rule), [...(byCode.get(codeOf(rule)) ?? []), rule]);
  }
  return [...byCode].map(([code, same]) => {
    const kinds = same.map(({ selector }) => selector || "unknown");
    return finding(code, `${field} ${verb} ${listed(same.map(named), kinds)}`);
  });
};

/** The code of a rule, unless nobody knows what the rule says. */
const orUnclear =
  (code: Code) =>
  ({ selector }: Parsed): Code =>
    selector === "" ? "unclear" : code;

const parsedList = (holder: Members, field: string) => listOf(holder[field]).map(parsed);

/** What the difference between two sets of rules means for who matches: widening is "more match". */
export function comparedRules(before: Members, after: Members, machinesCome: boolean): readonly Finding[] {
  const beyond = (field: string, one: Members, other: Members, isIn: (rule: Parsed, known: Parsed) => boolean) => {
    const known = parsedList(other, field);
    return parsedList(one, field).filter((rule) => !known.some((candidate) => isIn(rule, candidate)));
  };
  const within = (rule: Parsed, known: Parsed) => covers(known, rule, machinesCome);
  // All conditions have to hold: one is still there when a condition at least as strict is.
  const implied = (rule: Parsed, known: Parsed) => covers(rule, known, machinesCome);
  return [
    ...told(beyond("include", after, before, within), "include", "gains", ({ selector, says }) =>
      isEveryone(says) ? "everyone" : (broad[selector] ?? "include_added"),
    ),
    ...told(beyond("include", before, after, within), "include", "loses", orUnclear("include_removed")),
    ...told(beyond("require", before, after, implied), "require", "loses", orUnclear("dropped_require")),
    ...told(beyond("require", after, before, implied), "require", "gains", orUnclear("added_require")),
    ...told(beyond("exclude", before, after, within), "exclude", "loses", orUnclear("removed_exclude")),
    ...told(beyond("exclude", after, before, within), "exclude", "gains", orUnclear("added_exclude")),
  ];
}

/**
 * Whether rules may match more when people log in than when nobody is asked to: they name people, or a group. What
 * matched everyone already matches no more.
 */
export const gainsByLogin = (holder: Members, matchedEveryone: boolean): boolean => {
  const [include, require] = [parsedList(holder, "include"), parsedList(holder, "require")];
  const isOpen = ({ selector }: Parsed) => selector === "everyone";
  const namesPeople = (rule: Parsed) => isOpen(rule) || !withoutLogin.has(rule.selector);
  return require.some(namesPeople) || (include.some(namesPeople) && !(matchedEveryone && include.some(isOpen)));
};
