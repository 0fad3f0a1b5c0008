import { didYouMean } from "../../core/nearest.ts";
import { type Role, roles } from "../../gate/mode.ts";
import type { Switch } from "../changes/request.ts";
import { CommandError } from "../command-error.ts";

/** `tokens` word by word, as `--help` shows it. */
export const tokensRows = [
  [
    "tokens add NAME ROLE [90d]",
    `Make a token for --auth tokens and show it once; ${roles.join(", ")}; for so many days.`,
  ],
  ["tokens list", "The tokens that there are, without what they open with."],
  ["tokens revoke NAME", "Take a token away; it opens nothing from then on."],
] as const;

/** What was asked of `tokens`. */
export type TokensRequest =
  | { readonly word: "add"; readonly name: string; readonly role: Role; readonly days?: number }
  | { readonly word: "list"; readonly json: boolean }
  | { readonly word: "revoke"; readonly name: string };

const usage = (message: string) => new CommandError("usage", `tokens: ${message}; see --help`);

/** Reads the words behind `tokens`. */
export function readTokensRequest(words: readonly string[], given: ReadonlySet<Switch>): TokensRequest {
  const [word = "", ...rest] = words;
  const wrong = [...given].find((name) => name !== "json" || word !== "list");
  if (wrong !== undefined) throw usage(`"${word}" takes no --${wrong}`);
  switch (word) {
    case "add":
      return readAdd(rest);
    case "list":
      if (rest.length > 0) throw usage('"list" takes nothing more');
      return { word, json: given.has("json") };
    case "revoke":
      if (rest.length !== 1) throw usage('"revoke" takes one name');
      return { word, name: nameFrom(rest[0]) };
    default:
      throw usage(`say what to do: add, list, revoke${didYouMean(word, ["add", "list", "revoke"])}`);
  }
}

function readAdd([name, role = "", lasting, ...more]: readonly string[]): TokensRequest {
  if (name === undefined || more.length > 0) throw usage('"add" takes a name, a role and perhaps for how long');
  const found = roles.find((one) => one === role);
  if (found === undefined) throw usage(`the role is one of ${roles.join(", ")}${didYouMean(role, roles)}`);
  const add = { word: "add", name: nameFrom(name), role: found } as const;
  if (lasting === undefined) return add;
  const [, days] = /^([1-9]\d{0,3})d$/.exec(lasting) ?? [];
  if (days === undefined) throw usage("how long is a number of days, such as 90d");
  return { ...add, days: Number(days) };
}

function nameFrom(name = ""): string {
  if (/^[\w.-]{1,32}$/.test(name)) return name;
  throw usage("a name has letters, digits, dots, dashes and underscores, at most 32");
}
