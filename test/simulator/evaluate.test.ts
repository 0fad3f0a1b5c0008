import { describe, expect, it } from "vitest";
import identityProviders from "../../src/access/identity-providers/index.ts";
import { Rule } from "../../src/access/rules.ts";
import type { Members } from "../../src/core/change.ts";
import { decide } from "../../src/simulator/evaluate.ts";
import { type Identity, ruleKey, selectors } from "../../src/simulator/selectors.ts";
import { type Objects, okta, pin, policy, rule, worldOf } from "./account.ts";

const x = rule.domain("x.com");
const y = rule.domain("y.com");
const geo = rule.geo("DE");

/** What may happen to an identity, in the order in which it is found out. */
async function outcomes(
  identity: Identity,
  policies: readonly Members[],
  more: Objects = {},
  application: Members = {},
) {
  const world = worldOf({ identityProviders: [pin], ...more });
  const decision = await decide(identity, { id: "app", ...application, policies }, world);
  expect(decision.certain).toBe(decision.outcomes.size === 1);
  return [...decision.outcomes];
}

const machine = { service_token: "robot" };
const tokens = [{ id: "robot", enabled: true, expires_at: "2999-01-01T00:00:00Z" }];
const u = (domain: string): Identity => ({ email: `u@${domain}` });

describe("the order of execution", () => {
  // The documentation's own example: Allow A, Block B, Service Auth C, Bypass D, Allow E runs C, D, A, B, E.
  const five = [
    policy("A", "allow", [x]),
    policy("B", "deny", [y]),
    policy("C", "non_identity", [rule.token("robot")]),
    policy("D", "bypass", [geo]),
    policy("E", "allow", [rule.everyone]),
  ];

  it("is bypass and service auth, then block and allow", async () => {
    const { trace } = await decide({ email: "u@z.com" }, { policies: five }, worldOf({ identityProviders: [pin] }));
    expect(trace.map((step) => step.policy["id"])).toEqual(["C", "D", "A", "B", "E"]);
  });

  it.each([
    ["u@x.com", ["bypassed", "allowed"]],
    ["U@Y.com", ["bypassed", "blocked"]],
    ["u@z.com", ["bypassed", "allowed"]],
  ])("leaves open for %s what nobody knows", async (email, expected) => {
    expect(await outcomes({ email }, five)).toEqual(expected);
  });

  it("ends at a service token that matches", async () => {
    expect(await outcomes(machine, five, { serviceTokens: tokens })).toEqual(["service_auth"]);
  });

  it("goes by precedence, and by place where there is none", async () => {
    const [first, second] = [policy("no", "deny", [x]), policy("yes", "allow", [x])];
    expect(
      await outcomes(u("x.com"), [
        { ...first, precedence: 2 },
        { ...second, precedence: 1 },
      ]),
    ).toEqual(["allowed"]);
    expect(await outcomes(u("x.com"), [first, second])).toEqual(["blocked"]);
    expect(await outcomes(u("x.com"), [{ ...second, precedence: 7 }, first])).toEqual(["allowed"]);
  });
});

