import type { Ask, Change, Control, Members } from "../../core/change.ts";
import { AccessError, badInput } from "../../core/errors.ts";
import { anatomy, remarksOn, shapesOf } from "../../core/model.ts";
import { type Entry, pathFields, shownBy } from "../../core/room.ts";
import { masked } from "../masks.ts";
import { canonical, digest } from "./difference.ts";
import {
  expected,
  holds,
  itemOf,
  knownPart,
  lacks,
  type Models,
  merged,
  sendable,
  shapeFor,
  untied,
  without,
} from "./merge.ts";

/** What a write comes to: the object before and after, and the whole input that makes it so. */
export async function thinkThrough(entry: Entry, given: Members, control: Control, ask: Ask): Promise<Change> {
  const shown = shownBy(entry);
  const before = await readBefore(entry, given, ask, shown !== undefined && control.replace !== true);
  const id = idOf(entry, given, before);
  if (before !== undefined && shown !== undefined) {
    const models = { request: entry.input, answer: shown.output };
    const { ids, fields } = split(entry, given);
    const body = control.replace === true ? fields : bodyOf(entry, models, before, fields, control.clear ?? []);
    return { entry, input: { ...ids, ...body }, id, before, after: expected(models, before, body) };
  }
  const { fields } = split(entry, given);
  const makes = entry.effect === "create" || (entry.effect === "update" && before !== undefined);
  const reset = new Set(resetBy(entry));
  const left = Object.fromEntries(Object.entries(before ?? {}).filter(([name]) => !reset.has(name)));
  return { entry, input: given, id, before, ...(makes && { after: { ...left, ...fields } }) };
}

/** The fields that an update sets whether they are given or not. */
export const resetBy = ({ effect, route, input }: Entry): readonly string[] =>
  effect === "update" && route.startsWith("PUT ") ? shapesOf(input).flatMap(Object.keys) : [];

/** The models by which an object of a room is compared and restored, whatever is done to it. */
export function modelsOf({ siblings }: Entry): Models | undefined {
  const request = (siblings["update"] ?? siblings["create"])?.input;
  const answer = (siblings["get"] ?? siblings["list"])?.output;
  return request === undefined ? undefined : { request, answer };
}

/** The part of an object that people decide on: without times, counts and what else Cloudflare alone sets. */
export function essence(entry: Entry, shown: Members | undefined): Members | undefined {
  const models = modelsOf(entry);
  return shown === undefined || models === undefined ? shown : sendable(models, shown, "compare");
}

/** What two looks at an object are compared by: its essence without secrets. */
export function fingerprint(entry: Entry, shown: Members | undefined): string | undefined {
  return shown === undefined ? undefined : digest(essence(entry, masked(shown, entry.secrets)));
}

/** Path ids and fields of an input. */
export function split(entry: Entry, input: Members): { readonly ids: Members; readonly fields: Members } {
  const names = new Set(pathFields(entry));
  const part = (inside: boolean) =>
    Object.fromEntries(
      Object.entries(input).filter(([name, value]) => names.has(name) === inside && value !== undefined),
    );
  return { ids: part(true), fields: part(false) };
}

/** The object's own id: a rename does not change it, but for what has no other. */
function idOf(entry: Entry, input: Members, before: Members | undefined): string | undefined {
  const own = pathFields(entry).at(-1);
  const id = before?.["id"] ?? before?.["uid"] ?? (own === undefined ? undefined : input[own]);
  return typeof id === "string" && (entry.effect !== "create" || before !== undefined) ? id : undefined;
}

/** The object that a write is about, as it is now; nothing for a create, and for what cannot be shown. */
export async function readBefore(
  entry: Entry,
  input: Members,
  ask: Ask,
  needed: boolean,
): Promise<Members | undefined> {
  const { get, list } = entry.siblings;
  if (entry.effect === "create") return undefined;
  try {
    if (get !== undefined && pathFields(get).every((name) => input[name] !== undefined)) {
      const shown = await ask(get, Object.fromEntries(pathFields(get).map((name) => [name, input[name]])));
      return isMembers(shown) ? shown : undefined;
    }
    const [own] = pathFields(entry).slice(-1);
    const whole = own === undefined ? wholeListIn(entry, input) : undefined;
    const { key } = entry.room;
    const isFound = (own !== undefined && key !== null) || whole !== undefined;
    if (list === undefined || !isFound || !pathFields(list).every((name) => name in input)) return undefined;
    const items = await ask(list, Object.fromEntries(pathFields(list).map((name) => [name, input[name]])));
    if (whole !== undefined) return { [whole]: items };
    return (items as readonly Members[]).find((item) => item[key ?? ""] === input[own ?? ""]);
  } catch (error) {
    // Whoever may write and not read can still do what needs no reading.
    if (!needed && error instanceof AccessError && error.facts.kind === "permission") return undefined;
    throw error;
  }
}

/** The field that holds all items of a room, where an update replaces what the list shows. */
function wholeListIn({ route, siblings: { list } }: Entry, input: Members): string | undefined {
  const [name, ...more] = Object.keys(input);
  const isSame = list !== undefined && route.replace(/^PUT /, "GET ") === list.route;
  return isSame && name !== undefined && more.length === 0 && Array.isArray(input[name]) ? name : undefined;
}

