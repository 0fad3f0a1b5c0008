import { once } from "node:events";
import { Agent, type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StreamableHTTPClientTransport as LegacyHttpClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { createMcpHandler } from "@modelcontextprotocol/server";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { listen, rawRequest, send } from "../support/bridge.ts";
import { type Caller, legacyClient, modernClient, NEGOTIATIONS } from "../support/clients.ts";
import { echoServer, ends } from "../support/echo-server.ts";

const MIB = 1024 * 1024;

const post = (url: string, body: string, headers: Record<string, string> = {}) =>
  fetch(url, { method: "POST", body, headers: { "content-type": "application/json", ...headers } });

/** A stream that says what became of it. */
function stream(
  pull: (count: number, controller: ReadableStreamDefaultController<Uint8Array>) => void | Promise<void>,
) {
  const fate = { pulls: 0, cancelled: false };
  const body = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => pull(fate.pulls++, controller),
      cancel: () => {
        fate.cancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { fate, response: new Response(body, { headers: { "content-type": "text/event-stream" } }) };
}

describe("a request", () => {
  it("arrives as it was sent, JSON parsed and anything else unread", async () => {
    const seen: unknown[] = [];
    const { url } = await listen(async (request, parsedBody) => {
      const { method, headers } = request;
      seen.push(`${method} ${request.url.replace(/:\d+/, "")}`, await request.text(), parsedBody);
      seen.push(["x-many", "content-type", "connection"].map((name) => headers.get(name)));
      return new Response();
    });
    const head = ["POST /mcp?a=%20b HTTP/1.1", `Host: ${new URL(url).host}`, "X-Many: 1", "X-Many: 2"];
    const line = "POST http://127.0.0.1/mcp?a=%20b";
    for (const body of ['{"text":"é"}', '{"text":"é"']) {
      await rawRequest(url, [...head, `Content-Length: ${Buffer.byteLength(body)}`], [body]);
    }
    const headers = ["1, 2", null, "close"];
    expect(seen).toEqual([line, "", { text: "é" }, headers, line, '{"text":"é"', undefined, headers]);
  });

  it.each([
    ["GET", "/mcp", 200],
    ["HEAD", "/mcp", 200],
    ["OPTIONS", "/mcp", 200],
    ["DELETE", "/mcp", 200],
    ["PROPFIND", "/mcp", 200],
    ["TRACE", "/mcp", 405],
    ["OPTIONS", "*", 404],
    ["POST", "/mcp/", 404],
    ["POST", "//mcp", 404],
    ["POST", "/MCP", 404],
    ["GET", "/", 404],
  ])("%s %s is answered with %i", async (method, path, expected) => {
    const { url } = await listen(async ({ method }) => Response.json({ method }));
    const { status, headers, body } = await rawRequest(url, [
      `${method} ${path} HTTP/1.1`,
      `Host: ${new URL(url).host}`,
    ]);
    expect(status).toBe(expected);
    expect(headers.get("content-type")).toBe("application/json");
    if (method === "HEAD")
      expect([body, headers.get("content-length")]).toEqual(["", '{"method":"HEAD"}'.length.toString()]);
    else if (expected === 200) expect(JSON.parse(body)).toEqual({ method });
    else expect(JSON.parse(body)).toMatchObject({ jsonrpc: "2.0", id: null, error: { code: -32_000 } });
  });

  it("may be as large as allowed, in one piece or many", async () => {
    const { url } = await listen(async (_, parsedBody) => new Response(String(String(parsedBody).length)));
    const text = JSON.stringify("x".repeat(MIB - 2));
    expect(await (await post(url, text)).text()).toBe(String(MIB - 2));
    expect((await send(url, text.match(/.{1,50000}/g) ?? [])).body).toBe(String(MIB - 2));
  });

  it.each([
    ["with a length", 5 * MIB, 64 * 1024, (size: number) => `Content-Length: ${size}`],
    ["in chunks", 5 * MIB, 64 * 1024, () => "Transfer-Encoding: chunked"],
    ["by one byte", MIB + 1, 64 * 1024, () => "Transfer-Encoding: chunked"],
    ["in chunks of a byte", MIB + 1, 1, () => "Transfer-Encoding: chunked"],
    ["by far", 300 * MIB, MIB, () => "Transfer-Encoding: chunked"],
  ])("that is too large %s is read to its end and gets a 413", async (_, size, pieceSize, header) => {
    const handle = vi.fn(async () => new Response());
    const { url } = await listen(handle);
    const head = ["POST /mcp HTTP/1.1", `Host: ${new URL(url).host}`, header(size)];
    const { status, body } = await rawRequest(url, head, pieces(size, pieceSize, header(size).endsWith("chunked")));
    expect(status).toBe(413);
    expect(JSON.parse(body)).toMatchObject({ jsonrpc: "2.0", id: null, error: { code: -32_000 } });
    expect(handle).not.toHaveBeenCalled();
  });

  it("that is too large and asks first is told so at once", async () => {
    const { url } = await listen(async () => new Response());
    const { status } = await send(url, [], { "content-length": String(5 * MIB), expect: "100-continue" });
    expect(status).toBe(413);
    expect((await post(url, "x".repeat(5 * MIB))).status).toBe(413);
  });

  it("that asks first is told to go on", async () => {
    const { url } = await listen(async (_, parsedBody) => Response.json(parsedBody));
    const { status, body } = await send(url, ["{}"], { expect: "100-continue" });
    expect([status, body]).toEqual([200, "{}"]);
  });

  it("that nests too deep is refused, in any method; malformed JSON is left to the handler", async () => {
    const bodies: unknown[] = [];
    const { url } = await listen(async (_, parsedBody) => {
      bodies.push(parsedBody);
      return new Response();
    });
    expect((await post(url, "[".repeat(100_000))).status).toBe(400);
    expect((await post(url, `${"[".repeat(101)}${"]".repeat(101)}`)).status).toBe(400);
    for (const body of [`${"[".repeat(100)}${"]".repeat(100)}`, "{", ""])
      expect((await post(url, body)).status).toBe(200);
    expect(bodies).toEqual([expect.any(Array), undefined, undefined]);
  });

  it("that the client gives up is aborted", async () => {
    const aborted = vi.fn();
    const { url } = await listen(
      (request) =>
        new Promise((resolve) => request.signal.addEventListener("abort", () => resolve(new Response(aborted())))),
      { onError: (error) => expect.fail(String(error)) },
    );
    const controller = new AbortController();
    const asked = fetch(url, { method: "POST", body: "{}", signal: controller.signal });
    setTimeout(() => controller.abort(), 50);
    await expect(asked).rejects.toThrow();
    await expect.poll(() => aborted.mock.calls.length).toBe(1);
  });
});

describe("an answer", () => {
  it.each([
    [200, "body", { "x-own": "1", "content-type": "text/plain" }],
    [202, null, {}],
    [204, null, {}],
    [304, null, { etag: '"1"' }],
    [405, "no", { allow: "POST" }],
    [299, "", {}],
  ])("of status %i arrives whole", async (status, body, headers: Record<string, string>) => {
    const { url } = await listen(async () => new Response(body, { status, headers }));
    const answer = await rawRequest(url, ["GET /mcp HTTP/1.1", `Host: ${new URL(url).host}`]);
    expect([answer.status, answer.body]).toEqual([status, body ?? ""]);
    for (const [name, value] of Object.entries(headers)) expect(answer.headers.get(name)).toBe(value);
    expect(answer.headers.get("content-length")).toBe(
      status === 204 || status === 304 ? null : String(body?.length ?? 0),
    );
    expect(answer.headers.get("transfer-encoding")).toBeNull();
  });

  it("keeps cookies apart, leaves the connection to the server, and closes it when told", async () => {
    const answers: [string, string][][] = [
      [
        ["set-cookie", "a=1"],
        ["set-cookie", "b=2"],
        ["connection", "keep-alive"],
        ["transfer-encoding", "chunked"],
      ],
      [["connection", "close"]],
    ];
    const { url } = await listen(async () => new Response("ok", { headers: answers.shift() ?? [] }));
    const agent = new Agent({ keepAlive: true });
    onTestFinished(() => agent.destroy());
    const [first, second] = [await send(url, ["{}"], {}, agent), await send(url, ["{}"], {}, agent)];
    expect(first.headers["set-cookie"]).toEqual(["a=1", "b=2"]);
    expect([first.headers.connection, first.headers["content-length"]]).toEqual(["keep-alive", "2"]);
    expect(second.headers.connection).toBe("close");
  });

  it("tells nothing of what went wrong inside", async () => {
    const onError = vi.fn();
    const { url } = await listen(() => Promise.reject(new Error("secret at /home/me/x.js")), { onError });
    const response = await post(url, "{}");
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({
      jsonrpc: "2.0",
      id: null,
      error: { code: -32_603, message: "Internal error" },
    });
    expect(onError).toHaveBeenCalledWith(expect.objectContaining({ message: "secret at /home/me/x.js" }));
  });

  it("that is a stream is passed on piece by piece, its headers first", async () => {
    const gates: (() => void)[] = [];
    const { response } = stream(async (count, controller) => {
      await new Promise<void>((resolve) => gates.push(resolve));
      if (count === 2) controller.close();
      else controller.enqueue(Buffer.from(`data: ${count}\n\n`));
    });
    const { url } = await listen(async () => response);
    const reader = (await post(url, "{}")).body?.pipeThrough(new TextDecoderStream()).getReader();
    for (const expected of ["data: 0\n\n", "data: 1\n\n", undefined]) {
      await expect.poll(() => gates.length).toBe(1);
      gates.shift()?.();
      expect((await reader?.read())?.value).toBe(expected);
    }
  });

  it("that is a stream waits for a slow reader, and ends when the reader leaves", async () => {
    const { fate, response } = stream((_, controller) => controller.enqueue(Buffer.alloc(64 * 1024, "x")));
    const { url } = await listen(async () => response, { onError: (error) => expect.fail(String(error)) });
    const outgoing = request(url, { method: "POST" }).end("{}");
    const [incoming] = (await once(outgoing, "response")) as [IncomingMessage];
    for (let last = -1; last !== fate.pulls; ) {
      last = fate.pulls;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(fate.pulls).toBeLessThan(500);
    expect(fate.cancelled).toBe(false);
    incoming.on("error", () => {});
    incoming.destroy();
    await expect.poll(() => fate.cancelled).toBe(true);
  });

  it("that breaks off is seen to be broken", async () => {
    const onError = vi.fn();
    const { response } = stream((count, controller) => {
      if (count === 0) controller.enqueue(Buffer.from("data: 0\n\n"));
      else controller.error(new Error("broken"));
    });
    const { url } = await listen(async () => response, { onError });
    const read = async () => (await post(url, "{}")).text();
    await expect(read()).rejects.toThrow();
    expect(onError).toHaveBeenCalledOnce();
  });
});

describe("close", () => {
  it("lets running requests finish, refuses new ones, and waits for nothing else", { timeout: 8_000 }, async () => {
    const finish: (() => void)[] = [];
    const listener = await listen(async ({ method }) => {
      if (method === "GET") await new Promise<void>((resolve) => finish.push(resolve));
      return new Response("finished");
    });
    const agent = new Agent({ keepAlive: true });
    await send(listener.url, ["{}"], {}, agent);
    const { hostname, port } = new URL(listener.url);
    await once(connect(Number(port), hostname), "connect");
    const running = fetch(listener.url);
    await expect.poll(() => finish.length).toBe(1);
    const closed = listener.close();
    await expect(post(listener.url, "{}")).rejects.toThrow();
    finish[0]?.();
    const response = await running;
    expect([response.headers.get("connection"), await response.text()]).toEqual(["close", "finished"]);
    await closed;
  });

  it("does not wait for connections that ask for nothing", { timeout: 8_000 }, async () => {
    const listener = await listen(async () => new Response());
    const { hostname, port } = new URL(listener.url);
    await once(connect(Number(port), hostname), "connect");
    await listener.close();
  });
});

describe("clients", () => {
  const serve = () => {
    const handler = createMcpHandler(echoServer);
    return listen((request, parsedBody) => handler.fetch(request, { parsedBody }));
  };

  async function converse(client: Caller): Promise<void> {
    onTestFinished(() => client.close());
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(["echo", "slow"]);
    const answer = await client.callTool({ name: "echo", arguments: { text: "héllo", times: 300_000 } });
    expect(answer).toMatchObject({ content: [{ type: "text", text: "héllo".repeat(300_000) }] });
  }

  it.each(NEGOTIATIONS)("of the current SDK are served: %j", async (mode) => {
    const { url } = await serve();
    const client = await modernClient(new StreamableHTTPClientTransport(new URL(url)), mode);
    await converse(client);
    const steps: number[] = [];
    const slow = { name: "slow", arguments: { milliseconds: 100, steps: 4 } };
    await client.callTool(slow, { onprogress: ({ progress }) => steps.push(progress) });
    expect(steps.slice(0, 3)).toEqual([1, 2, 3]);
  });

  it("of the maintenance line are served", async () => {
    const { url } = await serve();
    await converse(await legacyClient(new LegacyHttpClientTransport(new URL(url))));
  });

  it("can cancel what runs", async () => {
    const { url } = await serve();
    const client = await modernClient(new StreamableHTTPClientTransport(new URL(url)), { pin: "2026-07-28" });
    onTestFinished(() => client.close());
    ends.length = 0;
    const controller = new AbortController();
    const slow = { name: "slow", arguments: { milliseconds: 3_600_000 } };
    const called = client.callTool(slow, { signal: controller.signal });
    setTimeout(() => controller.abort(), 50);
    await expect(called).rejects.toThrow();
    await expect.poll(() => ends).toEqual(["aborted"]);
  });
});

function* pieces(size: number, pieceSize: number, chunked: boolean): Generator<Buffer> {
  const piece = Buffer.alloc(pieceSize, " ");
  const framed = (bytes: Buffer) =>
    Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]);
  const whole = chunked ? framed(piece) : piece;
  for (let left = size; left > 0; left -= pieceSize) {
    if (left >= pieceSize) yield whole;
    else yield chunked ? framed(piece.subarray(0, left)) : piece.subarray(0, left);
  }
  if (chunked) yield Buffer.from("0\r\n\r\n");
}
