import type { z } from "zod";
import { type Anatomy, anatomy, optionFor } from "../core/model.ts";
import type { Entry } from "../core/room.ts";
import { invalid } from "./envelope.ts";
import { type Row, rowOf } from "./store.ts";

/** What an operation can be given, by where it travels. */
export interface Places {
  readonly query: Readonly<Record<string, z.ZodType>>;
  readonly body: readonly string[];
  /** The field that is the whole body, when there is one. */
  readonly whole: string | undefined;
}

/** Every field of a model at its first level, whatever branches it takes. */
export function fieldsOf(schema: z.ZodType): Record<string, z.ZodType> {
  const parts = anatomy(schema);
  if (parts.kind === "object") return { ...parts.shape };
  return parts.kind === "union" ? Object.assign({}, ...parts.options.map(fieldsOf)) : {};
}

/** The fields every branch of a model insists on. */
export function requiredOf(schema: z.ZodType): string[] {
  const parts = anatomy(schema);
  if (parts.kind === "object") {
    return Object.entries(parts.shape).flatMap(([name, field]) => (field.safeParse(undefined).success ? [] : [name]));
  }
  if (parts.kind !== "union") return [];
  const [first = [], ...others] = parts.options.map(requiredOf);
  return first.filter((name) => others.every((names) => names.includes(name)));
}

/** Sorts the fields of an operation into query and body, as its declaration says. */
export function placesOf(entry: Entry): Places {
  const inPath = new Set([...entry.route.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? ""));
  const usual = /^(?:GET|DELETE) /.test(entry.route) ? "query" : "body";
  const query: Record<string, z.ZodType> = {};
  const body: string[] = [];
  let whole: string | undefined;
  for (const [name, schema] of Object.entries(fieldsOf(entry.input))) {
    if (inPath.has(name)) continue;
    const place = entry.place?.[name];
    if (place === "body") whole = name;
    else if ((place ?? usual) === "query") query[name] = schema;
    else body.push(name);
  }
  return { query, body, whole };
}

/** Reads a query argument the way its model means it: `25` as a number, `true` as a flag, repeated keys as a list. */
export function readQuery(schema: z.ZodType, values: readonly string[]): unknown {
  const parts = anatomy(schema);
  if (parts.kind === "array") return values.map((value) => readQuery(parts.element, [value]));
  const [value = ""] = values;
  if (parts.kind !== "leaf") return value;
  if (parts.type === "number" && value.trim() !== "") return Number(value);
  if (parts.type === "boolean" && /^(?:true|false)$/.test(value)) return value === "true";
  return value;
}

/**
 * The part of a value that the model knows. Cloudflare drops keys it does not know without a word, and takes `null`
 * for a field that was not sent.
 */
function known(schema: z.ZodType, value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const parts: Anatomy = anatomy(schema);
  if (Array.isArray(value)) {
    const element = parts.kind === "array" ? parts.element : arrayOption(parts);
    return element === undefined ? value : value.map((item) => known(element, item));
  }
  const row = rowOf(value);
  switch (parts.kind) {
    case "object":
      return Object.fromEntries(
        Object.entries(row).flatMap(([key, item]) => {
          const field = parts.shape[key];
          const absent = field === undefined || (item === null && !field.safeParse(null).success);
          return absent ? [] : [[key, known(field, item)]];
        }),
      );
    case "record":
      return Object.fromEntries(Object.entries(row).map(([key, item]) => [key, known(parts.value, item)]));
    case "union": {
      const option = optionFor(parts, row);
      return option === undefined ? row : known(option, row);
    }
    default:
      return value;
  }
}

/** The element of the one option that is a list, as in "one or several". */
function arrayOption(parts: Anatomy): z.ZodType | undefined {
  if (parts.kind !== "union") return undefined;
  return parts.options.map(anatomy).flatMap((option) => (option.kind === "array" ? [option.element] : []))[0];
}

/** Validates the arguments of an operation; refuses with code 12130 and the first thing that is wrong. */
export function accept(entry: Entry, arguments_: Row): Row {
  const parsed = entry.input.safeParse(known(entry.input, arguments_));
  if (parsed.success) return rowOf(parsed.data);
  throw invalid(explain(parsed.error.issues));
}

/** The deepest of several complaints, as `path: message`. */
function explain(issues: readonly z.core.$ZodIssue[], above: readonly PropertyKey[] = []): string {
  const [issue] = issues;
  if (issue === undefined) return "malformed body";
  const path = [...above, ...issue.path];
  if (issue.code === "invalid_union" && issue.errors.length > 0) {
    const closest = issue.errors.toSorted((a, b) => reach(b) - reach(a))[0] ?? [];
    return explain(closest, path);
  }
  return path.length === 0 ? issue.message : `${path.map(String).join(".")}: ${issue.message}`;
}

const reach = (issues: readonly z.core.$ZodIssue[]) => Math.max(0, ...issues.map((issue) => issue.path.length));
