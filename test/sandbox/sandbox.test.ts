import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { operation } from "../../src/core/operation.ts";
import { catalogue, room } from "../../src/core/room.ts";
import { createSandbox, SANDBOX_LEGACY, SANDBOX_READ_ONLY_TOKEN, SANDBOX_TOKEN } from "../../src/sandbox/index.ts";
import { listen } from "../../src/sandbox/listen.ts";
import { ask } from "./support.ts";

const group = { name: "Made", include: [{ everyone: {} }] };
const codes = ({ status, errors }: { status: number; errors: { code: number }[] }) => [status, errors[0]?.code];

describe("who may ask", () => {
  const sandbox = createSandbox({ tokens: { "tokens-only": ["Access: Service Tokens Write"] } });

  it("lets the legacy pair do everything, and the read-only token read", async () => {
    const headers = { "X-Auth-Email": SANDBOX_LEGACY.email, "X-Auth-Key": SANDBOX_LEGACY.key };
    expect((await ask(sandbox, "POST /access/groups", group, { headers })).status).toBe(201);
    const readOnly = { token: SANDBOX_READ_ONLY_TOKEN };
    expect((await ask(sandbox, "GET /access/groups", undefined, readOnly)).status).toBe(200);
    expect(codes(await ask(sandbox, "POST /access/groups", group, readOnly))).toEqual([403, 10000]);
    expect(codes(await ask(sandbox, "POST /access/keys/rotate", undefined, readOnly))).toEqual([403, 10000]);
  });

  it("holds a token to its permission groups", async () => {
    const limited = { token: "tokens-only" };
    expect((await ask(sandbox, "GET /access/service_tokens", undefined, limited)).status).toBe(200);
    expect((await ask(sandbox, "POST /access/service_tokens", { name: "x" }, limited)).status).toBe(201);
    expect(codes(await ask(sandbox, "GET /access/groups", undefined, limited))).toEqual([403, 10000]);
  });

  it("refuses strangers, and other accounts and zones", async () => {
    expect(codes(await ask(sandbox, "GET /access/groups", undefined, { token: "wrong" }))).toEqual([403, 10000]);
    expect(codes(await ask(sandbox, "GET /access/groups", undefined, { headers: {} }))).toEqual([400, 10000]);
    expect(codes(await ask(sandbox, "GET //accounts/0123456789abcdef/access/groups"))).toEqual([403, 9109]);
    expect(codes(await ask(sandbox, "GET //zones/0123456789abcdef/access/groups"))).toEqual([403, 9109]);
  });

  it("answers which accounts there are and whether the token lives", async () => {
    const accounts = await ask(sandbox, "GET //accounts");
    expect(accounts.rows).toMatchObject([{ id: sandbox.accountId, name: "Quillon Freight" }]);
    expect((await ask(sandbox, "GET //accounts?page=2")).rows).toEqual([]);
    expect((await ask(sandbox, `GET //accounts/${sandbox.accountId}`)).result).toMatchObject({ type: "standard" });
    for (const path of ["//user/tokens/verify", "/tokens/verify"]) {
      const { result } = await ask(sandbox, `GET ${path}`);
      expect(result).toEqual({ id: expect.stringMatching(/^[0-9a-f]{32}$/), status: "active" });
    }
  });
});

