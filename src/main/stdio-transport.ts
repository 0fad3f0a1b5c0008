import type { Readable, Writable } from "node:stream";
import {
  isJSONRPCNotification,
  isJSONRPCRequest,
  type JSONRPCMessage,
  type RequestId,
  type Transport,
} from "@modelcontextprotocol/server";
import { lines, messageOf, Refusal } from "./message-lines.ts";

/** Requests running side by side; further ones wait in the pipe. */
const MAX_RUNNING = 256;
const SHUTTING_DOWN = -32_000;

export interface StdioOptions {
  /** Where messages come from; the process's own stdin when absent. */
  readonly stdin?: Readable;
  /** Where messages go; the process's own stdout when absent. */
  readonly stdout?: Writable;
  /** How long running requests and unread answers may hold up the end, in milliseconds. */
  readonly drainMs?: number;
}

/**
 * MCP messages as lines on stdin and stdout. A line that is no message gets an answer and does not end the connection;
 * a client that does not read its answers is not read from either; when stdin ends, running requests are still answered.
 */
export class StdioTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  /** Called when everything is answered, before closing: the place for `handle.close()`, which ends subscriptions. */
  ondrained?: () => Promise<void>;
  /** Fulfilled when the transport has closed and everything written has left the process. Never rejects. */
  readonly drained: Promise<void>;

  readonly #stdin: Readable;
  readonly #stdout: Writable;
  readonly #write: Writable["write"];
  readonly #drainMs: number;
  readonly #running = new Map<RequestId, number>();
  #finish: () => void = () => {};
  #waiting: (() => void)[] = [];
  #unsent = 0;
  #blocked = false;
  #closed = false;
  #expired = false;
  #clock: NodeJS.Timeout | undefined;
  #draining: Promise<void> | undefined;

  constructor({ stdin = process.stdin, stdout = process.stdout, drainMs = 10_000 }: StdioOptions = {}) {
    this.#stdin = stdin;
    this.#stdout = stdout;
    this.#write = stdout.write.bind(stdout);
    this.#drainMs = drainMs;
    this.drained = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  /** Starts reading. Whatever else writes to the process's stdout from now on (a stray `console.log`) lands on stderr. */
  async start(): Promise<void> {
    if (this.#stdout === process.stdout) process.stdout.write = process.stderr.write.bind(process.stderr);
    this.#stdout.on("drain", () => {
      this.#blocked = false;
      this.#wake();
    });
    this.#stdout.on("error", (error: NodeJS.ErrnoException) => {
      if (!this.#closed && error.code !== "EPIPE" && error.code !== "ECONNRESET") this.onerror?.(error);
      this.#unsent = 0;
      void this.close();
    });
    void this.#read();
  }

  /** Writes one message; fulfilled when stdout takes more. */
  async send(message: JSONRPCMessage): Promise<void> {
    this.#put(message);
    if (!("method" in message)) this.#settle(message.id);
    await this.#until(() => !this.#blocked || this.#closed || this.#expired);
  }

  /** Refuses new requests, waits at most `drainMs` until the running ones are answered, then closes. Never rejects. */
  drain(): Promise<void> {
    this.#draining ??= this.#drain();
    return this.#draining;
  }

  /** Stops reading and lets go of running requests; fulfilled together with `drained`. */
  async close(): Promise<void> {
    if (this.#closed) return this.drained;
    this.#closed = true;
    this.#stdin.destroy();
    this.#startClock();
    this.#wake();
    this.onclose?.();
    await this.#until(() => this.#unsent === 0 || this.#expired);
    clearTimeout(this.#clock);
    this.#finish();
  }

  async #drain(): Promise<void> {
    this.#startClock();
    this.#wake();
    await this.#until(() => this.#running.size === 0 || this.#closed || this.#expired);
    await this.ondrained?.().catch(this.#report);
    await this.close();
  }

  async #read(): Promise<void> {
    const roomy = () => !this.#blocked && (this.#running.size < MAX_RUNNING || this.#draining !== undefined);
    try {
      for await (const line of lines(this.#stdin)) {
        const heard = messageOf(line);
        if (heard instanceof Refusal) this.#put(heard);
        else if (heard !== undefined) this.#deliver(heard);
        await this.#until(() => roomy() || this.#closed);
        if (this.#closed) break;
      }
    } catch (error) {
      if (!this.#closed) this.#report(error);
    }
    await this.drain();
  }

  #deliver(message: JSONRPCMessage): void {
    if (isJSONRPCRequest(message)) {
      if (this.#draining) {
        this.#put(new Refusal(message.id, SHUTTING_DOWN, "The server is shutting down"));
        return;
      }
      // A subscription stays open until the connection ends: nobody waits for its answer.
      if (message.method !== "subscriptions/listen") {
        this.#running.set(message.id, (this.#running.get(message.id) ?? 0) + 1);
      }
    } else if (isJSONRPCNotification(message) && message.method === "notifications/cancelled") {
      // The protocol layer does not answer a cancelled request.
      const id = message.params?.["requestId"];
      this.#running.delete(id as RequestId);
      this.#wake();
    }
    this.onmessage?.(message);
  }

  #put(message: JSONRPCMessage | Refusal): void {
    if (this.#closed) return;
    this.#unsent++;
    // Some readers, Node 24's readline for one, take these two for line ends as well.
    const line = JSON.stringify(message).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
    const more = this.#write(`${line}\n`, () => {
      this.#unsent--;
      this.#wake();
    });
    if (!more) this.#blocked = true;
  }

  #settle(id: RequestId | undefined): void {
    if (id === undefined) return;
    const left = (this.#running.get(id) ?? 0) - 1;
    if (left > 0) this.#running.set(id, left);
    else this.#running.delete(id);
    this.#wake();
  }

  async #until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    const woken = this.#waiting;
    this.#waiting = [];
    for (const resolve of woken) resolve();
  }

  #startClock(): void {
    this.#clock ??= setTimeout(() => {
      this.#expired = true;
      this.#wake();
    }, this.#drainMs);
  }

  readonly #report = (error: unknown): void => {
    this.onerror?.(error instanceof Error ? error : new Error(String(error)));
  };
}
