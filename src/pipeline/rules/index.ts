import type { Change, Reference } from "../../core/change.ts";
import type { Effect } from "../../core/operation.ts";
import { type ApplicationPattern, isApplication } from "./applications.ts";
import { isMatch } from "./glob.ts";
import { type Freeze, type Hours, hoursText, isFrozen, isOpen, localTime } from "./hours.ts";
import { type Find, type Part, partsOf } from "./parts.ts";
import { findShape } from "./shapes.ts";
import { namesOf, type Touched, touchedBy } from "./touched.ts";

/** A word of a rule, alone or with the operator's reason for it. */
export type Word = string | { readonly match: string; readonly because?: string | undefined };

type Because = { readonly because?: string | undefined };

/** How often something may be done in any hour and in any 24 hours. */
export interface Limit extends Because {
  readonly per_hour?: number | undefined;
  readonly per_day?: number | undefined;
}

/** What the operator lets no write do, as the rules file says it. An absent section limits nothing. */
export interface OperatorRules {
  /** Time zone of `hours` and `freeze` that name none. */
  readonly zone?: string | undefined;
  readonly forbid?:
    | {
        /** Globs of operation names, or `effect:delete`. */
        readonly operations?: readonly Word[] | undefined;
        /** Names of shapes that no write may bring in, with a limit where they have one. */
        readonly shapes?: readonly Word[] | undefined;
      }
    | undefined;
  /** The applications that may be touched; a text is a glob of names. */
  readonly only?: { readonly applications: readonly (string | ApplicationPattern)[] } | undefined;
  readonly never?: { readonly applications: readonly (string | ApplicationPattern)[] } | undefined;
  /** Objects of any kind, by glob of name or by id. */
  readonly protect?:
    | readonly ({
        readonly noun: string;
        readonly name?: string | undefined;
        readonly id?: string | undefined;
      } & Because)[]
    | undefined;
  /** Windows in which writes are allowed. */
  readonly hours?: readonly Hours[] | undefined;
  readonly freeze?: readonly Freeze[] | undefined;
  readonly maximum?: { readonly writes?: Limit | undefined; readonly destroys?: Limit | undefined } | undefined;
  readonly require?:
    | ({
        /** The agent must say why. */
        readonly reason?: boolean | undefined;
        /** One of these must stand in the reason; `#` is a number: `OPS-#`. */
        readonly tickets?: readonly string[] | undefined;
      } & Because)
    | undefined;
}

/** What is counted against a maximum. */
export type Counted = "writes" | "destroys";

/** What is known about a change besides itself. What rules need and nobody knows is refused. */
export interface Known {
  /** Why the agent does it, in its own words. */
  readonly reason?: string | undefined;
  /** What refers to the object: a group that an application uses is a way to touch the application. */
  readonly references?: readonly Reference[] | undefined;
  /** Nouns of what could not be looked through for references. */
  readonly unread?: readonly string[] | undefined;
  readonly find?: Find | undefined;
  /** How many there were since a moment, this one not counted. */
  readonly count?: ((counted: Counted, since: Date) => number | Promise<number>) | undefined;
}

/** Why a write is refused whatever anybody confirms. */
export interface BrokenRule {
  /** Where the rule stands in the operator's file: `forbid.shapes[1]`. */
  readonly rule: string;
  /** What was to be written: `group "Staff" (id)`. */
  readonly object: string;
  readonly why: string;
  readonly next: string;
}

/** The first rule of the operator that a change would break; reads break none. */
export async function brokenRule(
  rules: OperatorRules,
  change: Change,
  now: Date,
  known: Known = {},
): Promise<BrokenRule | undefined> {
  if (change.entry.effect === "read") return undefined;
  for (const check of checks) {
    const finding = await check(rules, change, now, known);
    if (finding === undefined) continue;
    const { rule, why, because, next = "" } = finding;
    return {
      rule,
      object: objectText(change),
      why: because === undefined ? why : `${why}. The operator says: ${because}`,
      next: `${next}Nothing was sent. This is a rule of the operator that no confirmation overrides: ask the operator.`,
    };
  }
  return undefined;
}

interface Finding extends Because {
  readonly rule: string;
  readonly why: string;
  /** What the agent can do by itself. */
  readonly next?: string;
}

type Check = (
  rules: OperatorRules,
  change: Change,
  now: Date,
  known: Known,
) => Finding | undefined | Promise<Finding | undefined>;

