import { describe, expect, it } from "vitest";
import { compare } from "../../src/inventory/compare.ts";
import type { Holdings, Inventory } from "../../src/inventory/datasets.ts";
import { inventoryOf } from "../../src/inventory/holdings.ts";
import { readSnapshot, snapshotText } from "../../src/inventory/snapshot.ts";
import type { Taken } from "../../src/inventory/source.ts";
import { createSandbox } from "../../src/sandbox/index.ts";
import { safeServer } from "../support/safe.ts";
import { collectFrom } from "./taking.ts";

const take = (inventory: Inventory, account_id = "one"): Taken => {
  return { account_id, taken_at: "2026-03-10T15:00:00Z", inventory };
};
const account = (holdings: Holdings, account_id?: string): Taken => take(inventoryOf(holdings), account_id);
const uuid = (number: number) => `00000000-0000-4000-9000-${String(number).padStart(12, "0")}`;

describe("two snapshots of one account", () => {
  it("show what came, what went and which fields changed", () => {
    const before = account({
      groups: [
        { id: "g1", name: "Staff", include: [{ email_domain: { domain: "example.com" } }], updated_at: "2026-01-01" },
        { id: "g2", name: "Gone", include: [] },
      ],
      organization: [{ auth_domain: "one.example.com", session_duration: "24h" }],
    });
    const after = account({
      groups: [
        {
          id: "g1",
          name: "All staff",
          include: [{ everyone: {} }, { email_domain: { domain: "example.com" } }],
          updated_at: "2026-02-02",
        },
        { id: "g3", name: "New", include: [] },
      ],
      organization: [{ auth_domain: "two.example.com", session_duration: "24h" }],
    });
    expect(compare(before, after)).toEqual({
      by: "id",
      datasets: [
        {
          dataset: "organization",
          added: [],
          removed: [],
          changed: [
            {
              noun: "organization",
              id: "two.example.com",
              differences: [{ path: "auth_domain", before: "one.example.com", after: "two.example.com" }],
              count: 1,
            },
          ],
        },
        {
          dataset: "groups",
          added: [{ noun: "group", id: "g3", name: "New" }],
          removed: [{ noun: "group", id: "g2", name: "Gone" }],
          changed: [
            {
              noun: "group",
              id: "g1",
              name: "All staff",
              differences: [
                { path: "include[0]", after: { everyone: {} } },
                { path: "name", before: "Staff", after: "All staff" },
              ],
              count: 2,
            },
          ],
        },
      ],
    });
  });

  const sole = (before: object, after: object) =>
    compare(
      account({ service_tokens: [{ id: "t", ...before }] }),
      account({ service_tokens: [{ id: "t", ...after }] }),
    );

  it.each([
    ["times", { created_at: "1", updated_at: "1", last_seen_at: "1" }, { created_at: "2", updated_at: "2" }],
    ["counters", { app_count: 1, count: 2 }, { app_count: 2, count: 3 }],
    ["null and nothing", { name: null }, {}],
    ["the order of members and of rules", { a: [{ x: 1, y: 2 }, 3], b: 1 }, { b: 1, a: [3, { y: 2, x: 1 }] }],
    ["masks of secrets", { client_secret: "[secret]" }, {}],
  ])("are the same but for %s", (_, before, after) => expect(sole(before, after).datasets).toEqual([]));

  it.each([
    ["when a token ends", { expires_at: "2026" }, { expires_at: "2027" }, "expires_at"],
    ["a rotation", { client_secret_version: 1 }, { client_secret_version: 2 }, "client_secret_version"],
    ["an account", { account: 1 }, { account: 2 }, "account"],
    ["a repeated item", { a: [1, 1] }, { a: [1] }, "a[1]"],
    ["an item of a list", { a: [{ id: "x", b: { c: 1 } }] }, { a: [{ id: "x", b: { c: 2 } }] }, "a[0].b.c"],
  ])("differ in %s", (_, before, after, path) => {
    const [dataset] = sole(before, after).datasets;
    expect(dataset?.changed[0]?.differences.map((one) => one.path)).toEqual([path]);
  });

  it("tell a change of a shared policy once, and what an application links to", () => {
    const policy = { id: "p", name: "Staff", decision: "allow", reusable: true };
    const app = { id: "a", name: "Wiki", policies: [{ ...policy, precedence: 1 }] };
    const before = account({ policies: [policy], applications: [app] });
    const denied = { ...policy, decision: "deny" };
    const after = account({ policies: [denied], applications: [{ ...app, policies: [{ ...denied, precedence: 1 }] }] });
    expect(compare(before, after).datasets.map(({ dataset }) => dataset)).toEqual(["policies"]);
    const unlinked = account({ policies: [policy], applications: [{ ...app, policies: [] }] });
    expect(compare(before, unlinked).datasets[0]?.changed[0]?.differences).toEqual([
      { path: "policies[0]", before: { id: "p", precedence: 1 } },
    ]);
  });

  it("show 20 differences of an object, and how many there are", () => {
    const many = (value: number) => Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`field${n}`, value]));
    const [changed] = sole(many(1), many(2)).datasets[0]?.changed ?? [];
    expect(changed?.differences).toHaveLength(20);
    expect(changed?.count).toBe(30);
  });

  it("leave out sessions and logs, which are no settings", () => {
    const after = account({ access_requests: [{ ray_id: "1" }], user_sessions: [{ name: "s", user_id: "u" }] });
    expect(compare(account({}), after).datasets).toEqual([]);
  });

  it("do not take what was not read for removed or added", () => {
    const before = account({ groups: [{ id: "g1", name: "A" }], users: [{ id: "u1" }, { id: "u2" }] });
    const after = take({
      ...before.inventory,
      groups: { state: "forbidden", items: [], why: "the API token lacks it" },
      users: { state: "partial", items: [{ id: "u3" }], why: "only the first 1 were read" },
    });
    expect(compare(before, after).datasets).toEqual([
      { dataset: "groups", added: [], removed: [], changed: [], why: "after: the API token lacks it" },
      {
        dataset: "users",
        added: [{ noun: "user", id: "u3" }],
        removed: [],
        changed: [],
        why: "after: only the first 1 were read",
      },
    ]);
    expect(compare(after, before).datasets[1]).toMatchObject({ added: [], removed: [{ id: "u3" }] });
    expect(compare(take({ groups: before.inventory.groups ?? { state: "ok", items: [] } }), take({}))).toMatchObject({
      datasets: [{ dataset: "groups", why: "after: not read" }],
    });
  });
});

