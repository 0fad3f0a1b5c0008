import { severities } from "../check.ts";
import type { Finding } from "../engine.ts";
import { batchesOf, datasetTitle, type Report, type Summary, subjectText, summaryOf, titleOf } from "./report.ts";
import { counted, jsonText, line, valueText, visible } from "./text.ts";

/** Characters of a concise report; a block of a chat message holds 3,000. */
const longest = 2500;
/** Findings that a concise report names. */
const worst = 10;

/** Text of others, which neither marks anything up here nor leaves its line. */
const unmarked = (text: string): string =>
  text
    .replace(/[\\`*[\]|~$]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, "\\$&")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    // Else they become links by themselves.
    .replace(/:\/\/|\bwww\./gi, (found) => (found === "://" ? ":\\//" : `${found.slice(0, 3)}\\.`));

/** The same, no longer than `limit` with all its escapes. */
function escaped(text: string, limit = Number.POSITIVE_INFINITY): string {
  for (let room = limit; ; room -= 1) {
    const marked = unmarked(line(text, room));
    if (marked.length <= limit) return marked;
  }
}

/** Text that is copied as it is: between more backticks than it has in a row. */
function code(text: string, limit?: number): string {
  const plain = line(text, limit).replaceAll("|", "\\|");
  if (plain === "") return "";
  const fence = "`".repeat(longestRun(plain) + 1);
  const space = /^`|`$|^ .* $/.test(plain) ? " " : "";
  return `${fence}${space}${plain}${space}${fence}`;
}

const longestRun = (text: string): number => Math.max(0, ...(text.match(/`+/g) ?? []).map(({ length }) => length));

function codeBlock(text: string): string {
  const fence = "`".repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}json\n${text}\n${fence}`;
}

const objectText = (finding: Finding, limit?: number) => escaped(subjectText(finding.subject), limit);

const heading = (summary: Summary) => `**${summary.verdict}.** ${summary.says}.`;

const gapTexts = ({ gaps }: Summary) => gaps.map(({ name, says }) => `${datasetTitle(name)}: ${says}`);

/**
 * The verdict, the worst ten findings and what was not readable, at most 2,500 characters. `more` says how to see the
 * rest.
 */
export function concise(report: Report, more = ""): string {
  const { audit, accepted, remarks } = report;
  const summary = summaryOf(report);
  const rows = audit.findings.slice(0, worst).map((finding, place) => {
    const doubt = finding.certain ? "" : " (perhaps)";
    const says = `${objectText(finding, 60)}: ${escaped(finding.says, 90)}${doubt}`;
    return `${place + 1}. **${finding.severity}** ${says} ${code(finding.id, 60)}`;
  });
  const closing = [
    ...(summary.gaps.length === 0 ? [] : [`Not readable: ${escaped(gapTexts(summary).join("; "), 400)}`]),
    ...(accepted.length === 0 ? [] : [`Accepted: ${counted(accepted.length, "finding")}.`]),
    ...(remarks.length === 0 ? [] : [escaped(remarks.join("; "), 200)]),
  ];
  const text = (shown: number): string => {
    const left = audit.findings.length - shown;
    const rest = left === 0 ? [] : [`${left} more.${more === "" ? "" : ` ${line(more, 120)}`}`];
    return [heading(summary), [...rows.slice(0, shown), ...rest].join("\n"), closing.join("\n")]
      .filter((part) => part !== "")
      .join("\n\n");
  };
  let shown = rows.length;
  while (shown > 0 && text(shown).length > longest) shown -= 1;
  return `${text(shown)}\n`;
}

/** Everything, for people who read it in a browser or a pull request. */
export function markdown(report: Report): string {
  const summary = summaryOf(report);
  const { audit, accepted, remarks } = report;
  return [
    `# Cloudflare Access audit: ${escaped(report.title, 200)}`,
    heading(summary),
    `Account ${code(audit.account_id)}, read at ${audit.taken_at}, cloudflare-access-mcp ${report.version}.`,
    table(
      ["Family", "Checks", ...severities, "Not answered"],
      summary.families.map(({ name, checks, counts, unknown }) => [
        escaped(name),
        `${checks}`,
        ...severities.map((severity) => `${counts[severity]}`),
        `${unknown}`,
      ]),
    ),
    ...section("Not readable", [bullets(gapTexts(summary).map((text) => escaped(text)))].filter(Boolean)),
    ...section("Findings", batchesOf(audit.findings).map(batchText)),
    ...section("Who can reach what", reachTable(report)),
    ...section("Accepted findings", [bullets(accepted.map(acceptedText))].filter(Boolean)),
    ...section("About the acceptances", [bullets(remarks.map((remark) => escaped(remark)))].filter(Boolean)),
    ...section(
      "Checks without an answer",
      [
        bullets(
          summary.unknown.map(({ check, why = "" }) => `${code(check.id)} ${escaped(check.title)}: ${escaped(why)}`),
        ),
      ].filter(Boolean),
    ),
  ]
    .join("\n\n")
    .concat("\n");
}

const section = (title: string, parts: readonly string[]): readonly string[] =>
  parts.length === 0 ? [] : [`## ${title}`, ...parts];

const bullets = (items: readonly string[]): string => items.map((item) => `- ${item}`).join("\n");

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

function batchText({ check, severity, findings }: ReturnType<typeof batchesOf>[number]): string {
  return [
    `### ${check.id} (${severity}) ${escaped(check.title)}`,
    `${escaped(check.why)}${check.why.endsWith(".") ? "" : "."} What to do: ${escaped(check.remedy)}`,
    `No mistake when: ${escaped(check.falsePositive)} Source: ${source(check.source)}`,
    ...findings.map(findingText),
  ].join("\n\n");
}

const source = (text: string): string => (/^https:\/\/[\w./#?=&%-]+$/.test(text) ? `<${text}>` : escaped(text));

function findingText(finding: Finding): string {
  const { field, value, related = [], fix } = finding;
  const doubt = finding.certain ? "" : " Not certain: something that is not known could make it harmless.";
  const rows = [
    ...(field === undefined
      ? []
      : [`Where: ${code(field)}${value === undefined ? "" : ` is ${code(valueText(value))}`}`]),
    ...(related.length === 0
      ? []
      : [`Concerns ${related.map((one) => `${escaped(subjectText(one))} ${code(one.id)}`).join(", ")}`]),
    ...Object.entries(fix?.choose ?? {}).map(([name, what]) => `Choose ${code(name)}: ${escaped(what)}`),
  ];
  const { subject, id, says } = finding;
  const intro = `**${escaped(subjectText(subject))}** ${code(subject.id)}: ${escaped(says)}.${doubt} Finding ${code(id)}`;
  const steps = (fix?.steps ?? []).map(
    (step) => `Fix: ${code(step.operation)}\n\n${codeBlock(visible(jsonText(step.arguments)))}`,
  );
  return [[intro, bullets(rows)].filter(Boolean).join("\n\n"), ...steps].join("\n\n");
}

const acceptedText = ({ id, subject, says, severity, acceptance }: Report["accepted"][number]): string => {
  const { reason, expires, by } = acceptance;
  const who = by === undefined ? "" : ` by ${escaped(by)}`;
  return `${code(id)} ${severity}, ${escaped(subjectText(subject))}: ${escaped(says)}. Accepted${who} until ${expires}: ${escaped(reason)}`;
};

function reachTable({ reach }: Report): readonly string[] {
  if (reach.length === 0) return [];
  return [
    table(
      ["Application", "Who", "Not known"],
      reach.map(({ application, principals, unknown }) => [
        escaped(titleOf(application)),
        principals
          .map(({ label, outcome, conditions }) => escaped([`${label} (${outcome})`, ...conditions].join(", ")))
          .join("; ") || "nobody",
        escaped(unknown.join("; ")),
      ]),
    ),
  ];
}
