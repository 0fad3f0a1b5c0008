import { severities } from "../../audit/check.ts";
import { didYouMean } from "../../core/nearest.ts";
import { CommandError } from "../command-error.ts";

/** The forms that a report can have. */
export const formatNames = ["md", "json", "sarif", "junit", "csv", "html"] as const;

/** Commands that ask about the account and change nothing. */
export const questions = {
  audit: { words: "", meaning: "Report what is wrong; reads the account, or --snapshot FILE without credentials." },
  who: { words: "APPLICATION", meaning: "Who can reach an application, by name, id or URL." },
  explain: {
    words: "WHO APPLICATION [FACT=VALUE …]",
    meaning: "Whether somebody gets in, and which policy decides; facts such as country=NL or ip=192.0.2.1.",
  },
} as const;
export type Question = keyof typeof questions;

interface Flag {
  /** `null`: a switch without a value. */
  readonly value: string | null;
  readonly of: readonly Question[];
  readonly meaning: string;
}

/** Flags of these commands alone. */
export const questionFlags = {
  format: {
    value: formatNames.join("|"),
    of: ["audit", "who", "explain"],
    meaning: "Form of what is printed (md); who and explain take md and json.",
  },
  "output-dir": { value: "DIR", of: ["audit"], meaning: "Write the report in every form into a folder instead." },
  "fail-on": {
    value: severities.join("|"),
    of: ["audit"],
    meaning: "End with 2 at a finding this bad or worse (high).",
  },
  accept: { value: "REASON", of: ["audit"], meaning: "Accept all that is found into --baseline, until --until." },
  until: { value: "DATE", of: ["audit"], meaning: "The last day of what --accept accepts, such as 2027-03-31." },
  "new-only": { value: null, of: ["audit"], meaning: "With --baseline: report only what is not in it." },
  detailed: { value: null, of: ["audit"], meaning: "Every finding with evidence and fix, not only the worst ten." },
  snapshot: {
    value: "FILE",
    of: ["audit", "who", "explain"],
    meaning: "Work on an exported snapshot; needs no credentials.",
  },
} as const satisfies Record<string, Flag>;
export type QuestionFlag = keyof typeof questionFlags;

/** What was asked. */
export interface QuestionRequest {
  readonly question: Question;
  readonly words: readonly string[];
  readonly flags: ReadonlyMap<string, string>;
}

const usage = (message: string) => new CommandError("usage", `${message}; see --help`);

const wordsOf: Readonly<Record<Question, (words: readonly string[]) => boolean>> = {
  audit: (words) => words.length === 0,
  who: (words) => words.length === 1,
  explain: (words) => words.length >= 2 && words.slice(2).every((word) => /^\w+=./.test(word)),
};

/** Flags that mean nothing without others. */
const needs: readonly (readonly [QuestionFlag, QuestionFlag])[] = [
  ["accept", "until"],
  ["until", "accept"],
];

/** Reads the words and flags behind one of the commands. */
export function readQuestion(
  question: Question,
  words: readonly string[],
  flags: ReadonlyMap<string, string>,
): QuestionRequest {
  if (!wordsOf[question](words)) throw usage(`${question} takes ${questions[question].words || "nothing more"}`);
  for (const [name, value] of flags) {
    const flag: Flag = questionFlags[name as QuestionFlag];
    if (!flag.of.includes(question)) throw usage(`${question} takes no --${name}`);
    const choices = flag.value?.includes("|") ? flag.value.split("|") : undefined;
    if (choices !== undefined && !choices.includes(value)) {
      throw usage(`--${name}: one of ${choices.join(", ")}${didYouMean(value, choices)}`);
    }
  }
  for (const [name, other] of needs) {
    if (flags.has(name) && !flags.has(other)) throw usage(`--${name} needs --${other}`);
  }
  const until = flags.get("until");
  if (until !== undefined) refuseOver(until);
  return { question, words, flags };
}

const dayLength = 86_400_000;

/** What is accepted until a day that is over would be a finding again at once. */
function refuseOver(until: string): void {
  const start = Date.parse(until);
  const isDay = !Number.isNaN(start) && new Date(start).toISOString().slice(0, 10) === until;
  if (!isDay) throw usage(`--until: a day such as 2027-03-31, not ${until}`);
  if (start + dayLength <= Date.now())
    throw usage(`--until: ${until} is in the past (UTC), so nothing would be accepted`);
}

/** The commands and their flags, as `--help` and the README show them. */
export const questionRows: readonly (readonly [string, string])[] = [
  ...Object.entries(questions).map(([name, { words, meaning }]) => [`${name} ${words}`.trim(), meaning] as const),
  ...Object.entries<Flag>(questionFlags).map(
    ([name, { value, meaning, of }]) =>
      [
        `--${name}${value === null ? "" : ` ${value}`}`,
        `${of.length > 1 ? "" : `With ${of.join()}: `}${meaning}`,
      ] as const,
  ),
];
