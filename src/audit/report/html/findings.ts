import { severities } from "../../check.ts";
import type { Finding } from "../../engine.ts";
import { type Batch, batchesOf, type Report, subjectText, titleOf } from "../report.ts";
import { jsonText, valueText } from "../text.ts";
import { element, type Markup } from "../xml.ts";

/** A short word on its colour. */
export const badge = (tone: string, text: string): Markup => element("span", { class: `badge ${tone}` }, [text]);

export const code = (text: string): Markup => element("code", {}, [text]);

/** A table with a caption, headings of columns, and one heading a row. */
export function table(
  attributes: Readonly<Record<string, string>>,
  caption: string,
  heads: readonly string[],
  rows: readonly (readonly Markup[])[],
): Markup {
  return element("div", { class: "scroll card", role: "region", "aria-label": caption, tabindex: "0" }, [
    element("table", attributes, [
      element("caption", {}, [caption]),
      element("thead", {}, [
        element(
          "tr",
          {},
          heads.map((head) => element("th", { scope: "col" }, [head])),
        ),
      ]),
      element(
        "tbody",
        {},
        rows.map((cells) => element("tr", {}, cells)),
      ),
    ]),
  ]);
}

/** Findings, the worst first, those of one check together. */
export function findingsSection({ audit }: Report): readonly Markup[] {
  const batches = batchesOf(audit.findings);
  return severities.flatMap((severity) => {
    const here = batches.filter((batch) => batch.severity === severity);
    if (here.length === 0) return [];
    const count = here.reduce((sum, { findings }) => sum + findings.length, 0);
    const title = `${severity[0]?.toUpperCase()}${severity.slice(1)} (${count})`;
    return [element("h3", { class: severity, id: severity }, [title]), ...here.map(batchCard)];
  });
}

function batchCard({ check, severity, findings }: Batch): Markup {
  const link = /^https:\/\/\S+$/.test(check.source)
    ? element("a", { href: check.source, rel: "noopener noreferrer" }, [
        check.source.replace(/^https:\/\/(?:www\.)?/, ""),
      ])
    : check.source;
  return element("article", { class: `check card ${severity}` }, [
    element("div", { class: "top" }, [badge("word", severity), element("h4", {}, [check.title]), code(check.id)]),
    element("p", { class: "why" }, [check.why]),
    element("p", { class: "todo" }, [element("strong", {}, ["What to do: "]), check.remedy]),
    ...findings.map(findingCard),
    terms("about", [
      ["No mistake when", [check.falsePositive]],
      ["Source", [link]],
    ]),
  ]);
}

type Term = readonly [title: string, content: readonly (Markup | string)[]];

const terms = (name: string | undefined, list: readonly Term[]): Markup =>
  element(
    "dl",
    { class: name },
    list.flatMap(([title, content]) => [element("dt", {}, [title]), element("dd", {}, content)]),
  );

function findingCard(finding: Finding): Markup {
  const { subject, says, certain, id, field, value, related = [], fix } = finding;
  const evidence: readonly Term[] = [
    ...(field === undefined ? [] : [["Where", [code(field)]] as const]),
    ...(value === undefined ? [] : [["What stands there", [code(valueText(value))]] as const]),
    ...(related.length === 0 ? [] : [["Concerns", [related.map(subjectText).join(", ")]] as const]),
    ...Object.entries(fix?.choose ?? {}).map(([name, what]): Term => ["To choose", [code(name), ` ${what}`]]),
  ];
  const doubt = certain ? [] : [" ", badge("unknown", "not certain")];
  return element("section", { class: "finding" }, [
    element("div", { class: "top" }, [
      element("strong", {}, [titleOf(subject)]),
      element("span", { class: "muted small" }, [`${subject.noun} `, code(subject.id)]),
      element("code", { class: "muted" }, [id]),
    ]),
    element("p", {}, [says, ...doubt]),
    ...(evidence.length === 0 ? [] : [terms(undefined, evidence)]),
    ...(fix?.steps ?? []).map((step) =>
      element("details", {}, [
        element("summary", {}, ["Fix: ", code(step.operation)]),
        element("pre", {}, [code(jsonText(step.arguments))]),
      ]),
    ),
  ]);
}
