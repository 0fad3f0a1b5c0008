import { hash } from "node:crypto";
import { type DatasetName, datasets, type Inventory } from "../inventory/datasets.ts";
import { type Check, type Found, type Severity, severities } from "./check.ts";
import { type Estate, estateOf } from "./estate.ts";

/** One thing that is wrong, with what its check says about all of its kind. */
export interface Finding extends Found {
  /** `POL-01:3f2a9c1e77b0`: the same as long as the same thing is wrong with the same object. */
  readonly id: string;
  readonly check: Check;
  readonly severity: Severity;
  readonly certain: boolean;
}

/** What came of one check: `unknown` when what it reads is missing, or it found nothing in what was too little to tell. */
export interface CheckResult {
  readonly check: Check;
  readonly status: "found" | "none" | "unknown";
  /** Why it is not known, or not known whole. */
  readonly why?: string;
  readonly findings: readonly Finding[];
}

/** Everything that an audit found out. */
export interface Audit {
  readonly account_id: string;
  /** When the account was read, ISO 8601. */
  readonly taken_at: string;
  readonly inventory: Inventory;
  readonly results: readonly CheckResult[];
  /** Of all checks, the worst first. */
  readonly findings: readonly Finding[];
}

/** Looks through what was read. `now` is in milliseconds since 1970. */
export function audit(
  checks: readonly Check[],
  inventory: Inventory,
  { account_id, now }: { readonly account_id: string; readonly now: number },
): Audit {
  const estate = estateOf(inventory, now);
  const results = checks.map((check) => resultOf(check, inventory, estate));
  const all = results.flatMap((result) => result.findings);
  const findings = severities.flatMap((severity) => all.filter((finding) => finding.severity === severity));
  return { account_id, taken_at: new Date(now).toISOString(), inventory, results, findings };
}

function resultOf(check: Check, inventory: Inventory, estate: Estate): CheckResult {
  const lacking = check.reads.filter((name) => !isThere(inventory, name));
  if (lacking.length > 0) return { check, status: "unknown", why: lackOf(lacking, inventory), findings: [] };
  const findings = identified(check, byName(check.find(estate)));
  const partly = check.reads.filter((name) => inventory[name]?.state === "partial");
  const lack = [lackOf(partly, inventory), check.lacks?.(estate) ?? ""].filter((reason) => reason !== "").join("; ");
  const why = lack !== "" && { why: lack };
  if (findings.length > 0) return { check, status: "found", ...why, findings };
  return { check, status: lack !== "" ? "unknown" : "none", ...why, findings };
}

const isThere = (inventory: Inventory, name: DatasetName): boolean =>
  inventory[name]?.state === "ok" || inventory[name]?.state === "partial";

const lackOf = (names: readonly DatasetName[], inventory: Inventory): string =>
  names.map((name) => `${datasets[name].noun}: ${inventory[name]?.why ?? "not read"}`).join("; ");

/** Places in arrays do not count: what stands before may come and go. */
const withoutPlaces = (field: string): string => (field.includes("[") ? field.replaceAll(/\[\d+\]/g, "[]") : field);

function identified(check: Check, found: readonly Found[]): readonly Finding[] {
  const seen = new Map<string, number>();
  return found.map((one) => {
    const { subject, field = "", first = field, mark = "" } = one;
    const what = JSON.stringify([check.id, subject.noun, subject.id, withoutPlaces(first), mark]);
    const count = seen.get(what) ?? 0;
    seen.set(what, count + 1);
    const digest = hash("sha256", count === 0 ? what : `${what} ${count}`);
    const { severity = check.severity, certain = true } = one;
    return { ...one, id: `${check.id}:${digest.slice(0, 12)}`, check, severity, certain };
  });
}

/** Whatever the order in which the account was read. */
const byName = (found: Iterable<Found>): readonly Found[] =>
  [...found].sort(
    (one, other) =>
      inOrder(one.subject.name, other.subject.name) ||
      inOrder(one.subject.id, other.subject.id) ||
      inOrder(one.field, other.field) ||
      inOrder(one.mark, other.mark),
  );

const inOrder = (one = "", other = ""): number => (one < other ? -1 : Number(one > other));
