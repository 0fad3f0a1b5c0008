import { describe, expect, it } from "vitest";
import organization from "../../src/access/organization.ts";
import type { Members } from "../../src/core/change.ts";
import type { AccessOutcome } from "../../src/simulator/evaluate.ts";
import { factorOf } from "../../src/simulator/factor.ts";
import { throughPortal } from "../../src/simulator/mcp.ts";
import { identityFrom } from "../../src/simulator/seen.ts";
import { sessionOf } from "../../src/simulator/session.ts";
import { unixUsersOf } from "../../src/simulator/unix.ts";

const account = (settings?: Members) => ({
  all: (room: unknown) => (room === organization && settings !== undefined ? [settings] : undefined),
  find: () => undefined,
});
const web = { type: "self_hosted" };

describe("how long a session lasts", () => {
  const client = { warp_auth_session_duration: "12h", allow_authenticate_via_warp: true };
  it.each([
    [{}, {}, {}, "24h by default", "24h by default"],
    [{}, {}, { session_duration: "8h" }, "24h by default", "8h by organization"],
    [{}, { session_duration: "2h" }, { session_duration: "8h" }, "2h by application", "8h by organization"],
    [{}, { session_duration: "2h" }, {}, "2h by application", "2h by application"],
    [{ session_duration: "1h" }, { session_duration: "2h" }, {}, "1h by policy", "2h by application"],
    [{ session_duration: null }, { session_duration: "2h" }, {}, "2h by application", "2h by application"],
    [{ session_duration: "1h" }, { session_duration: "2h" }, client, "12h by client", "12h by client"],
    [{ session_duration: "1h" }, { allow_authenticate_via_warp: false }, client, "1h by policy", "24h by default"],
    [
      {},
      { allow_authenticate_via_warp: true },
      { ...client, allow_authenticate_via_warp: false },
      "12h by client",
      "12h by client",
    ],
    [{}, { allow_authenticate_via_warp: true }, {}, "24h by default", "24h by default"],
    [{ session_duration: "1h" }, {}, undefined, "undefined by organization", "undefined by organization"],
    [
      { session_duration: "1h" },
      { allow_authenticate_via_warp: false },
      undefined,
      "1h by policy",
      "undefined by organization",
    ],
  ])("of policy %j, application %j, organization %j", (policy, application, settings, here, login) => {
    const session = sessionOf({ ...web, ...application }, account(settings), policy);
    expect(`${session?.application.duration} by ${session?.application.from}`).toBe(here);
    expect(`${session?.login.duration} by ${session?.login.from}`).toBe(login);
  });

  it("is nothing that infrastructure applications have", () => {
    expect(sessionOf({ type: "infrastructure" }, account({}))).toBeUndefined();
  });
});

describe("the second factor", () => {
  const [keys, off, all] = [
    { mfa_config: { allowed_authenticators: ["security_key"], session_duration: "1h" } },
    { mfa_config: { mfa_disabled: true } },
    { mfa_required_for_all_apps: true, mfa_config: { allowed_authenticators: ["totp"], session_duration: "24h" } },
  ];
  // The documentation's own example: policy 1, policy 2, neither, application B.
  it.each([
    [keys, {}, all, true, "policy", ["security_key"], "1h"],
    [off, {}, all, false, "policy", [], undefined],
    [{}, {}, all, true, "organization", ["totp"], "24h"],
    [{}, off, all, false, "application", [], undefined],
    [keys, off, all, true, "policy", ["security_key"], "1h"],
    [{}, { mfa_config: { mfa_disabled: false, session_duration: "0m" } }, all, true, "application", ["totp"], "0m"],
    [{}, { mfa_config: { mfa_disabled: false } }, {}, false, "organization", [], undefined],
    [{}, {}, {}, false, "organization", [], undefined],
    [{}, {}, undefined, undefined, "organization", [], undefined],
    [{}, keys, undefined, true, "application", ["security_key"], "1h"],
    [keys, { type: "app_launcher" }, all, false, "launcher", [], undefined],
  ])(
    "of policy %j, application %j, organization %j",
    (policy, application, settings, asked, from, authenticators, lasts) => {
      const factor = factorOf({ ...web, ...application }, account(settings), policy);
      expect(factor).toEqual({ asked, from, authenticators, ...(lasts !== undefined && { lasts }) });
    },
  );
});

