import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { access } from "../../src/access/index.ts";
import { type Send, SendError } from "../../src/core/send.ts";
import { masked } from "../../src/pipeline/masks.ts";
import { askWithin } from "../../src/pipeline/rehearse/index.ts";
import { settleIntent } from "../../src/pipeline/settle/evidence.ts";
import type { Fault } from "../../src/sandbox/index.ts";
import { type Row, seeded } from "../sandbox/support.ts";
import { entryOf, failureOf } from "../support/calls.ts";
import { type PassingClock, verdictOf, type World, type WorldOptions, worldWith } from "../support/settling.ts";

type Mishap = Omit<Fault, "match">;

const unlucky = (method: string, mishap: Mishap, options: WorldOptions = {}) =>
  worldWith({ ...options, faults: [{ nth: 1, ...mishap, match: { method } }] });

const rowsOf = (world: World, path: string): readonly Row[] =>
  Object.values(world.sandbox.snapshot()[`accounts/${world.sandbox.accountId}/${path}`] ?? {});

const writesOf = ({ sandbox }: World) => sandbox.requests.filter(({ method }) => method !== "GET");

const group = { name: "Night shift", include: [{ email_domain: { domain: "example.com" } }] };
const target = { hostname: "db", ip: { ipv4: { ip_addr: "10.1.2.3" } } };

/** Breaks the first write off, and has something happen to it instead. */
const instead =
  (act: (carryOut: () => unknown, clock: PassingClock) => unknown): WorldOptions["around"] =>
  (send: Send, clock) => {
    let isFirst = true;
    return async (request) => {
      if (request.method === "GET" || !isFirst) return send(request);
      isFirst = false;
      await act(() => send({ ...request, signal: new AbortController().signal }), clock);
      throw new SendError("reset", true);
    };
  };

