import MiniSearch from "minisearch";
import type { Effect } from "../core/operation.ts";
import type { ToolRecord } from "./describe.ts";
import { idleWords, intents, phrases, synonyms } from "./vocabulary.ts";

type Tools = ReadonlyMap<string, ToolRecord>;

const indexes = new WeakMap<Tools, MiniSearch>();

/** The operations that fit a request best, best first. */
export function search(tools: Tools, query: string, most: number): readonly ToolRecord[] {
  const words = wordsOf(query.slice(0, 500));
  const wanted = new Set(words.flatMap((word) => effectsOf.get(stem(word)) ?? []));
  return indexOf(tools)
    .search(words.join(" "), {
      processTerm: (word) => [...terms(word), ...(termsMeant.get(stem(word)) ?? [])],
      boostDocument: (_, __, stored) => (wanted.has(stored?.["effect"] as Effect) ? 1.5 : 1),
      boost: { name: 3, summary: 1.5, keywords: 0.5 },
      prefix: (term) => term.length > 3,
      fuzzy: (term) => (term.length > 4 ? 0.2 : false),
      weights: { prefix: 0.3, fuzzy: 0.2 },
    })
    .slice(0, most)
    .flatMap(({ id }) => tools.get(id) ?? []);
}

/** The index of a tool table, made on its first search. */
function indexOf(tools: Tools): MiniSearch {
  const known = indexes.get(tools);
  if (known !== undefined) return known;
  const index = new MiniSearch({
    idField: "name",
    fields: ["name", "summary", "keywords"],
    storeFields: ["effect"],
    tokenize: wordsOf,
    processTerm: terms,
  });
  // What the advice names is another operation.
  const ownWords = (text: string) => text.replace(/\w+/g, (word) => (tools.has(word) ? "" : word));
  index.addAll(
    [...tools.values()].map(({ name, effect, description, keywords }) => ({
      name,
      effect,
      summary: /^.*?[.](?=\s|$)/.exec(description)?.[0] ?? description,
      keywords: ownWords(keywords),
    })),
  );
  indexes.set(tools, index);
  return index;
}

const wordsOf = (text: string): string[] =>
  phrases
    .reduce((said, [phrase, meant]) => said.replace(phrase, meant), text.toLowerCase().replaceAll("_", " "))
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");

const terms = (word: string): string[] => (idleWords.has(word) ? [] : [stem(word)]);

const endings: readonly (readonly [RegExp, string])[] = [
  [/(?<=..)ies$/, "y"],
  [/(?<=..[^siu])s$/, ""],
  [/(?<=...)(?:ing|ed)$/, ""],
  [/([^aeiosl])\1$/, "$1"],
  [/(?<=...)e$/, ""],
];

/** What the forms of a word share. */
const stem = (word: string): string => endings.reduce((rest, [ending, kept]) => rest.replace(ending, kept), word);

/** From what is said to what stands for it. */
function inverted<Meant extends string>(table: Readonly<Record<Meant, string>>): ReadonlyMap<string, readonly Meant[]> {
  const said = new Map<string, Meant[]>();
  for (const [meant, words] of Object.entries(table) as [Meant, string][]) {
    for (const word of words.split(" ").map(stem)) said.set(word, [...(said.get(word) ?? []), meant]);
  }
  return said;
}

const effectsOf = inverted(intents);
const termsMeant = new Map([...inverted(synonyms)].map(([said, meant]) => [said, meant.flatMap(wordsOf).flatMap(terms)]));
