import type { z } from "zod";
import type { Members } from "../../core/change.ts";
import { anatomy, isNullable, optionFor, remarksOn } from "../../core/model.ts";
import { isConcealed } from "../masks.ts";
import { canonical, identity } from "./difference.ts";

const isMembers = (value: unknown): value is Members =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The fields that a model has for a value; of a union, those of the kind that the value is. */
export function shapeFor(
  model: z.ZodType | undefined,
  value: Members,
): Readonly<Record<string, z.ZodType>> | undefined {
  if (model === undefined) return undefined;
  const parts = anatomy(model);
  if (parts.kind === "object") return parts.shape;
  if (parts.kind !== "union") return undefined;
  const option = optionFor(parts, value);
  return option === undefined ? undefined : shapeFor(option, value);
}

/** The model of the items of a list; of a union, of its option that is a list. */
export function itemOf(model: z.ZodType | undefined): z.ZodType | undefined {
  if (model === undefined) return undefined;
  const parts = anatomy(model);
  if (parts.kind === "array") return parts.element;
  return parts.kind === "union" ? parts.options.map(itemOf).find((item) => item !== undefined) : undefined;
}

/** What a model knows of a value, at every depth: without what is tomorrow's, the rest can be checked. */
export function knownPart(model: z.ZodType | undefined, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => knownPart(itemOf(model), one));
  const shape = isMembers(value) ? shapeFor(model, value) : undefined;
  if (shape === undefined || !isMembers(value)) return value;
  const known = Object.entries(value).filter(([key]) => Object.hasOwn(shape, key));
  return Object.fromEntries(known.map(([key, inner]) => [key, knownPart(shape[key], inner)]));
}

/** The two models of an object: what is sent and what is shown. */
export interface Models {
  readonly request: z.ZodType;
  readonly answer?: z.ZodType | undefined;
}

/**
 * `send`: an update that does not mention a field; `restore`: an update that shall bring it back; `recreate`: a new object
 * like the old one; `compare`: nothing is sent, only told apart.
 */
type Purpose = "send" | "restore" | "recreate" | "compare";

/** When and by whom something was written: nothing but Cloudflare sets it, whether a model knows it or not. */
const stamp = /^(?:created|updated|modified)_(?:at|by|on)$/;

/**
 * What of a shown object can be sent back: fields that the request takes, and fields that no model knows yet, so that
 * tomorrow's are not lost. What only Cloudflare sets, masks of secrets and nulls that the request does not take are left out.
 */
export function sendable({ request, answer }: Models, shown: Members, purpose: Purpose = "send"): Members {
  const shape = shapeFor(request, shown);
  if (shape === undefined) return shown;
  const known = answer === undefined ? undefined : shapeFor(answer, shown);
  const sent: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(shown)) {
    if (isConcealed(value)) continue;
    const field = Object.hasOwn(shape, key) ? shape[key] : undefined;
    if (field === undefined) {
      // Without a model of the answer nobody can tell tomorrow's field from one that only Cloudflare sets.
      if (known !== undefined && !Object.hasOwn(known, key) && !stamp.test(key)) sent[key] = value;
      continue;
    }
    if (value === null && !isNullable(field)) continue;
    const back = backOf({ request: field, answer: known?.[key] }, value, purpose);
    if (back !== undefined) sent[key] = back;
  }
  for (const [key, field] of Object.entries(shape)) {
    const { shownAs } = remarksOn(field);
    if (shownAs !== undefined && !Object.hasOwn(shown, key) && shown[shownAs] !== undefined) sent[key] = shown[shownAs];
  }
  return sent;
}

/** How the value of one field is sent. */
function backOf(models: Models, value: unknown, purpose: Purpose): unknown {
  const { echo, restore } = remarksOn(models.request);
  const isRestored = purpose === "restore" || purpose === "recreate";
  if (isRestored && restore !== undefined) return restore(value, purpose === "recreate");
  if (typeof echo === "function") return echo(value);
  return echo === false && purpose !== "compare" ? undefined : valueBack(models, value, purpose);
}

function valueBack({ request, answer }: Models, value: unknown, purpose: Purpose): unknown {
  if (Array.isArray(value)) {
    const item = itemOf(request);
    if (item === undefined) return value;
    return value.map((one) => valueBack({ request: item, answer: itemOf(answer) }, one, purpose));
  }
  return isMembers(value) ? sendable({ request, answer }, value, purpose) : value;
}

