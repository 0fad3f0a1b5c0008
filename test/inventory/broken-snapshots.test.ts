import { describe, expect, it } from "vitest";
import { brokenJson, placeIn } from "../../src/inventory/json-place.ts";
import { readSnapshot } from "../../src/inventory/snapshot.ts";
import { failureOf } from "../support/calls.ts";

/** A good one, so that each case has one thing wrong. */
const good = [
  "{", // 1
  '"format": "cloudflare-access-mcp snapshot",',
  '"version": 1,', // 3
  '"taken_at": "2026-03-10T15:00:00Z",',
  '"account_id": "0123",', // 5
  '"names": {"g1": "rule group: Staff"},',
  '"datasets": {', // 7
  ' "groups": {',
  '  "state": "ok",', // 9
  '  "items": [',
  '   {"id": "g1"},', // 11
  '   {"id": "g2"}',
  "  ]", // 13
  " },",
  ' "users": {"state": "forbidden", "why": "no", "items": [], "sample": {"read": 0, "of": 2}}', // 15
  "}",
  "}", // 17
];

const changed = (line: number, from: string | RegExp, to: string): string => {
  const text = good.with(line - 1, (good[line - 1] ?? "").replace(from, to)).join("\n");
  expect(text).not.toBe(good.join("\n"));
  return text;
};
const without = (line: number): string => good.toSpliced(line - 1, 1).join("\n");

it("the good one is read", () => {
  expect(Object.keys(readSnapshot(good.join("\n"), "march").inventory)).toEqual(["groups", "users"]);
});

const cases: readonly (readonly [says: string, text: string, line: number, message: string])[] = [
  ["nothing in it", "", 1, "it is empty"],
  ["only space", "\n\n", 3, "it is empty"],
  ["plain text", "hello", 1, "column 1: this is no JSON, expected a value"],
  ["cut off", good.slice(0, 12).join("\n"), 12, 'column 16: this is no JSON, expected "," or "]"'],
  ["a missing comma", changed(4, ",", ""), 5, 'column 1: this is no JSON, expected "," or "}"'],
  ["a comma too many", changed(12, "}", "},"), 13, "column 3: this is no JSON, expected a value"],
  ["a comma too many in an object", changed(11, "},", ",},"), 11, "column 16: this is no JSON, expected a name"],
  ["single quotes", changed(9, '"ok"', "'ok'"), 9, "column 12: this is no JSON, expected a value"],
  ["a name without quotes", changed(9, '"state"', "state"), 9, "column 3: this is no JSON, expected a name"],
  ["a line break in a text", changed(5, "01", "01\n"), 5, "column 15: this is no JSON, expected a value"],
  ["a comment", changed(10, "[", "[ // all"), 10, "column 14: this is no JSON, expected a value"],
  ["something after the end", `${good.join("\n")}\n}`, 18, "column 1: this is no JSON, expected the end"],
  ["a colon missing", changed(3, ":", ""), 3, 'column 11: this is no JSON, expected ":"'],
  ["an array", "[1, 2]", 1, "format: this is no snapshot"],
  ["a foreign object", '{\n"state": "terraform"\n}', 1, "format: this is no snapshot"],
  ["a foreign format", changed(2, "cloudflare", "cloudfront"), 2, "format: this is no snapshot"],
  ["a newer version", changed(3, "1", "2"), 3, "version: must be 1, which is what this release reads"],
  ["a version that is a text", changed(3, "1", '"1"'), 3, "version: must be 1"],
  ["no time", without(4), 1, "taken_at: must be a time like"],
  ["a time that is none", changed(4, "03-10", "13-40"), 4, "taken_at: must be a time like"],
  ["no account", changed(5, "0123", ""), 5, "account_id: must be the id of an account"],
  ["names that are no object", changed(6, /\{.*\}/, "[]"), 6, "names: must be an object"],
  ["a name that is no text", changed(6, /"rule.*"/, "7"), 6, "names.g1: must be a text"],
  ["datasets that are no object", changed(7, "{", '{"groups": 7},"extra": {'), 7, "datasets.groups: must be an object"],
  [
    "an unknown dataset",
    changed(8, "groups", "gruops"),
    8,
    'datasets.gruops: no snapshot has this — did you mean "groups"',
  ],
  ["an unknown member", changed(9, '"state"', '"size": 2, "state"'), 9, "datasets.groups.size: no snapshot has this"],
  ["an unknown state", changed(9, "ok", "good"), 9, "datasets.groups.state: must be one of ok, partial, forbidden"],
  ["no state", without(9), 8, "datasets.groups.state: must be one of ok"],
  ["items that are no array", changed(15, "[]", "{}"), 15, "datasets.users.items: must be an array of objects"],
  ["an item that is a text", changed(12, /\{.*\}/, '"g2"'), 12, "datasets.groups.items[1]: must be an object"],
  ["an item that is a list", changed(11, /\{.*\}/, "[]"), 11, "datasets.groups.items[0]: must be an object"],
  ["an item that is null", changed(12, /\{.*\}/, "null"), 12, "datasets.groups.items[1]: must be an object"],
  ["a why that is no text", changed(15, '"no"', "1"), 15, "datasets.users.why: must be a text"],
  [
    "a sample of less than nothing",
    changed(15, '"of": 2', '"of": -2'),
    15,
    "datasets.users.sample.of: must be a whole",
  ],
  ["a sample of a half", changed(15, '"read": 0', '"read": 0.5'), 15, "datasets.users.sample.read: must be a whole"],
];

