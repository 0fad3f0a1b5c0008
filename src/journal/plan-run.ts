import type { Call, Outcome, Workshop } from "../core/call.ts";
import type { Members } from "../core/change.ts";
import { AccessError } from "../core/errors.ts";
import type { PerformStep, Step } from "../core/plan.ts";
import { pathFields } from "../core/room.ts";
import { bare, reasonOf, valueAt, withTexts } from "./plan-steps.ts";
import type { Journal } from "./store.ts";
import { undoing } from "./undoing.ts";

/**
 * `unchanged`: it was like that already; `undone`: taken back because a later step failed; `not_undone`: it could not be
 * and is in force; `unknown`: nobody could tell.
 */
type StepStatus = "done" | "unchanged" | "failed" | "unknown" | "undone" | "not_undone" | "not_tried";

/** What became of one step, as it is told. */
interface StepReport {
  readonly step: number;
  readonly operation: string;
  readonly status: StepStatus;
  readonly change_id?: string | undefined;
  readonly id?: string | undefined;
  readonly why?: string | undefined;
  /** What a step made. */
  readonly result?: unknown;
}

/** A step that was done, now or before the plan was gone on with. */
export interface DoneStep extends StepReport {
  /** What later steps may use. */
  readonly answer: unknown;
  /** What would not come back if it were taken back. */
  readonly lost?: string | undefined;
}

export interface PlanRun {
  readonly journal: Journal;
  readonly workshop: Workshop;
  readonly id: string;
  readonly agreed: Call;
  /** In the order in which they are made. */
  readonly steps: readonly Step[];
  readonly perform: PerformStep;
  /** What was done before, the earliest first. */
  readonly earlier?: readonly DoneStep[];
}

/** Milliseconds that each step may take by which another is taken back. */
const patience = 60_000;
/** Milliseconds after which no further step is begun: what is at work for longer counts as abandoned. */
const longest = 200_000;

/**
 * Carries out the steps of a plan one after the other. When one fails, those that are done are taken back, the last one
 * first. When nobody can tell whether one was done, the run stops there and nothing is taken back blindly.
 */
export async function carryOut(run: PlanRun): Promise<Outcome> {
  const { agreed, steps, perform, id } = run;
  const done: DoneStep[] = [...(run.earlier ?? [])];
  const notes = new Set<string>();
  const began = performance.now();
  for (const [place, step] of steps.entries()) {
    agreed.progress?.(place, steps.length);
    if (performance.now() - began > longest) throw await stopped(run, done, step, late(), "not_tried");
    try {
      if (agreed.signal.aborted) throw cancelled();
      const answers = new Map(done.map(({ step, answer }) => [step, answer]));
      const { call } = step;
      const input = bound(call.given ?? call.input, steps, answers);
      const outcome = await perform(step, input);
      done.push(doneStep(step, input, outcome));
      for (const note of outcome.notes) notes.add(note);
    } catch (error) {
      const failure = failureFrom(error);
      throw await stopped(run, done, step, failure, failure.facts.outcome === "unknown" ? "unknown" : "failed");
    }
  }
  agreed.progress?.(steps.length, steps.length);
  return { result: { status: "done", plan: id, steps: done.map(told) }, notes: [...notes] };
}

function doneStep({ number, call }: Step, input: Members, { result, change_id }: Outcome): DoneStep {
  const { entry } = call;
  const id = valueAt(result, entry.room.key ?? "id") ?? input[pathFields(entry).at(-1) ?? ""];
  return {
    step: number,
    operation: entry.name,
    status: change_id === undefined ? "unchanged" : "done",
    change_id,
    ...(typeof id === "string" && { id }),
    ...((entry.effect === "create" || entry.effect === "rotate") && { result }),
    answer: result,
    lost: call.rehearsal?.undo.why,
  };
}

const told = ({ answer: _, lost: __, ...report }: DoneStep): StepReport => report;

/** What was given for a step, with the values that earlier answers told. */
export function bound(input: Members, steps: readonly Step[], answers: ReadonlyMap<number, unknown>): Members {
  const places = steps.flatMap(({ number, standIns }) =>
    Object.entries(standIns).map(([path, text]) => [text, { number, path }] as const),
  );
  const known = new Map(places);
  return withTexts(input, (text) => {
    const place = known.get(text);
    if (place === undefined || !answers.has(place.number)) return undefined;
    const value = valueAt(answers.get(place.number), place.path);
    if (value !== undefined && value !== null) return value;
    throw new AccessError(`the answer of step ${place.number} has no ${place.path}`, {
      kind: "unexpected",
      next: "Make the plan without it.",
      outcome: "not_sent",
    });
  });
}

