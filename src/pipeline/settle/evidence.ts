import type { Ask, Change, Members } from "../../core/change.ts";
import { AccessError } from "../../core/errors.ts";
import { shapesOf } from "../../core/model.ts";
import type { Effect } from "../../core/operation.ts";
import { type Entry, pathFields, shownBy } from "../../core/room.ts";
import { secretsIn } from "../masks.ts";
import { canonical, differences } from "../rehearse/difference.ts";
import { sendable } from "../rehearse/merge.ts";
import { split } from "../rehearse/think.ts";
import { agree, bare, isMembers, sameLabel } from "./agree.ts";

/** A write whose answer nobody knows. Secrets in it may be masked. */
export interface Intent extends Change {
  /** When it was sent, in milliseconds since 1970 by this machine's clock. */
  readonly sentAt: number;
  /** Whether something else is known to have made an object. */
  readonly isOthers?: (shown: Members) => boolean;
  /** `isOthers` knows every object that was there before. */
  readonly counted?: boolean;
}

/**
 * What one look at Cloudflare says of a write. `blind`: no look can say anything; `failed`: this one could not; `weak`: it
 * rests on a list that was empty, which is also how a spoilt answer reads.
 */
export type Finding = { readonly weak?: boolean } & (
  | { readonly verdict: "done"; readonly found: unknown }
  | { readonly verdict: "not_done" }
  | {
      readonly verdict: "unknown";
      readonly seen: string;
      readonly blind?: true;
      readonly failed?: true;
      readonly details?: Members;
    }
);

const done = (found: unknown): Finding => ({ verdict: "done", found });
const notDone: Finding = { verdict: "not_done" };
const unknown = (seen: string, details?: Members): Finding => ({
  verdict: "unknown",
  seen,
  ...(details !== undefined && { details }),
});
const blind: Finding = { verdict: "unknown", seen: "nothing that can be looked at shows it", blind: true };

/** Looks once whether a write was done, by reads alone. Rejects when the reads fail. */
export async function settleIntent(intent: Intent, ask: Ask): Promise<Finding> {
  let weak = false;
  const watched: Ask = async (operation, input) => {
    const answer = await ask(operation, input);
    weak ||= Array.isArray(answer) && answer.length === 0;
    return answer;
  };
  const finding = await looks[intent.entry.effect](intent, watched);
  return weak ? { ...finding, weak } : finding;
}

const looks: Readonly<Record<Effect, (intent: Intent, ask: Ask) => Promise<Finding>>> = {
  read: async () => blind,
  create: lookForNew,
  update: lookForChange,
  delete: lookForGap,
  rotate: lookForStamp,
  revoke: async () => blind,
  action: async () => blind,
};

const pathOf = ({ route }: Entry): string => route.slice(route.indexOf(" ") + 1);

const pick = (input: Members, names: readonly string[]): Members =>
  Object.fromEntries(names.map((name) => [name, input[name]]));

const reaches = (operation: Entry | undefined, input: Members): operation is Entry =>
  operation !== undefined && pathFields(operation).every((name) => input[name] !== undefined);

/** The ids of the objects of a room that are there now; nothing when they cannot be listed. */
export async function idsNow({ entry, input }: Change, ask: Ask): Promise<readonly string[] | undefined> {
  const { list } = entry.siblings;
  return reaches(list, input) ? (await rowsOf(list, input, ask)).map((row) => keyOf(entry, row)) : undefined;
}

/** Whether the objects of a room show when they were made. */
export const tellsTime = ({ siblings: { get, list } }: Entry): boolean =>
  [get, list].some((read) => read !== undefined && shapesOf(read.output).some((shape) => "created_at" in shape));

export const keyOf = ({ room }: Entry, shown: Members): string => String(shown[room.key ?? "id"]);

const rowsOf = async (list: Entry, input: Members, ask: Ask): Promise<readonly Members[]> =>
  ((await ask(list, pick(input, pathFields(list)))) as readonly unknown[]).filter(isMembers);

async function objectOf(get: Entry, input: Members, ask: Ask): Promise<Members | null> {
  try {
    const shown = await ask(get, pick(input, pathFields(get)));
    return isMembers(shown) ? shown : null;
  } catch (error) {
    if (error instanceof AccessError && error.facts.kind === "not_found") return null;
    throw error;
  }
}

