import { describe, expect, it } from "vitest";
import { gate, type RoleNames } from "../../src/gate/gate.ts";
import { isRefusal, type Mode } from "../../src/gate/mode.ts";
import { makeToken, type NamedToken, namedTokens } from "../../src/gate/named-tokens.ts";
import { failure } from "../../src/main/http-bridge.ts";
import { listen, rawRequest } from "../support/bridge.ts";

const { token, sha256 } = makeToken();
const ci: NamedToken = { name: "ci", role: "operator", sha256, created: "2026-03-01T00:00:00Z" };
const nobody: RoleNames = { viewer: [], operator: [] };
const bearer = (value: string) => ({ authorization: `Bearer ${value}` });

describe("a named token", () => {
  it("says who somebody is and what they may", async () => {
    const mode = namedTokens(async () => [{ ...ci, name: "other", sha256: makeToken().sha256 }, ci]);
    expect(await mode(bearer(token))).toEqual({ name: "token:ci", marks: ["token:ci"], role: "operator" });
  });

  it("is unlike every other", () => {
    const many = new Set(Array.from({ length: 1000 }, () => makeToken().token));
    expect(many.size).toBe(1000);
    expect([...many].every((one) => /^cfam_[\w-]{43}$/.test(one))).toBe(true);
  });

  it("opens nothing once it is revoked, or after its end", async () => {
    let kept: readonly NamedToken[] = [{ ...ci, expires: "2026-06-01T00:00:00Z" }];
    let now = Date.parse("2026-05-31T23:59:59Z");
    const mode = namedTokens(
      async () => kept,
      () => now,
    );
    expect(await mode(bearer(token))).toMatchObject({ name: "token:ci" });
    now += 1000;
    expect(await mode(bearer(token))).toMatchObject({ status: 401 });
    now -= 1000;
    kept = [];
    expect(await mode(bearer(token))).toMatchObject({ status: 401 });
  });

  it("is asked for again where there is none, so that another mode may know who it is", async () => {
    expect(await namedTokens(async () => [ci])({})).toBeUndefined();
  });
});

describe("the gate", () => {
  const known =
    (name: string, ...marks: string[]): Mode =>
    async () => ({ name, marks });
  const refuses: Mode = async () => ({ status: 503, message: "later" });
  const passes: Mode = async () => undefined;
  const asked = (modes: readonly Mode[], names: Partial<RoleNames> = {}) => {
    const incoming = { headers: {}, headersDistinct: {} } as never;
    return gate({ modes, names: { ...nobody, ...names } })(incoming);
  };

  it.each([
    ["the person", { viewer: ["ada@example.com"] }, "viewer"],
    ["the domain", { operator: ["@example.com"] }, "operator"],
    ["everybody", { viewer: ["*"] }, "viewer"],
    ["the highest of two", { viewer: ["*"], operator: ["group:Platform"] }, "operator"],
    ["nothing of theirs", { viewer: ["bob@example.com", "@example.org", "group:Ops"] }, undefined],
  ] as const)("gives a role by %s", async (_, names, role) => {
    const answer = await asked([known("ada@example.com", "ada@example.com", "@example.com", "group:Platform")], names);
    expect(answer).toEqual(
      role === undefined ? expect.objectContaining({ status: 403 }) : { name: "ada@example.com", role },
    );
  });

  it("goes by the first proof that holds, and else says what is wrong with the first one", async () => {
    expect(await asked([passes, refuses, known("a", "a")], { viewer: ["a"] })).toEqual({ name: "a", role: "viewer" });
    expect(await asked([passes, refuses])).toMatchObject({ status: 503 });
    expect(await asked([passes])).toMatchObject({ status: 401, challenge: expect.stringContaining("Bearer") });
  });
});

