import { describe, expect, it } from "vitest";
import type { Change, Members } from "../../src/core/change.ts";
import { accountOf } from "../../src/simulator/account.ts";
import { decisiveRooms } from "../../src/simulator/evaluate.ts";
import { impactOf, shortly } from "../../src/simulator/impact.ts";
import { simulator } from "../../src/simulator/index.ts";
import { changedWorld } from "../../src/simulator/world.ts";
import { type Objects, pin, policy, remove, rule, update, worldOf } from "./account.ts";

const staff = { ...policy("staff", "allow", [rule.domain("example.com")]), reusable: true };
const wiki: Members = {
  id: "wiki",
  name: "Wiki",
  type: "self_hosted",
  domain: "wiki.example.com",
  policies: [{ ...staff, precedence: 1 }],
};
const objects: Objects = { identityProviders: [pin], applications: [wiki], policies: [staff] };
const users = ["ada@example.com", "guest@example.net"].map((email) => ({ id: email, email }));

async function impact(change: Change, given: Objects = objects) {
  const world = worldOf(given);
  const [before, after] = [world, changedWorld(world, change)];
  return impactOf(await accountOf(before, decisiveRooms), await accountOf(after, decisiveRooms), { users });
}
const rows = (found: Awaited<ReturnType<typeof impact>>) =>
  found.map(({ gains, loses, people }) => ({
    gains: gains.map(({ label, was, becomes }) => `${label}: ${was} to ${becomes}`),
    loses: loses.map(({ label, was, becomes }) => `${label}: ${was} to ${becomes}`),
    gain: people?.gain.map(({ email }) => email),
    lose: people?.lose.map(({ email }) => email),
  }));

describe("what a change does to who gets in", () => {
  it("is told by principal and by name", async () => {
    const change = update("update_policy", staff, { include: [rule.email("guest@example.net")] });
    expect(rows(await impact(change))).toEqual([
      {
        gains: ["guest@example.net: no to yes"],
        loses: ["@example.com: yes to no"],
        gain: ["guest@example.net"],
        lose: ["ada@example.com"],
      },
    ]);
  });

  it("is nothing where nobody moves", async () => {
    const twice = [rule.domain("example.com"), rule.email("ada@example.com")];
    expect(await impact(update("update_policy", staff, { include: twice }))).toEqual([]);
    expect(await impact(update("update_policy", staff, { name: "Everybody here" }))).toEqual([]);
  });

  it("says which of them depend on what is not known", async () => {
    const [found] = await impact(update("update_policy", staff, { require: [rule.geo("NL")] }));
    expect(found?.loses).toEqual([
      {
        kind: "email_domain",
        label: "@example.com",
        outcome: "allowed",
        was: "yes",
        becomes: "depends",
        certain: false,
      },
    ]);
    expect(found?.gains).toEqual([]);
    expect(found?.people).toEqual({
      gain: [],
      lose: [{ id: "ada@example.com", email: "ada@example.com", certain: false }],
    });
  });

  it("counts getting in without login as more than getting in", async () => {
    const office = { ip: { ip: "192.0.2.0/24" } };
    const before = { ...staff, include: [office] };
    const given = { ...objects, policies: [before] };
    expect(rows(await impact(update("update_policy", before, { decision: "bypass" }), given))).toMatchObject([
      { gains: ["network 192.0.2.0/24: no to yes"], loses: [] },
    ]);
  });

  it("knows applications that come and go", async () => {
    const sign: Members = { id: "sign", name: "Sign", type: "saas", policies: wiki["policies"] };
    const [gone] = await impact(remove("delete_application", sign), { ...objects, applications: [sign] });
    expect(gone).toMatchObject({ is: "gone", gains: [], loses: [{ label: "@example.com", certain: true }] });
    expect(shortly(gone as NonNullable<typeof gone>)).toEqual({
      application: { id: "sign", name: "Sign" },
      application_is: "gone",
      loses: ["@example.com"],
    });
  });
});

describe("the impact of a rehearsal", () => {
  it("asks for nothing that was not asked for already", async () => {
    const asked: string[] = [];
    const world = worldOf(objects);
    const ask = async ({ name }: { readonly name: string }) => {
      asked.push(name);
      const room = [...decisiveRooms].find(({ verbs }) => Object.values(verbs).some((verb) => verb.name === name));
      return room === undefined ? [] : (await world.read(room)).items;
    };
    const change = update("update_policy", staff, { include: [rule.everyone] });
    const account = simulator(ask, "off");
    const { references } = await account.assess(change);
    const before = asked.length;
    const [found] = await account.impact(change, references);
    expect(found?.gains).toMatchObject([{ label: "anyone who can log in", was: "depends", becomes: "yes" }]);
    expect(asked).toHaveLength(before);
  });
});
