import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createClient } from "../../src/cloudflare/client.ts";
import { LIST_CAP } from "../../src/cloudflare/pages.ts";
import type { Call, View } from "../../src/core/call.ts";
import { cursorAt } from "../../src/core/cursor.ts";
import { AccessError } from "../../src/core/errors.ts";
import type { ApiRequest, Send } from "../../src/core/send.ts";
import { entryOf, failureOf } from "../support/calls.ts";
import { bad, callOf, good } from "./harness.ts";

interface Row {
  readonly id: string;
}
type Info = Record<string, unknown> | undefined;

const rows = (count: number, from = 0): Row[] =>
  Array.from({ length: count }, (_, index) => ({ id: `id${from + index}` }));
const numberIn = (request: ApiRequest, name: string) =>
  Number(request.query.find(([key]) => key === name)?.[1] ?? Number.NaN);

/** What the API says about a page, as far as anybody has seen it. */
const usualInfo = (page: number, per_page: number, count: number, total_count: number): Info => ({
  page,
  per_page,
  count,
  total_count,
  total_pages: Math.ceil(total_count / per_page),
});

interface Manner {
  /** The page size the server uses when asked for one. */
  size?: (asked: number) => number;
  /** The page it gives when asked for one. */
  page?: (asked: number) => number;
  info?: (page: number, size: number, count: number, total: number) => Info;
  /** Called before each request is answered; may change the list. */
  before?: (list: Row[], request: number) => void;
}

/** A server with one list, in whatever manner. */
function server(list: Row[], { size = (n) => n, page = (n) => n, info = usualInfo, before }: Manner = {}) {
  const requests: ApiRequest[] = [];
  let underway = 0;
  const peak = { underway: 0 };
  const send: Send = async (request) => {
    const number = requests.push(request);
    if (number > 1_000) throw new Error("endless");
    peak.underway = Math.max(peak.underway, ++underway);
    await Promise.resolve();
    before?.(list, number);
    const per = size(numberIn(request, "per_page"));
    const at = page(numberIn(request, "page"));
    const part = list.slice((at - 1) * per, at * per);
    underway -= 1;
    return good(part, info(at, per, part.length, list.length));
  };
  return { requests, peak, send };
}

const listing = (view: View = {}, more: Partial<Call> = {}) => callOf("list_groups", {}, { view, ...more });

async function read(send: Send, view: View = {}, more: Partial<Call> = {}) {
  const outcome = await createClient({ send })(listing(view, more));
  if (outcome.list === undefined) throw new Error("no list facts");
  return { ids: (outcome.result as Row[]).map(({ id }) => id), notes: outcome.notes, ...outcome.list };
}

/** Follows the cursor to the end, as an agent would. */
async function follow(send: Send, limit: number) {
  const ids: string[] = [];
  let cursor: string | undefined;
  for (let turn = 0; turn < 200; turn++) {
    const part = await read(send, { limit, ...(cursor !== undefined && { cursor }) });
    ids.push(...part.ids);
    if (part.ended) return { ids, turns: turn + 1, steady: part.steady };
    cursor = cursorAt(listing(), part.offset + part.ids.length);
  }
  throw new Error("the list never ends");
}

const idsOf = (list: readonly Row[]) => list.map(({ id }) => id);