describe("routes and bodies", () => {
  const sandbox = createSandbox();

  it("refuses unknown routes, other methods and unknown objects in Cloudflare's words", async () => {
    expect(codes(await ask(sandbox, "GET /access/nothing"))).toEqual([404, 7003]);
    expect(codes(await ask(sandbox, "GET /access/groups/a/b"))).toEqual([404, 7003]);
    expect(codes(await ask(sandbox, "PATCH /access/groups"))).toEqual([405, 7001]);
    expect(codes(await ask(sandbox, "GET /access/apps/nowhere"))).toEqual([404, 12045]);
    expect(codes(await ask(sandbox, "GET /access/apps/nowhere/policies"))).toEqual([404, 12045]);
    const missing = await ask(sandbox, "GET /access/groups/nowhere");
    expect([missing.status, missing.errors[0]?.message]).toEqual([404, "access.api.error.not_found"]);
    expect(codes(await ask(sandbox, `GET //zones/${sandbox.zoneId}/access/policies`))).toEqual([404, 7003]);
  });

  it("names the field that is wrong, and drops fields nobody knows", async () => {
    const wrong = await ask(sandbox, "POST /access/groups", { name: "x", include: [{ email: { email: 5 } }] });
    expect(codes(wrong)).toEqual([400, 12130]);
    expect(wrong.errors[0]?.message).toMatch(/^access\.api\.error\.invalid_request: include\.0\.email\.email: /);
    const extra = await ask(sandbox, "POST /access/groups", { ...group, colour: "red" });
    expect(extra.status).toBe(201);
    expect(extra.result).not.toHaveProperty("colour");
  });

  it("pages by page and per_page, 25 rows when nothing is said", async () => {
    const first = await ask(sandbox, "GET /access/users");
    expect(first.info).toEqual({ page: 1, per_page: 25, count: 25, total_count: 120, total_pages: 5 });
    const last = await ask(sandbox, "GET /access/users?page=3&per_page=50");
    expect(last.info).toEqual({ page: 3, per_page: 50, count: 20, total_count: 120, total_pages: 3 });
    expect((await ask(sandbox, "GET /access/users?page=9")).rows).toEqual([]);
    expect(codes(await ask(sandbox, "GET /access/users?page=0"))).toEqual([400, 12130]);
  });

  it("keeps what it holds from callers", async () => {
    const body = { name: "Mine", include: [{ everyone: {} }] };
    const { result } = await ask(sandbox, "POST /access/groups", body);
    body.include.length = 0;
    sandbox.snapshot()[`accounts/${sandbox.accountId}/access/groups`] = {};
    expect((await ask(sandbox, `GET /access/groups/${result["id"]}`)).result["include"]).toEqual([{ everyone: {} }]);
  });

  it("records requests without credentials", async () => {
    const fresh = createSandbox({ scale: 0 });
    await ask(fresh, "POST /access/groups?x=1", group);
    expect(fresh.requests).toEqual([
      { method: "POST", path: `/accounts/${fresh.accountId}/access/groups`, query: [["x", "1"]], body: group },
    ]);
    expect(JSON.stringify(fresh.requests)).not.toContain(SANDBOX_TOKEN);
  });
});

describe("a catalogue that nobody has seen before", () => {
  const moon = z.looseObject({ id: z.string().optional(), name: z.string().optional(), size: z.number().optional() });
  const moon_id = z.string();
  const moons = room({
    noun: "moon",
    toolset: "sky",
    key: "id",
    permission: null,
    columns: ["id"],
    verbs: {
      list: operation({
        name: "list_moons",
        title: "List moons",
        summary: "List moons.",
        effect: "read",
        route: "GET /{account_or_zone}/sky/moons",
        input: z.strictObject({ size: z.number().optional(), phase: z.string().optional() }),
        output: moon,
        answers: "pages",
      }),
      create: operation({
        name: "create_moon",
        title: "Create moon",
        summary: "Create a moon.",
        effect: "create",
        route: "POST /{account_or_zone}/sky/moons",
        input: z.strictObject({ name: z.string(), size: z.number().optional() }),
        output: moon,
      }),
      update: operation({
        name: "update_moon",
        title: "Update moon",
        summary: "Update a moon.",
        effect: "update",
        route: "PUT /{account_or_zone}/sky/moons/{moon_id}",
        input: z.strictObject({ moon_id, name: z.string().optional(), size: z.number().optional() }),
        output: moon,
      }),
      eclipse: operation({
        name: "eclipse_moon",
        title: "Eclipse moon",
        summary: "Eclipse a moon.",
        effect: "action",
        route: "POST /{account_or_zone}/sky/moons/{moon_id}/eclipse",
        input: z.strictObject({ moon_id }),
        output: moon,
      }),
    },
  });
  const sandbox = createSandbox({ catalogue: catalogue([moons]) });

  it("is answered as far as its routes say how, and openly not answered beyond", async () => {
    const { result } = await ask(sandbox, "POST /sky/moons", { name: "Io", size: 3643 });
    await ask(sandbox, `POST //zones/${sandbox.zoneId}/sky/moons`, { name: "Europa" });
    expect((await ask(sandbox, "GET /sky/moons?size=3643")).rows).toEqual([result]);
    expect((await ask(sandbox, "GET /sky/moons?size=1")).rows).toEqual([]);
    const changed = (await ask(sandbox, `PUT /sky/moons/${result["id"]}`, {})).result;
    expect(changed).toMatchObject({ id: result["id"], name: "Io", created_at: result["created_at"] });
    expect(changed).not.toHaveProperty("size");
    const eclipse = await ask(sandbox, `POST /sky/moons/${result["id"]}/eclipse`);
    expect(codes(eclipse)).toEqual([501, 10501]);
    expect(eclipse.errors[0]?.message).toContain("does not know how Cloudflare answers POST");
    expect(codes(await ask(sandbox, "GET /sky/moons?phase=full"))).toEqual([501, 10501]);
    expect(codes(await ask(sandbox, "POST /sky/moons/nowhere/eclipse"))[0]).toBe(501);
  });
});

