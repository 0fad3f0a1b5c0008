import { type Call, compose, type Stage, type Workshop } from "../../core/call.ts";
import type { Ask, Change, Members, Rehearsal } from "../../core/change.ts";
import { AccessError, refused } from "../../core/errors.ts";
import type { PerformStep, Plan, Step } from "../../core/plan.ts";
import type { Budget } from "../allowance.ts";
import { confirm } from "../confirm/index.ts";
import { conflict } from "../conflict.ts";
import { masked } from "../masks.ts";
import type { SeenAfter } from "../ports.ts";
import { record } from "../record.ts";
import { canonical } from "../rehearse/difference.ts";
import { lasting, rehearse } from "../rehearse/index.ts";
import { essence } from "../rehearse/think.ts";
import { remind } from "../remind.ts";
import type { Destination, Safety } from "../writing.ts";
import { inSafeOrder, type Stuck } from "./order.ts";
import { asWritten, bySteps, effectOfSteps, undoOfSteps } from "./told.ts";

export interface PlanningSettings {
  readonly safety: Safety;
  readonly destination: Destination;
  readonly budget: Budget;
  /** What a write passes before it is thought through. */
  readonly allowed: readonly Stage[];
  /** All that a call passes which an operation of this server makes, these included. */
  readonly inner: readonly Stage[];
}

/**
 * Has several writes agreed to as one: each is rehearsed as if those before it were done, so that the guard, the rules
 * and the effect on access see what they do together; one ticket and one question stand for all, and the budget is
 * taken for all before the first. Each step then goes the way of every call, with the consent of the plan.
 */
export function planning({ safety, destination, budget, allowed, inner }: PlanningSettings): Workshop["together"] {
  const { entries, judge, seenAfter, confirm: level, approval, tickets, recorder, dues, lease, turns } = safety;
  const { scopeOf, preview } = destination;
  const thinking = [...allowed, rehearse({ read: destination, entries, judge, scopeOf, turns })];
  const agreeing = [remind(dues), confirm({ level, approval, tickets, preview })];

  return async (call, plan, work) => {
    const patience = call.deadline - performance.now();
    const scope = await scopeOf(call);
    const given = plan.steps.map((step) => ({ ...step, call: { ...step.call, scope: step.call.scope ?? scope } }));
    const sight = sightOf(seenAfter);

    const think = async (step: Step, before: readonly Step[], dry = false): Promise<Step> => {
      const made = before.map((one) => madeBy(one, one.call.rehearsal?.change));
      const { expects: _, ...inner } = step.call;
      const thought: Call[] = [];
      await compose(thinking, async (one) => {
        thought.push(one);
        return { result: null, notes: [] };
      })({
        ...inner,
        control: { ...inner.control, dry_run: dry },
        seeing: sight.imagined(step.call, made),
        plan: { id: plan.id, step: step.number, ahead: before.map((one) => one.call.entry.effect) },
      });
      const [found] = thought;
      // What changes nothing is not thought to its end unless it is only looked at.
      if (found?.rehearsal === undefined) return think(step, before, true);
      const { change, written } = found.rehearsal;
      const { expects } = step.call;
      if (expects !== undefined && sight.isLive(change.before) && written.digest_before !== expects) {
        throw conflict(change, undefined, change.before);
      }
      return { ...step, call: found };
    };

    const { order, stuck } = await inSafeOrder(given, think);
    const left =
      call.control?.dry_run === true && stuck.every(({ why }) => !why || why.facts.kind === "refused") ? stuck : [];
    const steps = [...order];
    for (const { step } of left) steps.push(await think(step, steps, true));
    if (left.length < stuck.length) throw refusalOf(call, given, stuck);

    const rehearsal = combined(call, plan, steps);
    const [never] = lasting(call.control ?? {}, rehearsal.undo);
    if (never !== undefined && call.control?.dry_run !== true)
      throw refused(`${call.entry.name}: ${never.message}`, never.next);

    const spend: Stage = (agreed, next) => {
      budget.take(
        call.entry.name,
        steps.map((step) => step.call),
      );
      return next(agreed);
    };
    const alone: Stage = (agreed, next) => lease(canonical(["plan", plan.id]), () => next(agreed));
    const done: Made[] = [];
    const performing =
      ({ consent }: Call): PerformStep =>
      async (step, input) => {
        const { call: original = step.call } = given.find(({ number }) => number === step.number) ?? step;
        const { change: rehearsed, written } = step.call.rehearsal as Rehearsal;
        let sent: Change | undefined;
        const note: Stage = (one, next) => {
          sent = one.rehearsal?.change;
          return next(one);
        };
        const outcome = await compose(
          [...inner, note],
          destination,
        )({
          ...original,
          input,
          deadline: performance.now() + patience,
          ...(consent && { consent }),
          plan: { id: plan.id, step: step.number },
          seeing: sight.real(original, done),
          expects: original.expects ?? (sight.isLive(rehearsed.before) ? written.digest_before : undefined),
        });
        done.push(madeBy({ ...step, call: original }, sent, outcome.result));
        return outcome;
      };
    return compose([...agreeing, spend, alone, record(recorder)], (agreed) => work(agreed, steps, performing(agreed)))({
      ...call,
      scope,
      given: call.input,
      rehearsal,
      plan: { id: plan.id, step: 0 },
    });
  };
}

/** A change and whose objects it is about. */
interface Made {
  readonly scope: string;
  readonly change?: Change | undefined;
}

