import { hash } from "node:crypto";
import { type Entry, type EntryDraft, sortableTime } from "./entry.ts";

/**
 * Canonical JSON (RFC 8785): members sorted by UTF-16 code units, numbers as ECMAScript writes them, no white space.
 * Where the RFC gives up, a lone surrogate is written as its escape: the text is well-formed and no two values share one.
 * Members that are `undefined` are left out; what is not JSON at all throws a TypeError that does not show it.
 */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${Array.from(value, (item) => canonical(item ?? null)).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const members = value as Readonly<Record<string, unknown>>;
    const names = Object.keys(members).filter((name) => members[name] !== undefined);
    return `{${names
      .sort()
      .map((name) => `${JSON.stringify(name)}:${canonical(members[name])}`)
      .join(",")}}`;
  }
  if (value === null || typeof value === "string" || typeof value === "boolean" || Number.isFinite(value)) {
    return JSON.stringify(value);
  }
  throw new TypeError(`a ${typeof value} that JSON cannot hold`);
}

/** SHA-256 in hex. */
export const sha256 = (data: string | Uint8Array): string => hash("sha256", data, "hex");

/** SHA-256 of a value's canonical JSON. */
export const digest = (value: unknown): string => sha256(canonical(value));

/** What the first line of a chain names as the hash before it, so that a chain belongs to its file's name. */
export const firstHash = (name: string): string => sha256(name);

/** A place in a chain. */
export interface Link {
  readonly seq: number;
  readonly hash: string;
}

/** Makes drafts into lines of the chain of one file, whose name ends in random characters; the order of calls is that of lines. */
export function chain(name: string): (draft: EntryDraft) => { readonly entry: Entry; readonly line: string } {
  let last: Link = { seq: 0, hash: firstHash(name) };
  let latest = 0;
  return (draft) => {
    const now = Math.max(latest, Date.now());
    const seq = last.seq + 1;
    const unsealed: Omit<Entry, "hash"> = {
      ...draft,
      v: 1,
      seq,
      id: `jrn_${sortableTime(now)}${name.slice(-8)}${seq.toString(36).padStart(7, "0")}`,
      time: new Date(now).toISOString(),
      prev_hash: last.hash,
    };
    const text = canonical(unsealed);
    const entry: Entry = { ...unsealed, hash: sha256(text) };
    last = entry;
    latest = now;
    return { entry, line: `${text.slice(0, -1)}${sealStart}${entry.hash}${sealEnd}` };
  };
}

const sealStart = ',"hash":"';
const sealEnd = '"}\n';
const sealLength = sealStart.length + 64 + sealEnd.length;
const closingBrace = "}".charCodeAt(0);

/**
 * A line taken apart into the bytes that were hashed, which are the entry without its hash, and the hash. Nothing is
 * parsed, so that no spelling escapes the hash. The line's own memory is reused; `undefined` when it ends otherwise.
 */
export function unseal(line: Buffer): { readonly text: Buffer; readonly hash: string } | undefined {
  const end = line.length - sealLength;
  if (end < 1) return undefined;
  const seal = line.toString("latin1", end);
  if (!seal.startsWith(sealStart) || !seal.endsWith(sealEnd)) return undefined;
  line[end] = closingBrace;
  return { text: line.subarray(0, end + 1), hash: seal.slice(sealStart.length, -sealEnd.length) };
}
