import { describe, expect, it } from "vitest";
import { access } from "../../src/access/index.ts";
import { createClient } from "../../src/cloudflare/client.ts";
import { type ApiResponse, SendError } from "../../src/core/send.ts";
import { failureOf, pathFields } from "../support/calls.ts";
import { bad, callOf, good, json, scripted } from "./harness.ts";

const answered = (
  response: ApiResponse | Error,
  tool = "get_group",
  input: Record<string, unknown> = { group_id: "g" },
) => failureOf(createClient({ send: scripted(response).send })(callOf(tool, input)));

const text = (body: string, status = 200, headers = {}): ApiResponse => ({ status, headers, body });
const page = (title: string) =>
  `<!doctype html><html><head><title>\n ${title} </title></head><body>secret body</body></html>`;

describe("answers that are failures", () => {
  it.each<[string, ApiResponse, object]>([
    ["F26 401", bad(401, 10000, "Authentication error"), { kind: "auth", status: 401 }],
    ["F26 403", bad(403, 10000, "Authentication error"), { kind: "permission", status: 403 }],
    ["F26 9109 with any status", bad(400, 9109), { kind: "permission" }],
    ["404", bad(404, 7003), { kind: "not_found" }],
    ["404 as code 12045", bad(400, 12045, "access.api.error.invalid_application_id"), { kind: "not_found" }],
    ["409", bad(409, 12136), { kind: "conflict" }],
    ["already exists as 200", bad(200, 11010, "access.api.error.application_already_exists"), { kind: "conflict" }],
    ["400", bad(400, 12130, "access.api.error.invalid_request: x"), { kind: "rejected" }],
    ["422", bad(422, 1), { kind: "rejected" }],
    ["429", bad(429, 10013, "slow", { "retry-after": "7" }), { kind: "throttled", retry_after_seconds: 7 }],
    ["429 without Retry-After", bad(429, 10013), { kind: "throttled", retry_after_seconds: 300 }],
    ["F3 971 with 200", bad(200, 971), { kind: "throttled", retry_after_seconds: 30 }],
    ["F3 971 with 503", bad(503, 971, "x", { "retry-after": "9" }), { kind: "throttled", retry_after_seconds: 9 }],
    ["F11 200 success:false", bad(200, 12130), { kind: "rejected", status: 200 }],
    ["F11 with no reason", json({ success: false }), { kind: "rejected" }],
    ["9999", bad(403, 9999, "access.api.error.not_enabled"), { kind: "rejected" }],
    ["500", bad(500, 10001), { kind: "unavailable" }],
    ["522 HTML", text(page("522"), 522), { kind: "unavailable" }],
    ["F10 HTML with 200", text(page("Log in")), { kind: "unexpected" }],
    ["F10 HTML with 403", text(page("Just a moment..."), 403), { kind: "permission" }],
    ["302", text("", 302, { location: "https://evil.example" }), { kind: "unexpected" }],
    ["F9 truncated JSON", text('{"success":true,"result":{"id":"g'), { kind: "unavailable" }],
    ["F9 a truncated array", text(' [{"id":"g"'), { kind: "unavailable" }],
    ["not JSON", text("hello"), { kind: "unexpected" }],
    ["empty", text(""), { kind: "unexpected" }],
    ["an array", text("[1]"), { kind: "unexpected" }],
    ["not an envelope", json({ ok: 1 }), { kind: "unexpected" }],
    ["F12 null result", good(null), { kind: "unexpected" }],
    ["F12 no result", json({ success: true }), { kind: "unexpected" }],
    [
      "errors of other shapes",
      json({ success: false, errors: ["no", null, { code: "x" }] }, 400),
      { kind: "rejected" },
    ],
    ["errors not a list", json({ success: false, errors: 3 }, 400), { kind: "rejected" }],
  ])("%s", async (_, response, facts) => {
    const error = await answered({ ...response, headers: { ...response.headers, "cf-ray": "8f00aa11bb22cc33-AMS" } });
    expect(error.facts).toMatchObject({ ...facts, outcome: "not_done", ray: "8f00aa11bb22cc33-AMS" });
    expect(error.facts.next).toMatch(/^[A-Z].+\.$/);
    expect(error.message).toMatch(/^get_group: /);
  });

  it.each([
    ["get_group", { group_id: "g" }, "Access: Organizations, Identity Providers, and Groups Read"],
    ["delete_group", { group_id: "g" }, "Access: Organizations, Identity Providers, and Groups Write"],
    ["revoke_user", { email: "e" }, "Access: Organizations, Identity Providers, and Groups Revoke"],
    ["rotate_service_token", { service_token_id: "t" }, "Access: Service Tokens Write"],
  ])("names the permission of %s", async (tool, input, permission) => {
    for (const status of [401, 403]) {
      expect((await answered(bad(status, 10000), tool, input)).message).toContain(`"${permission}"`);
    }
  });

  it("says so when Cloudflare does not document the permission", async () => {
    const undocumented = access.find((entry) => entry.needs === null && entry.effect === "read");
    if (undocumented === undefined) throw new Error("every operation has a documented permission");
    const ids = Object.fromEntries(pathFields(undocumented).map((name) => [name, "x"]));
    expect((await answered(bad(403, 10000), undocumented.name, ids)).message).toContain("does not document");
  });

  it("names the list tool when an object is not there", async () => {
    expect((await answered(bad(404, 1))).facts.next).toContain("list_groups");
  });

  it("keeps Cloudflare's codes and messages", async () => {
    const error = await answered(
      bad(400, 12130, "access.api.error.invalid_request: policy precedences must be unique"),
    );
    expect(error.facts.errors).toEqual([
      { code: 12130, message: "access.api.error.invalid_request: policy precedences must be unique" },
    ]);
    expect(error.message).toContain("12130 access.api.error.invalid_request: policy precedences must be unique");
  });

  it("F13 caps long messages, one by one and together", async () => {
    const errors = Array.from({ length: 500 }, (_, code) => ({ code, message: "🚀".repeat(25_000) }));
    const error = await answered(json({ success: false, errors }, 400));
    expect(error.message.length).toBeLessThan(400);
    expect(error.message.isWellFormed()).toBe(true);
    expect(JSON.stringify(error.facts).length).toBeLessThan(4_096);
  });

  it("F10 shows of a web page the title alone, in one line of 80 characters", async () => {
    const short = await answered(text(page("Captive \u001b[31m\n portal")));
    expect(short.message).toContain('a web page titled "Captive [31m portal"');
    expect(short.message).not.toContain("secret body");
    const long = await answered(text(page("x".repeat(500))));
    expect(long.message).toContain(`"${"x".repeat(79)}…"`);
  });

  it("drops a ray id that is none", async () => {
    expect((await answered({ ...bad(404, 1), headers: { "cf-ray": "<script>" } })).facts.ray).toBeUndefined();
  });
});

