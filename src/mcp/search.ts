import MiniSearch from "minisearch";
import type { ToolRecord } from "./describe.ts";

/** Words people use for what Cloudflare calls otherwise. */
const synonyms: Readonly<Record<string, string>> = {
  app: "application",
  apps: "applications",
  remove: "delete",
  add: "create",
  new: "create",
  make: "create",
  change: "update",
  edit: "update",
  modify: "update",
  show: "get",
  find: "list",
  kick: "revoke",
  logout: "revoke",
  idp: "identity",
  sso: "identity",
  mtls: "certificate",
  host: "target",
  hosts: "targets",
  servers: "targets",
  member: "user",
  people: "users",
  person: "user",
  audit: "logs",
};

type Tools = ReadonlyMap<string, ToolRecord>;

const indexes = new WeakMap<Tools, MiniSearch>();

/** The operations that fit a request best, best first. */
export function search(tools: Tools, query: string, most: number): readonly ToolRecord[] {
  const words = query.toLowerCase().split(/[^\p{L}\p{N}]+/u);
  const widened = [query, ...words.map((word) => synonyms[word] ?? "")].join(" ");
  return indexOf(tools)
    .search(widened.slice(0, 500), { boost: { words: 3, title: 2 }, prefix: (term) => term.length > 3, fuzzy: 0.2 })
    .slice(0, most)
    .flatMap(({ id }) => tools.get(id) ?? []);
}

/** The index of a tool table, made on its first search. */
function indexOf(tools: Tools): MiniSearch {
  const known = indexes.get(tools);
  if (known !== undefined) return known;
  const index = new MiniSearch({ fields: ["words", "title", "description", "keywords"], idField: "name" });
  index.addAll([...tools.values()].map((tool) => ({ ...tool, words: tool.name.replaceAll("_", " ") })));
  indexes.set(tools, index);
  return index;
}
