import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { changesFrom } from "../../src/journal/changes.ts";
import { fileJournal } from "../../src/journal/files.ts";
import { createSandbox, type Sandbox } from "../../src/sandbox/index.ts";
import { listen } from "../../src/sandbox/listen.ts";
import { random } from "../../src/sandbox/random.ts";
import { spawnServer } from "../support/built-server.ts";
import { LineSession, toolCall } from "../support/line-session.ts";
import { safeServer, stateFolder } from "../support/safe.ts";

const [rounds, kills] = process.env["LONG"] === "1" ? [20, 50] : [1, 20];

type Incoming = Parameters<Sandbox["react"]>[0];

/** When a server dies: at a request, before or after the write was carried out, so many milliseconds after it, or any time until so many after the call. */
type Point =
  | { readonly atRequest: number }
  | { readonly atWrite: "before" | "unanswered" }
  | { readonly afterWrite: number }
  | { readonly afterCall: number };

const points: readonly Point[] = [
  ...[1, 2, 3, 4, 5].map((atRequest) => ({ atRequest })),
  // Five of a kind meet each deed once.
  ...Array.from({ length: 5 }, () => ({ atWrite: "unanswered" }) as const),
  ...Array.from({ length: 5 }, () => ({ atWrite: "before" }) as const),
  ...[0, 3, 10].map((afterWrite) => ({ afterWrite })),
  ...[150, 300].map((afterCall) => ({ afterCall })),
];

/** One write that a server is killed over; `mark` stands in its request and in nobody else's. */
interface Deed {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly mark: string;
}

const rule = { email: { email: "ada@example.com" } };

/** A group that nothing refers to. */
async function spareGroup({ react, accountId, token }: Sandbox, name: string): Promise<string> {
  const reaction = await react({
    method: "POST",
    path: `/accounts/${accountId}/access/groups`,
    query: [],
    headers: { authorization: `Bearer ${token}` },
    body: { name, include: [rule] },
  });
  return JSON.parse(reaction.kind === "reply" ? reaction.body : "").result.id;
}

const deeds: readonly ((mark: string, sandbox: Sandbox) => Promise<Deed>)[] = [
  async (mark) => ({ name: "create_group", input: { name: mark, include: [rule] }, mark }),
  async (mark, sandbox) => ({
    name: "update_group",
    input: { group_id: await spareGroup(sandbox, "to be renamed"), name: mark },
    mark,
  }),
  async (mark, sandbox) => {
    const group_id = await spareGroup(sandbox, mark);
    return { name: "delete_group", input: { group_id }, mark: group_id };
  },
  async (mark) => ({ name: "create_service_token", input: { name: mark }, mark }),
  async (mark) => ({ name: "create_tag", input: { name: mark }, mark }),
];

/** A pretend Cloudflare on the wire that outlives the servers, and says which writes came and which it carried out. */
async function watchedCloudflare(seed: number) {
  const sandbox = createSandbox({ seed, rateLimit: { limit: 1e9, window: 1 } });
  const [came, carriedOut]: [string[], string[]] = [[], []];
  const watch = {
    before: async (_: Incoming): Promise<boolean> => true,
    after: async (_: Incoming): Promise<boolean> => true,
  };
  const react: Sandbox["react"] = async (incoming) => {
    const isWrite = incoming.method !== "GET";
    const text = `${incoming.path} ${JSON.stringify(incoming.body)}`;
    if (isWrite) came.push(text);
    if (!(await watch.before(incoming))) return { kind: "hang" };
    const reaction = await sandbox.react(incoming);
    if (isWrite && reaction.kind === "reply" && reaction.status < 300) carriedOut.push(text);
    return (await watch.after(incoming)) ? reaction : { kind: "hang" };
  };
  const { url, close } = await listen({ ...sandbox, react }, { port: 0 });
  onTestFinished(close);
  const environment = {
    CLOUDFLARE_API_TOKEN: sandbox.token,
    CLOUDFLARE_ACCOUNT_ID: sandbox.accountId,
    CLOUDFLARE_BASE_URL: url,
  };
  return { sandbox, environment, watch, came, carriedOut, dice: random(`kills ${seed}`) };
}

type Cloudflare = Awaited<ReturnType<typeof watchedCloudflare>>;

