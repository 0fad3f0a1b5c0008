import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { badInput } from "../core/errors.ts";
import { didYouMean } from "../core/nearest.ts";
import type { Snapshots } from "../inventory/source.ts";
import { createOnce, readOwn } from "../journal/own-files.ts";

/** Names lead nowhere else: no folder, no dot at the start. */
const fair = /^[A-Za-z0-9][\w.-]{0,79}$/;

/** Snapshots as files (0600) in a folder; agents name them, and reach no other file by that. */
export function fileSnapshots(folder: string): Snapshots {
  const pathOf = (name: string): string => {
    if (fair.test(name)) return join(folder, `${name}.json`);
    throw badInput("snapshot: letters, digits, dots, dashes and underscores, at most 80", "Choose another name.");
  };
  return {
    async read(name) {
      const found = await readOwn(pathOf(name));
      if (found !== undefined) return found.toString("utf8");
      const names = (await readdir(folder).catch(() => [])).map((file) => file.replace(/\.json$/, ""));
      throw badInput(`there is no snapshot "${name}"${didYouMean(name, names)}`, "Make one with export_snapshot.");
    },
    async write(name, text) {
      const path = pathOf(name);
      if (await createOnce(path, text)) return path;
      throw badInput(`there is a snapshot "${name}" already`, "Choose another name.");
    },
  };
}