/** The object that an input leads to; `null` when there is none, nothing when it leads nowhere. */
async function objectAt(entry: Entry, input: Members, ask: Ask): Promise<Members | null | undefined> {
  const { get, list } = entry.siblings;
  if (reaches(get, input)) return objectOf(get, input, ask);
  const own = pathFields(entry).at(-1);
  if (own === undefined || entry.room.key === null || !reaches(list, input)) return undefined;
  return (await rowsOf(list, input, ask)).find((row) => keyOf(entry, row) === input[own]) ?? null;
}

/** The same input with the address that an object has under this key, where the caller chooses keys. */
function under({ siblings: { get }, room: { key } }: Entry, input: Members, object: Members | undefined): Members {
  const own = get === undefined ? undefined : pathFields(get).at(-1);
  const name = key === null ? undefined : object?.[key];
  return own === undefined || name === undefined ? input : { ...input, [own]: name };
}

async function lookForNew(intent: Intent, ask: Ask): Promise<Finding> {
  const { entry, input } = intent;
  const { get, list } = entry.siblings;
  const many = Object.entries(entry.place ?? {}).find(
    ([name, place]) => place === "body" && Array.isArray(input[name]),
  );
  const isOwn = [get, list].some((read) => read !== undefined && pathOf(read) === pathOf(entry));
  if (!isOwn && many === undefined) return blind;

  const { fields } = split(entry, input);
  const address = under(entry, input, fields);
  const chosen = reaches(get, address);
  if (!chosen && !reaches(list, input)) return blind;
  const object = chosen ? await objectOf(get, address, ask) : null;
  const rows = chosen
    ? [object].filter((shown) => shown !== null)
    : list === undefined
      ? []
      : await rowsOf(list, input, ask);

  const whole = async (row: Members): Promise<Members> => {
    const full = under(entry, input, row);
    return (chosen || !reaches(get, full) ? null : await objectOf(get, full, ask)) ?? row;
  };
  if (many === undefined) return oneAmong(intent, fields, rows, whole);
  const items = input[many[0]] as readonly Members[];
  const findings: Finding[] = [];
  for (const item of items) findings.push(await oneAmong(intent, item, rows, whole));
  const found = findings.flatMap((finding) => (finding.verdict === "done" ? [finding.found] : []));
  if (found.length === items.length) return done(found);
  if (findings.every(({ verdict }) => verdict === "not_done")) return notDone;
  return unknown(`${found.length} of ${items.length} are there for certain`, {
    there: found.filter(isMembers).map((shown) => keyOf(entry, shown)),
  });
}

/** Objects with the same label that are looked at in full. */
const most = 5;

/** Finds the one object among all that is as it was asked for and was made just then. */
async function oneAmong(
  intent: Intent,
  fields: Members,
  rows: readonly Members[],
  whole: (row: Members) => Promise<Members>,
): Promise<Finding> {
  const { entry, isOthers, counted } = intent;
  const near = rows.filter(
    (row) => isOthers?.(row) !== true && sameLabel(fields, row) && ageOf(intent, row) !== "other",
  );
  if (near.length === 0) return notDone;
  const full = await Promise.all(near.slice(0, most).map(whole));
  const same = full.filter((shown) => ageOf(intent, shown) === "ours" && agree(fields, shown));
  const [only] = same;
  // Where nothing was said and no time is shown, an object proves only that it is there.
  const isTelling = counted === true || Object.keys(fields).length > 0 || only?.["created_at"] !== undefined;
  if (only !== undefined && same.length === 1 && isTelling) return done(only);
  return unknown(`${near.length === 1 ? "one" : near.length} like it ${near.length === 1 ? "is" : "are"} there`, {
    candidates: near.slice(0, 20).map((row) => ({ id: keyOf(entry, row), created_at: row["created_at"] })),
  });
}

/** How far the clocks of this machine and of Cloudflare may differ without anybody having to think of it. */
const usualSkew = 60_000;
/** How far they may differ at all. */
const worstSkew = 15 * 60_000;
/** How long after it was sent a write may still be carried out. */
const longestDelay = 5 * 60_000;

/** Whether an object may have come from a write, by when it was made. */
function ageOf({ sentAt }: Intent, shown: Members): "ours" | "perhaps" | "other" {
  const after = Date.parse(String(shown["created_at"])) - sentAt;
  if (Number.isNaN(after) || (after >= -usualSkew && after <= longestDelay)) return "ours";
  return Math.abs(after) <= worstSkew ? "perhaps" : "other";
}

