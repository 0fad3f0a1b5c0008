import { type DatasetName, datasets } from "../../inventory/datasets.ts";
import type { Dataset, DatasetState } from "../../inventory/world.ts";
import type { Reach } from "../../simulator/reach.ts";
import type { Accepted } from "../baseline.ts";
import { type Check, type Severity, type Subject, severities } from "../check.ts";
import type { Audit, CheckResult, Finding } from "../engine.ts";
import { isPartial } from "../verdict.ts";
import { counted, listed } from "./text.ts";

/** Everything that a report tells of; a format adds nothing to it, so the same report is the same bytes. */
export interface Report {
  /** What people call the account. */
  readonly title: string;
  /** Of this server. */
  readonly version: string;
  /** Without the findings that are accepted. */
  readonly audit: Audit;
  readonly accepted: readonly Accepted[];
  /** What the owner should know about the acceptances: which ran out, which mean nothing any more. */
  readonly remarks: readonly string[];
  /** Who may get into each application. */
  readonly reach: readonly Reach[];
}

/** How well an account does, worst first; `unknown` where nothing was found but not everything was seen. */
export type Posture = Severity | "unknown" | "clean";

/** What came of the checks of one family. */
export interface FamilySummary {
  readonly name: string;
  readonly posture: Posture;
  readonly checks: number;
  readonly unknown: number;
  readonly counts: Readonly<Record<Severity, number>>;
}

/** A dataset that is not known whole. */
export interface Gap {
  readonly name: DatasetName;
  readonly state: DatasetState;
  /** `could not be read: the token lacks a permission`. */
  readonly says: string;
}

/** What every format says first. */
export interface Summary {
  readonly posture: Posture;
  /** A word or two: `Act now`. */
  readonly verdict: string;
  /** One sentence with all counts, without a full stop. */
  readonly says: string;
  readonly counts: Readonly<Record<Severity, number>>;
  readonly families: readonly FamilySummary[];
  readonly gaps: readonly Gap[];
  readonly unknown: readonly CheckResult[];
}

const verdicts: Readonly<Record<Posture, string>> = {
  critical: "Act now",
  high: "Needs attention",
  medium: "Could be safer",
  low: "In good shape",
  info: "In good shape",
  unknown: "Not known",
  clean: "Nothing found",
};

/** Families by the letters that the ids of their checks begin with. */
const familyNames: Readonly<Record<string, string>> = {
  APP: "Applications",
  POL: "Policies",
  GRP: "Groups",
  IDP: "Identity providers",
  TOK: "Service tokens",
  CRT: "Certificates",
  TGT: "Targets",
  KEY: "Signing keys",
  ORG: "Organization",
  SCM: "Provisioning",
  MCP: "MCP servers",
  USR: "Users",
};

/** What each state of a dataset is called. */
export const stateNames: Readonly<Record<DatasetState, string>> = {
  ok: "read",
  partial: "read in part",
  forbidden: "not allowed to read",
  not_enabled: "not enabled",
  failed: "could not be read",
};

/** What the family of a check is called. */
export function familyOf({ id }: Check): string {
  const letters = id.split("-")[0] ?? id;
  return familyNames[letters] ?? letters;
}

/** How many findings there are of each severity. */
function countsOf(findings: readonly Finding[]): Record<Severity, number> {
  const counts = { critical: 0, high: 0, medium: 0, low: 0, info: 0 };
  for (const { severity } of findings) counts[severity] += 1;
  return counts;
}

/** `2 critical, 5 high and 1 low`; of no findings nothing. */
export const countsText = (counts: Readonly<Record<Severity, number>>): string =>
  listed(severities.filter((severity) => counts[severity] > 0).map((severity) => `${counts[severity]} ${severity}`));

const postureOf = (counts: Readonly<Record<Severity, number>>, isWhole: boolean): Posture =>
  severities.find((severity) => counts[severity] > 0) ?? (isWhole ? "clean" : "unknown");

/** What all formats say of a report. */
export function summaryOf({ audit }: Report): Summary {
  const counts = countsOf(audit.findings);
  const unknown = audit.results.filter(({ status }) => status === "unknown");
  const posture = postureOf(counts, !isPartial(audit));
  const { length: checks } = audit.results;
  const found = audit.findings.length;
  return {
    posture,
    verdict: verdicts[posture],
    says: [
      found === 0 ? "No findings" : `${counted(found, "finding")}: ${countsText(counts)}`,
      unknown.length === 0
        ? `${counted(checks, "check")} answered`
        : `${unknown.length} of ${counted(checks, "check")} could not be answered`,
    ].join("; "),
    counts,
    families: [...familiesOf(audit.results)].map(([name, results]) => familySummary(name, results)),
    gaps: Object.entries(audit.inventory).flatMap(([name, dataset]) => gapOf(name as DatasetName, dataset)),
    unknown,
  };
}

function familySummary(name: string, results: readonly CheckResult[]): FamilySummary {
  const counts = countsOf(results.flatMap(({ findings }) => findings));
  const unknown = results.filter(({ status }) => status === "unknown").length;
  return { name, posture: postureOf(counts, unknown === 0), checks: results.length, unknown, counts };
}

/** Results by what their family is called, in the order of the checks. */
export function familiesOf(results: readonly CheckResult[]): ReadonlyMap<string, readonly CheckResult[]> {
  const families = new Map<string, CheckResult[]>();
  for (const result of results) {
    const name = familyOf(result.check);
    families.set(name, [...(families.get(name) ?? []), result]);
  }
  return families;
}

function gapOf(name: DatasetName, { state, why, sample }: Dataset): readonly Gap[] {
  if (state === "ok") return [];
  const looked = sample === undefined ? [] : [`${sample.read} of ${sample.of} looked at`];
  return [{ name, state, says: [stateNames[state], ...looked, ...(why === undefined ? [] : [why])].join(": ") }];
}

/** What a dataset is called in a sentence. */
export const datasetTitle = (name: DatasetName): string => name.replaceAll("_", " ");

/** Findings of one check that are equally bad, to be told together. */
export interface Batch<Item extends Finding = Finding> {
  readonly check: Check;
  readonly severity: Severity;
  readonly findings: readonly Item[];
}

/** Findings by severity and check, in their order. */
export function batchesOf<Item extends Finding>(findings: readonly Item[]): readonly Batch<Item>[] {
  const batches = new Map<string, Item[]>();
  for (const finding of findings) {
    const key = `${finding.severity} ${finding.check.id}`;
    const batch = batches.get(key);
    if (batch === undefined) batches.set(key, [finding]);
    else batch.push(finding);
  }
  return [...batches.values()].flatMap((batch) => {
    const [first] = batch;
    return first === undefined ? [] : [{ check: first.check, severity: first.severity, findings: batch }];
  });
}

/** What the noun of a dataset's objects is. */
export const nounOf = (name: DatasetName): string => datasets[name].noun;

/** What people call an object. */
export const titleOf = ({ id, name }: { readonly id: string; readonly name?: string | undefined }): string =>
  name || id;

/** An object in plain words: `policy "Contractors"`. */
export const subjectText = (subject: Subject): string => `${subject.noun} "${titleOf(subject)}"`;
