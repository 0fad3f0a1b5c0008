import type { Members } from "../../../src/core/change.ts";
import type { Case } from "./case.ts";
import { now } from "./case.ts";
import type { Ask } from "./possibilities.ts";

/** One visit of which everything that is asked for is known, be it by asking. */
export interface Visit {
  readonly one: Case;
  readonly ask: Ask;
}

const has = (value: unknown, wanted: string): boolean => Array.isArray(value) && value.includes(wanted);
const either = [false, true] as const;

/** Every text in an account that stands under one of some names. */
function mentioned(value: unknown, names: readonly string[], name = ""): readonly string[] {
  if (typeof value === "string") return names.includes(name) ? [value] : [];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => mentioned(member, names, Array.isArray(value) ? name : key));
}
const everywhere = ({ application, account }: Case, ...names: string[]) => [
  ...new Set(mentioned([application, account], names)),
];

/** Nobody who is known by a machine's credential alone ever logs in. */
export function isMachine({ email, groups, idp_groups, claims, ...more }: Case["identity"]): boolean {
  const isPerson = [email, groups, idp_groups, claims].some((known) => known !== undefined);
  return !isPerson && [more.service_token, more.common_name, more.linked_app].some((known) => known !== undefined);
}

const emailOf = ({ one, ask }: Visit): string => {
  if (one.identity.email !== undefined) return one.identity.email;
  if (isMachine(one.identity)) return "";
  const atDomains = everywhere(one, "domain").map((domain) => `somebody@${domain}`);
  return ask("email", [...everywhere(one, "email", "value"), ...atDomains, "nobody@elsewhere.example"]);
};

/** The identity providers that can be logged in by; nothing when they could not be read. */
function loginsOf({ application, account }: Case): readonly string[] | undefined {
  const allowed = application["allowed_idps"];
  const isAllowed = (id: string) => !Array.isArray(allowed) || allowed.length === 0 || allowed.includes(id);
  return account.identityProviders?.map(({ id }) => String(id)).filter(isAllowed);
}

/** The provider of the login; empty for those who do not log in. */
const loginOf = ({ one, ask }: Visit): string => {
  if (one.identity.login_method !== undefined) return one.identity.login_method;
  if (isMachine(one.identity)) return "";
  const logins = loginsOf(one) ?? [...everywhere(one, "identity_provider_id", "id"), "elsewhere"];
  return logins.length === 0 ? "" : ask("login", logins);
};

/** With it, a request that carries a token is never let in by a login. */
function isStrict({ one, ask }: Visit): boolean {
  const settings = one.account.organization;
  if (settings === undefined) return ask("strict", either);
  const [{ strict_service_token_auth, created_at } = {}] = settings;
  return strict_service_token_auth === true || String(created_at) >= "2026-10-05";
}

/** Whether the visitor can log in at the application. */
export function logsIn(visit: Visit): boolean {
  const { one, ask } = visit;
  if (isMachine(one.identity)) return false;
  if (one.identity.service_token !== undefined && isStrict(visit)) return false;
  const logins = loginsOf(one);
  return logins === undefined ? ask("a login works", either) : logins.includes(loginOf(visit));
}

const bitsOf = (address: string): string => {
  if (!address.includes(":")) {
    return `4${address
      .split(".")
      .map((part) => Number(part).toString(2).padStart(8, "0"))
      .join("")}`;
  }
  const [head = "", tail] = address.split("::");
  const words = (text: string) => (text === "" ? [] : text.split(":"));
  const zeros = Array.from({ length: tail === undefined ? 0 : 8 - words(head).length - words(tail).length }, () => "0");
  const all = [...words(head), ...zeros, ...words(tail ?? "")];
  return `6${all.map((word) => Number.parseInt(word, 16).toString(2).padStart(16, "0")).join("")}`;
};

/** Bits, the family first: an address is in a network when it starts alike. */
const isWithin = (address: string, network: string): boolean => {
  const [base = "", length = "128"] = network.split("/");
  return bitsOf(address).startsWith(bitsOf(base).slice(0, Number(length) + 1));
};

const ipOf = ({ one, ask }: Visit): string => {
  if (one.identity.ip !== undefined) return one.identity.ip;
  const inside = everywhere(one, "ip", "value").filter((text) => !text.includes("@"));
  return ask("ip", [...inside.map((network) => network.replace(/\/.*/, "")), "203.0.113.77", "2001:db8:f::77"]);
};

/** The values of a list; nothing when they could not be read or nothing tells that it exists. */
function listOf({ account }: Case, id: unknown): readonly string[] | undefined {
  const values = account.gatewayListItems?.filter(({ list_id }) => list_id === id).map(({ value }) => String(value));
  const isThere = account.gatewayLists?.some((list) => list["id"] === id) ?? false;
  return isThere || values?.length ? values : undefined;
}

