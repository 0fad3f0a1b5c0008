import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Outcome } from "../../src/core/call.ts";
import { offsetOf } from "../../src/core/cursor.ts";
import { fitting, pick } from "../../src/pipeline/select.ts";
import { type ListAnswer, shape } from "../../src/pipeline/shape.ts";
import { callOf } from "../support/calls.ts";

const token = (index: number) => ({
  id: `t${index}`,
  name: `token ${index}`,
  client_id: "c",
  created_at: "2026",
  nested: { deep: { a: 1, b: 2 } },
});

const listOf = async (items: unknown[], list: Partial<Outcome["list"]> = {}, view = {}, maxResult = 20_000) => {
  const outcome = await shape({ maxResult })(callOf("list_service_tokens", {}, { view }), async () => ({
    result: items,
    list: { offset: 0, total: items.length, steady: true, ended: true, ...list },
    notes: [],
  }));
  return { answer: outcome.result as ListAnswer, notes: outcome.notes };
};

describe("lists", () => {
  it("show the columns of the room", async () => {
    const { answer } = await listOf([token(1)]);
    expect(answer).toEqual({
      items: [{ id: "t1", name: "token 1", client_id: "c" }],
      total: 1,
      next_cursor: null,
      complete: true,
    });
  });

  it("show the fields that were asked for, dotted paths too, or everything", async () => {
    expect((await listOf([token(1)], {}, { fields: ["id", "nested.deep.b"] })).answer.items).toEqual([
      { id: "t1", nested: { deep: { b: 2 } } },
    ]);
    expect((await listOf([token(1)], {}, { fields: ["*"] })).answer.items).toEqual([token(1)]);
  });

  it("are cut between items, stay parseable and go on where they stopped", async () => {
    const items = Array.from({ length: 500 }, (_, index) => ({ id: `t${index}`, name: "x".repeat(200) }));
    const { answer, notes } = await listOf(items, { offset: 100, total: 600 });
    expect(JSON.stringify(answer).length).toBeLessThanOrEqual(20_000);
    expect(answer.items.length).toBeGreaterThan(50);
    expect(answer.complete).toBe(false);
    expect(notes.join()).toContain("next_cursor");
    const next = callOf("list_service_tokens", {}, { view: { cursor: answer.next_cursor ?? "" } });
    expect(offsetOf(next)).toBe(100 + answer.items.length);
  });

  it("refuse a cursor of another question", async () => {
    const { answer } = await listOf([token(1)], { ended: false, total: 9 });
    const cursor = answer.next_cursor ?? "";
    for (const call of [
      callOf("list_groups", {}, { view: { cursor } }),
      callOf("list_service_tokens", { name: "other" }, { view: { cursor } }),
      callOf("list_service_tokens", {}, { view: { cursor }, scope: { zone_id: "z" } }),
    ]) {
      expect(() => offsetOf(call)).toThrow(/cursor/);
    }
  });

  it("refuse any text that is not a cursor", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String(), fc.string({ unit: "grapheme" })), (cursor) => {
        expect(() => offsetOf(callOf("list_groups", {}, { view: { cursor } }))).toThrow(/cursor/);
      }),
      { numRuns: 1000 },
    );
  });

  it("say so when items moved", async () => {
    const { answer, notes } = await listOf([token(1)], { steady: false });
    expect(answer.complete).toBe(false);
    expect(answer.next_cursor).toBeNull();
    expect(notes.join()).toMatch(/moved/);
  });

  it("show one huge item shortened rather than nothing", async () => {
    const { answer, notes } = await listOf([{ id: "t1", name: "y".repeat(50_000) }], {}, { fields: ["*"] });
    expect(answer.items).toHaveLength(1);
    expect(JSON.stringify(answer).length).toBeLessThanOrEqual(20_000);
    expect(notes.join()).toContain("name");
  });
});

describe("columns", () => {
  it("that a row lacks are left out, and ones that no row has are named", async () => {
    const { answer, notes } = await listOf([token(1), { id: "t2" }], {}, { fields: ["name", "nmae"] });
    expect(answer.items).toEqual([{ name: "token 1" }, {}]);
    expect(notes).toEqual([expect.stringMatching(/no item has "nmae".*"name"/)]);
  });

  it("of the room show the whole row when it has none of them", async () => {
    expect((await listOf([{ other: 1 }])).answer.items).toEqual([{ other: 1 }]);
  });
});

