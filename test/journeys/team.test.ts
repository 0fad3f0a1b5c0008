import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { beforeAll, describe, expect, it } from "vitest";
import { type HttpServer, serverEnvironment, serverFile, startHttp } from "../support/built-server.ts";
import { modernClient } from "../support/clients.ts";

const folder = mkdtempSync(join(tmpdir(), "access-team-"));
const state = join(folder, "state");

interface Ending {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const run = (...words: string[]): Promise<Ending> =>
  promisify(execFile)(process.execPath, [serverFile, ...words, "--state", state], { env: serverEnvironment() }).then(
    (done) => ({ ...done, code: 0 }),
    (error: Ending) => ({ code: error.code, stdout: error.stdout, stderr: error.stderr }),
  );

const tokenFor = async (...words: string[]): Promise<string> => (await run("tokens", "add", ...words)).stdout.trim();

/** A client that shows a token, of a server that asks for one. */
async function clientWith(token: string, { url }: HttpServer) {
  const transport = new StreamableHTTPClientTransport(url, {
    requestInit: { headers: { authorization: `Bearer ${token}` } },
  });
  return modernClient(transport, "auto");
}

describe("a server for a team, with named tokens", () => {
  let [viewer, operator] = ["", ""];
  let server: HttpServer;

  beforeAll(async () => {
    viewer = await tokenFor("dashboard", "viewer");
    operator = await tokenFor("ci", "operator", "90d");
    server = await startHttp({ args: ["http", "--sandbox", "--auth", "tokens", "--state", state] });
  });

  it("shows a token once and keeps its digest alone", async () => {
    expect(operator).toMatch(/^cfam_[\w-]{43}$/);
    const file = join(state, "tokens.json");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    for (const token of [viewer, operator]) expect(readFileSync(file, "utf8")).not.toContain(token);
    const { stdout } = await run("tokens", "list");
    expect(stdout).toMatch(/^dashboard +viewer +made \S+ +without end\nci +operator +made \S+ +until \S+\n$/);
    const { stdout: json } = await run("tokens", "list", "--json");
    expect(JSON.parse(json)).toEqual([
      { name: "dashboard", role: "viewer", created: expect.any(String) },
      { name: "ci", role: "operator", created: expect.any(String), expires: expect.any(String) },
    ]);
  });

  it.each([
    [["add", "ci", "viewer"], /already/],
    [["add", "x", "admin"], /viewer, operator/],
    [["add", "a b", "viewer"], /letters, digits/],
    [["add", "x", "viewer", "soon"], /90d/],
    [["revoke", "nobody"], /there are: dashboard, ci/],
    [["lst"], /did you mean "list"/],
  ])("tokens %j ends with a hint", async (words, message) => {
    expect(await run("tokens", ...words)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(message),
      stdout: "",
    });
  });

  it("lets nobody in who shows nothing, and tells them how", async () => {
    const answer = await fetch(server.url, { method: "POST", body: "{}" });
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer /);
    expect(await answer.json()).toMatchObject({ error: { message: expect.stringContaining("authentication") } });
  });