async function lookForChange(intent: Intent, ask: Ask): Promise<Finding> {
  const { entry, input, before, after } = intent;
  const { fields } = split(entry, input);
  const there = await objectAt(entry, input, ask);
  // Where the key is a field, as with tags, a change of it moves the object.
  const now = there === null && after !== undefined ? await objectAt(entry, under(entry, input, after), ask) : there;
  if (now === null) return unknown(`the ${entry.room.noun} is gone`);
  if (now === undefined) return wholeList(intent, fields, ask);
  if (before === undefined || after === undefined) {
    const isSeen = Object.keys(fields).some((key) => now[key] !== undefined);
    return isSeen && agree(bare(fields, entry.secrets), now) ? done(now) : unknown("it is not as it was asked for");
  }

  const shown = shownBy(entry);
  // What is sent back unchanged may look otherwise than what is shown.
  const asSent = (object: Members): Members =>
    shown === undefined ? object : { ...object, ...sendable({ request: entry.input, answer: shown.output }, object) };
  const old = bare(asSent(before), entry.secrets);
  const wanted = bare({ ...after, ...fields }, entry.secrets);
  const live = bare(asSent(now), entry.secrets);
  const differ = (one: Members, other: Members) => (key: string) => canonical(one[key]) !== canonical(other[key]);
  const shapes = [entry.siblings["get"] ?? entry.siblings["list"] ?? entry].flatMap(({ output }) => shapesOf(output));
  const isShown = (key: string) => [live, old, ...shapes].some((members) => key in members);
  const touched = [...new Set([...Object.keys(old), ...Object.keys(wanted)])].filter(differ(old, wanted));
  const keys = touched.filter(isShown);
  const isAgreed = agree(pick(wanted, keys), live);
  const details = { differences: differences(pick(wanted, keys), pick(live, keys)) };
  if (keys.some(differ(old, live)))
    return isAgreed ? done(now) : unknown("it is neither as before nor as asked for", details);

  const written = isWritten(before, now);
  if (written === true) return isAgreed ? done(now) : unknown("it was written since, and is not as asked for", details);
  if (written === false || keys.length > 0) return notDone;
  const isHidden = touched.length > 0 || secretsIn(fields, new Set(entry.secrets)).size > 0;
  return isHidden || Object.keys(fields).length === 0 ? blind : done(now);
}

/** What an update of a whole list came to. */
async function wholeList({ entry, input }: Intent, fields: Members, ask: Ask): Promise<Finding> {
  const { list } = entry.siblings;
  const [items, ...more] = Object.values(fields);
  if (!reaches(list, input) || pathOf(list) !== pathOf(entry) || more.length > 0) return blind;
  const rows = await rowsOf(list, input, ask);
  return agree({ items }, { items: rows }) ? done(rows) : unknown("it is not as it was asked for", { now: rows });
}

async function lookForGap({ entry, input, id }: Intent, ask: Ask): Promise<Finding> {
  const { list } = entry.siblings;
  const there = await objectAt(entry, input, ask);
  if (there === null) return done({ [entry.room.key ?? "id"]: id ?? input[pathFields(entry).at(-1) ?? ""] });
  if (there !== undefined) return notDone;
  const [ids, ...more] = Object.values(split(entry, input).fields);
  if (!Array.isArray(ids) || more.length > 0 || !reaches(list, input)) return blind;
  const listed = new Set((await rowsOf(list, input, ask)).map((row) => keyOf(entry, row)));
  const left = ids.filter((one) => listed.has(String(one)));
  if (left.length === 0) return done(null);
  return left.length === ids.length ? notDone : unknown(`${left.length} of ${ids.length} are still there`, { left });
}

async function lookForStamp({ entry, input, before }: Intent, ask: Ask): Promise<Finding> {
  const now = await objectAt(entry, input, ask);
  if (now === null) return unknown(`the ${entry.room.noun} is gone`);
  const written = before === undefined || now === undefined ? undefined : isWritten(before, now);
  return written === undefined ? blind : written ? done(now) : notDone;
}

/** Members that nothing but a write moves. */
const stamp = /^(?:updated|modified)_at$|expires_at$|rotation_at$|version$/;

/** Whether an object was written between two looks; nothing when it would not show. */
function isWritten(before: Members, now: Members): boolean | undefined {
  const stamps = (shown: Members) => Object.entries(shown).filter(([name]) => stamp.test(name));
  if (stamps(before).length === 0 && stamps(now).length === 0) return undefined;
  return canonical(Object.fromEntries(stamps(before))) !== canonical(Object.fromEntries(stamps(now)));
}
