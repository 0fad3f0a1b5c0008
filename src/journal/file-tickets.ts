import { randomBytes } from "node:crypto";
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Approvals, approvals } from "./approvals.ts";
import { codeOf, createOnce, orRefuse, readOwn, unsafe } from "./own-files.ts";
import type { KeyRing } from "./seal.ts";
import { type Records, type TicketSettings, type TicketStore, ticketBook } from "./ticket-book.ts";
import type { TicketBook } from "./tickets.ts";

/** Tickets of all processes that share a state folder. */
export const fileTickets = (folder: string, settings?: TicketSettings): TicketBook =>
  ticketBook(fileStore(folder), settings);

/** Decisions on the tickets of a state folder; `now` is the wall clock in milliseconds since 1970. */
export const fileApprovals = (folder: string, now?: () => number): Approvals => approvals(fileStore(folder), now);

const fileStore = (folder: string): TicketStore => ({
  keys: () => orRefuse(() => keyRing(folder)),
  spent: fileRecords(join(folder, "tickets", "spent")),
  pending: fileRecords(join(folder, "tickets", "pending")),
  approved: fileRecords(join(folder, "tickets", "approved")),
});

/**
 * The key of this user, made when there is none, and the one before it. Read each time, so that it can be changed under
 * running servers: rename `ticket.key` to `ticket.previous.key`, or remove it to end all tickets.
 */
async function keyRing(folder: string): Promise<KeyRing> {
  const path = join(folder, "ticket.key");
  const current = (await readKey(path)) ?? (await madeKey(path));
  const previous = await readKey(join(folder, "ticket.previous.key"));
  return previous === undefined ? [current] : [current, previous];
}

/** Whoever comes second takes the key of the first. */
async function madeKey(path: string): Promise<Buffer> {
  await createOnce(path, randomBytes(32));
  const made = await readKey(path);
  if (made === undefined) throw unsafe(path, "was removed while it was made");
  return made;
}

async function readKey(path: string): Promise<Buffer | undefined> {
  const key = await readOwn(path);
  if (key !== undefined && key.length !== 32) throw unsafe(path, "is not a key of 32 bytes");
  return key;
}

function fileRecords<Value>(folder: string): Records<Value> {
  const place = (id: string) => join(folder, `${id}.json`);
  const names = () =>
    readdir(folder).catch((error: unknown) => {
      if (codeOf(error) === "ENOENT") return [];
      throw error;
    });
  return {
    add: (id, value) => orRefuse(() => createOnce(place(id), `${JSON.stringify(value)}\n`)),
    get: (id) =>
      orRefuse(async () => {
        const text = await readOwn(place(id));
        return text === undefined ? undefined : (parsed(place(id), text.toString()) as Value);
      }),
    drop: (id) => orRefuse(() => rm(place(id), { force: true })),
    ids: () =>
      orRefuse(async () => (await names()).flatMap((name) => /^([a-z2-9]{8,12})\.json$/.exec(name)?.[1] ?? [])),
    sweep: (before) =>
      orRefuse(async () => {
        for (const name of await names()) {
          const path = join(folder, name);
          const found = await stat(path).catch(() => undefined);
          if (found !== undefined && found.mtimeMs < before) await rm(path, { force: true });
        }
      }),
  };
}

function parsed(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unsafe(path, "is damaged");
  }
}