  it("shows a viewer what reads, and an operator all; a viewer cannot write by any way", async () => {
    const [looking, working] = await Promise.all([clientWith(viewer, server), clientWith(operator, server)]);
    const names = async (client: typeof looking) => (await client.listTools()).tools.map(({ name }) => name);
    const [few, all] = [await names(looking), await names(working)];
    expect(all).toContain("create_group");
    expect(few).not.toContain("create_group");
    expect(few).not.toContain("run_write_operation");
    expect(few.length).toBeGreaterThan(5);
    const group = { name: "By a viewer", include: [{ email: { email: "ada@example.com" } }] };
    for (const call of [
      { name: "create_group", arguments: group },
      { name: "run_write_operation", arguments: { operation: "create_group", arguments: group } },
      { name: "run_read_operation", arguments: { operation: "create_group", arguments: group } },
    ]) {
      expect(await looking.callTool(call)).toMatchObject({ isError: true });
    }
    expect(await working.callTool({ name: "create_group", arguments: { ...group, name: "By ci" } })).toMatchObject({
      structuredContent: expect.anything(),
    });
    const changes = await working.callTool({
      name: "run_read_operation",
      arguments: { operation: "list_changes", arguments: {} },
    });
    expect(JSON.stringify(changes)).toContain("By ci");
    await Promise.all([looking.close(), working.close()]);
    const { stdout } = await run("changes", "export");
    const principals = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line))
      .filter(({ deed }) => deed?.operation === "create_group")
      .map(({ principal }) => principal.name);
    expect(new Set(principals)).toEqual(new Set(["token:ci"]));
    for (const token of [viewer, operator]) expect(stdout).not.toContain(token);
  });

  it("stops opening to a token that was revoked, while it runs", async () => {
    const token = await tokenFor("leaver", "viewer");
    const ask = () =>
      fetch(server.url, { method: "POST", headers: { authorization: `Bearer ${token}` }, body: "no JSON" });
    expect((await ask()).status).not.toBe(401);
    await run("tokens", "revoke", "leaver");
    expect((await ask()).status).toBe(401);
  });

  it("tells those who watch it that it is there, and nothing else", async () => {
    for (const [path, said] of [
      ["/healthz", { status: "ok" }],
      ["/readyz", { status: "ready" }],
    ] as const) {
      const answer = await fetch(new URL(path, server.url));
      expect([answer.status, await answer.json()]).toEqual([200, said]);
      expect((await fetch(new URL(path, server.url), { method: "POST" })).status).toBe(405);
    }
  });

  it("says nothing of tokens in its own words", () => {
    for (const token of [viewer, operator]) expect(server.log()).not.toContain(token);
  });
});

describe("a start that would let too many in", () => {
  it.each([
    ["another address without authentication", ["--host", "0.0.0.0"], /--auth/],
    ["tokens that nobody made", ["--auth", "tokens", "--tokens-file", join(folder, "none.json")], /tokens add/],
    ["Access without its team", ["--auth", "access", "--operators", "*"], /--access-team/],
    [
      "Access without roles",
      ["--auth", "access", "--access-team", "acme", "--access-audience", "a".repeat(64)],
      /--viewers and --operators/,
    ],
    ["a team that is none", ["--auth", "access", "--access-team", "a/b", "--access-audience", "a".repeat(64)], /team/],
    ["an audience that is none", ["--auth", "access", "--access-team", "acme", "--access-audience", "x"], /audience/i],
    ["a mode that is none", ["--auth", "token"], /did you mean "tokens"/],
    ["a name for an address", ["--host", "example.com", "--auth", "tokens"], /an IP address/],
  ])("ends on %s", async (_, flags, message) => {
    const ending = await run("http", "--sandbox", "--port", "0", ...flags);
    expect(ending).toMatchObject({ code: 1, stdout: "", stderr: expect.stringMatching(message) });
    expect(ending.stderr.trim().split("\n")).toHaveLength(1);
  });

  it("listens elsewhere once callers show who they are, under the names it is given", async () => {
    const args = ["http", "--sandbox", "--auth", "tokens", "--state", state, "--host", "0.0.0.0"];
    const server = await startHttp({ args: [...args, "--allowed-hosts", "mcp.example.com"] });
    const { port } = server.url;
    const statusFor = async (host: string) => {
      const { request } = await import("node:http");
      return new Promise((resolve, reject) => {
        const outgoing = request({ port, path: "/mcp", method: "POST", headers: { host } }, ({ statusCode }) =>
          resolve(statusCode),
        );
        outgoing.on("error", reject).end("{}");
      });
    };
    expect(await statusFor("mcp.example.com")).toBe(401);
    expect(await statusFor("evil.example.com")).toBe(403);
    expect(await server.stop()).toBe(0);
  });
});
