import { z } from "zod";
import { badInput } from "../core/errors.ts";
import { didYouMean } from "../core/nearest.ts";
import { brokenJson, placeIn } from "../inventory/json-place.ts";
import type { Audit, CheckResult, Finding } from "./engine.ts";

const words = (what: string, longest: number) =>
  z
    .string(`expected ${what}`)
    .trim()
    .min(1, `empty: expected ${what}`)
    .max(longest, `longer than ${longest} characters: shorten it`);

const acceptance = z.strictObject({
  id: z
    .string("expected the id of a finding")
    .regex(/^[A-Z]+-\d+:[0-9a-f]{12}$/, "not the id of a finding: it is like POL-01:3f2a9c1e77b0"),
  reason: words("why it is accepted", 1000),
  expires: z.iso.date("expected the last day on which it is accepted, like 2027-03-31"),
  by: words("who accepted it", 200).optional(),
  about: z.string("expected a text").max(2000, "longer than 2000 characters: shorten it").optional(),
});

/** Complaints that one error tells of. */
const mostTold = 20;

/** The model of a baseline file. */
const model = z.strictObject({ accepted: z.array(acceptance, "expected a list of accepted findings") });

/** A finding that its owner lives with, until the end of a day (UTC). */
export type Acceptance = Readonly<z.infer<typeof acceptance>>;

/** What an owner knows of and lives with. `about` says what the finding was, for people. */
export interface Baseline {
  readonly accepted: readonly Acceptance[];
}

/** A finding that is accepted. */
export interface Accepted extends Finding {
  readonly acceptance: Acceptance;
}

/** An audit with what is accepted set apart. */
export interface Applied {
  /** What is left: its findings are the new ones. */
  readonly audit: Audit;
  readonly accepted: readonly Accepted[];
  /** Which acceptances ran out and which mean nothing (any more), one sentence each. */
  readonly remarks: readonly string[];
}

/** Reads a baseline file. What is wrong with it is one error that names each line and field. */
export function readBaseline(text: string): Baseline {
  const broken = brokenJson(text);
  if (broken !== undefined)
    throw refusal([`line ${broken.line}, column ${broken.column}: expected ${broken.expected}`]);
  const parsed = model.safeParse(JSON.parse(text));
  const complaints = parsed.success ? twiceIn(parsed.data) : parsed.error.issues.flatMap(complaintsOf);
  if (parsed.success && complaints.length === 0) return parsed.data;
  throw refusal(
    complaints
      .slice(0, mostTold)
      .map(({ path, says }) => `line ${placeIn(text, path).line}, ${pathText(path)}: ${says}`),
  );
}

const refusal = (issues: readonly string[]) =>
  badInput(
    `The baseline is no list of accepted findings: ${issues[0]}${issues.length > 1 ? ` (and ${issues.length - 1} more)` : ""}.`,
    'Write it as {"accepted": [{"id": "POL-01:3f2a9c1e77b0", "reason": "...", "expires": "2027-03-31", "by": "..."}]}.',
    issues,
  );

interface Complaint {
  readonly path: readonly PropertyKey[];
  readonly says: string;
}

function complaintsOf({ path, ...issue }: z.core.$ZodIssue): readonly Complaint[] {
  if (issue.code !== "unrecognized_keys") return [{ path, says: issue.message }];
  const known = Object.keys(path.length === 0 ? model.shape : acceptance.shape);
  return issue.keys.map((key) => ({
    path: [...path, key],
    says: `not a field${didYouMean(key, known) || `: there are ${known.join(", ")}`}`,
  }));
}

function twiceIn({ accepted }: Baseline): readonly Complaint[] {
  const first = new Map(accepted.map(({ id }, place) => [id, place] as const).toReversed());
  return accepted.flatMap(({ id }, place) =>
    first.get(id) === place ? [] : [{ path: ["accepted", place, "id"], says: "accepted already further up" }],
  );
}

const pathText = (path: readonly PropertyKey[]): string =>
  path
    .map((part, place) => (typeof part === "number" ? `[${part}]` : `${place === 0 ? "" : "."}${String(part)}`))
    .join("") || "the file";

const day = 24 * 60 * 60 * 1000;

/** Whether an acceptance still holds at `now`, in milliseconds since 1970. */
const holds = ({ expires }: Acceptance, now: number): boolean => now < Date.parse(expires) + day;

/**
 * Sets apart what is accepted in an audit of all checks. `now` is in milliseconds since 1970; what expired before is a
 * finding again.
 */
export function apply(audit: Audit, baseline: Baseline, now: number): Applied {
  const acceptances = new Map(baseline.accepted.map((one) => [one.id, one]));
  const inForce = (id: string): Acceptance | undefined => {
    const found = acceptances.get(id);
    return found !== undefined && holds(found, now) ? found : undefined;
  };
  const isNew = ({ id }: Finding) => inForce(id) === undefined;
  const findings = new Set(audit.findings.map(({ id }) => id));
  return {
    audit: {
      ...audit,
      results: audit.results.map((result) => without(result, result.findings.filter(isNew))),
      findings: audit.findings.filter(isNew),
    },
    accepted: audit.findings.flatMap((finding) => {
      const acceptance = inForce(finding.id);
      return acceptance === undefined ? [] : [{ ...finding, acceptance }];
    }),
    remarks: baseline.accepted.flatMap((one) => remarksOn(one, findings.has(one.id), audit, now)),
  };
}

/** A result with fewer findings; with none left, nothing is wrong that is not accepted. */
function without(result: CheckResult, findings: readonly Finding[]): CheckResult {
  if (findings.length === result.findings.length) return result;
  const status = findings.length > 0 ? "found" : result.why === undefined ? "none" : "unknown";
  return { ...result, status, findings };
}

function remarksOn(one: Acceptance, isFound: boolean, { results }: Audit, now: number): readonly string[] {
  const name = `The acceptance of ${one.id}`;
  if (isFound) return holds(one, now) ? [] : [`${name} ended with ${one.expires}: it is a finding again`];
  const id = one.id.split(":")[0] ?? "";
  const result = results.find(({ check }) => check.id === id);
  if (result === undefined) {
    const hint = didYouMean(
      id,
      results.map(({ check }) => check.id),
    );
    return [`${name} means nothing: there was no check ${id}${hint}`];
  }
  // What could not be looked for may still be there.
  if (result.why !== undefined) return [];
  return [`${name} is not needed: nothing of that kind was found; take it out`];
}

/** What accepting takes. */
export interface Terms {
  readonly reason: string;
  /** The last day, such as 2027-03-31. */
  readonly expires: string;
  readonly by?: string;
}

/** A baseline file that accepts every finding of an audit; acceptances of `before` that still hold stay as they are. */
export function baselineText(
  audit: Audit,
  terms: Terms,
  before?: { readonly baseline: Baseline; readonly now: number },
): string {
  const kept = new Map(before?.baseline.accepted.filter((one) => holds(one, before.now)).map((one) => [one.id, one]));
  const accepted = audit.findings
    .map(({ id, says, subject }): Acceptance => {
      const { reason, expires, by } = terms;
      const about = `${subject.noun} ${subject.name ?? subject.id}: ${says}`.slice(0, 2000);
      return kept.get(id) ?? { id, reason, expires, ...(by !== undefined && { by }), about };
    })
    .toSorted((one, other) => (one.id < other.id ? -1 : 1));
  const text = `${JSON.stringify({ accepted }, null, 2)}\n`;
  readBaseline(text);
  return text;
}