/** Those that need nothing read come first. */
const checks: readonly Check[] = [operations, required, hours, freeze, protect, never, only, shapes, maximum];

const wordOf = (word: Word) => (typeof word === "string" ? { match: word } : word);
const patternOf = (pattern: string | ApplicationPattern) => (typeof pattern === "string" ? { name: pattern } : pattern);
const firstReason = (all: readonly Because[]) => all.find(({ because }) => because !== undefined)?.because;

function operations({ forbid }: OperatorRules, { entry }: Change): Finding | undefined {
  for (const [place, word] of (forbid?.operations ?? []).entries()) {
    const { match, because }: Exclude<Word, string> = wordOf(word);
    if (match !== `effect:${entry.effect}` && !isMatch(match, entry.name)) continue;
    return { rule: `forbid.operations[${place}]`, why: `${entry.name} is forbidden (${match})`, because };
  }
  return undefined;
}

function required({ require }: OperatorRules, _: Change, __: Date, { reason = "" }: Known): Finding | undefined {
  const { reason: wanted, tickets, because } = require ?? {};
  if (wanted === true && reason.trim() === "") {
    return { rule: "require.reason", why: "no reason is given", because, next: "Say why in reason. " };
  }
  if (tickets === undefined || tickets.some((ticket) => ticketPattern(ticket).test(reason))) return undefined;
  const why = `the reason names no ticket like ${tickets.join(" or ")}`;
  return { rule: "require.tickets", why, because, next: "Name the ticket that you were given in reason. " };
}

/** A ticket as a word of its own; starting only where a word starts keeps the search linear. */
const ticketPattern = (ticket: string): RegExp =>
  new RegExp(`(?<![\\p{L}\\p{N}])${ticket.split("#").map(escaped).join("\\d+")}(?![\\p{L}\\p{N}])`, "u");
const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");

function hours({ hours: windows, zone: usual = "UTC" }: OperatorRules, _: Change, now: Date): Finding | undefined {
  if (windows === undefined) return undefined;
  const zoneOf = (window: Hours) => window.zone ?? usual;
  if (windows.some((window) => isOpen(window, localTime(now, zoneOf(window))))) return undefined;
  const zone = windows[0]?.zone ?? usual;
  const { day, clock } = localTime(now, zone);
  const allowed = windows.map((window) => hoursText(window, zoneOf(window))).join("; ");
  const why = `it is ${day} ${clock} (${zone}), and writes are allowed ${allowed}`;
  return { rule: "hours", why, because: firstReason(windows) };
}

function freeze({ freeze: spans = [], zone = "UTC" }: OperatorRules, _: Change, now: Date): Finding | undefined {
  const place = spans.findIndex((span) => isFrozen(span, localTime(now, span.zone ?? zone)));
  const span = spans[place];
  if (span === undefined) return undefined;
  const why = `nothing is written from ${span.from} to ${span.to} (${span.zone ?? zone})`;
  return { rule: `freeze[${place}]`, why, because: span.because };
}

const nothingFound: Find = async () => undefined;
const reach = (change: Change, { references = [], find = nothingFound }: Known, inFull: boolean) =>
  touchedBy(change, references, find, inFull);

const unknownText = (noun: string) => `it cannot be told which ${noun} this is about`;

async function protect({ protect: all }: OperatorRules, change: Change, _: Date, known: Known) {
  if (all === undefined) return undefined;
  const touched = await reach(change, known, false);
  for (const [place, { noun, name, id, because }] of all.entries()) {
    const isIt = (it: Touched) =>
      (id !== undefined && (it.id === id || (it.id === undefined && it.versions.length === 0))) ||
      (name !== undefined &&
        (it.versions.length === 0 || it.versions.flatMap(namesOf).some((given) => isMatch(name, given))));
    const it = touched.find((one) => one.noun === noun && isIt(one));
    if (it === undefined) continue;
    const why = it.versions.length === 0 ? unknownText(noun) : `the ${noun} ${called(it)} is protected`;
    return { rule: `protect[${place}]`, why, because };
  }
  return undefined;
}

