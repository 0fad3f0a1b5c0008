import { beforeAll, describe, expect, it } from "vitest";
import { apply } from "../../src/audit/baseline.ts";
import { checks } from "../../src/audit/checks/index.ts";
import { audit } from "../../src/audit/engine.ts";
import { estateOf } from "../../src/audit/estate.ts";
import { formats } from "../../src/audit/report/index.ts";
import type { Members } from "../../src/core/change.ts";
import { AccessError } from "../../src/core/errors.ts";
import { readSnapshot, snapshotText } from "../../src/inventory/snapshot.ts";
import type { Taken } from "../../src/inventory/source.ts";
import { reportOf } from "../../src/main/questions/audit.ts";
import { gateIn } from "../../src/simulator/evaluate.ts";
import { explanationOf } from "../../src/simulator/explain.ts";
import { standingsOf } from "../../src/simulator/people.ts";
import { failureOf } from "../support/calls.ts";
import { safeServer } from "../support/safe.ts";
import { collectFrom } from "./taking.ts";

/** The whole sandbox account as a snapshot has it. */
let text: string;
beforeAll(async () => {
  const inventory = await collectFrom(safeServer());
  text = snapshotText({ account_id: "0123", taken_at: "2026-03-10T15:00:00.000Z", inventory });
});

type Path = readonly (string | number)[];

/** Every place in a value, the value itself too. */
function* placesIn(value: unknown, path: Path): Generator<Path> {
  yield path;
  if (typeof value !== "object" || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    yield* placesIn(inner, [...path, Array.isArray(value) ? Number(name) : name]);
  }
}

/** One place of each kind: which item of a list it is in does not count. */
function kindsOfPlaces(): readonly Path[] {
  const { datasets } = JSON.parse(text) as { readonly datasets: Members };
  const kindOf = (path: Path) => path.map((step) => (typeof step === "number" ? "[]" : step)).join(".");
  const [, ...all] = [...placesIn(datasets, ["datasets"])].map((path) => [kindOf(path), path] as const);
  return [...new Map(all).values()];
}

/** The snapshot with another value at one place. */
function changed(path: Path, value: string): string {
  const snapshot: unknown = JSON.parse(text);
  const last = path.at(-1) ?? "";
  const holder = path.slice(0, -1).reduce((at, step) => (at as Members)[step] as object, snapshot as object);
  Object.defineProperty(holder, last, { value: JSON.parse(value), enumerable: true });
  return JSON.stringify(snapshot, null, 1);
}

/** Everything that commands do with a snapshot. */
function useAll(taken: Taken): void {
  const now = Date.parse(taken.taken_at);
  const found = audit(checks, taken.inventory, { account_id: taken.account_id, now });
  const told = reportOf(apply(found, { accepted: [] }, now), taken, false);
  for (const format of Object.values(formats)) format(told);
  const { account } = estateOf(taken.inventory, now);
  for (const application of taken.inventory.applications?.items ?? []) {
    const gate = gateIn(application, account);
    standingsOf(taken.inventory.users?.items ?? [], gate);
    for (const identity of [{}, { email: "ada@example.com", ip: "192.0.2.1", country: "NL" }]) {
      explanationOf(identity, gate);
    }
  }
}

/** A field of the first object of a dataset. */
const at = (dataset: string, field: string): Path => ["datasets", dataset, "items", 0, field];

const cases: readonly (readonly [path: Path, value: string, message: string])[] = [
  [at("applications", "policies"), '"oops"', "policies: must be a list, each of it an object"],
  [at("applications", "policies"), '["p1"]', "policies[0]: must be an object"],
  [at("applications", "id"), "null", "id: must be a text"],
  [at("applications", "id"), '""', "id: must be a text"],
  [at("applications", "destinations"), '[{"type": "public", "uri": 5}, null]', "destinations[0].uri: must be a text"],
  [at("applications", "destinations"), "[null]", "destinations[0]: must be an object"],
  [at("applications", "tags"), '["a", 5]', "tags[1]: must be a text"],
  [at("applications", "type"), '"constructor"', "type: must be a word of Cloudflare's"],
  [at("groups", "include"), '{"everyone": {}}', "include: must be a list, each of it an object"],
  [at("groups", "include"), '[{"__proto__": {"x": 1}}, 5]', "include[0].__proto__: no field is called like this"],
  [at("groups", "include"), "[5]", "include[0]: must be an object"],
  [at("groups", "include"), '[{"email": "ada@example.com"}]', "include[0].email: must be an object"],
  [at("groups", "include"), '[{"email": {"email": []}}]', "include[0].email.email: must be a text"],
  [at("policies", "decision"), "{}", "decision: must be a text"],
  [at("tags", "name"), "7", "name: must be a text"],
  [at("targets", "ip"), "[]", "ip: must be an object"],
  [at("user_sessions", "user_id"), "null", "user_id: must be a text"],
];

