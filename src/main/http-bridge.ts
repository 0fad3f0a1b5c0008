import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, isIP } from "node:net";
import { Gathered } from "./bytes.ts";
import { nestsTooDeep } from "./message-lines.ts";

const CLOSE_TIMEOUT_MS = 10_000;
const MAX_CONNECTIONS = 2_000;
const TIMEOUTS = { headersTimeout: 10_000, requestTimeout: 15_000, connectionsCheckingInterval: 1_000 };

/** What may be listened on, and the address it means: names are not looked up, so that no hosts file widens them. */
const LISTENABLE = new Map([
  ["localhost", "127.0.0.1"],
  ["127.0.0.1", "127.0.0.1"],
  ["::1", "::1"],
]);
const LOOPBACK_NAMES = ["localhost", "127.0.0.1", "[::1]"];
const LOOPBACK_ORIGIN = /^https?:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/i;
/** A request target: the authority that proxies are given, the path, the query. */
const TARGET = /^(?:https?:\/\/([^/?]*))?([^?]*)(.*)$/i;
/** Headers about the connection, which are for the server to set. */
const CONNECTION_HEADERS = new Set(["connection", "keep-alive", "transfer-encoding", "upgrade", "trailer", "te"]);
/** Methods that `Request` refuses to carry. */
const FOREIGN_METHODS = new Set(["CONNECT", "TRACE", "TRACK"]);

/** Somebody who may go on, or why not. */
export type Admission<Caller> = { readonly caller: Caller } | { readonly refusal: Response };

export interface HttpOptions<Caller = undefined> {
  /** `127.0.0.1`, `::1` or `localhost`; with `admit` any address of this machine, `0.0.0.0` for all. */
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** The one path that is served; `/mcp` when absent. */
  readonly path?: string;
  /** Names besides those of loopback, with their ports if they have one, by which clients may call this server. */
  readonly allowedHosts?: readonly string[];
  /** Origins besides those of loopback whose pages may connect. */
  readonly allowedOrigins?: readonly string[];
  /** Asked before the body is read; without it everybody who reaches the port may call. */
  readonly admit?: ((incoming: IncomingMessage) => Promise<Admission<Caller>>) | undefined;
  /** Paths that need no admission, for those who watch the server; told whether it is about to end. */
  readonly pages?: ReadonlyMap<string, (isEnding: boolean) => Response>;
  /**
   * `parsedBody` is the body when it is JSON, and then the request carries none: the SDK's handler takes it as
   * `parsedBody`, which saves a quarter of the time of a call. Anything else is the request's own unread body.
   */
  readonly handle: (request: Request, parsedBody: unknown, caller: Caller | undefined) => Promise<Response>;
  /** 1 MiB when absent. */
  readonly maxBodyBytes?: number;
  /** Told what went wrong; the client only hears that something did. */
  readonly onError?: (error: unknown) => void;
}

/** An answer whose body is at hand as bytes, and is written without being copied. */
export class ReadyResponse extends Response {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array, init: ResponseInit) {
    super(null, init);
    this.bytes = bytes;
  }
}

export interface HttpListener {
  /** Where clients connect, with the path. */
  readonly url: string;
  /** Stops accepting, lets running requests finish for at most 10 seconds, then closes every connection. */
  close(): Promise<void>;
}

/** Serves `handle` over HTTP. Throws when anybody could call from elsewhere, or the port is taken. */
export async function listenHttp<Caller = undefined>(options: HttpOptions<Caller>): Promise<HttpListener> {
  const guarded = options.admit !== undefined && isIP(options.host) !== 0 ? options.host : undefined;
  const address = LISTENABLE.get(options.host) ?? guarded;
  if (address === undefined) {
    throw new Error(
      `Cannot listen on "${options.host}": whoever reaches the port acts with this server's credentials, ` +
        `so only ${[...LISTENABLE.keys()].join(", ")} are allowed`,
    );
  }
  const bridge = new Bridge<Caller>(options);
  await bridge.listen(address, options.port);
  return bridge;
}

