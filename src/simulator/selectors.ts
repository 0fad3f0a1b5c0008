import applications from "../access/applications/index.ts";
import mtlsCertificates from "../access/mtls-certificates.ts";
import serviceTokens from "../access/service-tokens.ts";
import type { Members } from "../core/change.ts";
import type { Room } from "../core/room.ts";
import type { Account } from "./account.ts";
import { hostsOf } from "./addresses.ts";
import type { Supposed } from "./cases.ts";
import { leastDuration, milliseconds } from "./durations.ts";
import { textOf } from "./fields.ts";
import { hostCovers, hostsMeet } from "./globs.ts";
import { listCalled } from "./lists.ts";
import { memberOf, networkOf } from "./networks.ts";
import { all, type Verdict } from "./verdicts.ts";

export type { Verdict } from "./verdicts.ts";

/**
 * Somebody or something that asks to be let in, as far as known. What is left out is not known; what is given is all
 * there is of it: of a list, nothing else holds.
 */
export interface Identity {
  readonly email?: string;
  /** Ids of Access groups that it is in as a person, whatever their rules say. */
  readonly groups?: readonly string[];
  /** Id of the service token that it presents. */
  readonly service_token?: string;
  /** Id of the identity provider that it logs in by. */
  readonly login_method?: string;
  /** Groups at that provider as rules name them: Entra ids, Okta names, Google addresses, GitHub `org` or `org/team`. */
  readonly idp_groups?: readonly string[];
  /** Values of SAML attributes and OIDC claims, by name. */
  readonly claims?: Readonly<Record<string, readonly string[]>>;
  /** How it authenticated there, in words of RFC 8176. */
  readonly auth_methods?: readonly string[];
  /** IPv4 or IPv6 address that the request comes from. */
  readonly ip?: string;
  /** Country that it comes from, ISO 3166-1 alpha-2. */
  readonly country?: string;
  /** Whether it presents a valid client certificate; so it does when the common name is given. */
  readonly certificate?: boolean;
  readonly common_name?: string;
  /** Ids of the posture rules that its device passes. */
  readonly posture?: readonly string[];
  readonly risk?: string;
  /** Id of the application that issued the OAuth token it presents. */
  readonly linked_app?: string;
  /** What is known of single rules that nothing else decides, by `ruleKey`. */
  readonly facts?: ReadonlyMap<string, boolean>;
}

// A way to log in is tried for anybody, so it says nothing of them.
const personal = ["email", "groups", "idp_groups", "claims"] as const;
const mechanical = ["service_token", "common_name", "linked_app"] as const;

const hasOne = (identity: Identity, fields: readonly (keyof Identity)[]): boolean =>
  fields.some((field) => identity[field] !== undefined);

/** Whether it is known as a machine and not as a person: such a one never logs in. */
export const isMachine = (identity: Identity): boolean => hasOne(identity, mechanical) && !hasOne(identity, personal);

/** What rules are asked about. */
export interface Question {
  readonly identity: Identity;
  readonly application: Members;
  readonly account: Account;
  /** Of the policy that asks: bypass and service auth are decided before anybody logs in. */
  readonly decision: string;
  /** Ids of the identity providers that can be logged in by; nothing when they are not known. */
  readonly logins: readonly string[] | undefined;
  /** What is taken for true of the identity besides, to see what would follow. */
  readonly supposed?: Supposed;
}

/** How one kind of rule is decided. */
export interface Selector {
  /** `person`: known after a login only; `machine`: looked at before a login only; the other way round it never holds. */
  readonly about?: "person" | "machine";
  /** What has to be read to decide it. */
  readonly reads?: Room;
  /** Without it, only what the caller says about a rule decides it. */
  readonly holds?: (argument: Members, question: Question) => Verdict;
}

/** The mark of a rule in facts: equal rules have equal marks. */
export const ruleKey = (selector: string, argument: Members): string =>
  JSON.stringify([selector, ...Object.entries(argument).sort(([one], [other]) => (one < other ? -1 : 1))]);

