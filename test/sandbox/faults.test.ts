import { describe, expect, it } from "vitest";
import { createSandbox, type Fault, faultKinds, SANDBOX_TOKEN } from "../../src/sandbox/index.ts";
import { listen } from "../../src/sandbox/listen.ts";
import { ask } from "./support.ts";

const group = { name: "Made", include: [{ everyone: {} }] };
const withFaults = (...faults: Fault[]) => createSandbox({ scale: 0, faults });
const groupsIn = async (sandbox: ReturnType<typeof createSandbox>) =>
  (await ask(sandbox, "GET /access/groups")).rows.length;

function soonAborted(): AbortSignal {
  const caller = new AbortController();
  setTimeout(() => caller.abort(), 5);
  return caller.signal;
}

describe("faults in the same process", () => {
  it.each([
    ["refuse", { reason: "unreachable", sent: false }, 0],
    ["reset", { reason: "reset", sent: true }, 0],
    ["reset_after", { reason: "reset", sent: true }, 1],
    ["truncate", { reason: "truncated", sent: true }, 1],
  ] as const)("%s fails with %j and leaves %i groups", async (kind, trouble, left) => {
    const sandbox = withFaults({ kind, match: { method: "POST" } });
    await expect(ask(sandbox, "POST /access/groups", group)).rejects.toMatchObject(trouble);
    expect(await groupsIn(sandbox)).toBe(left);
  });

  it.each([
    ["hang", 0],
    ["hang_after", 1],
  ] as const)("%s ends with the deadline, or with the caller", async (kind, left) => {
    const sandbox = withFaults({ kind, match: { method: "POST" } });
    const deadline = performance.now() + 20;
    await expect(ask(sandbox, "POST /access/groups", group, { deadline })).rejects.toMatchObject({
      reason: "timeout",
    });
    expect(await groupsIn(sandbox)).toBe(left);
    await expect(ask(sandbox, "POST /access/groups", group, { signal: soonAborted() })).rejects.toMatchObject({
      reason: "cancelled",
    });
  });

  it.each([
    ["status", 500, 10001, 0],
    ["throttle", 429, 10429, 0],
    ["throttle971", 200, 971, 0],
    ["redirect", 307, 10307, 0],
    ["success_false", 201, 10001, 1],
  ] as const)("%s answers %i with code %i and leaves %i groups", async (kind, status, code, left) => {
    const sandbox = withFaults({ kind, match: { method: "POST" } });
    const answer = await ask(sandbox, "POST /access/groups", group);
    expect([answer.status, answer.success, answer.errors[0]?.code]).toEqual([status, false, code]);
    expect(await groupsIn(sandbox)).toBe(left);
  });

  it("html, null_result and empty spoil the body of a right answer", async () => {
    const answer = async (kind: Fault["kind"]) => ask(withFaults({ kind }), "GET /access/groups");
    expect(await answer("html")).toMatchObject({ headers: { "content-type": "text/html; charset=utf-8" } });
    expect(await answer("null_result")).toMatchObject({ success: true, result: null });
    expect(await answer("empty")).toMatchObject({ text: "" });
  });

  it("a script says which request, what comes instead, and whether the write was done", async () => {
    const sandbox = withFaults(
      {
        kind: "status",
        status: 503,
        code: 10503,
        message: "busy",
        headers: { "retry-after": "7" },
        nth: [1, 3],
        match: { path: "groups$" },
      },
      { kind: "status", applied: true, match: { method: "POST", path: /access\/groups/ } },
    );
    const first = await ask(sandbox, "GET /access/groups");
    expect([first.status, first.headers["retry-after"], first.errors]).toEqual([
      503,
      "7",
      [{ code: 10503, message: "busy" }],
    ]);
    expect((await ask(sandbox, "GET /access/groups")).status).toBe(200);
    expect((await ask(sandbox, "GET /access/groups")).status).toBe(503);
    expect((await ask(sandbox, "POST /access/groups", group)).status).toBe(500);
    expect(await groupsIn(sandbox)).toBe(1);
  });

  it("delay and latency give the right answer late, and stop waiting with the caller", async () => {
    const slow = createSandbox({ scale: 0, latency: 60_000 });
    await expect(ask(slow, "GET /access/groups", undefined, { signal: soonAborted() })).rejects.toMatchObject({
      reason: "cancelled",
    });
    expect((await ask(withFaults({ kind: "delay", milliseconds: 5 }), "GET /access/groups")).status).toBe(200);
  });
});

describe("faults on the wire", () => {
  const outcome = async (kind: Fault["kind"], more: Partial<Fault> = {}): Promise<string> => {
    const sandbox = createSandbox({ scale: 0, faults: [{ kind, ...more }] });
    const { url, close } = await listen(sandbox, { port: 0 });
    try {
      const answer = await fetch(`${url}/accounts`, {
        headers: { authorization: `Bearer ${SANDBOX_TOKEN}` },
        redirect: "manual",
        signal: AbortSignal.timeout(kind.startsWith("hang") ? 50 : 10_000),
      });
      return `${answer.status} ${await answer.text()}`;
    } catch (error) {
      return (error as Error).name;
    } finally {
      await close();
    }
  };

  it.each([
    ["refuse", "TypeError"],
    ["reset", "TypeError"],
    ["reset_after", "TypeError"],
    ["truncate", "TypeError"],
    ["hang", "TimeoutError"],
    ["hang_after", "TimeoutError"],
  ] as const)("%s breaks the call: %s", async (kind, name) => {
    expect(await outcome(kind)).toBe(name);
  });

  it.each([
    ["html", /^200 <!DOCTYPE html>/],
    ["status", /^500 .*Internal server error/],
    ["redirect", /^307 /],
    ["trickle", /^200 \{"success":true.*\}$/],
  ] as const)("%s answers", async (kind, expected) => {
    expect(await outcome(kind, { milliseconds: 0 })).toMatch(expected);
  });

  it("has every kind tried above or in the process", () => {
    expect(faultKinds).toEqual([
      ...["refuse", "reset", "reset_after", "hang", "hang_after", "status", "throttle", "throttle971", "redirect"],
      ...["html", "success_false", "null_result", "empty", "truncate", "trickle", "delay"],
    ]);
  });
});
