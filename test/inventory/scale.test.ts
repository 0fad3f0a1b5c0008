import { expect, it } from "vitest";
import { collect } from "../../src/inventory/collect.ts";
import { manyObjects, spent } from "./many-objects.ts";

const large = {
  "access/apps": 5_000,
  "access/policies": 20_000,
  "access/groups": 2_000,
  "access/users": 20_000,
  "access/logs/access_requests": 40_000,
};

it("reads every object of a large account once, page by page", async () => {
  const { call, workshop, requests } = manyObjects(large);
  const inventory = await collect(call, workshop);
  const lengths = (["applications", "policies", "groups", "users"] as const).map(
    (name) => inventory[name]?.items.length,
  );
  expect(lengths).toEqual([5_000, 20_000, 2_000, 20_000]);
  expect(inventory.policies?.state).toBe("ok");
  expect(new Set(inventory.policies?.items.map(({ id }) => id)).size).toBe(20_000);

  const asked = requests.map(({ path, query }) => `${path} ${JSON.stringify(query)}`);
  expect(new Set(asked).size).toBe(asked.length);
  const aboutUsers = requests.filter(({ path }) => path.includes("/users/"));
  expect(aboutUsers.length).toBeLessThanOrEqual(400);
  // A quarter of the 1,200 that Cloudflare allows in five minutes.
  expect(requests.length - aboutUsers.length).toBeLessThanOrEqual(300);
});

it("samples users by their last login, and says so", async () => {
  const { call, workshop } = manyObjects(large);
  const { user_sessions: sessions, users } = await collect(call, workshop, {
    datasets: ["users", "user_sessions"],
    users: 3,
  });
  expect(users?.state).toBe("ok");
  expect(sessions).toMatchObject({
    state: "partial",
    sample: { read: 3, of: 20_000 },
    why: "3 of 20000 users were looked at, those who logged in last",
  });
});

it("asks about the users who logged in last", async () => {
  const { call, workshop, requests } = manyObjects({ "access/users": 50 });
  await collect(call, workshop, { datasets: ["user_identities"], users: 2 });
  const asked = requests.filter(({ path }) => path.endsWith("last_seen_identity")).map(({ path }) => path);
  expect(asked.map((path) => decodeURIComponent(path).split("-")[1]?.split("/")[0])).toEqual(["49", "48"]);
});

it("stops at 50,000 objects of one kind", async () => {
  const { call, workshop } = manyObjects({ "access/users": 60_000 });
  const { users } = await collect(call, workshop, { datasets: ["users"] });
  expect(users).toMatchObject({ state: "partial", why: "only the first 50000 were read" });
  expect(users?.items).toHaveLength(50_000);
});

it("reads the newest 10,000 rows of a log", async () => {
  const { call, workshop, requests } = manyObjects({ "access/logs/access_requests": 40_000 });
  const { access_requests: log } = await collect(call, workshop, {
    datasets: ["access_requests"],
    days: 7,
    now: Date.parse("2026-03-10T15:00:00Z"),
  });
  expect(log).toMatchObject({ state: "partial", why: "only the first 10000 were read" });
  expect(log?.items).toHaveLength(10_000);
  expect(Object.fromEntries(requests[0]?.query ?? [])).toMatchObject({
    since: "2026-03-03T00:00:00.000Z",
    until: "2026-03-10T15:00:00.000Z",
    direction: "desc",
  });
});

it("keeps what was read when the request budget is spent, and says how much", async () => {
  const { call, workshop } = manyObjects(
    { "access/policies": 20_000 },
    {
      trouble: ({ query }) =>
        Number(new Map(query).get("page")) * Number(new Map(query).get("per_page")) > 12_000 ? spent : undefined,
    },
  );
  const { policies } = await collect(call, workshop, { datasets: ["policies"] });
  expect(policies).toMatchObject({
    state: "partial",
    why: "Cloudflare's request limit is nearly used up; 12000 were read",
  });
  expect(policies?.items).toHaveLength(12_000);
});