describe("the rules of a policy", () => {
  const vectors: readonly (readonly [string, Members, readonly string[]])[] = [
    ["an empty include matches nobody", policy("p", "allow", []), ["denied_by_default"]],
    ["one include is enough", policy("p", "allow", [y, x]), ["allowed"]],
    ["all requires are needed", policy("p", "allow", [x], { require: [x, y] }), ["denied_by_default"]],
    ["an exclude keeps out", policy("p", "allow", [rule.everyone], { exclude: [x] }), ["denied_by_default"]],
    ["a country is not known", policy("p", "allow", [geo]), ["allowed", "denied_by_default"]],
    ["a false require beats the unknown", policy("p", "allow", [geo], { require: [y] }), ["denied_by_default"]],
    ["a true include beats the unknown", policy("p", "allow", [geo, x]), ["allowed"]],
    ["an unknown exclude is not no", policy("p", "allow", [x], { exclude: [geo] }), ["allowed", "denied_by_default"]],
    ["subdomains are others", policy("p", "allow", [rule.domain("com")]), ["denied_by_default"]],
    ["a block matches likewise", policy("p", "deny", [x]), ["blocked"]],
    ["new selectors are unknown", policy("p", "deny", [{ tomorrow: {} }]), ["blocked", "denied_by_default"]],
    ["new decisions are unknown", policy("p", "warn", [x]), ["allowed", "blocked", "denied_by_default"]],
    ["nobody is known before logging in", policy("p", "bypass", [x, rule.email("u@x.com")]), ["denied_by_default"]],
    ["everyone is bypassed", policy("p", "bypass", [rule.everyone]), ["bypassed"]],
    ["people are no machines", policy("p", "non_identity", [rule.anyToken]), ["denied_by_default"]],
  ];

  it.each(vectors)("%s", async (_, one, expected) => {
    expect(await outcomes(u("x.com"), [one])).toEqual(expected);
  });

  it("denies by default without any policy", async () => {
    expect(await outcomes(u("x.com"), [])).toEqual(["denied_by_default"]);
  });

  it("takes what the caller knows of a rule", async () => {
    const facts = (value: boolean) => new Map([[ruleKey("geo", geo.geo), value]]);
    const policies = [policy("p", "allow", [x], { require: [geo] })];
    expect(await outcomes({ ...u("x.com"), facts: facts(true) }, policies)).toEqual(["allowed"]);
    expect(await outcomes({ ...u("x.com"), facts: facts(false) }, policies)).toEqual(["denied_by_default"]);
  });

  it("says which rule of which policy was not known", async () => {
    const { trace } = await decide(
      u("x.com"),
      { policies: [policy("p", "allow", [x], { require: [geo] })] },
      worldOf({}),
    );
    expect(trace[0]?.rules).toEqual([
      { place: "include", field: "include[0]", selector: "email_domain", verdict: true, missing: [] },
      {
        place: "require",
        field: "require[0]",
        selector: "geo",
        verdict: undefined,
        missing: [ruleKey("geo", geo.geo)],
      },
    ]);
  });

  it("knows every selector that can be written", () => {
    expect(["group", ...Object.keys(selectors)].sort()).toEqual(Object.keys(Rule.shape).sort());
  });
});

describe("groups", () => {
  const groups = [
    { id: "inner", include: [x] },
    { id: "outer", include: [rule.group("inner")], exclude: [rule.email("left@x.com")] },
    { id: "one", include: [rule.group("other")] },
    { id: "other", include: [rule.group("one")] },
  ];
  const allow = (id: string) => [policy("p", "allow", [rule.group(id)])];

  it("are decided by their own rules, at any depth", async () => {
    expect(await outcomes(u("x.com"), allow("outer"), { groups })).toEqual(["allowed"]);
    expect(await outcomes({ email: "left@x.com" }, allow("outer"), { groups })).toEqual(["denied_by_default"]);
  });

  it("are unknown when they hold themselves or are not there, unless somebody is said to be in them", async () => {
    for (const id of ["one", "gone"]) {
      expect(await outcomes(u("x.com"), allow(id), { groups })).toEqual(["allowed", "denied_by_default"]);
      expect(await outcomes({ groups: [id] }, allow(id), { groups })).toEqual(["allowed"]);
    }
  });

  it("know nobody before a login", async () => {
    const bypass = [policy("p", "bypass", [rule.group("outer")])];
    expect(await outcomes({ ...u("x.com"), groups: ["outer"] }, bypass, { groups })).toEqual(["denied_by_default"]);
  });
});

