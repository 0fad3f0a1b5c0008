import { access, constants, mkdir, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CommandError } from "../command-error.ts";

/** That something is not written, with its path and why. */
export function notWritten(flag: string, path: string, error: unknown): CommandError {
  const { code, message } = error as NodeJS.ErrnoException;
  return new CommandError("usage", `--${flag}: ${path} cannot be written (${code ?? message})`);
}

/**
 * Makes a folder that only its owner can read, and those above it. Step by step: a recursive `mkdir` of Node tries for
 * ever where a folder such as `/proc` takes no new ones.
 */
export async function makeFolder(folder: string): Promise<void> {
  const missing: string[] = [];
  try {
    let path = folder;
    for (; !(await isFolder(path)); path = dirname(path)) missing.push(path);
    await access(path, constants.W_OK | constants.X_OK);
    for (const step of missing.toReversed()) await mkdir(step, { mode: 0o700 });
  } catch (error) {
    throw notWritten("output-dir", folder, error);
  }
}

/** Whether a folder is there; throws where something else is. */
async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (found?.isDirectory() === false) throw Object.assign(new Error(), { code: "ENOTDIR" });
  return found !== undefined;
}

/** Writes what nobody else may read into a folder. */
export async function writeIn(folder: string, file: string, text: string): Promise<void> {
  const path = join(folder, file);
  await writeFile(path, text, { mode: 0o600 }).catch((error: unknown) => {
    throw notWritten("output-dir", path, error);
  });
}