/** `base` without the fields that say the same as one that `patch` mentions. */
export function untied(model: z.ZodType, base: Members, patch: Members): Members {
  const shape = shapeFor(model, { ...base, ...patch }) ?? {};
  const wordOf = (key: string) => (shape[key] === undefined ? key : (remarksOn(shape[key]).sameAs ?? key));
  const said = new Set(Object.keys(patch).map(wordOf));
  return Object.fromEntries(
    Object.entries(base).filter(([key]) => Object.hasOwn(patch, key) || !said.has(wordOf(key))),
  );
}

/** `base` with what `patch` says: objects at every depth member by member, anything else as a whole. */
export function merged(model: z.ZodType | undefined, base: Members, patch: Members): Members {
  const result: Record<string, unknown> = { ...base };
  const shape = shapeFor(model, { ...base, ...patch });
  for (const [key, value] of Object.entries(patch)) {
    if (value === undefined) continue;
    const old = base[key];
    const field = shape?.[key];
    result[key] =
      isMembers(value) && isMembers(old) && isSameKind(field, old, value) ? merged(field, old, value) : value;
  }
  return result;
}

/** Whether a patch stays within the kind of object that is there: SAML settings are not laid over those of OIDC. */
function isSameKind(model: z.ZodType | undefined, old: Members, patch: Members): boolean {
  const parts = model === undefined ? undefined : anatomy(model);
  if (parts?.kind !== "union") return true;
  const { discriminator } = parts;
  if (discriminator === undefined) return isSameKind(optionFor(parts, old), old, patch);
  return !Object.hasOwn(patch, discriminator) || patch[discriminator] === old[discriminator];
}

/** `value` without what a dotted path names; the same object when there is nothing. */
export function without(value: Members, path: string): Members {
  const [head = "", ...rest] = path.split(".");
  if (!Object.hasOwn(value, head)) return value;
  const inner = value[head];
  if (rest.length > 0) return isMembers(inner) ? { ...value, [head]: without(inner, rest.join(".")) } : value;
  const { [head]: _, ...left } = value;
  return left;
}

/** Whether a dotted path names something in a value. */
export function holds(value: unknown, path: string): boolean {
  const [head = "", ...rest] = path.split(".");
  if (!isMembers(value) || !Object.hasOwn(value, head)) return false;
  return rest.length === 0 || holds(value[head], rest.join("."));
}

/** Whether a value could hold what a dotted path names, by its model and kind, and somewhere does not. */
export function lacks(model: z.ZodType | undefined, value: unknown, path: string): boolean {
  if (Array.isArray(value)) return value.some((item) => lacks(itemOf(model), item, path));
  if (!isMembers(value)) return false;
  const [head = "", ...rest] = path.split(".");
  const field = shapeFor(model, value)?.[head];
  if (field === undefined) return false;
  return rest.length === 0 ? value[head] === undefined : lacks(field, value[head], rest.join("."));
}

/**
 * The object as it will be shown: what stays out of requests (ids, times, what was not echoed) and what is sent back as
 * it was from before, all else as it is sent.
 */
export function expected(models: Models, before: Members, body: Members): Members {
  const sent = sendable(models, before);
  const shape = shapeFor(models.request, { ...before, ...body });
  const kept = Object.entries(before).filter(([key]) => !Object.hasOwn(sent, key));
  const after: Record<string, unknown> = Object.fromEntries(kept);
  for (const [key, value] of Object.entries(body)) {
    const isKept = key in before && canonical(value) === canonical(sent[key]);
    after[key] = isKept ? before[key] : expanded(shape?.[key], before[key], value);
  }
  return after;
}

/** The items of a list as they will be shown: one that is there already keeps what requests do not say of it. */
function expanded(model: z.ZodType | undefined, before: unknown, value: unknown): unknown {
  if (!Array.isArray(before) || !Array.isArray(value)) return value;
  const known = new Map(before.filter(isMembers).map((item) => [identity(item), item]));
  return value.map((item) => {
    const link: unknown = typeof item === "string" ? { id: item } : item;
    const name = identity(link);
    const there = name === undefined ? undefined : known.get(name);
    if (there === undefined || !isMembers(link)) return item;
    const said = shapeFor(itemOf(model), link) ?? {};
    return { ...Object.fromEntries(Object.entries(there).filter(([key]) => !Object.hasOwn(said, key))), ...link };
  });
}
