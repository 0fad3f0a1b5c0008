import { mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fileApprovals, fileTickets } from "../../src/journal/file-tickets.ts";
import { type Bond, TicketError } from "../../src/journal/tickets.ts";
import { failureOf } from "../support/calls.ts";
import { bond, flawOf, otherBonds, summary, ticketBookConformance } from "./tickets-conformance.ts";

const folder = () => mkdtempSync(join(tmpdir(), "tickets-"));

ticketBookConformance("files", () => {
  const place = folder();
  return { book: (settings) => fileTickets(place, settings), approvals: (now) => fileApprovals(place, now) };
});

const runs = process.env["LONG"] === "1" ? 10_000 : 1_000;
const seed = 20_260_728;

const bytesOf = (ticket: string) => Buffer.from(ticket, "base64url");
const textOf = (...bytes: readonly Uint8Array[]) => Buffer.concat(bytes).toString("base64url");
const flipped = (bytes: Buffer, at: number, mask: number) =>
  Buffer.from(bytes.map((byte, place) => (place === at % bytes.length ? byte ^ mask : byte)));

/** Everything a forger may do to a ticket; `other` is one of the same book, `foreign` one of another. */
const forgeries: Readonly<
  Record<string, (given: { ticket: string; other: string; foreign: string; at: number; letter: string }) => string>
> = {
  "one bit": ({ ticket, at }) => textOf(flipped(bytesOf(ticket), at, 1 << (at % 8))),
  "one byte": ({ ticket, at }) => textOf(flipped(bytesOf(ticket), at, 0xff)),
  "one letter": ({ ticket, at, letter }) =>
    ticket.slice(0, at % ticket.length) + letter + ticket.slice((at % ticket.length) + 1),
  "a letter more": ({ ticket, at, letter }) =>
    ticket.slice(0, at % ticket.length) + letter + ticket.slice(at % ticket.length),
  "a letter less": ({ ticket, at }) => ticket.slice(0, at % ticket.length) + ticket.slice((at % ticket.length) + 1),
  "cut short": ({ ticket, at }) => ticket.slice(0, at % ticket.length),
  "cut in front": ({ ticket, at }) => ticket.slice(1 + (at % ticket.length)),
  "bytes added": ({ ticket, at }) => textOf(bytesOf(ticket), Buffer.alloc(1 + (at % 100), at)),
  "bytes in front": ({ ticket, at }) => textOf(Buffer.alloc(1 + (at % 100), at), bytesOf(ticket)),
  padding: ({ ticket, at }) => ticket + "=".repeat(1 + (at % 4)),
  "the last letter as padding": ({ ticket }) => `${ticket.slice(0, -1)}=`,
  "the other alphabet": ({ ticket }) => ticket.replaceAll("-", "+").replaceAll("_", "/"),
  "part of the other alphabet": ({ ticket }) => ticket.replace(/[-_]/, (letter) => (letter === "-" ? "+" : "/")),
  spaces: ({ ticket, at }) =>
    `${ticket.slice(0, at % ticket.length)}${" \n\t\0\u200b"[at % 5]}${ticket.slice(at % ticket.length)}`,
  "a space for a letter": ({ ticket, at }) =>
    `${ticket.slice(0, at % ticket.length)} ${ticket.slice((at % ticket.length) + 1)}`,
  hex: ({ ticket }) => bytesOf(ticket).toString("hex"),
  "twice encoded": ({ ticket }) => Buffer.from(ticket).toString("base64url"),
  "percent encoded": ({ ticket, at }) =>
    `${ticket.slice(0, at % ticket.length)}%${ticket.charCodeAt(at % ticket.length).toString(16)}${ticket.slice((at % ticket.length) + 1)}`,
  "upper case": ({ ticket }) => ticket.toUpperCase(),
  backwards: ({ ticket }) => [...ticket].reverse().join(""),
  twice: ({ ticket }) => ticket + ticket,
  "two halves": ({ ticket, other, at }) => ticket.slice(0, at % ticket.length) + other.slice(at % ticket.length),
  "the content of another": ({ ticket, other }) => textOf(bytesOf(ticket).subarray(0, 17), bytesOf(other).subarray(17)),
  "the tag of another": ({ ticket, other }) => textOf(bytesOf(ticket).subarray(0, -16), bytesOf(other).subarray(-16)),
  "another version": ({ ticket, at }) => textOf(Buffer.of((at % 255) + 2), bytesOf(ticket).subarray(1)),
  "no tag": ({ ticket }) => textOf(bytesOf(ticket).subarray(0, -16)),
  "zeros for a tag": ({ ticket }) => textOf(bytesOf(ticket).subarray(0, -16), Buffer.alloc(16)),
  "a foreign key": ({ foreign }) => foreign,
  "a foreign key under our name": ({ ticket, foreign }) =>
    textOf(bytesOf(ticket).subarray(0, 5), bytesOf(foreign).subarray(5)),
  nothing: () => "",
  noise: ({ at, letter, ticket }) => textOf(Buffer.alloc(bytesOf(ticket).length, `${letter}${at}`)),
  "a long text": ({ letter }) => letter.repeat(100_000),
};

