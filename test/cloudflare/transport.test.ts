import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { createClient } from "../../src/cloudflare/client.ts";
import { sendStack } from "../../src/cloudflare/send/index.ts";
import { type TransportLimits, undiciTransport } from "../../src/cloudflare/send/undici.ts";
import { SendError } from "../../src/core/send.ts";
import { failureOf } from "../support/calls.ts";
import { serve } from "../support/serve.ts";
import { callOf, requestOf, token } from "./harness.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

async function transportTo(handler: Handler, limits: Partial<TransportLimits> = {}) {
  const seen: IncomingMessage[] = [];
  const server = await serve((request, response) => {
    seen.push(request);
    handler(request, response);
  });
  const transport = undiciTransport(server.url, limits);
  closers.push(server.close, transport.close);
  return { transport, seen, server };
}

const troubleOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "an answer",
    (error: unknown) => (error instanceof SendError ? [error.reason, error.sent] : error),
  );

const soon = (milliseconds: number) => performance.now() + milliseconds;
const envelope = JSON.stringify({ success: true, result: { id: "g" } });

describe("a request on the wire", () => {
  it("goes below the base URL's path with lower-case headers and the body as JSON", async () => {
    const bodies: string[] = [];
    const { transport, seen } = await transportTo((request, response) => {
      request.on("data", (chunk) => bodies.push(String(chunk)));
      request.on("end", () => response.setHeader("X-Mixed-CASE", "1").end(envelope));
    });
    const answer = await transport(
      requestOf("POST", {
        query: [
          ["tag", "a b"],
          ["tag", "ü&"],
        ],
        body: { name: "ü" },
      }),
    );
    const [request] = seen;
    expect(request?.method).toBe("POST");
    const url = new URL(request?.url ?? "", "http://localhost");
    expect([url.pathname, url.searchParams.getAll("tag")]).toEqual([
      "/client/v4/accounts/acc/access/groups",
      ["a b", "ü&"],
    ]);
    expect(bodies.join("")).toBe('{"name":"ü"}');
    expect(request?.headers).toMatchObject({ "content-type": "application/json", accept: "application/json" });
    expect(request?.rawHeaders.filter((_, index) => index % 2 === 0)).not.toContain("Content-Type");
    expect(answer).toMatchObject({ status: 200, headers: { "x-mixed-case": "1" }, body: envelope });
  });

  it("asks for PEM when the answer is text, and has no body when none is given", async () => {
    const { transport, seen } = await transportTo((_, response) => response.end("-----BEGIN"));
    await transport(requestOf("GET", { text: true }));
    expect(seen[0]?.headers.accept).toBe("application/x-pem-file");
    expect(seen[0]?.headers["content-type"]).toBeUndefined();
  });

  it("reads gzip", async () => {
    const { transport } = await transportTo((_, response) =>
      response.setHeader("content-encoding", "gzip").end(gzipSync(envelope)),
    );
    expect((await transport(requestOf("GET"))).body).toBe(envelope);
  });

  it("T20 never follows a redirect", async () => {
    const elsewhere = await serve((_, response) => response.end(envelope));
    closers.push(elsewhere.close);
    let there = 0;
    const { transport, server } = await transportTo((request, response) => {
      there += 1;
      response.writeHead(request.method === "GET" ? 302 : 307, { location: elsewhere.url.href }).end();
    });
    const send = sendStack({ baseUrl: server.url, credentials: token, transport });
    for (const call of [callOf("get_group", { group_id: "g" }), callOf("create_group", { name: "n" })]) {
      const { facts, message } = await failureOf(createClient({ send })(call));
      expect(facts.kind).toBe("unexpected");
      expect(message).toContain("redirect");
    }
    expect(there).toBe(2);
  });

  it("reads the pages of a list at once without a warning of Node's", async () => {
    const warnings: unknown[] = [];
    const hear = (warning: unknown) => void warnings.push(warning);
    process.on("warning", hear);
    const { transport, server } = await transportTo((request, response) => {
      const page = Number(new URL(request.url ?? "", server.url).searchParams.get("page"));
      const result = Array.from({ length: 50 }, (_, index) => ({ id: `${page}-${index}` }));
      setTimeout(
        () => response.end(JSON.stringify({ success: true, result, result_info: { total_count: 2_000 } })),
        20,
      );
    });
    const send = sendStack({ baseUrl: server.url, credentials: token, transport });
    const { result, list } = await createClient({ send })(callOf("list_groups", {}, { view: { all: true } }));
    expect(result).toHaveLength(2_000);
    expect(list).toMatchObject({ total: 2_000, steady: true, ended: true });
    await new Promise(setImmediate);
    process.off("warning", hear);
    expect(warnings).toEqual([]);
  });

  it("T22 no argument becomes a header: they are the same for every text", async () => {
    const { transport, seen } = await transportTo((_, response) => response.end(envelope));
    for (const name of ["plain", "a\r\nx-evil: 1", "\u0000", "x".repeat(5_000)]) {
      await transport(requestOf("POST", { body: { name }, query: [["search", name.slice(0, 50)]] }));
    }
    const names = seen.map(({ headers }) => Object.keys(headers).join());
    expect(new Set(names).size).toBe(1);
  });
});

