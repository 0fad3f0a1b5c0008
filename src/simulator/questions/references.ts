import { z } from "zod";
import gatewayListItems from "../../access/gateway-list-items.ts";
import gatewayLists from "../../access/gateway-lists.ts";
import type { Reference } from "../../core/change.ts";
import { badInput } from "../../core/errors.ts";
import { didYouMean } from "../../core/nearest.ts";
import { type Operation, ownOperation } from "../../core/operation.ts";
import type { Room } from "../../core/room.ts";
import type { World } from "../../inventory/world.ts";
import { counted, listed, snapshot, type WorldFor, worldOf } from "../answers.ts";
import { textOf } from "../fields.ts";
import { meant } from "../lookup.ts";
import { emailAddresses, type References, referable, referencesOf } from "../references.ts";
import { named } from "../wording.ts";

const nouns = referable.map(({ noun }) => noun);

/** The room of a noun; its last word does where it is the only one that ends so. */
function roomCalled(noun: string): Room {
  const wanted = noun.toLowerCase().replaceAll("_", " ");
  const called = (test: (known: string) => boolean) => referable.filter((room) => test(room.noun.toLowerCase()));
  const [exact] = called((known) => known === wanted);
  const [only, ...more] = exact ? [exact] : called((known) => known.endsWith(` ${wanted}`));
  if (only !== undefined && more.length === 0) return only;
  const asked = JSON.stringify(noun.slice(0, 40));
  const next = `Give one of: ${nouns.join(", ")}.`;
  throw badInput(`noun: nothing refers to a ${asked}${didYouMean(wanted, nouns)}`, next);
}

/** What becomes of each side when the object is gone. */
const whenGone = {
  lets_in: "lets nobody in by it any more",
  keeps_out: "OPENS: no longer keeps them out",
  other: "a setting names what is not there",
} as const;

/** What uses an object, and what would break or open without it. */
export const findReferences = (worldFor: WorldFor): Operation =>
  ownOperation({
    name: "find_references",
    title: "Find references",
    summary: "Find what uses an object, through groups too: what breaks and what OPENS when it is deleted.",
    effect: "read",
    answers: "list",
    input: z.strictObject({
      noun: z.string().describe("group, policy, e-mail address…"),
      object: z.string().min(1).describe("Id or name"),
      snapshot,
    }),
    output: z.looseObject({ noun: z.string(), id: z.string(), field: z.string(), side: z.string() }),
    async run(call, workshop) {
      const { noun, object } = call.input as { noun: string; object: string };
      const world = await worldOf(worldFor, call, workshop);
      const isPerson = object.includes("@") && /mail|user|person/i.test(noun);
      const room = isPerson ? emailAddresses : roomCalled(noun);
      const about = isPerson ? { noun: room.noun, id: object } : named(room, await meant(room, object, world));
      const { references, unread } = await (isPerson ? naming(object, world) : referencesOf(room, about.id, world));
      const on = (side: Reference["side"]) => references.filter((reference) => reference.side === side);
      const counts = { lets_in: on("lets_in").length, keeps_out: on("keeps_out").length, settings: on("other").length };
      const head = {
        verdict: verdictOf(counts, unread.length > 0),
        object: about,
        counts,
        ...(unread.length > 0 && { unread }),
      };
      const rows = sides.flatMap((side) => on(side).map((one) => ({ ...one, when_deleted: whenGone[side] })));
      const remark = "Cloudflare does not say whether it refuses to delete what is in use.";
      return listed(call, head, rows, references.length > 0 && !isPerson ? [remark] : []);
    },
  });

/** What opens comes first. */
const sides = ["keeps_out", "lets_in", "other"] as const;

/** What names an e-mail address, and what uses a list that holds it. */
async function naming(email: string, world: World): Promise<References> {
  const [direct, items, lists] = await Promise.all([
    referencesOf(emailAddresses, email, world, { email }),
    world.read(gatewayListItems),
    world.read(gatewayLists),
  ]);
  const holds = items.items.filter(({ value }) => textOf(value).toLowerCase() === email.toLowerCase());
  const listed = holds.map(async ({ list_id }): Promise<References> => {
    const id = textOf(list_id);
    const name = textOf(lists.items.find((list) => list["id"] === id)?.["name"]);
    const found = await referencesOf(gatewayLists, id, world);
    const list = { noun: gatewayLists.noun, id, ...(name && { name }), field: "items", side: "other" } as const;
    return { ...found, references: [list, ...found.references] };
  });
  const all = [direct, ...(await Promise.all(listed))];
  const hidden = items.state === "ok" ? [] : [gatewayListItems.noun];
  return {
    references: all.flatMap(({ references }) => references),
    unread: [...new Set([...all.flatMap(({ unread }) => unread), ...hidden])],
  };
}

function verdictOf(counts: { lets_in: number; keeps_out: number; settings: number }, isPart: boolean): string {
  const { lets_in, keeps_out, settings } = counts;
  const parts = [
    ...(lets_in > 0 ? [`${counted(lets_in, "use")} of it would let in fewer`] : []),
    ...(keeps_out > 0 ? [`${counted(keeps_out, "use")} would let in MORE`] : []),
    ...(settings > 0 ? [`${counted(settings, "setting")} would name what is not there`] : []),
  ];
  const whole = parts.length === 0 ? "Nothing uses it" : `Without it ${parts.join(", ")}`;
  return `${whole}${isPart ? ", as far as could be read" : ""}.`;
}
