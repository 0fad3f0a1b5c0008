import { afterAll, describe, expect, it } from "vitest";
import type { Change, Members } from "../../src/core/change.ts";
import { accountOf } from "../../src/simulator/account.ts";
import { decisiveRooms } from "../../src/simulator/evaluate.ts";
import { type Impact, impactOf } from "../../src/simulator/impact.ts";
import { changedWorld } from "../../src/simulator/world.ts";
import { planServer } from "../support/plans.ts";
import { smallAccount } from "../support/small-account.ts";
import { create, type Objects, pin, policy, remove, rule, update, worldOf } from "./account.ts";

const site = (id: string, domain: string, policies: readonly Members[], more: Members = {}): Members => ({
  id,
  name: id,
  type: "self_hosted",
  domain,
  policies: policies.map((one, at) => ({ ...one, reusable: false, precedence: at + 1 })),
  ...more,
});
const staff = policy("staff", "allow", [rule.domain("example.com")]);
const payroll = site("Payroll", "payroll.example.com", [staff]);
const organization = { name: "Org", auth_domain: "x.cloudflareaccess.com" };
const strict = { ...organization, deny_unmatched_requests: true };
const objects: Objects = { identityProviders: [pin], applications: [payroll], organization: [organization] };
const users = ["ada@example.com", "guest@example.net"].map((email) => ({ id: email, email }));

async function impact(change: Change, given: Objects = objects) {
  const world = worldOf(given);
  const [before, after] = [world, changedWorld(world, change)];
  return impactOf(await accountOf(before, decisiveRooms), await accountOf(after, decisiveRooms), { users });
}
const rows = (found: readonly Impact[]) =>
  found.map(({ application, at, gains, loses, people }) => ({
    application: application.name ?? application.id,
    at,
    gains: gains.map(({ label, certain }) => `${label}${certain ? "" : "?"}`),
    loses: loses.map(({ label, certain }) => `${label}${certain ? "" : "?"}`),
    gain: people?.gain.map(({ email }) => email),
    lose: people?.lose.map(({ email }) => email),
  }));
const anyone = "anyone, without login";
const guest = "guest@example.net";
const nothing = { gains: [], loses: [], gain: [], lose: [] };

describe("what nothing protects any more", () => {
  it("is open to everybody when its application goes", async () => {
    const found = await impact(remove("delete_application", payroll));
    const at = ["payroll.example.com"];
    expect(rows(found)).toEqual([{ ...nothing, application: "Payroll", at, gains: [anyone], gain: [guest] }]);
    expect(found[0]).toMatchObject({
      is: "gone",
      answered_by: { before: 'application "Payroll"', after: "nobody: it is open to everybody" },
    });
  });

  it("is refused where the organization refuses it", async () => {
    const found = await impact(remove("delete_application", payroll), { ...objects, organization: [strict] });
    expect(rows(found)).toMatchObject([{ gains: [], loses: ["@example.com"], lose: ["ada@example.com"] }]);
  });

  it("cannot be told where the organization cannot be read", async () => {
    const world = worldOf(objects);
    const rooms = [...decisiveRooms].filter(({ noun }) => noun !== "organization");
    const after = changedWorld(world, remove("delete_application", payroll));
    const found = impactOf(await accountOf(world, rooms), await accountOf(after, rooms));
    expect(rows(found)).toMatchObject([{ gains: [`${anyone}?`], loses: ["@example.com?"] }]);
    expect(found[0]?.unknown).toEqual(["no application covers it, and the organization's settings could not be read"]);
  });

  it("is answered by a wider application where there is one", async () => {
    const wide = site("Wide", "*.example.com", [policy("guests", "allow", [rule.email(guest)])]);
    const given = { ...objects, applications: [payroll, wide] };
    expect(rows(await impact(remove("delete_application", payroll), given))).toEqual([
      {
        application: "Payroll",
        at: ["payroll.example.com"],
        gains: [guest],
        loses: ["@example.com"],
        gain: [guest],
        lose: ["ada@example.com"],
      },
    ]);
  });

  it("is told apart from the paths that a wider hostname takes over", async () => {
    const wide = site("Wide", "*.example.com/hr", [policy("guests", "allow", [rule.email(guest)])]);
    const given = { ...objects, applications: [payroll, wide] };
    expect(rows(await impact(remove("delete_application", payroll), given))).toMatchObject([
      { at: ["payroll.example.com"], gains: [anyone], loses: [] },
      // How the two compared before, nobody documents.
      { at: ["payroll.example.com/hr"], gains: [`${guest}?`], loses: ["@example.com?"] },
    ]);
  });

  it("is what an application moved away from, and no longer what it moved to", async () => {
    const moved = update("update_application", payroll, { domain: "pay.example.com" });
    expect(rows(await impact(moved))).toEqual([
      { ...nothing, application: "Payroll", at: ["pay.example.com"], loses: [anyone], lose: [guest] },
      { ...nothing, application: "Payroll", at: ["payroll.example.com"], gains: [anyone], gain: [guest] },
    ]);
  });

  it("is what an override leaves open, and what a Worker serves", async () => {
    const placed = (overrides: readonly Members[]) => [
      { type: "public", uri: "payroll.example.com", overrides },
      { type: "worker", worker_id: "w" },
    ];
    const before = { ...payroll, destinations: placed([]) };
    const given = { ...objects, applications: [before] };
    const opened = update("update_application", before, { destinations: placed([{ path_pattern: "/public/*" }]) });
    expect(rows(await impact(opened, given))).toEqual([
      { ...nothing, application: "Payroll", at: ["payroll.example.com/public/*"], gains: [anyone], gain: [guest] },
    ]);
    const alone = update("update_application", before, { destinations: placed([]).slice(0, 1) });
    expect(rows(await impact(alone, given))).toMatchObject([{ at: ["Worker w"], gains: [`${anyone}?`], loses: [] }]);
  });
});

