import { z } from "zod";
import type { Call, Outcome, Workshop } from "../core/call.ts";
import type { Members } from "../core/change.ts";
import { badInput, refused } from "../core/errors.ts";
import { ownOperation } from "../core/operation.ts";
import { type Room, room } from "../core/room.ts";
import { type ChangeRecord, changesFrom } from "./changes.ts";
import { dueChanges, reminderOf } from "./due.ts";
import type { Journal } from "./store.ts";

const change_id = z
  .string()
  .regex(/^chg_[0-9a-z]{10,60}$/, "an id like chg_…, from list_changes")
  .describe("From list_changes");

const ChangeSummary = z.looseObject({
  id: z.string(),
  time: z.string(),
  operation: z.string(),
  noun: z.string(),
  name: z.string().optional(),
  resource_id: z.string().optional(),
  status: z.string(),
  access: z.string().optional(),
  undoable: z.string().optional(),
  undone_by: z.string().optional(),
  revert_due: z.string().optional(),
});

/** A change on one line of a list. */
export function summaryOf({ change_id, status, intent, end, undone_by }: ChangeRecord): Members {
  const line = intent ?? end;
  const { deed } = line ?? {};
  const undo = end?.undo ?? intent?.undo;
  return {
    id: change_id,
    time: line?.time,
    operation: deed?.operation,
    noun: deed?.noun,
    name: deed?.resource?.name,
    resource_id: end?.deed.resource?.id ?? deed?.resource?.id,
    status,
    access: intent?.object?.access?.direction,
    ...(status === "done" && { undoable: undo?.undoable }),
    undone_by,
    revert_due: undone_by === undefined ? intent?.revert_due : undefined,
    principal: line?.principal.name,
    reason: line?.reason,
  };
}

/** One change with all that is kept of it; what only the program needs is left out. */
export function detailsOf(record: ChangeRecord): Members {
  const { intent, end } = record;
  const undo = end?.undo ?? intent?.undo;
  return {
    ...summaryOf(record),
    client: intent?.client,
    consent: intent?.consent,
    input: intent?.deed.input,
    differences: intent?.object?.diff,
    access: intent?.object?.access,
    error: end?.result?.error,
    ray: end?.result?.ray,
    duration_ms: end?.result?.duration_ms,
    undo: undo && { possible: undo.undoable, why: undo.why, by: undo.inverse?.operation },
    plan: intent?.plan,
    undo_of: intent?.undo_of,
  };
}

/** The change with an id; a refusal that says where to find one when there is none. */
export async function changeIn(journal: Journal, id: string): Promise<ChangeRecord> {
  const [found] = changesFrom(await journal.entries({ change_id: id })).filter((record) => record.change_id === id);
  if (found !== undefined) return found;
  throw badInput(`there is no change ${id} in the journal`, "List them with list_changes.");
}

/** The call that takes a change back, or the reason why there is none. */
export async function undoing(journal: Journal, id: string, call: Call, { entries }: Workshop): Promise<Call> {
  const record = await changeIn(journal, id);
  const { intent, end, status, undone_by } = record;
  if (undone_by !== undefined)
    throw refused(`${id} was taken back already, by ${undone_by}`, "Look at it with get_change.");
  if (intent === undefined || status !== "done") {
    throw refused(`${id} cannot be undone: it is ${status}`, "Only what was done can be undone; look with get_change.");
  }
  const undo = end?.undo ?? intent.undo;
  const entry = undo?.inverse === undefined ? undefined : entries.get(undo.inverse.operation);
  if (undo?.inverse === undefined || entry === undefined) {
    throw refused(
      `${id} cannot be undone: ${undo?.why ?? "nothing is known that takes it back"}`,
      "Make the opposite change by hand.",
    );
  }
  const { account_id, zone_id } = intent.deed;
  const scope = zone_id !== undefined ? { zone_id } : account_id !== undefined ? { account_id } : call.scope;
  const { replace, input } = undo.inverse;
  return {
    ...call,
    entry,
    input,
    ...(scope && { scope }),
    control: { ...call.control, ...(replace === true && { replace }) },
    undoes: id,
    expects: end?.object?.digest_after ?? intent.object?.digest_after,
  };
}

/** What was changed through this server, and the way back. The journal is opened when somebody asks for it. */
export function changes(journal: () => Promise<Journal>): Room {
  const list = ownOperation({
    name: "list_changes",
    title: "List changes",
    summary: "List the changes made, refused or failed through this server, newest first.",
    effect: "read",
    answers: "list",
    input: z.strictObject({
      operation: z.string().optional().describe("Only of this operation"),
      resource_id: z.string().optional().describe("Only of this object"),
      since: z.iso.datetime({ offset: true }).optional().describe("Only since this time"),
    }),
    output: ChangeSummary,
    async run({ input, view }): Promise<Outcome> {
      const wanted = view.all === true ? 1000 : (view.limit ?? 50);
      const kept = await journal();
      const found = changesFrom(await kept.entries({ ...input, limit: wanted + 1 })).slice(0, wanted + 1);
      const reminder = reminderOf(await dueChanges(kept), Date.now());
      const items = found.slice(0, wanted).map(summaryOf);
      return {
        result: items,
        list: {
          offset: 0,
          total: found.length > wanted ? undefined : items.length,
          steady: true,
          ended: found.length <= wanted,
        },
        notes: reminder === undefined ? [] : [reminder],
      };
    },
  });

  const get = ownOperation({
    name: "get_change",
    title: "Get change",
    summary:
      "Show one change: what differed, its effect on access, who agreed, what came of it, whether it can be undone.",
    effect: "read",
    input: z.strictObject({ change_id }),
    output: ChangeSummary,
    run: async ({ input }) => ({
      result: detailsOf(await changeIn(await journal(), String(input["change_id"]))),
      notes: [],
    }),
  });

  const undo = ownOperation({
    name: "undo_change",
    title: "Undo change",
    summary:
      "Take back one change: restores what was changed, deletes what was created, creates again what was deleted.",
    advice: "A change like any other: it is rehearsed and confirmed, and refused when the object has changed since.",
    effect: "update",
    input: z.strictObject({ change_id }),
    output: ChangeSummary,
    async run(call, workshop) {
      const inner = await undoing(await journal(), String(call.input["change_id"]), call, workshop);
      return workshop.perform(inner);
    },
  });

  return room({
    noun: "change",
    toolset: "changes",
    key: "id",
    permission: null,
    columns: ["id", "time", "operation", "noun", "name", "status", "access", "undoable", "undone_by", "revert_due"],
    everyday: ["list", "undo"],
    verbs: { list, get, undo },
  });
}