const presentsCertificate = ({ one: { identity }, ask }: Visit): boolean =>
  identity.common_name !== undefined || (identity.certificate ?? ask("certificate", either));

const commonNameOf = ({ one, ask }: Visit): string =>
  one.identity.common_name ?? ask("common name", [...everywhere(one, "common_name"), "other"]);

/** Whether an authority is bound to the hostname that the visit is to. */
function isBound({ one: { application, account }, ask }: Visit): boolean {
  const isOpen = () => ask("an authority is bound", either);
  if (account.mtlsCertificates === undefined) return isOpen();
  const bound = mentioned(account.mtlsCertificates, ["associated_hostnames"]);
  if (bound.length === 0) return false;
  const hosts = mentioned(application["destinations"], ["uri"]).map((uri) => uri.replace(/\/.*/, ""));
  return hosts.length === 0 ? isOpen() : bound.includes(ask("host", hosts));
}

/** Whether the visitor presents a service token that exists, is enabled and has not expired. */
function presentsToken({ one: { identity, account }, ask }: Visit): boolean {
  if (identity.service_token === undefined) return false;
  if (account.serviceTokens === undefined) return ask("the token is valid", either);
  const token = account.serviceTokens.find(({ id }) => id === identity.service_token);
  return token !== undefined && token["enabled"] !== false && Date.parse(String(token["expires_at"])) > now;
}

const groupAt = (visit: Visit, { identity_provider_id }: Members, isMember: (group: string) => boolean, name: string) =>
  loginOf(visit) === identity_provider_id &&
  (visit.one.identity.idp_groups?.some(isMember) ?? visit.ask(`in ${identity_provider_id} ${name}`, either));

const claims = (visit: Visit, { identity_provider_id }: Members, name: unknown, value: unknown) => {
  if (loginOf(visit) !== identity_provider_id) return false;
  const known = visit.one.identity.claims;
  return known === undefined
    ? visit.ask(`${identity_provider_id} says ${name}=${value}`, either)
    : has(known[String(name)], String(value));
};

const scores = ["low", "medium", "high"];

/** The documents disagree on whether the scores are a list or the highest that passes: both are looked at. */
function hasScore({ one, ask }: Visit, wanted: readonly string[]): boolean {
  const score = one.identity.risk ?? ask("risk", [...scores, "unscored"]);
  const isListed = wanted.includes(score);
  if (ask("risk scores are a list", either)) return isListed;
  const highest = Math.max(...wanted.map((limit) => scores.indexOf(limit)));
  // Where a person without a score stands, no document says.
  if (!isListed && (score === "unscored" || highest < 0)) return ask("unscored is low", either);
  return isListed || scores.indexOf(score) <= highest;
}

const isPerson = new Set(
  "email email_domain email_list login_method azureAD okta gsuite github-organization saml oidc auth_method auth_context user_risk_score cloudflare_account_member".split(
    " ",
  ),
);
const isToken = new Set("service_token any_valid_service_token linked_app_token".split(" "));
const isForServiceAuth = new Set(["service_token", "any_valid_service_token"]);
const isForTargets = new Set(
  "email email_domain saml geo auth_method device_posture azureAD github-organization gsuite okta".split(" "),
);