async function startServer(environment: Record<string, string>, folder: string) {
  const child = spawnServer(["--surface", "all", "--state", folder, "--confirm", "never"], environment);
  const exit = once(child, "exit");
  const session = new LineSession(child.stdin, child.stdout);
  child.stdin.on("error", () => undefined);
  const clientInfo = { name: "t", version: "1" };
  const hello = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo };
  session.say({ jsonrpc: "2.0", id: 1, method: "initialize", params: hello });
  await session.answerTo(1);
  return { child, exit, session };
}

/** Has a server do a deed and kills it at a point of it; it may have answered by then. */
async function killOver(
  { environment, watch, dice }: Cloudflare,
  folder: string,
  deed: Deed,
  point: Point,
): Promise<void> {
  const { child, exit, session } = await startServer(environment, folder);
  const kill = async () => {
    child.kill("SIGKILL");
    await exit;
    return false;
  };
  const later = (milliseconds: number) => {
    void pause(milliseconds).then(kill);
    return true;
  };
  let requests = 0;
  watch.before = async ({ method }) => {
    requests += 1;
    if ("atRequest" in point && requests === point.atRequest) return kill();
    return "atWrite" in point && point.atWrite === "before" && method !== "GET" ? kill() : true;
  };
  watch.after = async ({ method }) => {
    if (method === "GET") return true;
    if ("atWrite" in point) return kill();
    return "afterWrite" in point ? later(point.afterWrite) : true;
  };
  session.say(toolCall(2, deed.name, deed.input));
  if ("afterCall" in point) later(dice.integer(0, point.afterCall));
  await Promise.race([exit, session.answerTo(2)]);
  // What never came to its point dies when it has answered.
  if ("afterWrite" in point) await Promise.race([exit, pause(1_000)]);
  await kill();
  watch.before = async () => true;
  watch.after = async () => true;
}

/** Starts two servers at once, as two clients would, and waits until nothing is open any more. */
async function recover({ environment }: Cloudflare, folder: string): Promise<void> {
  const servers = await Promise.all([startServer(environment, folder), startServer(environment, folder)]);
  for (const { session } of servers) session.say(toolCall(2, "list_changes", {}));
  while (changesFrom(await journalOf(folder).entries()).some(({ status }) => status === "open")) await pause(200);
  for (const { child, exit } of servers) {
    child.stdin.end();
    expect(await exit).toEqual([0, null]);
  }
}

const journalOf = (folder: string) => fileJournal({ folder: join(folder, "journal") });

describe.each(Array.from({ length: rounds }, (_, index) => index + 1))("seed %i", (seed) => {
  const folder = stateFolder();

  it(`after ${kills} times kill -9 every write that was sent has an intent, and every intent is classified right`, {
    timeout: 120_000 + 10_000 * kills,
  }, async () => {
    const cloudflare = await watchedCloudflare(seed);
    const { sandbox, came, carriedOut } = cloudflare;
    const done: Deed[] = [];
    for (let index = 0; index < kills; index++) {
      // Every point meets another deed in the next twenty.
      const deedOf = deeds[(index + Math.floor(index / points.length) + seed) % deeds.length];
      const deed = await (deedOf as (typeof deeds)[number])(`deed-${index}-of-${seed}`, sandbox);
      await killOver(cloudflare, folder, deed, points[index % points.length] as Point);
      done.push(deed);
    }
    await recover(cloudflare, folder);

    const entries = await journalOf(folder).entries();
    const changes = changesFrom(entries);
    const told = done.map(({ name, mark }) => {
      const isHere = (text: string) => text.includes(mark);
      const found = changes.find(({ intent }) => isHere(JSON.stringify(intent?.deed.input ?? "")));
      const expected = carriedOut.some(isHere) ? "done" : came.some(isHere) || found ? "not_done" : undefined;
      return { name, mark, expected, status: found?.status };
    });
    expect(told.filter(({ status, expected }) => status !== expected)).toEqual([]);

    const settled = entries.filter(({ stage }) => stage === "settled");
    expect(new Set(settled.map(({ result }) => result?.status))).toEqual(new Set(["done", "not_done"]));
    expect(new Set(settled.map(({ change_id }) => change_id)).size).toBe(settled.length);
    expect((await journalOf(folder).verify()).faults).toEqual([]);

    const made = settled.find(({ deed, result }) => deed.operation === "create_group" && result?.status === "done");
    const { call } = safeServer({ confirm: "never" }, { sandbox, folder });
    await call("undo_change", { change_id: made?.change_id });
    expect(JSON.stringify(sandbox.snapshot())).not.toContain(made?.deed.resource?.id);
  });
});
