import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { StdioClientTransport as LegacyStdio } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport as LegacyHttp } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport as LegacyTransport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { afterAll } from "vitest";
import { legacyClient, modernClient, NEGOTIATIONS, type Person } from "./clients.ts";

/** The server as users run it. */
export const serverFile = fileURLToPath(new URL("../../dist/main.js", import.meta.url));

if (!existsSync(serverFile)) throw new Error("dist/ is not built: run npm run build, or npm test, which does it first");

/** The environment of a server under test: state in a folder of its own, no credentials of the person who runs the tests. */
export function serverEnvironment(more: Record<string, string> = {}): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    ([name, value]) => value !== undefined && !/^(?:CLOUDFLARE_|CF_ACCESS_MCP_)/.test(name),
  ) as [string, string][];
  return { ...Object.fromEntries(kept), XDG_STATE_HOME: mkdtempSync(join(tmpdir(), "access-state-")), ...more };
}

const running: (() => unknown)[] = [];

// Not after each test: some tests share what a hook has started.
afterAll(() => Promise.all(running.map((stop) => stop())));

/** The built server as a process, which ends with the tests of the file however they end. */
export function spawnServer(
  args: readonly string[],
  environment?: Record<string, string>,
): ChildProcessWithoutNullStreams {
  const child = spawn(process.execPath, [serverFile, ...args], { env: serverEnvironment(environment) });
  running.push(() => child.kill("SIGKILL"));
  return child;
}

export interface ToolAnswer {
  readonly isError?: boolean | undefined;
  readonly structuredContent?: Record<string, unknown> | undefined;
  readonly content: readonly { readonly type: string; readonly text?: string }[];
}

export interface ListedTool {
  readonly name: string;
  readonly title?: string | undefined;
  readonly inputSchema: unknown;
  readonly annotations?: Record<string, unknown> | undefined;
}

interface ListedPrompt {
  readonly name: string;
  readonly arguments?: readonly { readonly name: string; readonly required?: boolean | undefined }[] | undefined;
}

interface PromptAnswer {
  readonly messages: readonly { readonly content: { readonly type: string; readonly text?: string } }[];
}

/** What the journeys need of any client, old or new. */
export interface JourneyClient {
  listTools(): Promise<{ tools: ListedTool[] }>;
  callTool(call: { name: string; arguments: Record<string, unknown> }): Promise<ToolAnswer>;
  listPrompts(): Promise<{ prompts: readonly ListedPrompt[] }>;
  getPrompt(asked: { name: string; arguments?: Record<string, string> }): Promise<PromptAnswer>;
  complete(asked: {
    ref: { type: "ref/prompt"; name: string };
    argument: { name: string; value: string };
  }): Promise<{ completion: { values: readonly string[] } }>;
  getInstructions(): string | undefined;
  close(): Promise<void>;
}

export interface ServerChoice {
  readonly args?: readonly string[];
  readonly environment?: Record<string, string>;
  /** The client can put questions to somebody. */
  readonly person?: Person | undefined;
}

interface Connection {
  readonly client: JourneyClient;
  /** What the server wrote to its standard error. */
  log(): string;
  /** Ends client and server; the end of the file's tests does so too. */
  stop(): Promise<void>;
}

export type Connect = (choice: ServerChoice) => Promise<Connection>;

/** How clients start the server over stdio. */
export const stdioParameters = ({ args = ["--sandbox"], environment }: ServerChoice) => ({
  command: process.execPath,
  args: [serverFile, ...args],
  env: serverEnvironment(environment),
  stderr: "pipe" as const,
});

export interface HttpServer {
  readonly url: URL;
  log(): string;
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Starts `http` or `sandbox` on a free port and waits until it says where it listens. */
export function startHttp({ args = ["http", "--sandbox"], environment }: ServerChoice = {}): Promise<HttpServer> {
  const child = spawnServer([...args, "--port", "0"], environment);
  const ended = once(child, "exit").then(([code]) => code as number | null);
  const log: string[] = [];
  return new Promise((resolve, reject) => {
    void ended.then((code) => reject(new Error(`the server ended with ${code}: ${log.join("\n")}`)));
    createInterface({ input: child.stderr }).on("line", (line) => {
      log.push(line);
      const [, url] = /\b(http:\/\/\S+)/.exec(line) ?? [];
      if (url === undefined) return;
      const stop = (signal: NodeJS.Signals = "SIGTERM") => {
        child.kill(signal);
        return ended;
      };
      resolve({ url: new URL(url), log: () => log.join("\n"), stop });
    });
  });
}

/** The part of a client's transport that shows what the server writes beside the protocol. */
interface Started {
  readonly stderr?: { on(event: "data", listener: (data: unknown) => void): unknown } | null;
}

const overStdio =
  <Transport extends Started>(
    start: (parameters: ReturnType<typeof stdioParameters>) => Transport,
    connect: (transport: Transport, person?: Person) => Promise<unknown>,
  ): Connect =>
  async (choice) => {
    const transport = start(stdioParameters(choice));
    let log = "";
    transport.stderr?.on("data", (data) => (log += String(data)));
    const client = (await connect(transport, choice.person)) as JourneyClient;
    const stop = () => client.close();
    running.push(stop);
    return { client, log: () => log, stop };
  };

const overHttp =
  (connect: (url: URL, person?: Person) => Promise<unknown>): Connect =>
  async ({ args = ["--sandbox"], environment = {}, person }) => {
    const server = await startHttp({ args: ["http", ...args], environment });
    const client = (await connect(server.url, person)) as JourneyClient;
    const stop = async () => {
      await client.close();
      await server.stop();
    };
    return { client, log: server.log, stop };
  };

const nameOf = (mode: (typeof NEGOTIATIONS)[number]) => (typeof mode === "string" ? mode : mode.pin);

const modernOverStdio = (mode: (typeof NEGOTIATIONS)[number]) =>
  overStdio(
    (parameters) => new StdioClientTransport(parameters),
    (transport, person) => modernClient(transport, mode, person),
  );

/** The current SDK's client over stdio, where it does not matter which. */
export const connectOverStdio = modernOverStdio("auto");

/** Every client nobody here wrote, over every transport. */
export const connections: readonly (readonly [string, Connect])[] = [
  ...NEGOTIATIONS.flatMap((mode) => [
    [`SDK v2 (${nameOf(mode)}) over stdio`, modernOverStdio(mode)] as const,
    [
      `SDK v2 (${nameOf(mode)}) over HTTP`,
      overHttp((url, person) => modernClient(new StreamableHTTPClientTransport(url), mode, person)),
    ] as const,
  ]),
  [
    "SDK v1 over stdio",
    overStdio(
      (parameters) => new LegacyStdio(parameters),
      (transport, person) => legacyClient(transport, person),
    ),
  ],
  ["SDK v1 over HTTP", overHttp((url, person) => legacyClient(new LegacyHttp(url) as LegacyTransport, person))],
];
