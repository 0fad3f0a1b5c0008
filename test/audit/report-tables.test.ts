import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import { describe, expect, it } from "vitest";
import { formats } from "../../src/audit/report/index.ts";
import { visible } from "../../src/audit/report/text.ts";
import { parseCsv } from "../support/csv.ts";
import { named, parseMarkup, textIn } from "../support/markup.ts";
import { cleanReport, hostileNames, sampleReport } from "../support/report.ts";
// The standard's own schema, without its descriptions.
import schema from "./sarif-2.1.0.schema.json" with { type: "json" };

const report = sampleReport();
const findingIds = report.audit.findings.map(({ id }) => id);
const acceptedIds = report.accepted.map(({ id }) => id);

describe("JSON", () => {
  const document = JSON.parse(formats.json(report));

  it("holds every finding, as it is", () => {
    expect(document.findings.map(({ id }: { id: string }) => id)).toEqual(findingIds);
    const names = document.findings.map((finding: { object_name: string }) => finding.object_name);
    for (const [kind, name] of Object.entries(hostileNames)) {
      // A lone surrogate is no character, but JSON can hold it.
      expect(names, kind).toContain(name);
    }
  });

  it("is flat, and says what was not read and what is accepted", () => {
    expect(document).toMatchObject({
      format: 1,
      complete: false,
      counts: { critical: 1, high: 3, medium: 9, low: 1, info: 1 },
      accepted: [{ id: acceptedIds[0], expires: "2027-01-31", by: expect.stringContaining("Grace") }],
      reach: report.reach,
    });
    expect(document.datasets).toContainEqual({ name: "users", state: "forbidden", count: 0, why: expect.any(String) });
    expect(document.datasets).toContainEqual(expect.objectContaining({ name: "user_sessions", read: 300, of: 2120 }));
    expect(document.checks.filter(({ status }: { status: string }) => status === "unknown")).toHaveLength(3);
    expect(JSON.parse(formats.json(cleanReport()))).toMatchObject({ complete: true, verdict: "Nothing found" });
  });

  it("has no character in it that rearranges a screen", () => {
    for (const text of [formats.json(report), formats.sarif(report)]) expect(visible(text)).toBe(text);
  });
});

