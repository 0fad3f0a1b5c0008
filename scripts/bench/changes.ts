import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "../../src/cloudflare/client.ts";
import { sendStack } from "../../src/cloudflare/send/index.ts";
import type { Call, Next } from "../../src/core/call.ts";
import { fileMemory } from "../../src/main/memory.ts";
import { safetyFor } from "../../src/main/safety.ts";
import { readSettings } from "../../src/main/settings.ts";
import { pipeline } from "../../src/pipeline/index.ts";
import type { Safety } from "../../src/pipeline/writing.ts";
import { createSandbox } from "../../src/sandbox/index.ts";
import { type Figure, median } from "./measure.ts";

/** Milliseconds in which at least one piece of somebody else's work was under way: the disk, or Cloudflare. */
class Elsewhere {
  #busy = 0;
  #since = 0;
  total = 0;

  begin(): void {
    if (this.#busy++ === 0) this.#since = performance.now();
  }

  end(): void {
    if (--this.#busy === 0) this.total += performance.now() - this.#since;
  }

  async spend<Value>(work: () => Promise<Value>): Promise<Value> {
    this.begin();
    try {
      return await work();
    } finally {
      this.end();
    }
  }
}

/** What the stages cost a write and a read, without the disk and the requests that they wait for. */
export async function changeFigures(rounds = 300): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), "access-bench-"));
  const elsewhere = new Elsewhere();
  const { run, close, call } = server(folder, elsewhere);
  try {
    const listed = await run(call("list_groups", {}, { all: true, fields: ["*"] }));
    const groups = (listed.result as { items: { id: string; include: unknown[] }[] }).items;
    const seen = { write: [] as number[], read: [] as number[], disk: [] as number[] };
    for (let round = -20; round < rounds; round++) {
      const { id: group_id, include } = groups[(round + 20) % groups.length] ?? { id: "", include: [] };
      // Somebody joins the group and, the next time round, leaves it.
      const joined = Math.floor((round + 20) / groups.length) % 2 === 0;
      const rules = joined ? [...include, { email: { email: "new@example.com" } }] : include;
      const write = await timed(elsewhere, () => run(call("update_group", { group_id, include: rules })));
      const read = await timed(elsewhere, () => run(call("get_group", { group_id })));
      if (round < 0) continue;
      seen.write.push(write.own);
      seen.disk.push(write.elsewhere);
      seen.read.push(read.own);
    }
    return [
      { name: "stages of a write, median", value: median(seen.write), unit: "ms", goal: { most: 2 } },
      { name: "disk and requests of a write, median", value: median(seen.disk), unit: "ms" },
      { name: "stages of a read, median", value: median(seen.read), unit: "ms", goal: { most: 0.3 } },
    ];
  } finally {
    await close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function timed(elsewhere: Elsewhere, work: () => Promise<unknown>) {
  const before = elsewhere.total;
  const began = performance.now();
  await work();
  const away = elsewhere.total - before;
  return { own: performance.now() - began - away, elsewhere: away };
}

function server(folder: string, elsewhere: Elsewhere) {
  const sandbox = createSandbox({ rateLimit: { limit: 1e9, window: 1 } });
  const flags = new Map([
    ["max-writes", "100000"],
    ["guard", "ada@example.com"],
    ["confirm", "never"],
  ]);
  const { safety, journal } = safetyFor(readSettings(flags, {}), folder, undefined, {
    version: "bench",
    transport: "bench",
  });
  const send = sendStack({
    baseUrl: new URL("http://localhost/client/v4"),
    credentials: { kind: "token", token: sandbox.token },
    transport: sandbox.send,
    budget: [],
  });
  const client = createClient({ send, account_id: sandbox.accountId });
  const away: Next = (call) => elsewhere.spend(() => client(call));
  const run = pipeline(
    {
      readOnly: false,
      maxResult: 20_000,
      redactText: (text) => text,
      secretKeeper: { ready: async () => undefined, keep: async () => "kept" },
      safety: onDisk(safety, elsewhere),
      memory: fileMemory(join(folder, "descriptions.json")),
    },
    Object.assign(away, { scopeOf: client.scopeOf, preview: client.preview }),
  );
  const call = (name: string, input: Record<string, unknown>, view: Call["view"] = {}): Call => {
    const entry = safety.entries.get(name);
    if (entry === undefined) throw new Error(`no operation ${name}`);
    return { entry, input, view, signal: new AbortController().signal, deadline: performance.now() + 60_000 };
  };
  return { run, close: () => journal.close(), call };
}

/** The same parts, with the time counted that their files take. */
function onDisk(safety: Safety, elsewhere: Elsewhere): Safety {
  const { recorder, tickets, lease, turns } = safety;
  return {
    ...safety,
    recorder: {
      ready: () => elsewhere.spend(() => recorder.ready()),
      intent: (call) => elsewhere.spend(() => recorder.intent(call)),
      outcome: (id, call, ending) => elsewhere.spend(() => recorder.outcome(id, call, ending)),
      refused: (call, error) => elsewhere.spend(() => recorder.refused(call, error)),
    },
    tickets: {
      issue: (bond, summary) => elsewhere.spend(() => tickets.issue(bond, summary)),
      spend: (ticket, bond) => elsewhere.spend(() => tickets.spend(ticket, bond)),
      void: (ticket) => elsewhere.spend(() => tickets.void(ticket)),
    },
    turns: {
      now: (key) => elsewhere.spend(() => turns.now(key)),
      end: (key) => elsewhere.spend(() => turns.end(key)),
    },
    // Taking and giving back a lease is disk; what is done under it is not.
    lease: (key, work) =>
      elsewhere.spend(() =>
        lease(key, async () => {
          elsewhere.end();
          return work().finally(() => elsewhere.begin());
        }),
      ),
  };
}