describe("reading pages", () => {
  it("asks for 50 items when nothing is said, with page and per_page", async () => {
    const { send, requests } = server(rows(120));
    expect(await read(send)).toMatchObject({ ids: idsOf(rows(50)), offset: 0, total: 120, steady: true, ended: false });
    expect(requests.map(({ query }) => query)).toEqual([
      [
        ["page", "1"],
        ["per_page", "50"],
      ],
    ]);
  });

  it.each([1, 7, 30, 50, 70, 120, 121, 500])("limit %i, following the cursor, gives every item once", async (limit) => {
    const list = rows(120);
    expect(await follow(server(list).send, limit)).toMatchObject({ ids: idsOf(list), steady: true });
  });

  it("reads all, the pages after the first at once but 12 at most", async () => {
    const { send, requests, peak } = server(rows(5_000));
    const progress: [number, number | undefined][] = [];
    const all = await read(send, { all: true }, { progress: (done, total) => progress.push([done, total]) });
    expect(all).toMatchObject({ ids: idsOf(rows(5_000)), total: 5_000, steady: true, ended: true });
    expect(requests).toHaveLength(100);
    expect(peak.underway).toBe(12);
    expect(progress).toHaveLength(100);
    expect(progress[0]).toEqual([50, 5_000]);
    expect(progress.at(-1)).toEqual([5_000, 5_000]);
  });

  it("asks no page more than there are", async () => {
    for (const [count, pages] of [
      [0, 1],
      [49, 1],
      [50, 1],
      [51, 2],
      [100, 2],
    ] as const) {
      const { send, requests } = server(rows(count));
      expect(await read(send, { all: true })).toMatchObject({ total: count, steady: true, ended: true });
      expect(requests).toHaveLength(pages);
    }
  });

  it("stops at the cap, and says so", async () => {
    const { send, requests } = server(rows(LIST_CAP + 60));
    const part = await read(send, { all: true });
    expect(part).toMatchObject({ total: LIST_CAP + 60, steady: false, ended: false });
    expect(part.ids).toHaveLength(LIST_CAP);
    expect(part.notes[0]).toContain("10000");
    expect(requests).toHaveLength(LIST_CAP / 50);
    const rest = await read(send, { all: true, cursor: cursorAt(listing(), LIST_CAP) });
    expect(rest).toMatchObject({ ids: idsOf(rows(60, LIST_CAP)), ended: true, steady: true });
  });

  it("F17 refuses a cursor of another question, with no request", async () => {
    const { send, requests } = server(rows(10));
    const other = cursorAt(callOf("list_groups", { name: "x" }), 50);
    for (const cursor of [other, "", "x", "%%%", btoa("50.zzz")]) {
      expect((await failureOf(createClient({ send })(listing({ cursor })))).facts.kind).toBe("input");
    }
    expect(requests).toHaveLength(0);
  });

  it("is past the end of a list that shrank", async () => {
    const { send } = server(rows(10));
    const part = await read(send, { cursor: cursorAt(listing(), 50) });
    expect(part).toMatchObject({ ids: [], total: 10, ended: true });
  });

  it("fails as a whole when a page fails, and asks for no more", async () => {
    const { send, requests } = server(rows(5_000));
    const failing: Send = async (request) => (numberIn(request, "page") === 5 ? bad(403, 10000) : send(request));
    const { facts } = await failureOf(createClient({ send: failing })(listing({ all: true })));
    expect(facts.kind).toBe("permission");
    expect(requests.length).toBeLessThan(30);
  });

  it("gives what it has when the request budget ends a read of all, and goes on from there", async () => {
    const spent = new AccessError("spent", {
      kind: "throttled",
      next: "Wait 40 seconds.",
      outcome: "not_sent",
      retry_after_seconds: 40,
    });
    const { send } = server(rows(500));
    const failingFrom =
      (page: number, error: AccessError): Send =>
      async (request) => {
        if (numberIn(request, "page") >= page) throw error;
        return send(request);
      };
    const part = await read(failingFrom(4, spent), { all: true });
    expect(part).toMatchObject({ ids: idsOf(rows(150)), total: 500, steady: false, ended: false });
    expect(part.notes).toEqual([expect.stringMatching(/150 items.*40 seconds.*next_cursor/)]);
    const rest = await read(send, { all: true, cursor: cursorAt(listing(), 150) });
    expect(rest.ids).toEqual(idsOf(rows(350, 150)));
    const refused = new AccessError("429", { kind: "throttled", next: "Wait.", outcome: "not_done" });
    for (const [view, page, error] of [
      [{ all: true }, 1, spent],
      [{ limit: 300 }, 4, spent],
      [{ all: true }, 4, refused],
    ] as const) {
      expect(await failureOf(createClient({ send: failingFrom(page, error) })(listing(view)))).toBe(error);
    }
  });

  it("honours the smaller page the server says it uses, from any place", async () => {
    const list = rows(130);
    const { send, requests } = server(list, { size: (asked) => Math.min(asked, 25) });
    expect(await read(send, { all: true })).toMatchObject({ ids: idsOf(list), steady: true, ended: true });
    expect(requests).toHaveLength(6);
    expect(await follow(send, 40)).toMatchObject({ ids: idsOf(list), steady: true });
  });

  it("reads by total_pages when there is no total_count, and says that moves go unnoticed", async () => {
    const list = rows(230);
    const { send, peak } = server(list, {
      info: (page, per_page, _, total) => ({ page, per_page, total_pages: Math.ceil(total / per_page) }),
    });
    const part = await read(send, { all: true });
    expect(part).toMatchObject({ ids: idsOf(list), total: 230, ended: true, steady: true });
    expect(part.notes).toEqual([expect.stringContaining("how many")]);
    expect(peak.underway).toBeGreaterThan(1);
  });

  it("keeps items without an id apart by what they say", async () => {
    const call = {
      ...listing({ all: true }),
      entry: { ...entryOf("list_groups"), room: { ...entryOf("list_groups").room, key: null } },
    };
    const logs = Array.from({ length: 70 }, (_, at) => ({ at }));
    const send: Send = async (request) => {
      const at = numberIn(request, "page");
      return good(logs.slice((at - 1) * 50, at * 50), usualInfo(at, 50, 0, 70));
    };
    expect((await createClient({ send })(call)).result).toEqual(logs);
  });
});

