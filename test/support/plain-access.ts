import type { Sandbox } from "../../src/sandbox/index.ts";
import type { Row } from "../sandbox/support.ts";

/** What is in an account of a sandbox, by kind. */
export interface Holdings {
  /** The rows of a collection below `access/`. */
  rows(path: string): readonly Row[];
  readonly organization: Row;
}

/** One look at everything in a sandbox. */
export function holdingsOf(sandbox: Sandbox): Holdings {
  const snapshot = sandbox.snapshot();
  const account = `accounts/${sandbox.accountId}`;
  return {
    rows: (path) => Object.values(snapshot[`${account}/access/${path}`] ?? {}),
    organization: snapshot[`${account}/access`]?.["organizations"] ?? {},
  };
}

/** Somebody who comes to an application, known by one thing only. */
export type Visitor = { readonly email: string } | { readonly token: string } | { readonly member: string };

type Rule = Readonly<Record<string, Row>>;

const rulesAt = (holder: Row, place: string): readonly Rule[] => (holder[place] ?? []) as readonly Rule[];
const isEarly = ({ decision }: Row) => decision === "bypass" || decision === "non_identity";
/** Sessions so short that nobody is ever logged in. */
const endsAtOnce = (session: unknown): boolean => typeof session === "string" && /^0+(?:ns|us|ms|s|m|h)$/.test(session);

/**
 * Whether a visitor gets into an application in every case, by the plainest reading of Cloudflare's documentation: bypass
 * and service auth from top to bottom, then block and allow; include OR, require AND, exclude NOT. What the account
 * cannot tell is tried both ways, in all combinations; a person takes the identity provider that helps.
 */
export function surelyGetsIn(visitor: Visitor, applicationId: string, { rows, organization }: Holdings): boolean {
  const application = rows("apps").find(({ id }) => id === applicationId);
  if (application === undefined) return false;
  const [groups, tokens] = [rows("groups"), rows("service_tokens")];
  const reusable = rows("policies");
  const own = rows(`apps/${applicationId}/policies`);
  const policies = ((application["policies"] ?? []) as Row[])
    .toSorted((one, other) => Number(one["precedence"]) - Number(other["precedence"]))
    .map(({ id }) => [...own, ...reusable].find((policy) => policy["id"] === id))
    .filter((policy) => policy !== undefined);
  const allowed = (application["allowed_idps"] ?? []) as readonly unknown[];
  const logins = rows("identity_providers")
    .map(({ id }) => id)
    .filter((id) => allowed.length === 0 || allowed.includes(id));

  const open = new Set<string>();
  const getsIn = (facts: ReadonlySet<string>): boolean => {
    const fact = (rule: unknown): boolean => {
      const text = JSON.stringify(rule);
      open.add(text);
      return facts.has(text);
    };
    const holds = (rule: Rule, policy: Row, login: unknown, depth: number): boolean => {
      const [name = "", argument = {}] = Object.entries(rule)[0] ?? [];
      const early = isEarly(policy);
      if (name === "everyone") return policy["decision"] === "non_identity" ? fact(["everyone", "machines"]) : true;
      if (name === "group") {
        if (!early && "member" in visitor && argument["id"] === visitor.member) return true;
        const group = groups.find(({ id }) => id === argument["id"]);
        return group === undefined || depth > 6 ? fact(rule) : matches(group, policy, login, depth + 1);
      }
      if (name === "geo" || name === "ip") return fact(rule);
      if (name === "okta" || name === "auth_method") {
        // Only whoever logged in by that provider can be in its groups.
        const { identity_provider_id: provider } = argument;
        return !early && (provider === undefined || provider === login) && fact(rule);
      }
      if (name === "service_token" || name === "any_valid_service_token") {
        if (!early || !("token" in visitor)) return false;
        const token = tokens.find(({ id }) => id === visitor.token);
        const isValid =
          token !== undefined && token["enabled"] !== false && !(Date.parse(String(token["expires_at"])) < Date.now());
        return isValid && (name === "any_valid_service_token" || argument["token_id"] === visitor.token);
      }
      if (early || "token" in visitor) return false;
      if (name === "login_method") return argument["id"] === login;
      if ("member" in visitor) return fact(rule);
      if (name === "email") return String(argument["email"]).toLowerCase() === visitor.email;
      if (name === "email_domain") return visitor.email.endsWith(`@${String(argument["domain"]).toLowerCase()}`);
      throw new Error(`a selector that this reading does not know: ${name}`);
    };
    const matches = (holder: Row, policy: Row, login: unknown, depth = 0): boolean => {
      const is = (rule: Rule) => holds(rule, policy, login, depth);
      return (
        rulesAt(holder, "include").some(is) &&
        rulesAt(holder, "require").every(is) &&
        !rulesAt(holder, "exclude").some(is)
      );
    };
    if (policies.some((policy) => isEarly(policy) && matches(policy, policy, undefined))) return true;
    if ("token" in visitor) return false;
    return logins.some((login) => {
      const first = policies.find((policy) => !isEarly(policy) && matches(policy, policy, login));
      const session = first?.["session_duration"] ?? application["session_duration"];
      return first?.["decision"] === "allow" && !endsAtOnce(session) && !endsAtOnce(organization["session_duration"]);
    });
  };

  // What is open shows when it is asked for; another answer may ask for more.
  const tried = new Set<string>();
  const waiting: (readonly string[])[] = [[]];
  for (let facts = waiting.pop(); facts !== undefined; facts = waiting.pop()) {
    const key = [...facts].sort().join();
    if (tried.has(key)) continue;
    tried.add(key);
    if (!getsIn(new Set(facts))) return false;
    for (const one of open) if (!facts.includes(one)) waiting.push([...facts, one]);
  }
  return true;
}
