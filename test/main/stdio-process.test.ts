import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { StdioClientTransport as LegacyStdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Caller, legacyClient, modernClient, NEGOTIATIONS } from "../support/clients.ts";
import { inBrief, LineSession, toolCall } from "../support/line-session.ts";

const FIXTURE = ["--import", "tsx", fileURLToPath(new URL("../support/echo-stdio.ts", import.meta.url))];

function start() {
  const child = spawn(process.execPath, FIXTURE, { stdio: "pipe" });
  onTestFinished(() => void child.kill("SIGKILL"));
  const said = { errors: "" };
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said.errors += text;
  });
  const exit = once(child, "exit").then(([code]) => code as number | null);
  const heard = async (words: RegExp) => {
    for (;;) {
      const found = words.exec(said.errors);
      if (found) return found;
      await once(child.stderr, "data");
    }
  };
  const residentBytes = async () => {
    await heard(/a stray line/);
    said.errors = "";
    child.kill("SIGUSR2");
    return Number((await heard(/^rss (\d+)\n/m))[1]);
  };
  return { child, exit, said, residentBytes, session: () => new LineSession(child.stdin, child.stdout) };
}

describe("a process", () => {
  it("answers what runs when stdin ends, keeps stdout to the protocol, and exits with 0", async () => {
    const { exit, said, session: open } = start();
    const session = open();
    session.say(toolCall(1, "slow", { milliseconds: 1_000 }), toolCall(2, "echo", {}));
    session.end();
    expect(await exit).toBe(0);
    await session.ended;
    expect(session.answers.map(inBrief)).toEqual([2, 1].map((id) => ({ id, code: undefined, result: true })));
    expect(said.errors).toContain("a stray line");
  });

  it("has said everything before it exits", async () => {
    const { exit, session: open } = start();
    const session = open();
    session.say(toolCall(1, "echo", { text: "x", times: 20_000_000 }));
    session.end();
    expect(await exit).toBe(0);
    await session.ended;
    expect(session.answers[0]?.result?.content?.[0]?.text).toHaveLength(20_000_000);
  });

  it.each(["SIGTERM", "SIGINT"] as const)(
    "answers what runs at %s, refuses new calls, and exits with 0",
    async (signal) => {
      const { child, exit, session: open } = start();
      const session = open();
      await session.echo("up");
      session.say(toolCall("slow", "slow", { milliseconds: 1_000 }));
      child.kill(signal);
      await untilRefused(session);
      expect(await exit).toBe(0);
      await session.ended;
      expect((await session.answerTo("slow")).result).toBeDefined();
    },
  );

  it("exits at once at a second signal", async () => {
    const { child, exit, session: open } = start();
    const session = open();
    await session.echo("up");
    session.say(toolCall("slow", "slow", { milliseconds: 3_600_000 }));
    child.kill("SIGTERM");
    await untilRefused(session);
    child.kill("SIGTERM");
    expect(await exit).toBe(130);
    expect(session.answers.filter(({ id }) => id === "slow")).toEqual([]);
  });

  it("exits with 0 and without a word when nobody reads any more", async () => {
    const { child, exit, said, session: open } = start();
    await open().echo("up");
    child.stdout.destroy();
    child.stdin.on("error", () => {});
    const talk = setInterval(() => child.stdin.write(`${JSON.stringify(toolCall(1, "echo", {}))}\n`), 5);
    expect(await exit).toBe(0);
    clearInterval(talk);
    expect(said.errors.replaceAll("a stray line\n", "")).toBe("");
  });

  it("does not grow with a client that never reads, nor with lines that are too long", async () => {
    const { child, exit, residentBytes, session: open } = start();
    child.stdin.write(`${JSON.stringify(toolCall("warm", "echo", {}))}\n`);
    const before = await residentBytes();
    const calls = Array.from({ length: 3_000 }, (_, id) => toolCall(id, "echo", { text: "x".repeat(20_000) }));
    for (const call of calls) child.stdin.write(`${JSON.stringify(call)}\n`);
    await untilStill(() => child.stdin.writableLength);
    expect(child.stdin.writableLength).toBeGreaterThan(30_000_000);
    expect((await residentBytes()) - before).toBeLessThan(64_000_000);
    const session = open();
    await session.answerTo(calls.length - 1);
    expect(session.answers.map(({ id }) => id)).toEqual(["warm", ...calls.keys()]);
    const then = await residentBytes();
    for (let megabyte = 0; megabyte < 100; megabyte++) child.stdin.write(Buffer.alloc(1024 * 1024, "["));
    session.say("");
    expect(await session.echo("good")).toBe("echo of good");
    expect((await residentBytes()) - then).toBeLessThan(64_000_000);
    session.end();
    expect(await exit).toBe(0);
  });
});

/** Asks until the server says that it is shutting down. */
async function untilRefused(session: LineSession): Promise<void> {
  for (let id = 1; ; id++) {
    session.say(toolCall(id, "echo", {}));
    if ((await session.answerTo(id)).error?.code === -32_000) return;
  }
}

async function untilStill(measure: () => number): Promise<void> {
  for (let last = Number.NaN; last !== measure(); ) {
    last = measure();
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

describe("clients", () => {
  const where = () => ({ command: process.execPath, args: FIXTURE, stderr: "ignore" as const });

  async function converse(client: Caller): Promise<void> {
    onTestFinished(() => client.close());
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(["echo", "slow"]);
    const answer = await client.callTool({ name: "echo", arguments: { text: "héllo" } });
    expect(answer).toMatchObject({ content: [{ type: "text", text: "héllo" }] });
  }

  it.each(NEGOTIATIONS)("of the current SDK are served: %j", async (mode) => {
    const client = await modernClient(new StdioClientTransport(where()), mode);
    await converse(client);
    const steps: number[] = [];
    const slow = { name: "slow", arguments: { milliseconds: 100, steps: 4 } };
    await client.callTool(slow, { onprogress: ({ progress }) => steps.push(progress) });
    expect(steps.slice(0, 3)).toEqual([1, 2, 3]);
  });

  it("of the maintenance line are served", async () => {
    await converse(await legacyClient(new LegacyStdioClientTransport(where())));
  });
});
