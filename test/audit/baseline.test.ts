import { describe, expect, it } from "vitest";
import { apply, baselineText, readBaseline } from "../../src/audit/baseline.ts";
import type { Audit } from "../../src/audit/engine.ts";
import { exitCodeOf } from "../../src/audit/verdict.ts";
import { AccessError } from "../../src/core/errors.ts";
import { sampleAudit } from "../support/report.ts";

const noon = Date.parse("2026-11-01T12:00:00Z");
const whole = sampleAudit();
const idOf = (check: string, place = 0, { findings }: Audit = whole) =>
  findings.filter((finding) => finding.check.id === check)[place]?.id ?? "";
const accepting = (id: string, expires = "2027-01-31") => ({ accepted: [{ id, reason: "known", expires }] });
const complaintsAbout = (text: string): readonly string[] => {
  try {
    readBaseline(text);
  } catch (error) {
    if (error instanceof AccessError) return error.facts.issues ?? [];
  }
  return [];
};

describe("a baseline", () => {
  it("sets accepted findings apart, with reason and end", () => {
    const id = idOf("POL-01");
    const { audit, accepted, remarks } = apply(whole, accepting(id), noon);
    expect(audit.findings.map((finding) => finding.id)).toEqual(
      whole.findings.map((one) => one.id).filter((one) => one !== id),
    );
    expect(accepted).toMatchObject([
      { id, says: expect.any(String), acceptance: { reason: "known", expires: "2027-01-31" } },
    ]);
    expect(remarks).toEqual([]);
    expect(audit.results.find(({ check }) => check.id === "POL-01")).toMatchObject({ status: "none", findings: [] });
    expect([exitCodeOf(whole, "critical"), exitCodeOf(audit, "critical")]).toEqual([2, 7]);
  });

  it("leaves the other findings of a check", () => {
    const { audit } = apply(whole, accepting(idOf("POL-02")), noon);
    const result = audit.results.find(({ check }) => check.id === "POL-02");
    expect(result).toMatchObject({ status: "found", findings: [{ id: idOf("POL-02", 1) }] });
  });

  it.each([
    ["2026-11-02", true],
    ["2026-11-01", true],
    ["2026-10-31", false],
  ])("accepts until the end of %s: %s", (expires, isAccepted) => {
    const id = idOf("POL-01");
    const { audit, accepted, remarks } = apply(whole, accepting(id, expires), noon);
    expect(accepted).toHaveLength(isAccepted ? 1 : 0);
    expect(audit.findings.some((finding) => finding.id === id)).toBe(!isAccepted);
    expect(remarks).toEqual(isAccepted ? [] : [`The acceptance of ${id} ended with ${expires}: it is a finding again`]);
  });

  it.each([
    ["a check that there is not", "POL-99:0123456789ab", /no check POL-99 — did you mean "POL-0/],
    ["something that is not wrong any more", "POL-01:0123456789ab", /not needed/],
  ])("says what means nothing: %s", (_, id, says) => {
    const { remarks } = apply(whole, accepting(id), noon);
    expect(remarks).toEqual([expect.stringMatching(says)]);
    expect(remarks[0]).toContain(id);
  });

  it("does not call an acceptance needless while its check has no answer", () => {
    expect(apply(whole, accepting("USR-01:0123456789ab"), noon).remarks).toEqual([]);
  });

  it("changes nothing when it is empty", () => {
    expect(apply(whole, { accepted: [] }, noon)).toEqual({ audit: whole, accepted: [], remarks: [] });
  });
});

describe("a baseline file", () => {
  const terms = { reason: "first audit", expires: "2027-01-31", by: "Grace" };

  it("accepts all that an audit found", () => {
    const baseline = readBaseline(baselineText(whole, terms));
    const { audit, accepted } = apply(whole, baseline, noon);
    expect(audit.findings).toEqual([]);
    expect(accepted).toHaveLength(whole.findings.length);
    expect(baseline.accepted[0]).toMatchObject({ ...terms, about: expect.any(String) });
  });

  it("is the same text for the same audit", () => {
    expect(baselineText(sampleAudit(), terms)).toBe(baselineText(whole, terms));
  });

  it("keeps what was accepted before and still holds", () => {
    const [kept, ended] = [idOf("POL-01"), idOf("POL-02")];
    const before = { accepted: [...accepting(kept).accepted, ...accepting(ended, "2026-10-31").accepted] };
    const { accepted } = readBaseline(baselineText(whole, terms, { baseline: before, now: noon }));
    expect(accepted.find(({ id }) => id === kept)).toEqual(before.accepted[0]);
    expect(accepted.find(({ id }) => id === ended)).toMatchObject(terms);
  });

  it.each([
    ["reason", { ...terms, reason: "  " }],
    ["expires", { ...terms, expires: "31.1.2027" }],
  ])("is not written with a bad %s", (field, bad) => {
    expect(() => baselineText(whole, bad)).toThrow(field);
  });

  const entry = '{"id": "POL-01:0123456789ab", "reason": "known", "expires": "2027-01-31"}';

  it.each([
    ["no JSON", '{"accepted": [\n  {id: 1}]}', [/^line 2, column 4: expected a name in quotes/]],
    ["nothing", "", [/^line 1/]],
    ["a list", "[]", [/^line 1, the file: /]],
    [
      "another field",
      `{\n"acepted": []}`,
      [/^line 1, accepted: expected a list/, /^line 2, acepted: .* did you mean "accepted"/],
    ],
    [
      "a strange id",
      '{"accepted": [\n\n{"id": "POL-1", "reason": "x", "expires": "2027-01-31"}]}',
      [/^line 3, accepted\[0\]\.id: /],
    ],
    [
      "no reason",
      '{"accepted": [{"id": "POL-01:0123456789ab",\n"expires": "2027-01-31"}]}',
      [/^line 1, accepted\[0\]\.reason: expected why/],
    ],
    [
      "no such day",
      `{"accepted": [${entry},\n{"id": "POL-01:0123456789ac", "reason": "x",\n "expires": "2027-02-30"}]}`,
      [/^line 3, accepted\[1\]\.expires: .*2027-03-31/],
    ],
    [
      "a typing slip",
      `{"accepted": [${entry.replace('"reason"', '"raeson"')}]}`,
      [/reason: expected why/, /raeson: .* did you mean "reason"/],
    ],
    ["the same twice", `{"accepted": [${entry},\n${entry}]}`, [/^line 2, accepted\[1\]\.id: accepted already/]],
  ])("that is wrong names line and field: %s", (_, text, expected) => {
    const complaints = complaintsAbout(text);
    expect(complaints).toHaveLength(expected.length);
    for (const [place, pattern] of expected.entries()) expect(complaints[place]).toMatch(pattern);
  });
});
