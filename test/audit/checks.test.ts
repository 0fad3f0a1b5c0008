import { describe, expect, it } from "vitest";
import type { Check, Example } from "../../src/audit/check.ts";
import { severities } from "../../src/audit/check.ts";
import { checks } from "../../src/audit/checks/index.ts";
import { audit, type Finding } from "../../src/audit/engine.ts";
import type { Members } from "../../src/core/change.ts";
import { AccessError } from "../../src/core/errors.ts";
import { shapesOf } from "../../src/core/model.ts";
import { type DatasetName, datasets, type Inventory } from "../../src/inventory/datasets.ts";
import { datasetNames, inventoryOf } from "../../src/inventory/holdings.ts";
import type { Dataset } from "../../src/inventory/world.ts";
import { described } from "../../src/main/catalogue.ts";
import { parseArguments } from "../../src/mcp/arguments.ts";
import { membersOf } from "../../src/simulator/fields.ts";

const families: Readonly<Record<string, number>> = {
  APP: 20,
  POL: 26,
  GRP: 5,
  TOK: 6,
  CRT: 5,
  TGT: 2,
  IDP: 7,
  SCM: 2,
  MCP: 8,
  USR: 3,
  KEY: 1,
  ORG: 6,
};

const expectedIds = Object.entries(families).flatMap(([family, count]) =>
  Array.from({ length: count }, (_, at) => `${family}-${String(at + 1).padStart(2, "0")}`),
);

const timeOf = ({ now = "2026-11-01T00:00:00Z" }: Example) => Date.parse(now);

/** What one check says about an account of which some datasets may be missing. */
function run(check: Check, example: Example, inventory: Inventory = inventoryOf(example.account)) {
  const [result] = audit([check], inventory, { account_id: "account", now: timeOf(example) }).results;
  if (result === undefined) throw new Error("a check without a result");
  return result;
}

const unreadable = { state: "forbidden", items: [], why: "the token may not read it" } as const;

const withoutDatasets = (example: Example, names: readonly DatasetName[]): Inventory => ({
  ...inventoryOf(example.account),
  ...Object.fromEntries(names.map((name) => [name, unreadable])),
});

const facts = (findings: readonly Finding[]) => findings.map(({ check: _, ...found }) => found);

/** What a path such as `policies[1].include[0]` leads to. */
function at(value: unknown, path: string): unknown {
  const steps = path.split(/[.[\]]+/).filter((step) => step !== "");
  return steps.reduce<unknown>(
    (inner, step) => (Array.isArray(inner) ? inner[Number(step)] : membersOf(inner)[step]),
    value,
  );
}

function subjectIn({ account }: Example, { subject }: Finding): Members | undefined {
  const embedded = (account.applications ?? []).flatMap(({ policies }) => (Array.isArray(policies) ? policies : []));
  const named = datasetNames.filter((name) => datasets[name].noun === subject.noun);
  const held = named.flatMap((name) =>
    (account[name] ?? []).filter((item) => (item[datasets[name].key ?? "id"] ?? "") === subject.id),
  );
  return [...held, ...embedded.map(membersOf).filter(({ id }) => id === subject.id)][0];
}

/** What the tool objects to in the arguments of a step; what the owner has to choose may be missing. */
function objections(operation: string, given: Members, chosen: readonly string[], kind: unknown): readonly string[] {
  const entry = described.find(({ name }) => name === operation);
  if (entry === undefined) return [`no operation ${operation}`];
  const fields = shapesOf(entry.input);
  const strange = chosen.filter((name) => !fields.some((shape) => (name.split(".")[0] ?? "") in shape));
  const typed = operation === "update_application" && kind !== undefined ? { type: kind } : {};
  try {
    parseArguments(entry, { ...typed, ...given }, true);
    return strange;
  } catch (error) {
    if (!(error instanceof AccessError)) throw error;
    const awaited = (issue: string) =>
      chosen.some((name) => issue.startsWith(name)) ||
      (chosen.length > 0 && issue.startsWith("give at least one field"));
    return [...strange, ...(error.facts.issues ?? []).filter((issue) => !awaited(issue))];
  }
}

it("has every check of the catalogue once, in its order", () => {
  expect(checks.map(({ id }) => id)).toEqual(expectedIds);
});

