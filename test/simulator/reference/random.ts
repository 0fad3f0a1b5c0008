import type { Members } from "../../../src/core/change.ts";
import { ruleKey } from "../../../src/simulator/selectors.ts";
import { numbers } from "../random-account.ts";
import type { Case, Kind } from "./case.ts";

const emails = ["ann@x.com", "Bob@X.com", "eve@y.com", "cat@sub.x.com"];
const domains = ["x.com", "Y.com", "sub.x.com"];
const providers = ["pin", "okta", "entra"];
const provided = [...providers, "gone"];
const networks = ["10.0.0.0/8", "10.1.2.0/23", "10.1.2.3", "192.0.2.128/25", "0.0.0.0/0", "2001:db8::/32", "::/0"];
const addresses = ["10.1.2.3", "10.1.4.1", "192.0.2.130", "192.0.2.5", "2001:db8::5", "2001:db9:1::"];
const countries = ["DE", "NL", "KP"];
const tokens = ["robot", "spare", "gone"];
const groupIds = ["G", "H", "I", "J"];
const scores = ["low", "medium", "high", "unscored"];
const hosts = ["a.example.com", "b.example.com"];
const posture = ["disk", "screen"];
const methods = ["mfa", "hwk"];
const names = ["device-1", "device-2"];
const linked = ["app", "other", "gone"];

