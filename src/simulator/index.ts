import type { Ask, Change } from "../core/change.ts";
import { type LockOut, lockOut } from "./guard.ts";
import type { GuardSettings } from "./guardians.ts";
import { type References, referencesTo } from "./references.ts";
import { readWorld } from "./world.ts";

export type { LockOut } from "./guard.ts";
export type { GuardSettings } from "./guardians.ts";
export type { References } from "./references.ts";

/** What can be told of a change before it is made. */
export interface Simulator {
  /** What refers to the object that is changed. */
  references(change: Change): Promise<References>;
  /** Whom of those guarded it would keep out; nobody where the guard is off. */
  lockOuts(change: Change): Promise<readonly LockOut[]>;
}

/** A simulator for one call: what it reads through `ask` it reads once. */
export function simulator(ask: Ask, guard: GuardSettings | "off"): Simulator {
  const world = readWorld(ask);
  return {
    references: (change) => referencesTo(change, world),
    lockOuts: async (change) => (guard === "off" ? [] : lockOut(change, world, guard)),
  };
}
