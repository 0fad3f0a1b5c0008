import { describe, expect, it } from "vitest";
import applications from "../../src/access/applications/index.ts";
import gatewayListItems from "../../src/access/gateway-list-items.ts";
import gatewayLists from "../../src/access/gateway-lists.ts";
import groups from "../../src/access/groups.ts";
import identityProviders from "../../src/access/identity-providers/index.ts";
import mtlsCertificates from "../../src/access/mtls-certificates.ts";
import organization from "../../src/access/organization.ts";
import policies from "../../src/access/policies.ts";
import serviceTokens from "../../src/access/service-tokens.ts";
import type { Members } from "../../src/core/change.ts";
import type { Room } from "../../src/core/room.ts";
import type { Account } from "../../src/simulator/account.ts";
import { gateIn, pass } from "../../src/simulator/evaluate.ts";
import { factOf } from "../../src/simulator/facts.ts";
import { type Identity, ruleKey } from "../../src/simulator/selectors.ts";
import { okta, pin, policy, rule } from "./account.ts";

const known: ReadonlyMap<Room, readonly Members[]> = new Map<Room, readonly Members[]>([
  [applications, [{ id: "app" }, { id: "linked", uid: "linked-uid" }]],
  [policies, []],
  [groups, []],
  [identityProviders, [pin, okta]],
  [organization, [{}]],
  [serviceTokens, [{ id: "robot", enabled: true }]],
  [mtlsCertificates, [{ id: "ca", associated_hostnames: ["a.example.com"] }]],
  [gatewayLists, [{ id: "mails" }, { id: "nets" }, { id: "none" }]],
  [
    gatewayListItems,
    [
      { list_id: "mails", value: "Ada@x.com" },
      { list_id: "nets", value: "192.0.2.0/24" },
      { list_id: "nets", value: "2001:db8::/32" },
      { list_id: "odd", value: "office" },
    ],
  ],
]);

function accountOf(changes: ReadonlyMap<Room, readonly Members[] | undefined> = new Map()): Account {
  const all = (room: Room) => (changes.has(room) ? changes.get(room) : known.get(room));
  return { all, find: (room, id) => all(room)?.find((item) => item["id"] === id) };
}

const home: Members = { id: "app", type: "self_hosted", domain: "a.example.com" };

/** Whether one policy with one rule matches: yes, no, or nobody knows. */
function verdict(
  selector: string,
  argument: Members,
  identity: Identity,
  decision = "allow",
  application: Members = home,
  account = accountOf(),
) {
  const gate = gateIn({ ...application, policies: [policy("p", decision, [{ [selector]: argument }])] }, account);
  return pass(identity, gate).trace[0]?.rules[0]?.verdict;
}

const ada: Identity = { email: "ada@x.com" };
const byOkta: Identity = { ...ada, login_method: "okta", idp_groups: ["team", "acme/ops", "Ops@x.com", "0A-B"] };
const claims = { role: ["admin", "dev"] };

