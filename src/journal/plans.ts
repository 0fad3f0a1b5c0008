import { z } from "zod";
import type { Call, Outcome, Workshop } from "../core/call.ts";
import type { Members } from "../core/change.ts";
import { AccessError, badInput, refused } from "../core/errors.ts";
import { type Operation, ownOperation } from "../core/operation.ts";
import type { Plan, Step } from "../core/plan.ts";
import { type ChangeRecord, changesFrom, isPlan } from "./changes.ts";
import { newPlanId } from "./entry.ts";
import { bound, carryOut, type DoneStep } from "./plan-run.ts";
import { bare, type GivenChange, reasonOf, stepsOf } from "./plan-steps.ts";
import type { Journal } from "./store.ts";
import { undoing } from "./undoing.ts";

const input = z
  .strictObject({
    changes: z
      .array(
        z.strictObject({
          operation: z.string().min(1).max(64),
          arguments: z.record(z.string(), z.unknown()).optional(),
        }),
      )
      .min(1)
      .max(100)
      .optional()
      .describe("[{operation, arguments}]"),
    resume: z
      .string()
      .regex(/^pln_[0-9a-z]{10,60}$/, "an id like pln_…, from the answer of a plan")
      .optional()
      .describe("Id of a plan that was cut off, instead of changes"),
  })
  .refine(({ changes, resume }) => (changes === undefined) !== (resume === undefined), {
    error: "either, and not together with resume",
    path: ["changes"],
  });

/** Several changes as one: rehearsed together, agreed to once, made in order, and taken back when one fails. */
export const planning = (journal: () => Promise<Journal>): Operation =>
  ownOperation({
    name: "plan_changes",
    title: "Plan changes",
    summary: "Make up to 100 changes as one: rehearsed together, confirmed once; when one fails all are taken back.",
    advice:
      'A later step uses an earlier answer as "$1.id". Steps that would lock somebody guarded out wait for the others.',
    effect: "update",
    input,
    output: z.looseObject({ status: z.string(), plan: z.string().optional() }),
    async run(call, workshop) {
      const { changes = [], resume } = call.input as z.output<typeof input>;
      const kept = await journal();
      if (resume !== undefined) return goOn(kept, call, workshop, resume);
      return together(kept, call, workshop, { id: newPlanId(), steps: await stepsOf(changes, call) });
    },
  });

const together = (
  journal: Journal,
  call: Call,
  workshop: Workshop,
  plan: Plan,
  earlier: readonly DoneStep[] = [],
): Promise<Outcome> =>
  workshop.together(call, plan, (agreed, steps, perform) =>
    carryOut({ journal, workshop, id: plan.id, agreed, steps, perform, earlier }),
  );

interface KnownPlan {
  /** The plan itself. */
  readonly whole: ChangeRecord | undefined;
  /** The newest change of each step. */
  readonly steps: ReadonlyMap<number, ChangeRecord>;
}

/** What the journal knows of a plan; what took a step back again is no step. */
export async function planIn(journal: Journal, id: string): Promise<KnownPlan> {
  const records = changesFrom(await journal.entries({ plan_id: id })).filter(({ intent }) => intent?.plan?.id === id);
  const own = new Set(records.map(({ change_id }) => change_id));
  const steps = new Map<number, ChangeRecord>();
  for (const record of records) {
    const { plan, undo_of = "" } = record.intent ?? {};
    if (plan !== undefined && plan.step > 0 && !own.has(undo_of) && !steps.has(plan.step)) steps.set(plan.step, record);
  }
  return { whole: records.find(({ intent }) => isPlan(intent)), steps };
}

const isInForce = ({ status, undone_by }: ChangeRecord): boolean => status === "done" && undone_by === undefined;

/** The steps of a plan on one line each. */
export const stepLines = (steps: KnownPlan["steps"]): readonly Members[] =>
  [...steps]
    .toSorted(([one], [other]) => one - other)
    .map(([step, { change_id, status, intent, undone_by }]) => ({
      step,
      operation: intent?.deed.operation,
      status: undone_by === undefined ? status : "undone",
      change_id,
    }));

/** Whether some process is still at work on a plan. */
async function isRunning(journal: Journal, { change_id }: ChangeRecord): Promise<boolean> {
  const last = (await journal.entries({ change_id })).filter((line) => line.change_id === change_id).at(-1);
  if (last?.stage !== "intent") return false;
  return !(await journal.abandoned(1000)).some((line) => line.change_id === change_id);
}

const busy = (message: string): AccessError =>
  new AccessError(message, {
    kind: "unavailable",
    next: "Nothing was sent. Call again in a moment.",
    outcome: "not_sent",
    retry_after_seconds: 15,
  });

/** Takes back a whole plan: the steps that are in force, the last one first. */
export async function undoPlan(
  journal: Journal,
  record: ChangeRecord,
  call: Call,
  workshop: Workshop,
): Promise<Outcome> {
  const { change_id, undone_by, intent } = record;
  const { steps: known } = await planIn(journal, intent?.plan?.id ?? "");
  if (undone_by !== undefined) {
    throw refused(`${change_id} was taken back already, by ${undone_by}`, "Look at it with get_change.");
  }
  if (await isRunning(journal, record)) throw busy(`${change_id} is still being made`);
  const inForce = [...known].filter(([, step]) => isInForce(step));
  const lastFirst = inForce.toSorted(([, one], [, other]) => (one.change_id < other.change_id ? 1 : -1));
  const steps: Step[] = [];
  const notes = [...known].flatMap(([number, { status }]) =>
    status === "open" || status === "unknown"
      ? [`Step ${number} is left alone: nobody knows whether it was done.`]
      : [],
  );
  for (const [number, step] of lastFirst) {
    try {
      const inner = await undoing(journal, step.change_id, bare(call), workshop);
      steps.push({
        number,
        call: { ...inner, control: { ...inner.control, ...reasonOf(call) } },
        standIns: comesBackAs(step, inner),
      });
    } catch (error) {
      if (!(error instanceof AccessError)) throw error;
      notes.push(`Step ${number} stays: ${error.message}.`);
    }
  }
  if (steps.length === 0) {
    throw refused(
      `${change_id} cannot be undone: ${notes.join(" ") || "nothing of it is in force"}`,
      "Look at its steps with get_change.",
    );
  }
  return together(journal, { ...call, undoes: change_id }, workshop, { id: newPlanId(), steps, notes });
}