describe("an MCP server through a portal", () => {
  const decision = (...outcomes: readonly AccessOutcome[]) => ({
    outcomes: new Set(outcomes),
    certain: outcomes.length === 1,
    trace: [],
  });
  const [ada, robot] = [{ email: "ada@x.com" }, { service_token: "robot" }];
  const outcomes = (
    who: Members,
    first: readonly AccessOutcome[],
    second: readonly AccessOutcome[],
    link: Members = {},
  ) => [...throughPortal(who, decision(...first), decision(...second), link).outcomes];

  it("needs both policies of a person, and asks for no approval of its own", () => {
    expect(outcomes(ada, ["allowed"], ["allowed"])).toEqual(["allowed"]);
    expect(outcomes(ada, ["allowed"], ["blocked"])).toEqual(["blocked"]);
    expect(outcomes(ada, ["denied_by_default"], ["allowed"])).toEqual(["denied_by_default"]);
    expect(outcomes(ada, ["allowed"], ["allowed_after_approval"])).toEqual(["allowed"]);
    expect(outcomes(ada, ["allowed_after_approval"], ["allowed"])).toEqual(["allowed_after_approval"]);
    expect(outcomes(ada, ["bypassed"], ["allowed"])).toEqual(["allowed"]);
    expect(outcomes(ada, ["allowed", "denied_by_default"], ["blocked", "allowed"])).toEqual([
      "blocked",
      "allowed",
      "denied_by_default",
    ]);
  });

  it("needs Service Auth twice of a service token, and a server nobody logs in to for themselves", () => {
    expect(outcomes(robot, ["service_auth"], ["service_auth"], { on_behalf: false })).toEqual(["service_auth"]);
    expect(outcomes(robot, ["service_auth"], ["service_auth"], { on_behalf: true })).toEqual(["denied_by_default"]);
    expect(outcomes(robot, ["service_auth"], ["bypassed"], { on_behalf: false })).toEqual(["denied_by_default"]);
    expect(outcomes(robot, ["service_auth"], ["denied_by_default"], { on_behalf: false })).toEqual([
      "denied_by_default",
    ]);
    expect(outcomes(robot, ["service_auth"], ["service_auth"])).toEqual(["service_auth", "denied_by_default"]);
  });
});

describe("UNIX users", () => {
  const ssh = (allow_email_alias?: boolean) => ({
    connection_rules: { ssh: { usernames: ["deploy"], allow_email_alias } },
  });

  it("are those that the policy names, and the address before its @ where it says so", () => {
    expect(unixUsersOf(ssh(), { email: "ada@x.com" })).toEqual({ names: ["deploy"], more: false });
    expect(unixUsersOf(ssh(true), { email: "ada@x.com" })).toEqual({ names: ["deploy", "ada"], more: false });
    expect(unixUsersOf(ssh(true), {})).toEqual({ names: ["deploy"], more: true });
    expect(unixUsersOf({}, {})).toEqual({ names: [], more: false });
  });
});

describe("the last login of a user", () => {
  const seen = {
    email: "ada@x.com",
    ip: "192.0.2.7",
    geo: { country: "NL" },
    idp: { id: "okta", type: "okta" },
    groups: ["team", { id: "g1", name: "Ops", email: "ops@x.com" }],
    amr: ["pwd", "mfa"],
    saml_attributes: { role: ["admin", "dev"], level: 3 },
    mtls_auth: { cert_presented: false },
    devicePosture: {
      disk: { success: true },
      wall: { id: "fire", success: false },
      os: { id: "os-uid", success: true },
    },
    service_token_id: "",
  };

  it("is an identity of which most may have changed", () => {
    const { identity, approximate } = identityFrom(seen);
    expect(identity).toEqual({
      email: "ada@x.com",
      login_method: "okta",
      idp_groups: ["team", "g1", "Ops", "ops@x.com"],
      claims: { role: ["admin", "dev"], level: ["3"] },
      auth_methods: ["pwd", "mfa"],
      ip: "192.0.2.7",
      country: "NL",
      certificate: false,
      posture: ["disk", "os-uid"],
    });
    expect(approximate).toEqual(Object.keys(identity).filter((field) => field !== "email"));
  });

  it("says nothing of what it does not show, nor of GitHub's teams", () => {
    expect(identityFrom({ email: "ada@x.com" })).toEqual({ identity: { email: "ada@x.com" }, approximate: [] });
    const { identity } = identityFrom({ ...seen, idp: { id: "gh", type: "github" } });
    expect(identity).not.toHaveProperty("idp_groups");
  });
});
