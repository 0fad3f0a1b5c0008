import applications from "../access/applications/index.ts";
import groups from "../access/groups.ts";
import identityProviders from "../access/identity-providers/index.ts";
import organizations from "../access/organization.ts";
import serviceTokens from "../access/service-tokens.ts";
import type { Change, Members } from "../core/change.ts";
import { accountOf } from "./account.ts";
import { answering } from "./addresses.ts";
import { decisiveRooms, gateOf } from "./evaluate.ts";
import { type Fault, faultOf } from "./fault.ts";
import { listOf, membersOf, textOf } from "./fields.ts";
import { type Door, doorsIn, type Guarded, type GuardSettings, guardedIn } from "./guardians.ts";
import { matches } from "./rules.ts";
import { isValidToken } from "./selectors.ts";
import { abilityOf, keepsStanding } from "./standing.ts";
import { changedWorld, type World } from "./world.ts";

/** A change would keep somebody guarded out of something guarded. */
export interface LockOut extends Fault {
  /** Name of the application; absent when the object that stands for the identity itself is at stake. */
  readonly application?: string;
  /** As the operator calls them; `anybody` when nobody at all would get in. */
  readonly identity: string;
}

/** Whom a change would lock out of what; nobody, for a change that cannot matter, without reading anything. */
export async function lockOut(change: Change, world: World, settings: GuardSettings): Promise<readonly LockOut[]> {
  if (!canMatter(change)) return [];
  if (await isBlind(change, world, settings)) return [blindness];
  const before = remembered(world);
  const after = remembered(changedWorld(world, change));
  const [guarded, doors] = await Promise.all([guardedIn(before, settings.identities), doorsIn(before, settings)]);
  const found = [
    ...(await Promise.all(guarded.map((one) => lostBearer(one, before, after)))),
    ...(await Promise.all(doors.map((door) => closedDoor(door, guarded, change, before, after, settings)))),
    ...(await Promise.all(doors.map((door) => takenOver(door, guarded, change, before, after, settings)))),
  ];
  return found.flat();
}

/** Nothing refers yet to what is being made, but an application may stand in front of another. */
function canMatter({ entry, after }: Change): boolean {
  if (!decisiveRooms.has(entry.room)) return false;
  if (entry.effect === "create") return entry.room === applications || entry.room.within === applications;
  return entry.effect === "delete" || after !== undefined;
}

const blindness: LockOut = {
  identity: "anybody",
  why: "what decides who gets in could not be read, so that nobody can tell what the change does",
  next: "Give the API token permission to read it, or try again.",
};

/** Whether what an operator wants guarded cannot be seen; without a wish a token of few permissions still works. */
async function isBlind({ entry }: Change, world: World, settings: GuardSettings): Promise<boolean> {
  const { identities, applications: named, ownHostname } = settings;
  if (identities.length + named.length === 0 && ownHostname === undefined) return false;
  const changed = entry.room.within ?? entry.room;
  const read = await Promise.all([world.read(applications), world.read(changed)]);
  return read.some(({ state }) => state !== "ok");
}

/** A world whose rooms are made once, however often they are looked at. */
function remembered(world: World): World {
  const read = new Map<unknown, ReturnType<World["read"]>>();
  return {
    read(room) {
      const known = read.get(room) ?? world.read(room);
      read.set(room, known);
      return known;
    },
  };
}

const bearing = [groups, serviceTokens];

/** The object that stands for an identity: it may not go, become useless, or lose the name it is guarded by. */
async function lostBearer(
  { name, object, identity }: Guarded,
  before: World,
  after: World,
): Promise<readonly LockOut[]> {
  if (object === undefined) return [];
  const { room, id } = object;
  const [now, then] = await Promise.all([accountOf(before, bearing), accountOf(after, bearing)]);
  const left = then.find(room, id);
  const lost = (why: string, next: string): readonly LockOut[] => [{ identity: name, why, next }];
  if (left === undefined)
    return lost(`${room.noun} "${name}" would be gone`, "Guard another one first, and let it in.");
  if (room === groups) {
    const question = { identity: {}, application: {}, decision: "allow", logins: undefined };
    const group = membersOf(now.find(room, id));
    const stays = listOf(group["include"]).some((rule) =>
      listOf(left["include"]).some((other) => isEqual(rule, other)),
    );
    const wasFull = matches(group, { ...question, account: now }).verdict !== false;
    const isEmpty = matches(left, { ...question, account: then }).verdict === false || !stays;
    if (wasFull && isEmpty) return lost(`group "${name}" would lose all its members`, "Keep one of its include rules.");
  }
  if (identity.service_token !== undefined && isValidToken(id, now) === true && isValidToken(id, then) !== true) {
    return lost(`service token "${name}" would no longer work`, "Guard another service token first, and let it in.");
  }
  const meant = await guardedIn(after, [name]);
  if (meant.some((one) => one.object?.id === id)) return [];
  return lost(
    `${room.noun} "${name}" would no longer be found by the name it is guarded by`,
    `Keep the name, or have the operator guard it by its id (${id}).`,
  );
}