describe("F14: servers that say nothing, or something else", () => {
  const silent = () => undefined;

  it.each<[string, number, Manner]>([
    ["no result_info", 120, { info: silent }],
    ["no result_info, a full last page", 100, { info: silent }],
    ["no result_info and a silent smaller page", 120, { info: silent, size: (asked) => Math.min(asked, 25) }],
    [
      "a smaller page than it says",
      120,
      { size: (asked) => Math.min(asked, 25), info: (page, _, count, total) => usualInfo(page, 50, count, total) },
    ],
    ["everything at once", 120, { info: silent, size: () => 1_000, page: () => 1 }],
    ["little, at once", 20, { info: silent, size: () => 1_000, page: () => 1 }],
    ["total_count 0", 120, { info: (page, per_page) => ({ page, per_page, total_count: 0, total_pages: 0 }) }],
    ["total_count too low", 120, { info: (page, per_page) => ({ page, per_page, total_count: 70 }) }],
    ["total_count too high", 120, { info: (page, per_page) => ({ page, per_page, total_count: 1e9 }) }],
    [
      "total_pages 0",
      120,
      { info: (page, per_page, _, total) => ({ page, per_page, total_count: total, total_pages: 0 }) },
    ],
    ["numbers that are none", 120, { info: () => ({ page: "1", per_page: "x", total_count: -1, total_pages: 2.5 }) }],
    ["a list where facts are due", 120, { info: () => ({ result_info: [] }) }],
  ])("%s: every item, in few requests", async (_, count, manner) => {
    const list = rows(count);
    const whole = server([...list], manner);
    const all = await read(whole.send, { all: true });
    expect(all.ids).toEqual(idsOf(list));
    expect(all.ended).toBe(true);
    expect(whole.requests.length).toBeLessThan(25);
    for (const limit of [30, 50])
      expect((await follow(server([...list], manner).send, limit)).ids).toEqual(idsOf(list));
  });

  it.each<[string, boolean, Manner]>([
    ["no result_info, one page", true, { info: silent, size: () => 1_000, page: () => 1 }],
    ["total_count too high", false, { info: (page, per_page) => ({ page, per_page, total_count: 1e9 }) }],
    ["total_count too low", false, { info: (page, per_page) => ({ page, per_page, total_count: 7 }) }],
  ])("%s: steady is %s", async (_, steady, manner) => {
    expect((await read(server(rows(20), manner).send, { all: true })).steady).toBe(steady);
  });

  it.each<[string, Manner]>([
    ["ignores page", { page: () => 1 }],
    ["ignores page and says nothing", { page: () => 1, info: silent }],
    [
      "ignores page and lies about it",
      { page: () => 1, info: (_, per_page) => ({ per_page, total_count: 1e6, total_pages: 1e6 }) },
    ],
  ])("a server that %s: ends, and is not vouched for", async (_, manner) => {
    const { send, requests } = server(rows(5_000), manner);
    expect(await read(send, { all: true })).toMatchObject({ ids: idsOf(rows(50)), ended: true, steady: false });
    expect(requests.length).toBeLessThan(30);
  });

  it.each<[string, number, Manner]>([
    ["ignores page", 50, { page: () => 1 }],
    // One silent full page proves nothing; two in one call do.
    ["ignores page and says nothing", 100, { page: () => 1, info: silent }],
  ])("a server that %s: an agent that follows the cursor comes to an end", async (_, limit, manner) => {
    const { send, requests } = server(rows(5_000), manner);
    expect((await follow(send, limit)).ids).toEqual(idsOf(rows(50)));
    expect(requests.length).toBeLessThan(30);
  });

  it.each([
    [1_000, 50],
    [1_010, 50],
    [1_010, 100],
    [1_010, 30],
    [700, 70],
  ])(
    "no result_info, %i items by %i: a cursor costs its own pages, and one look at the first at the end",
    async (count, limit) => {
      const { send, requests } = server(rows(count), { info: silent });
      const { ids, turns, steady } = await follow(send, limit);
      expect(ids).toEqual(idsOf(rows(count)));
      expect(steady).toBe(true);
      expect(requests.length).toBeLessThanOrEqual(
        turns * (Math.ceil(limit / 50) + (limit % 50 === 0 || limit < 50 ? 0 : 1)) + 3,
      );
    },
  );

  it("no result_info, ended by a short page: steady, with one note when several pages were read", async () => {
    const several = await read(server(rows(120), { info: silent }).send, { all: true });
    expect(several).toMatchObject({ total: 120, steady: true, ended: true });
    expect(several.notes).toEqual([expect.stringContaining("does not say how many")]);
    expect((await read(server(rows(20), { info: silent }).send, { all: true })).notes).toEqual([]);
  });

  it("repeats for ever in new words: the cap ends it", async () => {
    let made = 0;
    const send: Send = async () => {
      made += 50;
      return good(rows(50, made), { total_count: 1e9 });
    };
    const part = await read(send, { all: true });
    expect(part.ids).toHaveLength(LIST_CAP);
    expect(part).toMatchObject({ ended: false, steady: false });
  });
});

