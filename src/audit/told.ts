import type { Members } from "../core/change.ts";
import { datasets, type Inventory } from "../inventory/datasets.ts";
import { severities } from "./check.ts";
import type { Audit, Finding } from "./engine.ts";

/** A finding on one line of a list. */
export const lineOf = ({ id, severity, certain, check, subject, says, field, fix }: Finding): Members => ({
  id,
  severity,
  ...(!certain && { certain }),
  title: check.title,
  object: subject,
  says,
  ...(field !== undefined && { field }),
  fixable: fix !== undefined,
});

/** A finding with all that is known about it. */
export const wholeOf = (finding: Finding): Members => {
  const { check, value, related, fix } = finding;
  const { fixable: _, ...line } = lineOf(finding) as Members & { readonly fixable: boolean };
  return {
    ...line,
    value,
    why: check.why,
    related,
    remedy: check.remedy,
    fix,
    no_mistake_when: check.falsePositive,
    source: check.source,
  };
};

/** How many findings there are of each severity that has any. */
export function countsOf(findings: readonly Finding[]): Readonly<Record<string, number>> {
  const counts = severities.map((severity) => [severity, findings.filter((one) => one.severity === severity).length]);
  return Object.fromEntries(counts.filter(([, count]) => count !== 0));
}

/** What was not read whole, and why. */
export const gapsIn = (inventory: Inventory): readonly Members[] =>
  Object.entries(inventory).flatMap(([name, dataset]) => {
    if (dataset.state === "ok") return [];
    const { state, why, sample } = dataset;
    return [{ dataset: datasets[name as keyof Inventory].noun, state, ...(why && { why }), ...(sample && { sample }) }];
  });

/** The whole of an audit in one sentence. */
export function verdictOf({ results, findings }: Pick<Audit, "results" | "findings">): string {
  const unknown = results.filter(({ status }) => status === "unknown").length;
  const done = results.length - unknown;
  const found = Object.entries(countsOf(findings)).map(([severity, count]) => `${count} ${severity}`);
  const good = found.length === 0 ? "nothing wrong found" : found.join(", ");
  const gap = unknown === 0 ? "" : `; ${unknown} checks could not be answered`;
  return `${good}, by ${done} of ${results.length} checks${gap}`;
}
