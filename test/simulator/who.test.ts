import { describe, expect, it } from "vitest";
import groups from "../../src/access/groups.ts";
import serviceTokens from "../../src/access/service-tokens.ts";
import type { Members } from "../../src/core/change.ts";
import { accountOf } from "../../src/simulator/account.ts";
import { decisiveRooms, gateIn } from "../../src/simulator/evaluate.ts";
import { standingsOf } from "../../src/simulator/people.ts";
import type { Principals } from "../../src/simulator/reach.ts";
import { reachOf } from "../../src/simulator/who.ts";
import { type Objects, okta, pin, policy, rule, worldOf } from "./account.ts";

const app = (...policies: readonly Members[]): Members => ({
  id: "app",
  name: "App",
  type: "self_hosted",
  domain: "app.example.com",
  policies: policies.map((one) => ({ ...one, reusable: false })),
});

const reach = async (application: Members, objects: Objects = {}) =>
  reachOf(
    application,
    await accountOf(worldOf({ identityProviders: [pin], applications: [application], ...objects }), decisiveRooms),
  );

const lines = (principals: readonly Principals[]): readonly string[] =>
  principals.map(({ outcome, kind, label, conditions }) => [outcome, kind, label, ...conditions].join(" | "));

const group = (id: string, include: readonly Members[], more: Members = {}): Members => ({
  id,
  name: id,
  include,
  ...more,
});

