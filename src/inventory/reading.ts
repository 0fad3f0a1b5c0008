import type { Outcome } from "../core/call.ts";
import type { Members } from "../core/change.ts";
import { AccessError } from "../core/errors.ts";
import { type Entry, pathFields } from "../core/room.ts";
import type { Dataset, DatasetState } from "./world.ts";

/** Asks one question; of a list, as much as one call reads, from the item at `offset` on. */
export type Read = (entry: Entry, input: Members, offset: number) => Promise<Outcome>;

/** What came of one question, and why that is not all of it. */
export interface Part {
  readonly items: readonly Members[];
  readonly why?: string;
  /** As much as was meant to be read. */
  readonly bounded?: true;
}

/** Items of one list that are read at most. */
export const mostItems = 50_000;

/** Reads an object, or a list to its end. Throws when nothing of it could be read. */
export async function readWhole(read: Read, entry: Entry, input: Members, most = mostItems): Promise<Part> {
  const items: Members[] = [];
  const seen = new Set<unknown>();
  const { key } = entry.room;
  let isSteady = true;
  let total: number | undefined;
  for (let offset = 0; ; ) {
    const outcome = await read(entry, input, offset).catch((error: unknown) => {
      if (offset === 0) throw error;
      return reasonOf(error, entry);
    });
    if (!("result" in outcome)) return { items, why: `${outcome.why}; ${offset} were read` };
    const { result, list } = outcome;
    if (list === undefined) return { items: isMembers(result) ? [result] : [] };
    const rows = result as readonly Members[];
    offset += rows.length;
    for (const row of rows) {
      const id = (key !== null && row[key]) || row;
      if (seen.has(id)) isSteady = false;
      else items.push(row);
      seen.add(id);
    }
    total ??= list.total;
    if ((list.total ?? total) !== total) isSteady = false;
    if (list.ended) {
      return isSteady && list.steady
        ? { items }
        : { items, why: "items moved while they were read, so some may be missing" };
    }
    if (offset >= most) {
      const why = `only the first ${offset} were read`;
      return most < mostItems && isSteady ? { items, why, bounded: true } : { items, why };
    }
    if (rows.length === 0) return { items, why: `Cloudflare stopped answering after ${offset}` };
  }
}

export const isMembers = (value: unknown): value is Members =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A dataset of which nothing is known, because reading it failed. */
export function unreadable(error: unknown, entry: Entry): Dataset {
  return { ...reasonOf(error, entry), items: [] };
}

/** Why something is not known. Whoever cancels wants no answer, and what is no failure of a call is a mistake of ours. */
export function reasonOf(error: unknown, entry: Entry): { readonly state: DatasetState; readonly why: string } {
  if (!(error instanceof AccessError) || error.facts.kind === "cancelled") throw error;
  const { kind, errors = [] } = error.facts;
  if (kind === "rejected" && errors.some(({ code, message }) => code === 9999 || /\bnot_enabled\b/.test(message))) {
    return { state: "not_enabled", why: "Cloudflare says that it is not enabled for this account" };
  }
  if (kind === "not_found" && pathFields(entry).length === 0) {
    return { state: "not_enabled", why: "the account has none: Access is not set up there" };
  }
  if (kind === "permission") {
    const lacks = `the API token lacks the permission "${entry.needs}"`;
    const unclear = "the API token may not read it, and Cloudflare does not document which permission that takes";
    return { state: "forbidden", why: entry.needs === null ? unclear : lacks };
  }
  if (kind === "refused") return { state: "forbidden", why: `this server may not call ${entry.name}` };
  return { state: "failed", why: constantly[kind] ?? error.message.replace(`${entry.name}: `, "") };
}

/** Failures whose own words hold a number of seconds, which would make two readings differ. */
const constantly: Readonly<Record<string, string>> = {
  throttled: "Cloudflare's request limit is nearly used up",
  timeout: "there was no time left to read it",
};
