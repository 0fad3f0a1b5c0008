import { describe, expect, it } from "vitest";
import { access } from "../../src/access/index.ts";
import { discoveryTools } from "../../src/mcp/discovery.ts";
import { instructionsFor } from "../../src/mcp/server.ts";
import { Toolbox } from "../../src/mcp/toolbox.ts";
import { tokensOf } from "../support/tokens.ts";
import { discovery, everyTool, operations, selected } from "../support/tools.ts";

const unpinned = (surface: "all" | "default") =>
  new Toolbox({
    selection: selected({ surface }),
    readOnly: false,
    pinned: false,
    discovery: discoveryTools,
    timeout: 1000,
    load: async () => {
      throw new Error("listing tools needs no models");
    },
  }).tools;

const listed = unpinned("all");

interface Schema {
  readonly type?: unknown;
  readonly enum?: readonly unknown[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

/** Every schema inside a schema, with the path that leads there. */
function* nested(schema: Schema, path = "inputSchema"): Generator<readonly [string, Schema]> {
  yield [path, schema];
  for (const [key, child] of Object.entries(schema.properties ?? {})) yield* nested(child, `${path}.${key}`);
  if (schema.items !== undefined) yield* nested(schema.items, `${path}[]`);
}

const allowedWords = new Set(["type", "description", "enum", "items", "properties", "required"]);

/** What every client bears of a schema. */
const rules: readonly (readonly [rule: string, holds: (schema: Schema) => boolean])[] = [
  ["only plain words are used", (schema) => Object.keys(schema).every((word) => allowedWords.has(word))],
  ["there is one type", ({ type }) => typeof type === "string"],
  ["arrays, and nothing else, have items", ({ type, items }) => (type === "array") === (items !== undefined)],
  ["enums hold texts", ({ enum: options = [] }) => options.every((option) => typeof option === "string")],
  ["names are plain", ({ properties = {} }) => Object.keys(properties).every((name) => /^[\w-]{1,64}$/.test(name))],
  [
    "what is required exists",
    ({ properties = {}, required = [] }) => required.every((name) => Object.hasOwn(properties, name)),
  ],
];

describe("every client accepts every tool", () => {
  it.each(listed.map((tool) => [tool.name, tool] as const))("%s", (name, tool) => {
    expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
    expect(name.length, "some clients allow 60 characters for server and tool together").toBeLessThanOrEqual(41);
    expect(tool.title.length).toBeGreaterThan(3);
    expect(Object.keys(tool.annotations).sort()).toEqual([
      "destructiveHint",
      "idempotentHint",
      "openWorldHint",
      "readOnlyHint",
    ]);
    expect(tool.description.length, "some clients refuse more than 1,024 characters").toBeLessThan(1000);
    expect(tool.inputSchema.type).toBe("object");
    expect(tool.inputSchema.properties).toBeTypeOf("object");
    const schemas = [...nested(tool.inputSchema)];
    for (const [rule, holds] of rules) {
      expect(
        schemas.filter(([, schema]) => !holds(schema)).map(([path]) => path),
        rule,
      ).toEqual([]);
    }
  });

  it("has no name twice", () => {
    expect(new Set(everyTool.map(({ name }) => name)).size).toBe(everyTool.length);
  });
});

describe("descriptions are written for choosing", () => {
  it.each(access.map((entry) => [entry.name, entry] as const))("%s", (_, entry) => {
    expect(entry.summary.length, "the purpose comes in the first 150 characters").toBeLessThanOrEqual(150);
    expect(entry.summary).toMatch(/[.]$/);
    expect(entry.summary, "no newline").not.toMatch(/\n/);
  });

  it("keeps the instructions short and safety first", () => {
    for (const readOnly of [true, false]) {
      const text = instructionsFor({ readOnly });
      expect(text.length).toBeLessThan(1900);
      expect(text.slice(0, 200)).toMatch(readOnly ? /READ-ONLY/ : /Before a change/);
    }
  });
});

const isOfTheApi = new Set(access.map(({ name }) => name));

describe("context cost, in tokens of o200k_base", () => {
  it.each([
    ["the operations of the API", operations.filter(({ name }) => isOfTheApi.has(name)), 16_000],
    ["the operations of this server", operations.filter(({ name }) => !isOfTheApi.has(name)), 2_500],
    ["--surface all", selected({ surface: "all" }).listed, 20_000],
    ["--surface default", selected({ surface: "default" }).listed, 4_500],
    ["--surface search", selected({ surface: "search" }).listed, 900],
    ["--surface all, account not pinned", listed, 20_000],
    ["--surface default, account not pinned", unpinned("default"), 4_500],
  ] as const)("%s", (_, tools, most) => {
    expect(tokensOf(tools)).toBeLessThanOrEqual(most);
  });

  it("offers about 25 tools by default", () => {
    const count = selected({ surface: "default" }).listed.length;
    expect(count).toBeGreaterThanOrEqual(22);
    expect(count).toBeLessThanOrEqual(28);
    expect(selected({ surface: "search" }).listed).toEqual(discovery);
  });
});

describe("every tool has a reviewable snapshot", () => {
  it.each(everyTool.map((tool) => [tool.name, tool] as const))("%s", async (name, tool) => {
    await expect(`${JSON.stringify(tool, null, 2)}\n`).toMatchFileSnapshot(`../snapshots/tools/${name}.json`);
  });
});
