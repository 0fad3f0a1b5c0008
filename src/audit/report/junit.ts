import type { DatasetName } from "../../inventory/datasets.ts";
import type { Dataset } from "../../inventory/world.ts";
import type { CheckResult, Finding } from "../engine.ts";
import { datasetTitle, familiesOf, type Report, stateNames, subjectText, summaryOf } from "./report.ts";
import { line, valueText } from "./text.ts";
import { element, type Markup } from "./xml.ts";

/** A check or a dataset, as CI servers see it. */
interface Case {
  readonly name: string;
  readonly outcome: "failure" | "skipped" | "passed";
  readonly children: readonly Markup[];
}

/** Every check as a test: failed by findings, skipped where there is no answer. Every dataset that is not known whole is skipped. */
export function junit(report: Report): string {
  const { audit, accepted } = report;
  const { gaps } = summaryOf(report);
  const suites = [
    ...[...familiesOf(audit.results)].map(
      ([name, results]) => [name, results.map((result) => checkCase(result, accepted))] as const,
    ),
    [
      "Datasets",
      Object.entries(audit.inventory).map(([name, dataset]) => datasetCase(name as DatasetName, dataset, gaps)),
    ] as const,
  ];
  const all = suites.flatMap(([, cases]) => cases);
  const content = suites.map(([name, cases]) =>
    element(
      "testsuite",
      {
        name,
        ...tally(cases),
        time: "0",
        timestamp: audit.taken_at.replace(/(?:\.\d+)?Z$/, ""),
        hostname: audit.account_id,
      },
      cases.map((one) =>
        element("testcase", { classname: `cloudflare-access.${name}`, name: one.name, time: "0" }, one.children),
      ),
    ),
  );
  const root = element(
    "testsuites",
    { name: `Cloudflare Access audit: ${report.title}`, ...tally(all), time: "0" },
    content,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root.markup}\n`;
}

function tally(cases: readonly Case[]): Record<string, string> {
  const count = (outcome: Case["outcome"]) => `${cases.filter((one) => one.outcome === outcome).length}`;
  return { tests: `${cases.length}`, failures: count("failure"), errors: "0", skipped: count("skipped") };
}

function checkCase({ check, status, why = "", findings }: CheckResult, accepted: Report["accepted"]): Case {
  const lived = accepted.filter((one) => one.check.id === check.id);
  const notes = lived.map(
    ({ acceptance, ...finding }) =>
      `${findingText(finding)}\n  accepted until ${acceptance.expires}: ${line(acceptance.reason)}`,
  );
  const output = notes.length === 0 ? [] : [element("system-out", {}, [notes.join("\n")])];
  const name = `${check.id} ${check.title}`;
  if (status === "unknown")
    return { name, outcome: "skipped", children: [element("skipped", { message: why }, []), ...output] };
  if (status === "none") return { name, outcome: "passed", children: output };
  const [first] = findings;
  const more = findings.length > 1 ? ` (and ${findings.length - 1} more)` : "";
  const message = first === undefined ? "" : `${subjectText(first.subject)}: ${first.says}${more}`;
  const text = [...findings.map(findingText), `What to do: ${check.remedy}`].join("\n");
  return {
    name,
    outcome: "failure",
    children: [element("failure", { message, type: check.severity }, [text]), ...output],
  };
}

function findingText({ id, severity, subject, says, field, value }: Finding): string {
  const place = field === undefined ? "" : `\n  ${line(field)}${value === undefined ? "" : ` is ${valueText(value)}`}`;
  return `${id} ${severity}: ${line(subjectText(subject))} (${line(subject.id)}): ${line(says)}${place}`;
}

function datasetCase(name: DatasetName, { state }: Dataset, gaps: ReturnType<typeof summaryOf>["gaps"]): Case {
  const gap = gaps.find((one) => one.name === name);
  const title = `${datasetTitle(name)} (${stateNames[state]})`;
  if (gap === undefined) return { name: title, outcome: "passed", children: [] };
  return { name: title, outcome: "skipped", children: [element("skipped", { message: gap.says }, [])] };
}
