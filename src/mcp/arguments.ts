import { z } from "zod";
import type { Scope, View } from "../core/call.ts";
import type { Control } from "../core/change.ts";
import { badInput } from "../core/errors.ts";
import { anatomy, optionFor, patchOf, shapesOf } from "../core/model.ts";
import { type Entry, pathFields, shownBy } from "../core/room.ts";
import { controlNames, controlOf } from "./control.ts";
import { listsItems } from "./describe.ts";
import { describeIssue } from "./issues.ts";

export type Arguments = Readonly<Record<string, unknown>>;

/** Arguments in the parts that different people use. */
export interface ParsedArguments {
  readonly input: Readonly<Record<string, unknown>>;
  readonly view: View;
  readonly scope?: Scope | undefined;
  readonly control: Control;
}

/** Splits flat tool arguments into request fields, view, scope and control, and checks all of it. Nothing was sent when it throws. */
export function parseArguments(entry: Entry, given: Arguments, pinned: boolean): ParsedArguments {
  const rest: Record<string, unknown> = { ...given };
  const take = (name: string): unknown => {
    const value = rest[name];
    delete rest[name];
    return value;
  };
  const issues: string[] = [];
  if (pinned && "account_id" in rest) {
    take("account_id");
    issues.push("account_id: the operator has pinned the account; leave it out");
  }
  const view = listsItems(entry) ? viewOf(take, issues) : {};
  const scope = scopeOf(entry, take, pinned, issues);
  const control = controlOf(entry, take, issues);
  const model = control.replace === true ? entry.input : inputOf(entry, rest);
  const unwrapped = unwrap(model, rest) as Record<string, unknown>;
  const parsed = model.safeParse(unwrapped);
  if (!parsed.success) {
    const extra = [
      ...(listsItems(entry) ? ["limit", "cursor", "all", "fields"] : []),
      ...(entry.scope === "account_or_zone" ? ["zone_id"] : []),
      ...(pinned ? [] : ["account_id"]),
      ...controlNames(entry),
    ];
    const shownOnly = shapesOf(entry.output).flatMap(Object.keys);
    const known = { extra, shownOnly };
    issues.unshift(...parsed.error.issues.flatMap((issue) => describeIssue(model, unwrapped, issue, known)));
  } else if (changesNothing(entry, unwrapped) && control.clear === undefined) {
    issues.push("give at least one field to change");
  }
  if (issues.length > 0 || !parsed.success) throw refusal(entry, issues);
  return { input: parsed.data as Record<string, unknown>, view, scope, control };
}

/** What an update takes that is merged into what is there: for a caller that names the kind of object, and for any other. */
interface Patches {
  readonly any: z.ZodType;
  readonly named?: { readonly discriminator: string; readonly model: z.ZodType };
}

const patches = new WeakMap<Entry, Patches>();

/** What a caller may say: the input itself or, where an update is merged into what is there, its ids and any part of it. */
export function inputOf(entry: Entry, given: Arguments = {}): z.ZodType {
  if (shownBy(entry) === undefined) return entry.input;
  const { any, named } = patches.get(entry) ?? patchesOf(entry);
  return named !== undefined && Object.hasOwn(given, named.discriminator) ? named.model : any;
}

function patchesOf(entry: Entry): Patches {
  const parts = anatomy(entry.input);
  const discriminator = parts.kind === "union" ? parts.discriminator : undefined;
  const branches = (whole: readonly string[]) =>
    shapesOf(entry.input).map((shape) => {
      const fields = Object.entries(shape).map(([name, field]): [string, z.ZodType] => [
        name,
        whole.includes(name) ? field : patchOf(field).optional(),
      ]);
      return z.strictObject(Object.fromEntries(fields));
    });
  const ids = pathFields(entry);
  const [only, ...more] = branches(ids);
  const any = only !== undefined && more.length === 0 ? only : z.union(branches(ids));
  const found: Patches =
    discriminator === undefined
      ? { any }
      : {
          any,
          named: {
            discriminator,
            model: z.discriminatedUnion(discriminator, branches([...ids, discriminator]) as [z.ZodObject], {
              error: kindsError(entry.input),
            }),
          },
        };
  patches.set(entry, found);
  return found;
}

/** The same words for an unknown kind as the whole model has. */
const kindsError =
  (model: z.ZodType): z.core.$ZodErrorMap =>
  (issue) =>
    issue.code === "invalid_union" ? model.safeParse(issue.input).error?.issues[0]?.message : undefined;

/** Problems that one refusal tells; the rest is counted. */
const issuesTold = 20;

