import { beforeEach, describe, expect, it } from "vitest";
import { createSandbox, type Sandbox } from "../../src/sandbox/index.ts";
import { ask, type Row } from "./support.ts";

const everyone = [{ everyone: {} }];
const inline = (name: string, more: Row = {}) => ({ name, decision: "allow", include: everyone, ...more });

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = createSandbox({ scale: 0 });
});

const reusable = async (name: string) =>
  String((await ask(sandbox, "POST /access/policies", inline(name))).result["id"]);
const application = (policies?: unknown, domain = "app.example.com") =>
  ask(sandbox, "POST /access/apps", { type: "self_hosted", domain, ...(policies !== undefined && { policies }) });
const replace = (id: unknown, policies?: unknown) =>
  ask(sandbox, `PUT /access/apps/${id}`, {
    type: "self_hosted",
    domain: "app.example.com",
    ...(policies !== undefined && { policies }),
  });
const names = (row: Row) => (row["policies"] as Row[]).map(({ name }) => name);

describe("policies of an application", () => {
  it("links ids and {id, precedence}, makes whole policies its own, and shows all of them in full", async () => {
    const [first, second] = [await reusable("first"), await reusable("second")];
    const { result } = await application([{ id: second, precedence: 2 }, inline("own", { precedence: 1 })]);
    expect(names(result)).toEqual(["own", "second"]);
    expect(result["policies"]).toMatchObject([
      { reusable: false, precedence: 1 },
      { id: second, reusable: true, precedence: 2 },
    ]);
    const byId = await application([first, second], "other.example.com");
    expect((byId.result["policies"] as Row[]).map(({ id, precedence }) => [id, precedence])).toEqual([
      [first, 1],
      [second, 2],
    ]);
  });

  it("keeps them when policies is absent or null, and destroys own ones with []", async () => {
    const shared = await reusable("shared");
    const { result } = await application([shared, inline("own")]);
    const own = (result["policies"] as Row[])[1]?.["id"];
    expect(names((await replace(result["id"])).result)).toEqual(["shared", "own"]);
    expect(names((await replace(result["id"], null)).result)).toEqual(["shared", "own"]);
    expect((await replace(result["id"], [])).result["policies"]).toEqual([]);
    expect((await replace(result["id"], [{ id: own, precedence: 1 }])).errors[0]?.code).toBe(12130);
    expect((await ask(sandbox, `GET /access/policies/${shared}`)).status).toBe(200);
  });

  it("copies a reusable policy that is sent back in full, and updates an own one in place", async () => {
    const shared = await reusable("shared");
    const { result } = await application([shared, inline("own")]);
    const before = result["policies"] as Row[];
    const after = (await replace(result["id"], before)).result["policies"] as Row[];
    expect(after[0]).toMatchObject({ name: "shared", reusable: false });
    expect(after[0]?.["id"]).not.toBe(shared);
    expect(after[1]).toMatchObject({ id: before[1]?.["id"], name: "own" });
  });

  it("refuses equal precedences, unknown ids and unknown groups, and changes nothing then", async () => {
    const shared = await reusable("shared");
    const { result } = await application([shared]);
    const twice = await replace(result["id"], [{ id: shared, precedence: 1 }, inline("own", { precedence: 1 })]);
    expect(twice.status).toBe(400);
    expect(twice.errors[0]).toEqual({
      code: 12130,
      message: "access.api.error.invalid_request: policy precedences must be unique",
    });
    expect((await replace(result["id"], ["nowhere"])).errors[0]?.code).toBe(12130);
    const stranger = inline("own", { include: [{ group: { id: "nowhere" } }] });
    expect((await replace(result["id"], [stranger])).errors[0]?.code).toBe(11020);
    expect(names((await ask(sandbox, `GET /access/apps/${result["id"]}`)).result)).toEqual(["shared"]);
  });

  it("lets own policies be added, changed and deleted one by one", async () => {
    const shared = await reusable("shared");
    const path = `/access/apps/${(await application([shared])).result["id"]}`;
    const created = await ask(sandbox, `POST ${path}/policies`, inline("own"));
    expect(created.result).toMatchObject({ precedence: 2, reusable: false });
    const taken = await ask(sandbox, `POST ${path}/policies`, inline("more", { precedence: 1 }));
    expect(taken.errors[0]?.code).toBe(12130);
    const own = created.result["id"];
    const moved = await ask(sandbox, `PUT ${path}/policies/${own}`, inline("first", { precedence: 0 }));
    expect(moved.result).toMatchObject({ id: own, name: "first", precedence: 0 });
    expect((await ask(sandbox, `GET ${path}/policies`)).rows.map(({ name }) => name)).toEqual(["first", "shared"]);
    expect((await ask(sandbox, `GET ${path}/policies/${shared}`)).result).toMatchObject({ reusable: true });
    expect((await ask(sandbox, `DELETE ${path}/policies/${shared}`)).status).toBe(404);
    expect((await ask(sandbox, `DELETE ${path}/policies/${own}`)).status).toBe(202);
    expect(names((await ask(sandbox, `GET ${path}`)).result)).toEqual(["shared"]);
  });

  it("counts the applications of a reusable policy and refuses its deletion while there are any", async () => {
    const shared = await reusable("shared");
    const { result } = await application([shared]);
    expect((await ask(sandbox, `GET /access/policies/${shared}`)).result).toMatchObject({
      app_count: 1,
      reusable: true,
    });
    const refusal = await ask(sandbox, `DELETE /access/policies/${shared}`);
    expect([refusal.status, refusal.errors[0]?.code]).toEqual([400, 12130]);
    await replace(result["id"], []);
    expect((await ask(sandbox, `DELETE /access/policies/${shared}`)).status).toBe(202);
  });

  it("takes whole policies only in infrastructure applications", async () => {
    const shared = await reusable("shared");
    const infrastructure = (policies: unknown[]) =>
      ask(sandbox, "POST /access/apps", {
        type: "infrastructure",
        target_criteria: [{ protocol: "SSH", port: 22, include: { tags: { role: ["web"] } } }],
        policies,
      });
    expect((await infrastructure([shared])).errors[0]?.code).toBe(12130);
    expect((await infrastructure([inline("own")])).status).toBe(201);
  });
});

