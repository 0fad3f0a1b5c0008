import { setTimeout } from "node:timers/promises";
import type { Call, Next, Outcome, Stage } from "../../core/call.ts";
import type { Change, Members } from "../../core/change.ts";
import { AccessError, type FailureFacts } from "../../core/errors.ts";
import type { Effect } from "../../core/operation.ts";
import { type Entry, pathFields } from "../../core/room.ts";
import { secretsIn } from "../masks.ts";
import { canonical } from "../rehearse/difference.ts";
import { askWithin } from "../rehearse/index.ts";
import { holds, shapeFor } from "../rehearse/merge.ts";
import { isMembers } from "./agree.ts";
import { type Finding, idsNow, keyOf, settleIntent, tellsTime } from "./evidence.ts";

/** Time, for whoever waits between two looks; tests put a virtual one in its place. */
export interface SettleClock {
  /** Milliseconds of `performance.now()`. */
  now(): number;
  /** Milliseconds since 1970. */
  today(): number;
  /** Resolves early when the signal is aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<unknown>;
}

const realClock: SettleClock = {
  now: () => performance.now(),
  today: () => Date.now(),
  sleep: (milliseconds, signal) => setTimeout(milliseconds, undefined, { signal }).catch(() => undefined),
};

export interface SettleSettings {
  /** Carries out reads. */
  readonly read: Next;
  readonly entries: ReadonlyMap<string, Entry>;
  /** Aborted when the process ends: what is known then is answered, after one short look. */
  readonly ending?: AbortSignal | undefined;
  readonly clock?: SettleClock;
}

/** When to look, in milliseconds after the failure; the last times only when the look before proved nothing. */
const schedule = [0, 4_000, 10_000, 12_000, 14_000] as const;
/** What is not there so many milliseconds after the failure was not done. */
const enough = 10_000;
/** How long one look may take, in milliseconds. */
const patience = 5_000;
/** The same when the process ends, which is a second later at most. */
const lastPatience = 500;
/** Objects that are remembered as made by calls which were answered. */
const remembered = 10_000;

/**
 * Finds out what became of a write whose answer was lost, by looking; stands directly around the client. It never
 * repeats the write, and looks on when the caller has gone, so that the journal knows.
 */
export function settle({ read, entries, ending, clock = realClock }: SettleSettings): Stage {
  const made = new Set<string>();
  const inTurn = turns();

  // A key that the caller chose may be used again: the time tells one object from the next.
  const nameOf = ({ entry, scope }: Call, shown: Members): string =>
    canonical([scope ?? null, entry.room.noun, keyOf(entry, shown), shown["created_at"] ?? null]);
  const remember = (call: Call, result: unknown): void => {
    for (const object of [result].flat()) if (isMembers(object)) made.add(nameOf(call, object));
    for (const oldest of made) if (made.size > remembered) made.delete(oldest);
  };

  const write: Stage = async (call, next) => {
    const { entry } = call;
    const isNew = entry.effect === "create";
    const change: Change = call.rehearsal?.change ?? { entry, input: call.input };
    const ask = () => {
      const isLast = ending?.aborted === true;
      const signal = isLast || ending === undefined ? new AbortController().signal : ending;
      const deadline = clock.now() + (isLast ? lastPatience : patience);
      return askWithin({ ...call, signal, deadline }, whole(read), entries);
    };
    // Where objects do not show when they were made, only those that were there before tell which is new.
    const there = isNew && !tellsTime(entry) ? await idsNow(change, ask()).catch(() => undefined) : undefined;
    const sentAt = clock.today();
    const isOthers = (shown: Members) => made.has(nameOf(call, shown)) || there?.includes(keyOf(entry, shown)) === true;
    const look = async (): Promise<Finding> => {
      try {
        return await settleIntent({ ...change, sentAt, isOthers, counted: there !== undefined }, ask());
      } catch (error) {
        if (!(error instanceof AccessError)) throw error;
        return { verdict: "unknown", seen: `looking failed: ${error.message}`, failed: true };
      }
    };
    try {
      const outcome = await next(call);
      if (isNew) remember(call, outcome.result);
      return outcome;
    } catch (error) {
      if (!(error instanceof AccessError) || !isUnclear(error.facts)) throw error;
      const finding = await lookRepeatedly(look, clock, ending);
      if (finding.verdict !== "done") throw failureOf(call, error, finding);
      if (isNew) remember(call, finding.found);
      return successOf(call, change, error, finding.found);
    }
  };

  return (call, next) => {
    if (call.entry.effect === "read") return next(call);
    if (call.entry.effect !== "create") return write(call, next);
    // Of twins that are made at once nobody could tell which is whose.
    return inTurn(canonical([call.entry.name, call.scope ?? null, call.input]), () => write(call, next));
  };
}

/** Runs work of one key one after the other. */
function turns(): <Result>(key: string, work: () => Promise<Result>) => Promise<Result> {
  const last = new Map<string, Promise<unknown>>();
  return async (key, work) => {
    const mine = (last.get(key) ?? Promise.resolve()).then(work, work);
    last.set(key, mine);
    try {
      return await mine;
    } finally {
      if (last.get(key) === mine) last.delete(key);
    }
  };
}

/** Reads that fail rather than leave something out: what is missing in half a list proves nothing. */
export const whole =
  (read: Next): Next =>
  async (call) => {
    const outcome = await read(call);
    if (outcome.list === undefined || (outcome.list.ended && outcome.list.steady)) return outcome;
    throw new AccessError(`${call.entry.name}: the list could not be read as a whole`, {
      kind: "unexpected",
      next: "Call again.",
      outcome: "not_done",
    });
  };