const vectors: readonly (readonly [string, Members, Identity, boolean | undefined])[] = [
  ["email_list", { id: "mails" }, ada, true],
  ["email_list", { id: "mails" }, { email: "bob@x.com" }, false],
  ["email_list", { id: "mails" }, {}, undefined],
  ["email_list", { id: "none" }, ada, false],
  ["email_list", { id: "gone" }, ada, undefined],
  ["ip", { ip: "10.0.0.0/8" }, { ip: "10.2.3.4" }, true],
  ["ip", { ip: "10.0.0.0/8" }, { ip: "11.2.3.4" }, false],
  ["ip", { ip: "10.0.0.0/8" }, { ip: "::ffff:10.2.3.4" }, true],
  ["ip", { ip: "192.168.100.1/24" }, { ip: "192.168.100.200" }, true],
  ["ip", { ip: "192.0.2.7" }, { ip: "192.0.2.7" }, true],
  ["ip", { ip: "192.0.2.7" }, { ip: "192.0.2.8" }, false],
  ["ip", { ip: "0.0.0.0/0" }, { ip: "203.0.113.9" }, true],
  ["ip", { ip: "0.0.0.0/0" }, { ip: "2001:db8::1" }, false],
  ["ip", { ip: "2001:db8::/32" }, { ip: "2001:DB8:1::5" }, true],
  ["ip", { ip: "2001:db8::/32" }, { ip: "2001:db9::5" }, false],
  ["ip", { ip: "office" }, { ip: "192.0.2.7" }, undefined],
  ["ip", { ip: "10.0.0.0/33" }, { ip: "10.0.0.1" }, undefined],
  ["ip", { ip: "10.0.0.0/8" }, { ip: "nowhere" }, undefined],
  ["ip", { ip: "10.0.0.0/8" }, ada, undefined],
  ["ip_list", { id: "nets" }, { ip: "192.0.2.9" }, true],
  ["ip_list", { id: "nets" }, { ip: "2001:db8::9" }, true],
  ["ip_list", { id: "nets" }, { ip: "192.0.3.9" }, false],
  ["ip_list", { id: "odd" }, { ip: "192.0.3.9" }, undefined],
  ["ip_list", { id: "gone" }, { ip: "192.0.3.9" }, undefined],
  ["geo", { country_code: "NL" }, { country: "nl" }, true],
  ["geo", { country_code: "NL" }, { country: "DE" }, false],
  ["geo", { country_code: "NL" }, ada, undefined],
  ["login_method", { id: "okta" }, byOkta, true],
  ["login_method", { id: "pin" }, byOkta, false],
  ["login_method", { id: "pin" }, ada, undefined],
  ["okta", { name: "team", identity_provider_id: "okta" }, byOkta, true],
  ["okta", { name: "other", identity_provider_id: "okta" }, byOkta, false],
  ["okta", { name: "team", identity_provider_id: "pin" }, byOkta, false],
  // In the group at some provider; whether at this one nobody knows. Not in it is not in it anywhere.
  ["okta", { name: "team", identity_provider_id: "okta" }, { ...ada, idp_groups: ["team"] }, undefined],
  ["okta", { name: "other", identity_provider_id: "okta" }, { ...ada, idp_groups: ["team"] }, false],
  ["okta", { name: "team", identity_provider_id: "okta" }, { ...ada, login_method: "okta" }, undefined],
  ["azureAD", { id: "0a-b", identity_provider_id: "okta" }, byOkta, true],
  ["gsuite", { email: "ops@x.com", identity_provider_id: "okta" }, byOkta, true],
  ["github-organization", { name: "acme", identity_provider_id: "okta" }, byOkta, true],
  ["github-organization", { name: "Acme", team: "Ops", identity_provider_id: "okta" }, byOkta, true],
  ["github-organization", { name: "acme", team: "dev", identity_provider_id: "okta" }, byOkta, false],
  ["github-organization", { name: "acm", identity_provider_id: "okta" }, byOkta, false],
  ["saml", { attribute_name: "role", attribute_value: "dev" }, { ...ada, claims }, true],
  ["saml", { attribute_name: "role", attribute_value: "root" }, { ...ada, claims }, false],
  ["oidc", { claim_name: "team", claim_value: "dev" }, { ...ada, claims }, false],
  ["oidc", { claim_name: "role", claim_value: "dev" }, ada, undefined],
  ["auth_method", { auth_method: "mfa" }, { ...ada, auth_methods: ["pwd", "mfa"] }, true],
  ["auth_method", { auth_method: "hwk" }, { ...ada, auth_methods: ["pwd", "mfa"] }, false],
  ["auth_method", { auth_method: "hwk" }, ada, undefined],
  ["auth_context", { id: "c", ac_id: "c1", identity_provider_id: "okta" }, byOkta, undefined],
  ["auth_context", { id: "c", ac_id: "c1", identity_provider_id: "pin" }, byOkta, false],
  ["device_posture", { integration_uid: "disk" }, { ...ada, posture: ["disk"] }, true],
  ["device_posture", { integration_uid: "disk" }, { ...ada, posture: [] }, false],
  ["device_posture", { integration_uid: "disk" }, ada, undefined],
  ["certificate", {}, { certificate: true }, true],
  ["certificate", {}, { certificate: false }, false],
  ["certificate", {}, { common_name: "printer" }, true],
  ["certificate", {}, ada, undefined],
  ["common_name", { common_name: "printer" }, { common_name: "printer" }, true],
  ["common_name", { common_name: "printer" }, { common_name: "scanner" }, false],
  ["common_name", { common_name: "printer" }, { certificate: false }, false],
  ["common_name", { common_name: "printer" }, { certificate: true }, undefined],
  ["external_evaluation", { evaluate_url: "https://x.com", keys_url: "https://x.com/k" }, byOkta, undefined],
  ["cloudflare_account_member", {}, byOkta, undefined],
  // What a list and a limit agree on is certain.
  ["user_risk_score", { user_risk_score: ["low", "medium"] }, { ...ada, risk: "low" }, true],
  ["user_risk_score", { user_risk_score: ["medium"] }, { ...ada, risk: "low" }, undefined],
  ["user_risk_score", { user_risk_score: ["low", "medium"] }, { ...ada, risk: "high" }, false],
  ["user_risk_score", { user_risk_score: ["low"] }, { ...ada, risk: "unscored" }, undefined],
  ["user_risk_score", { user_risk_score: ["unscored"] }, { ...ada, risk: "unscored" }, true],
  ["user_risk_score", { user_risk_score: ["low"] }, ada, undefined],
];