describe("the budget", () => {
  it("is told in headers, and going over it closes the door for a window", async () => {
    let time = new Date("2026-03-04T12:00:00Z");
    const sandbox = createSandbox({ scale: 0, now: () => time, rateLimit: { limit: 2, window: 300 } });
    const list = () => ask(sandbox, "GET /access/groups");
    expect((await list()).headers).toMatchObject({
      ratelimit: '"default";r=1;t=300',
      "ratelimit-policy": '"default";q=2;w=300',
    });
    time = new Date("2026-03-04T12:04:00Z");
    expect((await list()).headers["ratelimit"]).toBe('"default";r=0;t=60');
    const over = await list();
    expect([over.status, over.headers["retry-after"]]).toEqual([429, "300"]);
    time = new Date("2026-03-04T12:08:59Z");
    expect((await list()).headers["retry-after"]).toBe("1");
    time = new Date("2026-03-04T12:09:00Z");
    expect((await list()).status).toBe(200);
  });

  it("is Cloudflare's when nothing else is said", async () => {
    const { headers } = await ask(createSandbox({ scale: 0 }), "GET /access/groups");
    expect(headers["ratelimit-policy"]).toBe('"default";q=1200;w=300');
  });
});

describe("on the wire", () => {
  const sandbox = createSandbox();
  let served: Awaited<ReturnType<typeof listen>>;
  beforeAll(async () => {
    served = await listen(sandbox, { port: 0 });
  });
  afterAll(() => served.close());

  const authorized = { authorization: `Bearer ${SANDBOX_TOKEN}` };
  const fetchJson = async (path: string, init: RequestInit = {}) => {
    const answer = await fetch(served.url + path, { headers: authorized, ...init });
    return { answer, json: (await answer.json()) as { success: boolean; errors: { code: number }[] } };
  };

  it("sends status, headers and envelope", async () => {
    const { answer, json } = await fetchJson(`/accounts/${sandbox.accountId}/access/apps?per_page=1`);
    expect(json).toMatchObject({ success: true, errors: [], messages: [], result_info: { count: 1, total_count: 47 } });
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect(answer.headers.get("cf-ray")).toMatch(/^[0-9a-f]{16}-SBX$/);
    expect(answer.headers.get("ratelimit")).toMatch(/^"default";r=\d+;t=\d+$/);
  });

  it("refuses bad JSON, huge bodies and addresses elsewhere", async () => {
    const path = `/accounts/${sandbox.accountId}/access/groups`;
    const bad = await fetchJson(path, { method: "POST", body: "{" });
    expect([bad.answer.status, bad.json.errors[0]?.code]).toEqual([400, 6007]);
    const huge = await fetchJson(path, { method: "POST", body: "x".repeat(11 * 1024 * 1024) });
    expect(huge.answer.status).toBe(413);
    const elsewhere = await fetch(served.url.replace("/client/v4", "/other"));
    expect(elsewhere.status).toBe(404);
    const broken = await fetchJson("/accounts/%E0%A4%A/access/groups");
    expect([broken.answer.status, broken.json.errors[0]?.code]).toEqual([400, 7003]);
  });
});