/** What becomes of a guarded application. */
async function closedDoor(
  { application, name, own }: Door,
  guarded: readonly Guarded[],
  change: Change,
  before: World,
  after: World,
  settings: GuardSettings,
): Promise<readonly LockOut[]> {
  const label = labelOf(application);
  const lost = (why: string, next: string): readonly LockOut[] => [
    { application: label, identity: "anybody", why, next },
  ];
  const { items } = await after.read(applications);
  const left = items.find(({ id }) => id === application["id"]);
  if (left === undefined) return lost("it would be deleted", "Have the operator take it off the guard first.");
  if (left["type"] !== application["type"]) {
    return lost("it would become an application of another type", "Make another application for that instead.");
  }
  if (own && answering(items, settings.ownHostname ?? "").length === 0) {
    return lost("it would no longer stand in front of this server", "Keep the hostname of this server in it.");
  }
  if (name !== undefined && !(await doorsIn(after, settings)).some((door) => door.application === left && door.name)) {
    return lost(
      `it would no longer be found as "${name}", by which it is guarded`,
      `Keep that, or have the operator guard it by its id (${textOf(application["id"])}).`,
    );
  }
  return shutOut(application, left, guarded, change, before, after);
}

/** An application that comes to stand at the hostname of this server has to let in whom the old one did. */
async function takenOver(
  { application, own }: Door,
  guarded: readonly Guarded[],
  change: Change,
  before: World,
  after: World,
  settings: GuardSettings,
): Promise<readonly LockOut[]> {
  if (!own || change.entry.room !== applications) return [];
  const { items } = await before.read(applications);
  const there = new Set(answering(items, settings.ownHostname ?? "").map(({ id }) => id));
  const now = answering((await after.read(applications)).items, settings.ownHostname ?? "");
  const found = now
    .filter(({ id }) => !there.has(id))
    .map((intruder) => shutOut(application, intruder, guarded, change, before, after));
  return (await Promise.all(found)).flat();
}

/** Who got into `then` before and does not get into `now` after. */
async function shutOut(
  then: Members,
  now: Members,
  guarded: readonly Guarded[],
  change: Change,
  before: World,
  after: World,
): Promise<readonly LockOut[]> {
  const application = labelOf(now);
  const [old, fresh, sure] = await Promise.all([
    gateOf(then, before),
    gateOf(now, after),
    gateOf(now, withoutDoubtful(after, change)),
  ]);
  if (abilityOf({}, old).verdict !== false && abilityOf({}, fresh).verdict === false) {
    return [{ application, identity: "anybody", ...faultOf({}, old, fresh) }];
  }
  return guarded
    .filter(({ identity }) => !keepsStanding(identity, old, sure))
    .map(({ name, identity }) => ({ application, identity: name, ...faultOf(identity, old, sure) }));
}

const labelOf = (application: Members): string => textOf(application["name"]) || textOf(application["id"]);

/** A world without the identity providers that may stop working: whether a new configuration works is known afterwards. */
function withoutDoubtful(world: World, change: Change): World {
  const isDoubtful = doubtOf(change);
  return {
    async read(room) {
      const dataset = await world.read(room);
      if (room !== identityProviders) return dataset;
      return { ...dataset, items: dataset.items.filter((provider) => !isDoubtful(provider)) };
    },
  };
}

function doubtOf({ entry, id, before, after }: Change): (provider: Members) => boolean {
  if (after === undefined) return () => false;
  if (entry.room === identityProviders && before !== undefined) {
    const isOther = before["type"] !== after["type"] || isReconfigured(before, after, entry.secrets ?? []);
    return (provider) => isOther && provider["id"] === id;
  }
  // Providers send people back to the login domain that they know; a PIN by mail needs none.
  const isMoved = entry.room === organizations && before?.["auth_domain"] !== after["auth_domain"];
  return ({ type }) => isMoved && type !== "onetimepin";
}

/** A secret that is not sent along counts as kept: it is never shown. */
function isReconfigured(before: Members, after: Members, secrets: readonly string[]): boolean {
  const [old, fresh] = [membersOf(before["config"]), membersOf(after["config"])];
  const changed = new Set([...Object.keys(old), ...Object.keys(fresh)]);
  return [...changed].some((key) => {
    if (fresh[key] === undefined && secrets.includes(`config.${key}`)) return false;
    return !isEqual(old[key], fresh[key]);
  });
}

/** Whether two values of an answer are the same, whatever the order of their members. */
function isEqual(one: unknown, other: unknown): boolean {
  const canonical = (_: string, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value;
  return JSON.stringify(one, canonical) === JSON.stringify(other, canonical);
}