describe("what is given decides, what is not is not known", () => {
  it.each(vectors)("%s %j of %j", (selector, argument, identity, expected) => {
    expect(verdict(selector, argument, identity)).toBe(expected);
  });

  it.each([
    ["service_token", { token_id: "robot" }, { service_token: "robot" }, true],
    ["service_token", { token_id: "spare" }, { service_token: "robot" }, false],
    ["service_token", { token_id: "robot" }, { common_name: "printer" }, false],
    ["any_valid_service_token", {}, { service_token: "gone" }, false],
    ["linked_app_token", { app_uid: "linked" }, { linked_app: "linked" }, true],
    ["linked_app_token", { app_uid: "linked-uid" }, { linked_app: "app" }, false],
    ["linked_app_token", { app_uid: "gone" }, {}, false],
    ["linked_app_token", { app_uid: "linked" }, {}, undefined],
    ["email", { email: "ada@x.com" }, ada, false],
    ["okta", { name: "team", identity_provider_id: "okta" }, byOkta, false],
    ["user_risk_score", { user_risk_score: ["low"] }, { ...ada, risk: "low" }, false],
    ["geo", { country_code: "NL" }, { country: "NL" }, true],
    ["certificate", {}, { common_name: "printer" }, true],
  ])("before a login: %s %j of %j", (selector, argument, identity, expected) => {
    expect(verdict(selector, argument, identity, "non_identity")).toBe(expected);
    // What a rule for service tokens means in a bypass is not documented.
    const inBypass = selector.endsWith("service_token") && expected ? undefined : expected;
    expect(verdict(selector, argument, identity, "bypass")).toBe(inBypass);
  });

  it("of a token says nothing in a policy for people", () => {
    expect(verdict("service_token", { token_id: "robot" }, { service_token: "robot" })).toBe(false);
    expect(verdict("linked_app_token", { app_uid: "linked" }, { linked_app: "linked" })).toBe(false);
  });

  it("asks for a certificate only where an authority is bound", () => {
    const bound = known.get(mtlsCertificates);
    const at = (domain: string, authorities: readonly Members[] | undefined) =>
      verdict(
        "common_name",
        { common_name: "printer" },
        { common_name: "printer" },
        "non_identity",
        { ...home, domain },
        accountOf(new Map([[mtlsCertificates, authorities]])),
      );
    expect(at("a.example.com/x", bound)).toBe(true);
    expect(at("b.example.com", bound)).toBe(false);
    expect(at("*.example.com", bound)).toBe(undefined);
    expect(at("*.example.org", bound)).toBe(false);
    expect(at("a.example.com", undefined)).toBe(undefined);
  });
});

describe("infrastructure applications", () => {
  const servers: Members = { id: "app", type: "infrastructure" };

  it("know some selectors only; what others do there is not documented", () => {
    expect(verdict("email", { email: "ada@x.com" }, ada, "allow", servers)).toBe(true);
    expect(verdict("everyone", {}, ada, "allow", servers)).toBe(undefined);
    expect(verdict("ip", { ip: "10.0.0.0/8" }, { ...ada, ip: "10.1.1.1" }, "allow", servers)).toBe(undefined);
    const gate = gateIn({ ...servers, policies: [policy("p", "allow", [rule.everyone])] }, accountOf());
    expect(pass(ada, gate).trace[0]?.notes).toEqual([
      "infrastructure applications do not support the selector everyone",
    ]);
  });
});