describe("who may get into an application", () => {
  it("is told in the order in which Access looks", async () => {
    const { principals, application, unknown } = await reach(
      app(
        policy("people", "allow", [rule.domain("example.com")]),
        policy("robots", "non_identity", [rule.token("t")]),
        policy("office", "bypass", [{ ip: { ip: "192.0.2.0/24" } }]),
      ),
      { serviceTokens: [{ id: "t", name: "robot", enabled: true }] },
    );
    expect(lines(principals)).toEqual([
      'service_auth | service_token | service token "robot"',
      "bypassed | network | network 192.0.2.0/24",
      "allowed | email_domain | @example.com",
    ]);
    expect(application).toEqual({
      noun: "application",
      id: "app",
      name: "App",
      type: "self_hosted",
      addresses: ["app.example.com"],
    });
    expect(unknown).toEqual([]);
  });

  it("follows groups within groups, with what they require and leave out", async () => {
    const { principals } = await reach(
      app(policy("staff", "allow", [rule.group("outer")], { exclude: [rule.email("eve@example.com")] })),
      {
        groups: [
          group("outer", [rule.group("inner")], { require: [rule.geo("NL")] }),
          group("inner", [rule.domain("example.com"), rule.email("ada@example.net")], { exclude: [rule.geo("RU")] }),
        ],
      },
    );
    expect(lines(principals)).toEqual([
      "allowed | email_domain | @example.com | country NL | not e-mail eve@example.com | not country RU",
      "allowed | email | ada@example.net | country NL | not country RU",
    ]);
    expect(principals[0]?.through.map(({ id }) => id)).toEqual(["outer", "inner"]);
    expect(principals[1]).toMatchObject({ field: "include[1]", policy: { id: "staff" } });
  });

  it("leaves nobody where a policy can never match", async () => {
    const never = [
      policy("empty", "allow", []),
      policy("two countries", "allow", [rule.everyone], { require: [rule.geo("NL"), rule.geo("DE")] }),
      policy("nobody else", "allow", [rule.email("a@example.com")], { require: [rule.email("b@example.com")] }),
      policy("contradiction", "allow", [rule.domain("example.com")], { exclude: [rule.everyone] }),
      policy("token in allow", "allow", [rule.token("t")]),
      policy("person before login", "bypass", [rule.email("a@example.com")]),
      policy("gone", "non_identity", [rule.token("t")]),
      policy("ends at once", "allow", [rule.everyone], { session_duration: "0s" }),
      policy("other login", "allow", [rule.okta("admins", "other")]),
    ];
    expect(lines((await reach(app(...never))).principals)).toEqual([]);
  });

  it("takes away whom an earlier block surely keeps out, and says so of whom it may", async () => {
    const { principals } = await reach(
      app(
        policy("late", "allow", [rule.email("before@example.com")]),
        policy("left", "deny", [rule.email("eve@example.com"), rule.okta("leavers", "okta")]),
        policy("staff", "allow", [rule.email("eve@example.com"), rule.email("ada@example.com")]),
      ),
      { identityProviders: [okta, pin] },
    );
    expect(lines(principals)).toEqual([
      "allowed | email | before@example.com",
      'allowed | email | ada@example.com | not blocked by policy "left": Okta group "leavers"',
    ]);
  });

  it("takes away whom an earlier policy lets in for no time at all", async () => {
    const { principals } = await reach(
      app(
        policy("brief", "allow", [rule.email("ada@example.com")], { session_duration: "0s" }),
        policy("all", "allow", [rule.everyone]),
      ),
    );
    expect(lines(principals)).toEqual([
      'allowed | any_login | anyone who can log in | not blocked by policy "brief": e-mail ada@example.com',
    ]);
  });

  it("names the logins that an application is limited to", async () => {
    const limited = { ...app(policy("all", "allow", [rule.everyone, rule.login("pin")])), allowed_idps: ["pin"] };
    const { principals } = await reach(limited, { identityProviders: [okta, pin] });
    expect(lines(principals)).toEqual([
      'allowed | any_login | anyone who can log in | login by "One-time PIN"',
      'allowed | login_method | anyone with a login by "One-time PIN"',
    ]);
  });

  it("says of bypass that it opens to the internet", async () => {
    const { principals } = await reach(
      app(policy("open", "bypass", [rule.everyone]), policy("p", "allow", [rule.everyone])),
    );
    expect(lines(principals)).toEqual(["bypassed | internet | anyone, without login"]);
  });

  it("tells what nobody knows, and claims nothing from it", async () => {
    const looped = [group("a", [rule.group("b"), rule.email("ada@example.com")]), group("b", [rule.group("a")])];
    const { principals, unknown } = await reach(
      app(
        policy("loop", "allow", [rule.group("a"), rule.group("lost"), { moon_phase: { phase: "full" } }]),
        policy("machines", "non_identity", [rule.everyone]),
        policy("new", "maybe", [rule.everyone]),
      ),
      { groups: looped },
    );
    expect(principals.map(({ label }) => label)).toEqual([
      "everyone, as far as that means machines",
      "ada@example.com",
      'group "lost"',
      'a rule that nobody knows, "moon_phase"',
    ]);
    expect(unknown.join("\n")).toMatch(/"a" leads back to itself/);
    expect(unknown.join("\n")).toMatch(/"lost" is not there/);
    expect(unknown.join("\n")).toMatch(/"moon_phase"/);
    expect(unknown.join("\n")).toMatch(/"new" has a decision that nobody knows/);
    expect(unknown.join("\n")).toMatch(/what everyone means where machines/);
  });

  it("says what could not be read", async () => {
    const { unknown, principals } = await reach(
      app(policy("p", "allow", [rule.group("g")]), policy("t", "non_identity", [rule.token("t")])),
      { unreadable: [groups, serviceTokens] },
    );
    expect(unknown).toEqual([
      "which service tokens there are could not be read",
      "which groups there are could not be read",
    ]);
    expect(principals).toHaveLength(2);
  });
});

describe("how known users fare", () => {
  const users = ["ada@example.com", "Eve@Example.com", "guest@example.net", "kim@other.example"].map((email, id) => ({
    id: String(id),
    email,
  }));
  const verdicts = async (application: Members, seen?: Parameters<typeof standingsOf>[2]) => {
    const world = worldOf({ identityProviders: [okta, pin], applications: [application] });
    const gate = gateIn(application, await accountOf(world, decisiveRooms));
    return standingsOf(users, gate, seen).map(({ verdict }) => verdict);
  };

  it("is judged by address and domain, upper and lower case alike", async () => {
    const application = app(
      policy("left", "deny", [rule.email("eve@example.com")]),
      policy("staff", "allow", [rule.domain("example.com"), rule.email("Guest@example.net")]),
    );
    expect(await verdicts(application)).toEqual([true, false, true, false]);
  });

  it("depends where a fact is missing, and not where it was seen", async () => {
    const application = app(policy("admins", "allow", [rule.okta("admins")]));
    expect(await verdicts(application)).toEqual([undefined, undefined, undefined, undefined]);
    const seen = new Map([
      ["0", { facts: new Map([['["okta",["identity_provider_id","okta"],["name","admins"]]', true]]) }],
    ]);
    expect((await verdicts(application, seen))[0]).toBe(true);
  });
});
