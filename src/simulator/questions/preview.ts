import { z } from "zod";
import users from "../../access/users.ts";
import type { Call, Workshop } from "../../core/call.ts";
import type { Change, Members, Rehearsal } from "../../core/change.ts";
import { refused } from "../../core/errors.ts";
import { type Operation, ownOperation } from "../../core/operation.ts";
import { counted, listed, type WorldFor } from "../answers.ts";
import { decisiveRooms } from "../evaluate.ts";
import { type Impact, impactOf, wordsFor } from "../impact.ts";
import { changedWorld } from "../world.ts";
import { accountFor } from "./common.ts";

const change = z.strictObject({
  operation: z.string().min(1).max(64),
  arguments: z.record(z.string(), z.unknown()).optional(),
});

const input = z
  .strictObject({
    operation: z.string().min(1).max(64).optional(),
    arguments: z.record(z.string(), z.unknown()).optional(),
    changes: z.array(change).min(1).max(100).optional().describe("Several: [{operation, arguments}]"),
  })
  .refine(({ operation, changes }) => (operation === undefined) !== (changes === undefined), {
    error: "either, and not together with operation",
    path: ["changes"],
  });

/** Who would gain and who would lose by changes that are not made. */
export const previewImpact = (worldFor: WorldFor): Operation =>
  ownOperation({
    name: "preview_impact",
    title: "Preview impact",
    summary: "Who would gain and who would lose access, per application, if a change or plan were made. Makes nothing.",
    effect: "read",
    answers: "list",
    input,
    output: z.looseObject({ effect: z.string(), who: z.string(), certain: z.boolean() }),
    async run(call, workshop) {
      const [rehearsal, before] = await Promise.all([thought(call, workshop), worldFor(call, workshop)]);
      const after = changesIn(rehearsal).reduce(changedWorld, before);
      const [was, is] = await Promise.all([accountFor(before, [users]), accountFor(after, [users])]);
      const impacts = impactOf(was, is, { users: was.all(users) ?? [] });
      const rows = impacts.flatMap((impact) => [...rowsOf(impact)]);
      const unread = rooms.filter((room) => was.all(room) === undefined);
      const { assessment, objections, risks } = rehearsal;
      const head = {
        verdict: verdictOf(impacts),
        access: assessment.effect.direction,
        ...(objections.length > 0 && { would_be_refused: objections }),
        ...(risks.length > 0 && { risks: risks.slice(0, 10) }),
        ...(unread.length > 0 && { unread: unread.map(({ noun }) => noun) }),
      };
      const doubts = [...new Set(impacts.flatMap(({ unknown }) => unknown))];
      return listed(call, head, rows, [...assessment.notes, ...doubts.slice(0, 5)]);
    },
  });

const rooms = [...decisiveRooms, users].filter(({ within }) => within === undefined);

/** The changes as a plan would rehearse them: guarded, ruled, merged into what is there, nothing sent. */
async function thought(call: Call, { entries, ...workshop }: Workshop): Promise<Rehearsal> {
  const {
    operation,
    arguments: given,
    changes = [{ operation, arguments: given }],
  } = call.input as z.output<typeof input>;
  const entry = entries.get("plan_changes");
  const planned = { ...call, input: { changes }, view: {}, control: { dry_run: true } };
  const outcome = await entry?.run?.({ ...planned, entry }, { entries, ...workshop });
  if (outcome?.rehearsal !== undefined) return outcome.rehearsal;
  throw refused("changes cannot be thought through here", "Call the operation itself with dry_run: true.");
}

/** The changes in the order in which they would be made; what they create has the ids that later ones name. */
const changesIn = ({ steps = [] }: Rehearsal): readonly Change[] =>
  steps.flatMap(({ call, standIns }) => {
    const { change } = call.rehearsal ?? {};
    if (change?.entry.effect !== "create" || change.after === undefined) return change ?? [];
    return { ...change, after: { ...standIns, ...change.after } };
  });

function* rowsOf({ application, is, at, answered_by, alike = [], gains, loses, people }: Impact): Generator<Members> {
  const { id, name } = application;
  const about = {
    application: { id, name },
    ...(is && { application_is: is }),
    ...(at && { at: shown(at) }),
    ...(answered_by && { answered_by }),
    ...(alike.length > 0 && { likewise: shown(alike.map((other) => other.name ?? other.id)) }),
  };
  for (const [effect, shifts, persons] of [
    ["gains", gains, people?.gain ?? []],
    ["loses", loses, people?.lose ?? []],
  ] as const) {
    for (const { label, ...shift } of shifts) yield { ...about, effect, who: label, ...shift };
    for (const certain of [true, false]) {
      const same = persons.filter((person) => person.certain === certain);
      if (same.length === 0) continue;
      const emails = same.slice(0, most).map(({ email }) => email);
      yield { ...about, effect, who: counted(same.length, "known user"), kind: "users", emails, certain };
    }
  }
}

/** Users, addresses and applications by name that one row shows. */
const most = 10;

const shown = (names: readonly string[]): readonly string[] =>
  names.length > most ? [...names.slice(0, most), `and ${names.length - most} more`] : names;

function verdictOf(impacts: readonly Impact[]): string {
  if (impacts.length === 0) return "Nobody gains or loses access to any application, as far as policies say.";
  const total = (side: "gains" | "loses", person: "gain" | "lose") => {
    const all = impacts.flatMap((impact) => impact[side]);
    const users = new Set(impacts.flatMap(({ people }) => people?.[person] ?? []).map(({ id }) => id));
    const sure = all.filter(({ certain }) => certain).length;
    const kinds = `${counted(all.length, "kind")} of principals (${sure} for certain)`;
    return all.length + users.size === 0 ? [] : [`${kinds} and ${counted(users.size, "known user")} ${person} access`];
  };
  const parts = [...total("gains", "gain"), ...total("loses", "lose")];
  return `${openingsOf(impacts)}At ${wordsFor(impacts)} ${parts.join("; ")}.`;
}

/** Where anybody comes to get in without login, or no longer does: that goes before all else. */
function openingsOf(impacts: readonly Impact[]): string {
  const at = (side: "gains" | "loses", certain: boolean) =>
    impacts
      .filter((impact) => impact[side].some((shift) => shift.kind === "internet" && shift.certain === certain))
      .flatMap(({ application, at = [application.name ?? application.id] }) => at);
  const told = [
    ["Anyone gets in without login at", at("gains", true)],
    ["Anyone may get in without login at", at("gains", false)],
    ["No longer open to everybody:", at("loses", true)],
    ["Perhaps no longer open to everybody:", at("loses", false)],
  ] as const;
  return told
    .filter(([, names]) => names.length > 0)
    .map(([says, names]) => `${says} ${shown(names).join(", ")}. `)
    .join("");
}
