import type { Members } from "../core/change.ts";
import type { DatasetName, Holdings } from "../inventory/datasets.ts";
import type { Estate } from "./estate.ts";

/** From worst to least. */
export const severities = ["critical", "high", "medium", "low", "info"] as const;
export type Severity = (typeof severities)[number];

/** An object that a finding names. */
export interface Subject {
  /** Singular noun: "application". */
  readonly noun: string;
  readonly id: string;
  readonly name?: string | undefined;
}

/** Calls that put something right, ready to be rehearsed. */
export interface Fix {
  /** Operations in the order in which they have to be done. */
  readonly steps: readonly { readonly operation: string; readonly arguments: Members }[];
  /** Arguments of the first step that only the owner can choose: what to give, by argument. */
  readonly choose?: Readonly<Record<string, string>>;
}

/** One thing that is wrong, as a check found it. */
export interface Found {
  readonly subject: Subject;
  /** What is wrong with this very object, one sentence without a full stop at the end. */
  readonly says: string;
  /** Where it is: dotted path in the subject, `[n]` in arrays. */
  readonly field?: string;
  /** Where `field` is a list with several items at fault, the first: the id is that of one alone. */
  readonly first?: string;
  /** What stands there; never a secret. */
  readonly value?: unknown;
  /** When this case is better or worse than the check says. */
  readonly severity?: Severity;
  /** False when something unknown could make it harmless. */
  readonly certain?: boolean;
  /** What else it concerns: the applications that a policy opens. */
  readonly related?: readonly Subject[];
  /** Tells two findings of one check about one object apart, where the field does not: the id that dangles. */
  readonly mark?: string;
  readonly fix?: Fix;
}

/** An account in which a check finds something, or nothing. Ids may be any text; fields that do not matter are left out. */
export interface Example {
  readonly says: string;
  readonly account: Holdings;
  /** What time it is, ISO 8601; 2026-11-01T00:00:00Z when absent. */
  readonly now?: string;
}

/** One thing that an audit looks for, declared as data. */
export interface Check {
  /** Stable for ever: `POL-01`. */
  readonly id: string;
  readonly title: string;
  readonly severity: Severity;
  /** What it means for the owner, one or two sentences. */
  readonly why: string;
  /** Without these it is not known whether anything is wrong. */
  readonly reads: readonly DatasetName[];
  /** With these it can tell more. */
  readonly also?: readonly DatasetName[];
  find(estate: Estate): Iterable<Found>;
  /** Why nothing found does not mean that nothing is wrong, no full stop at the end: a log that goes back too short a time. */
  lacks?(estate: Estate): string | undefined;
  /** What to do about it, one sentence. */
  readonly remedy: string;
  /** When it is no mistake, one sentence. */
  readonly falsePositive: string;
  /** Where the fact comes from: an https address of Cloudflare's documentation, or what of the API says so. */
  readonly source: string;
  readonly flagged: readonly Example[];
  readonly clean: readonly Example[];
}

/** Declares the checks of one family. */
export const family = (...checks: readonly Check[]): readonly Check[] => checks;