describe("two accounts", () => {
  const staff = (base: number, more: object = {}) => ({
    groups: [{ id: uuid(base), name: "Staff", include: [] }],
    policies: [{ id: uuid(base + 1), name: "Staff only", include: [{ group: { id: uuid(base) } }], ...more }],
    applications: [
      {
        id: uuid(base + 2),
        uid: uuid(base + 2),
        aud: `${base}`.repeat(64).slice(0, 64),
        name: "Wiki",
        policies: [
          { id: uuid(base + 1), reusable: true },
          { id: uuid(base + 3), uid: uuid(base + 3), reusable: false, name: "Own", decision: "deny", include: [] },
        ],
      },
    ],
    application_cas: [{ id: uuid(base + 4), aud: `${base}`.repeat(64).slice(0, 64), public_key: "same" }],
    identity_providers: [{ id: uuid(base + 6), name: "Okta", config: {} }],
    idp_federation_grants: [{ id: uuid(base + 7), idp_id: uuid(base + 6) }],
    users: [
      { id: uuid(base + 8), name: "Ada Quist", email: "ada@example.com", seat_uid: uuid(base + 9) },
      { id: uuid(base + 90), name: "Ada Quist", email: "quist@example.com" },
    ],
    service_tokens: [{ id: uuid(base + 9), name: "Robot", client_id: `${base}.access` }],
    gateway_lists: [{ id: uuid(base + 5), name: "Guests" }],
    gateway_list_items: [{ value: "ada@example.com", list_id: uuid(base + 5) }],
  });

  it("are matched by name, and references by the names of what they refer to", () => {
    expect(compare(account(staff(10)), account(staff(20), "two"))).toEqual({ by: "name", datasets: [] });
  });

  it("differ where a reference leads to something else", () => {
    const other = account(staff(20, { include: [{ group: { id: uuid(99) } }] }), "two");
    const { groups = { state: "ok", items: [] } } = other.inventory;
    const items = [...groups.items, { id: uuid(99), name: "Contractors", include: [] }];
    const after = { ...other, inventory: { ...other.inventory, groups: { ...groups, items } } };
    const { datasets } = compare(account(staff(10)), after);
    expect(datasets.map(({ dataset }) => dataset)).toEqual(["policies", "groups"]);
    expect(datasets[0]?.changed[0]?.differences).toEqual([
      { path: "include[0]", after: { group: { id: 'group "Contractors"' } } },
      { path: "include[0]", before: { group: { id: 'group "Staff"' } } },
    ]);
    expect(datasets[1]?.added).toEqual([{ noun: "group", id: uuid(99), name: "Contractors" }]);
  });

  it("match objects of one name by their contents", () => {
    const twins = (first: number, second: number, order: 1 | -1) =>
      [
        { id: uuid(first), name: "Twin", include: [{ everyone: {} }] },
        { id: uuid(second), name: "Twin", include: [] },
      ].sort(() => order);
    const before = account({ groups: twins(1, 2, 1) });
    expect(compare(before, account({ groups: twins(4, 3, -1) }, "two")).datasets).toEqual([]);
    expect(compare(before, account({ groups: twins(1, 2, 1).slice(1) }, "two")).datasets[0]?.removed).toHaveLength(1);
  });

  it("match people by their addresses, for names are not unique", () => {
    const ada = { name: "Ada Quist", email: "ada@example.com", gateway_seat: false };
    const other = { name: "Ada Quist", email: "quist@example.com", gateway_seat: false };
    const after = account({ users: [{ ...other, id: uuid(3), gateway_seat: true }] }, "two");
    const [users] = compare(
      account({
        users: [
          { ...ada, id: uuid(1) },
          { ...other, id: uuid(2) },
        ],
      }),
      after,
    ).datasets;
    expect(users?.removed).toEqual([{ noun: "user", id: uuid(1), name: "Ada Quist" }]);
    expect(users?.changed).toMatchObject([{ id: uuid(3), differences: [{ path: "gateway_seat" }] }]);
  });

  it("can be compared by id all the same", () => {
    const { by, datasets } = compare(account(staff(10)), account(staff(20), "two"), "id");
    expect(by).toBe("id");
    expect(datasets.find(({ dataset }) => dataset === "groups")).toMatchObject({
      added: [{ id: uuid(20) }],
      removed: [{ id: uuid(10) }],
    });
  });

  it("seeded alike differ only in what no settings decide", async () => {
    const [one, other] = [1, 2].map((seed) => safeServer({}, { sandbox: quiet(seed) }));
    if (one === undefined || other === undefined) throw new Error("two servers");
    const before = { ...take(await collectFrom(one)), account_id: one.sandbox.accountId };
    const after = { ...take(await collectFrom(other)), account_id: other.sandbox.accountId };
    const { by, datasets } = compare(before, after);
    expect(by).toBe("name");
    for (const name of ["applications", "policies", "groups"] as const) {
      const found = datasets.find(({ dataset }) => dataset === name);
      expect([found?.added ?? [], found?.removed ?? []], name).toEqual([[], []]);
    }
  });
});

const quiet = (seed: number) => createSandbox({ seed, rateLimit: { limit: 1e9, window: 1 } });

it("a live account is the same as its snapshot", async () => {
  const live = take(await collectFrom(safeServer()));
  expect(compare(live, readSnapshot(snapshotText(live), "march"))).toEqual({ by: "id", datasets: [] });
});