describe("what is known of a write", () => {
  const create = (response: ApiResponse | Error, tool = "create_group") => answered(response, tool, { name: "n" });

  it.each<[string, ApiResponse]>([
    ["400", bad(400, 12130)],
    ["403", bad(403, 10000)],
    ["409", bad(409, 12136)],
    ["429", bad(429, 1)],
    ["971 with 503", bad(503, 971)],
    ["200 success:false", bad(200, 12130)],
  ])("nothing was done on %s", async (_, response) => {
    expect((await create(response)).facts.outcome).toBe("not_done");
  });

  it.each<[string, ApiResponse | Error]>([
    ["500", bad(500, 10001)],
    ["502 HTML", text(page("Bad gateway"), 502)],
    ["200 HTML", text(page("Welcome"))],
    ["truncated JSON", text('{"success":true,"re')],
    ["307", text("", 307)],
    ["408", text("", 408)],
    ["a reset", new SendError("reset", true)],
    ["a timeout", new SendError("timeout", true)],
    ["too large an answer", new SendError("too_large", true)],
    ["a cancel under way", new SendError("cancelled", true)],
  ])("it may have happened on %s, and the next step is to look", async (_, response) => {
    expect((await create(response)).facts).toMatchObject({
      outcome: "unknown",
      next: expect.stringContaining("list_groups"),
    });
  });

  it.each<[string, string, Record<string, unknown>, string]>([
    ["create", "create_group", { name: "n" }, "list_groups"],
    ["update", "update_group", { group_id: "g", name: "n" }, "get_group"],
    ["rotate", "rotate_service_token", { service_token_id: "t" }, "secret is lost"],
    ["create with a secret", "create_service_token", { name: "n" }, "secret is lost"],
  ])("it may have happened when a %s is answered with nothing", async (_, tool, input, next) => {
    for (const response of [
      text(""),
      text("", 204),
      good(null),
      good(true),
      good("ok"),
      good([]),
      json({ success: true }),
    ]) {
      expect((await answered(response, tool, input)).facts).toMatchObject({
        kind: "unexpected",
        outcome: "unknown",
        next: expect.stringContaining(next),
      });
    }
  });

  it("it may have happened when the answer is cut off", async () => {
    expect((await create(text('{"success":true,"result":{"id":"g"}'))).facts).toMatchObject({
      kind: "unavailable",
      outcome: "unknown",
      next: expect.stringContaining("list_groups"),
    });
  });

  it.each<[string, SendError]>([
    ["no connection", new SendError("unreachable", false, "ECONNREFUSED")],
    ["a cancel before", new SendError("cancelled", false)],
  ])("nothing was sent on %s", async (_, failure) => {
    expect((await create(failure)).facts.outcome).toBe("not_sent");
  });

  it("says how to find out: the list after a create, else the object", async () => {
    const reset = new SendError("reset", true);
    expect((await answered(reset, "delete_group", { group_id: "g" })).facts.next).toContain("get_group");
  });

  it("says that a secret is lost with its answer", async () => {
    const error = await create(new SendError("reset", true), "create_service_token");
    expect(error.facts.next).toContain("secret is lost");
  });

  it("tells reads apart: nothing was done, or nothing was sent", async () => {
    expect((await answered(new SendError("reset", true))).facts.outcome).toBe("not_done");
    expect((await answered(new SendError("unreachable", false))).facts.outcome).toBe("not_sent");
  });
});

