import type { Members } from "../core/change.ts";
import type { Room } from "../core/room.ts";
import type { World } from "../inventory/world.ts";

/** What was read of an account, to be looked at without waiting. */
export interface Account {
  /** When it was like that, in milliseconds since 1970; now when absent. */
  readonly now?: number | undefined;
  /** All objects of a room; nothing when they are not known. */
  all(room: Room): readonly Members[] | undefined;
  find(room: Room, id: string): Members | undefined;
}

/** Reads some rooms of a world, all at once. */
export async function accountOf(world: World, rooms: Iterable<Room>): Promise<Account> {
  const read = [...new Set(rooms)].map(async (room) => [room, await world.read(room)] as const);
  const known = (await Promise.all(read)).filter(([, { state }]) => state === "ok");
  const items = new Map(known.map(([room, dataset]) => [room, dataset.items]));
  return {
    now: world.now,
    all: (room) => items.get(room),
    find: (room, id) => indexOf(items.get(room) ?? [], room.key ?? "id").get(id),
  };
}

const indexes = new WeakMap<readonly Members[], ReadonlyMap<unknown, Members>>();

/** Objects by their key; made once for a list that is looked at through many accounts. */
function indexOf(items: readonly Members[], key: string): ReadonlyMap<unknown, Members> {
  const known = indexes.get(items) ?? new Map(items.map((item) => [item[key], item]));
  indexes.set(items, known);
  return known;
}