it("stops asking about users when the request budget is spent", async () => {
  const { call, workshop, requests, attempts } = manyObjects(
    { "access/users": 200 },
    {
      trouble: (_, before) => (before >= 20 ? spent : undefined),
    },
  );
  const { users, failed_logins: logins } = await collect(call, workshop, { datasets: ["users", "failed_logins"] });
  expect(users?.state).toBe("ok");
  expect(requests).toHaveLength(20);
  expect(attempts()).toBeLessThan(25);
  expect(logins?.state).toBe("partial");
  expect(logins?.why).toMatch(/^\d+ of 200 users were looked at, those who logged in last; Cloudflare's request limit/);
});

it.each([
  ["between two pages", 120, 119],
  ["between two readings", 10_000, 9_999],
])("says when an object moved %s, and has it once", async (_, place, number) => {
  const numberOf = (at: number) => (at === place ? number : at);
  const { call, workshop } = manyObjects({ "access/policies": 12_000 }, { numberOf });
  const { policies } = await collect(call, workshop, { datasets: ["policies"] });
  expect(policies).toMatchObject({
    state: "partial",
    why: "items moved while they were read, so some may be missing",
  });
  expect(policies?.items).toHaveLength(11_999);
});

it("says when an object went between two readings", async () => {
  let total = 12_000;
  const counts = {
    get "access/policies"() {
      return total;
    },
  };
  const trouble = ({ query }: { readonly query: readonly (readonly [string, string])[] }) => {
    const [page, size] = ["page", "per_page"].map((name) => Number(new Map(query).get(name))) as [number, number];
    if (page * size > 10_000) total = 11_999;
    return undefined;
  };
  const { call, workshop } = manyObjects(counts, { trouble });
  const { policies } = await collect(call, workshop, { datasets: ["policies"] });
  expect(policies?.state).toBe("partial");
});

it("leaves some of the time of a call for what is done with the account", async () => {
  const { call, workshop } = manyObjects({});
  const deadlines: number[] = [];
  const perform: typeof workshop.perform = (inner) => {
    deadlines.push(inner.deadline);
    return workshop.perform(inner);
  };
  await collect(call, { ...workshop, perform }, { datasets: ["groups"] });
  expect(deadlines[0]).toBeLessThan(call.deadline - 5_000);
});

it("knows that what belongs to a part of the users is a part", async () => {
  const { call, workshop } = manyObjects({ "access/users": 50_001 });
  const { user_sessions: sessions } = await collect(call, workshop, { datasets: ["user_sessions"], users: 3 });
  expect(sessions).toMatchObject({
    state: "partial",
    sample: { read: 3, of: 50_000 },
    why: "3 of 50000 users were looked at, those who logged in last; user: only the first 50000 were read",
  });
});

it("gives up on a list that neither ends nor goes on", async () => {
  const { call, workshop } = manyObjects({});
  const list = { offset: 0, steady: false, ended: false };
  const stuck = { ...workshop, perform: async () => ({ result: [], list, notes: [] }) };
  const { groups } = await collect(call, stuck, { datasets: ["groups"] });
  expect(groups).toEqual({ state: "partial", items: [], why: "Cloudflare stopped answering after 0" });
});

it("adds up why the log of a part of the providers is a part", async () => {
  const { call, workshop } = manyObjects({ "access/logs/scim/updates": 11_000 });
  const provider = { id: "idp", scim_config: { enabled: true } };
  const { perform } = workshop;
  const partial: typeof workshop = {
    ...workshop,
    perform: async (inner) =>
      inner.entry.room.noun !== "identity provider"
        ? perform(inner)
        : { result: [provider, { id: 7 }], list: { offset: 0, total: 3, steady: false, ended: true }, notes: [] },
  };
  const { scim_updates: log } = await collect(call, partial, { datasets: ["scim_updates"] });
  expect(log?.items).toHaveLength(10_000);
  expect(log?.why).toBe(
    "only the first 10000 were read; identity provider: items moved while they were read, so some may be missing",
  );
});