/** The applications that a change touches, by whatever way. */
async function applicationsOf(change: Change, known: Known, patterns: readonly ApplicationPattern[]) {
  const inFull = patterns.some(({ domain, tag }) => domain !== undefined || tag !== undefined);
  const touched = (await reach(change, known, inFull)).filter(({ noun }) => noun === "application");
  const isUnread = known.unread?.includes("application") ?? false;
  return isUnread ? [...touched, { noun: "application", versions: [] }] : touched;
}

async function never({ never: section }: OperatorRules, change: Change, _: Date, known: Known) {
  if (section === undefined) return undefined;
  const patterns = section.applications.map(patternOf);
  const touched = await applicationsOf(change, known, patterns);
  for (const [place, pattern] of patterns.entries()) {
    const isIt = ({ versions }: Touched) =>
      versions.length === 0 || versions.some((version) => isApplication(pattern, version, "some"));
    const it = touched.find(isIt);
    if (it === undefined) continue;
    const why =
      it.versions.length === 0 ? unknownText("application") : `the application ${called(it)} is not to be touched`;
    return { rule: `never.applications[${place}]`, why, because: pattern.because };
  }
  return undefined;
}

async function only({ only: section }: OperatorRules, change: Change, _: Date, known: Known) {
  if (section === undefined) return undefined;
  const patterns = section.applications.map(patternOf);
  const isAllowed = ({ versions }: Touched) =>
    versions.length > 0 &&
    versions.every((version) => patterns.some((pattern) => isApplication(pattern, version, "every")));
  const it = (await applicationsOf(change, known, patterns)).find((one) => !isAllowed(one));
  if (it === undefined) return undefined;
  const why =
    it.versions.length === 0
      ? unknownText("application")
      : `the application ${called(it)} is not, or would no longer be, one of those that may be touched`;
  return { rule: "only.applications", why, because: firstReason(patterns) };
}

async function shapes({ forbid }: OperatorRules, change: Change, _: Date, { find = nothingFound }: Known) {
  const forbidden = (forbid?.shapes ?? []).map(wordOf);
  if (forbidden.length === 0) return undefined;
  const parts = await partsOf(change, find);
  for (const [place, { match, because }] of forbidden.entries()) {
    for (const part of parts) {
      const why = introduced(match, part);
      if (why !== undefined) return { rule: `forbid.shapes[${place}]`, why, because };
    }
  }
  return undefined;
}

/** What of a shape a part has that it had not, or had less of. */
function introduced(shape: string, { name, before = {}, after }: Part): string | undefined {
  if (after === undefined) return `${name} cannot be read, so it may bring in ${shape}, which is forbidden`;
  const had = findShape(shape, before);
  const found = Object.entries(findShape(shape, after)).find(([what, amount]) => amount > (had[what] ?? 0));
  return found && `it would bring in ${shape}, which is forbidden: ${name === "" ? "" : `${name}: `}${found[0]}`;
}

/** What no write brings back. */
const destroying: ReadonlySet<Effect> = new Set(["delete", "revoke"]);
const spans = { per_hour: 3_600_000, per_day: 86_400_000 } as const;

async function maximum({ maximum: limits = {} }: OperatorRules, { entry }: Change, now: Date, { count }: Known) {
  const counted: readonly Counted[] = destroying.has(entry.effect) ? ["destroys", "writes"] : ["writes"];
  for (const what of counted) {
    for (const span of ["per_hour", "per_day"] as const) {
      const most = limits[what]?.[span];
      if (most === undefined) continue;
      const done = await count?.(what, new Date(now.getTime() - spans[span]));
      if (done !== undefined && done < most) continue;
      const why =
        done === undefined
          ? `${what} cannot be counted`
          : `${done} of at most ${most} ${what} ${span.replace("_", " ")} are used up`;
      return { rule: `maximum.${what}.${span}`, why, because: limits[what]?.because };
    }
  }
  return undefined;
}

/** Text that others wrote, fit to stand in a sentence. */
const quoted = (text: string) => JSON.stringify(text.slice(0, 80).replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, "�"));

function called({ id, versions }: Touched): string {
  const name = versions.flatMap(namesOf)[0];
  return [name === undefined ? [] : quoted(name), id === undefined ? [] : `(${quoted(id).slice(1, -1)})`]
    .flat()
    .join(" ");
}

function objectText({ entry, id, before, after, input }: Change): string {
  const versions = [before, after, input].filter((version) => version !== undefined);
  return [entry.room.noun, called({ noun: entry.room.noun, id, versions })].join(" ").trim();
}
