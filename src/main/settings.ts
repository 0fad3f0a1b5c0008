import { isIP } from "node:net";
import { didYouMean } from "../core/nearest.ts";
import { CommandError } from "./command-error.ts";

/** One thing an operator can set, by flag or by its environment twin. */
interface Setting<Value> {
  /** `null`: a switch without a value; else what the value is called in the help. */
  readonly value: string | null;
  readonly meaning: string;
  readonly parse: (text: string) => Value;
  readonly fallback: Value;
}

const prefix = "CF_ACCESS_MCP_";

const setting = <Value>(definition: Setting<Value>) => definition;

/** A list; an empty one counts as unset. */
function words(text: string): readonly string[] | undefined {
  const found = text
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");
  return found.length === 0 ? undefined : found;
}

function oneOf<const Choice extends string>(...choices: readonly Choice[]) {
  return (text: string): Choice => {
    const found = choices.find((choice) => choice === text);
    if (found === undefined) throw new Error(`one of ${choices.join(", ")}${didYouMean(text, choices)}`);
    return found;
  };
}

function whole(least: number, most: number) {
  return (text: string): number => {
    const number = Number(text);
    if (!/^\d+$/.test(text) || number < least || number > most)
      throw new Error(`a whole number from ${least} to ${most}`);
    return number;
  };
}

const onOff = (text: string): boolean => oneOf("true", "false", "1", "0")(text.toLowerCase()) in { true: 1, 1: 1 };

/** Kinds of what can be guarded; a bare e-mail address is a person. */
const guardKinds = /^(?:[^\s:@]+@[^\s:@]+|(?:group|token|app):.+)$/;

function guarded(text: string): readonly string[] | "off" | undefined {
  if (text === "off") return text;
  const names = words(text);
  const wrong = names?.find((name) => !guardKinds.test(name));
  if (wrong === undefined) return names;
  throw new Error(`e-mail addresses, group:NAME, token:NAME or app:NAME, or off; not "${wrong.slice(0, 40)}"`);
}

const modes = ["access", "tokens"] as const;
export type AuthMode = (typeof modes)[number];

const authModes = (text: string): readonly AuthMode[] | undefined => words(text)?.map(oneOf(...modes));

function address(text: string): string {
  if (text === "localhost" || isIP(text) !== 0) return text;
  throw new Error("an IP address of this machine, 0.0.0.0 for all of them, or localhost");
}

function secretsPlace(text: string): string {
  if (/^(?:file|mask|inline|(?:file|command):.*\S.*)$/s.test(text)) return text;
  throw new Error("file, file:DIRECTORY, command:COMMAND, mask or inline");
}

function filePath(text: string): string {
  if (text === "") throw new Error("the path of a file");
  return text;
}

