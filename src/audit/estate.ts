import type { Members } from "../core/change.ts";
import type { Room } from "../core/room.ts";
import { type DatasetName, datasets, type Inventory } from "../inventory/datasets.ts";
import type { Account } from "../simulator/account.ts";
import { textOf } from "../simulator/fields.ts";
import type { Subject } from "./check.ts";

/** An account as checks look at it: read before they start, and the clock with it. */
export interface Estate {
  /** What time it is, in milliseconds since 1970. */
  readonly now: number;
  /** What the evaluator and the reference graph work on. */
  readonly account: Account;
  /** The objects of a dataset that a check `reads`; what was read of it, when only a part was. */
  items(name: DatasetName): readonly Members[];
  /** The same for one that it may do without; nothing when it is not known whole. */
  known(name: DatasetName): readonly Members[] | undefined;
  /** An object by its key; nothing also where the dataset is not known. */
  find(name: DatasetName, id: unknown): Members | undefined;
  /** Makes something once for all checks: an index, a closure. The maker is its own mark, so it stands at the top of a file. */
  once<T>(make: (estate: Estate) => T): T;
}

/** Puts what was read in front of the checks. */
export function estateOf(inventory: Inventory, now: number): Estate {
  const indexes = new Map<DatasetName, ReadonlyMap<unknown, Members>>();
  const made = new Map<unknown, unknown>();
  const known = (name: DatasetName) => (inventory[name]?.state === "ok" ? inventory[name].items : undefined);
  const indexed = (name: DatasetName): ReadonlyMap<unknown, Members> => {
    const key = datasets[name].key ?? "id";
    const index = new Map((inventory[name]?.items ?? []).map((item) => [item[key], item]));
    indexes.set(name, index);
    return index;
  };
  const find = (name: DatasetName, id: unknown) => (indexes.get(name) ?? indexed(name)).get(id);
  const nameOf = new Map<Room, DatasetName>(
    Object.entries(datasets).map(([name, room]) => [room, name as DatasetName] as const),
  );
  const named = (room: Room): DatasetName => {
    const name = nameOf.get(room);
    if (name === undefined) throw new Error(`no inventory holds a ${room.noun}`);
    return name;
  };
  const estate: Estate = {
    now,
    account: {
      now,
      all: (room) => known(named(room)),
      find: (room, id) => (known(named(room)) === undefined ? undefined : find(named(room), id)),
    },
    items: (name) => inventory[name]?.items ?? [],
    known,
    find,
    once<T>(make: (estate: Estate) => T): T {
      const known = made.get(make);
      if (known !== undefined || made.has(make)) return known as T;
      const one = make(estate);
      made.set(make, one);
      return one;
    },
  };
  return estate;
}

/** An object as findings name it. */
export function subject(name: DatasetName, item: Members): Subject {
  const { noun, key } = datasets[name];
  const label = textOf(item["name"]) || textOf(item["hostname"]) || textOf(item["email"]);
  return { noun, id: textOf(item[key ?? "id"]), ...(label !== "" && { name: label }) };
}
