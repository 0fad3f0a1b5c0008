import { AccessError } from "../../core/errors.ts";
import type { Step } from "../../core/plan.ts";
import { pathFields } from "../../core/room.ts";

/** Thinks a step through on top of those before it; rejects when it must not, or cannot, be done there. */
export type Think = (step: Step, before: readonly Step[]) => Promise<Step>;

/** A step that cannot be done, and why. */
export interface Stuck {
  readonly step: Step;
  readonly why?: AccessError;
}

/**
 * Puts steps into an order in which no one of them would be refused: as they were given, but one that is refused by the
 * guard or a rule waits until the others are done. Taking the old away and letting the new in thus becomes letting in
 * first; nobody guarded is locked out at any time, even if the run stops halfway. What is left over is stuck.
 */
export async function inSafeOrder(
  steps: readonly Step[],
  think: Think,
): Promise<{ readonly order: readonly Step[]; readonly stuck: readonly Stuck[] }> {
  const order: Step[] = [];
  for (let waiting = steps; ; ) {
    const stuck: Stuck[] = [];
    for (const step of waiting) {
      if (stuck.some((other) => dependsOn(step, other.step))) stuck.push({ step });
      else {
        try {
          order.push(await think(step, order));
        } catch (error) {
          if (!(error instanceof AccessError) || !hopeless.has(error.facts.kind)) throw error;
          stuck.push({ step, why: error });
        }
      }
    }
    const isMoving =
      stuck.length < waiting.length && stuck.every(({ why }) => (why?.facts.kind ?? "refused") === "refused");
    if (stuck.length === 0 || !isMoving) return { order, stuck };
    waiting = stuck.map(({ step }) => step);
  }
}

/** Failures that say something about the step; all others say something about the way to Cloudflare. */
const hopeless: ReadonlySet<string> = new Set(["input", "refused", "not_found", "conflict", "rejected"]);

/** Whether a step has to stay behind another: it uses its answer, or one of the two names the object of the other. */
function dependsOn(step: Step, other: Step): boolean {
  const [mine, theirs] = [textsOf(step.call.input), textsOf(other.call.input)];
  return (
    Object.values(other.standIns).some((text) => mine.has(text)) ||
    objectsOf(other).some((name) => mine.has(name)) ||
    objectsOf(step).some((name) => theirs.has(name)) ||
    (isSingle(step) && isSingle(other) && step.call.entry.room === other.call.entry.room)
  );
}

const isSingle = ({ call: { entry } }: Step): boolean => pathFields(entry).length === 0 && entry.effect !== "create";

/** The object that a step is about, by the name that leads to it. */
function objectsOf({ call: { entry, input } }: Step): readonly string[] {
  const own = entry.effect === "create" ? undefined : pathFields(entry).at(-1);
  return own === undefined ? [] : [String(input[own])];
}

function textsOf(value: unknown): ReadonlySet<string> {
  if (typeof value === "string") return new Set([value]);
  if (typeof value !== "object" || value === null) return new Set();
  return new Set(Object.values(value).flatMap((inner) => [...textsOf(inner)]));
}
