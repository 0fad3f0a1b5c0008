import { z } from "zod";
import type { Call, Outcome, Workshop } from "../core/call.ts";
import type { Members } from "../core/change.ts";
import { offsetOf } from "../core/cursor.ts";
import type { Room } from "../core/room.ts";
import { worldOf as inventoried, nameOfRoom } from "../inventory/holdings.ts";
import type { Take } from "../inventory/source.ts";
import type { Dataset, World } from "../inventory/world.ts";

/** The account that a question is about: as it is now, or as a snapshot of that name keeps it. */
export type WorldFor = (call: Call, workshop: Workshop, snapshot?: string) => Promise<World>;

/** Reads rooms when a question needs them, each once; a snapshot is read whole. */
export const worldFrom =
  (take: Take): WorldFor =>
  async (call, workshop, snapshot) => {
    if (snapshot !== undefined) {
      const { inventory, taken_at } = await take(call, workshop, { datasets: [], snapshot });
      return inventoried(inventory, Date.parse(taken_at));
    }
    const known = new Map<Room, Promise<Dataset>>();
    const reading = async (room: Room): Promise<Dataset> => {
      const name = nameOfRoom(room);
      const { inventory } = await take(call, workshop, { datasets: name === undefined ? [] : [name] });
      return inventoried(inventory).read(room);
    };
    return {
      read(room) {
        const dataset = known.get(room) ?? reading(room);
        known.set(room, dataset);
        return dataset;
      },
    };
  };

/** Name of an exported snapshot to be asked instead of the live account. */
export const snapshot = z.string().optional();

/** The account that a call asks about. */
export const worldOf = (worldFor: WorldFor, call: Call, workshop: Workshop): Promise<World> => {
  const name = call.input["snapshot"];
  return worldFor(call, workshop, typeof name === "string" ? name : undefined);
};

/** Rows that an answer shows when nobody says how many. */
const usual = 10;

/** A list with what is to be said before it. */
export function listed(call: Call, head: Members, rows: readonly Members[], notes: readonly string[] = []): Outcome {
  const offset = offsetOf(call);
  const { all, limit = usual } = call.view;
  const items = rows.slice(offset, all === true ? undefined : offset + limit);
  const ended = offset + items.length >= rows.length;
  return { result: items, list: { offset, total: rows.length, steady: true, ended, head }, notes };
}

/** `3 policies`, `1 policy`. */
export function counted(count: number, noun: string): string {
  if (count === 1) return `1 ${noun}`;
  return `${count} ${/[^aeiou]y$/.test(noun) ? `${noun.slice(0, -1)}ies` : /s$/.test(noun) ? noun : `${noun}s`}`;
}
