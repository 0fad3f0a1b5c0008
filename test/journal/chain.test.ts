import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonical, chain, digest, firstHash, sha256, unseal } from "../../src/journal/chain.ts";
import { newChangeId } from "../../src/journal/entry.ts";
import { draft } from "../support/journal.ts";

describe("canonical JSON", () => {
  it.each([
    // The examples of RFC 8785, sections 3.2.2 to 3.2.4 and appendix B.
    [
      JSON.parse(
        '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"literals":[null,true,false]}',
      ),
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27]}',
    ],
    [{ string: "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/" }, '{"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'],
    [
      { "\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\ud83d\ude00": 5, "\u0080": 6, "\u00f6": 7 },
      '{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"\ud83d\ude00":5,"\ufb33":3}',
    ],
    [-0, "0"],
    [5e-324, "5e-324"],
    [-1.7976931348623157e308, "-1.7976931348623157e+308"],
    [9007199254740992, "9007199254740992"],
    [295147905179352830000, "295147905179352830000"],
    [1e21, "1e+21"],
    [0.000001, "0.000001"],
    [1e-7, "1e-7"],
    [333333333.33333325, "333333333.33333325"],
    // Names that JavaScript would put in the order of numbers.
    [{ 9: 1, 10: 2, b: { z: 1, a: [] }, a: {} }, '{"10":2,"9":1,"a":{},"b":{"a":[],"z":1}}'],
    [{ left: undefined, list: [undefined, 1] }, '{"list":[null,1]}'],
  ])("%#: %j", (value, text) => {
    expect(canonical(value)).toBe(text);
  });

  it("keeps lone surrogates apart in well-formed text", () => {
    const texts = ["\ud800", "\udc00", "a\udbffb", "\ufffd", "\ud83d\ude00"].map(canonical);
    expect(texts).toEqual(['"\\ud800"', '"\\udc00"', '"a\\udbffb"', '"\ufffd"', '"😀"']);
    for (const text of texts) expect(text.isWellFormed()).toBe(true);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 10n, () => 1, Symbol("x")])(
    "refuses %s without showing it",
    (value) => {
      expect(() => canonical({ value })).toThrow(/^a \w+ that JSON cannot hold$/);
    },
  );

  it("is the same whatever the order of members, and parses back", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonical(value);
        const back: unknown = JSON.parse(text);
        expect(canonical(back)).toBe(text);
        expect(canonical(reversed(value))).toBe(text);
        expect(digest(reversed(value))).toBe(digest(value));
      }),
      { seed: 3, numRuns: 300 },
    );
  });
});

/** The same value with the members of every object the other way round. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, member]) => [name, reversed(member)]),
  );
}

describe("a chain", () => {
  it("links lines whose hash is that of their canonical form", () => {
    const next = chain("journal-0a1b2c3d");
    const made = [next(draft()), next(draft()), next(draft())];
    let previous = firstHash("journal-0a1b2c3d");
    for (const [index, { entry, line }] of made.entries()) {
      const { hash, ...rest } = JSON.parse(line);
      expect({ ...rest, hash }).toEqual(entry);
      expect(hash).toBe(digest(rest));
      expect(entry).toMatchObject({ v: 1, seq: index + 1, prev_hash: previous });
      previous = hash;
    }
    const ids = made.map(({ entry }) => entry.id);
    expect(ids).toEqual(ids.toSorted());
  });

  it("shows every change of one byte", () => {
    const json = fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue());
    fc.assert(
      fc.property(json, fc.nat(), fc.integer({ min: 1, max: 255 }), (input, place, flip) => {
        const { line } = chain("journal-0a1b2c3d")(draft({ deed: { ...draft().deed, input } }));
        const bytes = Buffer.from(line);
        const whole = unseal(Buffer.from(bytes));
        expect(whole && sha256(whole.text)).toBe(whole?.hash);
        bytes[place % bytes.length] = (bytes[place % bytes.length] ?? 0) ^ flip;
        const changed = unseal(bytes);
        expect(changed !== undefined && sha256(changed.text) === changed.hash).toBe(false);
      }),
      { seed: 3, numRuns: 1000 },
    );
  });
});

it("names changes in the order of time, url-safe and never twice", () => {
  const ids = [0, 1, 1_700_000_000_000, 1_800_000_000_000, 99_999_999_999_999].map(newChangeId);
  expect(ids).toEqual(ids.toSorted());
  for (const id of ids) expect(id).toMatch(/^chg_[0-9a-z]{25}$/);
  expect(new Set(Array.from({ length: 1000 }, () => newChangeId(5))).size).toBe(1000);
});