describe("a create whose answer is lost", () => {
  it("answers the object, says so, and sends one write", async () => {
    const world = unlucky("POST", { kind: "reset_after" }, { scale: 0 });
    const { result, notes } = await world.write("create_group", group);
    expect(result).toMatchObject({ ...group, id: rowsOf(world, "access/groups")[0]?.["id"] });
    expect(notes).toEqual([
      "Cloudflare's answer was lost (the connection broke before an answer came (reset: ECONNRESET)); looked: it was done.",
    ]);
    expect(writesOf(world)).toHaveLength(1);
  });

  it("is not done when nothing came of it, and may be called again", async () => {
    const world = unlucky("POST", { kind: "hang" });
    const { message, facts } = await failureOf(world.write("create_group", group));
    expect(message).toContain("looked: it was not done (not there 10 seconds later)");
    expect(facts).toMatchObject({ kind: "timeout", outcome: "not_done", next: "Call again." });
    expect(world.clock.time).toBeGreaterThan(40_000);
    expect(writesOf(world)).toHaveLength(1);
    expect(await verdictOf(world.write("create_group", group))).toBe("done");
  });

  it("is seen when it is carried out late", async () => {
    const late = worldWith({ scale: 0, around: instead((carryOut, clock) => clock.later(9_000, carryOut)) });
    expect(await verdictOf(late.write("create_group", group))).toBe("done");
    expect(rowsOf(late, "access/groups")).toHaveLength(1);
  });

  it.each([504, 524])("stays unknown after %i when it is not seen, for it may still come", async (status) => {
    const { message, facts } = await failureOf(
      unlucky("POST", { kind: "status", status }).write("create_group", group),
    );
    expect(message).toContain("it may still come");
    expect(facts).toMatchObject({ outcome: "unknown", next: expect.stringContaining("list_groups") });
    const applied = unlucky("POST", { kind: "status", status, applied: true });
    expect(await verdictOf(applied.write("create_group", group))).toBe("done");
  });

  it("is not taken for what the same caller made a moment ago", async () => {
    const world = worldWith({ scale: 0, faults: [{ kind: "reset", match: { method: "POST" }, nth: 2 }] });
    await world.write("create_target", target);
    expect(await verdictOf(world.write("create_target", target))).toBe("not_done");
    expect(rowsOf(world, "infrastructure/targets")).toHaveLength(1);
  });

  it("is not taken for its twin that is made at the same time", async () => {
    let [sent, looks] = [0, 0];
    let tellLooked = () => {};
    const looked = new Promise<void>((resolve) => {
      tellLooked = resolve;
    });
    // The first breaks off; the second is answered only after somebody has looked.
    const around: WorldOptions["around"] = (send) => async (request) => {
      if (request.method === "GET") {
        if (++looks === 2) void setImmediate().then(tellLooked);
        return send(request);
      }
      if (++sent === 1) {
        await setImmediate();
        throw new SendError("reset", true);
      }
      const response = await send(request);
      await looked;
      return response;
    };
    const world = worldWith({ scale: 0, around });
    const verdicts = await Promise.all([1, 2].map(() => verdictOf(world.write("create_target", target))));
    expect(verdicts.toSorted()).toEqual(["done", "not_done"]);
    expect(rowsOf(world, "infrastructure/targets")).toHaveLength(1);
  });

  it("knows a key that was given away before from one that it gave", async () => {
    const world = worldWith({ scale: 0, faults: [{ kind: "reset_after", match: { method: "POST" }, nth: 2 }] });
    await world.write("create_tag", { name: "x" });
    await world.write("delete_tag", { tag_name: "x" });
    expect(await verdictOf(world.write("create_tag", { name: "x" }))).toBe("done");
  });

  it.each([
    ["a minute and more", 100_000, "unknown"],
    ["a day", 86_400_000, "not_done"],
  ])("and was made by others %s before", async (_, milliseconds, verdict) => {
    const world = worldWith({ scale: 0, faults: [{ kind: "reset", match: { method: "POST" }, nth: 2 }] });
    await world.plain(world.call("create_group", group));
    await world.clock.sleep(milliseconds);
    expect(await verdictOf(world.write("create_group", group))).toBe(verdict);
  });

  it("names all that could be it", async () => {
    const twice = async (carryOut: () => unknown) => [await carryOut(), await carryOut()];
    const world = worldWith({ scale: 0, around: instead(twice) });
    const { facts } = await failureOf(world.write("create_group", group));
    expect(facts.outcome).toBe("unknown");
    const ids = rowsOf(world, "access/groups").map(({ id, created_at }) => ({ id, created_at }));
    expect(facts.details).toEqual({ candidates: ids });
  });

  it("of many at once counts those that are there", async () => {
    const half = worldWith({
      around: (send) => {
        let isFirst = true;
        return async (request) => {
          if (request.method !== "PUT" || !isFirst) return send(request);
          isFirst = false;
          await send({ ...request, body: (request.body as readonly unknown[]).slice(0, 1) });
          throw new SendError("reset", true);
        };
      },
    });
    const targets = [target, { ...target, hostname: "web" }];
    const { message, facts } = await failureOf(half.write("create_targets", { targets }));
    expect(message).toContain("1 of 2 are there for certain");
    expect(facts).toMatchObject({ outcome: "unknown", details: { there: [expect.any(String)] } });
  });
});

describe("a secret that only the lost answer showed", () => {
  const lost = async (name: string, input: Row) =>
    (await unlucky("POST", { kind: "truncate" }).write(name, input)) as { result: Row; notes: readonly string[] };

  it("is lost, and another comes from the rotate operation of the room", async () => {
    const { result, notes } = await lost("create_service_token", { name: "robot" });
    expect(result).not.toHaveProperty("client_secret");
    expect(notes[1]).toBe(
      `client_secret stood only in that answer and is lost: get another with rotate_service_token {"service_token_id":"${result["id"]}"}.`,
    );
  });

  it("is lost with a rotation too", async () => {
    const id = String(seeded(worldWith().sandbox, "access/service_tokens")["id"]);
    const { notes } = await lost("rotate_service_token", { service_token_id: id });
    expect(notes[1]).toContain(`rotate_service_token {"service_token_id":"${id}"}`);
  });

  it("means deleting and creating again where nothing rotates it", async () => {
    const saas_app = {
      auth_type: "oidc",
      redirect_uris: ["https://s.example.com"],
      grant_types: ["authorization_code"],
    };
    const { notes } = await lost("create_application", { type: "saas", name: "S", saas_app });
    expect(notes[1]).toBe(
      "saas_app.client_secret stood only in that answer and is lost: delete the application and create it again.",
    );
  });

  it("is not missed where the caller gave it or there is none", async () => {
    const saml = { sp_entity_id: "s", consumer_service_url: "https://s.example.com/sso" };
    const config = { client_id: "id", client_secret: "given" };
    const answers = [
      await lost("create_application", { type: "saas", name: "S", saas_app: saml }),
      await lost("create_identity_provider", { type: "google", name: "G", config }),
      await lost("create_group", group),
    ];
    expect(answers.map(({ notes }) => notes.length)).toEqual([1, 1, 1]);
  });
});