/** Every setting; flags, environment names, help and documents all come from here. */
export const settings = {
  surface: setting<"all" | "default" | "search" | undefined>({
    value: "all|default|search",
    meaning: "Which operations are listed as tools; the rest stays reachable through the search tools.",
    parse: oneOf("all", "default", "search"),
    fallback: undefined,
  }),
  toolsets: setting<readonly string[] | undefined>({
    value: "NAMES",
    meaning: "Offer only these toolsets, comma-separated.",
    parse: words,
    fallback: undefined,
  }),
  tools: setting<readonly string[] | undefined>({
    value: "GLOBS",
    meaning: "Offer only operations whose names match, comma-separated: list_*,get_*.",
    parse: words,
    fallback: undefined,
  }),
  "exclude-tools": setting<readonly string[] | undefined>({
    value: "GLOBS",
    meaning: "Never offer operations whose names match, comma-separated.",
    parse: words,
    fallback: undefined,
  }),
  "read-only": setting({
    value: null,
    meaning: "Hide and refuse every operation that is not a read.",
    parse: onOff,
    fallback: false,
  }),
  rules: setting<string | undefined>({
    value: "FILE",
    meaning: "Your rules for writes, YAML or JSON, which no agent can change: docs/rules.md.",
    parse: filePath,
    fallback: undefined,
  }),
  baseline: setting<string | undefined>({
    value: "FILE",
    meaning: "Findings that you live with, each with a reason and a last day; an audit sets them apart: docs/audit.md.",
    parse: filePath,
    fallback: undefined,
  }),
  timeout: setting({
    value: "SECONDS",
    meaning: "How long one call may take, waiting for the rate limit included.",
    parse: whole(1, 3600),
    fallback: 60,
  }),
  "max-result": setting({
    value: "CHARACTERS",
    meaning: "Characters one answer may have before it is cut between items.",
    parse: whole(2_000, 500_000),
    fallback: 20_000,
  }),
  secrets: setting({
    value: "file[:DIR]|command:CMD|mask|inline",
    meaning:
      "Where a secret goes that Cloudflare shows once: a file that only you can read, the standard input of a shell command of yours, nowhere (mask), or the answer (inline).",
    parse: secretsPlace,
    fallback: "file",
  }),
  confirm: setting<"risky" | "always" | "never">({
    value: "risky|always|never",
    meaning:
      "Which writes somebody has to agree to: what destroys, revokes, rotates, lets more in or concerns everybody; all; none.",
    parse: oneOf("risky", "always", "never"),
    fallback: "risky",
  }),
  approval: setting<"agent" | "human">({
    value: "agent|human",
    meaning: "Who may use a ticket: the agent, or only a person who ran `changes approve` on this machine.",
    parse: oneOf("agent", "human"),
    fallback: "agent",
  }),
  elicit: setting<"auto" | "off">({
    value: "auto|off",
    meaning: "Ask the person through the client where it can; off for clients that decline without asking anybody.",
    parse: oneOf("auto", "off"),
    fallback: "auto",
  }),
  guard: setting<readonly string[] | "off" | undefined>({
    value: "NAMES|off",
    meaning:
      "Who must always be able to log in, comma-separated: ada@example.com, group:Break glass, token:ci, and app:Wiki for what they must reach besides the dashboard, launcher and device enrolment.",
    parse: guarded,
    fallback: undefined,
  }),
  "max-destroys": setting({
    value: "NUMBER",
    meaning: "Deletions and revocations that one process may do in any 10 minutes.",
    parse: whole(0, 100_000),
    fallback: 20,
  }),
  "max-writes": setting({
    value: "NUMBER",
    meaning: "Writes that one process may do in any minute.",
    parse: whole(0, 100_000),
    fallback: 60,
  }),
  state: setting<string | undefined>({
    value: "DIR",
    meaning:
      "Folder of journal, tickets and kept secrets, yours alone. Default: the state folder of the user; with --sandbox a temporary one.",
    parse: (text) => text,
    fallback: undefined,
  }),
  port: setting<number | undefined>({
    value: "NUMBER",
    meaning: "Port of `http` (8788) or `sandbox` (8787); 0 takes a free one.",
    parse: whole(0, 65_535),
    fallback: undefined,
  }),
  host: setting({
    value: "ADDRESS",
    meaning: "Where `http` listens; any address but this machine's own needs --auth.",
    parse: address,
    fallback: "127.0.0.1",
  }),
  "allowed-hosts": setting<readonly string[] | undefined>({
    value: "NAMES",
    meaning: "Names by which clients call `http`, comma-separated, with the port unless it is the usual one.",
    parse: words,
    fallback: undefined,
  }),
  "allowed-origins": setting<readonly string[] | undefined>({
    value: "ORIGINS",
    meaning: "Web origins whose pages may call `http`, comma-separated: https://chat.example.com.",
    parse: words,
    fallback: undefined,
  }),
  auth: setting<readonly AuthMode[] | undefined>({
    value: "access,tokens",
    meaning: "How callers of `http` show who they are: by Cloudflare Access before it, by named tokens, or either.",
    parse: authModes,
    fallback: undefined,
  }),
  "tokens-file": setting<string | undefined>({
    value: "FILE",
    meaning: "Where named tokens are kept, as digests; tokens.json in the state folder when absent.",
    parse: filePath,
    fallback: undefined,
  }),
  "access-team": setting<string | undefined>({
    value: "NAME",
    meaning: "With --auth access: the team whose Access protects this server, acme of acme.cloudflareaccess.com.",
    parse: (text) => text,
    fallback: undefined,
  }),
  "access-audience": setting<readonly string[] | undefined>({
    value: "AUD",
    meaning: "With --auth access: the Application Audience (AUD) tag of its application; several comma-separated.",
    parse: words,
    fallback: undefined,
  }),
  viewers: setting<readonly string[] | undefined>({
    value: "NAMES",
    meaning: "Who may look: ada@example.com, @example.com, group:NAME, token:NAME, or * for all who are known.",
    parse: words,
    fallback: undefined,
  }),
  operators: setting<readonly string[] | undefined>({
    value: "NAMES",
    meaning: "Who may also change; named as viewers are.",
    parse: words,
    fallback: undefined,
  }),
  sandbox: setting({
    value: null,
    meaning: "Work on a pretend Cloudflare inside this process; needs no credentials.",
    parse: onOff,
    fallback: false,
  }),
  seed: setting({
    value: "NUMBER",
    meaning: "Which pretend account the sandbox has; the same number makes the same account.",
    parse: whole(0, 4_294_967_295),
    fallback: 1,
  }),
  scale: setting({
    value: "NUMBER",
    meaning: "Multiplies the objects in the sandbox.",
    parse: whole(1, 1000),
    fallback: 1,
  }),
  latency: setting({
    value: "MILLISECONDS",
    meaning: "How long the sandbox takes to answer.",
    parse: whole(0, 60_000),
    fallback: 0,
  }),
};

