import type { Control } from "../core/change.ts";
import { type Entry, shownBy } from "../core/room.ts";
import type { ToolSchema } from "./describe.ts";

interface Argument {
  readonly schema: ToolSchema;
  /** What it does, for `describe_operation`. */
  readonly meaning: string;
  /** Offered in the tool's own schema; the rest is told by `describe_operation` alone, since every tool pays for it. */
  readonly listed: boolean;
  /** The checked value, or what to give instead as an error. */
  readonly parse: (value: unknown) => unknown;
}

const flag = (value: unknown) => {
  if (value === true || value === "true") return true;
  if (value === false || value === "false") return false;
  throw new Error("true or false");
};

const textUpTo = (most: number, what: string) => (value: unknown) => {
  if (typeof value === "string" && value.trim() !== "" && value.length <= most) return value;
  throw new Error(`${what}, at most ${most} characters`);
};

const millisecondsOf: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `30m`, `4h`, `2d` in milliseconds; a minute at least, 90 days at most. */
function period(value: unknown): number {
  const [, count, unit] = (typeof value === "string" && /^(\d{1,5})([mhd])$/.exec(value)) || [];
  const milliseconds = Number(count) * (millisecondsOf[unit ?? ""] ?? Number.NaN);
  if (milliseconds >= 60_000 && milliseconds <= 90 * 86_400_000) return milliseconds;
  throw new Error("a time like 30m, 4h or 2d, up to 90d");
}

function paths(value: unknown): readonly string[] {
  const given = typeof value === "string" ? value.replace(/^\[|\]$/g, "").split(",") : value;
  const names = Array.isArray(given)
    ? given.map((name) => (typeof name === "string" ? name.trim().replace(/^"|"$/g, "") : ""))
    : [];
  if (names.length > 0 && names.every((name) => /^[\w.-]{1,200}$/.test(name))) return names;
  throw new Error('field names such as ["session_duration"], dotted paths');
}

/** Arguments that every write has besides its fields. */
const writing: Readonly<Record<string, Argument>> = {
  dry_run: {
    schema: { type: "boolean" },
    meaning: "true shows the plan, its effect on access and what refers to the object; nothing is sent",
    listed: true,
    parse: flag,
  },
  ticket: {
    schema: { type: "string" },
    meaning: "from an answer with status needs_confirmation: the same call with it is carried out",
    listed: true,
    parse: textUpTo(1000, "the ticket as it was given"),
  },
  reason: {
    schema: { type: "string" },
    meaning: "why, for the journal",
    listed: false,
    parse: textUpTo(500, "a text"),
  },
  revert_after: {
    schema: { type: "string" },
    meaning: "30m, 4h, 2d: when the change is due to be undone; the journal keeps it",
    listed: false,
    parse: period,
  },
};

/** Arguments of updates that are merged into what is there. */
const merging: Readonly<Record<string, Argument>> = {
  clear: {
    schema: { type: "array", items: { type: "string" } },
    meaning: "fields to take away, dotted paths",
    listed: true,
    parse: paths,
  },
  replace: {
    schema: { type: "boolean" },
    meaning: "true sends exactly the given fields; what is left out is lost",
    listed: false,
    parse: flag,
  },
};

const argumentsOf = (entry: Entry): Readonly<Record<string, Argument>> =>
  entry.effect === "read" ? {} : shownBy(entry) === undefined ? writing : { ...writing, ...merging };

export const controlNames = (entry: Entry): readonly string[] => Object.keys(argumentsOf(entry));

/** What the tool's own schema shows of them. */
export const controlProperties = (entry: Entry): Readonly<Record<string, ToolSchema>> =>
  Object.fromEntries(
    Object.entries(argumentsOf(entry)).flatMap(([name, { schema, listed }]) => (listed ? [[name, schema]] : [])),
  );

/** Each with its meaning, for `describe_operation`. */
export const controlMeanings = (entry: Entry): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(argumentsOf(entry)).map(([name, { meaning }]) => [name, meaning]));

/** Takes the control out of the arguments; what is wrong with it goes to `issues`. */
export function controlOf(entry: Entry, take: (name: string) => unknown, issues: string[]): Control {
  const control: Record<string, unknown> = {};
  for (const [name, { parse }] of Object.entries(argumentsOf(entry))) {
    const value = take(name);
    if (value === undefined || value === null || value === "") continue;
    try {
      control[name] = parse(value);
    } catch (error) {
      issues.push(`${name}: ${(error as Error).message}`);
    }
  }
  if (control["replace"] === true && control["clear"] !== undefined) {
    issues.push("clear: not together with replace, which sends only what is given");
  }
  return control;
}
