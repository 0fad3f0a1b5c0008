import type { Members } from "../core/change.ts";
import type { Room } from "../core/room.ts";
import { type DatasetName, datasets, type Holdings, type Inventory } from "./datasets.ts";
import type { World } from "./world.ts";

/** The names of all datasets, in the order in which they are written. */
export const datasetNames = Object.keys(datasets) as readonly DatasetName[];

const namesOfRooms = new Map<Room, DatasetName>(datasetNames.map((name) => [datasets[name], name]));

/** The dataset of the objects of a room; nothing for rooms that no inventory holds. */
export const nameOfRoom = (room: Room): DatasetName | undefined => namesOfRooms.get(room);

/** An inventory that is known whole: datasets that are not given are there and empty. */
export function inventoryOf(holdings: Holdings): Inventory {
  return Object.fromEntries(datasetNames.map((name) => [name, { state: "ok", items: holdings[name] ?? [] }]));
}

/** An account as an inventory knows it; what it does not hold cannot be read. */
export function worldOf(inventory: Inventory, now?: number): World {
  return {
    ...(now !== undefined && { now }),
    async read(room) {
      const name = nameOfRoom(room);
      const known = name && inventory[name];
      return known ?? { state: "failed", items: [], why: "it is not in the inventory" };
    },
  };
}

/** What an object is called, by the first field that says so; empty when none does. */
export function labelOf(item: Members): string {
  const [label] = ["name", "hostname", "email", "displayName", "domain"]
    .map((field) => item[field])
    .filter((value) => typeof value === "string" && value !== "");
  return typeof label === "string" ? label : "";
}