/** What was deleted comes back under another id: whatever else names the old one is to name the new one. */
function comesBackAs({ intent }: ChangeRecord, { entry }: Call): Step["standIns"] {
  const old = intent?.deed.resource?.id;
  return entry.effect === "create" && old !== undefined ? { [entry.room.key ?? "id"]: old } : {};
}

/** Goes on with a plan that was cut off: what is left is rehearsed and agreed to anew. */
async function goOn(journal: Journal, given: Call, workshop: Workshop, id: string): Promise<Outcome> {
  const { whole, steps: known } = await planIn(journal, id);
  const { intent, change_id } = whole ?? {};
  if (whole === undefined || intent === undefined || change_id === undefined) {
    throw badInput(`there is no plan ${id} in the journal`, "List changes with list_changes.");
  }
  const { account_id, zone_id } = intent.deed;
  const scope = zone_id !== undefined ? { zone_id } : account_id !== undefined ? { account_id } : given.scope;
  const call: Call = { ...given, scope, resumes: change_id };
  await refuseResuming(journal, id, whole, known, workshop);

  const all = await stepsOf(changesOf(intent.deed.input), call);
  const done = new Map([...known].filter(([, step]) => isInForce(step)));
  const earlier = [...done].map(([number, step]) => doneBefore(number, step)).toSorted(byTime);
  const answers = new Map(earlier.map(({ step, answer }) => [step, answer]));
  const rest = all
    .filter(({ number }) => !done.has(number))
    .map((step) => ({ ...step, call: { ...step.call, input: bound(step.call.input, all, answers) } }));
  const notes = earlier.length === 0 ? [] : [`Done before: step ${earlier.map(({ step }) => step).join(", ")}.`];
  return workshop.together(call, { id, steps: rest, notes }, async (agreed, steps, perform) => {
    const now = await planIn(journal, id);
    const isMoved = rest.some(({ number }) => now.steps.get(number)?.change_id !== known.get(number)?.change_id);
    if (!isMoved) return carryOut({ journal, workshop, id, agreed, steps, perform, earlier });
    throw new AccessError(`${id} was gone on with by somebody else`, {
      kind: "conflict",
      next: "This call sent nothing. Look at the plan with get_change.",
      outcome: "unknown",
    });
  });
}

const byTime = (one: DoneStep, other: DoneStep): number => ((one.change_id ?? "") < (other.change_id ?? "") ? -1 : 1);

const changesOf = (written: Members | undefined): readonly GivenChange[] =>
  (written?.["changes"] as readonly GivenChange[] | undefined) ?? [];

/** What may be repeated without knowing whether it was done. */
const repeatable: ReadonlySet<string> = new Set(["update"]);

async function refuseResuming(
  journal: Journal,
  id: string,
  whole: ChangeRecord,
  known: KnownPlan["steps"],
  { entries }: Workshop,
): Promise<void> {
  const { status, intent, change_id, undone_by } = whole;
  const no = (why: string, next: string) =>
    new AccessError(`${id} cannot be gone on with: ${why}`, {
      kind: "refused",
      next,
      outcome: "not_sent",
      details: { change_id, steps: stepLines(known) },
    });
  if (await isRunning(journal, whole)) throw busy(`${id} is still being made`);
  if (undone_by !== undefined) throw no(`it was taken back by ${undone_by}`, "Make a new plan of what is wanted.");
  if (status !== "open" && status !== "unknown") throw no(`it is ${status}`, "Make a new plan of what is wanted.");
  if (intent?.undo_of !== undefined)
    throw no("it takes another back", `Call undo_change with ${intent.undo_of} again.`);
  const open = [...known].find(([, step]) => step.status === "open");
  if (open !== undefined) throw busy(`step ${open[0]} of ${id} is still being looked up`);
  const lost = [...known].find(
    ([, { status, intent }]) =>
      status === "unknown" && !repeatable.has(entries.get(intent?.deed.operation ?? "")?.effect ?? ""),
  );
  if (lost !== undefined) {
    throw no(`nobody knows whether step ${lost[0]} was done`, "Look at it, and make a new plan of the rest.");
  }
  if (JSON.stringify(changesOf(intent?.deed.input)).includes('"[secret]"')) {
    throw no("secrets in it are not kept", "Make a new plan of the steps that are not done, with their secrets.");
  }
}

/** A step that was done in an earlier run; the journal keeps of its answer what is no secret. */
function doneBefore(step: number, { change_id, intent, end }: ChangeRecord): DoneStep {
  const { operation = "", resource } = end?.deed ?? intent?.deed ?? {};
  const object = end?.object?.after ?? intent?.object?.after;
  return {
    step,
    operation,
    status: "done",
    change_id,
    ...(resource?.id !== undefined && { id: resource.id }),
    answer: { ...(resource?.id !== undefined && { id: resource.id }), ...object },
    lost: end?.undo?.why,
  };
}
