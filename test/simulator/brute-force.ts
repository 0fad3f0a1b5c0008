import type { Members } from "../../src/core/change.ts";

/** An account in which everything is known. */
export interface Account {
  readonly applications: readonly Members[];
  readonly policies: readonly Members[];
  readonly groups: readonly Members[];
  readonly identityProviders: readonly Members[];
  readonly serviceTokens: readonly Members[];
  readonly organization: readonly Members[];
}

/** Somebody of whom everything is known: `facts` are the texts of the rules that hold, no other does. */
export interface Visitor {
  readonly email?: string;
  readonly token?: string;
  readonly group?: string;
  readonly facts: ReadonlySet<string>;
}

type Rules = readonly Record<string, Record<string, string>>[];
const find = (items: readonly Members[], id: unknown) => items.find((item) => item["id"] === id);
const isEarly = (decision: unknown) => decision === "bypass" || decision === "non_identity";
const isZero = (session: unknown) => typeof session === "string" && /^0+[smh]$/.test(session);

/** Whether a visitor gets into an application, by the plainest reading of the rules: no third value, no cleverness. */
export function getsIn(visitor: Visitor, applicationId: string, account: Account): boolean {
  const application = find(account.applications, applicationId);
  if (application === undefined) return false;

  const holds = (rule: Rules[number], decision: unknown, login: string, depth: number): boolean => {
    const [[name, argument] = ["", {}]] = Object.entries(rule);
    const early = isEarly(decision);
    // What everyone means to machines is not documented: a fact like any other.
    if (name === "everyone") return decision !== "non_identity" || visitor.facts.has(JSON.stringify(rule));
    if (name === "group") {
      if (!early && argument["id"] === visitor.group) return true;
      const group = find(account.groups, argument["id"]);
      if (group === undefined || depth > 5) return visitor.facts.has(JSON.stringify(rule));
      return match(group, decision, login, depth + 1);
    }
    const isToken = name === "service_token" || name === "any_valid_service_token";
    if (isToken) {
      const token = find(account.serviceTokens, visitor.token);
      if (!early || token === undefined || token["enabled"] === false) return false;
      // What rules for tokens mean in a bypass is not documented either.
      if (decision === "bypass" && !visitor.facts.has(JSON.stringify(rule))) return false;
      return name === "any_valid_service_token" || argument["token_id"] === visitor.token;
    }
    if (name === "geo") return visitor.facts.has(JSON.stringify(rule));
    if (early) return false;
    // Of whom only the group is known, the address is a fact like any other.
    if (name === "email" && visitor.email !== undefined) return argument["email"] === visitor.email;
    if (name === "email_domain" && visitor.email !== undefined) return visitor.email.endsWith(`@${argument["domain"]}`);
    if (name === "login_method") return argument["id"] === login;
    const provider = argument["identity_provider_id"];
    return (provider === undefined || provider === login) && visitor.facts.has(JSON.stringify(rule));
  };
  const match = (holder: Members, decision: unknown, login: string, depth = 0): boolean => {
    const at = (place: string) => (holder[place] ?? []) as Rules;
    const test = (rule: Rules[number]) => holds(rule, decision, login, depth);
    return at("include").some(test) && at("require").every(test) && !at("exclude").some(test);
  };

  const policies = ((application["policies"] ?? []) as readonly Members[])
    .map(
      (own): Members => ({
        ...(find(account.policies, own["id"]) ?? (own["reusable"] ? {} : own)),
        at: own["precedence"],
      }),
    )
    .sort((one, other) => Number(one["at"]) - Number(other["at"]));
  for (const policy of policies) {
    if (isEarly(policy["decision"]) && match(policy, policy["decision"], "")) return true;
  }

  const allowed = (application["allowed_idps"] ?? []) as readonly unknown[];
  const logins = account.identityProviders
    .map(({ id }) => String(id))
    .filter((id) => !allowed.length || allowed.includes(id));
  return logins.some((login) => {
    if (visitor.email === undefined && visitor.group === undefined) return false;
    const first = policies.find((policy) => !isEarly(policy["decision"]) && match(policy, policy["decision"], login));
    if (first?.["decision"] !== "allow") return false;
    const session = first["session_duration"] ?? application["session_duration"];
    return !isZero(session) && !isZero(account.organization[0]?.["session_duration"]);
  });
}
