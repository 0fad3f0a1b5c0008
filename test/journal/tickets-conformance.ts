import { describe, expect, it } from "vitest";
import type { Approvals } from "../../src/journal/approvals.ts";
import type { TicketSettings } from "../../src/journal/ticket-book.ts";
import type { Bond, Flaw, TicketBook } from "../../src/journal/tickets.ts";
import { TicketError } from "../../src/journal/tickets.ts";
import { failureOf } from "../support/calls.ts";

export const bond: Bond = {
  operation: "delete_group",
  arguments: "a".repeat(64),
  account: "0123456789abcdef0123456789abcdef",
  principal: "agent@example.com",
  object: "group-1",
  digest: "d".repeat(64),
};

export const summary = {
  headline: "Deletes the group Staff, which two policies use",
  lines: ["policy Intranet", "policy Wiki"],
};

/** One other bond for each part that may differ. */
export const otherBonds = (Object.keys(bond) as (keyof Bond)[]).map(
  (part) => [part, { ...bond, [part]: `${bond[part]}x` }] as const,
);

/** What a promise is refused for. */
export async function flawOf(promise: Promise<unknown>): Promise<Flaw> {
  const failure = await failureOf(promise);
  if (failure instanceof TicketError) return failure.flaw;
  throw failure;
}

/** How many of these succeeded, and the flaws of the others. */
export async function tally(attempts: readonly Promise<unknown>[]): Promise<{ done: number; flaws: readonly Flaw[] }> {
  const ends = await Promise.allSettled(attempts);
  const failures = ends.flatMap((end) => (end.status === "rejected" ? [end.reason as unknown] : []));
  const flaws = failures.map((failure) => {
    if (failure instanceof TicketError) return failure.flaw;
    throw failure;
  });
  return { done: ends.length - failures.length, flaws: [...new Set(flaws)] };
}

/** A store of its own, seen through as many books as wanted. */
export interface Desk {
  book(settings?: TicketSettings): TicketBook;
  approvals(now?: () => number): Approvals;
}

const minute = 60_000;