describe("a snapshot with a value of the wrong kind is refused:", () => {
  it.each(cases)("%j = %s", async (path, value, message) => {
    const broken = changed(path, value);
    const { message: said, facts } = await failureOf((async () => readSnapshot(broken, "march"))());
    const [, line = "", column = "", what = ""] = /^snapshot "march", line (\d+), column (\d+): (.*)$/.exec(said) ?? [];
    expect(what).toBe(`datasets.${path[1]}.items[0].${message}`);

    expect(broken.split("\n")[Number(line) - 1]?.length).toBeGreaterThanOrEqual(Number(column));
    expect(facts).toMatchObject({ kind: "input", outcome: "not_sent" });
  });

  it("without a key, at the object that lacks it", async () => {
    const snapshot = JSON.parse(text) as { readonly datasets: { readonly applications: { readonly items: object[] } } };
    const { items } = snapshot.datasets.applications;
    Reflect.deleteProperty(items[3] ?? {}, "id");
    const broken = JSON.stringify(snapshot, null, 1);
    const { message } = await failureOf((async () => readSnapshot(broken, "march"))());
    const [, line = ""] =
      /line (\d+), column 5: datasets\.applications\.items\[3\]\.id: must be a text/.exec(message) ?? [];
    expect(broken.split("\n")[Number(line) - 1]).toBe("    {");
  });

  it("all of it at once, at most twenty", async () => {
    const broken = text.replaceAll(/"decision": "\w+"/g, '"decision": 5');
    const { facts } = await failureOf((async () => readSnapshot(broken, "march"))());
    expect(facts.issues).toHaveLength(20);
  });
});

describe("a snapshot is read with what nobody knows yet:", () => {
  const more: readonly (readonly [Path, string])[] = [
    [at("applications", "quantum"), '{"any": [1, null]}'],
    [at("applications", "type"), '"teleport"'],
    [at("applications", "policies"), "null"],
    [at("groups", "include"), '[{"aura": {"color": 5}}]'],
    [at("user_identities", "saml_attributes"), '{"constructor": ["x"], "toString": 5}'],
  ];
  it.each(more)("%j = %s", (path, value) => {
    expect(() => useAll(readSnapshot(changed(path, value), "march"))).not.toThrow();
  });
});

const wrong = [
  "null",
  "5",
  '"x"',
  "[]",
  "{}",
  '"constructor"',
  '[null, 5, "x", []]',
  '{"__proto__": {"x": 1}, "toString": {}}',
];

/** Places that one run tries, out of some thousand; which ones is fixed. */
const tried = process.env["LONG"] === undefined ? 120 : 3000;

it("whatever is wrong, it is refused with line, column and field, or all works with it", { timeout: 600_000 }, () => {
  const places = kindsOfPlaces();
  let state = 11;
  let refused = 0;
  for (let round = 0; round < tried; round++) {
    state = (state * 48271) % 2147483647;
    const path = places[state % places.length] ?? [];
    const value = wrong[round % wrong.length] ?? "";
    const what = `${path.join(".")} = ${value}`;
    let taken: Taken | undefined;
    try {
      taken = readSnapshot(changed(path, value), "march");
    } catch (error) {
      expect(error, what).toBeInstanceOf(AccessError);
      expect((error as Error).message, what).toMatch(/^snapshot "march", line \d+, column \d+: datasets\.\w+/);
      refused += 1;
    }
    if (taken !== undefined) expect(() => useAll(taken), what).not.toThrow();
  }
  expect(refused).toBeGreaterThan(tried / 4);
  expect(refused).toBeLessThan(tried);
});
