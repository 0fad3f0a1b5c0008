import { PassThrough } from "node:stream";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { StdioTransport } from "../../src/main/stdio-transport.ts";
import { echoServer } from "../support/echo-server.ts";
import { HOSTILE_LINES } from "../support/hostile-lines.ts";
import { inBrief, LineSession, toolCall } from "../support/line-session.ts";

const MAX_LINE_BYTES = 10 * 1024 * 1024;

function connect(drainMs?: number) {
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  const transport = new StdioTransport({ stdin, stdout, ...(drainMs === undefined ? {} : { drainMs }) });
  const handle = serveStdio(echoServer, { transport });
  transport.ondrained = () => handle.close();
  return { session: new LineSession(stdin, stdout), transport, stdin };
}

const MODERN = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": { name: "test", version: "1.0.0" },
  "io.modelcontextprotocol/clientCapabilities": {},
};
const SUBSCRIBE = {
  jsonrpc: "2.0",
  id: "sub",
  method: "subscriptions/listen",
  params: { notifications: { toolsListChanged: true }, _meta: MODERN },
};

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

describe("writing", () => {
  it("keeps an answer on one line, for whatever readers take for a line end", async () => {
    const [stdin, stdout] = [new PassThrough(), new PassThrough()];
    const transport = new StdioTransport({ stdin, stdout });
    serveStdio(echoServer, { transport });
    stdin.end(JSON.stringify(toolCall(1, "echo", { text: "a\n\r\u2028\u2029b" })));
    await transport.drained;
    const written = String(stdout.read());
    expect(written.match(/[\n\r\u2028\u2029]/g)).toEqual(["\n"]);
    expect(JSON.parse(written).result.content[0].text).toBe("a\n\r\u2028\u2029b");
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
    session.say(SUBSCRIBE);
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
    const call = toolCall(1, "echo", { text: "x", times: 1_000_000 }, MODERN);
    stdin.end([SUBSCRIBE, call].map((message) => `${JSON.stringify(message)}\n`).join(""));
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
