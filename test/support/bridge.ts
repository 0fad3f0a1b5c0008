import { once } from "node:events";
import { type Agent, type IncomingHttpHeaders, type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { onTestFinished } from "vitest";
import { type HttpListener, type HttpOptions, listenHttp } from "../../src/main/http-bridge.ts";

/** A bridge on a free port, closed with the test. */
export async function listen(handle: HttpOptions["handle"], options: Partial<HttpOptions> = {}): Promise<HttpListener> {
  const listener = await listenHttp({ host: "127.0.0.1", port: 0, handle, ...options });
  onTestFinished(() => listener.close());
  return listener;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** Sends the very bytes of a request, all of them, and reads until the server closes. */
export async function rawRequest(
  url: string,
  head: readonly string[],
  body: Iterable<string | Buffer> = [],
): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname.replace(/[[\]]/g, ""));
  const closed = once(socket, "close");
  let text = "";
  socket.setEncoding("latin1").on("data", (piece) => {
    text += piece;
  });
  socket.write(`${[...head, "Connection: close"].join("\r\n")}\r\n\r\n`);
  for (const piece of body) if (!socket.write(piece)) await Promise.race([once(socket, "drain"), closed]);
  await closed;
  const [top = "", ...rest] = text.split("\r\n\r\n");
  const [statusLine = "", ...lines] = top.split("\r\n");
  const headers = new Headers(
    lines.map((line): [string, string] => [line.split(":")[0] ?? "", line.replace(/^[^:]*:\s*/, "")]),
  );
  return { status: Number(statusLine.split(" ")[1]), headers, body: rest.join("\r\n\r\n") };
}

/** Sends a body in pieces, with `Expect` once told to go on, and reads the answer. */
export async function send(
  url: string,
  pieces: readonly (string | Buffer)[],
  headers: Record<string, string> = {},
  agent?: Agent,
): Promise<{ status: number | undefined; headers: IncomingHttpHeaders; body: string }> {
  const outgoing = request(url, { method: "POST", headers, ...(agent && { agent }) });
  const answered = once(outgoing, "response").then(async ([incoming]: IncomingMessage[]) => {
    let body = "";
    for await (const piece of incoming?.setEncoding("utf8") ?? []) body += piece;
    return { status: incoming?.statusCode, headers: incoming?.headers ?? {}, body };
  });
  outgoing.flushHeaders();
  if (headers["expect"] && (await Promise.race([once(outgoing, "continue"), answered.then(() => "no")])) === "no") {
    outgoing.destroy();
    return answered;
  }
  for (const piece of pieces) outgoing.write(piece);
  outgoing.end();
  return answered;
}
