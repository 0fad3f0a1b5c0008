import applications from "../access/applications/index.ts";
import groups from "../access/groups.ts";
import identityProviders from "../access/identity-providers/index.ts";
import organizations from "../access/organization.ts";
import serviceTokens from "../access/service-tokens.ts";
import type { Change, Members } from "../core/change.ts";
import type { World } from "../inventory/world.ts";
import { accountOf } from "./account.ts";
import { decisiveRooms, gateOf, isSameGate } from "./evaluate.ts";
import { type Fault, faultOf } from "./fault.ts";
import { isEqual, listOf, membersOf, textOf } from "./fields.ts";
import { type Door, doorsIn, type Guarded, type GuardSettings, guardedIn } from "./guardians.ts";
import { matches } from "./rules.ts";
import { type Identity, isValidToken, ruleKey } from "./selectors.ts";
import { abilityOf, keepsStanding } from "./standing.ts";
import { changedWorld } from "./world.ts";

/** A change would keep somebody guarded out of something guarded. */
export interface LockOut extends Fault {
  /** Name of the application; absent when the object that stands for the identity itself is at stake. */
  readonly application?: string;
  /** As the operator calls them; `anybody` when nobody at all would get in. */
  readonly identity: string;
}

/** What a change would do, to whom and to what. */
interface Scene {
  readonly change: Change;
  readonly before: World;
  readonly after: World;
  readonly guarded: readonly Guarded[];
  readonly doors: readonly Door[];
  readonly doorsAfter: readonly Door[];
}

/** Whom a change would lock out of what; nobody, for a change that cannot matter, without reading anything. */
export async function lockOut(change: Change, world: World, settings: GuardSettings): Promise<readonly LockOut[]> {
  if (!canMatter(change)) return [];
  if (await isBlind(change, world, settings)) return [blindness];
  const [before, after] = [remembered(world), remembered(changedWorld(world, change))];
  const [guarded, doors, doorsAfter] = await Promise.all([
    guardedIn(before, settings.identities),
    doorsIn(before, settings),
    doorsIn(after, settings),
  ]);
  const scene = { change, before, after, guarded, doors, doorsAfter };
  const bearers = new Map(guarded.map((one) => [`${one.name} ${one.object?.id}`, one]));
  const found = await Promise.all([
    ...[...bearers.values()].map((one) => lostBearer(one, scene)),
    ...doors.map((door) => closedDoor(door, scene)),
    ...doors.map((door) => takenOver(door, scene)),
  ]);
  return found.flat();
}

/** Nothing refers yet to what is being made, but an application may stand in front of another. */
function canMatter({ entry, after }: Change): boolean {
  if (!decisiveRooms.has(entry.room)) return false;
  if (entry.effect === "create") return entry.room === applications || entry.room.within === applications;
  return entry.effect === "delete" || entry.effect === "update" || after !== undefined;
}

const blindness: LockOut = {
  identity: "anybody",
  why: "what decides who gets in could not be read, so that nobody can tell what the change does",
  next: "Give the API token permission to read it, or try again.",
};

/** Whether what an operator wants guarded cannot be seen; without a wish a token of few permissions still works. */
async function isBlind({ entry, after }: Change, world: World, settings: GuardSettings): Promise<boolean> {
  const { identities, applications: named, ownHostname } = settings;
  if (identities.length + named.length === 0 && ownHostname === undefined) return false;
  if (entry.effect === "update" && after === undefined) return true;
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
async function lostBearer({ name, object }: Guarded, { before, after }: Scene): Promise<readonly LockOut[]> {
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
  if (room === serviceTokens && isValidToken(id, now) === true && isValidToken(id, then) !== true) {
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
async function closedDoor({ application, name, own }: Door, scene: Scene): Promise<readonly LockOut[]> {
  const label = labelOf(application);
  const lost = (why: string, next: string): readonly LockOut[] => [
    { application: label, identity: "anybody", why, next },
  ];
  const { items } = await scene.after.read(applications);
  const left = items.find(({ id }) => id === application["id"]);
  if (left === undefined) return lost("it would be deleted", "Have the operator take it off the guard first.");
  if (left["type"] !== application["type"]) {
    return lost("it would become an application of another type", "Make another application for that instead.");
  }
  if (own && !scene.doorsAfter.some((door) => door.own)) {
    return lost("it would no longer stand in front of this server", "Keep the hostname of this server in it.");
  }
  if (name !== undefined && scene.doorsAfter.find((door) => door.application === left)?.name === undefined) {
    return lost(
      `it would no longer be found as "${name}", by which it is guarded`,
      `Keep that, or have the operator guard it by its id (${textOf(application["id"])}).`,
    );
  }
  return shutOut(application, left, scene);
}

/** An application that comes to stand at the hostname of this server has to let in whom the old one did. */
async function takenOver({ application, own }: Door, scene: Scene): Promise<readonly LockOut[]> {
  if (!own) return [];
  const there = new Set(scene.doors.filter((door) => door.own).map((door) => door.application["id"]));
  const intruders = scene.doorsAfter.filter((door) => door.own && !there.has(door.application["id"]));
  return (await Promise.all(intruders.map((door) => shutOut(application, door.application, scene)))).flat();
}

/** Who got into `then` before and does not get into `now` after. */
async function shutOut(then: Members, now: Members, scene: Scene): Promise<readonly LockOut[]> {
  const { change, before, after, guarded } = scene;
  const application = labelOf(now);
  const [old, sure] = await Promise.all([gateOf(then, before), gateOf(now, withoutDoubtful(after, change))]);
  if (isSameGate(old, sure)) return [];
  const fresh = await gateOf(now, after);
  const anybody = anybodyAfter(change);
  if (abilityOf({}, old).verdict !== false && abilityOf(anybody, fresh).verdict === false) {
    return [{ application, identity: "anybody", ...faultOf(anybody, old, fresh) }];
  }
  return guarded
    .filter(({ identity }) => !keepsStanding(identity, old, sure))
    .map(({ name, identity }) => ({ application, identity: name, ...faultOf(identity, old, sure) }));
}

/** Nobody documents what a rule means whose group is gone; somebody of whom nothing is known is not in it. */
function anybodyAfter({ entry, id = "", after }: Change): Identity {
  return entry.room === groups && after === undefined ? { facts: new Map([[ruleKey("group", { id }), false]]) } : {};
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
