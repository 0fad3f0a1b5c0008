import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { access, mkdir, open } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { refused } from "../core/errors.ts";
import type { SecretKeeper } from "../pipeline/redact.ts";

/** State that belongs to the user of this machine: `$XDG_STATE_HOME/cloudflare-access-mcp`. */
export function stateFolder(environment: NodeJS.ProcessEnv): string {
  return join(environment["XDG_STATE_HOME"] || join(homedir(), ".local", "state"), "cloudflare-access-mcp");
}

/** The keeper that `--secrets` names. */
export function secretKeeper(place: string, environment: NodeJS.ProcessEnv): SecretKeeper {
  if (place === "mask")
    return {
      ready: async () => undefined,
      keep: async () => "masked and kept nowhere (--secrets mask); rotate to get a new one",
    };
  if (place === "inline") return { ready: async () => undefined, keep: async () => undefined };
  const [, command] = /^command:(.+)$/s.exec(place) ?? [];
  if (command !== undefined) return commandKeeper(command, environment);
  const [, folder] = /^file:(.+)$/s.exec(place) ?? [];
  return fileKeeper(folder === undefined ? join(stateFolder(environment), "secrets") : resolve(folder));
}

/** One file a secret, 0600, never overwriting and never following a link. */
function fileKeeper(folder: string): SecretKeeper {
  return {
    async ready() {
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await access(folder, constants.W_OK);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        throw refused(
          `the secret that Cloudflare would show once could not be kept: ${folder} is not writable (${code ?? "unknown reason"})`,
          "Nothing was sent. Make the folder writable, or choose another place with --secrets.",
        );
      }
    },
    async keep({ value, field, noun, id }) {
      const name = [noun.replaceAll(" ", "-"), id ?? "unnamed", field, randomBytes(4).toString("hex")].join(".");
      const path = join(folder, name.replaceAll(/[^\w.-]/g, "_"));
      const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
      const file = await open(path, flags, 0o600);
      try {
        await file.writeFile(`${value}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
      return `kept in ${path}, readable by you alone; it is shown nowhere else`;
    },
  };
}

/** Milliseconds that the operator's command may take. */
const commandTime = 30_000;

/**
 * Hands a secret to a shell command of the operator, on its standard input and without a line end. What it belongs to is
 * in CF_ACCESS_SECRET_NOUN, _ID and _FIELD; what it prints is thrown away; exit code 0 says that it was kept.
 */
function commandKeeper(command: string, environment: NodeJS.ProcessEnv): SecretKeeper {
  // Quoting is the shell's business: only a plain first word is looked up.
  const [, program] = /^\s*(?:\w+=\S*\s+)*([\w./~+-]+)(?=[\s;|&<>]|$)/.exec(command) ?? [];
  return {
    async ready() {
      try {
        await shell(["-n", "-c", command], environment);
        if (program !== undefined) await shell(["-c", `command -v ${program}`], environment);
      } catch {
        throw refused(
          `the secret that Cloudflare would show once could not be kept: the shell does not find ${program ?? "sense in the command"} of --secrets command`,
          "Nothing was sent. Ask the operator to correct the command, or to choose another place with --secrets.",
        );
      }
    },
    async keep({ value, field, noun, id }) {
      await shell(
        ["-c", command],
        { ...environment, CF_ACCESS_SECRET_NOUN: noun, CF_ACCESS_SECRET_ID: id ?? "", CF_ACCESS_SECRET_FIELD: field },
        value,
      );
      return `handed to the operator's command (--secrets command${program === undefined ? "" : `, ${program}`}); it is shown nowhere else`;
    },
  };
}

/** Runs `sh` with a text on its standard input; what does not end well within its time is an error with a `code`. */
async function shell(args: readonly string[], environment: NodeJS.ProcessEnv, input = ""): Promise<void> {
  const kept = Object.entries(environment).filter(([name]) => !/^CLOUDFLARE_|^CF_ACCESS_MCP_/.test(name));
  const child = spawn("sh", args, {
    stdio: ["pipe", "ignore", "ignore"],
    env: Object.fromEntries(kept),
    // A group of its own, so that nothing it started outlives its time.
    detached: true,
  });
  // A command that needs not read is judged by its exit code like any other.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  let timer: NodeJS.Timeout | undefined;
  const ended = new Promise<string | undefined>((done, fail) => {
    child.once("error", fail);
    child.once("exit", (code, signal) => done(code === 0 ? undefined : (signal ?? `exit code ${code}`)));
    timer = setTimeout(() => done(stop(child)), commandTime);
  });
  const code = await ended.finally(() => clearTimeout(timer));
  if (code !== undefined) throw Object.assign(new Error(`the command ended with ${code}`), { code });
}

/** Ends a process and all that it started. */
function stop({ pid }: ChildProcess): string {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // It ended in this very moment.
  }
  return `no end within ${commandTime / 1000} s`;
}
