import type { Ask, Members } from "../core/change.ts";
import { AccessError } from "../core/errors.ts";
import type { Room } from "../core/room.ts";

/** How much of a dataset is known: all of it, a part, or nothing, and then for which reason. */
export type DatasetState = "ok" | "partial" | "forbidden" | "not_enabled" | "failed";

/** All objects of a room, or why they are not known. */
export interface Dataset {
  readonly state: DatasetState;
  readonly items: readonly Members[];
  /** Why it is not `ok`, one sentence that ends without a full stop. */
  readonly why?: string;
  /** What was looked at of a dataset that is read object by object: `read` of `of` owners. */
  readonly sample?: { readonly read: number; readonly of: number };
  /** It is a part because only so much was meant to be read: a sample, or the newest rows of a log. */
  readonly bounded?: true;
}

/** An account as it is looked at: each room is read at most once, when somebody asks for it. */
export interface World {
  /** When it was like that, in milliseconds since 1970; now when absent. */
  readonly now?: number;
  read(room: Room): Promise<Dataset>;
}

/** The account as it is now, read through `ask`. What cannot be read is a state, never an error. */
export function readWorld(ask: Ask): World {
  const read = new Map<Room, Promise<Dataset>>();
  return {
    read(room) {
      const known = read.get(room) ?? datasetOf(ask, room);
      read.set(room, known);
      return known;
    },
  };
}

async function datasetOf(ask: Ask, room: Room): Promise<Dataset> {
  const { list, get } = room.verbs;
  const operation = list ?? get;
  if (operation === undefined) return { state: "failed", items: [] };
  try {
    const answer = await ask(operation, {});
    const items = (Array.isArray(answer) ? answer : [answer]) as Members[];
    return { state: "ok", items };
  } catch (error) {
    if (!(error instanceof AccessError)) throw error;
    if (error.facts.kind === "cancelled") throw error;
    return { state: error.facts.kind === "permission" ? "forbidden" : "failed", items: [] };
  }
}