it("keeps to the limit with notes and commas counted", async () => {
  for (const size of [1, 5, 30]) {
    const items = Array.from({ length: 20_000 }, (_, index) => ({ id: `${index}`.padEnd(size, "x") }));
    const { answer, notes } = await listOf(items, { total: 20_000 }, { fields: ["id"] });
    expect(JSON.stringify({ ...answer, _notes: notes }).length).toBeLessThanOrEqual(20_000);
    expect(answer.items.length).toBeGreaterThan(200);
  }
});

describe("objects", () => {
  it("over the limit lose their longest parts, named in a note", async () => {
    const page = { uid: "p", name: "page", custom_html: "<b>ü😀</b>".repeat(5_000_000) };
    const outcome = await shape({ maxResult: 20_000 })(
      callOf("get_custom_page", { custom_page_id: "p" }),
      async () => ({ result: page, notes: [] }),
    );
    expect(JSON.stringify(outcome.result).length).toBeLessThanOrEqual(20_000);
    expect(outcome.result).toMatchObject({ uid: "p", name: "page" });
    expect(JSON.stringify(outcome.result)).not.toMatch(/\\ud83d(?!\\ude00)/i);
    expect(outcome.notes.join()).toContain("custom_html");
  });

  it("whose bulk is in few members fit into the least limit there is, and keep what is short", async () => {
    const name = fc.string({ unit: "grapheme-ascii", maxLength: 10 });
    const short = fc.jsonValue({ maxDepth: 1 });
    const list = fc.array(short, { maxLength: 200, size: "max" });
    const text = fc.string({ unit: "grapheme", maxLength: 3000, size: "max" });
    const members = fc.dictionary(name, fc.oneof(text, list, short), { maxKeys: 5, size: "max" });
    await fc.assert(
      fc.asyncProperty(members, async (value) => {
        const page = { ...value, uid: "p", custom_html: "y".repeat(3000) };
        const outcome = await shape({ maxResult: 2000 })(callOf("get_custom_page"), async () => ({
          result: page,
          notes: [],
        }));
        expect(JSON.stringify(outcome.result).length).toBeLessThanOrEqual(2000);
        expect(Object.keys(outcome.result as object)).toEqual(Object.keys(page));
        expect(outcome.result).toMatchObject({ uid: "p" });
        expect(outcome.notes.join()).toContain("custom_html");
      }),
    );
  });

  it("of any shape fit, whatever has to go", async () => {
    const attributes = (value: unknown) =>
      Object.fromEntries(Array.from({ length: 600 }, (_, index) => [`claims.example.com/attribute-${index}`, value]));
    for (const value of [null, true, 7, "yes", "\u0001".repeat(40), { a: [1, 2] }]) {
      const whole = { user_uuid: "u", saml_attributes: attributes(value) };
      const outcome = await shape({ maxResult: 20_000 })(callOf("get_user"), async () => ({
        result: whole,
        notes: [],
      }));
      expect(JSON.stringify(outcome.result).length).toBeLessThanOrEqual(20_000);
      expect(outcome.result).toMatchObject({ user_uuid: "u" });
      expect(outcome.notes.join()).toContain("saml_attributes");
    }
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 300, size: "max" }), (value) => {
        expect(JSON.stringify(fitting(value, 1600).value).length).toBeLessThanOrEqual(1600);
      }),
      { numRuns: 200 },
    );
    expect(
      JSON.stringify(fitting(`${"\u0001".repeat(3000)}${"a".repeat(3000)}`, 2000).value).length,
    ).toBeLessThanOrEqual(2000);
  });

  it("of any shape stay as they are when they fit", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        expect(fitting(value, JSON.stringify(value).length)).toEqual({ value, cut: [] });
      }),
    );
  });
});

it("picks through arrays", () => {
  expect(pick({ id: 1, policies: [{ name: "a", x: 1 }, { name: "b" }] }, ["id", "policies.name"])).toEqual({
    id: 1,
    policies: [{ name: "a" }, { name: "b" }],
  });
  expect(pick({ id: 1 }, ["nothing.here"])).toEqual({});
  expect(pick({ id: 1, config: { a: 1 } }, ["config.*"])).toEqual({ config: { a: 1 } });
});
