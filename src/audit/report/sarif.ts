import { type Check, type Severity, severities } from "../check.ts";
import type { Finding } from "../engine.ts";
import { datasetTitle, familyOf, type Report, subjectText, summaryOf, titleOf } from "./report.ts";
import { jsonText, line, valueText } from "./text.ts";

/** How bad each severity is on the scales of SARIF and of code scanning (CVSS points). */
const scales: Readonly<Record<Severity, { readonly level: string; readonly points: string }>> = {
  critical: { level: "error", points: "9.5" },
  high: { level: "error", points: "8.0" },
  medium: { level: "warning", points: "5.5" },
  low: { level: "note", points: "3.0" },
  info: { level: "note", points: "0.0" },
};

/** Where the facts stand whose source is the API itself. */
const apiReference = "https://developers.cloudflare.com/api/resources/zero_trust/subresources/access/";

/** Text of others, in which no viewer finds a link. */
const plain = (text: string): string => line(text).replaceAll("](", "] (");

/** SARIF 2.1.0, for code scanning and its viewers. */
export function sarif(report: Report): string {
  const { audit, accepted, version } = report;
  const { gaps, unknown } = summaryOf(report);
  const checks = audit.results.map(({ check }) => check);
  const places = new Map(checks.map(({ id }, place) => [id, place]));
  const result = (finding: Finding) => resultOf(finding, places.get(finding.check.id) ?? -1);
  const notes = [
    ...gaps.map(({ name, says }) => ({ level: "warning", message: { text: plain(`${datasetTitle(name)}: ${says}`) } })),
    ...unknown.map(({ check, why = "" }) => ({
      level: "warning",
      message: { text: plain(`no answer: ${why}`) },
      associatedRule: { id: check.id, index: places.get(check.id) ?? -1 },
    })),
    ...report.remarks.map((text) => ({ level: "note", message: { text: plain(text) } })),
  ];
  const log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "cloudflare-access-mcp", version, rules: checks.map(ruleOf) } },
        automationDetails: { id: `cloudflare-access/${encodeURIComponent(line(audit.account_id))}/` },
        columnKind: "utf16CodeUnits",
        invocations: [{ executionSuccessful: true, endTimeUtc: audit.taken_at, toolExecutionNotifications: notes }],
        results: [
          ...audit.findings.map(result),
          ...accepted.map(({ acceptance: { reason, expires, by }, ...finding }) => ({
            ...result(finding),
            suppressions: [
              {
                kind: "external",
                status: "accepted",
                justification: plain(`${reason} (until ${expires}${by === undefined ? "" : `, ${by}`})`),
              },
            ],
          })),
        ],
      },
    ],
  };
  return `${jsonText(log)}\n`;
}

const ruleOf = (check: Check) => ({
  id: check.id,
  shortDescription: { text: plain(check.title) },
  fullDescription: { text: plain(check.why) },
  help: { text: plain(`${check.remedy} No mistake when: ${check.falsePositive} Source: ${check.source}`) },
  helpUri: /^https:\/\/\S+$/.test(check.source) ? check.source : apiReference,
  defaultConfiguration: { level: scales[check.severity].level },
  properties: {
    tags: ["security", "cloudflare-access", familyOf(check)],
    "security-severity": scales[check.severity].points,
    problem: { severity: check.severity },
  },
});

function resultOf(finding: Finding, ruleIndex: number) {
  const { id, check, severity, certain, subject, says, field, value, related = [], fix } = finding;
  const place = field === undefined ? "" : ` (${field}${value === undefined ? "" : ` is ${valueText(value)}`})`;
  const path = [subject.noun, subject.id].map((part) => encodeURIComponent(line(part))).join("/");
  return {
    ruleId: check.id,
    ruleIndex,
    level: scales[severity].level,
    rank: 100 - 20 * severities.indexOf(severity),
    message: { text: plain(`${subjectText(subject)}: ${says}${place}. ${check.remedy}`) },
    locations: [
      {
        // Code scanning refuses results without a file: the path stands for the object.
        physicalLocation: { artifactLocation: { uri: path }, region: { startLine: 1 } },
        logicalLocations: [
          {
            name: plain(titleOf(subject)),
            fullyQualifiedName: `${path}${field === undefined ? "" : `#${line(field)}`}`,
            kind: subject.noun,
          },
        ],
      },
    ],
    // The first is the name that code scanning goes by.
    partialFingerprints: { primaryLocationLineHash: id, "findingId/v1": id },
    properties: { certain, severity, related, steps: fix?.steps ?? [], choose: fix?.choose ?? {} },
  };
}