describe("F7-F9, F29: when no whole answer comes", () => {
  it.each<[string, Handler, { within?: number }, Partial<TransportLimits>, unknown]>([
    ["reset before an answer", (request) => void request.socket.destroy(), {}, {}, ["reset", true]],
    [
      "reset within the body",
      (request, response) => {
        response.writeHead(200, { "content-length": "1000" }).write("{");
        setTimeout(() => request.socket.destroy(), 10);
      },
      {},
      {},
      ["truncated", true],
    ],
    [
      "content-length too long",
      (_, response) => {
        response.writeHead(200, { "content-length": "1000", connection: "close" }).write("{");
        response.socket?.end();
      },
      {},
      {},
      ["truncated", true],
    ],
    [
      "a chunk cut",
      (_, response) => {
        response.socket?.end("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n10\r\nabc");
      },
      {},
      {},
      ["truncated", true],
    ],
    [
      "gzip cut",
      (_, response) => response.setHeader("content-encoding", "gzip").end(gzipSync(envelope).subarray(0, 20)),
      {},
      {},
      ["truncated", true],
    ],
    ["not HTTP", (request) => void request.socket.end("SSH-2.0-OpenSSH_9.6\r\n"), {}, {}, ["reset", true]],
    ["silence until the deadline", () => undefined, { within: 300 }, {}, ["timeout", true]],
    ["no headers", () => undefined, {}, { headers: 500 }, ["timeout", true]],
    [
      "a body that stops",
      (_, response) => void response.writeHead(200).write("{"),
      {},
      { idle: 500 },
      ["timeout", true],
    ],
    [
      "a body that trickles until the deadline",
      (_, response) => {
        const timer = setInterval(() => response.write(" "), 20);
        response.on("close", () => clearInterval(timer));
      },
      { within: 300 },
      {},
      ["timeout", true],
    ],
    ["too much", (_, response) => response.end(Buffer.alloc(200_000, 32)), {}, { bytes: 100_000 }, ["too_large", true]],
    [
      "a zip bomb",
      (_, response) => response.setHeader("content-encoding", "gzip").end(gzipSync(Buffer.alloc(5_000_000))),
      {},
      { bytes: 100_000 },
      ["too_large", true],
    ],
    ["a deadline gone by", (_, response) => response.end(envelope), { within: -1 }, {}, ["timeout", false]],
  ])("%s", async (_, handler, { within = 60_000 }, limits, expected) => {
    const { transport } = await transportTo(handler, limits);
    const sent = (["GET", "POST"] as const).map((method) =>
      troubleOf(transport(requestOf(method, { deadline: soon(within) }))),
    );
    expect(await Promise.all(sent)).toEqual([expected, expected]);
  });

  it("an endless answer is ended near the cap", async () => {
    let written = 0;
    const { transport } = await transportTo((_, response) => {
      const chunk = Buffer.alloc(65_536, 32);
      const pour = () => {
        while (!response.destroyed && response.write(chunk)) written += chunk.length;
      };
      response.on("drain", pour);
      pour();
    });
    expect(await troubleOf(transport(requestOf("GET")))).toEqual(["too_large", true]);
    expect(written).toBeLessThan(48 * 1024 * 1024);
  });

  it("the transport works on after any of it", async () => {
    let count = 0;
    const { transport } = await transportTo((request, response) => {
      count += 1;
      if (count < 4) request.socket.destroy();
      else response.end(envelope);
    });
    for (let time = 0; time < 3; time++) await troubleOf(transport(requestOf("GET")));
    expect((await transport(requestOf("GET"))).body).toBe(envelope);
  });
});

