import { didYouMean } from "../core/nearest.ts";
import { type ChangesRequest, changesRows, readChangesRequest, type Switch, switches } from "./changes/request.ts";
import { CommandError } from "./command-error.ts";
import {
  type Question,
  type QuestionFlag,
  type QuestionRequest,
  questionFlags,
  questionRows,
  questions,
  readQuestion,
} from "./questions/request.ts";
import { type SettingName, settingRows, settings } from "./settings.ts";
import { readTokensRequest, type TokensRequest, tokensRows } from "./tokens/request.ts";

export const commands = {
  stdio: "Serve MCP on standard input and output; the default.",
  http: "Serve MCP over HTTP on this machine, path /mcp.",
  sandbox: "Serve the pretend Cloudflare API over HTTP.",
  audit: "Report what is wrong with the account.",
  who: "Show who can reach an application.",
  explain: "Show whether somebody gets into an application, and why.",
  tokens: "Make and take away tokens by which others call `http`.",
  changes: "Look at what was changed through the server, agree to it or take it back.",
  help: "Show this.",
  version: "Show the version.",
} as const;

export type CommandName = keyof typeof commands;

export interface CommandLine {
  readonly command: CommandName;
  readonly flags: ReadonlyMap<string, string>;
  /** What is asked of `changes`. */
  readonly changes?: ChangesRequest;
  /** What is asked of `tokens`. */
  readonly tokens?: TokensRequest;
  /** What is asked about the account. */
  readonly question?: QuestionRequest;
}

/** Credentials never travel as arguments: every user of the machine can read those. */
const looksLikeCredential = /^--?(?:api[-_]?)?(?:token|key|secret|password)\b|^[\w-]{37,}$/i;

/** Flags whose values are long and no secret. */
const mayBeLong: ReadonlySet<string> = new Set<SettingName>(["access-audience"]);

/** Splits arguments into a command and flags, `--name value` or `--name=value`. */
export function readCommandLine(line: readonly string[]): CommandLine {
  const flags = new Map<string, string>();
  const given: Switch[] = [];
  const asked = new Map<QuestionFlag, string>();
  const words: string[] = [];
  let command: CommandName | undefined;
  const rest = [...line];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "-h" || word === "--help") command = "help";
    else if (word === "-v" || word === "--version") command = "version";
    else if (looksLikeCredential.test(word)) {
      throw misplacedCredential();
    } else if (word.startsWith("--")) {
      const [name = "", inline] = word.slice(2).split(/=(.*)/s);
      if (Object.hasOwn(switches, name) && inline === undefined) {
        given.push(name as Switch);
        continue;
      }
      const isAsked = Object.hasOwn(questionFlags, name);
      if (!isAsked && !Object.hasOwn(settings, name)) {
        const known = [...Object.keys(settings), ...Object.keys(questionFlags)];
        throw new CommandError("usage", `${shown(`--${name}`)} is not a flag${didYouMean(name, known)}; see --help`);
      }
      const { value: kind } = isAsked ? questionFlags[name as QuestionFlag] : settings[name as SettingName];
      const value = inline ?? valueAfter(name, kind, rest);
      if (looksLikeCredential.test(value) && !mayBeLong.has(name)) throw misplacedCredential();
      if (isAsked) asked.set(name as QuestionFlag, value);
      else flags.set(name, value);
    } else if (command === undefined && Object.hasOwn(commands, word)) command = word as CommandName;
    else if (command === "changes" || command === "tokens" || isQuestion(command)) words.push(word);
    else {
      const why = command === undefined ? "is not a command" : `is one command too many after "${command}"`;
      const hint = Object.hasOwn(commands, word) ? "" : didYouMean(word, Object.keys(commands));
      throw new CommandError("usage", `${shown(word)} ${why}${hint}; see --help`);
    }
  }
  if (isQuestion(command) && given.length === 0) {
    return { command, flags, question: readQuestion(command, words, asked) };
  }
  const [other] = asked.keys();
  if (other !== undefined)
    throw new CommandError("usage", `--${other} is for ${questionFlags[other].of.join(", ")}; see --help`);
  if (command === "changes") return { command, flags, changes: readChangesRequest(words, new Set(given)) };
  if (command === "tokens") return { command, flags, tokens: readTokensRequest(words, new Set(given)) };
  const [first] = given;
  if (first !== undefined) throw new CommandError("usage", `--${first} is for "changes"; see --help`);
  return { command: command ?? "stdio", flags };
}

const misplacedCredential = () =>
  new CommandError(
    "usage",
    "a credential does not belong in the arguments, where every user of the machine can read it: set CLOUDFLARE_API_TOKEN or CLOUDFLARE_API_TOKEN_FILE in the environment",
  );

/** What was written, unless it might be a credential in some form. */
const shown = (word: string): string => (/^[\w-]{1,32}$/.test(word) ? `"${word}"` : "an argument");

const isQuestion = (command: CommandName | undefined): command is Question =>
  command !== undefined && Object.hasOwn(questions, command);

/** The value of a flag; `kind` says what it is called, `null` for a switch. */
function valueAfter(name: string, kind: string | null, rest: string[]): string {
  if (kind === null) return "true";
  const value = rest.shift();
  if (value === undefined) throw new CommandError("usage", `--${name} needs a value: --${name} ${kind}`);
  return value;
}

/** What `--help` prints. */
export function helpText(): string {
  const row = (left: string, right: string) => `  ${left.padEnd(34)} ${right}`;
  return [
    "cloudflare-access-mcp [command] [flags]",
    "An MCP server for Cloudflare Access.",
    "",
    "Commands",
    ...Object.entries(commands).map(([name, meaning]) => row(name, meaning)),
    "",
    "Questions",
    ...questionRows.map(([words, meaning]) => row(words, meaning)),
    "",
    "Tokens",
    ...tokensRows.map(([words, meaning]) => row(words, meaning)),
    "",
    "Changes",
    ...changesRows.map(([words, meaning]) => row(words, meaning)),
    ...Object.entries(switches).map(([name, meaning]) => row(`--${name}`, meaning)),
    "",
    "Flags (each also as an environment variable: --read-only is CF_ACCESS_MCP_READ_ONLY=true)",
    ...settingRows.map(({ flag, meaning, fallback }) =>
      row(flag, fallback === "" ? meaning : `${meaning} Default ${fallback}.`),
    ),
    "",
    "Credentials (environment only)",
    row("CLOUDFLARE_API_TOKEN", "An API token with the Access permissions you want to use."),
    row("CLOUDFLARE_API_TOKEN_FILE", "A file that holds it and that only you can read."),
    row("CLOUDFLARE_ACCOUNT_ID", "The account; found by itself when the token has only one."),
    row("CLOUDFLARE_API_BASE_URL", "Another API, with /client/v4: https, or http on loopback."),
    "",
    "Exit codes: 0 fine, 1 usage or a journal that was altered, 2 findings, 3 credentials, 4 Cloudflare not reached, 5 refused or",
    "failed, 6 nobody agreed, 7 only some of it done.",
    "",
  ].join("\n");
}
