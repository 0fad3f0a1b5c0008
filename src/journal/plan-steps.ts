import { createHash } from "node:crypto";
import type { Call } from "../core/call.ts";
import type { Members } from "../core/change.ts";
import { AccessError, badInput, refused } from "../core/errors.ts";
import { shapesOf } from "../core/model.ts";
import { type Step, standInMark } from "../core/plan.ts";
import type { Entry } from "../core/room.ts";

/** One change of a plan as it is given. */
export interface GivenChange {
  readonly operation: string;
  readonly arguments?: Members | undefined;
}

/** What one text of a step says of the answer of another: `$1.id`. */
interface Mention {
  readonly step: number;
  readonly path: string;
}

/** Values may be nested so deep. */
const deepest = 40;

const mentionIn = (text: string): Mention | undefined => {
  const [, step, path] = /^\$(\d{1,4})\.([a-z_]\w{0,63}(?:\.\w{1,64}){0,7})$/i.exec(text) ?? [];
  return step === undefined || path === undefined ? undefined : { step: Number(step), path };
};

/** The same value with other texts in it; `change` tells what stands for a text, or `undefined` where it stays. */
export function withTexts<Value>(value: Value, change: (text: string) => unknown, depth = 0): Value {
  if (typeof value === "string") return (change(value) ?? value) as Value;
  if (typeof value !== "object" || value === null) return value;
  if (depth > deepest) throw badInput(`arguments are nested more than ${deepest} deep`, "Send them flatter.");
  if (Array.isArray(value)) return value.map((item: unknown) => withTexts(item, change, depth + 1)) as Value;
  const members = Object.entries(value).map(([key, member]) => [key, withTexts(member, change, depth + 1)]);
  return Object.fromEntries(members) as Value;
}

/** A UUID that is the same for the same mention, so that a ticket stays good, and that is no object's id. */
const standInFor = ({ step, path }: Mention): string =>
  standInMark + createHash("sha256").update(`${step}.${path}`).digest("hex").slice(0, 12);

/** How the steps of a plan are told to stay within one rehearsal. */
const ofThePlan = ["dry_run", "ticket", "reason", "revert_after"];

/**
 * Reads the changes of a plan, each the way the arguments of a tool are read, with stand-ins for what earlier answers
 * will tell. One refusal names everything that is wrong, each with its step; nothing was sent.
 */
export async function stepsOf(changes: readonly GivenChange[], call: Call): Promise<readonly Step[]> {
  const { interpret } = call;
  if (interpret === undefined) throw refused("plans cannot be made from here", "Call the tool through the server.");
  const found = new Set<string>();
  const failures: AccessError[] = [];
  const entries: Entry[] = [];
  const steps: Step[] = [];
  const mentions = changes.map(({ arguments: given = {} }, place) => mentionsIn(given, place + 1, found));
  for (const [place, { operation, arguments: given = {} }] of changes.entries()) {
    const number = place + 1;
    const wrong = (issue: string) => found.add(`step ${number}: ${issue}`);
    for (const name of ofThePlan) if (Object.hasOwn(given, name)) wrong(`${name}: it belongs to the plan as a whole`);
    for (const mention of mentions[place] ?? []) {
      const flaw = flawOf(mention, entries[mention.step - 1]);
      if (flaw !== undefined) wrong(`$${mention.step}.${mention.path}: ${flaw}`);
    }
    try {
      const stand = (text: string) => {
        const mention = mentionIn(text);
        return mention === undefined ? undefined : standInFor(mention);
      };
      const { entry, input, scope, control } = await interpret(operation, withTexts(given, stand));
      entries[place] = entry;
      if (entry.effect === "read") wrong(`${entry.name} only reads; a plan is of changes`);
      if (entry.run !== undefined) wrong(`${entry.name} cannot be a step of a plan`);
      steps.push({
        number,
        call: { ...bare(call), entry, input, ...(scope && { scope }), control: { ...control, ...reasonOf(call) } },
        standIns: standInsFor(entry, number, mentions.flat()),
      });
    } catch (error) {
      if (!(error instanceof AccessError)) throw error;
      failures.push(error);
      for (const issue of error.facts.issues ?? [error.message]) wrong(issue);
    }
  }
  const issues = [...found];
  if (issues.length === 0) return steps;
  const [failure] = failures;
  throw new AccessError(`${call.entry.name}: ${issues.slice(0, 5).join("; ")}${issues.length > 5 ? "; …" : ""}`, {
    kind: failures.length === issues.length ? (failure?.facts.kind ?? "input") : "input",
    next: failure?.facts.next ?? "Correct the steps and call again; nothing was sent.",
    outcome: "not_sent",
    issues: issues.slice(0, 50),
  });
}

/** A call without what only the plan as a whole has: its answer and its control. */
export function bare({ entry, input, view, signal, deadline, caller }: Call): Call {
  return { entry, input, view, signal, deadline, ...(caller && { caller }) };
}

export const reasonOf = ({ control }: Call) => (control?.reason === undefined ? {} : { reason: control.reason });

/** What the texts of a step mention; a mention of what is no earlier step is wrong. */
function mentionsIn(given: Members, number: number, issues: Set<string>): readonly Mention[] {
  const found: Mention[] = [];
  try {
    withTexts(given, (text) => {
      const mention = mentionIn(text);
      if (mention === undefined) return undefined;
      if (mention.step >= 1 && mention.step < number) found.push(mention);
      else issues.add(`step ${number}: "${text}" names no earlier step`);
      return undefined;
    });
  } catch (error) {
    if (!(error instanceof AccessError)) throw error;
    issues.add(`step ${number}: ${error.message}`);
  }
  return found;
}

/** Why an answer will not tell what is asked of it. */
function flawOf({ path }: Mention, entry: Entry | undefined): string | undefined {
  if (entry === undefined) return undefined;
  const [head = ""] = path.split(".");
  const fields = new Set(shapesOf(entry.output).flatMap(Object.keys));
  if (fields.size > 0 && !fields.has(head)) return `the answer of ${entry.name} has no ${head}`;
  const isSecret = entry.secrets?.some((secret) => secret === path || secret.startsWith(`${path}.`)) ?? false;
  return isSecret ? `a secret does not leave the answer of ${entry.name}` : undefined;
}

/** What later steps say in place of values of an answer; a new object is always called something. */
function standInsFor(entry: Entry, number: number, mentions: readonly Mention[]): Step["standIns"] {
  const paths = mentions.filter(({ step }) => step === number).map(({ path }) => path);
  if (entry.effect === "create") paths.push(entry.room.key ?? "id");
  return Object.fromEntries(paths.map((path) => [path, standInFor({ step: number, path })]));
}

/** The value at a dotted path of an answer. */
export function valueAt(answer: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((value, name) => {
    const isHeld = typeof value === "object" && value !== null && Object.hasOwn(value, name);
    return isHeld ? (value as Members)[name] : undefined;
  }, answer);
}
