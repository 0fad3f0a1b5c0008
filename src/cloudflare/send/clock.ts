import { setTimeout } from "node:timers/promises";

/** Time as the stack sees it, in milliseconds of `performance.now()`; tests put a virtual one in its place. */
export interface Clock {
  now(): number;
  /** Rejects when the signal aborts. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

export const realClock: Clock = {
  now: () => performance.now(),
  sleep: (milliseconds, signal) => setTimeout(milliseconds, undefined, signal && { signal }),
};
