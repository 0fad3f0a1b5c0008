import { didYouMean } from "../../core/nearest.ts";
import { CommandError } from "../command-error.ts";

interface Word {
  /** What stands behind it: an id, or a file that may be left out. */
  readonly argument?: "ID" | "[FILE]";
  /** The switch that it takes besides `json`. */
  readonly takes?: Switch;
  readonly meaning: string;
}

/** What `changes` does by its second word. */
export const changesWords = {
  list: { takes: "all", meaning: "The newest 50 changes; --all shows every one." },
  show: { argument: "ID", meaning: "One change, with everything that is kept of it." },
  undo: { argument: "ID", takes: "yes", meaning: "Take a change back: shows what that does, then asks." },
  due: { takes: "all", meaning: "What should have been taken back by now; --all: and what is due later." },
  "revert-due": { takes: "yes", meaning: "Take back what is due, the earliest first." },
  pending: { meaning: "What waits for a person, with --approval human." },
  approve: { argument: "ID", meaning: "Let the agent make a change that waits; only on a terminal." },
  reject: { argument: "ID", meaning: "Refuse a change that waits." },
  verify: { argument: "[FILE]", meaning: "Check that the journal is as it was written; FILE has checkpoints of it." },
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
  ([word, { argument, meaning }]) =>
    [`changes ${word}${argument === undefined ? "" : ` ${argument}`}`, meaning] as const,
);

/** What was asked of `changes`. */
export interface ChangesRequest {
  readonly word: ChangesWord;
  /** Empty where there is none. */
  readonly argument: string;
  readonly given: ReadonlySet<Switch>;
}

const usage = (message: string) => new CommandError("usage", `changes: ${message}; see --help`);

/** Reads the words behind `changes`. */
export function readChangesRequest(words: readonly string[], given: ReadonlySet<Switch>): ChangesRequest {
  const [word = "", argument, ...more] = words;
  const names = Object.keys(changesWords);
  if (word === "") throw usage(`say what to do: ${names.join(", ")}`);
  if (!isWord(word)) throw usage(`that is none of ${names.join(", ")}${didYouMean(word, names)}`);
  const found: Word = changesWords[word];
  const { told, fits } = kinds[found.argument ?? "none"];
  if (!fits(argument) || more.length > 0) throw usage(`"${word}" takes ${told}`);
  const wrong = [...given].find((name) => name !== "json" && name !== found.takes);
  if (wrong !== undefined) throw usage(`"${word}" takes no --${wrong}`);
  return { word, argument: argument ?? "", given };
}

const kinds = {
  none: { told: "nothing more", fits: (given: string | undefined) => given === undefined },
  ID: { told: "one id", fits: (given: string | undefined) => /^[\w-]{1,64}$/.test(given ?? "") },
  "[FILE]": { told: "one file", fits: (given: string | undefined) => given !== "" },
} as const;

const isWord = (word: string): word is ChangesWord => Object.hasOwn(changesWords, word);
