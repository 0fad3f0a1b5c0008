import { expect, it } from "vitest";
import { AccessError } from "../../src/core/errors.ts";
import { SendError } from "../../src/core/send.ts";
import { type Fault, faultKinds } from "../../src/sandbox/index.ts";
import { type Random, random } from "../../src/sandbox/random.ts";
import { certificate, type Row } from "../sandbox/support.ts";
import { type World, type WorldOptions, worldWith } from "../support/settling.ts";

const wanted = process.env["LONG"] === "1" ? 10_000 : 300;
const each = 50;

const everyone = [{ everyone: {} }];
const address = (source: Random) => ({ ipv4: { ip_addr: `10.0.${source.integer(0, 3)}.${source.integer(0, 3)}` } });

/** What is created, where it ends up, and by which field it is told from others. */
const kinds: readonly {
  readonly operation: string;
  readonly place: string;
  readonly label: string;
  readonly input: (name: string, source: Random) => Row;
}[] = [
  { operation: "create_group", place: "access/groups", label: "name", input: (name) => ({ name, include: everyone }) },
  {
    operation: "create_policy",
    place: "access/policies",
    label: "name",
    input: (name) => ({ name, decision: "allow", include: everyone, session_duration: "8h" }),
  },
  { operation: "create_service_token", place: "access/service_tokens", label: "name", input: (name) => ({ name }) },
  {
    operation: "create_application",
    place: "access/apps",
    label: "name",
    input: (name) => ({ type: "self_hosted", name, domain: `${name}.example.com`, tags: [] }),
  },
  {
    operation: "create_target",
    place: "infrastructure/targets",
    label: "hostname",
    input: (hostname, source) => ({ hostname, ip: address(source) }),
  },
  { operation: "create_tag", place: "access/tags", label: "name", input: (name) => ({ name }) },
  {
    operation: "create_user",
    place: "access/users",
    label: "email",
    input: (name) => ({ email: `${name}@example.com` }),
  },
  {
    operation: "create_identity_provider",
    place: "access/identity_providers",
    label: "name",
    input: (name) => ({ name, type: "google", config: { client_id: "id", client_secret: "secret-of-google" } }),
  },
  {
    operation: "create_mcp_server",
    place: "access/ai-controls/mcp/servers",
    label: "id",
    input: (id) => ({ id, name: id, hostname: `https://${id}.example.com/mcp`, auth_type: "unauthenticated" }),
  },
  {
    operation: "create_custom_page",
    place: "access/custom_pages",
    label: "name",
    input: (name) => ({ name, type: "forbidden", custom_html: `<p>${name}</p>` }),
  },
  {
    operation: "create_mtls_certificate",
    place: "access/certificates",
    label: "name",
    input: (name) => ({ name, certificate }),
  },
];

/** Kinds of fault that may come before or after Cloudflare acts. */
const either = new Set(["status", "redirect", "html", "success_false", "truncate", "empty", "null_result"]);

function mischief(source: Random): readonly Fault[] {
  const spoilt = (method: string, nth: number): Fault => {
    const kind = source.pick(faultKinds);
    return {
      match: { method },
      nth,
      kind,
      ...(either.has(kind) && { applied: source.chance(0.5) }),
      ...(kind === "status" && { status: source.pick([500, 502, 503]) }),
    };
  };
  const some = (method: string, count: number, probability: number) =>
    Array.from({ length: count }, (_, index) => index + 1)
      .filter(() => source.chance(probability))
      .map((nth) => spoilt(method, nth));
  return [...some("POST", 4 * each, 0.7), ...some("GET", 20 * each, 0.03)];
}

/** Some writes break off, and are carried out up to nine seconds later. */
const delays =
  (source: Random): NonNullable<WorldOptions["around"]> =>
  (send, clock) =>
  async (request) => {
    if (request.method === "GET" || !source.chance(0.05)) return send(request);
    clock.later(source.integer(0, 9_000), () => send(request).catch(() => undefined));
    throw new SendError("reset", true);
  };

interface Figures {
  creates: number;
  attempts: number;
  done: number;
  settled: number;
  duplicates: number;
  falseSuccesses: number;
  falseFailures: number;
  unknown: number;
}

/** Creates one object the way a caller does: again and again while it is told that it was not done. */
async function createOne(world: World, source: Random, name: string, figures: Figures): Promise<void> {
  const kind = source.pick(kinds);
  const input = kind.input(name, source);
  const rows = (): readonly Row[] =>
    Object.values(world.sandbox.snapshot()[`accounts/${world.sandbox.accountId}/${kind.place}`] ?? {});
  const before = new Set(rows().map((row) => JSON.stringify(row)));
  const fresh = () => rows().filter((row) => !before.has(JSON.stringify(row)) && row[kind.label] === input[kind.label]);
  // Others are at work in the same account.
  if (source.chance(0.2)) {
    const other = kind.input(`other-${name}`, source);
    world.clock.later(source.integer(0, 12_000), () =>
      world.plain(world.call(kind.operation, other)).catch(() => undefined),
    );
  }
  figures.creates += 1;
  for (let attempt = 0; attempt < 8; attempt++) {
    figures.attempts += 1;
    try {
      const { result, notes } = await world.write(kind.operation, input);
      const [only, ...more] = fresh();
      figures.done += 1;
      figures.duplicates += more.length;
      if (notes.length > 0) figures.settled += 1;
      const key = ["id", "uid", "name"].find((field) => only?.[field] !== undefined) ?? "";
      if (only === undefined || (result as Row)[key] !== only[key]) figures.falseSuccesses += 1;
      return;
    } catch (error) {
      if (!(error instanceof AccessError)) throw error;
      const { outcome, kind: failure } = error.facts;
      if (outcome === "unknown") figures.unknown += 1;
      else if (fresh().length > 0) figures.falseFailures += 1;
      if (outcome === "unknown" || failure === "conflict") return;
    }
  }
}

it(`creates ${wanted} objects over faults, none twice, and tells what became of each`, async () => {
  const figures: Figures = {
    creates: 0,
    attempts: 0,
    done: 0,
    settled: 0,
    duplicates: 0,
    falseSuccesses: 0,
    falseFailures: 0,
    unknown: 0,
  };
  for (let round = 0; round < wanted / each; round++) {
    const source = random(`creates ${round}`);
    const world = worldWith({ scale: 0, seed: round, faults: mischief(source), around: delays(source.fork("delays")) });
    for (let count = 0; count < each; count++) {
      // Names come again: what is there already is not taken for what is being made.
      await createOne(world, source, `thing-${source.integer(1, 20)}`, figures);
      await world.clock.sleep(source.integer(0, 20_000));
    }
  }
  console.info(JSON.stringify(figures));
  const { duplicates, falseSuccesses, falseFailures, unknown, settled } = figures;
  expect({ duplicates, falseSuccesses, falseFailures }).toEqual({ duplicates: 0, falseSuccesses: 0, falseFailures: 0 });
  expect(unknown).toBeLessThanOrEqual(wanted / 100);
  expect(settled).toBeGreaterThan(wanted / 10);
}, 600_000);
