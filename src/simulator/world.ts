import applications from "../access/applications/index.ts";
import applicationPolicies from "../access/applications/policies.ts";
import policies from "../access/policies.ts";
import type { Ask, Change, Members } from "../core/change.ts";
import { AccessError } from "../core/errors.ts";
import type { Room } from "../core/room.ts";

/** All objects of a room, or why they are not known. */
export interface Dataset {
  readonly state: "ok" | "forbidden" | "failed";
  readonly items: readonly Members[];
}

/** An account as the simulator sees it: each room is read at most once, when somebody looks at it. */
export interface World {
  read(room: Room): Promise<Dataset>;
}

/** The account as it is now, read through `ask`. What cannot be read is a state, never an error. */
export function readWorld(ask: Ask): World {
  const read = new Map<Room, Promise<Dataset>>();
  return {
    read(room) {
      const known = read.get(room) ?? datasetOf(ask, room);
      read.set(room, known);
      return known;
    },
  };
}

async function datasetOf(ask: Ask, room: Room): Promise<Dataset> {
  const { list, get } = room.verbs;
  const operation = list ?? get;
  if (operation === undefined) return { state: "failed", items: [] };
  try {
    const answer = await ask(operation, {});
    const items = (Array.isArray(answer) ? answer : [answer]) as Members[];
    return { state: "ok", items };
  } catch (error) {
    if (!(error instanceof AccessError)) throw error;
    if (error.facts.kind === "cancelled") throw error;
    return { state: error.facts.kind === "permission" ? "forbidden" : "failed", items: [] };
  }
}

/** The same account with a change made; the change itself is not sent anywhere. */
export function changedWorld(world: World, change: Change): World {
  const { entry, input } = change;
  const holder = entry.room === applicationPolicies ? applications : entry.room;
  return {
    async read(room) {
      const dataset = await world.read(room);
      if (room !== holder) return dataset;
      if (room === entry.room) return { ...dataset, items: withChange(dataset.items, change) };
      const items = dataset.items.map((application) =>
        application["id"] === input["app_id"]
          ? { ...application, policies: withChange((application["policies"] as Members[] | undefined) ?? [], change) }
          : application,
      );
      return { ...dataset, items };
    },
  };
}

/** What a created object is called before it has an id. */
export const newId = "(new)";

function withChange(items: readonly Members[], { entry, id, before, after }: Change): readonly Members[] {
  const key = entry.room.key ?? "id";
  const isIt = (item: Members) =>
    item === before || (id !== undefined ? item[key] === id : entry.room.verbs["list"] === undefined);
  if (after === undefined) return entry.effect === "delete" ? items.filter((item) => !isIt(item)) : items;
  if (before === undefined && !items.some(isIt)) return [...items, { [key]: newId, ...after }];
  return items.map((item) => (isIt(item) ? { ...item, ...after } : item));
}

/** The policies of an application in the order of their precedence, reusable ones as the account has them. */
export async function policiesOf(world: World, application: Members): Promise<readonly Members[]> {
  const attached = (application["policies"] as readonly (Members | string)[] | undefined) ?? [];
  const reusable = new Map((await world.read(policies)).items.map((policy) => [policy["id"], policy]));
  const found = attached.map((given, place): Members => {
    const link: Members = typeof given === "string" ? { id: given } : given;
    const shared = reusable.get(link["id"]);
    return { ...link, ...shared, precedence: link["precedence"] ?? place + 1 };
  });
  return found.toSorted((one, other) => Number(one["precedence"]) - Number(other["precedence"]));
}
