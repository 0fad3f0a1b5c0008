import type { Call, Outcome } from "../core/call.ts";
import { offsetOf } from "../core/cursor.ts";
import { AccessError } from "../core/errors.ts";
import type { Envelope } from "./answers.ts";

/** Items that `all: true` reads at most. */
export const LIST_CAP = 10_000;

const USUAL_LIMIT = 50;
const PAGE_SIZE = 50;
const AT_ONCE = 12;

const wantedBy = ({ view }: Call) => (view.all ? LIST_CAP : (view.limit ?? USUAL_LIMIT));

/** Asks for one page, counted from 1. */
type AskPage = (page: number, size: number, signal: AbortSignal) => Promise<Envelope>;

/**
 * Reads the wanted part of a list page by page, several at once when it is known how many there are. One item gone and
 * one come between the same two pages leave the total as it was: that alone goes unnoticed.
 */
export async function readPages(call: Call, ask: AskPage): Promise<Outcome> {
  const offset = offsetOf(call);
  const end = offset + wantedBy(call);
  const enough = new AbortController();
  const signal = AbortSignal.any([call.signal, enough.signal]);
  const askPage = (page: number, size: number) => ask(page, size, signal);
  const first = await firstPage(offset, wantedBy(call), call.view.page_size, askPage);
  const tally = new Tally(call, first.page, first.size, end);

  let { answer } = first;
  let next = first.page + 1;
  const ahead: Promise<Envelope>[] = [];
  try {
    while (tally.take(answer)) {
      while (ahead.length === 0 || (ahead.length < AT_ONCE && next <= tally.foreseen)) {
        const asked = ask(next++, first.size, signal);
        // A page that nobody awaits any more may fail.
        asked.catch(() => undefined);
        ahead.push(asked);
      }
      answer = await (ahead.shift() as Promise<Envelope>);
    }
  } catch (error) {
    if (call.view.all !== true || !isSpent(error)) throw error;
    return tally.outcome(offset, error.facts.retry_after_seconds ?? 0);
  } finally {
    enough.abort();
  }
  return tally.outcome(offset);
}

/** Whether our own request budget ended the reading, before anything was asked of Cloudflare. */
const isSpent = (error: unknown): error is AccessError =>
  error instanceof AccessError && error.facts.kind === "throttled" && error.facts.outcome === "not_sent";

/** The page in which `offset` lies, by the server's own page size. */
async function firstPage(
  offset: number,
  wanted: number,
  pageSize = PAGE_SIZE,
  ask: (page: number, size: number) => Promise<Envelope>,
): Promise<{ readonly page: number; readonly size: number; readonly answer: Envelope }> {
  const asked = Math.min(wanted, pageSize);
  const guess = Math.floor(offset / asked) + 1;
  let answer: Envelope;
  try {
    answer = await ask(guess, asked);
  } catch (error) {
    // Nobody says how long a page may be at most.
    if (!(asked > PAGE_SIZE && error instanceof AccessError && error.facts.kind === "rejected")) throw error;
    return firstPage(offset, wanted, PAGE_SIZE, ask);
  }
  const size = Math.min(asked, Math.max(countIn(answer, "per_page") ?? asked, rowsIn(answer).length));
  const placed = guess === 1 || isPlaced(answer, guess, size);
  const page = placed ? Math.floor(offset / size) + 1 : 1;
  if (page === guess) return { page, size, answer };
  const other = await ask(page, size);
  // The end of a list of unknown length is where it was thought to be when the first page is as long as was asked.
  const isEnd = !placed && isMute(answer, guess) && rowsIn(answer).length < size && rowsIn(other).length === size;
  // A server that is not where it was asked to be is read from the start.
  return isEnd ? { page: guess, size, answer } : { page, size, answer: other };
}

/** Whether nothing in the answer tells the server's pages from those asked for. */
const isMute = (answer: Envelope, page: number) =>
  (answer.info["page"] ?? page) === page &&
  countIn(answer, "total_count") === undefined &&
  countIn(answer, "per_page") === undefined;

function isPlaced(answer: Envelope, page: number, size: number): boolean {
  const total = countIn(answer, "total_count");
  if ((answer.info["page"] ?? page) !== page) return false;
  // Without any word a full page is believed: to check each would double the requests.
  if (total === undefined) return countIn(answer, "per_page") !== undefined || rowsIn(answer).length === size;
  // A page of another length than its place says is cut elsewhere than thought.
  return rowsIn(answer).length === Math.max(0, Math.min(size, total - (page - 1) * size));
}

const rowsIn = ({ result }: Envelope) => result as readonly unknown[];