describe.each(checks.map((check) => [check.id, check] as const))("%s", (_, check) => {
  const examples = [...check.flagged, ...check.clean];
  const found = check.flagged.map((example) => [example, run(check, example).findings] as const);

  it("says what it is in few words", () => {
    expect(check.title.length).toBeLessThanOrEqual(80);
    expect(check.title).not.toMatch(/\.$/);
    for (const text of [check.why, check.remedy, check.falsePositive]) {
      expect(text).toMatch(/^[A-Z`].*\.$/s);
      expect(text.length, text).toBeLessThanOrEqual(260);
    }
    expect(severities).toContain(check.severity);
    const isAddress = check.source.startsWith("https://developers.cloudflare.com/");
    expect(isAddress || /^(?!\w+:\/\/)\S+ \S/.test(check.source), check.source).toBe(true);
    expect(isAddress && check.source.includes(".mdx")).toBe(false);
  });

  it("finds something in each flagged example", () => {
    expect(check.flagged.length).toBeGreaterThan(0);
    expect(found.filter(([, findings]) => findings.length === 0).map(([{ says }]) => says)).toEqual([]);
  });

  it("finds nothing in a clean example", () => {
    expect(check.clean.length).toBeGreaterThan(0);
    const wrong = check.clean.map((example) => [example.says, run(check, example)] as const);
    expect(wrong.filter(([, { status }]) => status !== "none").map(([says]) => says)).toEqual([]);
  });

  it("answers unknown as soon as one dataset that it reads is missing", () => {
    expect(check.reads.length).toBeGreaterThan(0);
    for (const example of examples) {
      for (const name of check.reads) {
        const { status, why, findings } = run(check, example, withoutDatasets(example, [name]));
        expect([status, findings]).toEqual(["unknown", []]);
        expect(why).toContain(unreadable.why);
      }
    }
  });

  it("is never surer when less is known", () => {
    const lacking = (names: readonly DatasetName[], dataset: Dataset) =>
      check.clean.flatMap((example) => {
        const inventory = {
          ...inventoryOf(example.account),
          ...Object.fromEntries(names.map((name) => [name, dataset])),
        };
        const { findings } = run(check, example, inventory);
        return findings.filter(({ certain }) => certain).map(({ says }) => `${names}: ${example.says}: ${says}`);
      });
    const { reads, also = [] } = check;
    const without = [...also.map((name) => [name]), also].flatMap((names) => lacking(names, unreadable));
    const inPart = [...reads, ...also].flatMap((name) => lacking([name], { state: "partial", items: [], why: "cut" }));
    expect([...without, ...inPart]).toEqual([]);
  });

  it("looks only at the datasets that it declares", () => {
    const declared = new Set<DatasetName>([...check.reads, ...(check.also ?? [])]);
    const others = datasetNames.filter((name) => !declared.has(name));
    for (const example of examples) {
      const narrow = run(check, example, withoutDatasets(example, others));
      expect(facts(narrow.findings), example.says).toEqual(facts(run(check, example).findings));
    }
  });

  it("names an object of the account and what stands in it", () => {
    for (const [example, findings] of found) {
      for (const finding of findings) {
        const object = subjectIn(example, finding);
        expect(object, `${example.says}: ${finding.subject.noun} ${finding.subject.id}`).toBeDefined();
        expect(finding.says).toMatch(/^\S(?:.*[^.\s])?$/);
        expect(finding.says.length, finding.says).toBeLessThanOrEqual(200);
        const { name = "" } = finding.subject;
        if (name.length > 3) expect(finding.says).not.toContain(name);
        if (finding.field === undefined || finding.value === undefined) continue;
        expect(at(object, finding.field), `${example.says}: ${finding.field}`).toEqual(finding.value);
      }
    }
  });

  it("tells its findings apart", () => {
    for (const [example, findings] of found) {
      const marks = findings.map(({ subject, field, mark }) => JSON.stringify([subject.noun, subject.id, field, mark]));
      expect(
        marks.filter((mark, at) => marks.indexOf(mark) !== at),
        example.says,
      ).toEqual([]);
    }
  });

  it("offers only calls that the tools take, about objects that are there", () => {
    for (const [example, findings] of found) {
      const text = JSON.stringify(example.account);
      for (const finding of findings.filter(({ fix }) => fix !== undefined)) {
        const { steps = [], choose = {} } = finding.fix ?? {};
        expect(steps.length).toBeGreaterThan(0);
        for (const [place, { operation, arguments: given }] of steps.entries()) {
          const chosen = place === 0 ? Object.keys(choose) : [];
          const kind = example.account.applications?.find(({ id }) => id === given["app_id"])?.["type"];
          expect(objections(operation, given, chosen, kind), `${example.says}: ${JSON.stringify(given)}`).toEqual([]);
          for (const [name, id] of Object.entries(given)) {
            if (/_id$/.test(name)) expect(text, name).toContain(JSON.stringify(id));
          }
        }
      }
    }
  });

  it("changes nothing that it looks at", () => {
    for (const example of examples) {
      const before = JSON.stringify(example.account);
      run(check, example);
      expect(JSON.stringify(example.account)).toBe(before);
    }
  });
});
