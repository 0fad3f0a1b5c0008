import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createClient } from "../../src/cloudflare/client.ts";
import type { Bucket } from "../../src/cloudflare/send/budget.ts";
import { sendStack } from "../../src/cloudflare/send/index.ts";
import { type ApiResponse, type Send, SendError } from "../../src/core/send.ts";
import { failureOf } from "../support/calls.ts";
import { bad, callOf, good, requestOf, token, VirtualClock } from "./harness.ts";

const baseUrl = new URL("https://api.example/client/v4");
const LIMIT = 1_200;
const WINDOW = 300;

function stack(clock: VirtualClock, transport: Send, budget?: readonly Bucket[]) {
  return sendStack({ baseUrl, credentials: token, transport, clock, random: () => 0.5, ...(budget && { budget }) });
}

type Say = (left: number, seconds: number) => Record<string, string>;

const ratelimit: Say = (left, seconds) => ({
  ratelimit: `"default";r=${left};t=${seconds}`,
  "ratelimit-policy": `"burst";q=100000;w=1, "default";q=${LIMIT};w=${WINDOW}`,
});
const older: Say = (left, seconds) => ({
  "x-ratelimit-limit": String(LIMIT),
  "x-ratelimit-remaining": String(left),
  "x-ratelimit-reset": String(seconds),
});

/** Cloudflare's limit: fixed windows shared with people; going over bars everybody for five minutes. */
class Limited {
  refused = 0;
  least = LIMIT;
  readonly times: number[] = [];
  #ends = WINDOW;
  #used = 0;
  #people = 0;

  readonly #clock: VirtualClock;
  readonly #say: Say;
  readonly #peoplePerSecond: number;

  constructor(clock: VirtualClock, say: Say, peoplePerSecond: number) {
    this.#clock = clock;
    this.#say = say;
    this.#peoplePerSecond = peoplePerSecond;
  }

