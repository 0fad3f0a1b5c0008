import { makeToken, type NamedToken } from "../../gate/named-tokens.ts";
import { CommandError } from "../command-error.ts";
import type { SettingValues } from "../settings.ts";
import { type TokenFile, tokenFile } from "./file.ts";
import type { TokensRequest } from "./request.ts";

const day = 86_400_000;

/** Makes, shows and takes away the named tokens of `--auth tokens`. */
export async function run(
  request: TokensRequest,
  values: SettingValues,
  environment: NodeJS.ProcessEnv,
): Promise<void> {
  const file = tokenFile(values, environment);
  const tokens = await file.read();
  if (request.word === "add") await add(request, file, tokens);
  else if (request.word === "revoke") await revoke(request.name, file, tokens);
  else process.stdout.write(request.json ? `${JSON.stringify(tokens.map(shown))}\n` : listed(tokens));
}

async function add(
  { name, role, days }: Extract<TokensRequest, { word: "add" }>,
  file: TokenFile,
  tokens: readonly NamedToken[],
): Promise<void> {
  if (tokens.some((one) => one.name === name)) {
    throw new CommandError(
      "usage",
      `tokens: there is a token "${name}" already; revoke it first, or choose another name`,
    );
  }
  const { token, sha256 } = makeToken();
  const now = Date.now();
  const expires = days === undefined ? {} : { expires: new Date(now + days * day).toISOString() };
  await file.write([...tokens, { name, role, sha256, created: new Date(now).toISOString(), ...expires }]);
  process.stderr.write(`The token of "${name}", ${role}; it is shown this once:\n`);
  process.stdout.write(`${token}\n`);
}

async function revoke(name: string, file: TokenFile, tokens: readonly NamedToken[]): Promise<void> {
  const left = tokens.filter((one) => one.name !== name);
  if (left.length === tokens.length) {
    const names = tokens.map((one) => one.name).join(", ") || "none";
    throw new CommandError("usage", `tokens: there is no token "${name}"; there are: ${names}`);
  }
  await file.write(left);
  process.stderr.write(`The token "${name}" opens nothing from now on.\n`);
}

const shown = ({ sha256: _, ...rest }: NamedToken) => rest;

const listed = (tokens: readonly NamedToken[]): string =>
  tokens.length === 0
    ? "There are no tokens.\n"
    : tokens
        .map(({ name, role, created, expires }) =>
          [name.padEnd(32), role.padEnd(8), `made ${created.slice(0, 10)}`, endOf(expires)].join("  "),
        )
        .map((line) => `${line}\n`)
        .join("");

const endOf = (expires: string | undefined): string =>
  expires === undefined
    ? "without end"
    : `${Date.parse(expires) > Date.now() ? "until" : "ended"} ${expires.slice(0, 10)}`;
