import { describe, expect, it } from "vitest";
import type { Members } from "../../src/core/change.ts";
import type { Fault } from "../../src/sandbox/index.ts";
import { contentsOf, type PlanServer, planServer, writesOf } from "../support/plans.ts";

const rule = { email: { email: "ada@example.com" } };
const group = (name: string) => ({ operation: "create_group", arguments: { name, include: [rule] } });
const policy = (name: string, id: unknown) => ({
  operation: "create_policy",
  arguments: { name, decision: "allow", include: [{ group: { id } }] },
});
const rename = (id: unknown, name: string) => ({ operation: "update_group", arguments: { group_id: id, name } });
const removeGroup = (id: unknown) => ({ operation: "delete_group", arguments: { group_id: id } });

const refusing = (method: string, path: RegExp, nth: number): Fault => ({
  match: { method, path },
  nth,
  kind: "status",
  status: 400,
  code: 12130,
  message: "no",
});

const stepsOf = (content: Members) => content["steps"] as readonly Members[];
const endings = (content: Members) => stepsOf(content).map(({ step, status }) => [step, status]);
const changesOf = async (server: PlanServer) =>
  (await server.tool("list_changes", { all: true })).content["items"] as readonly Members[];

describe("a plan that goes well", () => {
  it("uses answers of earlier steps, at any depth, and is journalled as one with its steps", async () => {
    const server = planServer();
    const done = await server.planAndAgree([
      group("Pilots"),
      policy("Pilots only", "$1.id"),
      {
        operation: "create_application",
        arguments: {
          type: "self_hosted",
          name: "Cockpit",
          domain: "cockpit.example.com",
          policies: [{ id: "$2.id", precedence: 1 }],
        },
      },
      rename("$1.id", "Pilots and crew"),
    ]);
    expect(endings(done.content)).toEqual([1, 2, 3, 4].map((step) => [step, "done"]));
    const [pilots, allowed, cockpit] = stepsOf(done.content).map(({ id }) => String(id));
    const apps = (await server.call("get_application", { app_id: cockpit })).result as Members;
    expect(apps["policies"]).toMatchObject([{ id: allowed, include: [{ group: { id: pilots } }] }]);
    expect(await server.idOf("groups", "Pilots and crew")).toBe(pilots);

    const plan = { id: done.content["plan"] };
    const changes = await changesOf(server);
    expect(changes.map(({ plan: place }) => place)).toEqual([4, 3, 2, 1, 0].map((step) => ({ ...plan, step })));
    expect(changes.at(-1)).toMatchObject({
      id: done.content["_change_id"],
      operation: "plan_changes",
      status: "done",
      undoable: "yes",
    });
    const shown = await server.tool("get_change", { change_id: done.content["_change_id"] });
    expect(stepsOf(shown.content)).toMatchObject(
      changes
        .slice(0, 4)
        .toReversed()
        .map(({ id }) => ({ change_id: id })),
    );
  });

  it("keeps the secret of a step out of the answer, and says where it went", async () => {
    const server = planServer();
    const done = await server.planAndAgree([{ operation: "create_service_token", arguments: { name: "robot" } }]);
    expect(stepsOf(done.content)[0]?.["result"]).toMatchObject({ client_secret: expect.stringMatching(/^\[secret/) });
    expect(done.content["_notes"]).toEqual(["client_secret: kept by the test"]);
  });

  it("adds a group to 40 applications with a result for each, telling how far it is", async () => {
    const server = planServer({ confirm: "never" });
    const ids: unknown[] = [];
    for (let at = 0; at < 40; at++) {
      const made = await server.call("create_application", {
        type: "self_hosted",
        name: `Tool ${at}`,
        domain: `tool${at}.example.com`,
        policies: [{ id: await server.idOf("policies", "Engineering"), precedence: 1 }],
      });
      ids.push((made.result as Members)["id"]);
    }
    const engineering = await server.idOf("policies", "Engineering");
    const security = await server.idOf("policies", "Data team");
    const changes = ids.map((app_id) => ({
      operation: "update_application",
      arguments: {
        app_id,
        policies: [
          { id: engineering, precedence: 1 },
          { id: security, precedence: 2 },
        ],
      },
    }));
    const plan = await server.plan(changes, { dry_run: true });
    expect(stepsOf(plan.content)).toHaveLength(40);
    expect(plan.content["risks"]).toEqual([expect.stringMatching(/^steps 1-40: another policy lets in/)]);
    const told: (readonly [number, number | undefined])[] = [];
    const before = server.sandbox.requests.length;
    const done = await server.planAndAgree(changes, {}, { progress: (at, of) => void told.push([at, of]) });
    expect(endings(done.content)).toEqual(ids.map((_, at) => [at + 1, "done"]));
    expect(told).toEqual(Array.from({ length: 41 }, (_, at) => [at, 40]));
    for (const app_id of ids) {
      const { result: app } = await server.call("get_application", { app_id });
      expect((app as Members)["policies"]).toMatchObject([{ id: engineering }, { id: security }]);
    }
    const asked = server.sandbox.requests.slice(before, -40);
    expect(asked.filter(({ method }) => method === "PUT")).toHaveLength(40);
    const lists = asked.filter(({ method, path }) => method === "GET" && !/apps\/[^/]+$/.test(path));
    expect(lists.length, "what decides who gets in is read for the plan, not for each step").toBeLessThan(40 * 3);
  });

  it("sends nothing for what is like that already", async () => {
    const server = planServer();
    const id = await server.idOf("groups", "Sales");
    const done = await server.planAndAgree([rename(id, "Sales"), group("A")]);
    expect(endings(done.content)).toEqual([
      [1, "unchanged"],
      [2, "done"],
    ]);
    expect(writesOf(server)).toHaveLength(1);
  });
});

describe("when a step fails", () => {
  it("takes back the done ones in reverse, and reports each", async () => {
    const server = planServer({}, { faults: [refusing("POST", /policies$/, 2)] });
    const sales = await server.idOf("groups", "Sales");
    const before = contentsOf(server.sandbox);
    const said = await server.planAndAgree([
      group("One"),
      rename(sales, "Vendors"),
      policy("First", "$1.id"),
      policy("Second", "$1.id"),
      group("Never"),
    ]);
    expect(said).toMatchObject({ isError: true, content: { outcome: "not_done", cloudflare: [{ code: 12130 }] } });
    expect(said.content["message"]).toMatch(/step 4 \(create_policy\) failed: .*was taken back$/);
    expect(endings(said.content)).toEqual([
      [1, "undone"],
      [2, "undone"],
      [3, "undone"],
      [4, "failed"],
      [5, "not_tried"],
    ]);
    expect(contentsOf(server.sandbox)).toEqual(before);
    expect(
      writesOf(server)
        .slice(-3)
        .map(({ method, path }) => `${method} ${path.split("/").at(-2)}`),
    ).toEqual(["DELETE policies", "PUT groups", "DELETE groups"]);

    const changes = await changesOf(server);
    const plan = changes.find(({ operation }) => operation === "plan_changes");
    expect(plan).toMatchObject({ status: "failed" });
    for (const { change_id, status } of stepsOf(said.content)) {
      const kept = changes.find(({ id }) => id === change_id);
      if (status === "undone")
        expect(kept).toMatchObject({ status: "done", undone_by: expect.stringMatching(/^chg_/) });
      if (status === "failed") expect(kept).toMatchObject({ status: "failed" });
    }
    expect((await server.tool("undo_change", { change_id: plan?.["id"] })).content["message"]).toMatch(/nothing of it/);
  });

  it("is not held up by the operator's maximum in taking back", async () => {
    const rules = { maximum: { writes: { per_hour: 3 } } };
    const server = planServer({}, { rules, faults: [refusing("POST", /policies$/, 1)] });
    const before = contentsOf(server.sandbox);
    const said = await server.planAndAgree([group("One"), group("Two"), policy("Never", "$1.id")]);
    expect(endings(said.content)).toEqual([
      [1, "undone"],
      [2, "undone"],
      [3, "failed"],
    ]);
    expect(contentsOf(server.sandbox)).toEqual(before);
  });

  it("makes deleted objects again and lets what is restored name the new ones", async () => {
    const server = planServer({}, { faults: [refusing("POST", /groups$/, 2)] });
    const made = await server.call("create_group", { name: "Old", include: [rule] });
    const { id } = made.result as Members;
    const uses = (
      await server.call("create_policy", { name: "Uses", decision: "allow", include: [rule, { group: { id } }] })
    ).result as Members;
    const before = contentsOf(server.sandbox, false);
    const said = await server.planAndAgree([
      { operation: "update_policy", arguments: { policy_id: uses["id"], include: [rule] } },
      removeGroup(id),
      group("New"),
    ]);
    expect(endings(said.content)).toEqual([
      [1, "undone"],
      [2, "undone"],
      [3, "failed"],
    ]);
    const fresh = await server.idOf("groups", "Old");
    expect(fresh).not.toBe(id);
    const text = (value: unknown) => JSON.stringify(value).replaceAll(String(fresh), String(id));
    expect(text(contentsOf(server.sandbox, false))).toBe(text(before));
  });

  it("says what cannot be taken back, and why", async () => {
    const server = planServer({}, { faults: [refusing("POST", /groups$/, 1)] });
    const robot = ["create_service_token", { name: "robot" }] as const;
    // Any service token opens something in the sandbox: making one needs a yes.
    const { ticket } = (await server.call(...robot)).result as { ticket: string };
    const token = (await server.call(...robot, { ticket })).result as Members;
    const said = await server.planAndAgree([
      { operation: "rotate_service_token", arguments: { service_token_id: token["id"] } },
      group("A"),
    ]);
    expect(said.content).toMatchObject({
      outcome: "unknown",
      message: expect.stringMatching(/still in force: step 1/),
    });
    expect(stepsOf(said.content)[0]).toMatchObject({ status: "not_undone", why: expect.stringMatching(/no opposite/) });
  });

  it("stops where nobody can tell whether a step was done, and takes nothing back blindly", async () => {
    const server = planServer(
      {},
      { faults: [{ match: { method: "POST", path: /revoke_tokens/ }, kind: "reset_after" }] },
    );
    const wiki = await server.idOf("apps", "Wiki");
    const said = await server.planAndAgree([
      group("A"),
      { operation: "revoke_application_tokens", arguments: { app_id: wiki } },
      group("B"),
    ]);
    expect(said.content).toMatchObject({ outcome: "unknown", next: expect.stringMatching(/resume.*undo_change/) });
    expect(endings(said.content)).toEqual([
      [1, "done"],
      [2, "unknown"],
      [3, "not_tried"],
    ]);
    expect(writesOf(server)).toHaveLength(2);
    const again = await server.tool("plan_changes", { resume: said.content["plan"] });
    expect(again.content["message"]).toMatch(/nobody knows whether step 2 was done/);
    expect(again.content["steps"]).toHaveLength(2);
    const undo = await server.tool("undo_change", { change_id: said.content["change_id"] });
    expect(undo.content["_notes"]).toContainEqual(expect.stringMatching(/^Step 2 is left alone/));
    expect(stepsOf(undo.content).map(({ step }) => step)).toEqual([1]);
  });

  it("refuses to overwrite what somebody changed while the plan ran, and takes back its own", async () => {
    const server = planServer({ confirm: "never" });
    const sales = await server.idOf("groups", "Sales");
    const progress = (at: number) => {
      if (at === 1) other = server.call("update_group", { group_id: sales, name: "Changed meanwhile" });
    };
    let other: Promise<unknown> | undefined;
    const said = await server.plan([group("A"), group("B"), group("C"), rename(sales, "Mine")], {}, { progress });
    await other;
    expect(said.content).toMatchObject({ kind: "conflict", outcome: "not_done" });
    expect(await server.idOf("groups", "Changed meanwhile")).toBe(sales);
    expect(await server.idOf("groups", "A")).toBeUndefined();
  });

  it("is taken back when the caller cancels between two steps", async () => {
    const server = planServer();
    const ending = new AbortController();
    const before = contentsOf(server.sandbox);
    const said = await server.plan(
      [group("A"), group("B"), group("C")],
      {},
      {
        signal: ending.signal,
        progress: (at) => at === 2 && ending.abort(),
      },
    );
    expect(said).toMatchObject({ isError: true });
    expect(contentsOf(server.sandbox)).toEqual(before);
  });
});

describe("undo_change", () => {
  it("takes back a whole plan, the last step first, once, and that again", async () => {
    const server = planServer();
    const kestrel = await server.idOf("groups", "Project Kestrel");
    const before = contentsOf(server.sandbox, false);
    const done = await server.planAndAgree([
      group("A"),
      policy("P", "$1.id"),
      rename("$1.id", "A2"),
      rename(kestrel, "K"),
      removeGroup(kestrel),
    ]);
    expect(done.content["status"]).toBe("done");
    const after = contentsOf(server.sandbox, false);
    const change_id = done.content["_change_id"];
    const undo = async (id: unknown) => {
      const asked = await server.tool("undo_change", { change_id: id });
      return server.tool("undo_change", { change_id: id, ticket: asked.content["ticket"] });
    };
    const undone = await undo(change_id);
    expect(endings(undone.content)).toEqual([5, 4, 3, 2, 1].map((step) => [step, "done"]));
    expect(contentsOf(server.sandbox, false)).toEqual(before);
    expect((await server.tool("undo_change", { change_id })).content["message"]).toMatch(/was taken back already/);

    const redone = await undo(undone.content["_change_id"]);
    expect(redone.content["status"]).toBe("done");
    expect(JSON.stringify(contentsOf(server.sandbox, false)).length).toBe(JSON.stringify(after).length);
  });

  it("is refused as a whole when an object of it was changed since", async () => {
    const server = planServer();
    const sales = await server.idOf("groups", "Sales");
    const done = await server.planAndAgree([group("A"), rename(sales, "Vendors")]);
    await server.call("update_group", { group_id: sales, name: "Somebody else's" });
    const writes = writesOf(server).length;
    const said = await server.tool("undo_change", { change_id: done.content["_change_id"] });
    expect(said.content).toMatchObject({ kind: "conflict", outcome: "not_sent" });
    expect(said.content["message"]).toMatch(/step 2: /);
    expect(writesOf(server)).toHaveLength(writes);
  });

  it("leaves alone what was taken back by itself, and keeps the promise of revert_after", async () => {
    const server = planServer();
    const done = await server.planAndAgree([group("A"), group("B")], { revert_after: "4h", reason: "trial" });
    const [whole] = (await changesOf(server)).filter(({ operation }) => operation === "plan_changes");
    expect(whole).toMatchObject({ revert_due: expect.stringMatching(/^\d{4}-/) });
    const [one] = stepsOf(done.content);
    const asked = await server.tool("undo_change", { change_id: one?.["change_id"] });
    await server.tool("undo_change", { change_id: one?.["change_id"], ticket: asked.content["ticket"] });
    const rest = await server.tool("undo_change", { change_id: done.content["_change_id"] });
    expect(stepsOf(rest.content).map(({ step }) => step)).toEqual([2]);
  });
});