describe("a bearer header that is broken", () => {
  const other = makeToken().token;
  const headers: readonly (readonly [string, ...string[]])[] = [
    ["none"],
    ["empty", "Authorization:"],
    ["no scheme", `Authorization: ${token}`],
    ["another scheme", `Authorization: Basic ${token}`],
    ["digest", 'Authorization: Digest username="ci"'],
    ["no token", "Authorization: Bearer"],
    ["blank token", "Authorization: Bearer  "],
    ["two headers", `Authorization: Bearer ${token}`, `Authorization: Bearer ${token}`],
    ["two, the second good", `Authorization: Bearer ${other}`, `Authorization: Bearer ${token}`],
    ["two, the first good", `Authorization: Bearer ${token}`, `authorization: Bearer ${other}`],
    ["a list", `Authorization: Bearer ${token}, Bearer ${token}`],
    ["a list of two tokens", `Authorization: Bearer ${other},${token}`],
    ["quoted", `Authorization: Bearer "${token}"`],
    ["in brackets", `Authorization: Bearer <${token}>`],
    ["with a word more", `Authorization: Bearer ${token} x`],
    ["with a parameter", `Authorization: Bearer token=${token}`],
    ["in capitals", `Authorization: Bearer ${token.toUpperCase()}`],
    ["cut", `Authorization: Bearer ${token.slice(0, -1)}`],
    ["longer", `Authorization: Bearer ${token}a`],
    ["padded", `Authorization: Bearer ${token}=`],
    ["turned round", `Authorization: Bearer ${[...token].reverse().join("")}`],
    ["its digest", `Authorization: Bearer ${sha256}`],
    ["its name", "Authorization: Bearer ci"],
    ["a token that never was", `Authorization: Bearer ${other}`],
    ["the prefix", "Authorization: Bearer cfam_"],
    ["null", "Authorization: Bearer null"],
    ["undefined", "Authorization: Bearer undefined"],
    ["an object", "Authorization: Bearer [object Object]"],
    ["a tab between", `Authorization: Bearer\t${token}`],
    ["a slash", `Authorization: Bearer/${token}`],
    ["a colon", `Authorization: Bearer: ${token}`],
    ["percent-encoded", `Authorization: Bearer ${token.replace("_", "%5F")}`],
    ["base64", `Authorization: Bearer ${Buffer.from(token).toString("base64")}`],
    ["not ASCII", "Authorization: Bearer \u00fc\u00e4\u00f6"],
    ["very long", `Authorization: Bearer ${"a".repeat(12_000)}`],
    ["as a cookie", `Cookie: authorization=${token}`],
    ["in another header", `X-Authorization: Bearer ${token}`],
    ["for a proxy", `Proxy-Authorization: Bearer ${token}`],
    ["as the Cloudflare token", `CF-API-Token: ${token}`],
    ["with a BOM", `Authorization: \u00ef\u00bb\u00bfBearer ${token}`],
    ["Bearer twice", `Authorization: Bearer Bearer ${token}`],
  ];

  it("has a table worth its name", () => expect(headers.length).toBeGreaterThanOrEqual(40));

  it.each(headers)("%s: 401, and nothing of the body is read", async (_, ...lines) => {
    let calls = 0;
    const admit = gate({ modes: [namedTokens(async () => [ci])], names: nobody });
    const { url } = await listen(
      async () => {
        calls += 1;
        return new Response("in");
      },
      {
        async admit(incoming) {
          const answer = await admit(incoming);
          return isRefusal(answer) ? { refusal: failure(answer.status, answer.message) } : { caller: undefined };
        },
      },
    );
    const head = ["POST /mcp HTTP/1.1", `Host: ${new URL(url).host}`, ...lines, "Content-Length: 2"];
    const answer = await rawRequest(url, head, ["{}"]);
    expect(answer.status).toBe(401);
    expect(JSON.parse(answer.body)).toMatchObject({ error: { message: expect.any(String) } });
    expect(answer.body).not.toContain(token);
    expect(calls).toBe(0);
  });
});