describe("forged tickets", () => {
  it(`are never taken, and all answered alike (${runs} of them, seed ${seed})`, async () => {
    const place = folder();
    const book = fileTickets(place);
    const pool = await Promise.all(Array.from({ length: 20 }, async () => (await book.issue(bond, summary)).ticket));
    const foreign = (await fileTickets(folder()).issue(bond, summary)).ticket;
    const said = new Set<string>();
    let tried = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...Object.keys(forgeries)),
        fc.nat(pool.length - 1),
        fc.nat(pool.length - 2),
        fc.nat(10_000),
        fc.constantFrom(..."abcxyzABCXYZ0189-_=+/.~ é\0\n"),
        async (kind, first, step, at, letter) => {
          const [ticket, other] = [pool[first], pool[(first + step + 1) % pool.length]];
          if (ticket === undefined || other === undefined) throw new Error("no such ticket");
          const forged = forgeries[kind]?.({ ticket, other, foreign, at, letter }) ?? "";
          fc.pre(!pool.includes(forged));
          tried += 1;
          for (const { message, facts } of await Promise.all(
            [book.check(forged, bond), book.spend(forged, bond), book.void(forged)].map(failureOf),
          )) {
            said.add(JSON.stringify({ message, facts }));
          }
        },
      ),
      { numRuns: runs, seed },
    );
    expect(tried).toBe(runs);
    expect([...said]).toEqual([expect.stringContaining("this is not a ticket of this server")]);
    expect(() => readdirSync(join(place, "tickets", "spent"))).toThrow("ENOENT");
    for (const ticket of pool) await book.spend(ticket, bond);
  });

  it(`are refused when anything of their call is another (${runs} of them, seed ${seed})`, async () => {
    const start = Date.now();
    let time = start;
    const book = fileTickets(folder(), { now: () => time });
    const { ticket } = await book.issue(bond, summary);
    const used = (await book.issue(bond, summary)).ticket;
    await book.spend(used, bond);
    const parts = otherBonds.map(([part]) => part);
    const difference = fc.record({
      parts: fc.subarray(parts),
      text: fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom(null, "", "null", "\0")),
      offset: fc.oneof(fc.constant(0), fc.integer({ min: -(10 ** 9), max: 10 ** 12 })),
      isUsed: fc.boolean(),
    });
    let refusals = 0;
    await fc.assert(
      fc.asyncProperty(difference, async ({ parts, text, offset, isUsed }) => {
        const other = { ...bond, ...Object.fromEntries(parts.map((part) => [part, text])) } as Bond;
        const isSame = parts.every((part) => bond[part] === text);
        fc.pre(isUsed || !isSame || offset < -60_000 || offset >= 600_000);
        time = start + offset;
        const given = isUsed ? used : ticket;
        for (const failure of await Promise.all([book.check(given, other), book.spend(given, other)].map(failureOf))) {
          expect(failure).toBeInstanceOf(TicketError);
          expect(failure.facts).toMatchObject({ kind: "refused", outcome: "not_sent" });
          refusals += 1;
        }
      }),
      { numRuns: runs, seed },
    );
    expect(refusals).toBe(2 * runs);
    time = start;
    await book.spend(ticket, bond);
  });
});

it("what tickets are refused for names the way forward and repeats nothing that was given", async () => {
  const place = folder();
  const book = fileTickets(place, { approval: "human" });
  const { ticket, id } = await book.issue(bond, summary);
  const spoilt = [
    book.check(`${ticket}=`, bond),
    ...otherBonds.map(([, other]) => book.check(ticket, other)),
    book.check(ticket, bond),
  ];
  const failures = await Promise.all(spoilt.map(failureOf));
  expect(new Set(failures.map(({ message }) => message)).size).toBe(8);
  for (const { message, facts } of failures) {
    expect(facts.next).toMatch(/without ticket|with the same ticket/);
    const said = `${message} ${facts.next}`;
    for (const given of [ticket, ...Object.values(bond), place, summary.headline]) expect(said).not.toContain(given);
  }
  expect(await flawOf(book.void("no"))).toBe("invalid");
  expect(failures.at(-1)?.message).toContain(id);
});
