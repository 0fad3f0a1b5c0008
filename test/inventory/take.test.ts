import { expect, it } from "vitest";
import type { Call, Workshop } from "../../src/core/call.ts";
import { badInput } from "../../src/core/errors.ts";
import type { DatasetName } from "../../src/inventory/datasets.ts";
import { inventoryOf } from "../../src/inventory/holdings.ts";
import { snapshotText } from "../../src/inventory/snapshot.ts";
import type { Snapshots } from "../../src/inventory/source.ts";
import { taking } from "../../src/inventory/take.ts";
import { failureOf } from "../support/calls.ts";
import { manyObjects } from "./many-objects.ts";

const kept = snapshotText({
  account_id: "kept",
  taken_at: "2026-01-01T00:00:00Z",
  inventory: inventoryOf({ groups: [{ id: "g1" }] }),
});

const snapshots: Snapshots = {
  async read(name) {
    if (name !== "january") throw badInput(`there is no snapshot "${name}"`, "Make one.");
    return kept;
  },
  write: async (name) => name,
};

let clock = Date.parse("2026-03-10T15:00:00Z");
let writes = 0;

function over(counts: Readonly<Record<string, number>>) {
  const { call, workshop, requests } = manyObjects(counts);
  const more: Pick<Workshop, "scopeOf" | "together"> = {
    scopeOf: async ({ scope }) => scope ?? { account_id: "0123456789abcdef0123456789abcdef" },
    together: () => Promise.reject(new Error("nothing is changed")),
  };
  const take = taking(snapshots, { now: () => clock, writes: async () => String(writes) });
  return {
    call,
    requests,
    take: (given: Call, snapshot?: string, datasets: readonly DatasetName[] = ["groups"]) =>
      take(given, { ...workshop, ...more }, { datasets, snapshot }),
  };
}

it("reads the account of the call, and says whose and when", async () => {
  const { call, take } = over({ "access/groups": 3 });
  const { inventory, ...facts } = await take(call);
  expect(facts).toEqual({ account_id: "0123456789abcdef0123456789abcdef", taken_at: "2026-03-10T15:00:00.000Z" });
  expect(Object.keys(inventory)).toEqual(["groups"]);
  expect(inventory.groups?.items).toHaveLength(3);
});

it("reads a snapshot that was kept without asking Cloudflare", async () => {
  const { call, take, requests } = over({});
  const { account_id, inventory } = await take(call, "january");
  expect(account_id).toBe("kept");
  expect(inventory.groups?.items).toEqual([{ id: "g1" }]);
  expect(requests).toEqual([]);
});

it("refuses a snapshot that is not there, and a single zone", async () => {
  const { call, take } = over({});
  expect((await failureOf(take(call, "february"))).message).toContain("february");
  expect((await failureOf(take({ ...call, scope: { zone_id: "z" } }))).facts.kind).toBe("input");
});

it("does not read again for five minutes what costs a request a user, unless something was written", async () => {
  const { call, take, requests } = over({ "access/users": 20, "access/groups": 3 });
  const asked = async (...datasets: DatasetName[]) => {
    const before = requests.length;
    const { inventory } = await take(call, undefined, datasets);
    expect(Object.keys(inventory).toSorted()).toEqual(datasets.toSorted());
    const paths = requests.slice(before).map(({ path }) => path);
    return { users: paths.filter((path) => path.includes("/users/")).length, others: paths.length };
  };
  expect(await asked("groups", "user_sessions")).toMatchObject({ users: 20 });
  expect(await asked("groups", "user_sessions")).toEqual({ users: 0, others: 1 });
  expect(await asked("failed_logins")).toMatchObject({ users: 20 });
  writes += 1;
  expect(await asked("user_sessions")).toMatchObject({ users: 20 });
  clock += 300_000;
  expect(await asked("user_sessions")).toMatchObject({ users: 20 });
});