/** Answers that leave open what was done; so does a good status over a refusal without a reason of its own. */
const isUnclear = ({ outcome, kind, status = 500 }: FailureFacts): boolean =>
  outcome === "unknown" || (outcome === "not_done" && kind === "rejected" && status < 300);

async function lookRepeatedly(
  look: () => Promise<Finding>,
  clock: SettleClock,
  ending: AbortSignal | undefined,
): Promise<Finding> {
  const began = clock.now();
  let finding: Finding = tooEarly;
  for (const due of schedule) {
    const wait = began + due - clock.now();
    if (wait > 0) await clock.sleep(wait, ending);
    const previous = finding;
    finding = await look();
    if (finding.verdict === "unknown" && finding.blind) return finding;
    // That a list is empty is proven by two looks, and both have to come late enough.
    const isLate = finding.weak === true ? due > enough : due >= enough;
    if (isProven(finding, previous) && (finding.verdict === "done" || isLate)) return finding;
    if (ending?.aborted === true) return finding.verdict === "unknown" ? finding : tooEarly;
  }
  return finding.verdict === "unknown" ? finding : unproven;
}

/** Whether a look can be relied on: one that rests on an empty list only together with another. */
const isProven = (finding: Finding, previous: Finding): boolean =>
  finding.weak === true
    ? previous.weak === true && previous.verdict === finding.verdict
    : finding.verdict !== "unknown" || finding.failed !== true;

const unproven: Finding = { verdict: "unknown", seen: "an empty list, once" };
const tooEarly: Finding = { verdict: "unknown", seen: "not when it was looked for; the server is ending" };

/** Statuses by which a gateway says that it waited no longer, while Cloudflare may be at it still. */
const stillAtWork: ReadonlySet<number> = new Set([504, 524]);

/** What may be done twice: the second time changes nothing. */
const repeatable: ReadonlySet<Effect> = new Set(["update", "delete", "revoke"]);

function failureOf({ entry }: Call, error: AccessError, finding: Exclude<Finding, { verdict: "done" }>): AccessError {
  const { facts, message } = error;
  const asBefore = entry.effect === "create" ? "not there" : "as before";
  if (finding.verdict === "not_done" && !stillAtWork.has(facts.status ?? 0)) {
    return new AccessError(`${message}; looked: it was not done (${asBefore} 10 seconds later)`, {
      ...facts,
      outcome: "not_done",
      next: "Call again.",
    });
  }
  const { seen, details } =
    finding.verdict === "unknown"
      ? finding
      : { details: undefined, seen: `${asBefore} 10 seconds later, but it may still come` };
  return new AccessError(`${message}; looked: unknown whether it was done (${seen})`, {
    ...facts,
    outcome: "unknown",
    next: nextAfter(entry, facts),
    ...(details !== undefined && { details: { ...facts.details, ...details } }),
  });
}

function nextAfter({ effect, siblings: { get, list } }: Entry, { outcome, next }: FailureFacts): string {
  if (repeatable.has(effect)) return "It may have been done. Repeating it is safe.";
  if (outcome === "unknown") return next;
  const lookup = effect === "create" ? (list ?? get) : (get ?? list);
  return `It may have been done. Do not repeat it before looking ${lookup === undefined ? "in the Cloudflare dashboard" : `with ${lookup.name}`}.`;
}

function successOf({ entry, input }: Call, change: Change, { message }: AccessError, found: unknown): Outcome {
  const reason = message.startsWith(`${entry.name}: `) ? message.slice(entry.name.length + 2) : message;
  const notes = [`Cloudflare's answer was lost (${reason}); looked: it was done.`];
  const lost = isMembers(found) ? secretsLost(entry, input, change.before, found) : [];
  if (lost.length > 0 && isMembers(found)) {
    notes.push(
      `${lost.join(", ")} stood only in that answer and ${lost.length === 1 ? "is" : "are"} lost: ${wayOut(entry, found)}.`,
    );
  }
  const list = Array.isArray(found) ? { offset: 0, total: found.length, steady: true, ended: true } : undefined;
  return { result: found, notes, ...(list && { list }) };
}

/** Secrets that only the lost answer showed: those that Cloudflare made and the caller did not give. */
function secretsLost(entry: Entry, input: Members, before: Members | undefined, found: Members): readonly string[] {
  const given = secretsIn(input, new Set(entry.secrets));
  const made = (path: string) =>
    entry.effect === "update"
      ? (holds(found, path) && !holds(before, path)) || isRaised(before, found, path)
      : hasPlace(entry.output, found, path);
  return (entry.secrets ?? []).filter((path) => !given.has(path) && made(path));
}

/** Whether a version that counts a secret went up: `client_secret_version`. */
const isRaised = (before: Members | undefined, found: Members, path: string): boolean =>
  before !== undefined && Number(found[`${path}_version`]) > Number(before[`${path}_version`]);

/** Whether the model has a field at a dotted path for a value of this kind. */
function hasPlace(model: Parameters<typeof shapeFor>[0], value: unknown, path: string): boolean {
  const [head = "", ...rest] = path.split(".");
  const field = isMembers(value) ? shapeFor(model, value)?.[head] : undefined;
  if (field === undefined || !isMembers(value)) return false;
  return rest.length === 0 || hasPlace(field, value[head], rest.join("."));
}

function wayOut(entry: Entry, found: Members): string {
  const { rotate } = entry.siblings;
  if (rotate === undefined) return `delete the ${entry.room.noun} and create it again`;
  const own = pathFields(rotate).at(-1);
  const input = own === undefined ? {} : { [own]: keyOf(entry, found) };
  return `get another with ${rotate.name} ${JSON.stringify(input)}`;
}