describe("policy tests", () => {
  it("are processing at first, then say who gets in, who does not and who cannot be told", async () => {
    const company = createSandbox();
    const country = { name: "abroad", decision: "allow", include: [{ geo: { country_code: "BR" } }] };
    const staff = {
      name: "staff",
      decision: "allow",
      include: [{ email_domain: { domain: "quillon.example.com" } }],
      exclude: [{ email: { email: "ines.okafor@quillon.example.com" } }],
    };
    const run = async (policies: unknown[]) => {
      const { result } = await ask(company, "POST /access/policy-tests", { policies });
      const path = `GET /access/policy-tests/${result["id"]}`;
      expect(result["status"]).toBe("success");
      expect((await ask(company, path)).result["status"]).toBe("processing");
      return { path, state: (await ask(company, path)).result };
    };

    const { path, state } = await run([staff]);
    expect(state["status"]).toBe("complete");
    expect(Number(state["users_approved"]) + Number(state["users_blocked"])).toBe(state["total_users"]);
    const blocked = await ask(company, `${path}/users?status=fail&per_page=100`);
    expect(blocked.rows.map(({ email }) => email)).toContain("ines.okafor@quillon.example.com");
    expect(new Set(blocked.rows.map(({ status }) => status))).toEqual(new Set(["blocked"]));
    expect(blocked.info).toMatchObject({ total_count: state["users_blocked"] });

    const unknown = await run([country]);
    expect(unknown.state["users_errored"]).toBe(unknown.state["total_users"]);
    const settled = await run([{ ...staff, exclude: [], decision: "bypass" }, country]);
    expect(settled.state["users_approved"]).toBeGreaterThan(0);
    expect(settled.state["users_blocked"]).toBe(0);
  });
});