/** A case by chance; the same one for the same seed. */
export function randomCase(seed: number): Case {
  const next = numbers(seed);
  const below = (end: number) => Math.floor(next() * end);
  const one = <Item>(items: readonly Item[]): Item => items[below(items.length)] as Item;
  const some = <Item>(items: readonly Item[], most = items.length) =>
    items.length === 0 ? [] : [...new Set(Array.from({ length: below(most + 1) }, () => one(items)))];
  const often = (share: number) => next() < share;
  const at = (identity_provider_id: string, argument: Members) => ({ ...argument, identity_provider_id });

  const kinds: Readonly<Record<string, () => Members>> = {
    email: () => ({ email: one(emails) }),
    email_domain: () => ({ domain: one(domains) }),
    email_list: () => ({ id: one(["people", "people", "empty", "gone"]) }),
    everyone: () => ({}),
    ip: () => ({ ip: one(networks) }),
    ip_list: () => ({ id: one(["networks", "networks", "empty", "gone"]) }),
    geo: () => ({ country_code: one(countries) }),
    service_token: () => ({ token_id: one(tokens) }),
    any_valid_service_token: () => ({}),
    login_method: () => ({ id: one(provided) }),
    azureAD: () => at(one(["entra", ...provided]), { id: one(["team", "night"]) }),
    okta: () => at(one(["okta", ...provided]), { name: one(["team", "night"]) }),
    gsuite: () => at(one(provided), { email: "team@x.com" }),
    "github-organization": () =>
      at(one(provided), { name: "org", ...(often(0.5) && { team: one(["team", "night"]) }) }),
    saml: () => at(one(provided), { attribute_name: "dept", attribute_value: one(["ops", "dev"]) }),
    oidc: () => at(one(provided), { claim_name: "dept", claim_value: one(["ops", "dev"]) }),
    auth_method: () => ({ auth_method: one(methods) }),
    auth_context: () => at(one(provided), { id: "context", ac_id: "c1" }),
    certificate: () => ({}),
    common_name: () => ({ common_name: one(names) }),
    device_posture: () => ({ integration_uid: one(posture) }),
    external_evaluation: () => ({ evaluate_url: "https://e.example", keys_url: "https://k.example" }),
    linked_app_token: () => ({ app_uid: one(linked) }),
    user_risk_score: () => ({ user_risk_score: [one(scores), ...some(scores, 2)] }),
    cloudflare_account_member: () => ({}),
    from_the_future: () => ({ year: one([2030, 2040]) }),
    group: () => ({ id: one([...groupIds, ...groupIds, "gone"]) }),
  };
  const maybe = <Value>(name: string, share: number, value: () => Value) => (often(share) ? { [name]: value() } : {});
  const principals: readonly (() => Members)[] = [
    () => ({ email: one(emails) }),
    () => ({ email: one(emails) }),
    () => ({ email: one(emails), ...maybe("service_token", 0.3, () => one(tokens)) }),
    () => ({ service_token: one(tokens) }),
    () => ({ service_token: one(tokens) }),
    () => ({ common_name: one(names) }),
    () => ({ linked_app: one(linked) }),
    () => ({ groups: some(groupIds, 2) }),
  ];
  const principal = one(principals)();
  // A rule about whoever comes, so that not nearly all are denied.
  const apt = (): Members => {
    const { email, service_token: token_id, common_name, linked_app: app_uid } = principal;
    if (email !== undefined) return { email: { email } };
    if (token_id !== undefined) return { service_token: { token_id } };
    if (common_name !== undefined) return { common_name: { common_name } };
    return app_uid === undefined ? { everyone: {} } : { linked_app_token: { app_uid } };
  };
  const all = Object.keys(kinds);
  const usual = [
    "email",
    "email_domain",
    "email_domain",
    "everyone",
    "everyone",
    "group",
    "group",
    "geo",
    "service_token",
    "any_valid_service_token",
  ];
  // Rules of a few kinds each time, so that they meet.
  const here = [...usual, ...Array.from({ length: 4 }, () => one(all))];
  const rule = (): Members => {
    const selector = often(0.9) ? one(here) : one(all);
    return { [selector]: kinds[selector]?.() };
  };
  const rules = (most: number) => Array.from({ length: below(most + 1) }, rule);
  const ruleSet = () => ({
    include: often(0.95) ? [often(0.3) ? apt() : rule(), ...rules(2)] : [],
    require: often(0.25) ? rules(2) : [],
    exclude: often(0.25) ? rules(2) : [],
  });

  const isTargets = often(0.08);
  const decision = () =>
    isTargets ? "allow" : one(["allow", "allow", "allow", "allow", "deny", "bypass", "non_identity"]);
  const policy = (id: string): Members => ({
    id,
    decision: decision(),
    ...ruleSet(),
    ...(often(0.35) && { approval_required: often(0.7) }),
    ...(often(0.15) && { session_duration: one(["0s", "24h"]) }),
  });
  const shared = ["P", "Q", "R"].map((id): Members => ({ ...policy(id), reusable: true }));
  const linkOf = (reused: Members): Members => (often(0.5) ? { ...reused, decision: "deny" } : { id: reused["id"] });
  const hasUnread = often(0.15);
  const isRead = (): boolean => !hasUnread || often(0.6);
  const policiesRead = isRead();
  const links = [
    ...some(shared, 3).map((reused) => (policiesRead ? linkOf(reused) : reused)),
    ...(often(0.6) ? ["own-1", "own-2"].map((id): Members => ({ ...policy(id), reusable: false })) : []),
  ].sort(() => next() - 0.5);
  const order = links.map((_, index) => index + 1).sort(() => next() - 0.5);
  const isOrdered = often(0.8);
  const application: Members = {
    id: "app",
    type: isTargets ? "infrastructure" : one(["self_hosted", "self_hosted", "ssh", "saas"]),
    ...(often(0.6) && {
      destinations: some(hosts).map((uri) => ({ type: "public", uri: `${uri}${one(["", "/x"])}` })),
    }),
    ...(often(0.25) && { allowed_idps: some(provided, 2) }),
    ...(often(0.1) && { session_duration: one(["0s", "24h"]) }),
    policies: links.map((link, index) => (isOrdered ? { ...link, precedence: order[index] } : link)),
  };
  const values = (list_id: string, from: readonly string[]) => some(from).map((value): Members => ({ list_id, value }));
  const kept: Record<Kind, readonly Members[]> = {
    applications: [application, { id: "other" }],
    policies: shared,
    groups: groupIds.slice(0, 1 + below(4)).map((id) => ({ id, ...ruleSet() })),
    identityProviders: (often(0.1) ? [] : [...new Set([one(providers), ...some(providers, 2)])]).map((id) => ({
      id,
      type: "okta",
    })),
    serviceTokens: ["robot", "spare"].map((id) => ({
      id,
      expires_at: one(["2027-01-01T00:00:00Z", "2027-01-01T00:00:00Z", "2026-06-30T00:00:00Z"]),
      ...(often(0.5) && { enabled: often(0.6) }),
    })),
    mtlsCertificates: often(0.7) ? [{ id: "ca", associated_hostnames: some(hosts) }] : [],
    gatewayLists: ["people", "networks", "empty"].map((id) => ({ id })),
    gatewayListItems: [...values("people", emails), ...values("networks", networks)],
    organization: [
      {
        created_at: one([
          "2024-01-01T00:00:00Z",
          "2024-01-01T00:00:00Z",
          "2026-10-05T00:00:00Z",
          "2027-01-01T00:00:00Z",
        ]),
        ...(often(0.5) && { strict_service_token_auth: often(0.5) }),
        ...(often(0.05) && { session_duration: "0s" }),
      },
    ],
  };
  const account = Object.fromEntries(
    Object.entries(kept).filter(([kind]) => (kind === "policies" ? policiesRead : kind === "applications" || isRead())),
  );

  const isMachine = !("email" in principal || "groups" in principal);
  const knowing = one([0, 0.3, 0.8]);
  const identity: Members = {
    ...principal,
    ...maybe("country", knowing, () => one(countries)),
    ...maybe("ip", knowing, () => one(addresses)),
    ...maybe("posture", knowing, () => some(posture)),
    ...maybe("certificate", knowing / 2, () => often(0.5)),
    ...("common_name" in principal ? { certificate: true } : {}),
    ...(isMachine
      ? {}
      : {
          ...maybe("login_method", knowing, () => one(often(0.8) ? providers : provided)),
          ...maybe("idp_groups", knowing, () => some(["team", "night", "team@x.com", "org", "org/team"])),
          ...maybe("claims", knowing, () => ({ dept: some(["ops", "dev"]) })),
          ...maybe("auth_methods", knowing, () => some(methods)),
          ...maybe("risk", knowing, () => one(scores)),
        }),
  };
  const open = ["auth_context", "external_evaluation", "cloudflare_account_member", "from_the_future", "geo", "okta"];
  const marks = open.map((selector) => ruleKey(selector, kinds[selector]?.() ?? {}));
  const facts = Object.fromEntries(
    [...marks, ruleKey("group", { id: "gone" })].filter(() => often(knowing / 2)).map((mark) => [mark, often(0.5)]),
  );
  return { identity, facts, application, account };
}
