import { describe, expect, it } from "vitest";
import type { Change, Members } from "../../src/core/change.ts";
import { accountOf } from "../../src/simulator/account.ts";
import { decisiveRooms } from "../../src/simulator/evaluate.ts";
import { type Impact, impactOf, shortly } from "../../src/simulator/impact.ts";
import { changedWorld } from "../../src/simulator/world.ts";
import { create, type Objects, okta, pin, policy, remove, rule, update, worldOf } from "./account.ts";

const pinned = (allowed_idps: readonly string[], policies: readonly Members[], id = "wiki"): Members => ({
  id,
  name: id,
  type: "self_hosted",
  domain: `${id}.example.com`,
  allowed_idps,
  policies: policies.map((one, at) => ({ ...one, reusable: false, precedence: at + 1 })),
});
const everyone = policy("everyone", "allow", [rule.everyone]);
const staff = policy("staff", "allow", [rule.domain("example.com"), rule.email("guest@example.net")]);
const users = [{ id: "ada", email: "ada@example.com" }];
const given = (...applications: readonly Members[]): Objects => ({ identityProviders: [pin, okta], applications });

async function impact(change: Change, objects: Objects) {
  const world = worldOf(objects);
  const [before, after] = [world, changedWorld(world, change)];
  return impactOf(await accountOf(before, decisiveRooms), await accountOf(after, decisiveRooms), { users });
}
const repin = (application: Members, allowed_idps: readonly string[]) =>
  impact(update("update_application", application, { allowed_idps }), given(application));
const told = ([first]: readonly Impact[]) =>
  [
    ...(first?.gains ?? []).map((shift) => ["gains", shift] as const),
    ...(first?.loses ?? []).map((shift) => ["loses", shift] as const),
  ].map(
    ([effect, { label, conditions = [], was, becomes, certain }]) =>
      `${effect} ${label} (${conditions.join("; ")}): ${was} to ${becomes}${certain ? "" : "?"}`,
  );
const byPin = 'anyone who can log in (login by "One-time PIN")';
const byOkta = 'anyone who can log in (login by "Okta")';

describe("other ways to log in", () => {
  it("let in whoever logs in by them", async () => {
    const found = await repin(pinned(["okta"], [everyone]), []);
    expect(told(found)).toEqual([`gains ${byPin}: no to yes`]);
    expect(found[0]?.gains[0]?.kind).toBe("any_login");
    expect(found[0]?.people).toEqual({ gain: [], lose: [] });
  });

  it("keep out whoever logs in by those that go", async () => {
    expect(told(await repin(pinned([], [everyone]), ["okta"]))).toEqual([`loses ${byPin}: yes to no`]);
    expect(told(await repin(pinned(["okta"], [everyone]), ["pin"]))).toEqual([
      `gains ${byPin}: no to yes`,
      `loses ${byOkta}: yes to no`,
    ]);
  });

  it("may let in people who had another before", async () => {
    expect(told(await repin(pinned(["okta"], [staff]), ["okta", "pin"]))).toEqual([
      'gains @example.com (login by "One-time PIN"): depends to yes?',
      'gains guest@example.net (login by "One-time PIN"): depends to yes?',
    ]);
  });

  it("name many addresses once", async () => {
    const many = Array.from({ length: 9 }, (_, at) => rule.email(`person-${at}@example.net`));
    const found = told(await repin(pinned(["okta"], [policy("many", "allow", many)]), []));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/person-4@example\.net and 4 more \(login by "One-time PIN"\)/);
  });

  it("are nothing where policies ask for another login, or no login is asked for", async () => {
    const bound = { ...everyone, require: [rule.login("okta")] };
    expect(await repin(pinned(["okta"], [bound]), [])).toEqual([]);
    const open = policy("open", "bypass", [rule.everyone]);
    expect(await repin(pinned(["okta"], [open, everyone]), [])).toEqual([]);
  });

  it("are seen where a policy comes to ask for one", async () => {
    const application = pinned([], [everyone]);
    const [own] = application["policies"] as readonly Members[];
    const change = update(
      "update_application_policy",
      own ?? {},
      { require: [rule.login("okta")] },
      {
        app_id: "wiki",
        policy_id: "everyone",
      },
    );
    expect(told(await impact(change, given(application)))).toEqual([`loses ${byPin}: yes to no`]);
  });
});

describe("an identity provider", () => {
  const google = { id: "google", name: "Google", type: "google", config: {} };
  const made = create("create_identity_provider", google);

  it("lets in wherever no application pins its own", async () => {
    const objects = given(pinned([], [everyone]), pinned(["okta"], [everyone], "pinned"));
    const found = await impact(made, objects);
    expect(found.map(({ application }) => application.id)).toEqual(["wiki"]);
    expect(told(found)).toEqual(['gains anyone who can log in (login by "Google"): no to yes']);
  });

  it("is told once of many applications, apart from those that its policies ask", async () => {
    const many = (count: number, which: Members, name: string) =>
      Array.from({ length: count }, (_, at) => pinned([], [which], `${name}-${at}`));
    const asking = policy("asking", "allow", [rule.everyone], { exclude: [rule.login("google")] });
    const objects = given(...many(20, everyone, "wide"), ...many(10, staff, "staff"), pinned([], [asking], "asking"));
    const found = await impact(made, objects);
    expect(found.map(({ application, alike = [] }) => [application.id, alike.length])).toEqual([
      ["wide-0", 19],
      ["staff-0", 9],
    ]);
    expect(told(found)).toEqual(['gains anyone who can log in (login by "Google"): no to yes']);
    expect(found.map(shortly)[1]).toEqual({
      application: { id: "staff-0", name: undefined },
      applications_alike: 9,
      gains: ['whoever the policies let in (login by "Google"), not certain of all'],
    });
  });

  it("keeps out when it goes", async () => {
    const gone = remove("delete_identity_provider", pin);
    expect(told(await impact(gone, given(pinned([], [everyone]))))).toEqual([`loses ${byPin}: yes to no`]);
    expect(told(await impact(gone, given(pinned(["pin"], [everyone]))))).toEqual([`loses ${byPin}: yes to no`]);
  });
});