describe("a snapshot with something wrong is refused with line, column and field:", () => {
  it.each(cases)("%s", async (_, text, line, message) => {
    const { message: said, facts } = await failureOf((async () => readSnapshot(text, "march"))());
    const column = message.startsWith("column") ? "" : "column \\d+: ";
    const start = new RegExp(`^snapshot "march", line ${line}, ${column}`);
    expect(said).toMatch(start);
    expect(said.replace(start, "").startsWith(message), said).toBe(true);
    expect(facts).toMatchObject({ kind: "input", outcome: "not_sent" });
  });

  it("all that is wrong at once", async () => {
    const text = changed(9, "ok", "good").replace('"g2"', '"g2"').replace('{"id": "g1"},', "7,");
    const { facts } = await failureOf((async () => readSnapshot(text, "march"))());
    expect(facts.issues).toEqual([
      "line 9, column 12: datasets.groups.state: must be one of ok, partial, forbidden, not_enabled, failed",
      "line 11, column 4: datasets.groups.items[0]: must be an object",
    ]);
  });
});

describe("places in JSON", () => {
  it("agrees with the parser of the platform on what is JSON", () => {
    const parts = [
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      '"a"',
      '"\\u00e9\\n"',
      "1",
      "-0.5e+3",
      "01",
      "true",
      "nul",
      " ",
      "\n",
      '"',
    ];
    let state = 7;
    const next = (most: number) => {
      state = (state * 48271) % 2147483647;
      return state % most;
    };
    for (let round = 0; round < 20_000; round++) {
      const text = Array.from({ length: 1 + next(8) }, () => parts[next(parts.length)]).join("");
      let isJson = true;
      try {
        JSON.parse(text);
      } catch {
        isJson = false;
      }
      expect(brokenJson(text) === undefined, JSON.stringify(text)).toBe(isJson);
    }
  });

  it("takes any text that JSON.stringify makes", () => {
    const odd = { '\u0000\u2028"\\': ["é😀\ud800", -1e-300, null, {}, [], [[]], true], ["__proto__"]: "x" };
    for (const space of [undefined, 2, "\t"]) expect(brokenJson(JSON.stringify(odd, null, space))).toBeUndefined();
  });

  it("leads as far as the path does", () => {
    const text = '{"a": [\n1,\n{"b": 2}]}';
    expect(placeIn(text, ["a", 1, "b"])).toEqual({ line: 3, column: 7 });
    expect(placeIn(text, ["a", 1, "c"])).toEqual({ line: 3, column: 1 });
    expect(placeIn(text, ["a", 5])).toEqual({ line: 1, column: 7 });
  });

  it("is told of text that is deeper than anyone means", () => {
    expect(brokenJson("[".repeat(100_000))).toMatchObject({ line: 1, expected: "less depth" });
  });
});
