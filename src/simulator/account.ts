import type { Members } from "../core/change.ts";
import type { Room } from "../core/room.ts";
import type { World } from "./world.ts";

/** What was read of an account, to be looked at without waiting. */
export interface Account {
  /** All objects of a room; nothing when they are not known. */
  all(room: Room): readonly Members[] | undefined;
  find(room: Room, id: string): Members | undefined;
}

/** Reads some rooms of a world, all at once. */
export async function accountOf(world: World, rooms: Iterable<Room>): Promise<Account> {
  const read = [...new Set(rooms)].map(async (room) => [room, await world.read(room)] as const);
  const known = (await Promise.all(read)).filter(([, { state }]) => state === "ok");
  const items = new Map(known.map(([room, dataset]) => [room, dataset.items]));
  const indexes = new Map(
    known.map(([room, dataset]) => [room, new Map(dataset.items.map((item) => [item[room.key ?? "id"], item]))]),
  );
  return {
    all: (room) => items.get(room),
    find: (room, id) => indexes.get(room)?.get(id),
  };
}
