import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { connectOverStdio, spawnServer, startHttp } from "../support/built-server.ts";
import { serve } from "../support/serve.ts";
import { everythingIn } from "../support/upstream.ts";

const canary = "canary-token-5c0ffee5c0ffee5c0ffee5c0ffee5c0f";

interface Ending {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the server to its end with closed input. */
function run(args: readonly string[], environment: Record<string, string> = {}): Promise<Ending> {
  return new Promise((resolve) => {
    const child = spawnServer(args, environment);
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (data) => (stdout += data));
    child.stderr.on("data", (data) => (stderr += data));
    child.on("exit", (code) => resolve({ code, stdout, stderr }));
    child.stdin.end();
  });
}

describe("the process", () => {
  it.each([
    ["an unknown flag", ["--surfce", "all"], {}, 1],
    ["an unknown command", ["serve"], {}, 1],
    ["a token among the arguments", ["--token", canary], {}, 1],
    [
      "a base URL that is not allowed",
      [],
      { CLOUDFLARE_API_TOKEN: canary, CLOUDFLARE_BASE_URL: "http://api.example.com" },
      1,
    ],
    ["a filter that matches nothing", ["--sandbox", "--tools", "lst_*"], {}, 1],
    ["no credentials", [], {}, 3],
    ["a token file that is not there", [], { CLOUDFLARE_API_TOKEN_FILE: "does-not-exist" }, 3],
  ])("ends on %s with one readable line", async (_, args, environment, code) => {
    const ending = await run(args, environment);
    expect(ending.code).toBe(code);
    expect(ending.stdout).toBe("");
    expect(ending.stderr.trim().split("\n")).toHaveLength(1);
    expect(ending.stderr).toMatch(/^cloudflare-access-mcp: /);
    expect(ending.stderr).not.toContain(canary);
  });

  it("refuses a token file that others can read", async () => {
    const file = join(mkdtempSync(join(tmpdir(), "token-")), "token");
    writeFileSync(file, canary, { mode: 0o644 });
    const ending = await run([], { CLOUDFLARE_API_TOKEN_FILE: file });
    expect(ending).toMatchObject({ code: 3, stderr: expect.stringMatching(/others can read/) });
  });

  it("ends with 0 when input ends", async () => {
    expect(await run(["--sandbox"])).toMatchObject({ code: 0, stdout: "" });
  });

  it("says its version and its help", async () => {
    expect((await run(["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect((await run(["--help"])).stdout).toContain("--read-only");
  });

  it("ends over HTTP with 0 on SIGTERM, and says when its port is taken", async () => {
    const server = await startHttp();
    const second = await run(["http", "--sandbox", "--port", server.url.port]);
    expect(second).toMatchObject({ code: 1, stderr: expect.stringMatching(/--port/) });
    expect(await server.stop()).toBe(0);
  });
});

describe("on a real wire", () => {
  it("the token reaches Cloudflare and nobody else, in no encoding", async () => {
    const seen: string[] = [];
    // Cloudflare as it would be if it echoed everything it was sent, in errors and in what it shows; it does the delete.
    const cloudflare = await serve(({ method, url, headers }, response) => {
      seen.push(`${method} ${url} ${headers.authorization}`);
      const encoded = Buffer.from(String(headers.authorization)).toString("base64");
      if (method === "GET" && url?.endsWith("/g")) {
        const isGone = seen.some((line) => line.startsWith("DELETE"));
        const result = { id: "g", name: headers.authorization, include: [{ email: { email: encoded } }] };
        const errors = [{ code: 404, message: encoded }];
        response.writeHead(isGone ? 404 : 200, { "content-type": "application/json" });
        response.end(JSON.stringify(isGone ? { success: false, errors } : { success: true, result }));
        return;
      }
      response.writeHead(500, { "content-type": "text/html" });
      response.end(`<title>${headers.authorization}</title>${encoded}${JSON.stringify(headers)}`);
    });
    onTestFinished(cloudflare.close);
    const state = mkdtempSync(join(tmpdir(), "state-"));
    const { client, log, stop } = await connectOverStdio({
      args: ["--surface", "all", "--guard", "off", "--confirm", "never", "--state", state],
      environment: {
        CLOUDFLARE_API_TOKEN: canary,
        CLOUDFLARE_ACCOUNT_ID: "acc",
        CLOUDFLARE_BASE_URL: cloudflare.url.href,
      },
    });
    const answers = JSON.stringify([
      await client.callTool({ name: "list_groups", arguments: {} }),
      await client.callTool({ name: "get_group", arguments: { group_id: "g" } }),
      await client.callTool({ name: "delete_group", arguments: { group_id: "g" } }),
    ]);
    await stop();
    expect(seen.length).toBeGreaterThan(4);
    expect(seen.filter((line) => !line.endsWith(` Bearer ${canary}`))).toEqual([]);
    expect(
      seen.filter((line) => line.startsWith("DELETE")),
      "a write that may have arrived is not sent again",
    ).toHaveLength(1);
    const bytes = Buffer.from(canary);
    const encodings = [bytes.toString("base64").slice(0, 40), bytes.toString("hex"), encodeURIComponent(canary)];
    for (const form of [canary, ...encodings]) {
      expect(answers).not.toContain(form);
      expect(log()).not.toContain(form);
      expect(everythingIn(state)).not.toContain(form);
    }
    expect(answers).toContain("looked: it was done");
    expect(everythingIn(state)).toContain("delete_group");
  });

  it("the official address is the built sandbox's when told so", async () => {
    const sandbox = await startHttp({ args: ["sandbox"] });
    const { client } = await connectOverStdio({
      args: ["--surface", "all"],
      environment: { CLOUDFLARE_API_TOKEN: "sandbox-token", CLOUDFLARE_API_BASE_URL: sandbox.url.href },
    });
    const { structuredContent } = await client.callTool({ name: "list_policies", arguments: { limit: 2 } });
    expect(structuredContent).toMatchObject({ total: 50 });
    const { tools } = await client.listTools();
    expect(
      JSON.stringify(tools.find(({ name }) => name === "list_policies")?.inputSchema),
      "the account is not pinned",
    ).toContain("account_id");
  });
});

describe("a service token's secret", () => {
  it("goes to a file of the user and never to the agent", async () => {
    const [state, sandbox] = [mkdtempSync(join(tmpdir(), "state-")), await startHttp({ args: ["sandbox"] })];
    const { client } = await connectOverStdio({
      // Any service token opens something in the sandbox, so that making one would need a yes.
      args: ["--surface", "all", "--confirm", "never"],
      environment: {
        XDG_STATE_HOME: state,
        CLOUDFLARE_API_TOKEN: "sandbox-token",
        CLOUDFLARE_API_BASE_URL: sandbox.url.href,
      },
    });
    const { structuredContent } = await client.callTool({ name: "create_service_token", arguments: { name: "job" } });
    const folder = join(state, "cloudflare-access-mcp", "secrets");
    const [file = ""] = readdirSync(folder);
    const secret = readFileSync(join(folder, file), "utf8").trim();
    expect(secret.length).toBeGreaterThan(20);
    expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
    expect(JSON.stringify(structuredContent)).not.toContain(secret);
    expect(JSON.stringify(structuredContent)).toContain(file);
    expect(everythingIn(join(state, "cloudflare-access-mcp", "journal"))).not.toContain(secret);
  });
});

describe("read-only", () => {
  it("holds on every path", async () => {
    const { client } = await connectOverStdio({
      args: ["--sandbox", "--surface", "all", "--read-only"],
    });
    const { tools } = await client.listTools();
    expect(tools.every(({ annotations }) => annotations?.["readOnlyHint"] === true)).toBe(true);
    for (const [name, given] of [
      ["delete_group", { group_id: "g" }],
      ["run_write_operation", { operation: "delete_group", arguments: { group_id: "g" } }],
      ["run_read_operation", { operation: "delete_group", arguments: { group_id: "g" } }],
    ] as const) {
      const answer = await client.callTool({ name, arguments: given });
      expect(answer.isError, name).toBe(true);
      expect(JSON.stringify(answer.structuredContent), name).toMatch(/"outcome":"not_sent"/);
    }
  });
});
