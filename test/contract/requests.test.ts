import { isDeepStrictEqual } from "node:util";
import Cloudflare from "cloudflare";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { access } from "../../src/access/index.ts";
import { createClient } from "../../src/cloudflare/client.ts";
import { sendStack } from "../../src/cloudflare/send/index.ts";
import type { Next, Scope } from "../../src/core/call.ts";
import { anatomy } from "../../src/core/model.ts";
import type { Entry } from "../../src/core/room.ts";
import { callOf, entryOf, pathFields } from "../support/calls.ts";
import { exampleOf, examplesOf } from "../support/examples.ts";
import { contract, type OperationFact } from "../support/facts.ts";
import { callOfficial, documentedCalls } from "../support/official-sdk.ts";
import { type Recorded, type Recorder, startRecorder } from "../support/recorder.ts";
import { additions } from "./additions.ts";
import { differences, refusedExamples, reservedInPath } from "./differences.ts";

type Fields = Record<string, unknown>;

const account = { account_id: "023e105f4ecef8ad9ca31a8372d0c353" };
const zone = { zone_id: "9a7806061c88ada191ed06f989cc3dac" };
const oddId = "a b/c?ü";
const reserved = "a:b@c&d=e+f,g;h$i";
const oddText = "ü &=+%/?#\"'\\\n";

let recorder: Recorder;
let official: Cloudflare;
let send: ReturnType<typeof sendStack>;
let client: Next;

beforeAll(async () => {
  recorder = await startRecorder();
  official = new Cloudflare({ apiToken: "test-token", baseURL: recorder.url, maxRetries: 0 });
  send = sendStack({
    baseUrl: new URL(recorder.url),
    credentials: { kind: "token", token: "test-token" },
    budget: [],
  });
  client = createClient({ send, ...account });
});

afterAll(async () => {
  await send.close();
  await recorder.close();
});

async function only(sent: Promise<Recorded[]>): Promise<Recorded> {
  const [first, ...more] = await sent;
  if (first === undefined || more.length > 0)
    throw new Error(`${more.length + (first ? 1 : 0)} requests instead of one`);
  return first;
}

/** What this project and the official SDK send for the same arguments. */
async function bothSend(
  entry: Entry,
  fact: OperationFact,
  input: Fields,
  scope?: Scope,
): Promise<[Recorded, Recorded]> {
  const answers = entry.answers ?? "object";
  // Without a scope the pinned account has to do.
  const ours = await only(recorder.during(answers, () => client(callOf(entry.name, input, { scope }))));
  const paging = answers === "pages" ? { page: 1, per_page: Number(ours.query["per_page"]?.[0]) } : undefined;
  const theirs = await only(
    recorder.during(answers, () => callOfficial(official, fact, entry, input, scope ?? account, paging)),
  );
  return [ours, theirs];
}

/** Where two requests differ, in the notation of `differences`. */
function differencesOf(ours: unknown, theirs: unknown, path = ""): string[] {
  if (isDeepStrictEqual(ours, theirs)) return [];
  if (theirs === undefined) return [`+${path}`];
  if (ours === undefined) return [`-${path}`];
  if (Array.isArray(ours) && Array.isArray(theirs) && ours.length === theirs.length) {
    return ours.flatMap((item, index) => differencesOf(item, theirs[index], `${path}[]`));
  }
  if (!isObject(ours) || !isObject(theirs)) return [path];
  const keys = [...new Set([...Object.keys(ours), ...Object.keys(theirs)])];
  return keys.flatMap((key) => differencesOf(ours[key], theirs[key], path === "" ? key : `${path}.${key}`));
}

const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Every example of an operation, and one with ids and texts that need escaping. */
function* inputsOf(entry: Entry): Generator<Fields> {
  for (const size of ["minimal", "full", "empty"] as const) yield* examplesOf(entry, size);
  for (const input of examplesOf(entry, "full").slice(0, 1)) {
    yield { ...withText(input, oddText), ...Object.fromEntries(pathFields(entry).map((name) => [name, oddId])) };
  }
}

function withText<Value>(value: Value, text: string): Value {
  if (typeof value === "string") return text as Value;
  if (Array.isArray(value)) return value.map((item) => withText(item, text)) as Value;
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withText(inner, text)])) as Value;
}