class Bridge<Caller> implements HttpListener {
  url = "";
  readonly #options: HttpOptions<Caller>;
  readonly #path: string;
  readonly #maxBodyBytes: number;
  readonly #hosts = new Set<string>();
  readonly #server: Server;
  #running = 0;
  #closing: Promise<void> | undefined;

  constructor(options: HttpOptions<Caller>) {
    this.#options = options;
    this.#path = options.path ?? "/mcp";
    this.#maxBodyBytes = options.maxBodyBytes ?? 1024 * 1024;
    this.#server = createServer(TIMEOUTS);
    this.#server.maxConnections = MAX_CONNECTIONS;
    const serve = (incoming: IncomingMessage, outgoing: ServerResponse) =>
      void this.#serve(incoming, outgoing).catch(() => outgoing.destroy());
    this.#server.on("request", serve).on("checkContinue", serve);
  }

  async listen(address: string, port: number): Promise<void> {
    this.#server.listen(port, address);
    await once(this.#server, "listening");
    const { port: bound, family } = this.#server.address() as AddressInfo;
    for (const name of LOOPBACK_NAMES) {
      this.#hosts.add(`${name}:${bound}`);
      if (bound === 80) this.#hosts.add(name);
    }
    for (const host of this.#options.allowedHosts ?? []) this.#hosts.add(host.toLowerCase());
    this.url = `http://${family === "IPv6" ? `[${address}]` : address}:${bound}${this.#path}`;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    if (this.#running === 0) this.#server.closeAllConnections();
    const timer = setTimeout(() => this.#server.closeAllConnections(), CLOSE_TIMEOUT_MS);
    await closed;
    clearTimeout(timer);
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const abort = new AbortController();
    this.#running++;
    outgoing.on("error", () => abort.abort());
    outgoing.on("close", () => {
      if (!outgoing.writableFinished) abort.abort();
      if (--this.#running === 0 && this.#closing) this.#server.closeAllConnections();
    });
    try {
      const response = this.#refusal(incoming) ?? (await this.#admitted(incoming, outgoing, abort.signal));
      await this.#reply(response, incoming, outgoing, abort.signal);
    } catch (error) {
      if (abort.signal.aborted || incoming.socket.destroyed) return;
      this.#options.onError?.(error);
      if (outgoing.headersSent) outgoing.destroy();
      else await this.#reply(failure(500, "Internal error"), incoming, outgoing, abort.signal);
    }
  }

  /** Why a request is not even read. Where it comes from is judged before what it asks for. */
  #refusal({ headers, rawHeaders, method = "", url = "" }: IncomingMessage): Response | undefined {
    let hosts = 0;
    for (let index = 0; index < rawHeaders.length; index += 2) if (rawHeaders[index]?.toLowerCase() === "host") hosts++;
    if (hosts > 1) return failure(400, "More than one Host header");
    const [, authority = headers.host, path] = TARGET.exec(url) ?? [];
    for (const host of [headers.host, authority]) {
      if (!this.#hosts.has(host?.toLowerCase() ?? "")) {
        return failure(403, `Host not allowed; connect to ${LOOPBACK_NAMES.join(", ")} with the port of this server`);
      }
    }
    const { allowedOrigins = [], pages } = this.#options;
    if (
      headers.origin !== undefined &&
      !LOOPBACK_ORIGIN.test(headers.origin) &&
      !allowedOrigins.includes(headers.origin)
    ) {
      return failure(403, "Origin not allowed; only pages of this machine may connect");
    }
    const page = pages?.get(path ?? "");
    if (page !== undefined) return method === "GET" ? page(this.#closing !== undefined) : failure(405, "Only GET");
    if (this.#closing) return failure(503, "The server is shutting down");
    if (path !== this.#path) return failure(404, `Nothing here; MCP is served on ${this.#path}`);
    if (FOREIGN_METHODS.has(method)) return failure(405, "Method not allowed");
    if (Number(headers["content-length"]) > this.#maxBodyBytes) return this.#tooLarge();
    return undefined;
  }

  #tooLarge(): Response {
    return failure(413, `The request body is larger than ${this.#maxBodyBytes} bytes`);
  }

  async #admitted(incoming: IncomingMessage, outgoing: ServerResponse, signal: AbortSignal): Promise<Response> {
    const admission = await this.#options.admit?.(incoming);
    if (admission !== undefined && "refusal" in admission) return admission.refusal;
    return this.#ask(incoming, outgoing, signal, admission?.caller);
  }

  async #ask(
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    signal: AbortSignal,
    caller: Caller | undefined,
  ): Promise<Response> {
    const { headers, rawHeaders, method = "GET", url = "" } = incoming;
    if (headers.expect !== undefined) outgoing.writeContinue();
    const body = method === "GET" || method === "HEAD" ? null : await bodyOf(incoming, this.#maxBodyBytes);
    if (body === undefined) return this.#tooLarge();
    const text = body?.toString() ?? "";
    if (nestsTooDeep(text)) return failure(400, "The request body nests too deep");
    const parsedBody = parsed(text);
    const pairs: [string, string][] = [];
    for (let index = 0; index < rawHeaders.length; index += 2) {
      pairs.push([rawHeaders[index] ?? "", rawHeaders[index + 1] ?? ""]);
    }
    const request = new Request(`http://${headers.host}${this.#path}${TARGET.exec(url)?.[3]}`, {
      method,
      headers: pairs,
      body: parsedBody === undefined ? body : null,
      signal,
    });
    return this.#options.handle(request, parsedBody, caller);
  }

  async #reply(
    response: Response,
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    signal: AbortSignal,
  ): Promise<void> {
    const { body, status } = response;
    if (signal.aborted) return body?.cancel();
    const headers: string[] = [];
    for (const [name, value] of response.headers) if (!CONNECTION_HEADERS.has(name)) headers.push(name, value);
    if (this.#closing || response.headers.get("connection") === "close") outgoing.shouldKeepAlive = false;
    if (body !== null && response.headers.get("content-type")?.startsWith("text/event-stream")) {
      outgoing.writeHead(status, headers);
      return pour(body, outgoing, signal);
    }
    const bytes = await bytesOf(response);
    if (signal.aborted) return;
    if (status !== 204 && status !== 304 && !response.headers.has("content-length")) {
      headers.push("content-length", String(bytes?.length ?? 0));
    }
    outgoing.writeHead(status, headers);
    if (incoming.complete) {
      outgoing.end(bytes);
      return;
    }
    // Closing on a client that still sends would take the answer from it.
    outgoing.write(bytes ?? "");
    await once(incoming.resume(), "close");
    outgoing.end();
  }
}

async function bytesOf(response: Response): Promise<Uint8Array | undefined> {
  if (response instanceof ReadyResponse) return response.bytes;
  return response.body === null ? undefined : Buffer.from(await response.arrayBuffer());
}

/** The whole body, or `undefined` as soon as it is larger than allowed. */
function bodyOf(incoming: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const body = new Gathered();
    incoming.on("data", (piece: Buffer) => {
      if (body.length + piece.length > limit) {
        incoming.removeAllListeners("data");
        resolve(undefined);
      } else body.append(piece);
    });
    incoming.on("end", () => resolve(body.take()));
    incoming.on("error", reject);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Hands a stream on as fast as the client reads it. The headers do not wait for the first piece. */
async function pour(body: ReadableStream<Uint8Array>, outgoing: ServerResponse, signal: AbortSignal): Promise<void> {
  const reader = body.getReader();
  signal.addEventListener("abort", () => void reader.cancel().catch(() => {}), { once: true });
  const idle = setImmediate(() => outgoing.flushHeaders());
  for (let piece = await reader.read(); !piece.done && !signal.aborted; piece = await reader.read()) {
    clearImmediate(idle);
    if (!outgoing.write(piece.value)) await once(outgoing, "drain", { signal });
  }
  clearImmediate(idle);
  outgoing.end();
}

/** An error as MCP clients read it, when no request id is known. */
export function failure(status: number, message: string): Response {
  const code = status === 500 ? -32_603 : -32_000;
  return Response.json({ jsonrpc: "2.0", id: null, error: { code, message } }, { status });
}
