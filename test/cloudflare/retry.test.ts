import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createClient } from "../../src/cloudflare/client.ts";
import { sendStack } from "../../src/cloudflare/send/index.ts";
import type { ApiRequest, ApiResponse, Send } from "../../src/core/send.ts";
import { SendError } from "../../src/core/send.ts";
import { failureOf } from "../support/calls.ts";
import { bad, callOf, good, requestOf, scripted, token, VirtualClock } from "./harness.ts";

const baseUrl = new URL("https://api.example/client/v4");

function stack(transport: Send, random: () => number = () => 0.5) {
  const clock = new VirtualClock();
  const times: number[] = [];
  const timed: Send = (request) => {
    times.push(clock.now());
    return transport(request);
  };
  return {
    send: sendStack({ baseUrl, credentials: token, transport: timed, clock, random, budget: [] }),
    clock,
    times,
  };
}

const virtual = (method: ApiRequest["method"], deadline = 60_000) => requestOf(method, { deadline });

const outcomeOf = (promise: Promise<ApiResponse>) =>
  promise.then(
    ({ status }) => status,
    (error: unknown) => (error instanceof SendError ? `${error.reason}${error.sent ? "" : " (not sent)"}` : error),
  );

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;
const faults: Record<string, { answer: ApiResponse | Error; writes: 1 | 3; reads: 1 | 3 }> = {
  "connection refused": { answer: new SendError("unreachable", false), writes: 3, reads: 3 },
  "connect timeout": { answer: new SendError("timeout", false), writes: 3, reads: 3 },
  "429 with Retry-After": { answer: bad(429, 1, "x", { "retry-after": "2" }), writes: 3, reads: 3 },
  "429 without": { answer: bad(429, 1), writes: 3, reads: 3 },
  "971 with 200": { answer: bad(200, 971), writes: 3, reads: 3 },
  "971 with 400": { answer: bad(400, 971), writes: 3, reads: 3 },
  "971 with 503": { answer: bad(503, 971), writes: 3, reads: 3 },
  "500": { answer: bad(500, 10001), writes: 1, reads: 3 },
  "502": { answer: { status: 502, headers: {}, body: "<html>" }, writes: 1, reads: 3 },
  "503": { answer: bad(503, 1), writes: 1, reads: 3 },
  "524": { answer: bad(524, 1), writes: 1, reads: 3 },
  reset: { answer: new SendError("reset", true), writes: 1, reads: 3 },
  timeout: { answer: new SendError("timeout", true), writes: 1, reads: 3 },
  truncated: { answer: new SendError("truncated", true), writes: 1, reads: 3 },
  "too large": { answer: new SendError("too_large", true), writes: 1, reads: 1 },
  cancelled: { answer: new SendError("cancelled", true), writes: 1, reads: 1 },
  "400": { answer: bad(400, 12130), writes: 1, reads: 1 },
  "401": { answer: bad(401, 10000), writes: 1, reads: 1 },
  "403": { answer: bad(403, 10000), writes: 1, reads: 1 },
  "404": { answer: bad(404, 1), writes: 1, reads: 1 },
  "409": { answer: bad(409, 11010), writes: 1, reads: 1 },
  "200 success:false": { answer: bad(200, 12130), writes: 1, reads: 1 },
  "200 HTML": { answer: { status: 200, headers: {}, body: "<html>" }, writes: 1, reads: 1 },
  "200 cut off": { answer: { status: 200, headers: {}, body: '{"success":true,"re' }, writes: 1, reads: 3 },
  "302": { answer: { status: 302, headers: {}, body: "" }, writes: 1, reads: 1 },
  "200 that mentions 971": { answer: good({ code: 971 }), writes: 1, reads: 1 },
};

