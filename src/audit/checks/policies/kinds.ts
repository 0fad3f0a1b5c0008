import type { Test } from "../shared/closure.ts";

/** Selectors that are known after a login only (Cloudflare's table of selectors). */
export const personal: ReadonlySet<string> = new Set([
  "email",
  "email_domain",
  "email_list",
  "login_method",
  "azureAD",
  "okta",
  "gsuite",
  "github-organization",
  "saml",
  "oidc",
  "auth_method",
  "auth_context",
  "external_evaluation",
  "user_risk_score",
  "cloudflare_account_member",
]);

/** Those of them that hold for strangers too. */
const anonymous = new Set(["login_method", "auth_method", "auth_context", "user_risk_score"]);

export const tokens: ReadonlySet<string> = new Set(["service_token", "any_valid_service_token", "linked_app_token"]);
export const certificates: ReadonlySet<string> = new Set(["certificate", "common_name"]);
export const networks: ReadonlySet<string> = new Set(["ip", "ip_list", "geo"]);

/** `auth_method` values of RFC 8176 that stand for more than a password. */
const factors = new Set([
  "face",
  "fpt",
  "hwk",
  "iris",
  "mca",
  "mfa",
  "otp",
  "pop",
  "retina",
  "sc",
  "sms",
  "swk",
  "tel",
  "vbm",
]);

export const isPersonal: Test = ({ selector }) => personal.has(selector);

/** Rules that say which people are meant. A selector that nobody knows yet may. */
export const saysWho: Test = ({ selector }) => selector === "" || (personal.has(selector) && !anonymous.has(selector));

export const isToken: Test = ({ selector }) => tokens.has(selector);
export const isCredential: Test = ({ selector }) => tokens.has(selector) || certificates.has(selector);
export const isPosture: Test = ({ selector }) => selector === "device_posture";
export const isNetwork: Test = ({ selector }) => networks.has(selector);

export const isSecondFactor: Test = ({ selector, argument }) =>
  selector === "auth_context" || (selector === "auth_method" && factors.has(String(argument["auth_method"])));
