import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { Memory } from "../pipeline/watch.ts";

/** Keys that a memory holds; the oldest go first. */
const most = 10_000;

/** A memory in a file of its own, 0600, replaced whole and never through a link; calls of one process take turns. */
export function fileMemory(file: string): Memory {
  let turn: Promise<unknown> = Promise.resolve();
  const exchange = async (values: ReadonlyMap<string, string>) => {
    const known = await read(file);
    const before = new Map(
      [...values.keys()].flatMap((key) => {
        const value = known.get(key);
        return value === undefined ? [] : [[key, value] as const];
      }),
    );
    const fresh = [...values].filter(([key, value]) => known.get(key) !== value);
    for (const [key, value] of fresh) {
      known.delete(key);
      known.set(key, value);
    }
    if (fresh.length > 0) await write(file, [...known].slice(-most));
    return before;
  };
  return {
    exchange(values) {
      const mine = turn.then(() => exchange(values));
      turn = mine.catch(() => undefined);
      return mine;
    },
  };
}

/** What was written last; nothing when there is no file, or none that makes sense. */
async function read(file: string): Promise<Map<string, string>> {
  try {
    const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW);
    const text = await handle.readFile("utf8").finally(() => handle.close());
    const entries: unknown = JSON.parse(text);
    return new Map(Array.isArray(entries) ? entries.filter(isPair) : []);
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === "ENOENT") return new Map();
    throw error;
  }
}

const isPair = (entry: unknown): entry is [string, string] =>
  Array.isArray(entry) && entry.length === 2 && entry.every((part) => typeof part === "string");

async function write(file: string, entries: readonly (readonly [string, string])[]): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${randomBytes(4).toString("hex")}`;
  try {
    const handle = await open(draft, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
    await handle.writeFile(JSON.stringify(entries)).finally(() => handle.close());
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
