import type { Members } from "../core/change.ts";
import { quoted } from "./effect/reasons.ts";
import type { Identity } from "./selectors.ts";
import type { Leaf } from "./wording.ts";

/** Something that is not known and would settle a rule. */
export interface Fact {
  /** The mark of the rule, as `missing` has it and `facts` of an identity takes it. */
  readonly key: string;
  /** In words: `the country that the request comes from`. */
  readonly what: string;
  /** The part of an identity that tells; nothing where no part does. */
  readonly field?: keyof Identity;
}

/** The mark of the fact that somebody can log in at all, where the identity providers are not known. */
export const loginKey = "login";

/** What a rule of one selector needs to be known. */
interface Needed {
  readonly what: string;
  readonly field?: keyof Identity;
  /** What is still not known when that part is given. */
  readonly rest?: (argument: Members) => string;
}

const person = "email";
const request = "the address that the request comes from";
const inList = ({ id }: Members) => `what list ${quoted(id)} holds`;
const byProvider = (what: string, field: keyof Identity): Needed => ({
  what,
  field,
  rest: ({ identity_provider_id: id }) => `whether the login is by identity provider ${quoted(id)}`,
});
const ofGroups = byProvider("the groups at the identity provider", "idp_groups");
const token: Needed = {
  what: "the service token that it presents",
  field: "service_token",
  rest: () => "which service tokens there are and whether they are valid",
};
const certified = () => "on which hostnames client certificates are asked for";

const needs: Readonly<Record<string, Needed>> = {
  [loginKey]: { what: "which identity providers there are, or whether the organization lets tokens log in" },
  everyone: { what: "whether everyone means machines that do not log in, which nobody documents" },
  email: { what: "the e-mail address", field: person },
  email_domain: { what: "the e-mail address", field: person },
  email_list: { what: "the e-mail address", field: person, rest: inList },
  ip: { what: request, field: "ip", rest: ({ ip }) => `which network ${quoted(ip)} is` },
  ip_list: { what: request, field: "ip", rest: inList },
  geo: { what: "the country that the request comes from", field: "country" },
  service_token: token,
  any_valid_service_token: token,
  login_method: { what: "the identity provider that the login is by", field: "login_method" },
  azureAD: ofGroups,
  okta: ofGroups,
  gsuite: ofGroups,
  "github-organization": ofGroups,
  saml: byProvider("the SAML attributes", "claims"),
  oidc: byProvider("the OIDC claims", "claims"),
  auth_method: { what: "how the login was made, by RFC 8176", field: "auth_methods" },
  auth_context: { what: "the authentication context at Entra" },
  certificate: { what: "whether a valid client certificate is presented", field: "certificate", rest: certified },
  common_name: { what: "the common name of the client certificate", field: "common_name", rest: certified },
  device_posture: { what: "which posture rules the device passes", field: "posture" },
  external_evaluation: { what: "what the service that is asked answers" },
  linked_app_token: {
    what: "the application whose token it presents",
    field: "linked_app",
    rest: () => "which applications there are",
  },
  user_risk_score: {
    what: "the risk score of the person",
    field: "risk",
    rest: () => "whether risk scores are a list or a limit, on which Cloudflare's documents disagree",
  },
  cloudflare_account_member: { what: "whether the person is a member of the Cloudflare account" },
};

/** The selector of the rule that a mark stands for. */
export const selectorOf = (key: string): string => /^\["(\w+)"/.exec(key)?.[1] ?? leafOfMark(key).selector;

/** The rule that a mark stands for. */
export function leafOfMark(key: string): Leaf {
  if (key === loginKey) return { selector: key, argument: {} };
  const [selector, ...members] = JSON.parse(key) as [string, ...[string, unknown][]];
  return { selector, argument: Object.fromEntries(members) };
}

/** What a mark among what is missing stands for, and what of an identity would settle it. */
export function factOf(key: string, identity: Identity = {}): Fact {
  const { selector, argument } = leafOfMark(key);
  if (selector === "group") {
    return { key, what: `what group ${quoted(argument["id"])} means, which is gone or leads back to itself` };
  }
  const need = Object.hasOwn(needs, selector) ? needs[selector] : undefined;
  if (need === undefined) return { key, what: `what the selector ${quoted(selector)} means` };
  const { what, field, rest } = need;
  if (field === undefined) return { key, what };
  return identity[field] === undefined ? { key, what, field } : { key, what: rest?.(argument) ?? what };
}
