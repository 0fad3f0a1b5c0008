import { invalid } from "../envelope.ts";
import { type Row, textOf } from "../store.ts";
import type { Filter, Question, Quirks, World } from "../world.ts";

const lists = "gateway/lists";

const countOf = (world: World, scope: string, row: Row) =>
  world.store.rows(`${scope}/${lists}/${textOf(row["id"])}/items`).length;

const contains = (text: unknown, part: string) => textOf(text).toLowerCase().includes(part.toLowerCase());
const plain = (id: unknown) => textOf(id).replaceAll("-", "");

/** The fields of `filter=field:value`. */
const fieldFilters: Readonly<Record<string, (row: Row, value: string, question: Question) => boolean>> = {
  name: (row, value) => contains(row["name"], value),
  id: (row, value) => contains(plain(row["id"]), plain(value)),
  type: (row, value) => row["type"] === value,
  item_count: (row, value, { world, scope }) => countOf(world, scope, row) === Number(value),
};

const filters: Record<string, Filter> = {
  search: (row, part: string) => contains(row["name"], part) || contains(row["description"], part),
  filter: (row, pairs: readonly string[], question) =>
    pairs.every((pair) => {
      const [field = "", ...rest] = pair.split(":");
      const test = fieldFilters[field];
      if (test === undefined) throw invalid(`filter: ${pair} is not name, id, type or item_count with a value`);
      return test(row, rest.join(":"), question);
    }),
  order_by: () => true,
  direction: () => true,
};

function sort(rows: Row[], { query, world, scope }: Question): Row[] {
  const field = textOf(query["order_by"]) || "created_at";
  const newestFirst = query["order_by"] === "created_at" || query["order_by"] === "updated_at";
  const turned = query["direction"] === undefined ? newestFirst : query["direction"] === "desc";
  const value = (row: Row) =>
    field === "item_count" ? String(countOf(world, scope, row)).padStart(9, "0") : textOf(row[field]);
  const sorted = rows.toSorted((a, b) => value(a).localeCompare(value(b)));
  return turned ? sorted.reverse() : sorted;
}

export const listQuirks: Quirks = {
  resources: {
    [lists]: { filters, sort, show: (row, { world, scope }) => ({ ...row, count: countOf(world, scope, row) }) },
  },
};
