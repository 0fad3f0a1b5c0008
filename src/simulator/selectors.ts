import applications from "../access/applications/index.ts";
import mtlsCertificates from "../access/mtls-certificates.ts";
import serviceTokens from "../access/service-tokens.ts";
import type { Members } from "../core/change.ts";
import type { Room } from "../core/room.ts";
import type { Account } from "./account.ts";
import { covers, hostsOf } from "./addresses.ts";
import { leastDuration, milliseconds } from "./durations.ts";
import { textOf } from "./fields.ts";

/** Yes, no, or not to be told from what is known. */
export type Verdict = boolean | undefined;

/** Somebody or something that asks to be let in, as far as known; what is left out is not known. */
export interface Identity {
  readonly email?: string;
  /** Ids of Access groups that it is in as a person, whatever their rules say. */
  readonly groups?: readonly string[];
  /** Id of the service token that it presents. */
  readonly service_token?: string;
  /** Id of the identity provider that it logs in by. */
  readonly login_method?: string;
  /** What is known of single rules that nothing else decides, by `ruleKey`. */
  readonly facts?: ReadonlyMap<string, boolean>;
}

/** What rules are asked about. */
export interface Question {
  readonly identity: Identity;
  readonly application: Members;
  readonly account: Account;
  /** Of the policy that asks: bypass and service auth are decided before anybody logs in. */
  readonly decision: string;
  /** Ids of the identity providers that can be logged in by; nothing when they are not known. */
  readonly logins: readonly string[] | undefined;
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

const byEmail = (test: (email: string, argument: Members) => boolean): Selector => ({
  about: "person",
  holds: (argument, { identity: { email } }) => (email === undefined ? undefined : test(email.toLowerCase(), argument)),
});

/** Whether the identity logs in by a provider; the only one there is needs no telling. */
function logsInBy(id: unknown, { identity: { login_method }, logins }: Question): Verdict {
  if (login_method !== undefined) return login_method === id;
  if (logins === undefined) return undefined;
  if (!logins.includes(textOf(id))) return false;
  return logins.length === 1 ? true : undefined;
}

/** What only an identity provider knows, and only of those who log in by it. */
const toldByProvider: Selector = {
  about: "person",
  holds: ({ identity_provider_id }, question) =>
    identity_provider_id !== undefined && logsInBy(identity_provider_id, question) === false ? false : undefined,
};

const isUsable = (token: Members): boolean =>
  token["enabled"] !== false &&
  !(Date.parse(textOf(token["expires_at"])) <= Date.now()) &&
  !(milliseconds(textOf(token["duration"])) < leastDuration);

/** Whether a service token exists, is enabled and has not expired. */
export function isValidToken(id: string, account: Account): Verdict {
  const token = account.find(serviceTokens, id);
  if (token === undefined) return account.all(serviceTokens) === undefined ? undefined : false;
  return isUsable(token);
}

const byToken = (test: (id: string, argument: Members) => boolean): Selector => ({
  about: "machine",
  reads: serviceTokens,
  holds: (argument, { identity: { service_token, email, groups }, account }) => {
    if (service_token === undefined) return email === undefined && groups === undefined ? undefined : false;
    return test(service_token, argument) && isValidToken(service_token, account);
  },
});

/** No client certificate passes where no authority is bound to a hostname of the application. */
const byCertificate: Selector = {
  reads: mtlsCertificates,
  holds: (_, { application, account }) => {
    const [hosts, authorities] = [hostsOf(application), account.all(mtlsCertificates)];
    if (authorities === undefined || hosts.length === 0) return undefined;
    const bound = authorities.flatMap(({ associated_hostnames }) => (associated_hostnames ?? []) as string[]);
    return bound.some((name) => hosts.some((host) => covers(host, name.toLowerCase()))) ? undefined : false;
  },
};

const unknownOfPerson: Selector = { about: "person" };
const unknown: Selector = {};

/** All selectors but `group`, which is made of others. Who is asked when: Cloudflare's table of selectors. */
export const selectors: Readonly<Record<string, Selector>> = {
  // Nobody says what everyone means where machines are let in without a login.
  everyone: { holds: (_, { decision }) => (decision === "non_identity" ? undefined : true) },
  email: byEmail((email, argument) => email === textOf(argument["email"]).toLowerCase()),
  email_domain: byEmail((email, { domain }) => email.endsWith(`@${textOf(domain).toLowerCase().replace(/^@/, "")}`)),
  email_list: unknownOfPerson,
  ip: unknown,
  ip_list: unknown,
  geo: unknown,
  service_token: byToken((id, { token_id }) => id === token_id),
  any_valid_service_token: byToken(() => true),
  login_method: { about: "person", holds: ({ id }, question) => logsInBy(id, question) },
  azureAD: toldByProvider,
  okta: toldByProvider,
  gsuite: toldByProvider,
  "github-organization": toldByProvider,
  saml: toldByProvider,
  oidc: toldByProvider,
  auth_method: unknownOfPerson,
  auth_context: toldByProvider,
  certificate: byCertificate,
  common_name: byCertificate,
  device_posture: unknown,
  external_evaluation: unknown,
  linked_app_token: {
    about: "machine",
    reads: applications,
    holds: ({ app_uid }, { account }) =>
      account.all(applications)?.some(({ id }) => id === app_uid) === false ? false : undefined,
  },
  user_risk_score: unknownOfPerson,
  cloudflare_account_member: unknownOfPerson,
};