describe("F15, F16: a list that changes while it is read", () => {
  it("never misses an item that stayed without saying so, in 1,000 runs", async () => {
    let misses = 0;
    let unsteady = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 400 }),
        fc.array(fc.tuple(fc.constantFrom("insert", "delete", "nothing", "nothing"), fc.nat()), { maxLength: 12 }),
        fc.constantFrom<View>({ all: true }, { limit: 120 }, { limit: 1_000 }),
        async (count, changes, view) => {
          const start = idsOf(rows(count));
          const gone = new Set<string>();
          const { send } = server(rows(count), {
            before: (list, request) => {
              const [what, at] = changes[request - 1] ?? ["nothing", 0];
              if (what === "insert") list.splice(at % (list.length + 1), 0, { id: `new${request}` });
              if (what === "delete") for (const { id } of list.splice(at % Math.max(1, list.length), 1)) gone.add(id);
            },
          });
          const part = await read(send, view);
          expect(new Set(part.ids).size).toBe(part.ids.length);
          if (!part.steady) {
            unsteady += 1;
            return;
          }
          const stayed = start.filter((id) => !gone.has(id));
          const due = part.ended ? stayed : stayed.slice(0, part.ids.length - changes.length);
          misses += due.filter((id) => !part.ids.includes(id)).length;
        },
      ),
      { numRuns: 1_000, seed: 15 },
    );
    expect(misses).toBe(0);
    expect(unsteady).toBeGreaterThan(100);
    expect(unsteady).toBeLessThan(900);
  });

  it("gives an item once that moved to the next page", async () => {
    const { send } = server(rows(100), {
      before: (list, request) => void (request === 2 && list.unshift({ id: "new" })),
    });
    const { ids, steady } = await read(send, { all: true });
    expect(ids).toEqual([...idsOf(rows(100))]);
    expect(steady).toBe(false);
  });

  it("says when an item slipped through between pages", async () => {
    const { send } = server(rows(100), { before: (list, request) => void (request === 2 && list.shift()) });
    const { ids, steady, ended } = await read(send, { all: true });
    expect(ids).not.toContain("id50");
    expect({ steady, ended }).toEqual({ steady: false, ended: true });
  });
});

it("reads longer pages when that is asked for, and the usual ones where Cloudflare will not have it", async () => {
  const sizes = (requests: readonly ApiRequest[]) => requests.map((request) => numberIn(request, "per_page"));
  const willing = server(rows(1_200));
  expect((await read(willing.send, { all: true, page_size: 500 })).ids).toHaveLength(1_200);
  expect(sizes(willing.requests)).toEqual([500, 500, 500]);
  const strict = server(rows(120));
  const refusing: Send = (request) =>
    numberIn(request, "per_page") > 50 ? Promise.resolve(bad(400, 12130, "per_page")) : strict.send(request);
  expect((await read(refusing, { all: true, page_size: 500 })).ids).toHaveLength(120);
  expect(sizes(strict.requests)).toEqual([50, 50, 50]);
});