describe("machines", () => {
  const bots = [policy("p", "non_identity", [rule.token("robot")])];
  const state = (more: Members) => outcomes(machine, bots, { serviceTokens: [{ ...tokens[0], ...more }] });

  it("pass by a token that is there, enabled and not expired", async () => {
    expect(await state({})).toEqual(["service_auth"]);
    expect(await state({ enabled: false })).toEqual(["denied_by_default"]);
    expect(await state({ expires_at: "2020-01-01T00:00:00Z" })).toEqual(["denied_by_default"]);
    expect(await state({ duration: "0h" })).toEqual(["denied_by_default"]);
    expect(await state({ id: "another" })).toEqual(["denied_by_default"]);
  });

  it("are never let in by a policy for people", async () => {
    const people = [policy("p", "allow", [rule.everyone, rule.anyToken])];
    expect(await outcomes(machine, people, { serviceTokens: tokens })).toEqual(["denied_by_default"]);
  });
});

describe("logging in", () => {
  const allow = [policy("p", "allow", [x])];

  it("needs an identity provider that exists and is allowed", async () => {
    const two = { identityProviders: [pin, okta] };
    expect(await outcomes(u("x.com"), allow, two)).toEqual(["allowed"]);
    expect(await outcomes(u("x.com"), allow, two, { allowed_idps: ["okta"] })).toEqual(["allowed"]);
    expect(await outcomes(u("x.com"), allow, two, { allowed_idps: ["gone"] })).toEqual(["denied_by_default"]);
    expect(await outcomes(u("x.com"), allow, { identityProviders: [] })).toEqual(["denied_by_default"]);
    const hidden = { unreadable: [identityProviders] };
    expect(await outcomes(u("x.com"), allow, hidden)).toEqual(["allowed", "denied_by_default"]);
  });

  it("by one provider says nothing of the groups of another", async () => {
    const team = [policy("p", "allow", [rule.okta("team")])];
    const two = { identityProviders: [pin, okta] };
    expect(await outcomes({ ...u("x.com"), login_method: "pin" }, team, two)).toEqual(["denied_by_default"]);
    expect(await outcomes({ ...u("x.com"), login_method: "okta" }, team, two)).toEqual([
      "allowed",
      "denied_by_default",
    ]);
    const byPin = [policy("p", "allow", [x], { require: [rule.login("pin")] })];
    expect(await outcomes(u("x.com"), byPin, two)).toEqual(["allowed", "denied_by_default"]);
    expect(await outcomes(u("x.com"), byPin)).toEqual(["allowed"]);
  });

  it.each(["0s", "0m", "0h", "0.0h0m", "1ns"])("for %s is no logging in", async (session_duration) => {
    const brief = [policy("p", "allow", [x], { session_duration })];
    expect(await outcomes(u("x.com"), brief)).toEqual(["blocked"]);
    expect(await outcomes(u("x.com"), allow, {}, { session_duration })).toEqual(["blocked"]);
    expect(await outcomes(u("x.com"), allow, { organization: [{ session_duration }] })).toEqual(["blocked"]);
    const longer = [policy("p", "allow", [x], { session_duration: "15m" })];
    expect(await outcomes(u("x.com"), longer, {}, { session_duration })).toEqual(["allowed"]);
  });

  it("notes approval and second factors", async () => {
    const one = policy("p", "allow", [x], {
      approval_required: true,
      mfa_config: { allowed_authenticators: ["totp"] },
    });
    const { trace } = await decide(u("x.com"), { policies: [one] }, worldOf({ identityProviders: [pin] }));
    expect(trace[0]?.notes).toHaveLength(2);
  });
});

describe("client certificates", () => {
  it("are not accepted where no authority is bound to the hostname", async () => {
    const cert = [policy("p", "non_identity", [{ certificate: {} }])];
    const at = (...associated_hostnames: string[]) =>
      outcomes({}, cert, { mtlsCertificates: [{ id: "ca", associated_hostnames }] }, { domain: "a.example.com/x" });
    expect(await at("a.example.com")).toEqual(["service_auth", "denied_by_default"]);
    expect(await at("b.example.com")).toEqual(["denied_by_default"]);
  });
});
