import { createHash, randomBytes } from "node:crypto";
import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { AccessError } from "../core/errors.ts";
import { codeOf, isAlive, orRefuse } from "./own-files.ts";

/** Milliseconds after which a lease counts as forgotten: longer than any call may hold one. */
const longest = 120_000;
/** Milliseconds that a caller waits for its turn: less than a call may take, more than a lost answer is looked after. */
const patience = 45_000;

/** Lets one caller at a time work on what a key names, in all processes that share the folder; in one process in turn. */
export function fileLeases(folder: string): <Result>(key: string, work: () => Promise<Result>) => Promise<Result> {
  const queues = new Map<string, Promise<unknown>>();
  return async (key, work) => {
    const before = queues.get(key) ?? Promise.resolve();
    const turn = before.catch(() => undefined).then(() => alone(folder, key, work));
    queues.set(key, turn);
    try {
      return await turn;
    } finally {
      if (queues.get(key) === turn) queues.delete(key);
    }
  };
}

async function alone<Result>(folder: string, key: string, work: () => Promise<Result>): Promise<Result> {
  const path = join(folder, `${createHash("sha256").update(key).digest("hex").slice(0, 32)}.lease`);
  const mine = `${process.pid} ${randomBytes(8).toString("hex")} ${Date.now()}`;
  await orRefuse(() => take(folder, path, mine));
  try {
    return await work();
  } finally {
    // Somebody may have taken a lease that was held too long: then it is theirs.
    const left = await readFile(path, "utf8").catch(() => "");
    if (left === mine) await rm(path, { force: true });
  }
}

async function take(folder: string, path: string, mine: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // Written beside its place, so that no lease is ever without the name of its holder.
  const draft = `${path}.${randomBytes(4).toString("hex")}`;
  await writeFile(draft, mine, { flag: "wx", mode: 0o600 });
  try {
    const until = performance.now() + patience;
    for (let wait = 2; !(await put(draft, path)); wait = Math.min(100, wait * 2)) {
      if (await removeForgotten(path)) continue;
      if (performance.now() > until) throw taken();
      await sleep(wait + Math.random() * wait);
    }
  } finally {
    await rm(draft, { force: true });
  }
}

/** Gives a file a second name, unless that is taken. */
async function put(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

const taken = () =>
  new AccessError("another call has been writing this object for 45 seconds", {
    kind: "conflict",
    next: "Nothing was sent. Look what became of the other change, then call again.",
    outcome: "not_sent",
  });

/** Takes away the lease of a process that is gone, or that held it too long; true when it is worth trying again. */
async function removeForgotten(path: string): Promise<boolean> {
  const content = await readFile(path, "utf8").catch(() => undefined);
  if (content === undefined) return true;
  const [pid, , since] = content.split(" ").map(Number);
  // After a power cut a lease may be empty.
  if (pid !== undefined && since !== undefined && isAlive(pid, since) && Date.now() - since < longest) return false;
  const aside = `${path}.${randomBytes(4).toString("hex")}`;
  try {
    await rename(path, aside);
    const moved = await readFile(aside, "utf8");
    // It was renewed between the look and the move: back with it, unless it has been taken again.
    if (moved !== content) await writeFile(path, moved, { flag: "wx", mode: 0o600 });
  } catch {
    return false;
  } finally {
    await rm(aside, { force: true });
  }
  return true;
}

/** What changes whenever somebody's turn ends, in files that processes share. */
export function fileTurns(folder: string) {
  const place = (key: string) => join(folder, `${createHash("sha256").update(key).digest("hex").slice(0, 32)}.turn`);
  return {
    now: (key: string): Promise<string> => readFile(place(key), "utf8").catch(() => "none yet"),
    async end(key: string): Promise<void> {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFile(place(key), randomBytes(8).toString("hex"), { mode: 0o600 });
    },
  };
}
