import type { Change, Members, Reference } from "../../core/change.ts";
import { pathFields } from "../../core/room.ts";
import { canonical } from "../rehearse/difference.ts";
import { isMembers, listOf, membersOf, textsOf } from "./members.ts";
import type { Find } from "./parts.ts";

/** Something that a change is made to, or reaches. */
export interface Touched {
  readonly noun: string;
  readonly id?: string | undefined;
  /** As it was and as it will be; none when it cannot be told which object it is. */
  readonly versions: readonly Members[];
}

/**
 * The object itself, the policies in it that change, what holds it, and what refers to it; of the latter only the names
 * where `inFull` is not set, since reading them all may cost a hundred requests.
 */
export async function touchedBy(
  change: Change,
  references: readonly Reference[],
  find: Find,
  inFull: boolean,
): Promise<readonly Touched[]> {
  const referring = new Map(references.map((reference) => [`${reference.noun} ${reference.id}`, reference]));
  const read = async ({ noun, id, name }: Reference) => {
    const known = inFull || name === undefined ? await find(noun, id) : { name };
    return { noun, id, versions: named(known) };
  };
  return [
    itself(change),
    ...changedPolicies(change),
    ...(await holderOf(change, find)),
    ...(await Promise.all([...referring.values()].map(read))),
  ];
}

/** Whatever may be called the name of an object. */
export const namesOf = (object: Members): readonly string[] =>
  textsOf(["name", "email", "hostname", "domain", "title", "auth_domain"].map((field) => object[field]));

const named = (...objects: readonly (Members | undefined)[]): readonly Members[] =>
  objects.filter((object) => object !== undefined).filter((object) => namesOf(object).length > 0);

function itself({ entry, input, id, before, after }: Change): Touched {
  const { room, effect } = entry;
  if (before !== undefined) {
    const isKnown = named(before).length > 0;
    return { noun: room.noun, id, versions: isKnown ? named(before, after) : [] };
  }
  // What an update says of an object is what it shall be, not what it is.
  if (effect === "update") return { noun: room.noun, id, versions: [] };
  const one = named(after, input);
  const many = Object.values(input).flatMap((value) => listOf(value).map(membersOf));
  return { noun: room.noun, id, versions: one.length > 0 ? one : named(...many) };
}

/** Policies that a write to their application adds, alters or takes away. */
function changedPolicies({ entry, before, after }: Change): readonly Touched[] {
  if (entry.effect !== "delete" && after?.["policies"] === undefined) return [];
  const [old, fresh] = [listOf(before?.["policies"]), listOf(after?.["policies"])];
  const changed = [
    ...old.filter((policy) => !fresh.some((other) => isSame(policy, other))),
    ...fresh.filter((policy) => !old.some((other) => isSame(other, policy))),
  ];
  return named(...changed.filter(isMembers)).map((policy) => ({
    noun: policy["reusable"] === true ? "reusable policy" : "application policy",
    id: textsOf([policy["id"]])[0],
    versions: [policy],
  }));
}

/** Whether what is sent leaves a policy as it is: a bare link does. */
function isSame(policy: unknown, sent: unknown): boolean {
  const { id } = membersOf(policy);
  const link = isMembers(sent) ? sent : { id: sent };
  return id === link["id"] && (!Object.hasOwn(link, "decision") || canonical(policy) === canonical(link));
}

/** The object that this one is within, such as the application of a policy. */
async function holderOf({ entry, input }: Change, find: Find): Promise<readonly Touched[]> {
  const { within } = entry.room;
  if (within === undefined) return [];
  const { get } = within.verbs;
  const id = get === undefined ? undefined : input[pathFields(get).at(-1) ?? ""];
  if (typeof id !== "string") return [{ noun: within.noun, versions: named(input) }];
  return [{ noun: within.noun, id, versions: named(await find(within.noun, id)) }];
}