describe("somebody known by a machine's credential alone", () => {
  const everyone = gateIn({ ...home, policies: [policy("p", "allow", [rule.everyone])] }, accountOf());
  const outcomes = (identity: Identity, gate = everyone) => [...pass(identity, gate).outcomes];

  it("never logs in", () => {
    for (const identity of [{ service_token: "robot" }, { common_name: "printer" }, { linked_app: "linked" }]) {
      expect(outcomes(identity)).toEqual(["denied_by_default"]);
    }
    expect(outcomes({ ...ada, common_name: "laptop" })).toEqual(["allowed"]);
  });

  it.each([
    [{ strict_service_token_auth: true }, ["denied_by_default"]],
    [{ created_at: "2026-10-05T00:00:00Z" }, ["denied_by_default"]],
    [{ created_at: "2026-10-04T23:59:59Z" }, ["allowed"]],
    [{ strict_service_token_auth: false }, ["allowed"]],
    [undefined, ["allowed", "denied_by_default"]],
  ])("does so neither by a login besides where the organization is strict: %j", (settings, expected) => {
    const account = accountOf(new Map([[organization, settings && [settings]]]));
    const gate = gateIn({ ...home, policies: [policy("p", "allow", [rule.everyone])] }, account);
    expect(outcomes({ ...ada, service_token: "robot" }, gate)).toEqual(expected);
    expect(outcomes(ada, gate)).toEqual(["allowed"]);
  });
});

describe("an approval", () => {
  it("is an outcome of its own, of policies that allow", () => {
    const approved = (decision: string) => [policy("p", decision, [rule.everyone], { approval_required: true })];
    const outcomes = (decision: string) => [
      ...pass(ada, gateIn({ ...home, policies: approved(decision) }, accountOf())).outcomes,
    ];
    expect(outcomes("allow")).toEqual(["allowed_after_approval"]);
    expect(outcomes("deny")).toEqual(["blocked"]);
  });
});

describe("what is missing", () => {
  it.each([
    ["geo", { country_code: "NL" }, ada, "country"],
    ["ip", { ip: "10.0.0.0/8" }, ada, "ip"],
    ["email_list", { id: "gone" }, {}, "email"],
    ["email_list", { id: "gone" }, ada, undefined],
    ["okta", { name: "team", identity_provider_id: "okta" }, ada, "idp_groups"],
    ["okta", { name: "team", identity_provider_id: "okta" }, { ...ada, idp_groups: ["team"] }, undefined],
    ["user_risk_score", { user_risk_score: ["medium"] }, { ...ada, risk: "low" }, undefined],
    ["external_evaluation", { evaluate_url: "https://x.com", keys_url: "https://x.com" }, ada, undefined],
    ["group", { id: "gone" }, ada, undefined],
    ["moon_phase", { phase: "full" }, ada, undefined],
  ])("for %s %j of %j is told in words", (selector, argument, identity: Identity, field) => {
    const gate = gateIn({ ...home, policies: [policy("p", "allow", [{ [selector]: argument }])] }, accountOf());
    const [key = ""] = pass(identity, gate).trace[0]?.missing ?? [];
    const fact = factOf(key, identity);
    expect(fact.key).toBe(ruleKey(selector, argument));
    expect(fact.field).toBe(field);
    expect(fact.what).toMatch(/^(?:the|how|wh)\S* .{5,}[^.]$/);
  });

  it("names selectors that nobody knows, in groups too", () => {
    const account = accountOf(new Map([[groups, [{ id: "g", include: [{ moon_phase: {} }] }]]]));
    const gate = gateIn({ ...home, policies: [policy("p", "allow", [rule.group("g")])] }, account);
    const [step] = pass(ada, gate).trace;
    expect(step?.verdict).toBe(undefined);
    expect(step?.notes).toEqual(['nobody knows the selector "moon_phase"']);
  });
});
