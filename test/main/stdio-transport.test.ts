import { spawn } from "node:child_process";
import { once } from "node:events";
import { PassThrough } from "node:stream";
import { fileURLToPath } from "node:url";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { StdioClientTransport as LegacyStdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { StdioTransport } from "../../src/main/stdio-transport.ts";
import { type Caller, legacyClient, modernClient, NEGOTIATIONS } from "../support/clients.ts";
import { echoServer } from "../support/echo-server.ts";
import { HOSTILE_LINES } from "../support/hostile-lines.ts";
import { type Answer, LineSession, toolCall } from "../support/line-session.ts";

const MAX_LINE_BYTES = 10 * 1024 * 1024;

function connect(drainMs?: number) {
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  const transport = new StdioTransport({ stdin, stdout, ...(drainMs === undefined ? {} : { drainMs }) });
  const handle = serveStdio(echoServer, { transport });
  transport.ondrained = () => handle.close();
  return { session: new LineSession(stdin, stdout), transport, stdin };
}

const inBrief = ({ id, error, result }: Answer) => ({ id, code: error?.code, result: result !== undefined });

describe("a line that is no message", () => {
  it("has a corpus worth its name", () => {
    expect(HOSTILE_LINES.length).toBeGreaterThan(200);
  });

  it.each(
    HOSTILE_LINES.map(
      ([line, answer]) => [JSON.stringify(line.toString("latin1").slice(0, 60)), line, answer] as const,
    ),
  )("gets its answer and the next call is served: %s", async (_, line, answer) => {
    const { session, transport } = connect();
    session.say(line);
    expect(await session.echo("good")).toBe("echo of good");
    const others = session.answers.filter(({ id }) => id !== "good").map(inBrief);
    expect(others).toEqual(answer === null ? [] : [{ ...answer, result: false }]);
    await transport.close();
  });

  it("is told in words that name what is wrong and repeat nothing of it", async () => {
    const { session, transport } = connect();
    session.say('{"token":"s3cret"', "[1,2]", '{"token":"s3cret"}', Buffer.from([0xff]), "[".repeat(200));
    await session.echo("good");
    expect(session.answers.map(({ error }) => error?.message)).toMatchInlineSnapshot(`
      [
        "The line is not valid JSON",
        "The line is a batch, which is not supported",
        "The line is not a JSON-RPC 2.0 message",
        "The line is not valid UTF-8",
        "The line nests deeper than 100 levels",
        undefined,
      ]
    `);
    await transport.close();
  });

  it("never ends the connection, whatever its bytes are", async () => {
    const { session, transport } = connect();
    const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array.filter((byte) => byte !== 10)));
    const text = fc
      .oneof(fc.json(), fc.string({ unit: "binary" }))
      .map((made) => Buffer.from(made.replaceAll("\n", "")));
    const valid = JSON.stringify(toolCall("hurt", "echo", { text: "é🌀" }));
    const hurt = fc
      .tuple(fc.nat(valid.length), fc.nat(4), fc.constantFrom("", "{", "]", '"', "\\", ",", "\0", "1", '"id":5,'))
      .map(([start, length, filler]) => Buffer.from(valid.slice(0, start) + filler + valid.slice(start + length)));
    let count = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(bytes, text, hurt), { maxLength: 5 }), async (lines) => {
        session.answers.length = 0;
        session.say(...lines);
        const id = `good ${count++}`;
        expect(await session.echo(id)).toBe(`echo of ${id}`);
        const unanswerable = session.answers.filter(
          ({ error, result }) => (error === undefined) === (result === undefined),
        );
        expect(unanswerable).toEqual([]);
        expect(session.answers.length).toBeLessThanOrEqual(lines.length + 1);
      }),
      { numRuns: 300 },
    );
    await transport.close();
  });
});

describe("reading", () => {
  it("does not depend on how the bytes arrive", async () => {
    const lines = ["\ufeff", JSON.stringify(toolCall(1, "echo", { text: "é🌀\u2028" })), "é", "[]", "\r"];
    const stream = Buffer.from([...lines, JSON.stringify(toolCall(2, "echo", { text: "last" }))].join("\r\n"));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(stream.length - 1), { maxLength: 20 }), async (cuts) => {
        const { session, transport, stdin } = connect();
        let from = 0;
        for (const to of [...cuts.toSorted((a, b) => a - b), stream.length]) {
          stdin.write(stream.subarray(from, to));
          await new Promise(setImmediate);
          from = to;
        }
        session.end();
        await transport.drained;
        const texts = session.answers.map(({ error, result }) => error?.code ?? result?.content?.[0]?.text);
        expect(texts.toSorted()).toEqual([-32_700, -32_600, "last", "é🌀\u2028"].toSorted());
      }),
      { numRuns: 60 },
    );
  });

  it("takes a line of 10 MB, throws a longer one away, and goes on", async () => {
    const { session, transport, stdin } = connect();
    const padded = (id: string, bytes: number) =>
      Buffer.from(JSON.stringify(toolCall(id, "echo", {})).padEnd(bytes, " "));
    session.say(padded("fits", MAX_LINE_BYTES));
    expect((await session.answerTo("fits")).result).toBeDefined();
    session.say(padded("too long", MAX_LINE_BYTES + 1));
    for (let megabyte = 0; megabyte < 11; megabyte++) stdin.write(Buffer.alloc(1024 * 1024, "x"));
    session.say("");
    expect(await session.echo("good")).toBe("echo of good");
    expect(session.answers.map(inBrief)).toEqual([
      { id: "fits", code: undefined, result: true },
      { id: null, code: -32_600, result: false },
      { id: null, code: -32_600, result: false },
      { id: "good", code: undefined, result: true },
    ]);
    await transport.close();
  });

  it("stops while the client does not read, and goes on when it does", async () => {
    const stdin = new PassThrough();
    const stdout = new PassThrough();
    const transport = new StdioTransport({ stdin, stdout });
    serveStdio(echoServer, { transport });
    const calls = Array.from(
      { length: 2_000 },
      (_, id) => `${JSON.stringify(toolCall(id, "echo", { text: "x", times: 5_000 }))}\n`,
    );
    for (const call of calls) stdin.write(call);
    for (let turn = 0; turn < 1_000; turn++) await new Promise(setImmediate);
    expect(stdin.readableLength + stdin.writableLength).toBeGreaterThan(0);
    expect(stdout.readableLength + stdout.writableLength).toBeLessThan(3_000_000);
    const session = new LineSession(stdin, stdout);
    session.end();
    await transport.drained;
    expect(new Set(session.answers.map(({ id }) => id)).size).toBe(calls.length);
  });

  it("serves a thousand calls that arrive at once", async () => {
    const { session, transport } = connect();
    session.say(...Array.from({ length: 1_000 }, (_, id) => toolCall(id, "slow", { milliseconds: 20 })));
    session.end();
    await transport.drained;
    expect(session.answers.filter(({ result }) => result !== undefined)).toHaveLength(1_000);
  });
});