describe("an update whose answer is lost", () => {
  const applied = [false, true] as const;
  const first = (path: string, test?: (row: Row) => boolean) => seeded(worldWith().sandbox, path, test);

  it.each(applied)("that only clears a field (carried out: %s)", async (isApplied) => {
    const { id } = first("access/apps", ({ cors_headers }) => cors_headers !== undefined);
    const world = unlucky("PUT", { kind: "reset", applied: isApplied });
    const write = world.write("update_application", { app_id: id }, { control: { clear: ["cors_headers"] } });
    expect(await verdictOf(write)).toBe(isApplied ? "done" : "not_done");
  });

  it.each(applied)("of a secret alone shows in the time (carried out: %s)", async (isApplied) => {
    const { id } = first("access/ai-controls/mcp/servers");
    const world = unlucky("PUT", { kind: "reset", applied: isApplied });
    await world.clock.sleep(1_000);
    const write = world.write("update_mcp_server", { id, auth_credentials: "new-credentials" });
    expect(await verdictOf(write)).toBe(isApplied ? "done" : "not_done");
  });

  it("of a secret alone is unknown where no time is shown", async () => {
    const { id } = first("access/identity_providers", ({ type }) => type === "azureAD");
    const world = unlucky("PUT", { kind: "reset" });
    const config = { client_secret: "another-secret" };
    const { facts } = await failureOf(
      world.write("update_identity_provider", { identity_provider_id: id, type: "azureAD", config }),
    );
    expect(facts).toMatchObject({ outcome: "unknown", next: "It may have been done. Repeating it is safe." });
    expect(JSON.stringify(facts)).not.toContain("another-secret");
  });

  it("is unknown when somebody else wrote something else meanwhile, and tells what differs", async () => {
    const { id } = first("access/groups");
    const world: World = worldWith({
      around: instead(() => world.plain(world.call("update_group", { ...group, group_id: id, name: "Theirs" }))),
    });
    const { facts } = await failureOf(world.write("update_group", { group_id: id, name: "Mine" }));
    expect(facts).toMatchObject({
      outcome: "unknown",
      details: { differences: [{ path: "name", before: "Mine", after: "Theirs" }] },
    });
  });
});

