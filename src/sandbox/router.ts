import type { Entry } from "../core/room.ts";
import { notFound, notModelled, Refusal, type Reply } from "./envelope.ts";
import { accept, type Places, placesOf, readQuery } from "./input.ts";
import { type Row, rowOf } from "./store.ts";
import { verbOf } from "./verbs.ts";
import type { Question, Quirks, Resource, World } from "./world.ts";

/** A request once its scope is known to exist. */
export interface Arrival {
  readonly method: string;
  /** `accounts` or `zones`, and the id. */
  readonly space: string;
  readonly scopeId: string;
  /** The decoded path segments below the scope. */
  readonly segments: readonly string[];
  readonly search: ReadonlyMap<string, readonly string[]>;
  readonly body: unknown;
}

/** An operation of the catalogue, and how to answer an arrival that asks for it. */
export interface Found {
  readonly entry: Entry;
  answer(arrival: Arrival): Reply;
}

interface Route {
  readonly method: string;
  readonly spaces: readonly string[];
  /** Literal segments as they are, placeholders as `{name}`. */
  readonly segments: readonly string[];
  readonly found: Found;
}

const isPlaceholder = (segment: string) => segment.startsWith("{");
const nameOf = (placeholder: string) => placeholder.slice(1, -1);

const matches = (pattern: readonly string[], segments: readonly string[]) =>
  pattern.length === segments.length &&
  pattern.every((part, index) => (isPlaceholder(part) ? segments[index] !== "" : part === segments[index]));

/** Finds the operation that a method and path mean; literal segments win over placeholders, as they do at Cloudflare. */
export function router(entries: readonly Entry[], quirks: Quirks, world: World): (arrival: Arrival) => Found {
  const nouns = new Map(entries.map((entry) => [templateOf(entry), entry.room.noun]));
  const routes = entries.map((entry) => compile(entry, quirks, world, nouns));
  const literals = (route: Route) => route.segments.map((part) => (isPlaceholder(part) ? "1" : "0")).join("");
  routes.sort((a, b) => (literals(a) < literals(b) ? -1 : 1));

  return ({ method, space, segments }) => {
    const fitting = routes.filter((route) => route.spaces.includes(space) && matches(route.segments, segments));
    const route = fitting.find((candidate) => candidate.method === method);
    if (route !== undefined) return route.found;
    const path = `/${space}/…/${segments.join("/")}`;
    if (fitting.length > 0) throw new Refusal(405, 7001, `Method ${method} not available for that URI.`);
    throw new Refusal(404, 7003, `Could not route to ${path}, perhaps your object identifier is invalid?`);
  };
}

/** `access/apps/{app_id}` of `GET /{account_or_zone}/access/apps/{app_id}`. */
const templateOf = ({ route }: Entry) => route.replace(/^\w+ \/(?:accounts\/\{account_id\}|\{account_or_zone\})\//, "");

function compile(entry: Entry, quirks: Quirks, world: World, nouns: ReadonlyMap<string, string>): Route {
  const [method = ""] = entry.route.split(" ");
  const template = templateOf(entry);
  const segments = template.split("/");
  const handler = quirks.operations?.[entry.name];
  const verb = verbOf(entry);
  const resource: Resource = quirks.resources?.[template.replace(/\/\{\w+\}$/, "")] ?? {};
  const places = placesOf(entry);
  const parents = segments.flatMap((part, index) =>
    isPlaceholder(part) && index < segments.length - 1
      ? [{ index, noun: nouns.get(segments.slice(0, index + 1).join("/")) ?? "object" }]
      : [],
  );

  const answer = (arrival: Arrival): Reply => {
    if (handler === undefined && verb === undefined) throw notModelled(entry.route);
    for (const { index, noun } of parents) {
      const collection = [arrival.space, arrival.scopeId, ...arrival.segments.slice(0, index)].join("/");
      if (world.store.find(collection, arrival.segments[index] ?? "") === undefined) throw notFound(noun);
    }
    const question = ask(entry, segments, places, arrival, world);
    return handler?.(question) ?? verb?.(question, resource) ?? { result: null };
  };

  const spaces = entry.scope === "account_or_zone" ? ["accounts", "zones"] : ["accounts"];
  return { method, spaces, segments, found: { entry, answer } };
}

/** Puts an arrival into the words of its operation, validated by its model. */
function ask(entry: Entry, pattern: readonly string[], places: Places, arrival: Arrival, world: World): Question {
  const { space, scopeId, segments, search, body: sent } = arrival;
  const ids: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) if (isPlaceholder(part)) ids[nameOf(part)] = segments[index] ?? "";
  const query: Row = {};
  for (const [name, schema] of Object.entries(places.query)) {
    const values = search.get(name);
    if (values !== undefined) query[name] = readQuery(schema, values);
  }
  const fields = Object.entries(rowOf(sent)).filter(([name]) => places.body.includes(name));
  const given = places.whole === undefined ? Object.fromEntries(fields) : { [places.whole]: sent };
  const accepted = accept(entry, { ...given, ...query, ...ids });
  const pick = (names: readonly string[]) =>
    Object.fromEntries(names.flatMap((name) => (name in accepted ? [[name, accepted[name]]] : [])));
  const path = segments.join("/");
  return {
    world,
    entry,
    scope: `${space}/${scopeId}`,
    path,
    collection: [space, scopeId, ...segments.slice(0, -1)].join("/"),
    id: segments.at(-1) ?? "",
    ids,
    query: pick(Object.keys(places.query)),
    search,
    body: pick(places.whole === undefined ? places.body : [places.whole]),
    sent,
  };
}
