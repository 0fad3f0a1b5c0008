import { describe, expect, it, vi } from "vitest";
import { listenHttp } from "../../src/main/http-bridge.ts";
import { listen, rawRequest } from "../support/bridge.ts";

describe("where a request comes from", () => {
  const HERE = "Host: 127.0.0.1:PORT";
  const hosts = (status: number, ...values: string[]) =>
    values.map((value) => [status, "POST /mcp", `Host: ${value}`] as const);
  const origins = (status: number, ...values: string[]) =>
    values.map((value) => [status, "POST /mcp", HERE, ...value.split("|").map((each) => `Origin: ${each}`)] as const);
  const ROWS: readonly (readonly [status: number, line: string, ...headers: string[]])[] = [
    ...hosts(200, "127.0.0.1:PORT", "localhost:PORT", "[::1]:PORT", "LocalHost:PORT"),
    ...hosts(403, "localhost", "127.0.0.1", "localhost:1", "localhost:PORT0", "localhost.:PORT", "evil.example"),
    ...hosts(403, "evil.example:PORT", "localhost.evil.example:PORT", "127.0.0.1.evil.example:PORT", "127.0.0.2:PORT"),
    ...hosts(
      403,
      "0.0.0.0:PORT",
      "[::]:PORT",
      "2130706433:PORT",
      "127.1:PORT",
      "user@localhost:PORT",
      "",
      "proxy.example:1",
    ),
    ...hosts(403, "localhost:PORT, evil.example", "localhost:PORT@evil.example", "[::ffff:127.0.0.1]:PORT", "::1:PORT"),
    [400, "POST /mcp", HERE, "Host: evil.example"],
    [400, "POST /mcp", "Host: evil.example", HERE],
    [400, "POST /mcp", HERE, HERE],
    [400, "POST /mcp"],
    [200, "POST http://127.0.0.1:PORT/mcp", HERE],
    [403, "POST http://evil.example/mcp", HERE],
    [403, "POST http://127.0.0.1:PORT/mcp", "Host: evil.example"],
    [403, "POST http://user@127.0.0.1:PORT/mcp", HERE],
    ...origins(
      200,
      "http://localhost",
      "http://localhost:6274",
      "https://127.0.0.1:1",
      "http://[::1]:5173",
      "HTTP://LocalHost:80",
    ),
    ...origins(403, "null", "https://evil.example", "http://localhost.evil.example", "http://evil.localhost", "", "*"),
    ...origins(403, "http://localhost@evil.example", "http://127.0.0.1.evil.example:80", "http://0.0.0.0", "file://"),
    ...origins(
      403,
      "chrome-extension://abc",
      "http://localhost:",
      "http://localhost/",
      "http://localhost:123456",
      "//localhost",
    ),
    ...origins(
      403,
      "http://localhost|http://evil.example",
      "http://localhost|http://localhost",
      "http://localhost, null",
    ),
    ...["GET", "HEAD", "OPTIONS", "DELETE", "PUT"].flatMap((method) =>
      ["/mcp", "/", "/healthz", "/.well-known/x"].flatMap((path) => [
        [403, `${method} ${path}`, "Host: evil.example:PORT"] as const,
        [403, `${method} ${path}`, HERE, "Origin: https://evil.example"] as const,
      ]),
    ),
  ];

  it("has a table worth its name", () => expect(ROWS.length).toBeGreaterThan(60));

  const rows = ROWS.map(([status, ...lines]) => ({ status, lines, asked: lines.join(", ") }));

  it.each(rows)("gets $status for $asked", async ({ status, lines: [line, ...headers] }) => {
    const handle = vi.fn(async () => new Response("served"));
    const { url } = await listen(handle);
    const { port } = new URL(url);
    const head = [`${line} HTTP/1.1`, ...headers, "Content-Length: 2"].map((each) => each.replaceAll("PORT", port));
    const answer = await rawRequest(url, head, "{}");
    expect(answer.status).toBe(status);
    expect(handle).toHaveBeenCalledTimes(status === 200 ? 1 : 0);
    expect(answer.headers.get("access-control-allow-origin")).toBeNull();
  });

  it("needs a Host header of old clients too, and tells them so in JSON", async () => {
    const { url } = await listen(async () => new Response("served"));
    const { status, body } = await rawRequest(url, ["GET /mcp HTTP/1.0"]);
    expect(status).toBe(403);
    expect(JSON.parse(body)).toMatchObject({ jsonrpc: "2.0", id: null, error: { code: -32_000 } });
  });

  it.each(["0.0.0.0", "::", "192.168.0.1", "127.0.0.2", "evil.example", "localhost.", "", "*", "constructor"])(
    "cannot be %j, which is not listened on",
    async (host) => {
      const listening = listenHttp({ host, port: 0, handle: async () => new Response() });
      await expect(listening).rejects.toThrow(/Cannot listen on .*localhost, 127\.0\.0\.1, ::1/);
    },
  );

  it("says when the port is taken", async () => {
    const { url } = await listen(async () => new Response());
    await expect(listen(async () => new Response(), { port: Number(new URL(url).port) })).rejects.toThrow("EADDRINUSE");
  });
});
