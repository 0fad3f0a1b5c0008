import { createHash } from "node:crypto";
import { type KeyRing, lifetime, seal, unseal } from "./seal.ts";
import { type Approval, type Bond, type Grant, type Summary, type TicketBook, TicketError } from "./tickets.ts";

/** Small records by ticket id, each written whole and once. Throws when it cannot be read or written. */
export interface Records<Value> {
  /** On disk when this resolves; true for exactly one caller an id, across processes. */
  add(id: string, value: Value): Promise<boolean>;
  get(id: string): Promise<Value | undefined>;
  drop(id: string): Promise<void>;
  ids(): Promise<readonly string[]>;
  /** Forgets what was added before a time in milliseconds since 1970. */
  sweep(before: number): Promise<void>;
}

/** What a person decides on. */
export interface Pending extends Omit<Bond, "arguments" | "digest"> {
  readonly id: string;
  readonly summary: Summary;
  /** RFC 3339. */
  readonly expires: string;
  /** Ties the decision to one ticket, whatever its id. */
  readonly ticket_sha256: string;
}

/** Why a ticket can no longer be used. */
export interface Spent {
  readonly how: "used" | "rejected";
  readonly when: string;
  readonly who?: string;
}

/** All that is remembered of tickets; the tickets themselves are with their callers. */
export interface TicketStore {
  readonly keys: () => Promise<KeyRing>;
  readonly spent: Records<Spent>;
  readonly pending: Records<Pending>;
  readonly approved: Records<Approval & Pick<Pending, "ticket_sha256">>;
}

export interface TicketSettings {
  /** `human`: a ticket is worthless before a person approved it. */
  readonly approval?: "human" | undefined;
  /** Wall clock in milliseconds since 1970. */
  readonly now?: () => number;
}

/** How far the clocks of two processes may be apart. */
const skew = 60_000;
const hour = 3_600_000;
/** How long records are kept; the spent ones well beyond the life of their tickets, whose clocks may differ. */
const kept = { spent: hour, approved: hour, pending: lifetime + skew } as const;

/** Forgets records that no living ticket needs. */
export async function sweep(store: TicketStore, now: number): Promise<void> {
  for (const kind of ["spent", "approved", "pending"] as const) await store[kind].sweep(now - kept[kind]);
}

/** Tickets over any store; the order of the checks is what callers are told first. */
export function ticketBook(store: TicketStore, { approval, now = Date.now }: TicketSettings = {}): TicketBook {
  let swept = Number.NEGATIVE_INFINITY;

  async function check(ticket: string, bond: Bond): Promise<Grant> {
    const opened = unseal(await store.keys(), ticket);
    if (opened === undefined) throw new TicketError("invalid");
    const { id, issued } = opened;
    if (issued > now() + skew) throw new TicketError("early");
    if (now() >= issued + lifetime) throw new TicketError("expired");
    const different = opened.differsIn(bond);
    if (different !== undefined && different !== "digest") throw new TicketError(different);
    const spent = await store.spent.get(id);
    if (spent !== undefined) throw new TicketError(spent.how);
    if (different !== undefined) throw new TicketError("changed");
    return approval === "human" ? { id, approved: await approvalOf(id, ticket) } : { id };
  }

  async function approvalOf(id: string, ticket: string): Promise<Approval> {
    // In this order: whoever approves adds the one before dropping the other.
    const waits = (await store.pending.get(id)) !== undefined;
    const found = await store.approved.get(id);
    if (found?.ticket_sha256 === digestOf(ticket)) return { who: found.who, when: found.when };
    throw waits ? new TicketError("waiting", id) : new TicketError("invalid");
  }

  async function issue(bond: Bond, summary: Summary): Promise<{ ticket: string; id: string; expires: Date }> {
    const issued = now();
    if (issued - swept > skew) {
      swept = issued;
      await sweep(store, issued);
    }
    const expires = new Date(issued + lifetime);
    const { ticket, id } = seal(await store.keys(), bond, issued);
    if (approval !== "human") return { ticket, id, expires };
    const { operation, account, principal, object } = bond;
    const shown = { id, summary, operation, account, principal, object, expires: expires.toISOString() };
    const isNew = await store.pending.add(id, { ...shown, ticket_sha256: digestOf(ticket) });
    return isNew ? { ticket, id, expires } : issue(bond, summary);
  }

  return {
    issue,
    check,

    async spend(ticket, bond) {
      const grant = await check(ticket, bond);
      if (await store.spent.add(grant.id, { how: "used", when: new Date(now()).toISOString() })) return grant;
      throw new TicketError((await store.spent.get(grant.id))?.how ?? "used");
    },

    async void(ticket) {
      const opened = unseal(await store.keys(), ticket);
      if (opened === undefined) throw new TicketError("invalid");
      await store.spent.add(opened.id, { how: "rejected", when: new Date(now()).toISOString() });
      await store.pending.drop(opened.id);
    },
  };
}

const digestOf = (ticket: string): string => createHash("sha256").update(ticket).digest("hex");