describe("SARIF", () => {
  const ajv = new Ajv({ strict: false, unicodeRegExp: false });
  addFormats.default(ajv);
  const validate = ajv.compile(schema);
  const log = JSON.parse(formats.sarif(report));
  const [run] = log.runs;

  it.each([
    ["with everything", sampleReport()],
    ["of a clean account", cleanReport()],
  ])("is valid %s", (_, one) => {
    expect(validate(JSON.parse(formats.sarif(one))), JSON.stringify(validate.errors)).toBe(true);
  });

  it("would not be valid with a slip in it", () => {
    expect(validate({ ...log, runs: [{ ...run, results: [{ ...run.results[0], level: "critical" }] }] })).toBe(false);
    expect(validate({ ...log, runs: [{ ...run, results: [{ ruleId: "POL-01" }] }] })).toBe(false);
  });

  it("has the finding's id as the fingerprint, and a rule and a place for every result", () => {
    const fingerprints = run.results.map((one: { partialFingerprints: object }) => one.partialFingerprints);
    expect(fingerprints).toEqual(
      [...findingIds, ...acceptedIds].map((id) => ({ primaryLocationLineHash: id, "findingId/v1": id })),
    );
    for (const result of run.results) {
      const rule = run.tool.driver.rules[result.ruleIndex];
      expect(rule).toMatchObject({
        id: result.ruleId,
        helpUri: expect.stringMatching(/^https:\/\/developers\.cloudflare\.com\//),
      });
      const [{ physicalLocation, logicalLocations }] = result.locations;
      expect(URL.canParse(physicalLocation.artifactLocation.uri, "file:///")).toBe(true);
      expect(logicalLocations).toMatchObject([{ name: expect.any(String), kind: expect.any(String) }]);
    }
  });

  it("suppresses what is accepted and nothing else", () => {
    const suppressed = run.results.filter((one: object) => "suppressions" in one);
    expect(suppressed).toMatchObject([
      {
        ruleId: "APP-09",
        suppressions: [
          { kind: "external", status: "accepted", justification: expect.stringContaining("until 2027-01-31") },
        ],
      },
    ]);
  });

  it("tells what was not read, and has no links of others in its messages", () => {
    const notes = run.invocations[0].toolExecutionNotifications.map(
      (one: { message: { text: string } }) => one.message.text,
    );
    expect(notes).toContainEqual(expect.stringMatching(/^users: not allowed to read/));
    const texts = run.results.map((one: { message: { text: string } }) => one.message.text);
    expect(texts.filter((text: string) => text.includes("](")).length).toBe(0);
  });
});

describe("JUnit", () => {
  const root = parseMarkup(formats.junit(report));
  const suites = root.children.filter((child) => typeof child === "object");
  const cases = (suite: (typeof suites)[number]) => named(suite, "testcase");

  it("has one test for every check, and one for every dataset", () => {
    const families = suites.filter(({ attributes }) => attributes["name"] !== "Datasets");
    const names = families.flatMap(cases).map(({ attributes }) => attributes["name"]?.split(" ")[0]);
    expect(names).toEqual(report.audit.results.map(({ check }) => check.id));
    expect(cases(suites.at(-1) ?? root)).toHaveLength(Object.keys(report.audit.inventory).length);
  });

  it("fails with findings, skips what is not known, passes the rest", () => {
    const outcome = (id: string) =>
      named(root, "testcase")
        .filter(({ attributes }) => attributes["name"]?.startsWith(id))
        .flatMap(({ children }) => children)
        .map((child) => (typeof child === "object" ? child.name : child));
    expect(outcome("POL-01")).toEqual(["failure"]);
    expect(outcome("USR-01")).toEqual(["skipped"]);
    expect(outcome("APP-01")).toEqual([]);
    expect(outcome("APP-09")).toEqual(["failure", "system-out"]);
    expect(outcome("users (not allowed to read)")).toEqual(["skipped"]);
    expect(outcome("organization (read)")).toEqual([]);
  });

  it("counts right, in every suite and in all", () => {
    for (const one of [root, ...suites]) {
      expect(one.attributes).toMatchObject({
        tests: `${named(one, "testcase").length}`,
        failures: `${named(one, "failure").length}`,
        skipped: `${named(one, "skipped").length}`,
        errors: "0",
      });
    }
  });

  it("shows every finding", () => {
    const text = named(root, "failure").map(textIn).join("\n");
    for (const id of findingIds) expect(text).toContain(id);
    for (const id of acceptedIds) expect(text).not.toContain(id);
  });
});

describe("CSV", () => {
  const text = formats.csv(report);
  const [head = [], ...rows] = parseCsv(text);
  const column = (name: string) => rows.map((row) => row[head.indexOf(name)]);

  it("is RFC 4180: every row ends with CR LF and has every column", () => {
    expect(text.endsWith("\r\n")).toBe(true);
    expect(text.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
    for (const row of rows) expect(row).toHaveLength(head.length);
  });

  it("has a row for every finding, what is accepted, what has no answer and what was not read", () => {
    const counts = Object.entries({ finding: findingIds.length, accepted: 1, unknown: 3, unreadable: 3 });
    for (const [kind, count] of counts)
      expect(
        column("kind").filter((one) => one === kind),
        kind,
      ).toHaveLength(count);
    expect(column("id")).toEqual([...findingIds, ...acceptedIds, "", "", "", "", "", ""]);
  });

  it("begins no formula, whatever separates its cells", () => {
    const formula = /^[\s"']*[=+\-@|%\t\r＝＋－＠]/;
    // An apostrophe at the start is how spreadsheets know a text.
    const isFormula = (cell: string) => !cell.startsWith("'") && !/^\s*["\s]*'/.test(cell) && formula.test(cell);
    for (const row of rows) for (const cell of row) expect(isFormula(cell), cell).toBe(false);
    for (const part of text.split(";").slice(1)) expect(isFormula(part), part).toBe(false);
    expect(column("object_name")).toContain(`'${hostileNames.formula}`);
  });
});
