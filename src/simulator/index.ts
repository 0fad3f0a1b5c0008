import applications from "../access/applications/index.ts";
import type { AccessEffect, Ask, Change, Members } from "../core/change.ts";
import { effectOf } from "./effect/index.ts";
import { decisiveRooms } from "./evaluate.ts";
import { type LockOut, lockOut } from "./guard.ts";
import { type GuardSettings, meaningNobody } from "./guardians.ts";
import { type References, referencesTo } from "./references.ts";
import { changedWorld, policiesOf, readWorld, type World } from "./world.ts";

export type { LockOut } from "./guard.ts";
export type { GuardSettings } from "./guardians.ts";
export type { References } from "./references.ts";

/** What can be told of a change before it is made. */
export interface Simulator {
  /** What refers to the object that is changed, and what the change does to who gets in. */
  assess(change: Change): Promise<References & { readonly effect: AccessEffect }>;
  /** Whom of those guarded it would keep out; nobody where the guard is off. */
  lockOuts(change: Change): Promise<readonly LockOut[]>;
  /** Names that shall be guarded and mean nobody; looked up where a change could matter to them. */
  meaningNobody(change: Change): Promise<readonly string[]>;
}

/** A simulator for one call: what it reads through `ask` it reads once. */
export function simulator(ask: Ask, guard: GuardSettings | "off"): Simulator {
  const world = readWorld(ask);
  return {
    async assess(change) {
      const [found, whole] = await Promise.all([referencesTo(change, world), resolved(change, world)]);
      return { ...found, effect: effectOf(whole, found.references, found.unread.length === 0) };
    },
    lockOuts: async (change) => (guard === "off" ? [] : lockOut(change, world, guard)),
    meaningNobody: async ({ entry }) =>
      guard === "off" || !decisiveRooms.has(entry.room) ? [] : meaningNobody(world, guard),
  };
}

/** The change with reusable policies in full where an application only names them: who they let in is what counts. */
async function resolved(change: Change, world: World): Promise<Change> {
  const { entry, before, after } = change;
  const named = (after?.["policies"] ?? []) as readonly (Members | string)[];
  const isWhole = named.every((policy) => typeof policy !== "string" && policy["decision"] !== undefined);
  if (entry.room !== applications || after === undefined || isWhole) return change;
  const inFull = async (account: World, application: Members) => ({
    ...application,
    policies: await policiesOf(account, application),
  });
  return {
    ...change,
    before: before && (await inFull(world, before)),
    after: await inFull(changedWorld(world, change), after),
  };
}