describe("answers that are fine", () => {
  const result = async (response: ApiResponse, tool: string, input: Record<string, unknown> = {}) =>
    (await createClient({ send: scripted(response).send })(callOf(tool, input))).result;

  it.each<[string, ApiResponse, string, Record<string, unknown>, unknown]>([
    ["an object", good({ id: "g" }), "get_group", { group_id: "g" }, { id: "g" }],
    ["no success flag", json({ result: { id: "g" } }), "get_group", { group_id: "g" }, { id: "g" }],
    ["null after a write", good(null), "revoke_application_tokens", { app_id: "a" }, null],
    ["202 and no body after a write", text("", 202), "delete_group", { group_id: "g" }, null],
    ["a boolean after a revocation", good(true), "revoke_user", { email: "e" }, true],
    ["null for a list that was written", good(null), "create_targets", { targets: [] }, []],
    ["204 where nothing is due", text("", 204), "delete_target", { target_id: "t" }, null],
    ["an envelope where nothing is due", good(null), "delete_target", { target_id: "t" }, null],
    ["null for an empty list", good(null), "list_groups", {}, []],
  ])("%s", async (_, response, tool, input, expected) => {
    expect(await result(response, tool, input)).toEqual(expected);
  });

  it("reads PEM text, and asks for it", async () => {
    const pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
    const { send, requests } = scripted(text(pem));
    const call = callOf("get_saml_certificate_pem", { saml_cert_set_id: "s" });
    expect((await createClient({ send })(call)).result).toBe(pem);
    expect(requests[0]?.text).toBe(true);
    for (const response of [text(page("x")), bad(200, 1), text(""), good({ id: "s" })]) {
      await failureOf(createClient({ send: scripted(response).send })(call));
    }
  });

  it("shows a whole list in parts, and a write's answer whole", async () => {
    const rows = Array.from({ length: 120 }, (_, id) => ({ id }));
    const whole = access.find(
      (entry) => entry.answers === "list" && entry.effect === "read" && !/\{(?!account)/.test(entry.route),
    );
    const { result, list } = await createClient({ send: scripted(good(rows)).send })(
      callOf(whole?.name ?? "", {}, { view: { limit: 20 } }),
    );
    expect(result).toEqual(rows.slice(0, 20));
    expect(list).toEqual({ offset: 0, total: 120, steady: true, ended: false });
    const written = await createClient({ send: scripted(good(rows)).send })(callOf("create_targets", { targets: [] }));
    expect(written.result).toEqual(rows);
    expect(written.list).toMatchObject({ total: 120, ended: true });
  });
});

describe("the account of a call without scope", () => {
  const call = (more = {}) => callOf("get_group", { group_id: "g" }, { scope: undefined, ...more });
  const accounts = (...rows: unknown[]) => good(rows, { page: 1 });

  it("is the pinned one, with no look-up", async () => {
    const { send, requests } = scripted(good({ id: "g" }));
    await createClient({ send, account_id: "pinned" })(call());
    expect(requests.map(({ path }) => path)).toEqual(["/accounts/pinned/access/groups/g"]);
  });

  it("is the only one, looked up once for all calls", async () => {
    const { send, requests } = scripted(accounts({ id: "only", name: "Acme" }), good({ id: "g" }));
    const client = createClient({ send });
    await Promise.all([client(call()), client(call()), client(call())]);
    await client(call());
    expect(requests.filter(({ path }) => path === "/accounts")).toHaveLength(1);
    expect(requests.filter(({ path }) => path === "/accounts/only/access/groups/g")).toHaveLength(4);
  });

  it("cannot be guessed among several: they are listed", async () => {
    const { send, requests } = scripted(accounts({ id: "a1", name: "One\u0007" }, { id: "a2", name: "Two" }));
    const error = await failureOf(createClient({ send })(call()));
    expect(error.message).toContain("a1 (One), a2 (Two)");
    expect(error.facts).toMatchObject({ kind: "input", outcome: "not_sent" });
    expect(error.facts.next).toContain("CLOUDFLARE_ACCOUNT_ID");
    expect(requests).toHaveLength(1);
  });

  it("says how many accounts are not named", async () => {
    const rows = Array.from({ length: 50 }, (_, index) => ({ id: `a${index}`, name: "n" }));
    const error = await failureOf(createClient({ send: scripted(good(rows, { total_count: 63 })).send })(call()));
    expect(error.message).toMatch(/a49 \(n\) and 13 more$/);
    const whole = await failureOf(createClient({ send: scripted(good(rows, { total_count: 50 })).send })(call()));
    expect(whole.message).not.toContain("more");
  });

  it.each([401, 403])("can be named when the look-up is answered %i", async (status) => {
    const { facts } = await failureOf(createClient({ send: scripted(bad(status, 10000)).send })(call()));
    expect(facts).toMatchObject({ status, outcome: "not_done" });
    expect(facts.next).toMatch(/; or pass account_id, or have the operator set CLOUDFLARE_ACCOUNT_ID\.$/);
  });

  it("may be hidden from the token", async () => {
    expect((await failureOf(createClient({ send: scripted(accounts()).send })(call()))).facts.kind).toBe("permission");
  });

  it("is looked up again after a failure", async () => {
    const { send } = scripted(bad(500, 1), accounts({ id: "only" }), good({ id: "g" }));
    const client = createClient({ send });
    expect((await failureOf(client(call()))).facts.kind).toBe("unavailable");
    expect((await client(call())).result).toEqual({ id: "g" });
  });

  it("is not waited for by a caller who gave up; others still get it", async () => {
    let answer: (response: ApiResponse) => void = () => undefined;
    const pending = new Promise<ApiResponse>((resolve) => {
      answer = resolve;
    });
    const client = createClient({ send: async ({ path }) => (path === "/accounts" ? pending : good({ id: "g" })) });
    const impatient = new AbortController();
    const gone = failureOf(client(call({ signal: impatient.signal })));
    const patient = client(call());
    impatient.abort();
    expect((await gone).facts).toMatchObject({ kind: "cancelled", outcome: "not_sent" });
    answer(accounts({ id: "only" }));
    expect((await patient).result).toEqual({ id: "g" });
  });

  it("is not even asked for when an id is refused", async () => {
    const { send, requests } = scripted(good([]));
    await failureOf(createClient({ send })(callOf("get_group", { group_id: ".." }, { scope: undefined })));
    await failureOf(
      createClient({ send })(callOf("list_groups", {}, { scope: undefined, view: { cursor: "forged" } })),
    );
    expect(requests).toEqual([]);
  });
});