describe("when nothing was sent", () => {
  it("a closed port", async () => {
    const server = await serve(() => undefined);
    await server.close();
    const transport = undiciTransport(server.url);
    closers.push(transport.close);
    expect(await troubleOf(transport(requestOf("POST")))).toEqual(["unreachable", false]);
  });

  it("an unknown name", async () => {
    const transport = undiciTransport(new URL("http://no-such-host.invalid/client/v4"));
    closers.push(transport.close);
    expect(await troubleOf(transport(requestOf("POST")))).toEqual(["unreachable", false]);
  });

  it("a server that does not speak TLS", async () => {
    const server = createServer((socket) => void socket.end("220 smtp.example\r\n").on("error", () => undefined));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const transport = undiciTransport(new URL(`https://127.0.0.1:${port}/client/v4`));
    closers.push(async () => void server.close(), transport.close);
    expect(await troubleOf(transport(requestOf("POST")))).toEqual(["unreachable", false]);
  });

  it("a TLS handshake that hangs", async () => {
    const server = createServer((socket) => void socket.on("error", () => undefined));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const transport = undiciTransport(new URL(`https://127.0.0.1:${port}/client/v4`), { connect: 300 });
    closers.push(async () => void server.close(), transport.close);
    expect(await troubleOf(transport(requestOf("POST")))).toEqual(["timeout", false]);
  });
});

describe("F22: cancelling", () => {
  it("before: nothing is sent", async () => {
    const { transport, seen } = await transportTo((_, response) => response.end(envelope));
    for (const method of ["GET", "POST"] as const) {
      expect(await troubleOf(transport(requestOf(method, { signal: AbortSignal.abort() })))).toEqual([
        "cancelled",
        false,
      ]);
    }
    expect(seen).toHaveLength(0);
  });

  it("while it waits for a connection: nothing is sent, then or later", async () => {
    const { transport, seen } = await transportTo(() => undefined);
    const holding = Array.from({ length: 32 }, () => troubleOf(transport(requestOf("GET", { deadline: soon(600) }))));
    const giving = new AbortController();
    const waiting = troubleOf(transport(requestOf("POST", { signal: giving.signal })));
    setTimeout(() => giving.abort(), 100);
    expect(await waiting).toEqual(["cancelled", false]);
    await Promise.all(holding);
    expect(seen.map(({ method }) => method)).not.toContain("POST");
  });

  it("during: the request ends at once, as one that may have arrived", async () => {
    const giving = new AbortController();
    const { transport } = await transportTo((_, response) => {
      response.writeHead(200).write("{");
      giving.abort();
    });
    expect(await troubleOf(transport(requestOf("POST", { signal: giving.signal })))).toEqual(["cancelled", true]);
  });

  it("closing ends what is underway", async () => {
    const { transport } = await transportTo(() => void transport.close());
    expect(await troubleOf(transport(requestOf("POST")))).toEqual(["reset", true]);
  });
});
