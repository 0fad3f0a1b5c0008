import { badInput, refused } from "../core/errors.ts";
import { type Pending, sweep, type TicketStore } from "./ticket-book.ts";

/** A person's side of `--approval human`. */
export interface Approvals {
  /** What waits for a decision, the oldest first. */
  pending(): Promise<readonly Pending[]>;
  /** Lets the holder of the ticket make the change once. */
  approve(id: string, who: string): Promise<Pending>;
  /** Ends the ticket for good, also when it was approved before but not yet used. */
  reject(id: string, who: string): Promise<void>;
}

const nobody = (id: string) =>
  refused(`no change waits under ${id}`, "It was decided or used, or is older than ten minutes; list what waits.");

/** Decisions over any store. */
export function approvals(store: TicketStore, now: () => number = Date.now): Approvals {
  const time = () => new Date(now()).toISOString();

  async function find(id: string): Promise<Pending | undefined> {
    const found = await store.pending.get(named(id));
    return found !== undefined && Date.parse(found.expires) > now() ? found : undefined;
  }

  return {
    async pending() {
      await sweep(store, now());
      const found = await Promise.all((await store.pending.ids()).map(find));
      return found
        .filter((one) => one !== undefined)
        .toSorted((one, other) => Date.parse(one.expires) - Date.parse(other.expires));
    },

    async approve(id, who) {
      const waiting = await find(id);
      if (waiting === undefined) throw nobody(id);
      const { ticket_sha256 } = waiting;
      if (!(await store.approved.add(id, { who, when: time(), ticket_sha256 }))) throw nobody(id);
      await store.pending.drop(id);
      return waiting;
    },

    async reject(id, who) {
      if ((await find(id)) === undefined && (await store.approved.get(id)) === undefined) throw nobody(id);
      if (!(await store.spent.add(id, { how: "rejected", when: time(), who }))) throw nobody(id);
      await store.pending.drop(id);
    },
  };
}

/** Ids become file names: nothing else passes. */
function named(id: string): string {
  if (/^[a-z2-9]{8,12}$/.test(id)) return id;
  throw badInput(
    "this is not the id of a change",
    "Ids are 8 to 12 letters and digits, as the list of changes shows them.",
  );
}