const byEmail = (test: (email: string, argument: Members, account: Account) => Verdict): Selector => ({
  about: "person",
  holds: (argument, { identity: { email }, account }) =>
    email === undefined ? undefined : test(email.toLowerCase(), argument, account),
});

/** Whether the identity logs in by a provider; the only one there is needs no telling. */
function logsInBy(id: unknown, { identity: { login_method }, logins }: Question): Verdict {
  if (login_method !== undefined) return login_method === id;
  if (logins === undefined) return undefined;
  if (!logins.includes(textOf(id))) return false;
  return logins.length === 1 ? true : undefined;
}

/** What only an identity provider tells, and only of those who log in by it. */
const toldByProvider = (test: (argument: Members, identity: Identity) => Verdict = () => undefined): Selector => ({
  about: "person",
  holds: (argument, question) => {
    const { identity_provider_id: id } = argument;
    return all([id === undefined ? true : logsInBy(id, question), test(argument, question.identity)]);
  },
});

const isSame = (one: unknown, other: string): boolean => textOf(one).toLowerCase() === other.toLowerCase();

const inGroup = (test: (argument: Members, group: string) => boolean): Selector =>
  toldByProvider((argument, { idp_groups }) => idp_groups?.some((group) => test(argument, group)));

const byClaim = (name: string, value: string): Selector =>
  toldByProvider(({ [name]: wanted, [value]: text }, { claims }) =>
    claims === undefined ? undefined : (claims[textOf(wanted)]?.includes(textOf(text)) ?? false),
  );

/** Whoever is in a team is in its organization too. */
function inOrganization({ name, team }: Members, group: string): boolean {
  const organization = group.replace(/\/.*/, "");
  return (
    isSame(name, team === undefined ? organization : group.slice(0, organization.length)) &&
    (team === undefined || isSame(team, group.slice(organization.length + 1)))
  );
}

const isUsable = (token: Members, now: number): boolean =>
  token["enabled"] !== false &&
  !(Date.parse(textOf(token["expires_at"])) <= now) &&
  !(milliseconds(textOf(token["duration"])) < leastDuration);

/** Whether a service token exists, is enabled and has not expired. */
export function isValidToken(id: string, account: Account): Verdict {
  const token = account.find(serviceTokens, id);
  if (token === undefined) return account.all(serviceTokens) === undefined ? undefined : false;
  return isUsable(token, account.now ?? Date.now());
}

const byToken = (test: (id: string, argument: Members) => boolean): Selector => ({
  about: "machine",
  reads: serviceTokens,
  holds: (argument, { identity, account, decision }) => {
    const { service_token } = identity;
    if (service_token === undefined) return hasOne(identity, [...personal, ...mechanical]) ? false : undefined;
    // These rules are for Service Auth; what they mean in a bypass is not documented.
    const isOpen = decision === "bypass" ? undefined : true;
    return all([test(service_token, argument), isValidToken(service_token, account), isOpen]);
  },
});

/** No client certificate passes where no authority is bound; where one is at some hostnames only, which is visited decides. */
function isBound({ application, account }: Question): Verdict {
  const authorities = account.all(mtlsCertificates);
  if (authorities === undefined) return undefined;
  const bound = authorities.flatMap(({ associated_hostnames }) => (associated_hostnames ?? []) as string[]);
  if (bound.length === 0) return false;
  const [names, hosts] = [bound.map((name) => name.toLowerCase()), hostsOf(application)];
  if (hosts.length === 0) return undefined;
  if (hosts.every((host) => names.some((name) => hostCovers(name, host)))) return true;
  return hosts.some((host) => names.some((name) => hostsMeet(host, name) !== undefined)) ? undefined : false;
}

const byCertificate = (presents: (argument: Members, identity: Identity) => Verdict): Selector => ({
  reads: mtlsCertificates,
  holds: (argument, question) => all([isBound(question), presents(argument, question.identity)]),
});

