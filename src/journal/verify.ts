import type { FileHandle } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { AccessError } from "../core/errors.ts";
import { firstHash, type Link, sha256, unseal } from "./chain.ts";
import type { Entry } from "./entry.ts";
import { namesIn, openOwn, place } from "./folder.ts";
import { readHead } from "./head.ts";
import { isWhole, linesOf } from "./lines.ts";
import type { Checkpoint, Fault, Verdict } from "./store.ts";

interface Finding {
  /** Lines that are right. */
  readonly entries: number;
  readonly fault?: Fault;
  readonly torn?: Fault;
}

/** Checks all files of a journal, one after the other, each up to its first fault. Others may be writing meanwhile. */
export async function verifyFolder(folder: string, checkpoints: readonly Checkpoint[]): Promise<Verdict> {
  const names = new Set([
    ...(await namesIn(folder, "entries")),
    ...(await namesIn(folder, "heads")),
    ...checkpoints.map(({ file }) => nameOf(file)),
  ]);
  const findings: Finding[] = [];
  for (const name of [...names].sort()) {
    const known = checkpoints.filter(({ file }) => nameOf(file) === name);
    findings.push(await verifyFile(folder, name, known));
  }
  return {
    files: findings.length,
    entries: findings.reduce((sum, { entries }) => sum + entries, 0),
    faults: findings.flatMap(({ fault }) => fault ?? []),
    torn: findings.flatMap(({ torn }) => torn ?? []),
  };
}

const nameOf = (file: string): string => file.replace(/\.jsonl$/, "");

async function verifyFile(folder: string, name: string, checkpoints: readonly Checkpoint[]): Promise<Finding> {
  const faultAt = (line: number, problem: string): Fault => ({ file: `${name}.jsonl`, line, problem });
  try {
    // Before the file, which only grows: a head that is read later could be ahead of what was seen of it.
    const head = await readHead(folder, name);
    const witnesses = [...checkpoints, ...(head === undefined ? [] : [head])].sort((a, b) => a.seq - b.seq);
    const known = witnesses.at(-1)?.seq ?? 0;
    const path = place.file(folder, name);
    const file = await openOwn(path);
    if (file === undefined) {
      const fault = faultAt(0, `the file is missing; it had ${known} lines or more`);
      return known === 0 ? { entries: 0 } : { entries: 0, fault };
    }

    const { last, seen, wrong, length } = await walk(file, name, new Set(witnesses.map(({ seq }) => seq)));
    const entries = last.seq;
    const isTorn = wrong !== undefined && !wrong.isWhole && entries >= known;
    if (wrong !== undefined && !isTorn) return { entries, fault: faultAt(entries + 1, wrong.problem) };
    const liar = witnesses.find(({ seq, hash }) => seq > 0 && seen.get(seq) !== hash);
    if (liar !== undefined) {
      const problem = "is not the line that was there: the head of the file or a checkpoint names another";
      const missing = `is missing, and so is all up to line ${known}`;
      return { entries, fault: liar.seq > entries ? faultAt(entries + 1, missing) : faultAt(liar.seq, problem) };
    }
    if (head === undefined) return { entries, fault: faultAt(0, "the head of the file is missing or was changed") };
    if (!isTorn || (await isGrowing(path, length))) return { entries };
    return { entries, torn: faultAt(entries + 1, "was not written to its end") };
  } catch (error) {
    if (!(error instanceof AccessError)) throw error;
    return { entries: 0, fault: faultAt(0, error.message) };
  }
}

interface Walk {
  /** The last line that is right. */
  readonly last: Link;
  /** The hashes of the wanted lines. */
  readonly seen: ReadonlyMap<number, string>;
  /** What is wrong with the line after it, if there is one. */
  readonly wrong?: { readonly problem: string; readonly isWhole: boolean };
  /** Bytes read. */
  readonly length: number;
}

/** Follows the chain of a file to its end or to the first line that is wrong. Closes the file. */
async function walk(file: FileHandle, name: string, wanted: ReadonlySet<number>): Promise<Walk> {
  const seen = new Map<number, string>();
  let last: Link = { seq: 0, hash: firstHash(name) };
  let length = 0;
  for await (const lines of linesOf(file)) {
    for (const line of lines) {
      length += line.length;
      const next = follow(line, last);
      if (typeof next === "string") return { last, seen, length, wrong: { problem: next, isWhole: isWhole(line) } };
      last = next;
      if (wanted.has(last.seq)) seen.set(last.seq, last.hash);
    }
  }
  return { last, seen, length };
}

/** A line as the link after `last`, or what is wrong with it. */
function follow(line: Buffer, last: Link): Link | string {
  const unsealed = unseal(line);
  if (unsealed === undefined) return "is not a whole line of JSON with its hash";
  const { text, hash } = unsealed;
  if (sha256(text) !== hash) return "was changed: its hash is of other content";
  const { seq, prev_hash } = parsed(text);
  if (seq === undefined) return "is not JSON of the journal";
  if (seq !== last.seq + 1) return `is out of its place: its seq is not ${last.seq + 1}`;
  if (prev_hash !== last.hash) return "does not follow the line before it: its prev_hash is another";
  return { seq, hash };
}

function parsed(text: Buffer): Partial<Entry> {
  try {
    return JSON.parse(text.toString()) ?? {};
  } catch {
    return {};
  }
}

/** A line that is being written at this moment looks torn; a moment later it does not. */
async function isGrowing(path: string, length: number): Promise<boolean> {
  await pause(100);
  const file = await openOwn(path);
  try {
    return ((await file?.stat())?.size ?? length) > length;
  } finally {
    await file?.close();
  }
}