/** A whole number of `result_info`, when it is one. */
export function countIn({ info }: Envelope, name: string): number | undefined {
  const value = info[name];
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** What was read so far, and what the pages prove about the list. */
class Tally {
  readonly #call: Call;
  readonly #base: number;
  readonly #size: number;
  readonly #end: number;
  readonly #items: unknown[] = [];
  readonly #seen = new Set<string>();
  #page: number;
  #total: number | undefined;
  #lastPage: number | undefined;
  #lied = false;
  #steady = true;
  #ended = false;
  #fruitful = 0;
  #largest = 0;

  /** `end` is the place in the whole list up to which items are wanted. */
  constructor(call: Call, page: number, size: number, end: number) {
    this.#call = call;
    this.#page = page - 1;
    this.#base = (page - 1) * size;
    this.#size = size;
    this.#end = end;
  }

  get #reached(): number {
    return this.#base + this.#items.length;
  }

  /** The last page that is both wanted and said to exist; 0 when nothing is said. */
  get foreseen(): number {
    const last = this.#total === undefined ? this.#lastPage : Math.ceil(this.#total / this.#size);
    return Math.min(last ?? 0, Math.ceil(this.#end / this.#size));
  }

  /** Adds the next page; whether there is reason to read on. */
  take(answer: Envelope): boolean {
    const rows = rowsIn(answer);
    this.#page += 1;
    const fresh = this.#add(rows);
    const repeatsAll = fresh === 0 && rows.length > 0;
    this.#believe(answer, fresh);
    // The same short page again: the server has just this one, and ignores `page`.
    const onlyPage = repeatsAll && this.#total === undefined && this.#items.length < this.#size;
    if (fresh < rows.length && !onlyPage) this.#steady = false;
    if (fresh > 0) this.#fruitful += 1;
    this.#ended = fresh === 0 || this.#isLast(answer, rows.length);
    this.#largest = Math.max(this.#largest, rows.length);
    const wanted = Math.min(this.#total ?? this.#end, this.#end) - this.#base;
    this.#call.progress?.(this.#items.length, this.#total === undefined ? undefined : wanted);
    return !this.#ended && this.#reached < this.#end;
  }

  #add(rows: readonly unknown[]): number {
    const before = this.#items.length;
    const { key } = this.#call.entry.room;
    const names = rows.map((row) => {
      const id = key === null ? undefined : (row as Record<string, unknown> | null)?.[key];
      return typeof id === "string" || typeof id === "number" ? String(id) : JSON.stringify(row);
    });
    for (const [index, name] of names.entries()) if (!this.#seen.has(name)) this.#items.push(rows[index]);
    for (const name of names) this.#seen.add(name);
    return this.#items.length - before;
  }

  /** Totals are believed until the items disprove them. */
  #believe(answer: Envelope, fresh: number): void {
    if (this.#lied) return;
    const total = countIn(answer, "total_count");
    if (total !== undefined && this.#total !== undefined && total !== this.#total) this.#steady = false;
    this.#total = total ?? this.#total;
    this.#lastPage = countIn(answer, "total_pages") || this.#lastPage;
    if (fresh === 0 || this.#total === undefined || this.#reached <= this.#total) return;
    this.#lied = true;
    this.#steady = false;
    this.#total = undefined;
    this.#lastPage = undefined;
  }

  #isLast(answer: Envelope, length: number): boolean {
    if (this.#total !== undefined) return this.#reached >= this.#total;
    if (this.#lastPage !== undefined) return this.#page >= this.#lastPage;
    // More than was asked for is everything; less than a page is the end, once it is known what a page is.
    return length > this.#size || length < (countIn(answer, "per_page") ?? this.#largest);
  }

  /** What was read; `pause` is how many seconds to stay away when the request budget ended the reading. */
  outcome(offset: number, pause?: number): Outcome {
    const items = this.#items.slice(offset - this.#base, this.#end - this.#base);
    const ended = this.#ended && this.#reached <= this.#end;
    const capped = this.#call.view.all === true && !ended;
    const known = this.#items.length > 0 || this.#base === 0;
    const disagrees = this.#ended && known && this.#total !== undefined && this.#total !== this.#reached;
    const steady = this.#steady && !capped && !disagrees;
    // Without a total nobody can tell whether items moved between pages.
    const blind = steady && this.#total === undefined && this.#fruitful > 1;
    const stop =
      pause === undefined
        ? `Stopped at the cap of ${LIST_CAP} items; pass next_cursor to go on.`
        : `Stopped after ${items.length} items, for Cloudflare's request limit is nearly used up: wait ${pause} seconds, then pass next_cursor to go on.`;
    return {
      result: items,
      list: {
        offset,
        total: this.#total ?? (this.#ended && known ? this.#reached : undefined),
        steady,
        ended,
      },
      notes: [
        ...(capped ? [stop] : []),
        ...(blind ? ["Cloudflare does not say how many there are, so items that moved meanwhile go unnoticed."] : []),
      ],
    };
  }
}

/** The same view of a list that came whole; an answer to a write is shown whole, for it cannot be asked again. */
export function viewOf(call: Call, rows: readonly unknown[]): Outcome {
  const reads = call.entry.effect === "read";
  const offset = reads ? offsetOf(call) : 0;
  const items = reads ? rows.slice(offset, offset + wantedBy(call)) : rows;
  const ended = offset + items.length >= rows.length;
  return { result: items, list: { offset, total: rows.length, steady: true, ended }, notes: [] };
}