function refusal({ name }: Entry, issues: readonly string[]) {
  const told = issues.slice(0, issuesTold).map((issue) => (issue.length > 400 ? `${issue.slice(0, 399)}…` : issue));
  const more = issues.length - told.length;
  const all = more > 0 ? [...told, `and ${more} more`] : told;
  return badInput(
    `${name}: ${all.slice(0, 5).join("; ")}${all.length > 5 ? "; …" : ""}`,
    `Correct the arguments and call again; nothing was sent. describe_operation {"operation":"${name}"} shows every field.`,
    all,
  );
}

/** A PUT replaces: without any field it would clear what is there; a PATCH would do nothing. */
function changesNothing({ effect, route, input }: Entry, given: Readonly<Record<string, unknown>>): boolean {
  const isField = (name: string) => !route.includes(`{${name}}`);
  const hasFields = shapesOf(input).flatMap(Object.keys).some(isField);
  return (
    effect === "update" && hasFields && !Object.keys(given).some((name) => isField(name) && given[name] !== undefined)
  );
}

function viewOf(take: (name: string) => unknown, issues: string[]): View {
  const [limit, cursor, all, fields] = ["limit", "cursor", "all", "fields"].map((name) =>
    fromText(take(name) ?? undefined),
  );
  const expect = (valid: boolean, message: string) => {
    if (!valid) issues.push(message);
  };
  expect(
    limit === undefined || (Number.isInteger(limit) && (limit as number) >= 1 && (limit as number) <= 1000),
    "limit: a whole number from 1 to 1000",
  );
  expect(cursor === undefined || typeof cursor === "string", "cursor: the next_cursor of an earlier answer");
  expect(all === undefined || typeof all === "boolean", "all: true or false");
  const columns = typeof fields === "string" ? fields.split(",").map((field) => field.trim()) : fields;
  expect(
    columns === undefined ||
      (Array.isArray(columns) && columns.every((column) => typeof column === "string" && column !== "")),
    'fields: column names such as ["id","name"], dotted paths, or ["*"] for everything',
  );
  return {
    ...(limit !== undefined && { limit: limit as number }),
    ...(cursor !== undefined && cursor !== "" && { cursor: cursor as string }),
    ...(all !== undefined && { all: all as boolean }),
    ...(columns !== undefined && (columns as string[]).length > 0 && { fields: columns as string[] }),
  };
}

/** Numbers, booleans and arrays that a client wrapped into text; a cursor never looks like one. */
function fromText(value: unknown): unknown {
  if (typeof value !== "string" || !/^(?:\d{1,9}|true|false|\[.*\])$/s.test(value)) return value;
  return parseJson(value) ?? value;
}

const scopeId = /^[\w-]{1,64}$/;

function scopeOf(entry: Entry, take: (name: string) => unknown, pinned: boolean, issues: string[]): Scope | undefined {
  const account_id = pinned ? undefined : take("account_id");
  const zone_id = entry.scope === "account_or_zone" ? take("zone_id") : undefined;
  for (const [name, id] of Object.entries({ account_id, zone_id })) {
    if (id !== undefined && (typeof id !== "string" || !scopeId.test(id))) {
      issues.push(`${name}: an id of 32 letters and digits`);
    }
  }
  if (account_id !== undefined && zone_id !== undefined)
    issues.push("zone_id: give either account_id or zone_id, not both");
  if (typeof zone_id === "string") return { zone_id };
  return typeof account_id === "string" ? { account_id } : undefined;
}

/** Values that arrived as JSON text, where the model wants something else than text. Some clients send all nested values so. */
export function unwrap(model: z.ZodType, value: unknown, depth = 0): unknown {
  if (depth > 32) return value;
  const parts = anatomy(model);
  if (typeof value === "string") {
    if (acceptsText(model) && !(parts.kind === "union" && value.startsWith("{"))) return value;
    const parsed = parseJson(value);
    return parsed === undefined || typeof parsed === "string" ? value : unwrap(model, parsed, depth + 1);
  }
  if (Array.isArray(value)) {
    return parts.kind === "array" ? value.map((item) => unwrap(parts.element, item, depth + 1)) : value;
  }
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value);
  switch (parts.kind) {
    case "object":
      return Object.fromEntries(
        members.map(([key, member]) => {
          const field = Object.hasOwn(parts.shape, key) ? parts.shape[key] : undefined;
          return [key, field === undefined ? member : unwrap(field, member, depth + 1)];
        }),
      );
    case "record":
      return Object.fromEntries(members.map(([key, member]) => [key, unwrap(parts.value, member, depth + 1)]));
    case "union": {
      const option = optionFor(parts, value as Record<string, unknown>);
      return option === undefined ? value : unwrap(option, value, depth + 1);
    }
    default:
      return value;
  }
}

function acceptsText(model: z.ZodType): boolean {
  const parts = anatomy(model);
  if (parts.kind === "union") return parts.options.some(acceptsText);
  if (parts.kind !== "leaf") return false;
  return !["number", "boolean", "int"].includes(parts.type);
}

function parseJson(text: string): unknown {
  if (text.length > 1_000_000) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
