import applications from "../access/applications/index.ts";
import groups from "../access/groups.ts";
import type { AccessEffect, Ask, Change, Members, Reference } from "../core/change.ts";
import type { Room } from "../core/room.ts";
import { readWorld, type World } from "../inventory/world.ts";
import { type Account, accountOf } from "./account.ts";
import { withGroupsCalled } from "./called.ts";
import { effectOf } from "./effect/index.ts";
import { decisiveRooms } from "./evaluate.ts";
import { type LockOut, lockOut } from "./guard.ts";
import { type GuardSettings, meaningNobody } from "./guardians.ts";
import { type Impact, impactOf } from "./impact.ts";
import { type References, referencesTo } from "./references.ts";
import { groupsUnder } from "./rules.ts";
import { changedWorld, newId, policiesOf } from "./world.ts";

export type { LockOut } from "./guard.ts";
export type { GuardSettings } from "./guardians.ts";
export { type Impact, shortly } from "./impact.ts";
export type { References } from "./references.ts";

/** What can be told of a change before it is made. */
export interface Simulator {
  /** What refers to the object that is changed, and what the change does to who gets in. */
  assess(change: Change): Promise<References & { readonly effect: AccessEffect; readonly basis: string }>;
  /** Who gains and who loses by it, told from what was read for `assess` and `lockOuts` alone. */
  impact(change: Change, references: readonly Reference[]): Promise<readonly Impact[]>;
  /** Whom of those guarded it would keep out; nobody where the guard is off. */
  lockOuts(change: Change): Promise<readonly LockOut[]>;
  /** Names that shall be guarded and mean nobody; looked up where a change could matter to them. */
  meaningNobody(change: Change): Promise<readonly string[]>;
}

/** A simulator for one call: what it reads through `ask` it reads once. */
export function simulator(ask: Ask, guard: GuardSettings | "off"): Simulator {
  const known = readWorld(ask);
  const read = new Set<Room>();
  const world: World = {
    read(room) {
      read.add(room);
      return known.read(room);
    },
  };
  return {
    impact: (change, references) => impactWithin(change, references, known, read),
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

/** Applications that a rehearsal looks at; more are told by a preview. */
const most = 20;

/** The impact as far as some rooms tell, on the applications that the change is about or that refer to its object. */
async function impactWithin(
  change: Change,
  references: readonly Reference[],
  world: World,
  rooms: ReadonlySet<Room>,
): Promise<readonly Impact[]> {
  const { entry, id, input } = change;
  if (!decisiveRooms.has(entry.room) || !rooms.has(applications)) return [];
  const own = entry.room === applications ? (entry.effect === "create" ? newId : id) : input["app_id"];
  const named = references.filter(({ noun }) => noun === applications.noun).map((reference) => reference.id);
  const only = new Set([...(typeof own === "string" ? [own] : []), ...named].slice(0, most));
  if (only.size === 0) return [];
  const [before, after] = await Promise.all([accountOf(world, rooms), accountOf(changedWorld(world, change), rooms)]);
  return impactOf(showing(change, before), showing(change, after, change.after), { only });
}

/** An account that knows the changed object even where its room was not read. */
const showing = ({ entry, id, before }: Change, account: Account, after: Members = {}): Account => ({
  all: account.all,
  find(room, wanted) {
    const isIt = room === entry.room && wanted === id && before !== undefined && account.all(room) === undefined;
    return isIt ? { ...before, ...after } : account.find(room, wanted);
  },
});

/** The change with what it only names in full, where that says who is let in: reusable policies, and groups. */
async function resolved(change: Change, world: World): Promise<Change> {
  const whole = await withPolicies(change, world);
  const isNaming = JSON.stringify([whole.before, whole.after]).includes('"group":');
  return isNaming ? withGroupsCalled(whole, await accountOf(world, [groups])) : whole;
}

async function withPolicies(change: Change, world: World): Promise<Change> {
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
