import { setImmediate } from "node:timers/promises";
import type { Clock } from "../../src/cloudflare/send/clock.ts";
import type { Call } from "../../src/core/call.ts";
import type { ApiRequest, ApiResponse, Send } from "../../src/core/send.ts";
import { callOf as plainCallOf } from "../support/calls.ts";

/** A call of an operation on account `acc`. */
export const callOf = (name: string, input: Record<string, unknown> = {}, more: Partial<Call> = {}): Call =>
  plainCallOf(name, input, { scope: { account_id: "acc" }, ...more });

/** A plain request, due in 60 s unless told otherwise. */
export function requestOf(method: ApiRequest["method"], more: Partial<ApiRequest> = {}): ApiRequest {
  return {
    method,
    path: "/accounts/acc/access/groups",
    query: [],
    ...(method === "GET" || method === "DELETE" ? {} : { body: { name: "x" } }),
    signal: new AbortController().signal,
    deadline: performance.now() + 60_000,
    ...more,
  };
}

export const json = (value: unknown, status = 200, headers: Record<string, string> = {}): ApiResponse => ({
  status,
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify(value),
});

export const good = (result: unknown, result_info?: unknown): ApiResponse =>
  json({ success: true, errors: [], messages: [], result, ...(result_info !== undefined && { result_info }) });

export const bad = (status: number, code: number, message = "no", headers: Record<string, string> = {}): ApiResponse =>
  json({ success: false, errors: [{ code, message }], messages: [], result: null }, status, headers);

/** A transport that answers in turn and remembers what it was asked; the last answer is given for ever. */
export function scripted(...answers: (ApiResponse | Error | ((request: ApiRequest) => ApiResponse))[]) {
  const requests: ApiRequest[] = [];
  const send: Send = async (request) => {
    requests.push(request);
    const answer = answers[Math.min(requests.length, answers.length) - 1];
    if (answer === undefined) throw new Error("nothing scripted");
    if (answer instanceof Error) throw answer;
    return typeof answer === "function" ? answer(request) : answer;
  };
  return { send, requests };
}

/** Time that jumps to the next sleeper whenever nothing else is left to do. */
export class VirtualClock implements Clock {
  time = 0;
  readonly #sleepers: { at: number; wake: () => void }[] = [];

  now(): number {
    return this.time;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((wake, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
      this.#sleepers.push({ at: this.time + milliseconds, wake });
    });
  }

  /** Lets time pass until the promise is settled. */
  async during<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const watched = promise.finally(() => {
      settled = true;
    });
    watched.catch(() => undefined);
    while (true) {
      // Twice, so that chains of promises between two sleeps come to rest.
      await setImmediate();
      await setImmediate();
      if (settled) return watched;
      this.#sleepers.sort((a, b) => a.at - b.at);
      const next = this.#sleepers.shift();
      if (next === undefined) throw new Error("everybody waits, nobody sleeps");
      this.time = Math.max(this.time, next.at);
      next.wake();
    }
  }
}

export const token = { kind: "token", token: "cf-canary-7Q2/+x.9Zk_aVt~31" } as const;
