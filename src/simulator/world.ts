import applications from "../access/applications/index.ts";
import applicationPolicies from "../access/applications/policies.ts";
import policies from "../access/policies.ts";
import type { Change, Members } from "../core/change.ts";
import type { World } from "../inventory/world.ts";
import { type Account, accountOf } from "./account.ts";
import { addressFields } from "./effect/destinations.ts";
import { textOf } from "./fields.ts";

/** The same account with a change made; the change itself is not sent anywhere. */
export function changedWorld(world: World, change: Change): World {
  const { entry, input } = change;
  const holder = entry.room === applicationPolicies ? applications : entry.room;
  const inApplication = (application: Members): Members => {
    if (application["id"] !== input["app_id"]) return application;
    return { ...application, policies: inOrder(withChange(policiesIn(application), change)) };
  };
  return {
    ...world,
    async read(room) {
      const dataset = await world.read(room);
      if (room !== holder) return dataset;
      const { items } = dataset;
      const isHeld = room === entry.room;
      return { ...dataset, items: isHeld ? withChange(items, inFull(change, items)) : items.map(inApplication) };
    },
  };
}

const policiesIn = (application: Members | undefined): readonly Members[] =>
  (application?.["policies"] as readonly Members[] | undefined) ?? [];

/**
 * The change with an application as it comes out of what is sent: its policies, which stay when they are not sent, and
 * its addresses, of which one field takes the place of all.
 */
function inFull(change: Change, applicationsNow: readonly Members[]): Change {
  const { entry, id, input, before, after } = change;
  const { policies: sent } = input;
  if (entry.room !== applications || after === undefined) return change;
  const isMoved = addressFields.some((field) => Object.hasOwn(after, field));
  const gone = isMoved ? Object.fromEntries(addressFields.map((field) => [field, undefined])) : {};
  const there = policiesIn(before ?? applicationsNow.find((application) => application["id"] === id));
  const policies = Array.isArray(sent) ? { policies: attached(sent, there) } : {};
  return { ...change, after: { ...gone, ...after, ...policies } };
}

/** What a created object is called before it has an id. */
export const newId = "(new)";

/** The objects of a room with one of them changed, added or taken away. */
export function withChange(items: readonly Members[], { entry, id, before, after }: Change): readonly Members[] {
  const key = entry.room.key ?? "id";
  const isIt = (item: Members) =>
    item === before || (id !== undefined ? item[key] === id : entry.room.verbs["list"] === undefined);
  if (after === undefined) return entry.effect === "delete" ? items.filter((item) => !isIt(item)) : items;
  if (before === undefined && !items.some(isIt)) return [...items, { [key]: newId, ...after }];
  return items.map((item) => (isIt(item) ? { ...item, ...after } : item));
}

/** The policies of an application as they are sent: a link stands for what is there, a whole policy replaces it. */
function attached(sent: readonly (Members | string)[], there: readonly Members[]): readonly Members[] {
  const found = sent.map((given): Members => {
    const link: Members = typeof given === "string" ? { id: given } : given;
    if (link["decision"] !== undefined) return { ...link, reusable: false };
    return { ...there.find(({ id }) => id === link["id"]), precedence: undefined, ...link };
  });
  return inOrder(found);
}

/** Policies by their precedence; one without follows the one before it in the list. */
function inOrder(policies: readonly Members[]): readonly Members[] {
  let last = 0;
  const numbered = policies.map((policy) => {
    last = Number(policy["precedence"] ?? last + 1);
    return { ...policy, precedence: last };
  });
  return numbered.toSorted((one, other) => one.precedence - other.precedence);
}

/** The policies of an application in the order of their precedence, reusable ones as the account has them. */
export async function policiesOf(world: World, application: Members): Promise<readonly Members[]> {
  return policiesAt(application, await accountOf(world, [policies]));
}

/** `policiesOf` where everything has been read. */
export function policiesAt(application: Members, account: Account): readonly Members[] {
  const given = (application["policies"] as readonly (Members | string)[] | undefined) ?? [];
  const isKnown = account.all(policies) !== undefined;
  const links = inOrder(given.map((link) => (typeof link === "string" ? { id: link } : link)));
  return links.flatMap((link): readonly Members[] => {
    const shared = link["reusable"] === false ? undefined : account.find(policies, textOf(link["id"]));
    // A copy of a reusable policy that is no more.
    if (shared === undefined && link["reusable"] === true && isKnown) return [];
    return [{ ...link, ...shared, precedence: link["precedence"] }];
  });
}
