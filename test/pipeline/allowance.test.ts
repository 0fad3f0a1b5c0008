import { describe, expect, it } from "vitest";
import { access } from "../../src/access/index.ts";
import { compose } from "../../src/core/call.ts";
import type { AccessError } from "../../src/core/errors.ts";
import { type Allowances, allowance } from "../../src/pipeline/allowance.ts";
import { callOf, failureOf } from "../support/calls.ts";
import { exampleOf } from "../support/examples.ts";

const minute = 60_000;

/** A process with a budget and a clock that only the test moves. */
function processWith(limits: Partial<Allowances>) {
  const clock = { now: 5_000 };
  const done: string[] = [];
  const stage = allowance({ destroysPer10Minutes: 1000, writesPerMinute: 1000, ...limits }, () => clock.now);
  const run = compose([stage], async ({ entry }) => {
    done.push(entry.name);
    return { result: null, notes: [] };
  });
  const call = (name: string, input: Record<string, unknown> = {}) => run(callOf(name, input));
  return { clock, done, call, remove: () => call("delete_group", { group_id: "g" }) };
}

const ends = (attempts: readonly Promise<unknown>[]) =>
  Promise.all(
    attempts.map((attempt) =>
      attempt.then(
        () => "done",
        (error: unknown) => error as AccessError,
      ),
    ),
  );

describe("the allowance", () => {
  it("stops a loop of 300 deletes at the budget, with one reason that names the way on", async () => {
    const { done, remove, clock } = processWith({ destroysPer10Minutes: 20 });
    const refusals: AccessError[] = [];
    for (let at = 0; at < 300; at++) {
      await remove().catch((error: AccessError) => refusals.push(error));
      clock.now += 1_000;
    }
    expect(done).toHaveLength(20);
    expect(refusals).toHaveLength(280);
    expect(new Set(refusals.map(({ message }) => message))).toEqual(
      new Set(["delete_group is refused: 20 of 20 deletions and revocations allowed per 10 minutes are done"]),
    );
    expect(refusals[0]?.facts).toEqual({
      kind: "refused",
      outcome: "not_sent",
      retry_after_seconds: 580,
      next: "Wait 580 seconds, or have the operator raise --max-destroys; nothing was sent.",
    });
  });

  it("holds for calls at the same time", async () => {
    const { done, remove } = processWith({ destroysPer10Minutes: 7 });
    const answers = await ends(Array.from({ length: 300 }, remove));
    expect(answers.filter((answer) => answer === "done")).toHaveLength(7);
    expect(done).toHaveLength(7);
  });

  it("lets the next one go exactly when it said", async () => {
    const { clock, call } = processWith({ writesPerMinute: 2 });
    const create = () => call("create_tag", { name: "t" });
    await create();
    clock.now += 10_000;
    await create();
    const refusal = await failureOf(create());
    expect(refusal.facts.retry_after_seconds).toBe(50);
    expect(refusal.message).toContain("2 of 2 writes allowed per minute are done");
    expect(refusal.facts.next).toContain("--max-writes");
    clock.now += 50_000 - 1;
    expect((await failureOf(create())).facts.retry_after_seconds).toBe(1);
    clock.now += 1;
    await create();
    expect((await failureOf(create())).facts.retry_after_seconds).toBe(10);
  });

  it("never lets more through in any window, however calls come", async () => {
    const { clock, remove } = processWith({ destroysPer10Minutes: 5, writesPerMinute: 3 });
    const times: number[] = [];
    for (let at = 0; at < 600; at++) {
      await remove().then(
        () => times.push(clock.now),
        () => undefined,
      );
      clock.now += (at * 7919) % 20_000;
    }
    const most = (length: number) =>
      Math.max(...times.map((from) => times.filter((time) => time >= from && time < from + length).length));
    expect(most(10 * minute)).toBe(5);
    expect(most(minute)).toBe(3);
  });

  it("counts by declared effect: reads are free, deletes and revocations are destroys, all but reads are writes", async () => {
    for (const entry of access) {
      const isDestroy = entry.effect === "delete" || entry.effect === "revoke";
      const [noDestroys, noWrites] = [processWith({ destroysPer10Minutes: 0 }), processWith({ writesPerMinute: 0 })];
      const attempts = [noDestroys, noWrites].map(({ call }) => call(entry.name, exampleOf(entry, "minimal")));
      const [destroy, write] = (await ends(attempts)).map((end) => end !== "done");
      expect([entry.name, destroy, write]).toEqual([entry.name, isDestroy, entry.effect !== "read"]);
    }
  });

  it("counts a call that was refused not at all", async () => {
    const { clock, done, call, remove } = processWith({ destroysPer10Minutes: 1, writesPerMinute: 2 });
    await remove();
    for (let at = 0; at < 50; at++) await failureOf(remove());
    await call("create_tag", { name: "t" });
    expect(done).toHaveLength(2);
    clock.now += 10 * minute;
    await remove();
  });

  it("counts every object of a call that brings a list of them", async () => {
    const ids = (count: number) => ({ target_ids: Array.from({ length: count }, (_, at) => `t${at}`) });
    const { done, call, remove } = processWith({ destroysPer10Minutes: 10 });
    await call("delete_targets", ids(6));
    const refusal = await failureOf(call("delete_targets", ids(5)));
    expect(refusal.message).toContain(
      "6 of 10 deletions and revocations allowed per 10 minutes are done; this call brings 5",
    );
    expect(refusal.facts.retry_after_seconds).toBe(600);
    await call("delete_targets", ids(3));
    await remove();
    expect((await failureOf(remove())).message).toContain("10 of 10");
    expect(done).toHaveLength(3);

    const targets = Array.from({ length: 4 }, (_, at) => ({ hostname: `h${at}`, ip: {} }));
    const writer = processWith({ writesPerMinute: 7 });
    await writer.call("create_targets", { targets });
    expect((await failureOf(writer.call("create_targets", { targets }))).message).toContain("this call brings 4");
    const hostnames = Array.from({ length: 9 }, (_, at) => `h${at}.example.com`);
    await writer.call("create_mtls_certificate", { name: "c", certificate: "", associated_hostnames: hostnames });
    await writer.call("create_group", { name: "g", include: [{}, {}, {}, {}, {}, {}] });
  });

  it("promises no time for what it never allows", async () => {
    const { call, remove } = processWith({ destroysPer10Minutes: 3 });
    const tooMany = await failureOf(call("delete_targets", { target_ids: ["a", "b", "c", "d"] }));
    expect(tooMany.facts.retry_after_seconds).toBeUndefined();
    expect(tooMany.facts.next).toBe(
      "Make it at most 3 a call, or have the operator raise --max-destroys; nothing was sent.",
    );
    await remove();
    const none = await failureOf(processWith({ writesPerMinute: 0 }).remove());
    expect(none.facts.retry_after_seconds).toBeUndefined();
    expect(none.facts.next).toBe("Have the operator raise --max-writes; nothing was sent.");
  });

  it("gives one reason, the one that lasts longest, when two budgets are used up", async () => {
    const { remove } = processWith({ destroysPer10Minutes: 2, writesPerMinute: 2 });
    await remove();
    await remove();
    const { message, facts } = await failureOf(remove());
    expect(message).toContain("deletions");
    expect(message).not.toContain("writes");
    expect(facts.retry_after_seconds).toBe(600);
  });
});