/** What a step does to later reads; of what it creates, stand-ins or the answer tell what only Cloudflare knows. */
function madeBy({ call, standIns }: Step, change: Change | undefined, result: unknown = {}): Made {
  const scope = canonical(call.scope ?? null);
  if (change?.entry.effect !== "create") return { scope, change };
  // Many at once have no id of their own.
  if (Object.values(change.entry.place ?? {}).includes("body")) return { scope };
  const after: Members = { ...standIns, ...change.after, ...(result as Members) };
  return { scope, change: { ...change, id: String(after[change.entry.room.key ?? "id"]), after } };
}

/** Milliseconds for which the steps of a plan share what was read to judge them: what others do meanwhile is seen then. */
const fresh = 2_000;

/** How the steps of one plan see the account. */
function sightOf(seenAfter: SeenAfter) {
  const read = new Map<string, { readonly since: number; readonly answer: Promise<unknown> }>();
  const live = new WeakSet<object>();

  const shared = (ask: Ask, { scope }: Call): Ask => {
    return (operation, input) => {
      const key = canonical([scope ?? null, operation.name, input]);
      const known = read.get(key);
      if (known !== undefined && performance.now() - known.since < fresh) return known.answer;
      const answer = ask(operation, input);
      read.set(key, { since: performance.now(), answer });
      answer.then(
        (found) => {
          for (const one of [found].flat()) if (typeof one === "object" && one !== null) live.add(one);
        },
        () => read.delete(key),
      );
      return answer;
    };
  };
  const changesOf = (call: Call, made: readonly Made[]): readonly Change[] =>
    made.flatMap(({ scope, change }) =>
      change !== undefined && scope === canonical(call.scope ?? null) ? [change] : [],
    );

  return {
    /** Whether an object is as Cloudflare shows it, and not as steps would leave it. */
    isLive: (object: Members | undefined): boolean => object !== undefined && live.has(object),
    /** As if the steps were done. */
    imagined: (call: Call, made: readonly Made[]) => (ask: Ask) => seenAfter(shared(ask, call), changesOf(call, made)),
    /** After steps were done: lists that were read just now with what these did, single objects always anew. */
    real:
      (call: Call, made: readonly Made[]) =>
      (ask: Ask): Ask => {
        const lists = seenAfter(shared(ask, call), changesOf(call, made));
        const { list, get } = call.entry.siblings;
        return (operation, input) => {
          const isList = operation.answers === "list" || operation.answers === "pages";
          const isOwn = get === undefined && operation.name === list?.name;
          return isList && !isOwn ? lists(operation, input) : ask(operation, input);
        };
      },
  };
}

/** The plan as one change: what the ticket is bound to, what is asked, what is written down. */
function combined(call: Call, plan: Plan, steps: readonly Step[]): Rehearsal {
  const written = asWritten(steps);
  const all = steps.flatMap(({ number, call: step }) => (step.rehearsal ? [{ number, step, ...step.rehearsal }] : []));
  const each = (side: "before" | "after") =>
    Object.fromEntries(all.map(({ number, step, written }) => [number, essence(step.entry, written[side])]));
  const texts = (kind: "risks" | "objections") =>
    bySteps(all.flatMap((one) => one[kind].map((text) => [one.number, text] as const)));
  const isMoved = steps.some(({ number }, place) => number < (steps[place - 1]?.number ?? 0));
  const notes = isMoved
    ? [`The order is ${steps.map(({ number }) => number).join(", ")}: nobody guarded is locked out in between.`]
    : [];
  return {
    change: { entry: call.entry, input: call.input, before: each("before"), after: each("after") },
    differences: [],
    assessment: {
      effect: effectOfSteps(steps),
      references: [],
      basis: JSON.stringify(all.map(({ assessment }) => assessment.basis ?? null)),
      notes: [...(plan.notes ?? []), ...notes, ...new Set(all.flatMap(({ assessment }) => assessment.notes))],
    },
    risks: texts("risks"),
    undo: undoOfSteps(steps),
    written: {
      input: {
        changes: plan.steps.map(({ call: step }) => ({
          operation: step.entry.name,
          arguments: written(argumentsOf(step)),
        })),
      },
    },
    objections: texts("objections"),
    steps,
  };
}

/** The arguments of a step as they can be given again, but for its secrets. */
const argumentsOf = ({ entry, input, scope, control = {} }: Call): Members => ({
  ...masked(input, entry.secrets),
  ...scope,
  ...(control.clear && { clear: control.clear }),
  ...(control.replace && { replace: true }),
});

/** One refusal that names every step that cannot be done. */
function refusalOf({ entry }: Call, steps: readonly Step[], stuck: readonly Stuck[]): AccessError {
  const written = asWritten(steps);
  const known = stuck.flatMap(({ step, why }) => (why === undefined ? [] : [{ number: step.number, why }]));
  const issues = known.flatMap(({ number, why }) =>
    (why.facts.issues ?? [why.message]).map((issue) => `step ${number}: ${issue}`),
  );
  const [first] = known;
  const facts = first?.why.facts;
  return new AccessError(written(`${entry.name}: step ${first?.number}: ${first?.why.message}`), {
    kind: facts?.kind ?? "refused",
    next: facts?.next ?? "Leave the step out.",
    outcome: "not_sent",
    issues: written(issues),
    ...(facts?.details && { details: facts.details }),
  });
}
