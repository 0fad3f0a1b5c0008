import type { Scope } from "../core/call.ts";
import { badInput } from "../core/errors.ts";
import { shapesOf } from "../core/model.ts";
import type { Entry } from "../core/room.ts";
import type { ApiRequest } from "../core/send.ts";

type Input = Readonly<Record<string, unknown>>;

/** The part of a request that operation and arguments decide; the path waits for the scope. */
export interface Prepared {
  readonly method: ApiRequest["method"];
  path(scope: Scope): string;
  readonly query: readonly (readonly [string, string])[];
  readonly body?: unknown;
}

/** Sorts the arguments of an operation into path, query and body. Refuses what cannot be one path segment. */
export function prepare(entry: Entry, input: Input): Prepared {
  const [method, template = ""] = entry.route.split(" ") as [ApiRequest["method"], string];
  const inPath = new Set<string>();
  const segments = template.split("/").map((part) => {
    const [, name] = /^\{(\w+)\}$/.exec(part) ?? [];
    if (name === undefined || name === "account_id" || name === "account_or_zone") return part;
    inPath.add(name);
    if (entry.reserved[name]?.some((word) => word === input[name])) {
      throw badInput(
        `${name}: "${input[name]}" is part of another operation's address, not an id`,
        "Take the id from the list tool, or call the operation that you mean.",
      );
    }
    return segment(name, input[name]);
  });

  const usual = method === "GET" || method === "DELETE" ? "query" : "fields";
  const placeOf = (name: string) => (inPath.has(name) ? "path" : (entry.place?.[name] ?? usual));
  const query: [string, string][] = [];
  const fields: Record<string, unknown> = {};
  let whole: unknown;
  for (const [name, value] of Object.entries(input)) {
    const place = placeOf(name);
    if (place === "body") whole = value;
    if (place === "query") query.push(...parameters(name, value));
    if (place === "fields" && value !== undefined) fields[name] = value;
  }
  // Like the official SDK: an operation whose body fields are all optional sends {}, one without any sends none.
  const body =
    whole ??
    (shapesOf(entry.input)
      .flatMap(Object.keys)
      .some((name) => placeOf(name) === "fields")
      ? fields
      : undefined);
  return { method, path: (scope) => pathIn(entry, segments, scope), query, ...(body !== undefined && { body }) };
}

function pathIn(entry: Entry, segments: readonly string[], scope: Scope): string {
  const [kind, id] = "account_id" in scope ? ["account", scope.account_id] : ["zone", scope.zone_id];
  if (kind === "zone" && entry.scope === "account") {
    throw badInput(`zone_id: ${entry.name} works on a whole account`, "Leave zone_id out.");
  }
  const owner = segment(`${kind}_id`, id);
  const parts = segments.flatMap((part) =>
    part === "{account_or_zone}" ? [`${kind}s`, owner] : [part === "{account_id}" ? owner : part],
  );
  const path = parts.join("/");
  // The last word belongs to the rules by which servers read URLs.
  if (new URL(path, "http://localhost").pathname !== path || path.split("/").length !== parts.length) {
    throw badInput(`${entry.name}: the ids do not make a valid path`, "Take the ids from the list tools.");
  }
  return path;
}

function segment(name: string, value: unknown): string {
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text !== "string" || /^\.{0,2}$/.test(text) || /\p{Cc}/u.test(text) || !text.isWellFormed()) {
    throw badInput(
      `${name}: not an id; it must not be empty, "." or "..", or hold control characters`,
      "Take the id from the list tool and pass it unchanged.",
    );
  }
  return encodeURIComponent(text);
}

/** Repeated keys for arrays, as the API expects them. */
function parameters(name: string, value: unknown): [string, string][] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item) => parameters(name, item));
  return [[name, typeof value === "object" ? JSON.stringify(value) : String(value)]];
}
