import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { userInfo } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { beforeEach, onTestFinished } from "vitest";
import type { Control, Members } from "../../src/core/change.ts";
import { listen } from "../../src/sandbox/listen.ts";
import { serverEnvironment, serverFile } from "./built-server.ts";
import { type SafeServer, safeServer, stateFolder } from "./safe.ts";

export const root = stateFolder();
export const rule = { email: { email: "ada@example.com" } };
export const who = userInfo().username;
export const hostile = "a\u001b[31m\u009b2J\u202eb";

let count = 0;
/** The server whose changes are looked at: another for each test. */
export let server: SafeServer;

beforeEach(() => {
  count += 1;
  server = serverWith({ confirm: "never" });
});

export const serverWith = (flags: Record<string, string>): SafeServer =>
  safeServer(flags, { folder: join(root, String(count)) });

export interface Ending {
  readonly code: number | null;
  readonly out: string;
  readonly errors: string;
}

/** The environment of a command line that reaches the sandbox of a server. */
export async function environmentFor({ sandbox }: SafeServer): Promise<Record<string, string>> {
  const { url, close } = await listen(sandbox, { port: 0 });
  onTestFinished(close);
  return serverEnvironment({
    CLOUDFLARE_API_TOKEN: sandbox.token,
    CLOUDFLARE_ACCOUNT_ID: sandbox.accountId,
    CLOUDFLARE_BASE_URL: url,
  });
}

/** Runs `changes` over the state of a server, `given` on its standard input. */
export async function changes(words: readonly string[], env = serverEnvironment(), given = ""): Promise<Ending> {
  const child = spawn(process.execPath, [serverFile, "changes", ...words, "--state", server.folder], { env });
  child.stdin.end(given);
  return endOf(child);
}

/** The same on a terminal, where somebody answers the question. */
export async function onTerminal(words: readonly string[], answer: string, env = serverEnvironment()): Promise<Ending> {
  const command = [process.execPath, serverFile, "changes", ...words, "--state", server.folder];
  const child = spawn("script", ["-qec", command.map((word) => `'${word}'`).join(" "), "/dev/null"], { env });
  let seen = "";
  child.stdout.on("data", function answerOnce(data) {
    seen += data;
    if (!seen.includes("[y/N]")) return;
    child.stdout.off("data", answerOnce);
    child.stdin.write(answer);
  });
  return endOf(child);
}

/** Waits for a process to end, and keeps what it said. */
export async function endOf(child: ChildProcessWithoutNullStreams): Promise<Ending> {
  const code = new Promise<number | null>((resolve) => child.once("close", resolve));
  const [out, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await code, out, errors };
}

export const documentOf = ({ out }: Ending) => JSON.parse(out);

/** Creates a group; answers its id and the change's. */
export async function createGroup(name: string, control: Control = {}) {
  const { result, change_id = "" } = await server.call("create_group", { name, include: [rule] }, control);
  return { id: String((result as Members)["id"]), change_id };
}
