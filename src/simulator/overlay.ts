import applications from "../access/applications/index.ts";
import applicationPolicies from "../access/applications/policies.ts";
import { access } from "../access/index.ts";
import type { Ask, Change, Members } from "../core/change.ts";
import { AccessError } from "../core/errors.ts";
import { type Entry, pathFields } from "../core/room.ts";
import { changedWorld, withChange } from "./world.ts";

const known = new Map(access.map((entry) => [entry.name, entry]));

/** Reads that answer as if changes were made, the earliest first. What they do not touch is the very object that was read. */
export const seenAfter = (ask: Ask, changes: readonly Change[]): Ask => changes.reduce(afterOne, ask);

function afterOne(ask: Ask, change: Change): Ask {
  return async (operation, input) => {
    const entry = known.get(operation.name);
    const isHolder = entry?.room === applications && change.entry.room === applicationPolicies;
    if (entry === undefined || (entry.room !== change.entry.room && !isHolder)) return ask(operation, input);
    if (entry.verb === "list" && isSamePlace(entry, input, change.input)) {
      return listAfter(entry, (await ask(operation, input)) as readonly Members[], change);
    }
    return entry.verb === "get"
      ? objectAfter(entry, input, change, () => ask(operation, input))
      : ask(operation, input);
  };
}

/** Whether a path leads to where the change is made: policies of one application are none of another's. */
const isSamePlace = (list: Entry, input: Members, other: Members): boolean =>
  pathFields(list).every((name) => input[name] === other[name]);

async function listAfter({ room }: Entry, items: readonly Members[], change: Change): Promise<readonly Members[]> {
  if (room !== applications) return withChange(items, change);
  const world = { read: async () => ({ state: "ok", items }) as const };
  return (await changedWorld(world, change).read(room)).items;
}

async function objectAfter(
  entry: Entry,
  input: Members,
  change: Change,
  read: () => Promise<unknown>,
): Promise<unknown> {
  const { id, before, after } = change;
  const own = pathFields(entry).at(-1);
  if (own === undefined) return after === undefined ? read() : { ...((await read()) as Members), ...after };
  const isHeld = entry.room === change.entry.room;
  const wanted = input[own];
  const isAt = (object: Members | undefined) => object !== undefined && object[entry.room.key ?? "id"] === wanted;
  const isIt = isHeld && (wanted === id || isAt(before) || isAt(after));
  if (isHeld && !isIt) return read();
  const isMade = isIt && before === undefined && change.entry.effect === "create";
  const isMoved = isIt && !isMade && isAt(after) && !isAt(before) && wanted !== id;
  const there = isMade ? [] : isMoved ? [before as Members] : [(await read()) as Members];
  const [now] = await listAfter(entry, there, change);
  if (now !== undefined && (!isIt || after === undefined || wanted === id || isAt(now))) return now;
  throw new AccessError(`${entry.name}: this ${entry.room.noun} is deleted by an earlier step`, {
    kind: "not_found",
    next: "Leave the step out, or put it before the one that deletes it.",
    outcome: "not_sent",
  });
}
