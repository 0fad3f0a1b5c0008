import { describe, expect, it } from "vitest";
import { datasets } from "../../src/inventory/datasets.ts";
import { datasetNames } from "../../src/inventory/holdings.ts";
import { createSandbox, type Fault } from "../../src/sandbox/index.ts";
import { failureOf } from "../support/calls.ts";
import { safeServer } from "../support/safe.ts";
import { collectFrom } from "./taking.ts";

const withFaults = (...faults: readonly Fault[]) => safeServer({}, { faults });

describe("the whole account", () => {
  it("is read with every dataset", async () => {
    const server = safeServer();
    const inventory = await collectFrom(server);
    expect(Object.keys(inventory)).toEqual(datasetNames);
    for (const name of datasetNames) expect(inventory[name], name).toMatchObject({ state: "ok" });
    for (const name of datasetNames) expect(inventory[name]?.items.length, name).toBeGreaterThan(0);
  });

  it("says whose the objects within others are", async () => {
    const inventory = await collectFrom(safeServer());
    const idsOf = (name: keyof typeof datasets) => new Set(inventory[name]?.items.map(({ id }) => id));
    for (const { user_id } of inventory.user_sessions?.items ?? []) expect(idsOf("users")).toContain(user_id);
    for (const { user_id } of inventory.failed_logins?.items ?? []) expect(idsOf("users")).toContain(user_id);
    for (const { user_id, user_uuid } of inventory.user_identities?.items ?? []) expect(user_id).toBe(user_uuid);
    for (const { list_id } of inventory.gateway_list_items?.items ?? [])
      expect(idsOf("gateway_lists")).toContain(list_id);
    const provisioned = inventory.identity_providers?.items.filter(
      ({ scim_config: scim }) => (scim as { enabled?: boolean } | undefined)?.enabled === true,
    );
    const owners = new Set(inventory.idp_scim?.items.map(({ identity_provider_id: id }) => id));
    expect([...owners].sort()).toEqual(provisioned?.map(({ id }) => id).sort());
    expect(inventory.idp_scim?.sample).toEqual({ read: 2, of: 2 });
  });

  it("asks the SCIM log only about providers that send", async () => {
    const server = safeServer();
    const { scim_updates: log } = await collectFrom(server, { datasets: ["scim_updates"] });
    expect(log?.items.length).toBeGreaterThan(0);
    const [asked] = server.sandbox.requests.filter(({ path }) => path.endsWith("/scim/updates"));
    expect(asked?.query.filter(([name]) => name === "idp_id")).toHaveLength(2);
  });

  it("tells how far it has come, ending at the end", async () => {
    const steps: (readonly [number, number | undefined])[] = [];
    const progress = (done: number, total: number | undefined) => void steps.push([done, total]);
    await collectFrom(safeServer(), {}, { progress });
    expect(steps.map(([done]) => done)).toEqual(steps.map((_, place) => place + 1));
    const [done, total] = steps.at(-1) ?? [];
    expect(done).toBe(total);
    expect(done).toBeGreaterThan(3 * 120);
  });

  it("that is empty is known to be empty", async () => {
    const inventory = await collectFrom(safeServer({}, { scale: 0 }), {
      datasets: ["applications", "idp_scim", "scim_updates", "user_sessions"],
    });
    for (const dataset of Object.values(inventory)) expect(dataset).toMatchObject({ state: "ok", items: [] });
  });
});

