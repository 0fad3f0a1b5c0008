import { createHash } from "node:crypto";
import { type Severity, severities } from "../../check.ts";
import {
  countsText,
  datasetTitle,
  type FamilySummary,
  type Report,
  type Summary,
  subjectText,
  summaryOf,
} from "../report.ts";
import { counted, listed } from "../text.ts";
import { element, type Markup } from "../xml.ts";
import { badge, code, findingsSection, table } from "./findings.ts";
import { reachSection } from "./reach.ts";
import { style } from "./style.ts";

const styleHash = createHash("sha256").update(style).digest("base64");

/** The page may show itself and nothing else: no script, no picture, no request. */
const securityPolicy = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'`;

/** A part of the page that the navigation leads to. */
interface Section {
  readonly id: string;
  readonly title: string;
  readonly content: readonly Markup[];
}

/** One page for everybody, which needs nothing but itself. */
export function html(report: Report): string {
  const summary = summaryOf(report);
  const sections = sectionsOf(report, summary).filter(({ content }) => content.length > 0);
  const head = element("head", {}, [
    element("meta", { charset: "utf-8" }),
    element("meta", { "http-equiv": "Content-Security-Policy", content: securityPolicy }),
    element("meta", { name: "viewport", content: "width=device-width, initial-scale=1" }),
    element("meta", { name: "color-scheme", content: "light dark" }),
    element("meta", { name: "referrer", content: "no-referrer" }),
    element("meta", { name: "robots", content: "noindex" }),
    element("title", {}, [`${report.title}: Cloudflare Access audit`]),
    styleElement,
  ]);
  const body = element("body", {}, [
    top(report, summary, sections),
    element(
      "main",
      {},
      sections.map(({ id, title, content }) =>
        element("section", { id, "aria-labelledby": `${id}-title` }, [
          element("h2", { id: `${id}-title` }, [title]),
          ...content,
        ]),
      ),
    ),
    element("footer", {}, [
      `Made by cloudflare-access-mcp ${report.version} from what was read at ${report.audit.taken_at}.`,
    ]),
  ]);
  return `<!DOCTYPE html>\n${element("html", { lang: "en" }, [head, body]).markup}\n`;
}

/** Not text to be escaped: it is ours, and its hash is that of what stands in the page. */
const styleElement: Markup = { markup: `<style>${style}</style>` };

function top({ audit, title, accepted }: Report, summary: Summary, sections: readonly Section[]): Markup {
  const lives = accepted.length === 0 ? "" : `; ${counted(accepted.length, "finding")} accepted`;
  return element("header", {}, [
    element("p", { class: "eyebrow" }, ["Cloudflare Access audit"]),
    element("h1", {}, [title]),
    element("p", { class: "meta" }, [
      element("span", {}, ["Account ", code(audit.account_id)]),
      element("span", {}, [`Read ${audit.taken_at.slice(0, 16).replace("T", " ")} UTC`]),
    ]),
    element("div", { class: `verdict card ${summary.posture}` }, [
      element("p", {}, [element("strong", {}, [summary.verdict]), element("span", {}, [`${summary.says}${lives}.`])]),
      bar(summary.counts),
      element(
        "ul",
        { class: "tiles", "aria-label": "Findings by severity" },
        severities.map((severity) => tile(severity, summary)),
      ),
    ]),
    element(
      "nav",
      { "aria-label": "Parts of this report" },
      sections.map(({ id, title: name }) => element("a", { href: `#${id}` }, [name])),
    ),
  ]);
}

function tile(severity: Severity, { counts }: Summary): Markup {
  const count = counts[severity];
  return element("li", { class: count === 0 ? "none" : severity }, [
    element("b", {}, [`${count}`]),
    element("span", {}, [severity]),
  ]);
}

/** Shares of the severities, the worst first; the numbers stand beside it in words. */
function bar(counts: Readonly<Record<Severity, number>>): Markup {
  const total = severities.reduce((sum, severity) => sum + counts[severity], 0);
  let at = 0;
  const parts = severities.flatMap((severity) => {
    if (counts[severity] === 0) return [];
    const share = (100 * counts[severity]) / total;
    const part = element("rect", { class: severity, x: `${at.toFixed(2)}`, width: `${share.toFixed(2)}`, height: "1" });
    at += share;
    return [part];
  });
  return element(
    "svg",
    { class: "bar", viewBox: "0 0 100 1", preserveAspectRatio: "none", "aria-hidden": "true" },
    parts,
  );
}

