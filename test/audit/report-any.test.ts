import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formats } from "../../src/audit/report/index.ts";
import { concise } from "../../src/audit/report/markdown.ts";
import { visible } from "../../src/audit/report/text.ts";
import { parseCsv } from "../support/csv.ts";
import { parseMarkup, textIn } from "../support/markup.ts";
import { hostileNames, namedReport, sampleReport } from "../support/report.ts";

/** Pieces that mean something in one format or another, between any other text. */
const piece = fc.oneof(
  fc.constantFrom(
    ...Object.values(hostileNames),
    "`",
    "```",
    "|",
    "\\",
    '"',
    '""',
    "'",
    "<",
    "&",
    "&lt;",
    "]]>",
    "\r\n",
    "\n\n",
    ";=",
    "\t-",
    "\u202E",
    "\uD800",
    "\uFFFF",
  ),
  fc.string({ unit: "binary" }),
  fc.string(),
);
const text = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(""));

describe("whatever an object is called", () => {
  it("every format stays what it is", () => {
    fc.assert(
      fc.property(text, (name) => {
        const report = namedReport(name);
        expect(JSON.parse(formats.json(report)).findings[0].object_name).toBe(name);
        expect(JSON.parse(formats.sarif(report)).runs[0].results).toHaveLength(1);
        expect(textIn(parseMarkup(formats.html(report)))).toContain(visible(name));
        parseMarkup(formats.junit(report));
        const [head = [], ...rows] = parseCsv(formats.csv(report));
        for (const row of rows) expect(row).toHaveLength(head.length);
        const plain = formats.md(report).replace(/<https:[^>]*>/g, "");
        expect(plain.split("\n").filter((row) => /^#/.test(row))).toHaveLength(5);
        expect(concise(report).length).toBeLessThanOrEqual(2500);
        expect(concise(report)).not.toMatch(/[<>]/);
      }),
      { numRuns: process.env["LONG"] === "1" ? 3000 : 150 },
    );
  });

  it.each(Object.entries(formats))("%s is the same text for the same report", (_, format) => {
    expect(format(sampleReport())).toBe(format(sampleReport()));
  });
});