it("reads only what was asked for, and whose that is", async () => {
  const server = safeServer();
  const inventory = await collectFrom(server, { datasets: ["user_sessions", "tags"] });
  expect(Object.keys(inventory)).toEqual(["user_sessions", "tags"]);
  const kinds = server.sandbox.requests.map(({ path }) => path.replace(/^\/accounts\/\w+\/|users\/.*\//g, ""));
  expect([...new Set(kinds)].sort()).toEqual(["access/active_sessions", "access/tags", "access/users"]);
});

describe("what cannot be read", () => {
  it("is forbidden where the token lacks the permission", async () => {
    const tokens = { limited: ["Access: Apps and Policies Read", "Access: Service Tokens Read"] };
    const sandbox = { ...createSandbox({ tokens, rateLimit: { limit: 1e9, window: 1 } }), token: "limited" };
    const inventory = await collectFrom(safeServer({}, { sandbox }));
    expect(inventory.applications?.state).toBe("ok");
    expect(inventory.service_tokens?.state).toBe("ok");
    expect(inventory.groups).toEqual({
      state: "forbidden",
      items: [],
      why: 'the API token lacks the permission "Access: Organizations, Identity Providers, and Groups Read"',
    });
    expect(inventory.idp_scim).toMatchObject({ state: "forbidden", items: [] });
    expect(inventory.idp_scim?.why).toMatch(/^identity provider: the API token lacks/);
    expect(inventory.scim_updates?.state).toBe("forbidden");
    for (const name of datasetNames) {
      const { needs } = { needs: datasets[name].permission };
      const isHeld = needs === null || tokens.limited.includes(`${needs} Read`);
      if (!isHeld) expect(inventory[name]?.state, name).toBe("forbidden");
    }
  });

  it("is forbidden where the permission is not documented, without naming one", async () => {
    const server = withFaults({ match: { path: /\/access\/users$/ }, kind: "status", status: 403, code: 10000 });
    const { users, user_sessions: sessions } = await collectFrom(server, { datasets: ["users", "user_sessions"] });
    expect(users?.state).toBe("forbidden");
    expect(users?.why).toContain("does not document");
    expect(sessions?.why).toBe(`user: ${users?.why}`);
  });

  it("is forbidden where the operator has not offered the operation", async () => {
    const offered = new Set(["collect_for_test", "list_groups"]);
    const inventory = await collectFrom(safeServer({}, { offered }), { datasets: ["groups", "tags"] });
    expect(inventory.groups?.state).toBe("ok");
    expect(inventory.tags).toEqual({ state: "forbidden", items: [], why: "this server may not call list_tags" });
  });

  it.each([
    ["the code", { code: 9999, message: "something" }],
    ["the words", { code: 1000, message: "access.api.error.not_enabled" }],
  ])("is not enabled when Cloudflare says so by %s", async (_, said) => {
    const inventory = await collectFrom(withFaults({ kind: "status", status: 400, ...said }));
    for (const [name, dataset] of Object.entries(inventory)) expect(dataset.state, name).toBe("not_enabled");
  });

  it.each([
    ["a refusal", { kind: "status", status: 400, code: 12130, message: "nothing doing." }, "nothing doing."],
    ["a web page", { kind: "html" }, "the answer is not what the API sends"],
    ["nothing", { kind: "empty" }, "the answer is not what the API sends"],
  ] as const)("has failed after %s, and says why", async (_, fault, says) => {
    const server = withFaults({ match: { path: /\/access\/groups$/ }, ...fault });
    const { groups, tags } = await collectFrom(server, { datasets: ["groups", "tags"] });
    expect(groups).toMatchObject({ state: "failed", items: [] });
    expect(groups?.why).toContain(says);
    expect(groups?.why).not.toMatch(/^list_groups|\.$/);
    expect(tags?.state).toBe("ok");
  });

  it("is a part when one of many users cannot be read", async () => {
    const server = withFaults({
      match: { path: /failed_logins$/ },
      nth: 7,
      kind: "html",
    });
    const { failed_logins: logins } = await collectFrom(server, { datasets: ["failed_logins"] });
    expect(logins).toMatchObject({ state: "partial", sample: { read: 119, of: 120 } });
    expect(logins?.why).toMatch(/^119 of 120 users were looked at, .*; the answer is not what the API sends/);
  });

  it("is not tried for every user when it fails again and again", async () => {
    const server = withFaults({ match: { path: /failed_logins$/ }, kind: "html" });
    const { failed_logins: logins } = await collectFrom(server, { datasets: ["failed_logins"] });
    expect(logins).toMatchObject({ state: "failed", items: [] });
    const asked = server.sandbox.requests.filter(({ path }) => path.endsWith("failed_logins"));
    expect(asked.length).toBeLessThan(20);
  });

  it("is nothing for users who never logged in", async () => {
    const { user_identities: identities, users } = await collectFrom(safeServer(), {
      datasets: ["user_identities", "users"],
    });
    expect(identities?.state).toBe("ok");
    expect(identities?.items.length).toBeLessThan(users?.items.length ?? 0);
  });

  it("has failed when no time is left, and is no error", async () => {
    const inventory = await collectFrom(safeServer(), {}, { deadline: performance.now() });
    for (const dataset of Object.values(inventory)) {
      expect(dataset).toMatchObject({ state: "failed", items: [] });
      expect(dataset.why).toContain("there was no time left to read it");
    }
  });

  it("has failed when it takes longer than the time there is; the rest is known", async () => {
    const server = withFaults({ match: { path: /\/access\/groups$/ }, kind: "hang" });
    const { groups, tags } = await collectFrom(
      server,
      { datasets: ["groups", "tags"] },
      { deadline: performance.now() + 1_000 },
    );
    expect(groups).toEqual({ state: "failed", items: [], why: "there was no time left to read it" });
    expect(tags?.state).toBe("ok");
  });

  it("is an error when the call was cancelled", async () => {
    const { facts } = await failureOf(collectFrom(safeServer(), {}, { signal: AbortSignal.abort() }));
    expect(facts.kind).toBe("cancelled");
  });

  it("is an error when the call is cancelled while it reads", async () => {
    const server = withFaults({ match: { path: /active_sessions$/ }, nth: 3, kind: "hang" });
    const cancelling = new AbortController();
    let steps = 0;
    const progress = () => void (++steps === 40 && cancelling.abort());
    const failure = await failureOf(collectFrom(server, {}, { signal: cancelling.signal, progress }));
    expect(failure.facts.kind).toBe("cancelled");
  });
});
