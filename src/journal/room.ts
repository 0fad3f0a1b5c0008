import { z } from "zod";
import type { Outcome } from "../core/call.ts";
import type { Members } from "../core/change.ts";
import { ownOperation } from "../core/operation.ts";
import { type Room, room } from "../core/room.ts";
import { type ChangeRecord, changesFrom, isPlan } from "./changes.ts";
import { dueChanges, reminderOf } from "./due.ts";
import { planIn, planning, stepLines, undoPlan } from "./plans.ts";
import type { Journal } from "./store.ts";
import { changeIn, undoing } from "./undoing.ts";

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
    plan: line?.plan && { id: line.plan.id, step: line.plan.step },
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
    undo_of: intent?.undo_of,
  };
}

/** What was changed through this server, and the way back. The journal is opened when somebody asks for it. */
export function changes(journal: () => Promise<Journal>): Room {
  const list = ownOperation({
    name: "list_changes",
    title: "List changes",
    summary: "Journal of the changes made, refused or failed through this server, newest first.",
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
    async run({ input }) {
      const kept = await journal();
      const record = await changeIn(kept, String(input["change_id"]));
      const { plan } = record.intent ?? {};
      const steps = plan?.step === 0 ? { steps: stepLines((await planIn(kept, plan.id)).steps) } : {};
      return { result: { ...detailsOf(record), ...steps }, notes: [] };
    },
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
      const kept = await journal();
      const record = await changeIn(kept, String(call.input["change_id"]));
      if (isPlan(record.intent)) return undoPlan(kept, record, call, workshop);
      return workshop.perform(await undoing(kept, record.change_id, call, workshop));
    },
  });

  return room({
    noun: "change",
    toolset: "changes",
    key: "id",
    permission: null,
    columns: [
      "id",
      "time",
      "operation",
      "noun",
      "name",
      "status",
      "access",
      "undoable",
      "undone_by",
      "revert_due",
      "plan",
    ],
    everyday: ["undo"],
    verbs: { list, get, undo, plan: planning(journal) },
  });
}