describe("the end", () => {
  it("answers a last line without a line end, and calls that share an id", async () => {
    const { session, transport, stdin } = connect();
    session.say(toolCall(1, "slow", { milliseconds: 50 }), toolCall(1, "slow", { milliseconds: 200 }));
    stdin.write(JSON.stringify(toolCall(2, "slow", { milliseconds: 100 })));
    session.end();
    await transport.drained;
    expect(session.answers.map(inBrief)).toEqual([1, 2, 1].map((id) => ({ id, code: undefined, result: true })));
  });

  it("does not wait for cancelled calls", async () => {
    const { session, transport } = connect(3_600_000);
    session.say(toolCall(1, "slow", { milliseconds: 3_600_000 }), toolCall("1", "slow", { milliseconds: 50 }));
    session.say({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } });
    session.end();
    await transport.drained;
    expect(session.answers.map(({ id }) => id)).toEqual(["1"]);
  });

  it("does not wait for subscriptions, and ends them", async () => {
    const { session, transport } = connect(3_600_000);
    const _meta = {
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientInfo": { name: "test", version: "1.0.0" },
      "io.modelcontextprotocol/clientCapabilities": {},
    };
    const params = { notifications: { toolsListChanged: true }, _meta };
    session.say({ jsonrpc: "2.0", id: "sub", method: "subscriptions/listen", params });
    session.end();
    await transport.drained;
    expect(session.answers.map(({ id, method, result }) => ({ id, method, result: result !== undefined }))).toEqual([
      { method: "notifications/subscriptions/acknowledged", result: false },
      { id: "sub", result: true },
    ]);
  });

  it("gives up on calls that outlast the drain", async () => {
    const { session, transport } = connect(100);
    session.say(toolCall(1, "slow", { milliseconds: 3_600_000 }));
    session.end();
    await transport.drained;
    expect(session.answers).toEqual([]);
  });

  it("gives up on a client that does not read", async () => {
    const stdin = new PassThrough();
    const transport = new StdioTransport({ stdin, stdout: new PassThrough(), drainMs: 100 });
    const handle = serveStdio(echoServer, { transport });
    transport.ondrained = () => handle.close();
    stdin.end(`${JSON.stringify(toolCall(1, "echo", { text: "x", times: 1_000_000 }))}\n`);
    await transport.drained;
  });

  it("refuses new requests while it drains, and still serves the running ones", async () => {
    const { session, transport } = connect();
    session.say(toolCall(1, "slow", { milliseconds: 200 }));
    await session.echo("running");
    void transport.drain();
    session.say(toolCall(2, "echo", {}), "[]");
    await transport.drained;
    expect(session.answers.slice(1).map(inBrief)).toEqual([
      { id: 2, code: -32_000, result: false },
      { id: null, code: -32_600, result: false },
      { id: 1, code: undefined, result: true },
    ]);
  });

  it("is quiet when the client closes its reading end", async () => {
    const stdin = new PassThrough();
    const stdout = new PassThrough();
    const transport = new StdioTransport({ stdin, stdout });
    const errors: Error[] = [];
    serveStdio(echoServer, { transport, onerror: (error) => errors.push(error) });
    stdin.write(`${JSON.stringify(toolCall(1, "slow", { milliseconds: 3_600_000 }))}\n`);
    await new Promise(setImmediate);
    stdout.destroy(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
    await transport.drained;
    expect(errors).toEqual([]);
  });
});

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
    session.say(toolCall(1, "slow", { milliseconds: 1_000 }), toolCall(2, "echo", { text: "x", times: 3_000_000 }));
    session.end();
    expect(await exit).toBe(0);
    await session.ended;
    expect(session.answers.map(inBrief)).toEqual([2, 1].map((id) => ({ id, code: undefined, result: true })));
    expect(session.answers[0]?.result?.content?.[0]?.text).toHaveLength(3_000_000);
    expect(said.errors).toContain("a stray line");
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
