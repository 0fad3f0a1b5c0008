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
