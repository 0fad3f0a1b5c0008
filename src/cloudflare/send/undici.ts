import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { type Dispatcher, Pool } from "undici";
import { type ApiRequest, type ApiResponse, type Send, SendError, type SendTrouble } from "../../core/send.ts";
import { troubleOf } from "./trouble.ts";

/** How long each part of an exchange may take, in milliseconds, and how large an answer may be, in bytes. */
export interface TransportLimits {
  readonly connect: number;
  readonly headers: number;
  /** Between two pieces of the body. */
  readonly idle: number;
  readonly bytes: number;
}

const usual: TransportLimits = { connect: 5_000, headers: 30_000, idle: 15_000, bytes: 32 * 1024 * 1024 };

/** A transport that can be put down; what is still underway then fails. */
export type Transport = Send & { close(): Promise<void> };

/** Requests over HTTP/1.1 to one origin, below the path of `baseUrl`. Redirects are answers like any other. */
export function undiciTransport(baseUrl: URL, limits: Partial<TransportLimits> = {}): Transport {
  const { connect, headers, idle, bytes } = { ...usual, ...limits };
  const pool = new Pool(baseUrl.origin, {
    connections: 32,
    connectTimeout: connect,
    headersTimeout: headers,
    bodyTimeout: idle,
    maxResponseSize: bytes,
  });
  const prefix = baseUrl.pathname.replace(/\/+$/, "");
  const send: Send = async (request) => {
    const { status, headers, chunks } = await exchange(pool, prefix, request);
    return { status, headers, body: await textOf(chunks, headers["content-encoding"], bytes) };
  };
  return Object.assign(send, { close: () => pool.destroy() });
}

interface Exchanged extends Omit<ApiResponse, "body"> {
  readonly chunks: readonly Buffer[];
}

function exchange(pool: Pool, prefix: string, request: ApiRequest): Promise<Exchanged> {
  const { method, path, query, body, text, signal, deadline } = request;
  return new Promise((resolve, reject) => {
    let running: Dispatcher.DispatchController | undefined;
    let stopped: SendError | undefined;
    let status = 0;
    let headers: Record<string, string> = {};
    const chunks: Buffer[] = [];

    const settle = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", cancel);
    };
    const stop = (reason: SendTrouble) => {
      stopped = new SendError(reason, running !== undefined);
      settle();
      reject(stopped);
      running?.abort(stopped);
    };
    const cancel = () => stop("cancelled");
    const left = deadline - performance.now();
    const timer = setTimeout(() => stop("timeout"), Math.min(left, 2 ** 31 - 1));
    if (signal.aborted) return cancel();
    if (left <= 0) return stop("timeout");
    signal.addEventListener("abort", cancel, { once: true });

    pool.dispatch(
      {
        method,
        path: prefix + path + searchOf(query),
        headers: {
          accept: text ? "application/x-pem-file" : "application/json",
          "accept-encoding": "gzip",
          "user-agent": "cloudflare-access-mcp",
          ...(body !== undefined && { "content-type": "application/json" }),
          ...request.headers,
        },
        body: body === undefined ? null : JSON.stringify(body),
      },
      {
        // Called when a connection is there and before the first byte is written: until then nothing was sent.
        onRequestStart(controller) {
          if (stopped === undefined) running = controller;
          else controller.abort(stopped);
        },
        onResponseStart(_, code, fields) {
          status = code;
          headers = Object.fromEntries(
            Object.entries(fields).map(([name, value = ""]) => [name, Array.isArray(value) ? value.join(", ") : value]),
          );
        },
        onResponseData(_, chunk) {
          chunks.push(chunk);
        },
        onResponseEnd() {
          settle();
          resolve({ status, headers, chunks });
        },
        onResponseError(_, error) {
          settle();
          reject(stopped ?? troubleOf(error, { sent: running !== undefined, answered: status !== 0 }));
        },
      },
    );
  });
}

function searchOf(query: ApiRequest["query"]): string {
  return query.length === 0 ? "" : `?${new URLSearchParams(query as [string, string][])}`;
}

const unzip = promisify(gunzip);

async function textOf(chunks: readonly Buffer[], encoding: string | undefined, limit: number): Promise<string> {
  if (encoding !== "gzip" || chunks.length === 0) return decoded(chunks);
  try {
    return decoded([await unzip(Buffer.concat(chunks), { maxOutputLength: limit })]);
  } catch (error) {
    const large = (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";
    throw new SendError(large ? "too_large" : "truncated", true);
  }
}

/** The text of the pieces, without putting them together as bytes first: long lists take less memory so. */
function decoded(chunks: readonly Buffer[]): string {
  const decoder = new TextDecoder();
  return chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join("") + decoder.decode();
}