describe("the retry contract", () => {
  it.each(methods.flatMap((method) => Object.entries(faults).map(([name, fault]) => [method, name, fault] as const)))(
    "%s, %s",
    async (method, _, { answer, reads, writes }) => {
      const { send: transport, requests } = scripted(answer);
      const { send, clock } = stack(transport);
      await clock.during(outcomeOf(send(virtual(method))));
      expect(requests).toHaveLength(method === "GET" ? reads : writes);
    },
  );

  it.each(["GET", "POST"] as const)("%s succeeds when the trouble passes", async (method) => {
    const { send: transport, requests } = scripted(new SendError("unreachable", false), bad(429, 1), good(1));
    const { send, clock } = stack(transport);
    expect(await clock.during(outcomeOf(send(virtual(method))))).toBe(200);
    expect(requests.map(({ body }) => body)).toEqual(Array(3).fill(requests[0]?.body));
  });

  it("takes text that looks like JSON cut off as it is", async () => {
    const { send: transport, requests } = scripted({ status: 200, headers: {}, body: "{ PEM" });
    const { send, clock } = stack(transport);
    await clock.during(outcomeOf(send(requestOf("GET", { deadline: 60_000, text: true }))));
    expect(requests).toHaveLength(1);
  });

  it("F7 sends 10,000 creates once each under resets, 5xx and timeouts, and calls none a success", async () => {
    const reached: number[] = [];
    const trouble = fc.sample(
      fc.constantFrom<ApiResponse | Error>(
        new SendError("reset", true),
        new SendError("timeout", true),
        new SendError("truncated", true),
        bad(500, 1),
        { status: 502, headers: {}, body: "<html><title>Bad gateway</title>" },
      ),
      { numRuns: 10_000, seed: 7 },
    );
    const { send, clock } = stack(async ({ body }) => {
      const { name } = body as { name: number };
      reached[name] = (reached[name] ?? 0) + 1;
      const answer = trouble[name];
      if (answer === undefined || answer instanceof Error) throw answer;
      return answer;
    });
    const client = createClient({ send });
    const failures = await clock.during(
      Promise.all(trouble.map((_, name) => failureOf(client(callOf("create_group", { name }, { deadline: 60_000 }))))),
    );
    expect(reached).toEqual(Array(10_000).fill(1));
    expect(new Set(failures.map(({ facts }) => facts.outcome))).toEqual(new Set(["unknown"]));
  });

  it("F6 asks once about a bad write that always answers 500, and shows why", async () => {
    const { send: transport, requests } = scripted(
      bad(500, 12130, "access.api.error.invalid_request: x", { "cf-ray": "r-1" }),
    );
    const { send, clock } = stack(transport);
    const call = callOf("create_group", { name: "n" }, { deadline: 60_000 });
    const { facts } = await clock.during(failureOf(createClient({ send })(call)));
    expect(requests).toHaveLength(1);
    expect(facts).toMatchObject({ status: 500, ray: "r-1", errors: [{ code: 12130 }] });
  });

  it("F26 asks once with a token that may not", async () => {
    const { send: transport, requests } = scripted(bad(403, 10000));
    const { send, clock } = stack(transport);
    const call = callOf("list_groups", {}, { deadline: 60_000, view: { all: true } });
    expect((await clock.during(failureOf(createClient({ send })(call)))).facts.kind).toBe("permission");
    expect(requests).toHaveLength(1);
  });

  it.each<[string, object, string, number]>([
    ["ECONNREFUSED", { code: "ECONNREFUSED" }, "unreachable (not sent)", 3],
    ["EAI_AGAIN", { code: "EAI_AGAIN" }, "unreachable (not sent)", 3],
    ["ECONNRESET", { code: "ECONNRESET" }, "reset", 1],
    ["EPIPE", { code: "EPIPE" }, "reset", 1],
    ["TimeoutError", { name: "TimeoutError" }, "timeout", 1],
  ])("understands the %s of any transport", async (_, marks, outcome, times) => {
    const { send: transport, requests } = scripted(Object.assign(new Error(`Bearer ${token.token}`), marks));
    const { send, clock } = stack(transport);
    expect(await clock.during(outcomeOf(send(virtual("POST"))))).toBe(outcome);
    expect(requests).toHaveLength(times);
  });

  it("leaves an error of the program as it is", async () => {
    const mistake = new TypeError("x is not a function");
    const { send: transport, requests } = scripted(mistake);
    expect(await outcomeOf(stack(transport).send(virtual("GET")))).toBe(mistake);
    expect(requests).toHaveLength(1);
  });

  it("does not sleep into a deadline", async () => {
    const { send: transport, requests } = scripted(new SendError("reset", true));
    const { send, clock } = stack(transport);
    await clock.during(outcomeOf(send(virtual("GET", 20))));
    expect(requests).toHaveLength(1);
    expect(clock.time).toBe(0);
  });

  it("F22 sends nothing for a call that is over, and ends a wait when it is cancelled", async () => {
    const { send: transport, requests } = scripted(new SendError("unreachable", false));
    const { send, clock } = stack(transport);
    expect(await outcomeOf(send(requestOf("POST", { signal: AbortSignal.abort() })))).toBe("cancelled (not sent)");
    expect(await outcomeOf(send(virtual("POST", 0)))).toBe("timeout (not sent)");
    expect(requests).toHaveLength(0);
    const giving = new AbortController();
    const waiting = outcomeOf(send(requestOf("POST", { signal: giving.signal, deadline: 60_000 })));
    setImmediate(() => giving.abort());
    expect(await waiting).toBe("cancelled (not sent)");
    expect(requests).toHaveLength(1);
    expect(clock.time).toBe(0);
  });
});

