import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { describe, expect, it } from "vitest";
import { serverEnvironment, serverFile, startHttp } from "../support/built-server.ts";

const request = (id: number, method: string, params: object) =>
  `${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`;

const initialize = request(1, "initialize", {
  protocolVersion: "2025-11-25",
  capabilities: {},
  clientInfo: { name: "t", version: "1" },
});

const slowCall = request(2, "tools/call", { name: "list_tags", arguments: {} });

/** A built server with a slow sandbox and one call running in it; `end` is done to it once the call is under way. */
function withRunningCall(end: (child: ReturnType<typeof spawn>) => void) {
  const child = spawn(process.execPath, [serverFile, "--sandbox", "--surface", "all", "--latency", "1200"], {
    env: serverEnvironment(),
  });
  const answers: { id?: number; result?: { structuredContent?: { items?: unknown[] } } }[] = [];
  return new Promise<{ code: number | null; answers: typeof answers }>((resolve) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const answer = JSON.parse(line);
      answers.push(answer);
      if (answer.id !== 1) return;
      child.stdin.write(slowCall);
      setTimeout(() => end(child), 300);
    });
    child.on("exit", (code) => resolve({ code, answers }));
    child.stdin.write(initialize);
  });
}

describe("a running call is answered before the process ends with 0", () => {
  it.each([
    ["end of input", (child: ReturnType<typeof spawn>) => child.stdin?.end()],
    ["SIGTERM", (child: ReturnType<typeof spawn>) => child.kill("SIGTERM")],
    ["SIGINT", (child: ReturnType<typeof spawn>) => child.kill("SIGINT")],
  ] as const)("on %s", async (_, end) => {
    const { code, answers } = await withRunningCall(end);
    expect(code).toBe(0);
    expect(answers.find(({ id }) => id === 2)?.result?.structuredContent?.items?.length).toBeGreaterThan(0);
  });

  it("on SIGTERM over HTTP", async () => {
    const server = await startHttp({ args: ["http", "--sandbox", "--surface", "all", "--latency", "1200"] });
    const client = new Client({ name: "t", version: "1" }, { versionNegotiation: { mode: "auto" } });
    await client.connect(new StreamableHTTPClientTransport(server.url));
    const answer = client.callTool({ name: "list_tags", arguments: {} });
    await new Promise((resolve) => setTimeout(resolve, 400));
    const ended = server.stop();
    expect((await answer).structuredContent).toMatchObject({ items: expect.any(Array) });
    expect(await ended).toBe(0);
  });
});

describe("a long read", () => {
  it("tells how far it is", async () => {
    const client = new Client({ name: "t", version: "1" }, { versionNegotiation: { mode: "auto" } });
    await client.connect(
      new StdioClientTransport({
        command: process.execPath,
        args: [serverFile, "--sandbox", "--scale", "10"],
        env: serverEnvironment(),
        stderr: "ignore",
      }),
    );
    const seen: { progress: number; total?: number | undefined }[] = [];
    const { structuredContent } = await client.callTool(
      { name: "list_applications", arguments: { all: true, fields: ["id"] } },
      { onprogress: (progress) => void seen.push(progress) },
    );
    await client.close();
    expect(structuredContent).toMatchObject({ total: 400 });
    expect(seen.length).toBeGreaterThan(2);
    expect(seen.every(({ progress, total }) => total === 400 && progress <= 400)).toBe(true);
  });
});