describe("what becomes protected", () => {
  it("keeps out all but those of the new application", async () => {
    const found = await impact(create("create_application", site("New", "new.example.com", [staff])));
    expect(rows(found)).toEqual([
      { ...nothing, application: "New", at: ["new.example.com"], loses: [anyone], lose: [guest] },
    ]);
  });

  it("inherits nothing: a path without policies lets nobody in", async () => {
    const carved = site("Carved", "payroll.example.com/admin", []);
    expect(rows(await impact(create("create_application", carved)))).toEqual([
      {
        ...nothing,
        application: "Carved",
        at: ["payroll.example.com/admin"],
        loses: ["@example.com"],
        lose: ["ada@example.com"],
      },
    ]);
  });

  it("is every hostname without application, where the organization says so", async () => {
    const change = update("update_organization", organization, { deny_unmatched_requests: true });
    const at = undefined;
    const application = "hostnames that no application covers";
    expect(rows(await impact(change))).toEqual([
      { ...nothing, application, at, loses: [anyone], lose: ["ada@example.com", guest] },
    ]);
    const back = update("update_organization", strict, { deny_unmatched_requests: false });
    expect(rows(await impact(back, { ...objects, organization: [strict] }))).toMatchObject([
      { application, gains: [anyone], loses: [] },
    ]);
  });

  it("leaves out the zones that are exempt", async () => {
    const exempt = { deny_unmatched_requests_exempted_zone_names: ["open.example"] };
    const given = { ...objects, organization: [strict] };
    expect(rows(await impact(update("update_organization", strict, exempt), given))).toMatchObject([
      { application: 'hostnames in zone "open.example" that no application covers', gains: [anyone], loses: [] },
    ]);
    const both = update("update_organization", organization, { ...exempt, deny_unmatched_requests: true });
    expect(rows(await impact(both))).toMatchObject([{ application: "hostnames that no application covers" }]);
  });
});

describe("an application at no address", () => {
  it("is told as it was", async () => {
    const sign: Members = { ...payroll, id: "sign", type: "saas" };
    const link: Members = { ...payroll, id: "link", type: "bookmark" };
    const given = { ...objects, applications: [sign, link] };
    expect(rows(await impact(remove("delete_application", sign), given))).toMatchObject([{ loses: ["@example.com"] }]);
    expect(await impact(remove("delete_application", link), given)).toEqual([]);
  });

  it("counts what is private apart from what is public", async () => {
    const destinations = [
      { type: "public", uri: "payroll.example.com" },
      { type: "private", cidr: "10.0.0.0/8" },
    ];
    const both = { ...payroll, destinations };
    expect(rows(await impact(remove("delete_application", both), { ...objects, applications: [both] }))).toMatchObject([
      { at: ["10.0.0.0/8"], loses: ["@example.com"] },
      { at: ["payroll.example.com"], gains: [anyone] },
    ]);
  });
});

describe("through the tools", async () => {
  const { sandbox, ids } = await smallAccount();
  const server = planServer({ confirm: "never" }, { sandbox });
  afterAll(() => server.close());
  const preview = async (operation: string, given: Members) => {
    const { content } = await server.tool("preview_impact", { operation, arguments: given });
    return content;
  };

  it("the verdict, the rows and the direction agree", async () => {
    const told = await preview("delete_application", { app_id: ids["wiki"] });
    expect(told).toMatchObject({
      access: "widen",
      verdict: expect.stringMatching(/^Anyone gets in without login at wiki\.example\.com\. At 1 application 1 kind/),
    });
    const effects = (told["items"] as readonly Members[]).map(({ effect, who }) => `${effect} ${who}`);
    expect(effects).toContain(`gains ${anyone}`);
    expect(effects.filter((effect) => effect.startsWith("loses"))).toEqual([]);
  });

  it("an address takes the place of all that say the same", async () => {
    const told = await preview("update_application", { app_id: ids["wiki"], domain: "new.example.com" });
    expect(told["verdict"]).toMatch(
      /without login at wiki\.example\.com\. No longer open to everybody: new\.example\.com/,
    );
  });

  it("the organization is told by its hostnames", async () => {
    const told = await preview("update_organization", { deny_unmatched_requests: true });
    expect(told["verdict"]).toMatch(
      /^No longer open to everybody: hostnames that no application covers\. At hostnames/,
    );
  });

  it("a rehearsal says it too", async () => {
    const { content } = await server.tool("delete_application", { app_id: ids["wiki"], dry_run: true });
    expect(content["impact"]).toMatchObject([
      { application: { name: "Wiki" }, application_is: "gone", gains: [expect.stringContaining(anyone)] },
    ]);
  });
});
