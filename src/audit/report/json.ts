import type { DatasetState } from "../../inventory/world.ts";
import type { Reach } from "../../simulator/reach.ts";
import type { Fix, Severity, Subject } from "../check.ts";
import type { CheckResult, Finding } from "../engine.ts";
import { isPartial } from "../verdict.ts";
import { type Report, summaryOf } from "./report.ts";
import { jsonText } from "./text.ts";

/** A finding without anything nested that is not a list or evidence, so that tables and queries take it as it is. */
interface FindingRow {
  readonly id: string;
  readonly check: string;
  readonly title: string;
  readonly severity: Severity;
  readonly certain: boolean;
  /** The object: `noun` in the singular. */
  readonly noun: string;
  readonly object_id: string;
  readonly object_name?: string | undefined;
  readonly says: string;
  readonly field?: string | undefined;
  readonly value?: unknown;
  readonly related: readonly Subject[];
  readonly why: string;
  readonly remedy: string;
  readonly false_positive: string;
  readonly source: string;
  readonly steps: Fix["steps"];
  readonly choose: NonNullable<Fix["choose"]>;
  /** Of accepted findings only. */
  readonly reason?: string;
  readonly expires?: string;
  readonly by?: string | undefined;
}

/** What the JSON report holds. Members are only ever added; `format` counts up when one has to change. */
interface Document {
  readonly format: 1;
  readonly tool: "cloudflare-access-mcp";
  readonly version: string;
  readonly account_id: string;
  readonly account_name: string;
  /** When the account was read, ISO 8601. */
  readonly taken_at: string;
  readonly verdict: string;
  readonly summary: string;
  /** Whether everything could be read that was looked for. */
  readonly complete: boolean;
  /** Findings by severity. */
  readonly counts: Readonly<Record<Severity, number>>;
  /** The worst first. */
  readonly findings: readonly FindingRow[];
  readonly accepted: readonly FindingRow[];
  readonly remarks: readonly string[];
  readonly checks: readonly {
    readonly id: string;
    readonly title: string;
    readonly severity: Severity;
    readonly status: CheckResult["status"];
    readonly findings: number;
    readonly why?: string | undefined;
  }[];
  /** What was read. `read` of `of` owners where only a sample was looked at. */
  readonly datasets: readonly {
    readonly name: string;
    readonly state: DatasetState;
    readonly count: number;
    readonly why?: string | undefined;
    readonly read?: number | undefined;
    readonly of?: number | undefined;
  }[];
  readonly reach: readonly Reach[];
}

const row = ({
  id,
  check,
  severity,
  certain,
  subject,
  says,
  field,
  value,
  related = [],
  fix,
}: Finding): FindingRow => ({
  id,
  check: check.id,
  title: check.title,
  severity,
  certain,
  noun: subject.noun,
  object_id: subject.id,
  object_name: subject.name,
  says,
  field,
  value,
  related,
  why: check.why,
  remedy: check.remedy,
  false_positive: check.falsePositive,
  source: check.source,
  steps: fix?.steps ?? [],
  choose: fix?.choose ?? {},
});

/** Everything, for programs: see `Document`. */
export function json(report: Report): string {
  const { audit, accepted, remarks, reach, title, version } = report;
  const { verdict, says, counts } = summaryOf(report);
  const document: Document = {
    format: 1,
    tool: "cloudflare-access-mcp",
    version,
    account_id: audit.account_id,
    account_name: title,
    taken_at: audit.taken_at,
    verdict,
    summary: says,
    complete: !isPartial(audit),
    counts,
    findings: audit.findings.map(row),
    accepted: accepted.map(({ acceptance: { reason, expires, by }, ...finding }) => ({
      ...row(finding),
      reason,
      expires,
      by,
    })),
    remarks,
    checks: audit.results.map(({ check: { id, title, severity }, status, why, findings }) => ({
      id,
      title,
      severity,
      status,
      findings: findings.length,
      why,
    })),
    datasets: Object.entries(audit.inventory).map(([name, { state, items, why, sample }]) => ({
      name,
      state,
      count: items.length,
      why,
      ...sample,
    })),
    reach,
  };
  return `${jsonText(document)}\n`;
}