describe("looking", () => {
  it("goes on when the caller has cancelled", async () => {
    const gone = new AbortController();
    const world = worldWith({
      scale: 0,
      around: (send) => async (request) => {
        const response = await send(request);
        if (request.method === "GET") return response;
        gone.abort();
        throw new SendError("cancelled", true);
      },
    });
    const { result } = await world.write("create_group", group, { signal: gone.signal });
    expect(result).toMatchObject(group);
  });

  it("has time of its own when the call's is over", async () => {
    const world = unlucky("POST", { kind: "hang_after" }, { scale: 0 });
    const call = { deadline: world.clock.now() + 100 };
    expect(await verdictOf(world.write("create_group", group, call))).toBe("done");
  });

  it("is tried again when it fails, and says what failed when it always does", async () => {
    const failing = (nth: readonly number[]) =>
      worldWith({
        scale: 0,
        faults: [
          { kind: "reset_after", match: { method: "POST" } },
          { kind: "html", match: { method: "GET" }, nth },
        ],
      });
    expect(await verdictOf(failing([1, 2, 3, 4]).write("create_group", group))).toBe("done");
    const { message, facts } = await failureOf(failing([1, 2, 3, 4, 5]).write("create_group", group));
    expect(message).toContain("looking failed: list_groups");
    expect(facts.outcome).toBe("unknown");
  });

  it.each([0, 1])("does not believe one empty list (of an account of scale %i)", async (scale) => {
    const world = worldWith({
      scale,
      around: instead((carryOut, clock) => clock.later(9_000, carryOut)),
      faults: [{ kind: "null_result", match: { method: "GET", path: "/groups$" }, nth: 3 }],
    });
    expect(await verdictOf(world.write("create_group", group))).toBe("done");
  });

  it("makes no difference where nothing can be seen", async () => {
    const email = seeded(worldWith().sandbox, "access/users")["email"];
    const revoke = unlucky("POST", { kind: "reset_after" });
    const { facts } = await failureOf(revoke.write("revoke_user", { email }));
    expect(facts).toMatchObject({ outcome: "unknown", next: "It may have been done. Repeating it is safe." });
    const { id } = seeded(revoke.sandbox, "access/ai-controls/mcp/servers");
    const sync = unlucky("POST", { kind: "reset_after" });
    const action = await failureOf(sync.write("sync_mcp_server", { id }));
    expect(action.facts).toMatchObject({ outcome: "unknown", next: expect.stringContaining("Do not repeat it") });
    const provider = seeded(sync.sandbox, "access/identity_providers", ({ type }) => type === "saml")["id"];
    const set = unlucky("POST", { kind: "reset_after" });
    const write = set.write("create_identity_provider_saml_certificate", { identity_provider_id: provider });
    expect(await verdictOf(write)).toBe("unknown");
    expect([revoke, sync, set].every(({ clock }) => clock.time < 1_000)).toBe(true);
  });

  it("is not needed when Cloudflare says no", async () => {
    const world = worldWith({ scale: 0 });
    await world.write("create_tag", { name: "x" });
    const asked = world.sandbox.requests.length;
    const { facts } = await failureOf(world.write("create_tag", { name: "x" }));
    expect(facts).toMatchObject({ kind: "conflict", outcome: "not_done" });
    expect(world.sandbox.requests.length).toBe(asked + 1);
  });
});

describe("an intent of a process that died", () => {
  const entries = new Map(access.map((entry) => [entry.name, entry]));
  const looked = (world: World, name: string, intent: { input: Row; before?: Row; after?: Row; sentAt?: number }) => {
    const entry = entryOf(name);
    const ask = askWithin(world.call("list_groups"), world.plain, entries);
    return settleIntent({ entry, sentAt: world.clock.today(), ...intent }, ask);
  };

  it("is found by what was written down without secrets", async () => {
    const world = worldWith({ scale: 0 });
    const input = { type: "google", name: "G", config: { client_id: "id", client_secret: "a-secret" } };
    const written = masked(input, entryOf("create_identity_provider").secrets);
    expect(JSON.stringify(written)).not.toContain("a-secret");
    expect((await looked(world, "create_identity_provider", { input: written })).verdict).toBe("not_done");
    const { result } = await world.write("create_identity_provider", input);
    const { config: _, ...shown } = result as Row;
    expect(await looked(world, "create_identity_provider", { input: written })).toMatchObject({
      verdict: "done",
      found: shown,
    });
  });

  it("tells an update and a delete by what is there", async () => {
    const world = worldWith();
    const before = seeded(world.sandbox, "access/groups");
    const ids = { group_id: before["id"] };
    const after = { ...before, name: "changed" };
    const update = { input: { ...ids, name: "changed" }, before, after };
    expect((await looked(world, "update_group", update)).verdict).toBe("not_done");
    await world.write("update_group", { ...ids, name: "changed" });
    expect((await looked(world, "update_group", update)).verdict).toBe("done");
    expect((await looked(world, "delete_group", { input: ids, before })).verdict).toBe("not_done");
    await world.write("delete_group", ids);
    expect((await looked(world, "delete_group", { input: ids, before })).verdict).toBe("done");
  });

  it("is unknown when its object says nothing about it and may have been there before", async () => {
    const world = worldWith();
    const { id } = seeded(world.sandbox, "access/apps", ({ type }) => type === "ssh");
    expect((await looked(world, "create_application_ca", { input: { app_id: id } })).verdict).toBe("unknown");
  });
});