/** What every kind of ticket book has to hold; `open` gives an empty store. */
export function ticketBookConformance(name: string, open: () => Desk): void {
  describe(`tickets in ${name}`, () => {
    it("are short, and good for one use of the call they were made for", async () => {
      const book = open().book();
      const { ticket, id, expires } = await book.issue(bond, summary);
      expect(ticket).toMatch(/^[\w-]{20,400}$/);
      expect(id).toMatch(/^[a-z2-9]{8,12}$/);
      expect(Math.abs(expires.getTime() - Date.now() - 10 * minute)).toBeLessThan(minute);
      expect(await book.check(ticket, bond)).toEqual({ id });
      expect(await book.check(ticket, bond)).toEqual({ id });
      expect(await book.spend(ticket, bond)).toEqual({ id });
      expect(await flawOf(book.spend(ticket, bond))).toBe("used");
      expect(await flawOf(book.check(ticket, bond))).toBe("used");
    });

    it.each(otherBonds)("are worthless when the %s is another, and stay good", async (part, other) => {
      const book = open().book();
      const { ticket } = await book.issue(bond, summary);
      const flaw = part === "digest" ? "changed" : part;
      expect(await flawOf(book.check(ticket, other))).toBe(flaw);
      expect(await flawOf(book.spend(ticket, other))).toBe(flaw);
      await book.spend(ticket, bond);
    });

    it("tell nothing from an object that is not there", async () => {
      const book = open().book();
      const { ticket } = await book.issue({ ...bond, object: null, digest: null }, summary);
      expect(await flawOf(book.spend(ticket, { ...bond, object: "null", digest: null }))).toBe("object");
      expect(await flawOf(book.spend(ticket, { ...bond, object: null, digest: "" }))).toBe("changed");
      await book.spend(ticket, { ...bond, object: null, digest: null });
    });

    it("tell that the object has changed only when all else is right and they are not used", async () => {
      const book = open().book();
      const { ticket } = await book.issue(bond, summary);
      const changed = { ...bond, digest: "other" };
      for (const [part, other] of otherBonds.filter(([name]) => name !== "digest")) {
        expect(await flawOf(book.check(ticket, { ...other, digest: "other" }))).toBe(part);
      }
      expect(await flawOf(book.check(ticket, changed))).toBe("changed");
      await book.spend(ticket, bond);
      expect(await flawOf(book.check(ticket, changed))).toBe("used");
    });

    it("last ten minutes and are refused before their time, a minute's difference of clocks aside", async () => {
      const start = Date.now();
      const desk = open();
      const at = (time: number) => desk.book({ now: () => time });
      const { ticket, expires } = await at(start).issue(bond, summary);
      expect(expires.getTime()).toBe(start + 10 * minute);
      expect(await flawOf(at(start - minute - 1).spend(ticket, bond))).toBe("early");
      expect(await flawOf(at(start + 10 * minute).spend(ticket, bond))).toBe("expired");
      await at(start - minute).check(ticket, bond);
      await at(start + 10 * minute - 1).spend(ticket, bond);
    });

    it("can be used once by a hundred callers at a time", async () => {
      const desk = open();
      const books = Array.from({ length: 4 }, () => desk.book());
      const { ticket } = await desk.book().issue(bond, summary);
      const attempts = Array.from({ length: 25 }, () => books.map((book) => book.spend(ticket, bond))).flat();
      expect(await tally(attempts)).toEqual({ done: 1, flaws: ["used"] });
    });

    it("cannot be used after a no", async () => {
      const desk = open();
      const { ticket } = await desk.book().issue(bond, summary);
      await desk.book().void(ticket);
      await desk.book().void(ticket);
      expect(await flawOf(desk.book().check(ticket, bond))).toBe("rejected");
      expect(await flawOf(desk.book().spend(ticket, bond))).toBe("rejected");
      expect(await flawOf(desk.book().void("x"))).toBe("invalid");
    });

    it("of another store are not theirs", async () => {
      const { ticket } = await open().book().issue(bond, summary);
      expect(await flawOf(open().book().spend(ticket, bond))).toBe("invalid");
    });
  });

  describe(`people's approval in ${name}`, () => {
    const human = { approval: "human" } as const;

    it("is waited for, shown to a person, and told to the caller", async () => {
      const desk = open();
      const book = desk.book(human);
      const { ticket, id, expires } = await book.issue(bond, summary);
      for (const failure of await Promise.all([book.check(ticket, bond), book.spend(ticket, bond)].map(failureOf))) {
        expect(failure.message).toBe(`waiting for a person: cloudflare-access-mcp changes approve ${id}`);
        expect(failure).toMatchObject({ flaw: "waiting", facts: { kind: "refused", outcome: "not_sent" } });
      }
      const { operation, account, principal, object } = bond;
      const shown = { id, summary, operation, account, principal, object, expires: expires.toISOString() };
      expect(await desk.approvals().pending()).toEqual([expect.objectContaining(shown)]);
      expect(JSON.stringify(await desk.approvals().pending())).not.toContain(ticket);

      expect(await desk.approvals().approve(id, "ada")).toMatchObject(shown);
      expect(await desk.approvals().pending()).toEqual([]);
      const approved = { who: "ada", when: expect.stringMatching(/^\d{4}-.*Z$/) };
      expect(await book.check(ticket, bond)).toEqual({ id, approved });
      expect(await book.spend(ticket, bond)).toEqual({ id, approved });
      expect(await flawOf(book.spend(ticket, bond))).toBe("used");
    });

    it("is for one ticket only, and not more than that ticket", async () => {
      const desk = open();
      const book = desk.book(human);
      const [yes, other] = [await book.issue(bond, summary), await book.issue(bond, summary)];
      await desk.approvals().approve(yes.id, "ada");
      expect(await flawOf(book.spend(other.ticket, bond))).toBe("waiting");
      for (const [part, changed] of otherBonds) {
        expect(await flawOf(book.spend(yes.ticket, changed))).toBe(part === "digest" ? "changed" : part);
      }
      await book.spend(yes.ticket, bond);
    });

    it("cannot be had by a no, at any time", async () => {
      const desk = open();
      const [book, person] = [desk.book(human), desk.approvals()];
      const [early, late, declined] = [
        await book.issue(bond, summary),
        await book.issue(bond, summary),
        await book.issue(bond, summary),
      ];
      await person.reject(early.id, "ada");
      await person.approve(late.id, "ada");
      await person.reject(late.id, "grace");
      await book.void(declined.ticket);
      expect(await person.pending()).toEqual([]);
      for (const { ticket, id } of [early, late, declined]) {
        expect((await failureOf(person.approve(id, "ada"))).message).toContain(`no change waits under ${id}`);
        expect(await flawOf(book.check(ticket, bond))).toBe("rejected");
        expect(await flawOf(book.spend(ticket, bond))).toBe("rejected");
      }
    });

    it("is given once, and a no wins over a yes", async () => {
      const desk = open();
      const book = desk.book(human);
      const { ticket, id } = await book.issue(bond, summary);
      const people = Array.from({ length: 10 }, (_, at) => desk.approvals().approve(id, `person ${at}`));
      const yeses = await Promise.allSettled([...people, desk.approvals().reject(id, "grace")]);
      expect(yeses.slice(0, -1).filter(({ status }) => status === "fulfilled").length).toBeLessThanOrEqual(1);
      expect(yeses.at(-1)?.status).toBe("fulfilled");
      expect(await flawOf(book.spend(ticket, bond))).toBe("rejected");
    });

    it("is for a hundred callers worth one use", async () => {
      const desk = open();
      const books = Array.from({ length: 4 }, () => desk.book(human));
      const { ticket, id } = await desk.book(human).issue(bond, summary);
      await desk.approvals().approve(id, "ada");
      const attempts = Array.from({ length: 25 }, () => books.map((book) => book.spend(ticket, bond))).flat();
      expect(await tally(attempts)).toEqual({ done: 1, flaws: ["used"] });
    });

    it("comes too late after ten minutes, and nothing of it is kept", async () => {
      const start = Date.now();
      const desk = open();
      const at = (time: number) => desk.book({ ...human, now: () => time });
      const { ticket, id } = await at(start).issue(bond, summary);
      const late = start + 10 * minute;
      expect((await failureOf(desk.approvals(() => late).approve(id, "ada"))).facts.kind).toBe("refused");
      expect(await desk.approvals(() => late).pending()).toEqual([]);
      await desk.approvals(() => late - 1).approve(id, "ada");
      expect(await flawOf(at(late).spend(ticket, bond))).toBe("expired");
    });

    it("is asked for tickets that nobody was shown, too", async () => {
      const desk = open();
      const { ticket, id } = await desk.book().issue(bond, summary);
      expect(await flawOf(desk.book(human).spend(ticket, bond))).toBe("invalid");
      expect((await failureOf(desk.approvals().approve(id, "ada"))).facts.kind).toBe("refused");
    });

    it.each([
      "",
      "abc",
      "ABCDEFGH",
      "../../../a",
      "..%2f..%2fab",
      "abcd/efg",
      "abcdefg1",
      "abcdefgh\n",
      "a".repeat(13),
    ])("is not for the id %j", async (id) => {
      const person = open().approvals();
      for (const { facts } of await Promise.all([person.approve(id, "ada"), person.reject(id, "ada")].map(failureOf))) {
        expect(facts.kind).toBe("input");
      }
    });
  });
}
