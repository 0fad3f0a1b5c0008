import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { createSandbox, type Sandbox, type SandboxOptions } from "../../src/sandbox/index.ts";
import { listen } from "../../src/sandbox/listen.ts";
import { type Connect, connectOverStdio, type JourneyClient } from "./built-server.ts";
import type { Person } from "./clients.ts";

export type Row = Record<string, unknown>;

/** A pretend Cloudflare on the wire. */
export interface Upstream {
  readonly sandbox: Sandbox;
  /** What a server needs to reach it. */
  readonly environment: Record<string, string>;
  /** Does something without any server, as people do at the dashboard; paths are below the account's `access`. */
  dashboard(method: string, path: string, body?: Row): Promise<Row>;
  /** The writes that servers sent since this was asked last. */
  writes(): { readonly method: string; readonly path: string; readonly body: unknown }[];
}

/** Starts a pretend Cloudflare without rate limit, which ends with the tests of the file. */
export async function startUpstream(options: SandboxOptions = {}): Promise<Upstream> {
  const sandbox = createSandbox({ rateLimit: { limit: 1e9, window: 1 }, ...options });
  const { url, close } = await listen(sandbox, { port: 0 });
  afterAll(close);
  const base = `/accounts/${sandbox.accountId}/access`;
  const own = new Set<unknown>();
  let told = 0;
  return {
    sandbox,
    environment: {
      CLOUDFLARE_API_TOKEN: sandbox.token,
      CLOUDFLARE_ACCOUNT_ID: sandbox.accountId,
      CLOUDFLARE_API_BASE_URL: url,
    },
    async dashboard(method, path, body) {
      const headers = { authorization: `Bearer ${sandbox.token}` };
      const [signal, deadline] = [new AbortController().signal, performance.now() + 60_000];
      const reacting = sandbox.react({ method, path: base + path, query: [], body, headers, signal, deadline });
      own.add(sandbox.requests.at(-1));
      const reaction = await reacting;
      const answer = reaction.kind === "reply" ? JSON.parse(reaction.body) : {};
      if (answer.success !== true) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
      return answer.result;
    },
    writes() {
      const fresh = sandbox.requests.slice(told).filter((one) => one.method !== "GET" && !own.has(one));
      told = sandbox.requests.length;
      return fresh.map(({ method, path, body }) => ({ method, path: path.replace(base, ""), body }));
    },
  };
}

let made = 0;

/** A group that one policy lets in and another keeps out, and the application of both; made at the dashboard. */
export async function crew({ dashboard }: Upstream) {
  const name = `Crew ${++made}`;
  const group = await dashboard("POST", "/groups", { name, include: [{ email: { email: "ada@partner.example" } }] });
  const rule = [{ group: { id: group["id"] } }];
  const rest = { decision: "allow", session_duration: "24h" };
  const inside = await dashboard("POST", "/policies", { ...rest, name: `${name} inside`, include: rule });
  const outside = await dashboard("POST", "/policies", {
    ...rest,
    name: `${name} outside`,
    include: [{ email_domain: { domain: "example.com" } }],
    exclude: rule,
  });
  const application = await dashboard("POST", "/apps", {
    name: `${name} board`,
    type: "self_hosted",
    domain: `crew-${made}.example.com`,
    session_duration: "24h",
    http_only_cookie_attribute: true,
    policies: [inside, outside].map(({ id }, at) => ({ id, precedence: at + 1 })),
  });
  return { name, group, inside, outside, application };
}

/** A folder for the state of a server. */
export const freshState = (): string => mkdtempSync(join(tmpdir(), "access-state-"));

/** Calls tools of one server as its client does. */
export interface Conversation {
  readonly client: JourneyClient;
  /** What the server wrote to its standard error. */
  log(): string;
  /** The folder of its state. */
  readonly state: string;
  /** The answer; a tool error fails the test. */
  ask(name: string, input?: Row): Promise<Row>;
  /** The error; an answer fails the test. */
  refusal(name: string, input?: Row): Promise<Row>;
}

/** A server that offers every tool and keeps its state in a folder of its own, unless one is given; connected to a client. */
export async function connected(
  { environment }: Upstream,
  connect: Connect = connectOverStdio,
  more: { readonly person?: Person; readonly flags?: readonly string[]; readonly state?: string } = {},
): Promise<Conversation> {
  const { person, flags = [], state = freshState() } = more;
  const args = ["--surface", "all", "--state", state, ...flags];
  const { client, log } = await connect({ args, environment, person });
  const call = async (name: string, input: Row, isWell: boolean): Promise<Row> => {
    const { isError = false, structuredContent = {}, content } = await client.callTool({ name, arguments: input });
    if (isError !== isWell) return structuredContent;
    throw new Error(`${name} ${isWell ? "failed" : "was answered"}: ${content[0]?.text}`);
  };
  return {
    client,
    log,
    state,
    ask: (name, input = {}) => call(name, input, true),
    refusal: async (name, input = {}) => (await call(name, input, false))["error"] as Row,
  };
}

/** The newest change that a server's journal knows, with all that is kept of it. */
export async function newest({ ask }: Conversation): Promise<Row> {
  const { items } = await ask("list_changes", { limit: 1 });
  return ask("get_change", { change_id: (items as Row[])[0]?.["id"] });
}

/** The text of all files below a folder. */
export const everythingIn = (folder: string): string =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((found) => found.isFile())
    .map((found) => readFileSync(join(found.parentPath, found.name), "utf8"))
    .join("\n");
