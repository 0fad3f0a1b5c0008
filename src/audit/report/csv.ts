import type { CheckResult, Finding } from "../engine.ts";
import { type Gap, nounOf, type Report, subjectText, summaryOf } from "./report.ts";
import { line, valueText } from "./text.ts";

/** Characters that one cell may have; Excel cuts at 32,767. */
const longest = 30_000;

const columns = [
  "kind",
  "id",
  "check",
  "severity",
  "certain",
  "title",
  "noun",
  "object_id",
  "object_name",
  "says",
  "field",
  "value",
  "related",
  "why",
  "remedy",
  "operations",
  "arguments",
  "false_positive",
  "source",
  "reason",
  "expires",
  "by",
] as const;
type Row = Partial<Record<(typeof columns)[number], string>>;

/**
 * Where a spreadsheet would begin a formula: at the start of a cell, after quotation marks and blanks too, and after a
 * semicolon, which separates cells in much of Europe. Wide forms count where wide letters are typed.
 */
const formula = /(^|;)([\s"']*)(?=[=+\-@|%＝＋－＠])/g;

const cell = (text: string): string => `"${line(text, longest).replace(formula, "$1'$2").replaceAll('"', '""')}"`;

/** One row a finding, after the accepted ones one for each check without an answer and each dataset not known whole; RFC 4180. */
export function csv(report: Report): string {
  const { unknown, gaps } = summaryOf(report);
  const rows: readonly Row[] = [
    ...report.audit.findings.map((finding) => findingRow("finding", finding)),
    ...report.accepted.map(({ acceptance: { reason, expires, by }, ...finding }) => ({
      ...findingRow("accepted", finding),
      reason,
      expires,
      ...(by !== undefined && { by }),
    })),
    ...unknown.map(unknownRow),
    ...gaps.map(gapRow),
  ];
  const lines = [columns.join(","), ...rows.map((row) => columns.map((name) => cell(row[name] ?? "")).join(","))];
  return lines.map((text) => `${text}\r\n`).join("");
}

function findingRow(
  kind: string,
  { id, check, severity, certain, subject, says, field, value, related, fix }: Finding,
): Row {
  return {
    kind,
    id,
    check: check.id,
    severity,
    certain: certain ? "yes" : "no",
    title: check.title,
    noun: subject.noun,
    object_id: subject.id,
    object_name: subject.name ?? "",
    says,
    field: field ?? "",
    value: value === undefined ? "" : valueText(value, longest),
    related: (related ?? []).map(subjectText).join(", "),
    why: check.why,
    remedy: check.remedy,
    operations: (fix?.steps ?? []).map(({ operation }) => operation).join(" "),
    arguments:
      fix === undefined
        ? ""
        : valueText(
            fix.steps.map((step) => step.arguments),
            longest,
          ),
    false_positive: check.falsePositive,
    source: check.source,
  };
}

const unknownRow = ({ check, why = "" }: CheckResult): Row => ({
  kind: "unknown",
  check: check.id,
  severity: check.severity,
  title: check.title,
  says: why,
  source: check.source,
});

const gapRow = ({ name, says }: Gap): Row => ({ kind: "unreadable", noun: nounOf(name), object_name: name, says });