const cancelled = (): AccessError =>
  new AccessError("the call was cancelled", {
    kind: "cancelled",
    next: "Make the plan again when it is wanted.",
    outcome: "not_sent",
  });

const late = (): AccessError =>
  new AccessError("the plan takes too long for one call", {
    kind: "timeout",
    next: "Go on with it.",
    outcome: "unknown",
  });

const failureFrom = (error: unknown): AccessError =>
  error instanceof AccessError
    ? error
    : new AccessError(`failed inside the server: ${error instanceof Error ? error.message : String(error)}`, {
        kind: "unexpected",
        next: "Report this as a bug.",
        outcome: "unknown",
      });

/** Why a run ended early, with what became of each step. */
async function stopped(
  run: PlanRun,
  done: readonly DoneStep[],
  step: Step,
  failure: AccessError,
  status: "failed" | "unknown" | "not_tried",
): Promise<AccessError> {
  const { agreed, id } = run;
  const { facts } = failure;
  const behind = status === "failed" ? await takenBack(run, done) : done.map(told);
  const { change_id } = facts.details ?? {};
  const itself: StepReport = {
    step: step.number,
    operation: step.call.entry.name,
    status,
    ...(typeof change_id === "string" && { change_id }),
    why: failure.message,
  };
  const known = new Set([...behind, itself].map((report) => report.step));
  const after = run.steps
    .filter(({ number }) => !known.has(number))
    .map(({ number, call }): StepReport => ({ step: number, operation: call.entry.name, status: "not_tried" }));
  const left = behind.filter(({ status }) => ["done", "not_undone", "unknown"].includes(status));
  const isOver = status === "failed" && left.length === 0;
  const { change_id: _, ...details } = facts.details ?? {};
  return new AccessError(
    `${agreed.entry.name}: step ${step.number} (${itself.operation}) ${words[status]}: ${failure.message}; ${sumOf(behind, left)}`,
    {
      ...facts,
      outcome: isOver ? "not_done" : "unknown",
      next: isOver ? facts.next : wayOn(id, status === "unknown"),
      details: { ...details, plan: id, steps: [...behind, itself, ...after] },
    },
  );
}

const words = { failed: "failed", unknown: "may have been done", not_tried: "was not begun" } as const;

function sumOf(behind: readonly StepReport[], left: readonly StepReport[]): string {
  const numbers = left.map(({ step }) => step).join(", ");
  if (behind.length === 0) return "nothing was done before it";
  return left.length === 0 ? "what was done before it was taken back" : `still in force: step ${numbers}`;
}

const wayOn = (id: string, isUnclear: boolean): string =>
  `${isUnclear ? "Look whether that step was done. " : ""}What is in force stays: go on with plan_changes {"resume":"${id}"}, or take it back with undo_change and the change_id of the plan.`;

/** Takes back what was done, the last one first, each through the inverse that the journal keeps. */
async function takenBack(run: PlanRun, done: readonly DoneStep[]): Promise<readonly StepReport[]> {
  const { journal, workshop, agreed, id } = run;
  const renamed = new Map<string, string>();
  const reports: StepReport[] = [];
  let isLost = false;
  for (const one of done.toReversed()) {
    if (one.change_id === undefined || isLost) {
      reports.unshift(told(one));
      continue;
    }
    try {
      // Who cancelled the plan did not cancel putting it right.
      const signal = new AbortController().signal;
      const base = { ...bare(agreed), signal, deadline: performance.now() + patience };
      const inner = await undoing(journal, one.change_id, base, workshop);
      const { result } = await workshop.perform({
        ...inner,
        input: withTexts(inner.input, (text) => renamed.get(text)),
        control: { ...inner.control, ...reasonOf(agreed) },
        ...(agreed.consent && { consent: agreed.consent }),
        plan: { id, step: one.step },
      });
      const { effect, room } = inner.entry;
      const made = effect === "create" ? valueAt(result, room.key ?? "id") : undefined;
      if (one.id !== undefined && typeof made === "string") renamed.set(one.id, made);
      reports.unshift({ ...told(one), status: "undone", result: undefined, why: one.lost });
    } catch (error) {
      const failure = failureFrom(error);
      isLost = failure.facts.outcome === "unknown";
      reports.unshift({ ...told(one), status: isLost ? "unknown" : "not_undone", why: failure.message });
    }
  }
  return reports;
}