/** What each selector asks; those that are not here nobody can decide. */
const selectors: Readonly<Record<string, (argument: Members, visit: Visit) => boolean>> = {
  everyone: () => true,
  email: ({ email }, visit) => emailOf(visit).toLowerCase() === String(email).toLowerCase(),
  email_domain: ({ domain }, visit) => emailOf(visit).toLowerCase().split("@")[1] === String(domain).toLowerCase(),
  email_list: ({ id }, { one, ask }) => {
    if (isMachine(one.identity)) return false;
    const email = one.identity.email?.toLowerCase();
    const list = email === undefined ? undefined : listOf(one, id);
    return list?.some((value) => value.toLowerCase() === email) ?? ask(`list ${id}`, either);
  },
  ip: ({ ip }, visit) => isWithin(ipOf(visit), String(ip)),
  ip_list: ({ id }, visit) => {
    const list = visit.one.identity.ip === undefined ? undefined : listOf(visit.one, id);
    return list?.some((network) => isWithin(ipOf(visit), network)) ?? visit.ask(`list ${id}`, either);
  },
  geo: ({ country_code }, visit) =>
    (visit.one.identity.country ?? visit.ask("country", [...everywhere(visit.one, "country_code"), "ZZ"])) ===
    country_code,
  login_method: ({ id }, visit) => loginOf(visit) === id,
  azureAD: (rule, visit) => groupAt(visit, rule, (group) => group === rule["id"], String(rule["id"])),
  okta: (rule, visit) => groupAt(visit, rule, (group) => group === rule["name"], String(rule["name"])),
  gsuite: (rule, visit) => groupAt(visit, rule, (group) => group === rule["email"], String(rule["email"])),
  "github-organization": (rule, visit) => {
    const { name, team } = rule;
    const isMember = (group: string) =>
      team === undefined ? group.split("/")[0] === name : group === `${name}/${team}`;
    return groupAt(visit, rule, isMember, `${name} ${team}`);
  },
  saml: (rule, visit) => claims(visit, rule, rule["attribute_name"], rule["attribute_value"]),
  oidc: (rule, visit) => claims(visit, rule, rule["claim_name"], rule["claim_value"]),
  auth_method: ({ auth_method }, visit) =>
    visit.one.identity.auth_methods?.includes(String(auth_method)) ?? visit.ask(`method ${auth_method}`, either),
  auth_context: ({ id, identity_provider_id }, visit) =>
    loginOf(visit) === identity_provider_id && visit.ask(`context ${id}`, either),
  certificate: (_, visit) => isBound(visit) && presentsCertificate(visit),
  common_name: ({ common_name }, visit) =>
    isBound(visit) && presentsCertificate(visit) && commonNameOf(visit) === common_name,
  device_posture: ({ integration_uid }, visit) =>
    visit.one.identity.posture?.includes(String(integration_uid)) ?? visit.ask(`posture ${integration_uid}`, either),
  user_risk_score: ({ user_risk_score }, visit) => hasScore(visit, user_risk_score as readonly string[]),
  service_token: ({ token_id }, visit) => visit.one.identity.service_token === token_id && presentsToken(visit),
  any_valid_service_token: (_, visit) => presentsToken(visit),
  linked_app_token: ({ app_uid }, { one: { identity, account }, ask }) =>
    (account.applications?.some(({ id }) => id === app_uid) ?? ask(`application ${app_uid}`, either)) &&
    (identity.linked_app ?? ask("linked application", [app_uid, "none"])) === app_uid,
};

/** Whether a rule other than a group holds, in a policy of a decision. */
export function holds(selector: string, argument: Members, decision: string, visit: Visit): boolean {
  const isEarly = decision === "bypass" || decision === "non_identity";
  const unknown = () => visit.ask(`${selector} ${JSON.stringify(argument)}`, either);
  if (isEarly ? isPerson.has(selector) : isToken.has(selector)) return false;
  if (visit.one.application["type"] === "infrastructure" && !isForTargets.has(selector)) return unknown();
  // These are for Service Auth; what they mean in a bypass no document says.
  if (decision === "bypass" && isForServiceAuth.has(selector))
    return selectors[selector]?.(argument, visit) === true && unknown();
  // Whether Service Auth takes everyone was not verified.
  if (selector === "everyone" && decision === "non_identity") return unknown();
  return selectors[selector]?.(argument, visit) ?? unknown();
}

/**
 * What follows for a rule from the one value that a visit has of something: its country, e-mail address, login, service
 * token, certificate or address. Of other rules nothing follows.
 */
export function holdsByOneValue(selector: string, argument: Members, { one, ask }: Visit): boolean | undefined {
  if (one.application["type"] === "infrastructure" && !isForTargets.has(selector)) return undefined;
  const value = (of: string, named: readonly string[]) => ask(of, [...named, ""]);
  const login = () => value("login", everywhere(one, "identity_provider_id", "id"));
  switch (selector) {
    case "geo":
      return value("country", everywhere(one, "country_code")) === argument["country_code"];
    case "email":
    case "email_domain": {
      const atDomains = everywhere(one, "domain").map((domain) => `somebody@${domain}`);
      const email = value("email", [...everywhere(one, "email"), ...atDomains]).toLowerCase();
      const isAt = email.split("@")[1] === String(argument["domain"]).toLowerCase();
      return selector === "email" ? email === String(argument["email"]).toLowerCase() : isAt;
    }
    case "login_method":
      return login() === argument["id"];
    case "service_token":
      return value("token", everywhere(one, "token_id")) === argument["token_id"];
    case "common_name":
      return value("common name", everywhere(one, "common_name")) === argument["common_name"];
    case "ip": {
      const ip = value(
        "ip",
        everywhere(one, "ip").map((network) => network.replace(/\/.*/, "")),
      );
      return ip !== "" && isWithin(ip, String(argument["ip"]));
    }
    default:
      // Who logs in elsewhere is in no group of a provider; who logs in there may be.
      return argument["identity_provider_id"] === undefined || login() === argument["identity_provider_id"]
        ? undefined
        : false;
  }
}
