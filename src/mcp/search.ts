import MiniSearch from "minisearch";
import type { Effect } from "../core/operation.ts";
import type { ToolRecord } from "./describe.ts";
import { idleWords, intents, phrases, type Replacements, spellings, synonyms } from "./vocabulary.ts";

type Tools = ReadonlyMap<string, ToolRecord>;

const indexes = new WeakMap<Tools, MiniSearch>();

/** The operations that fit a request best, best first. */
export function search(tools: Tools, query: string, most: number): readonly ToolRecord[] {
  const request = replaced(query.slice(0, 500).toLowerCase(), [...spellings, ...phrases]);
  const words = wordsOf(request);
  const wanted = words.map((word) => effectsMeant.get(word)).find((effects) => effects !== undefined) ?? bare;
  const weights = new Map(words.flatMap((word) => wordsMeant.get(word) ?? []));
  for (const word of words) if (!idle.has(word)) weights.set(word, 1);
  return indexOf(tools)
    .search([...weights.keys()].join(" "), {
      processTerm: (word) => word,
      boost: { keywords: 0.5 },
      boostTerm: (word) => weights.get(word) ?? 1,
      boostDocument: (name) => fitness(tools.get(name), wanted, weights),
      prefix: (word) => word.length > 3 && !wordsMeant.has(word),
      fuzzy: (word) => (word.length > 4 && !wordsMeant.has(word) ? 0.2 : false),
    })
    .slice(0, most)
    .flatMap(({ id }) => tools.get(id) ?? []);
}

/** What a request without a verb wants: to see something or to have it. */
const bare: readonly Effect[] = ["read", "create"];

/** How much more an operation counts that does what is wanted, to nothing but what was named. */
function fitness(tool: ToolRecord | undefined, wanted: readonly Effect[], named: ReadonlyMap<string, number>): number {
  if (tool === undefined) return 0;
  const [, ...noun] = wordsOf(tool.name);
  const share = noun.filter((word) => named.has(word)).length / noun.length;
  return (1 + share) * (wanted.includes(tool.effect) ? 3 : 1) * (tool.everyday ? 1.2 : 1);
}

/** The index of a tool table, made on its first search. */
function indexOf(tools: Tools): MiniSearch {
  const known = indexes.get(tools);
  if (known !== undefined) return known;
  const index = new MiniSearch({
    idField: "name",
    fields: ["name", "summary", "keywords"],
    tokenize: (text) => wordsOf(replaced(text.toLowerCase(), spellings)),
    processTerm: (word) => !idle.has(word) && word,
  });
  // The advice names other operations, which do something else.
  const own = (text: string) => text.replace(/\w+/g, (word) => (tools.has(word) ? "" : word));
  index.addAll(
    [...tools.values()].map(({ name, description, keywords }) => ({
      name,
      summary: /^.*?[.](?=\s|$)/.exec(description)?.[0] ?? description,
      keywords: own(keywords),
    })),
  );
  indexes.set(tools, index);
  return index;
}

function replaced(text: string, replacements: Replacements): string {
  return replacements.reduce((rest, [said, meant]) => rest.replace(said, meant), text);
}

/** The stems of the words in a text. */
function wordsOf(text: string): string[] {
  return (text.match(/[\p{L}\p{N}]+/gu) ?? []).map((word) => replaced(word, endings));
}

const endings: Replacements = [
  [/(?<=..)ies$/, "y"],
  [/(?<=..[^siu])s$/, ""],
  [/(?<=..)([^aeiosldt])\1(?:ing|ed)$/, "$1"],
  [/(?<=...)(?:ing|ed)$/, ""],
  [/(?<=...)e$/, ""],
];

const idle = new Set(wordsOf(idleWords));

/** From each word that is said to all it may mean. */
function inverted<Meant extends string>(table: Readonly<Record<Meant, string>>): ReadonlyMap<string, readonly Meant[]> {
  const meanings = new Map<string, Meant[]>();
  for (const [meant, said] of Object.entries(table) as [Meant, string][]) {
    for (const word of wordsOf(said)) meanings.set(word, [...(meanings.get(word) ?? []), meant]);
  }
  return meanings;
}

const effectsMeant = inverted(intents);

/** What else to look for when a word is said, with its weight: many words weigh less each. */
const wordsMeant = new Map(
  [...inverted(synonyms)].map(([said, meant]) => [
    said,
    meant.flatMap((text) => wordsOf(text).map((word, _, { length }) => [word, 1 / Math.sqrt(length)] as const)),
  ]),
);
