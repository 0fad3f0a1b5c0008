import applications from "../access/applications/index.ts";
import groups from "../access/groups.ts";
import type { AccessEffect, Ask, Change, Members, Reference } from "../core/change.ts";
import { accountOf } from "./account.ts";
import { effectOf } from "./effect/index.ts";
import { decisiveRooms } from "./evaluate.ts";
import { type LockOut, lockOut } from "./guard.ts";
import { type GuardSettings, meaningNobody } from "./guardians.ts";
import { type References, referencesTo } from "./references.ts";
import { groupsUnder } from "./rules.ts";
import { changedWorld, policiesOf, readWorld, type World } from "./world.ts";

export type { LockOut } from "./guard.ts";
export type { GuardSettings } from "./guardians.ts";
export type { References } from "./references.ts";

/** What can be told of a change before it is made. */
export interface Simulator {
  /** What refers to the object that is changed, and what the change does to who gets in. */
  assess(change: Change): Promise<References & { readonly effect: AccessEffect; readonly basis: string }>;
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
      const effect = effectOf(whole, found.references, found.unread.length === 0);
      return { ...found, effect, basis: await basisOf(whole, found.references, world) };
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

/** What an effect was told from besides the object: the policies in it, the groups that rules name, and who refers to it. */
async function basisOf({ before, after }: Change, references: readonly Reference[], world: World): Promise<string> {
  const objects = [before, after].flatMap((object) => (object === undefined ? [] : [object, ...policiesIn(object)]));
  const named = JSON.stringify(objects).includes('"group":')
    ? groupsUnder(objects, await accountOf(world, [groups]))
    : new Set<Members>();
  const deciding = ({ id, decision, precedence, include, require, exclude }: Members) =>
    [id, decision, precedence, include, require, exclude] as const;
  return JSON.stringify([
    objects.slice(after === undefined ? 1 : 0).map(deciding),
    [...named].map(deciding),
    references.map(({ noun, id, field, side }) => [noun, id, field, side]),
  ]);
}

const policiesIn = ({ policies }: Members): readonly Members[] =>
  Array.isArray(policies) ? policies.filter((policy) => typeof policy === "object") : [];
