import { AccessError } from "../../core/errors.ts";
import { type ApiRequest, type ApiResponse, type Send, SendError } from "../../core/send.ts";
import type { Clock } from "./clock.ts";
import { isThrottled, quotasIn, retryAfterSeconds } from "./limits.ts";

/** Requests that may come at once, and how many a second come on top. */
export interface Bucket {
  readonly capacity: number;
  readonly per_second: number;
}

/**
 * 80 % of what Cloudflare allows (docs, fundamentals/api/reference/limits), the rest is for people at the dashboard:
 * 960 of 1,200 in any 300 s for one user, 160 of 200 in any second for one address.
 */
const cloudflareBudget: readonly Bucket[] = [
  { capacity: 480, per_second: 1.6 },
  { capacity: 80, per_second: 80 },
];

/** The share of a quota that is left to people, and the share above it in which requests are spread out. */
const RESERVE = 0.2;
const NEAR = 0.2;
/** A stated window longer than Cloudflare's own is not believed. */
const LONGEST_WINDOW = 300_000;
/** How often those who wait are told when it has become hopeless. */
const REVIEW = 1_000;

interface Window {
  size: number;
  remaining: number;
  ends: number;
}

interface Waiter {
  readonly request: ApiRequest;
  readonly go: () => void;
  readonly fail: (error: Error) => void;
}

/** Slows down before the wall: requests wait their turn, in order, or fail at once when it comes after their deadline. */
export function budget(clock: Clock, buckets: readonly Bucket[] = cloudflareBudget): (next: Send) => Send {
  const levels = buckets.map((bucket) => ({ ...bucket, level: bucket.capacity, at: clock.now() }));
  const windows = new Map<string, Window>();
  const queue: Waiter[] = [];
  let closedUntil = Number.NEGATIVE_INFINITY;
  let lastStart = Number.NEGATIVE_INFINITY;
  let underway = 0;

  /** Milliseconds until a request with `before` others ahead of it may start. */
  function waitBehind(before: number): number {
    const now = clock.now();
    let wait = closedUntil - now;
    for (const bucket of levels) {
      bucket.level = Math.min(bucket.capacity, bucket.level + ((now - bucket.at) / 1000) * bucket.per_second);
      bucket.at = now;
      wait = Math.max(wait, ((before + 1 - bucket.level) / bucket.per_second) * 1000);
    }
    for (const { size, remaining, ends } of windows.values()) {
      const left = ends - now;
      if (left <= 0) continue;
      const usable = remaining - RESERVE * size;
      if (usable < before + 1) wait = Math.max(wait, left);
      else if (usable < NEAR * size) wait = Math.max(wait, lastStart + (left / usable) * (before + 1) - now);
    }
    return Math.ceil(wait);
  }

  function start(): void {
    for (const bucket of levels) bucket.level -= 1;
    for (const window of windows.values()) window.remaining -= 1;
    lastStart = clock.now();
    underway += 1;
  }

  /** Lets those who wait go one by one; runs while anybody waits. */
  async function serve(): Promise<void> {
    while (queue.length > 0) {
      const wait = waitBehind(0);
      for (const waiter of queue.splice(0)) {
        if (waiter.request.signal.aborted) waiter.fail(new SendError("cancelled", false));
        else if (clock.now() + wait > waiter.request.deadline) waiter.fail(exhausted(wait));
        else queue.push(waiter);
      }
      if (wait > 0 && queue.length > 0) await clock.sleep(Math.min(wait, REVIEW));
      else if (queue[0] !== undefined) {
        start();
        queue.shift()?.go();
      }
    }
  }

  async function turn(request: ApiRequest): Promise<void> {
    const wait = waitBehind(queue.length);
    if (queue.length === 0 && wait <= 0) return start();
    if (clock.now() + wait > request.deadline) throw exhausted(wait);
    await new Promise<void>((go, fail) => {
      queue.push({ request, go, fail });
      if (queue.length === 1) void serve();
    });
  }

  function learn(response: ApiResponse): void {
    const now = clock.now();
    if (isThrottled(response)) closedUntil = Math.max(closedUntil, now + (retryAfterSeconds(response) ?? 1) * 1000);
    for (const { name, remaining, size, seconds } of quotasIn(response)) {
      const known = windows.get(name)?.size ?? 0;
      windows.set(name, {
        // An unstated size is at least what was once left of it.
        size: size ?? Math.max(known, remaining),
        // Others underway may not have been counted yet.
        remaining: remaining - underway,
        ends: now + Math.min(seconds * 1000, LONGEST_WINDOW),
      });
    }
  }

  return (next) => async (request) => {
    await turn(request);
    try {
      const response = await next(request);
      underway -= 1;
      learn(response);
      return response;
    } catch (error) {
      underway -= 1;
      throw error;
    }
  };
}

function exhausted(wait: number): AccessError {
  const seconds = Math.ceil(wait / 1000);
  return new AccessError(`Cloudflare's request limit is nearly used up; the next request may go in ${seconds} s`, {
    kind: "throttled",
    next: `Wait ${seconds} seconds, then call again; nothing was sent.`,
    outcome: "not_sent",
    retry_after_seconds: seconds,
  });
}