const scores = ["low", "medium", "high"];

/** One document says that the scores are a list, another that they are a limit: only what both say is certain. */
function isRisk(wanted: unknown, risk: string | undefined): Verdict {
  const listed: readonly unknown[] = Array.isArray(wanted) ? wanted : [wanted];
  if (risk === undefined) return undefined;
  if (listed.includes(risk)) return true;
  const limit = Math.max(-1, ...listed.map((score) => scores.indexOf(textOf(score))));
  // Where a limit without a score would stand, neither says.
  return limit >= 0 && scores.indexOf(risk) > limit ? false : undefined;
}

const isFrom = (cidr: string, ip: string): Verdict => {
  const network = networkOf(cidr);
  return network && memberOf([network])(ip);
};

/** All selectors but `group`, which is made of others. Who is asked when: Cloudflare's table of selectors. */
export const selectors: Readonly<Record<string, Selector>> = {
  // Nobody says what everyone means where machines are let in without a login.
  everyone: { holds: (_, { decision }) => (decision === "non_identity" ? undefined : true) },
  email: byEmail((email, argument) => email === textOf(argument["email"]).toLowerCase()),
  email_domain: byEmail((email, { domain }) => email.endsWith(`@${textOf(domain).toLowerCase().replace(/^@/, "")}`)),
  // Items of lists are looked at where an account has them; they are read list by list, not as a room.
  email_list: byEmail((email, { id }, account) => listCalled(textOf(id), account)?.hasEmail(email)),
  ip: {
    holds: (argument, { identity: { ip } }) => (ip === undefined ? undefined : isFrom(textOf(argument["ip"]), ip)),
  },
  ip_list: {
    holds: ({ id }, { identity: { ip }, account }) =>
      ip === undefined ? undefined : listCalled(textOf(id), account)?.hasAddress(ip),
  },
  geo: {
    holds: ({ country_code }, { identity: { country } }) =>
      country === undefined ? undefined : isSame(country_code, country),
  },
  service_token: byToken((id, { token_id }) => id === token_id),
  any_valid_service_token: byToken(() => true),
  login_method: { about: "person", holds: ({ id }, question) => logsInBy(id, question) },
  azureAD: inGroup(({ id }, group) => isSame(id, group)),
  okta: inGroup(({ name }, group) => name === group),
  gsuite: inGroup(({ email }, group) => isSame(email, group)),
  "github-organization": inGroup(inOrganization),
  saml: byClaim("attribute_name", "attribute_value"),
  oidc: byClaim("claim_name", "claim_value"),
  auth_method: {
    about: "person",
    holds: ({ auth_method }, { identity: { auth_methods } }) => auth_methods?.includes(textOf(auth_method)),
  },
  auth_context: toldByProvider(),
  certificate: byCertificate(
    (_, { certificate, common_name }) => certificate ?? (common_name === undefined ? undefined : true),
  ),
  common_name: byCertificate((argument, { certificate, common_name }) => {
    if (certificate === false) return false;
    return common_name === undefined ? undefined : argument["common_name"] === common_name;
  }),
  device_posture: {
    holds: ({ integration_uid }, { identity: { posture } }) => posture?.includes(textOf(integration_uid)),
  },
  external_evaluation: {},
  linked_app_token: {
    about: "machine",
    reads: applications,
    holds: ({ app_uid }, { identity: { linked_app }, account }) => {
      const isNamed = () => account.all(applications)?.some(({ uid }) => uid === app_uid);
      const isThere = account.find(applications, textOf(app_uid)) !== undefined || isNamed();
      return isThere === false ? false : linked_app === undefined ? undefined : linked_app === app_uid;
    },
  },
  user_risk_score: {
    about: "person",
    holds: ({ user_risk_score }, { identity: { risk } }) => isRisk(user_risk_score, risk),
  },
  cloudflare_account_member: { about: "person" },
};
