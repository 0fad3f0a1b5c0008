import { expect, it } from "vitest";
import { access } from "../../src/access/index.ts";
import { AccessError } from "../../src/core/errors.ts";
import type { Sandbox } from "../../src/sandbox/index.ts";
import { random } from "../../src/sandbox/random.ts";
import type { Row } from "../sandbox/support.ts";
import { glance, makers, type Write } from "../support/random-writes.ts";
import { type SafeServer, safeServer } from "../support/safe.ts";
import { smallAccount } from "../support/small-account.ts";

const isLong = process.env["LONG"] === "1";
const sequences = Number(process.env["SEQUENCES"] ?? (isLong ? 10_000 : 200));
/** Sequences that share one journal; a long one takes long to read. */
const perJournal = 20;

/**
 * What no undo brings back and nobody decides on: when and by whom something was written. Collections that became empty
 * are as good as none, and nulls as good as nothing.
 */
function essential(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(essential);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(
    ([name, inner]) => inner !== null && !/^(?:created|updated|modified)_(?:at|by)$/.test(name),
  );
  return Object.fromEntries(kept.map(([name, inner]) => [name, essential(inner)]));
}

const state = ({ snapshot }: Sandbox): unknown =>
  essential(Object.fromEntries(Object.entries(snapshot()).filter(([, rows]) => Object.keys(rows).length > 0)));

/** The next write, as chance and what is there have it. */
function nextWrite(sandbox: Sandbox, chance: ReturnType<typeof random>): Write | undefined {
  const maker = makers[chance.pick(Object.keys(makers))];
  try {
    return maker?.(glance(sandbox, chance), chance);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Makes a write if its plan says that it can be undone; the id of the change, or why there is none. */
async function attempt(
  { call }: SafeServer,
  { operation, input, control }: Write,
): Promise<{ id?: string; why: string }> {
  try {
    const plan = (await call(operation, input, { ...control, dry_run: true })).result as {
      undo: Row;
      changes?: unknown;
    };
    if (plan.undo["possible"] !== "yes") return { why: String(plan.undo["possible"]) };
    const { change_id } = await call(operation, input, control);
    return change_id === undefined ? { why: "unchanged" } : { id: change_id, why: "done" };
  } catch (error) {
    // What chance makes is not always accepted; then nothing was done.
    if (error instanceof AccessError && error.facts.outcome !== "unknown") return { why: error.facts.kind };
    throw error;
  }
}

it(`${sequences} sequences of writes, undone in reverse order, leave everything as it was`, {
  timeout: isLong ? 3_600_000 : 60_000,
}, async () => {
  const { sandbox } = await smallAccount();
  const before = state(sandbox);
  const seen = new Map<string, number>();
  let server = safeServer({ confirm: "never", guard: "off" }, { sandbox });
  for (let seed = 1; seed <= sequences; seed++) {
    if (seed % perJournal === 0) server = safeServer({ confirm: "never", guard: "off" }, { sandbox });
    const chance = random(`undo/${seed}`);
    const done: { id: string; write: Write }[] = [];
    for (let step = chance.integer(1, 4); step > 0; step--) {
      const write = nextWrite(sandbox, chance);
      if (write === undefined) continue;
      const { id, why } = await attempt(server, write);
      seen.set(why, (seen.get(why) ?? 0) + 1);
      if (id === undefined) continue;
      done.push({ id, write });
      seen.set(write.operation, (seen.get(write.operation) ?? 0) + 1);
    }
    const told = `seed ${seed}: ${done.map(({ write }) => JSON.stringify(write)).join("\n")}`;
    for (const { id, write } of done.toReversed()) {
      await server.call("undo_change", { change_id: id }).catch((error: unknown) => {
        throw new Error(
          `${told}\nundo of ${write.operation}: ${JSON.stringify((error as AccessError).facts ?? error)}`,
          { cause: error },
        );
      });
    }
    expect(state(sandbox), told).toEqual(before);
  }
  const undone = access.filter(({ name }) => seen.has(name)).map(({ name }) => name);
  if (isLong) process.stderr.write(`${sequences} sequences: ${JSON.stringify(Object.fromEntries(seen))}\n`);
  expect(seen.get("done")).toBeGreaterThan(sequences);
  // Every way of writing that can be undone at all took part.
  expect(undone.length).toBeGreaterThan(30);
});
