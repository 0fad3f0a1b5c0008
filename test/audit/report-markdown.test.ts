import { describe, expect, it } from "vitest";
import { formats } from "../../src/audit/report/index.ts";
import { concise } from "../../src/audit/report/markdown.ts";
import { visible } from "../../src/audit/report/text.ts";
import { cleanReport, hostileNames, longReport, sampleReport } from "../support/report.ts";

const report = sampleReport();
/** Our own links are the only thing in angle brackets. */
const withoutLinks = (text: string) => text.replace(/<https:\/\/developers\.cloudflare\.com\/[^>]*>/g, "");
/** The text without what stands in code, where nothing is marked up. */
const withoutCode = (text: string) =>
  text.replace(/^(`{3,})json\n[\s\S]*?\n\1$/gm, "").replace(/(?<![`\\])(`+)(?!`)[^\n]*?[^`]\1(?!`)/g, "");

describe("concise Markdown", () => {
  const text = concise(report, "Go on with cursor=abc.");
  const rows = text.split("\n").filter((row) => /^\d+\. /.test(row));

  it("begins with the verdict and all counts", () => {
    expect(text.split("\n")[0]).toBe(
      "**Act now.** 15 findings: 1 critical, 3 high, 9 medium, 1 low and 1 info; 3 of 11 checks could not be answered.",
    );
  });

  it("names the worst ten, by id, and how to see the rest", () => {
    expect(rows).toHaveLength(10);
    for (const [place, { id }] of report.audit.findings.slice(0, 10).entries())
      expect(rows[place]).toContain(`\`${id}\``);
    expect(text).toContain("5 more. Go on with cursor=abc.");
  });

  it("shows what was not readable, what is accepted and what ran out", () => {
    expect(text).toContain("users: not allowed to read");
    expect(text).toContain("Accepted: 1 finding.");
    expect(text).toContain("it is a finding again");
  });

  it("has at most 2,500 characters, whatever the names", () => {
    expect(text.length).toBeLessThanOrEqual(2500);
    for (const piece of ["<", "`", "\u202E", "&", "x", "*_", "\uD800"]) {
      const long = concise(longReport(piece), "Go on with cursor=abc.");
      expect(long.length, piece).toBeLessThanOrEqual(2500);
      expect(long).toMatch(/\d+ more\. Go on/);
    }
  });

  it("says when there is nothing to say", () => {
    expect(concise(cleanReport())).toBe("**Nothing found.** No findings; 1 check answered.\n");
  });
});

describe("detailed Markdown", () => {
  const text = formats.md(report);

  it("holds every finding with its evidence and fix", () => {
    for (const { id } of report.audit.findings) expect(text).toContain(`\`${id}\``);
    expect(text).toContain("Where: `include[0].everyone` is `{}`");
    expect(text).toContain("Fix: `update_policy`");
    expect(JSON.parse(/```json\n([\s\S]*?)\n```/.exec(text)?.[1] ?? "")).toMatchObject({ decision: "allow" });
  });

  it("has sections for what was not readable, what is accepted, and who can reach what", () => {
    const headings = text.split("\n").filter((row) => row.startsWith("## "));
    expect(headings).toEqual([
      "## Not readable",
      "## Findings",
      "## Who can reach what",
      "## Accepted findings",
      "## About the acceptances",
      "## Checks without an answer",
    ]);
    expect(text.slice(text.indexOf("## Accepted"))).toContain(report.accepted[0]?.id);
    expect(text.slice(0, text.indexOf("## Accepted"))).not.toContain(report.accepted[0]?.id);
  });

  it.each(Object.entries(hostileNames))("keeps a name in its place: %s", () => {
    const plain = withoutCode(withoutLinks(text));
    expect(plain).not.toMatch(/[<>]/);
    expect(plain).not.toMatch(/(?<!\\)\]\(|https?:\/\/|!\[/);
    expect(plain).not.toMatch(/^(?:# New|- item)/m);
    expect(visible(text)).toBe(text);
  });

  it("has tables whose rows have as many cells as their heads", () => {
    const cells = (row: string) => row.split(/(?<!\\)\|/).length;
    const tables = text.split("\n\n").filter((part) => part.startsWith("|"));
    expect(tables).toHaveLength(2);
    for (const [head = "", ...rows] of tables.map((part) => part.split("\n"))) {
      for (const row of rows) expect(cells(row), row).toBe(cells(head));
    }
  });

  it("closes every block of code that it opens", () => {
    const fences = text.split("\n").filter((row) => /^`{3,}/.test(row));
    expect(fences.length % 2).toBe(0);
    for (let place = 0; place < fences.length; place += 2) expect(fences[place]).toBe(`${fences[place + 1]}json`);
  });
});