const isMembers = (value: unknown): value is Members =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function bodyOf(entry: Entry, models: Models, before: Members, patch: Members, clear: readonly string[]): Members {
  if (shapeFor(entry.input, { ...before, ...patch }) === undefined) {
    throw badInput(
      `${entry.name}: this ${entry.room.noun} is of a kind that can only be read`,
      "Change it in the Cloudflare dashboard.",
    );
  }
  refuseFlaws(entry, before, patch);
  refuseNarrowing(entry, before, patch);
  const base = untied(entry.input, sendable(models, before), patch);
  let body = merged(entry.input, base, patch);
  for (const path of clear) {
    if (!holds(body, path) && !holds(before, path)) {
      throw badInput(`${entry.name}: clear: "${path}" is not set`, "Leave it out of clear; nothing was sent.", [
        `clear: "${path}" is not set`,
      ]);
    }
    if (!holds(body, path) || (entry.merges === true && !path.includes("."))) {
      throw badInput(
        `${entry.name}: clear: "${path}" stays when it is not sent`,
        'Give it an empty value instead, such as "[]", if it shall be empty.',
        [`clear: give ${path} an empty value instead`],
      );
    }
    body = without(body, path);
  }
  refuseBroken(entry, before, patch, clear, body);
  return body;
}

/** What a value would do may only be seen beside the one that is there. */
function refuseFlaws(entry: Entry, before: Members, patch: Members): void {
  const shape = shapeFor(entry.input, { ...before, ...patch }) ?? {};
  const issues = Object.entries(patch).flatMap(([key, value]) => {
    const field = shape[key];
    const flaw = field === undefined ? undefined : remarksOn(field).flaw?.(value, before[key]);
    return flaw === undefined ? [] : [`${key}: ${flaw}`];
  });
  if (issues.length === 0) return;
  throw badInput(
    `${entry.name}: ${issues.join("; ")}`,
    "Correct the arguments and call again; nothing was sent.",
    issues,
  );
}

/** A short form of a list would replace the whole list, and what it cannot say would be lost. */
function refuseNarrowing(entry: Entry, before: Members, patch: Members): void {
  const left = untied(entry.input, before, patch);
  const shape = shapeFor(entry.input, { ...before, ...patch }) ?? {};
  const said = new Set(Object.keys(patch).flatMap((key) => [before[key]].flat()));
  for (const [key, list] of Object.entries(before)) {
    const field = shape[key];
    const winner = (field === undefined ? undefined : remarksOn(field).sameAs) ?? key;
    if (key in left || winner in patch || !Array.isArray(list)) continue;
    const item = itemOf(shape[key]);
    const parts = item === undefined ? undefined : anatomy(item);
    const kind = parts?.kind === "union" ? parts.discriminator : undefined;
    const isSaid = (one: unknown) =>
      isMembers(one) ? Object.keys(one).every((name) => name === kind || said.has(one[name])) : said.has(one);
    if (list.length === 0 || (list.length === 1 && isSaid(list[0]))) continue;
    const entries = list.length === 1 ? "an entry that says more" : `${list.length} entries`;
    throw badInput(
      `${entry.name}: ${Object.keys(patch).join(", ")} would replace all of ${key}, which has ${entries}`,
      `Send ${key} with every entry that shall stay instead; nothing was sent.`,
      [`${key}: say the whole list`],
    );
  }
}

/** What was valid by itself may not be valid together with what is there. What the caller did not touch is Cloudflare's own. */
function refuseBroken(entry: Entry, before: Members, patch: Members, clear: readonly string[], body: Members): void {
  const { ids } = split(entry, patch);
  const placeholders = Object.fromEntries(pathFields(entry).map((name) => [name, ids[name] ?? before["id"] ?? "id"]));
  const parsed = entry.input.safeParse(knownPart(entry.input, { ...body, ...placeholders }));
  if (parsed.success) return;
  const touched = new Set([...Object.keys(patch), ...clear.map((path) => path.split(".")[0])]);
  const issues = parsed.error.issues.filter(({ path: [head] }) => head === undefined || touched.has(String(head)));
  if (issues.length === 0) return;
  const told = issues.slice(0, 10).map(({ path, message }) => `${path.join(".") || "arguments"}: ${message}`);
  throw badInput(
    `${entry.name}: together with what is there this is not valid: ${told.slice(0, 5).join("; ")}`,
    `Correct the arguments and call again; nothing was sent. describe_operation {"operation":"${entry.name}"} shows every field.`,
    told,
  );
}

/** Secrets that are never shown and that a replacement without them may wipe, as dotted paths. */
export function secretsAtRisk({ entry, input, before }: Change): readonly string[] {
  if (shownBy(entry) === undefined || before === undefined) return [];
  return (entry.secrets ?? []).filter((path) => lacks(entry.input, input, path));
}

/** Whether an update says nothing but what is there already. */
export function changesNothing({ entry, input, before }: Change): boolean {
  const shown = shownBy(entry);
  if (shown === undefined || before === undefined) return false;
  const { fields } = split(entry, input);
  const sent = sendable({ request: entry.input, answer: shown.output }, before);
  const isKept = ([name, value]: [string, unknown]) => canonical(value) === canonical(sent[name] ?? before[name]);
  return Object.keys(sent).every((name) => name in fields) && Object.entries(fields).every(isKept);
}
