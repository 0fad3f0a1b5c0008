import { didYouMean } from "../../core/nearest.ts";
import { CommandError } from "../command-error.ts";

interface Word {
  /** What stands behind it. */
  readonly id?: string;
  /** The switch that it takes besides `json`. */
  readonly takes?: Switch;
  readonly meaning: string;
}

/** What `changes` does by its second word. */
export const changesWords = {
  list: { takes: "all", meaning: "The newest 50 changes; --all shows every one." },
  show: { id: "ID", meaning: "One change, with everything that is kept of it." },
  undo: { id: "ID", takes: "yes", meaning: "Take a change back: shows what that does, then asks." },
  due: { takes: "all", meaning: "What should have been taken back by now; --all: and what is due later." },
  "revert-due": { takes: "yes", meaning: "Take back what is due, the earliest first." },
  pending: { meaning: "What waits for a person, with --approval human." },
  approve: { id: "ID", meaning: "Let the agent make a change that waits; only on a terminal." },
  reject: { id: "ID", meaning: "Refuse a change that waits." },
  verify: { meaning: "Check that the journal is as it was written." },
  export: { meaning: "Every line of the journal, as JSON lines." },
} as const satisfies Record<string, Word>;

export type ChangesWord = keyof typeof changesWords;

/** Flags of `changes` alone; none has an environment twin, since an agreement that is always there is none. */
export const switches = {
  json: "One JSON document instead of text.",
  all: "With list and due: show more.",
  yes: "With undo and revert-due: do not ask, for cron.",
} as const;

export type Switch = keyof typeof switches;

/** `changes` word by word, as `--help` and the README show it. */
export const changesRows = Object.entries<Word>(changesWords).map(
  ([word, { id, meaning }]) => [["changes", word, ...(id === undefined ? [] : [id])].join(" "), meaning] as const,
);

/** What was asked of `changes`. */
export interface ChangesRequest {
  readonly word: ChangesWord;
  /** Empty where the word takes none. */
  readonly id: string;
  readonly given: ReadonlySet<Switch>;
}

const usage = (message: string) => new CommandError("usage", `changes: ${message}; see --help`);

/** Reads the words behind `changes`. */
export function readChangesRequest(words: readonly string[], given: ReadonlySet<Switch>): ChangesRequest {
  const [word = "", id, ...more] = words;
  const names = Object.keys(changesWords);
  if (word === "") throw usage(`say what to do: ${names.join(", ")}`);
  if (!isWord(word)) throw usage(`that is none of ${names.join(", ")}${didYouMean(word, names)}`);
  const found: Word = changesWords[word];
  const isId = found.id === undefined ? id === undefined : id !== undefined && /^[\w-]{1,64}$/.test(id);
  if (!isId || more.length > 0) throw usage(`"${word}" takes ${found.id === undefined ? "nothing more" : "one id"}`);
  const wrong = [...given].find((name) => name !== "json" && name !== found.takes);
  if (wrong !== undefined) throw usage(`"${word}" takes no --${wrong}`);
  return { word, id: id ?? "", given };
}

const isWord = (word: string): word is ChangesWord => Object.hasOwn(changesWords, word);
