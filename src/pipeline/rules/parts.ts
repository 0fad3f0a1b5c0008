import type { Change, Members } from "../../core/change.ts";
import { isMembers, listOf, membersOf, textsOf } from "./members.ts";
import { admitting } from "./shapes.ts";

/** Reads an object that a change only names, by the noun of its kind; `undefined` when it cannot be read. */
export type Find = (noun: string, id: string) => Promise<Members | undefined>;

/** Something that is as a change leaves it: the object, a policy in it, or what it newly refers to. */
export interface Part {
  /** Empty for the object itself. */
  readonly name: string;
  /** As it was in this place. */
  readonly before?: Members | undefined;
  /** Absent when it cannot be read. */
  readonly after: Members | undefined;
}

/**
 * All that could bring something forbidden with it: the object, the policies inside it, reusable policies it is newly
 * attached to, and groups that are newly let in, at any depth.
 */
export async function partsOf({ entry, input, before, after }: Change, find: Find): Promise<readonly Part[]> {
  const object = after ?? (entry.effect === "create" || entry.effect === "update" ? input : undefined);
  if (object === undefined) return [];
  const parts: Part[] = [{ name: "", before, after: object }];
  const known = new Map(listOf(before?.["policies"]).map((policy) => [membersOf(policy)["id"], membersOf(policy)]));
  for (const [place, given] of listOf(object["policies"]).entries()) {
    const policy = isMembers(given) ? given : { id: given };
    const { id } = policy;
    const there = known.get(id);
    const isWhole = Object.hasOwn(policy, "decision");
    if (isWhole) parts.push({ name: `policies[${place}]`, before: there, after: policy });
    if (there !== undefined || typeof id !== "string") continue;
    // An id may decide what is attached, whatever else is said about it.
    const linked = await find("reusable policy", id);
    if (linked !== undefined || !isWhole) parts.push({ name: `policy ${id}`, after: linked });
  }
  const seen = new Set<string>();
  for (const part of parts) {
    for (const id of newGroups(part).filter((group) => !seen.has(group))) {
      seen.add(id);
      parts.push({ name: `group ${id}`, after: await find("group", id) });
    }
  }
  return parts;
}

function newGroups({ before, after }: Part): readonly string[] {
  const had = groupsOf(before);
  return groupsOf(after).filter((id) => !had.includes(id));
}

const groupsOf = (object: Members = {}): readonly string[] =>
  textsOf(admitting(object).map(({ group }) => membersOf(group)["id"]));
