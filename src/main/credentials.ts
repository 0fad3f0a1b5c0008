import { readFileSync, statSync } from "node:fs";
import type { Credentials } from "../cloudflare/send/authorize.ts";
import type { Send } from "../core/send.ts";
import { CommandError } from "./command-error.ts";
import { environmentValue, type SettingValues } from "./settings.ts";

/** Where requests go and who asks. */
export interface CloudflareAccess {
  readonly credentials: Credentials;
  readonly baseUrl: URL;
  readonly accountId: string | undefined;
  /** Stands in for the network. */
  readonly transport?: Send;
  readonly warnings: readonly string[];
}

const officialBaseUrl = "https://api.cloudflare.com/client/v4";

/**
 * Reads what the environment says of Cloudflare, nothing for a sandbox, and takes the credentials out of it: child
 * processes and crash reports see the environment, and from here on only the sender knows them.
 */
export function takeCloudflare({ sandbox }: Pick<SettingValues, "sandbox">, environment: NodeJS.ProcessEnv) {
  const cloudflare = sandbox ? undefined : readCloudflare(environment);
  for (const name of ["CLOUDFLARE_API_TOKEN", "CLOUDFLARE_API_KEY"]) delete environment[name];
  return { cloudflare, pinned: accountOf(environment) !== undefined };
}

/** Reads credentials, base URL and account from the environment; refuses what is unsafe. */
export function readCloudflare(environment: NodeJS.ProcessEnv): CloudflareAccess {
  const accountId = accountOf(environment);
  const baseUrl = readBaseUrl(environment);
  const token = environmentValue(environment, "CLOUDFLARE_API_TOKEN") ?? tokenFromFile(environment);
  if (token !== undefined) {
    if (!/^[\x21-\x7e]+$/.test(token)) {
      throw new CommandError("auth", "the API token holds spaces or characters that no token has: copy it again");
    }
    return { credentials: { kind: "token", token }, baseUrl, accountId, warnings: [] };
  }
  const key = environmentValue(environment, "CLOUDFLARE_API_KEY");
  const email = environmentValue(environment, "CLOUDFLARE_EMAIL");
  if (key !== undefined && email !== undefined) {
    return {
      credentials: { kind: "key", key, email },
      baseUrl,
      accountId,
      warnings: [
        "CLOUDFLARE_API_KEY is the global key and may do everything; an API token with only Access permissions is safer.",
      ],
    };
  }
  throw new CommandError(
    "auth",
    "no credentials: set CLOUDFLARE_API_TOKEN (or CLOUDFLARE_API_TOKEN_FILE), or try --sandbox, which needs none",
  );
}

/** The pinned account, when the operator chose one. */
function accountOf(environment: NodeJS.ProcessEnv): string | undefined {
  const id = environmentValue(environment, "CLOUDFLARE_ACCOUNT_ID");
  if (id !== undefined && !/^[\w-]{1,64}$/.test(id)) {
    throw new CommandError("usage", "CLOUDFLARE_ACCOUNT_ID: expected an account id, 32 letters and digits");
  }
  return id;
}

function tokenFromFile(environment: NodeJS.ProcessEnv): string | undefined {
  const path = environmentValue(environment, "CLOUDFLARE_API_TOKEN_FILE");
  if (path === undefined) return undefined;
  try {
    const found = statSync(path);
    if (!found.isFile()) throw new CommandError("auth", `CLOUDFLARE_API_TOKEN_FILE: ${path} is not a file`);
    const { mode } = found;
    if (process.platform !== "win32" && (mode & 0o077) !== 0) {
      throw new CommandError("auth", `CLOUDFLARE_API_TOKEN_FILE: others can read ${path}; run chmod 600 on it`);
    }
    const token = readFileSync(path, "utf8").trim();
    if (token === "") throw new CommandError("auth", `CLOUDFLARE_API_TOKEN_FILE: ${path} is empty`);
    return token;
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new CommandError("auth", `CLOUDFLARE_API_TOKEN_FILE: ${path} cannot be read (${code ?? "unknown reason"})`);
  }
}

const loopback = new Set(["localhost", "127.0.0.1", "[::1]"]);

function readBaseUrl(environment: NodeJS.ProcessEnv): URL {
  const name = ["CLOUDFLARE_API_BASE_URL", "CLOUDFLARE_BASE_URL"].find(
    (key) => environmentValue(environment, key) !== undefined,
  );
  if (name === undefined) return new URL(officialBaseUrl);
  const text = environmentValue(environment, name) ?? "";
  if (!URL.canParse(text))
    throw new CommandError("usage", `${name}: not a URL; expected something like ${officialBaseUrl}`);
  const url = new URL(text);
  const refuse = (why: string): never => {
    throw new CommandError("usage", `${name}: ${why}; expected something like ${officialBaseUrl}`);
  };
  if (url.username !== "" || url.password !== "") refuse("a user or password in the URL is not allowed");
  if (url.search !== "" || url.hash !== "") refuse("a query or fragment is not allowed");
  if (url.protocol !== "https:" && !(url.protocol === "http:" && loopback.has(url.hostname))) {
    refuse("only https, or http on this machine (localhost, 127.0.0.1, [::1]), is allowed");
  }
  return url;
}