describe("our request is the official SDK's", () => {
  it.each(contract.map((fact) => [fact.tool, fact] as const))("%s", async (tool, fact) => {
    const entry = entryOf(tool);
    const found = new Map<string, unknown>();
    for (const input of inputsOf(entry)) {
      for (const scope of entry.scope === "account" ? [undefined] : [undefined, zone]) {
        const [ours, theirs] = await bothSend(entry, fact, input, scope);
        for (const difference of differencesOf(ours, theirs)) {
          if (!found.has(difference)) found.set(difference, { ours, theirs });
        }
      }
    }
    const listed = Object.keys(differences[tool] ?? {}).sort();
    const unlisted = [...found].filter(([difference]) => !listed.includes(difference));
    expect(unlisted, "an unlisted difference").toEqual([]);
    expect([...found.keys()].sort(), "a listed difference occurs").toEqual(listed);
  });

  it(`by another path for the same object: ${reservedInPath}`, async () => {
    for (const fact of contract) {
      const entry = entryOf(fact.tool);
      const ids = Object.fromEntries(pathFields(entry).map((name) => [name, reserved]));
      if (Object.keys(ids).length === 0) continue;
      const [ours, theirs] = await bothSend(entry, fact, { ...exampleOf(entry, "minimal"), ...ids });
      expect(ours.path).not.toBe(theirs.path);
      expect(decodeURIComponent(ours.path)).toBe(decodeURIComponent(theirs.path));
    }
  });
});

describe("the examples that are compared", () => {
  it.each(contract.map((fact) => [fact.tool, fact] as const))("%s: have every field and value", (tool, fact) => {
    const seen = new Set(examplesOf(entryOf(tool), "full").flatMap((example) => contentOf(example)));
    const left = additions[tool]?.request ?? [];
    const missing = Object.entries({ ...fact.query, ...fact.body })
      .filter(([path]) => !left.includes(`-${path}`))
      .flatMap(([path, { enum: options = [] }]) => [path, ...options.map((option) => `${path}=${option}`)])
      .filter((content) => !seen.has(content));
    expect(missing).toEqual([]);
  });

  const kinds = contract.filter((fact) => anatomy(entryOf(fact.tool).input).kind === "union");

  it.each(kinds.map((fact) => [fact.tool, fact] as const))("%s: have every type", (tool, fact) => {
    // dash_sso can only be read.
    const types = fact.body["type"]?.enum?.filter((type) => type !== "dash_sso");
    expect(types?.length).toBeGreaterThan(12);
    for (const size of ["minimal", "full"] as const) {
      expect([...new Set(examplesOf(entryOf(tool), size).map(({ type }) => type))].sort(), size).toEqual(types);
    }
  });
});

/** Every path in a value, and every text with its path. */
function contentOf(value: unknown, path = ""): string[] {
  if (Array.isArray(value)) return [path, ...value.flatMap((item) => contentOf(item, `${path}[]`))];
  if (isObject(value)) {
    const inside = Object.entries(value).flatMap(([key, item]) =>
      contentOf(item, path === "" ? key : `${path}.${key}`),
    );
    return [path, ...inside];
  }
  return typeof value === "string" ? [path, `${path}=${value}`] : [path];
}

describe("the model takes what the SDK's own example sends", () => {
  const calls = documentedCalls();

  it.each(contract.map((fact) => [fact.tool, fact] as const))("%s", async (tool, fact) => {
    const entry = entryOf(tool);
    const call = calls.get(fact.sdk);
    expect(call === undefined, "only deprecated methods have no example").toBe(entry.deprecated !== undefined);
    if (call === undefined) return;
    const sent = await only(recorder.during(entry.answers ?? "object", () => call(official)));
    const parsed = entry.input.safeParse(argumentsOf(entry, sent));
    expect(parsed.success, parsed.error?.message).toBe(!(tool in refusedExamples));
  });
});

/** The flat arguments that a request of the SDK stands for. */
function argumentsOf(entry: Entry, { path, query, body }: Recorded): Fields {
  const template = entry.route.split(" ")[1]?.replace("{account_or_zone}", "{account}/{id_of_scope}").split("/") ?? [];
  const ids = path.split("/").flatMap((segment, index) => {
    const [, name] = /^\{(\w+)\}$/.exec(template[index] ?? "") ?? [];
    return name !== undefined && pathFields(entry).includes(name) ? [[name, decodeURIComponent(segment)]] : [];
  });
  const parts = anatomy(entry.input);
  const filters = Object.entries(query).map(([name, values]) => {
    const field = parts.kind === "object" ? parts.shape[name] : undefined;
    return [name, field !== undefined && anatomy(field).kind === "array" ? values : values[0]];
  });
  const whole = Object.entries(entry.place ?? {}).find(([, place]) => place === "body")?.[0];
  return {
    ...Object.fromEntries([...ids, ...filters]),
    ...(whole !== undefined ? { [whole]: body } : isObject(body) ? body : {}),
  };
}

it("compares every operation there is", () => {
  expect(contract.map((fact) => fact.tool).sort()).toEqual(access.map((entry) => entry.name).sort());
  const tools = new Set(contract.map((fact) => fact.tool));
  expect([...Object.keys(differences), ...Object.keys(refusedExamples)].filter((tool) => !tools.has(tool))).toEqual([]);
});
