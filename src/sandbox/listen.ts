import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { failure } from "./envelope.ts";
import type { Reaction } from "./faults.ts";
import type { Sandbox } from "./index.ts";

/** A sandbox on the wire. */
export interface Listening {
  readonly port: number;
  /** The base URL to give to clients, with `/client/v4`. */
  readonly url: string;
  close(): Promise<void>;
}

const base = "/client/v4";
const largestBody = 10 * 1024 * 1024;

/** Serves a sandbox over HTTP on loopback, for curl, the official SDK and load tests. Port 0 takes a free one. */
export async function listen(sandbox: Sandbox, { port = 8787 }: { port?: number } = {}): Promise<Listening> {
  const server = createServer((incoming, outgoing) => {
    serve(sandbox, incoming, outgoing).catch(() => outgoing.destroy());
  });
  // Longer than clients keep idle connections, so that none is closed under a request that has just begun.
  server.keepAliveTimeout = 65_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const { port: taken } = server.address() as AddressInfo;
  return {
    port: taken,
    url: `http://127.0.0.1:${taken}${base}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(sandbox: Sandbox, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const [path = "", search = ""] = splitOnce(incoming.url ?? "/", "?");
  if (!path.startsWith(`${base}/`)) {
    plain(outgoing, 404, failure(7003, `Could not route to ${path}, perhaps your object identifier is invalid?`));
    return;
  }
  const text = await read(incoming);
  if (text === undefined) {
    plain(outgoing, 413, failure(10413, `The request body is larger than ${largestBody} bytes.`));
    return;
  }
  const gone = new AbortController();
  outgoing.once("close", () => gone.abort());
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) headers[name] = [value].flat().join(", ");
  const reaction = await sandbox.react({
    method: incoming.method ?? "GET",
    path: path.slice(base.length),
    query: [...new URLSearchParams(search)],
    headers,
    signal: gone.signal,
    ...parse(text),
  });
  await play(reaction, incoming, outgoing);
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

function parse(text: string): { body: unknown; malformed?: boolean } {
  if (text.trim() === "") return { body: undefined };
  try {
    return { body: JSON.parse(text) };
  } catch {
    return { body: undefined, malformed: true };
  }
}

/** The whole body, or `undefined` when it is too large. */
async function read(incoming: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= largestBody) chunks.push(chunk);
  }
  return size > largestBody ? undefined : Buffer.concat(chunks).toString("utf8");
}

function plain(outgoing: ServerResponse, status: number, body: string): void {
  outgoing.writeHead(status, { "content-type": "application/json" }).end(body);
}

/** Lets the caller feel what happened. */
async function play(reaction: Reaction, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  if (reaction.kind === "hang") return;
  if (reaction.kind !== "reply") {
    incoming.socket.resetAndDestroy();
    return;
  }
  const { status, headers, body, cut, trickle } = reaction;
  const bytes = Buffer.from(body);
  outgoing.writeHead(status, { ...headers, "content-length": String(bytes.length) });
  if (trickle !== undefined) {
    for (const byte of bytes) {
      if (outgoing.destroyed) return;
      outgoing.write(Buffer.of(byte));
      await sleep(trickle);
    }
    outgoing.end();
  } else if (cut !== undefined) {
    outgoing.write(bytes.subarray(0, cut), () => incoming.socket.destroy());
  } else {
    outgoing.end(bytes);
  }
}