type Settings = typeof settings;
export type SettingName = keyof Settings;
export type SettingValues = {
  readonly [Name in SettingName]: ReturnType<Settings[Name]["parse"]> | Settings[Name]["fallback"];
};

const names = Object.keys(settings) as SettingName[];

/** `CF_ACCESS_MCP_READ_ONLY` for `read-only`. */
export const environmentName = (name: SettingName): string => `${prefix}${name.toUpperCase().replaceAll("-", "_")}`;

/** A value that is empty or a placeholder that a client did not fill counts as unset. */
export function environmentValue(environment: NodeJS.ProcessEnv, name: string): string | undefined {
  const value = environment[name]?.trim();
  return value === undefined || value === "" || value.startsWith("${user_config.") ? undefined : value;
}

/** Reads flags, then the environment, then the default. */
export function readSettings(flags: ReadonlyMap<string, string>, environment: NodeJS.ProcessEnv): SettingValues {
  const unknown = Object.keys(environment).find(
    (key) => key.startsWith(prefix) && !names.some((name) => environmentName(name) === key),
  );
  if (unknown !== undefined) {
    throw new CommandError("usage", `${unknown} is not a setting${didYouMean(unknown, names.map(environmentName))}`);
  }
  const read = (name: SettingName) => {
    const flag = flags.get(name);
    const text = flag ?? environmentValue(environment, environmentName(name));
    if (text === undefined) return settings[name].fallback;
    try {
      return settings[name].parse(text);
    } catch (error) {
      const origin = flag === undefined ? environmentName(name) : `--${name}`;
      throw new CommandError("usage", `${origin}: expected ${(error as Error).message}`);
    }
  };
  return Object.fromEntries(names.map((name) => [name, read(name)])) as SettingValues;
}

/** The flags as `--help` and the README show them. */
export const settingRows = names.map((name) => {
  const { value, meaning, fallback } = settings[name];
  return {
    flag: value === null ? `--${name}` : `--${name} ${value}`,
    environment: environmentName(name),
    fallback: fallback === undefined || fallback === false ? "" : String(fallback),
    meaning,
  };
});