function sectionsOf(report: Report, summary: Summary): readonly Section[] {
  const { audit, accepted, reach, remarks } = report;
  return [
    {
      id: "families",
      title: "At a glance",
      content: [element("ul", { class: "families" }, summary.families.map(familyCard))],
    },
    {
      id: "unreadable",
      title: "What is not known",
      content: summary.gaps.length + summary.unknown.length === 0 ? [] : [gapsNotice(summary)],
    },
    {
      id: "findings",
      title: "Findings",
      content: audit.findings.length === 0 ? [element("p", { class: "muted" }, ["None."])] : findingsSection(report),
    },
    { id: "reach", title: "Who can reach what", content: reach.length === 0 ? [] : reachSection(report) },
    {
      id: "accepted",
      title: "Accepted findings",
      content: [
        ...(accepted.length === 0 ? [] : [acceptedTable(accepted)]),
        ...(remarks.length === 0 ? [] : [notice("medium", "About the acceptances", remarks)]),
      ],
    },
    { id: "checks", title: "All checks", content: [checksTable(report)] },
  ];
}

const notice = (tone: string, title: string, items: readonly string[]): Markup =>
  element("div", { class: `notice card ${tone}` }, [
    element("strong", {}, [title]),
    element(
      "ul",
      {},
      items.map((item) => element("li", {}, [item])),
    ),
  ]);

const gapsNotice = ({ gaps, unknown }: Summary): Markup =>
  notice(
    "unknown",
    [
      ...(gaps.length === 0 ? [] : [`${counted(gaps.length, "dataset")} not known whole`]),
      ...(unknown.length === 0 ? [] : [`${counted(unknown.length, "check")} without an answer`]),
    ].join("; "),
    [...gaps.map(({ name, says }) => `${datasetTitle(name)}: ${says}`), ...unansweredTexts(unknown)],
  );

/** The checks without an answer, those for one reason together. */
function unansweredTexts(unknown: Summary["unknown"]): readonly string[] {
  const reasons = [...new Set(unknown.map(({ why = "" }) => why))];
  return reasons.map((reason) => {
    const checks = unknown.filter(({ why = "" }) => why === reason).map(({ check }) => check.id);
    return `no answer from ${listed(checks)}: ${reason}`;
  });
}

function familyCard({ name, posture, counts, checks, unknown }: FamilySummary): Markup {
  const open = unknown === 0 ? "" : `, ${unknown} not answered`;
  const found = countsText(counts) || (posture === "clean" ? "nothing found" : "not known");
  return element("li", { class: `card ${posture}` }, [
    element("b", {}, [name]),
    bar(counts),
    element("div", { class: "is" }, [found]),
    element("div", { class: "muted small" }, [`${counted(checks, "check")}${open}`]),
  ]);
}

const acceptedTable = (accepted: Report["accepted"]): Markup =>
  table(
    {},
    "Known, and lived with until the day given.",
    ["Finding", "What", "Why it is accepted", "By", "Until"],
    accepted.map(({ id, severity, subject, says, acceptance: { reason, by = "", expires } }) => [
      element("th", { scope: "row" }, [code(id), " ", badge(`word ${severity}`, severity)]),
      element("td", {}, [`${subjectText(subject)}: ${says}`]),
      element("td", {}, [reason]),
      element("td", {}, [by]),
      element("td", { class: "date" }, [expires]),
    ]),
  );

const answers = { found: "found", none: "nothing found", unknown: "no answer" } as const;

function checksTable({ audit }: Report): Markup {
  const rows = audit.results.map(({ check, status, why, findings }) => [
    element("th", { scope: "row" }, [code(check.id)]),
    element("td", {}, [check.title]),
    element("td", {}, [badge(`word ${check.severity}`, check.severity)]),
    element("td", {}, [
      status === "found" ? counted(findings.length, "finding") : answers[status],
      ...(why === undefined ? [] : [element("div", { class: "muted small" }, [why])]),
    ]),
  ]);
  return element("details", {}, [
    element("summary", {}, [`What was looked for, and what came of it (${audit.results.length})`]),
    table({}, "Every check of this audit.", ["Check", "What is looked for", "Severity", "Answer"], rows),
  ]);
}