describe("F1-F3: Retry-After", () => {
  const date = "Sun, 01 Nov 2026 10:00:00 GMT";

  it.each<[string, Record<string, string>, number, number]>([
    ["whole seconds", { "retry-after": "5" }, 5_000, 5_500],
    ["longer than a backoff", { "retry-after": "45" }, 45_000, 45_500],
    ["an HTTP date, by the server's clock", { "retry-after": "Sun, 01 Nov 2026 10:00:08 GMT", date }, 8_000, 8_500],
    ["a date gone by", { "retry-after": "Sun, 01 Nov 2026 09:00:00 GMT", date }, 1_000, 1_500],
    ["negative", { "retry-after": "-5" }, 1_000, 1_500],
    ["zero", { "retry-after": "0" }, 1_000, 1_500],
    ["garbage", { "retry-after": "abc" }, 1_000, 1_500],
    ["empty", { "retry-after": "" }, 1_000, 1_500],
    ["a number with units", { "retry-after": "5s" }, 1_000, 1_500],
    ["none", {}, 1_000, 1_500],
  ])("%s", async (_, headers, least, most) => {
    for (const random of [0, 0.999]) {
      for (const answer of [bad(429, 1, "x", headers), bad(503, 971, "x", headers)]) {
        const { send, clock, times } = stack(scripted(answer, good(1)).send, () => random);
        expect(await clock.during(outcomeOf(send(virtual("POST"))))).toBe(200);
        expect(times[1]).toBeGreaterThanOrEqual(least);
        expect(times[1]).toBeLessThan(most);
      }
    }
  });

  it.each([
    ["61", 61],
    ["86400", 86_400],
    ["999999999999", 86_400],
  ])("%s does not fit the deadline: the call fails at once and says how long", async (seconds, told) => {
    const { send: transport, requests } = scripted(bad(429, 1, "x", { "retry-after": seconds }));
    const { send, clock } = stack(transport);
    const call = callOf("create_group", { name: "n" }, { deadline: 60_000 });
    const { facts } = await clock.during(failureOf(createClient({ send })(call)));
    expect(facts).toMatchObject({ kind: "throttled", retry_after_seconds: told, outcome: "not_done" });
    expect(requests).toHaveLength(1);
    expect(clock.time).toBe(0);
  });

  it("F1 nobody else asks either while it lasts", async () => {
    const answers = [bad(429, 1, "x", { "retry-after": "20" })];
    const { send, clock, times } = stack(async () => answers.shift() ?? good(1));
    const first = send(virtual("GET"));
    const others = clock.sleep(3_000).then(() => Promise.all([1, 2, 3].map(() => send(virtual("POST")))));
    await clock.during(Promise.all([first, others]));
    expect(times[0]).toBe(0);
    expect(times).toHaveLength(5);
    for (const time of times.slice(1)) expect(time).toBeGreaterThanOrEqual(20_000);
  });

  it("F2 a server that only ever says 429 hears one request in the first second", async () => {
    const { send, clock, times } = stack(scripted(bad(429, 1)).send, () => 0);
    await clock.during(outcomeOf(send(virtual("GET"))));
    expect(times.filter((time) => time < 1_000)).toHaveLength(1);
  });
});

describe("F5: an outage", () => {
  it.each<[string, ApiResponse | Error]>([
    ["502", bad(502, 1)],
    ["resets", new SendError("reset", true)],
    ["timeouts", new SendError("timeout", true)],
    ["refused connections", new SendError("unreachable", false)],
  ])("%s: at most 1.1 requests a call", async (_, fault) => {
    const { send: transport, requests } = scripted(fault);
    const { send, clock } = stack(transport);
    for (let call = 0; call < 2_000; call++) await clock.during(outcomeOf(send(virtual("GET", clock.now() + 60_000))));
    expect(requests.length).toBeGreaterThan(2_000);
    expect(requests.length).toBeLessThanOrEqual(2_200);
  });

  it("retries recover with successes, and stay at a tenth of the calls when every fifth answer fails", async () => {
    let count = 0;
    const { send, clock } = stack(async () => (count++ % 5 === 0 ? bad(503, 1) : good(1)));
    const statuses: unknown[] = [];
    for (let call = 0; call < 5_000; call++) {
      statuses.push(await clock.during(outcomeOf(send(virtual("GET", clock.now() + 60_000)))));
    }
    expect(count).toBeLessThanOrEqual(5_000 * 1.1 + 100);
    expect(statuses.slice(0, 400).every((status) => status === 200)).toBe(true);
  });

  it("reads come through a short burst", async () => {
    const { send, clock } = stack(scripted(bad(503, 1), bad(503, 1), good(1)).send);
    expect(await clock.during(outcomeOf(send(virtual("GET"))))).toBe(200);
  });
});