  readonly send: Send = async () => {
    const now = this.#clock.now() / 1000;
    if (now >= this.#ends) [this.#ends, this.#used, this.#people] = [now + WINDOW, 0, now];
    this.#used += 1 + Math.floor((now - this.#people) * this.#peoplePerSecond);
    this.#people = now;
    this.times.push(now);
    const left = Math.max(0, LIMIT - this.#used);
    this.least = Math.min(this.least, left);
    const headers = this.#say(left, Math.ceil(this.#ends - now));
    if (this.#used <= LIMIT) return { ...good([]), headers };
    this.refused += 1;
    return bad(429, 10013, "slow down", { ...headers, "retry-after": String(WINDOW) });
  };
}

/** Makes list calls, 12 at a time; those that are told to wait do so. */
async function agents(clock: VirtualClock, send: Send, calls: number): Promise<number> {
  const client = createClient({ send });
  let left = calls;
  let done = 0;
  const agent = async () => {
    while (left-- > 0) {
      for (;;) {
        const call = callOf("list_groups", {}, { deadline: clock.now() + 60_000 });
        try {
          await client(call);
          done += 1;
          break;
        } catch (error) {
          const seconds = (error as { facts: { retry_after_seconds: number } }).facts.retry_after_seconds;
          await clock.sleep(seconds * 1000);
        }
      }
    }
  };
  await clock.during(Promise.all(Array.from({ length: 12 }, agent)));
  return done;
}

const mostWithin = (times: readonly number[], seconds: number) =>
  Math.max(...times.map((start) => times.filter((time) => time >= start && time < start + seconds).length));

describe("F4: the request budget", () => {
  it.each<[string, Say, number]>([
    ["Ratelimit headers", ratelimit, 0],
    ["X-RateLimit headers", older, 0],
    ["no headers", () => ({}), 0],
    ["Ratelimit headers, and people who take two a second", ratelimit, 2],
    ["X-RateLimit headers, and people who take two a second", older, 2],
  ])("2,000 list calls, %s: no 429, a fifth is kept for people", async (_, say, people) => {
    const clock = new VirtualClock();
    const api = new Limited(clock, say, people);
    expect(await agents(clock, stack(clock, api.send), 2_000)).toBe(2_000);
    expect(api.refused).toBe(0);
    // The kept share is there to be used by people.
    expect(api.least).toBeGreaterThanOrEqual(people === 0 ? LIMIT * 0.2 : 1);
  });

  it("never sends more than 960 requests in 300 s or 160 in a second, whatever the calls", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ pause: fc.integer({ min: 0, max: 200_000 }), calls: fc.integer({ min: 1, max: 700 }) }), {
          minLength: 1,
          maxLength: 8,
        }),
        async (bursts) => {
          const clock = new VirtualClock();
          const times: number[] = [];
          const send = stack(clock, async () => {
            times.push(clock.now() / 1000);
            return good([]);
          });
          for (const { pause, calls } of bursts) {
            await clock.during(clock.sleep(pause));
            const deadline = clock.now() + 60_000;
            await clock.during(
              Promise.allSettled(Array.from({ length: calls }, () => send(requestOf("GET", { deadline })))),
            );
          }
          expect(mostWithin(times, 300)).toBeLessThanOrEqual(960);
          expect(mostWithin(times, 1)).toBeLessThanOrEqual(160);
        },
      ),
      { numRuns: 25 },
    );
  });

  it("lets calls go in order, and fails at once the one whose turn comes after its deadline", async () => {
    const clock = new VirtualClock();
    const order: unknown[] = [];
    const send = stack(
      clock,
      async ({ query }) => {
        order.push(query[0]?.[1]);
        return good([]);
      },
      [{ capacity: 1, per_second: 0.1 }],
    );
    const ask = (name: string, deadline: number) => send(requestOf("GET", { query: [["name", name]], deadline }));
    const calls = ["a", "b", "c"].map((name) => ask(name, 60_000));
    const late = await failureOf(ask("late", 25_000));
    expect(late.facts).toMatchObject({ kind: "throttled", outcome: "not_sent", retry_after_seconds: 30 });
    expect(late.facts.next).toContain("30 seconds");
    expect(clock.time).toBe(0);
    await clock.during(Promise.all(calls));
    expect(order).toEqual(["a", "b", "c"]);
    expect(clock.time).toBeGreaterThanOrEqual(20_000);
  });

  it("lets go of a call that is cancelled while it waits", async () => {
    const clock = new VirtualClock();
    let sent = 0;
    const send = stack(clock, async () => {
      sent += 1;
      return good([]);
    }, [{ capacity: 1, per_second: 0.1 }]);
    const giving = new AbortController();
    await send(requestOf("GET", { deadline: 60_000 }));
    const waiting = send(requestOf("POST", { deadline: 60_000, signal: giving.signal })).catch((error) => error);
    const next = send(requestOf("GET", { deadline: 60_000 }));
    giving.abort();
    const error = await clock.during(waiting);
    expect(error).toBeInstanceOf(SendError);
    expect(error).toMatchObject({ reason: "cancelled", sent: false });
    await clock.during(next);
    expect(sent).toBe(2);
  });

  it("gives up those who wait when a 429 shuts the gate beyond their deadline", async () => {
    const clock = new VirtualClock();
    const answers: ApiResponse[] = [bad(429, 1, "x", { "retry-after": "300" })];
    const send = stack(clock, async () => answers.shift() ?? good([]), [{ capacity: 1, per_second: 0.5 }]);
    const first = send(requestOf("GET", { deadline: 60_000 }));
    const second = failureOf(send(requestOf("GET", { deadline: 60_000 })));
    expect((await clock.during(first)).status).toBe(429);
    expect((await clock.during(second)).facts.kind).toBe("throttled");
    expect(clock.time).toBeLessThan(5_000);
    clock.time = 300_000;
    expect((await clock.during(send(requestOf("GET", { deadline: 360_000 })))).status).toBe(200);
  });

  it.each<[string, Record<string, string>]>([
    ["nothing left", { ratelimit: '"default";r=0;t=30', "ratelimit-policy": '"default";q=100;w=60' }],
    ["only the people's share left", { ratelimit: '"default";r=20;t=30', "ratelimit-policy": '"default";q=100;w=60' }],
    [
      "nothing left, older headers",
      { "x-ratelimit-limit": "100", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "30" },
    ],
    ["one of two quotas used up", { ratelimit: '"default";r=900;t=200, "burst";r=0;t=30' }],
  ])("waits for the next window with %s", async (_, headers) => {
    const clock = new VirtualClock();
    const send = stack(clock, async () => ({ ...good([]), headers }));
    await clock.during(send(requestOf("GET", { deadline: 60_000 })));
    await clock.during(send(requestOf("GET", { deadline: 60_000 })));
    expect(clock.time).toBe(30_000);
  });

  it("spreads requests out as the people's share comes near", async () => {
    const clock = new VirtualClock();
    let left = 30;
    const send = stack(clock, async () => ({
      ...good([]),
      headers: {
        ratelimit: `"default";r=${left--};t=${Math.ceil((100_000 - clock.now()) / 1000)}`,
        "ratelimit-policy": '"default";q=100;w=300',
      },
    }));
    for (let call = 0; call < 6; call++) await clock.during(send(requestOf("GET", { deadline: clock.now() + 60_000 })));
    expect(clock.time).toBeGreaterThan(40_000);
    expect(clock.time).toBeLessThan(100_000);
  });

  it.each<[string, Record<string, string>]>([
    ["garbage", { ratelimit: "lots", "x-ratelimit-remaining": "few" }],
    ["no numbers", { ratelimit: '"default";r=x;t=y', "ratelimit-policy": ";;;,,," }],
    ["half a statement", { ratelimit: '"default";r=0', "x-ratelimit-remaining": "0" }],
    ["negative numbers", { ratelimit: '"default";r=-1;t=-5' }],
    ["plenty left", { ratelimit: '"default";r=1100;t=290', "ratelimit-policy": '"default";q=1200;w=300' }],
    ["a window gone by", { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1500000000" }],
  ])("does not wait with %s", async (_, headers) => {
    const clock = new VirtualClock();
    const send = stack(clock, async () => ({ ...good([]), headers }));
    for (let call = 0; call < 5; call++) await clock.during(send(requestOf("GET", { deadline: 60_000 })));
    expect(clock.time).toBe(0);
  });

  it("does not believe a window longer than Cloudflare's", async () => {
    const clock = new VirtualClock();
    const send = stack(clock, async () => ({ ...good([]), headers: { ratelimit: '"default";r=0;t=999999' } }));
    await clock.during(send(requestOf("GET", { deadline: 60_000 })));
    const { facts } = await failureOf(send(requestOf("GET", { deadline: 60_000 })));
    expect(facts.retry_after_seconds).toBe(300);
  });
});
