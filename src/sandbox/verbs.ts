import type { Entry } from "../core/room.ts";
import { conflict, invalid, notFound, notModelled, type Reply } from "./envelope.ts";
import { fieldsOf, requiredOf } from "./input.ts";
import { type Row, textOf } from "./store.ts";
import { type Filter, type Question, type Resource, timestamp } from "./world.ts";

/** How any resource answers one plain operation. */
export type Verb = (question: Question, resource: Resource) => Reply;

/** Rows of a page when nothing is said (terraform-provider-cloudflare #2717). */
export const defaultPageSize = 25;
const largestPageSize = 1000;

/** One page of rows, cut as `page` and `per_page` say, with the facts that `result_info` states. */
export function paged(rows: readonly Row[], question: Question, show: (row: Row) => Row = (row) => row): Reply {
  const page = countIn(question, "page") ?? 1;
  const per_page = Math.min(largestPageSize, countIn(question, "per_page") ?? defaultPageSize);
  const result = rows.slice((page - 1) * per_page, page * per_page).map(show);
  const total_pages = Math.ceil(rows.length / per_page);
  return { result, info: { page, per_page, count: result.length, total_count: rows.length, total_pages } };
}

/** A query argument that counts something, for what no model declares. */
export function countIn({ search }: Question, name: string): number | undefined {
  const text = search.get(name)?.[0];
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw invalid(`${name}: a whole number from 1`);
  return value;
}

/** The stored row a question is about. */
function rowIn({ world, collection, id, entry }: Question): Row {
  const row = world.store.find(collection, id);
  if (row === undefined) throw notFound(entry.room.noun);
  return row;
}

const shown = (row: Row, question: Question, { show }: Resource) => show?.(row, question) ?? row;

const same = (left: unknown, right: unknown) => String(left).toLowerCase() === String(right).toLowerCase();
const holds = (row: Row, part: string) =>
  ["name", "email", "domain", "hostname", "description", "id", "uid"].some((field) =>
    textOf(row[field]).toLowerCase().includes(part.toLowerCase()),
  );

/** Filters whose meaning is the same wherever they occur. `exact` sharpens `name` and `domain` where it is offered. */
const plainFilters: Readonly<Record<string, Filter>> = {
  search: (row, part: string) => holds(row, part),
  exact: () => true,
};

function filterOf(name: string, { entry, query }: Question, resource: Resource): Filter {
  const special = resource.filters?.[name] ?? plainFilters[name];
  if (special !== undefined) return special;
  if (!(name in fieldsOf(entry.output))) throw notModelled(`${entry.route} with the filter "${name}"`);
  const partly = "exact" in fieldsOf(entry.input) && query["exact"] !== true && (name === "name" || name === "domain");
  return partly
    ? (row, value: string) => textOf(row[name]).toLowerCase().includes(value.toLowerCase())
    : (row, value) => same(row[name], value);
}

const list: Verb = (question, resource) => {
  const { world, entry, collection, id, query } = question;
  const path = `${collection}/${id}`;
  let rows = world.store.rows(path);
  for (const [name, value] of Object.entries(query)) {
    const filter = filterOf(name, question, resource);
    rows = rows.filter((row) => filter(row, value as never, question));
  }
  if (resource.sort !== undefined) rows = resource.sort(rows, question);
  const show = (row: Row) => shown(row, question, resource);
  return entry.answers === "pages" ? paged(rows, question, show) : { result: rows.map(show) };
};

const get: Verb = (question, resource) => ({ result: shown(rowIn(question), question, resource) });

/** What the answer to a write shows. */
const written = (row: Row, question: Question, resource: Resource, before: Row | undefined): Row => ({
  ...shown(row, question, resource),
  ...resource.reveal?.(row, question, before),
});

const create: Verb = (question, resource) => {
  const { world, entry, body } = question;
  const key = entry.room.key ?? "id";
  const addressed = entry.route.endsWith("}");
  const collection = addressed ? question.collection : `${question.collection}/${question.id}`;
  const time = timestamp(world);
  const id = addressed ? question.id : textOf(body[key]) || world.random.uuid();
  if (world.store.find(collection, id) !== undefined) throw conflict(`${entry.room.noun} ${id} already exists`);
  const draft: Row = { [key]: id, ...body, created_at: time, updated_at: time };
  const row = world.store.keep(collection, id, resource.write?.(draft, question, undefined) ?? draft);
  return { status: 201, result: written(row, question, resource, undefined) };
};

/** What Cloudflare sets and a replacement cannot change. */
const lasting = ["id", "uid", "aud", "created_at"];

/**
 * PUT: what could be sent and is not is gone, but for what an object cannot be without; PATCH, and PUT where it merges:
 * what is not sent stays.
 */
const update: Verb = (question, resource) => {
  const { world, entry, collection, id, body } = question;
  const before = rowIn(question);
  const merges = entry.merges === true || entry.route.startsWith("PATCH ");
  const creation = entry.room.verbs["create"];
  const needed = creation === undefined ? [] : requiredOf(creation.input);
  const fields = fieldsOf(entry.input);
  const kept = Object.entries(before).filter(([field]) => merges || !(field in fields) || needed.includes(field));
  const draft: Row = { ...Object.fromEntries(kept), ...body, updated_at: timestamp(world) };
  for (const field of lasting) if (field in before) draft[field] = before[field];
  const key = entry.room.key ?? "id";
  // Where the address is a field, as with tags, changing the field moves the object.
  const name = before[key] === id ? textOf(draft[key]) || id : id;
  if (name !== id && world.store.find(collection, name) !== undefined) {
    throw conflict(`${entry.room.noun} ${name} already exists`);
  }
  const row = resource.write?.(draft, question, before) ?? draft;
  if (name !== id) world.store.remove(collection, id);
  return { result: written(world.store.keep(collection, name, row), question, resource, before) };
};

/** The answer holds what the model says: just an id for most resources, the whole object for some. */
const remove: Verb = (question, resource) => {
  const { world, entry, collection, id } = question;
  const row = rowIn(question);
  resource.remove?.(row, question);
  const fields = Object.keys(fieldsOf(entry.output));
  const left = { id, ...shown(row, question, resource) };
  world.store.remove(collection, id);
  const result = Object.fromEntries(Object.entries(left).filter(([field]) => fields.includes(field)));
  return { status: resource.deleted ?? 202, result };
};

/** How an operation that is plain REST works; `undefined` when its route and effect do not say. */
export function verbOf({ route, effect, answers }: Entry): Verb | undefined {
  const [method = ""] = route.split(" ");
  const isList = answers === "pages" || answers === "list";
  if (method === "GET") return isList ? list : answers === undefined || answers === "object" ? get : undefined;
  if (method === "POST" && effect === "create") return create;
  if ((method === "PUT" || method === "PATCH") && effect === "update" && !isList) return update;
  return method === "DELETE" ? remove : undefined;
}
