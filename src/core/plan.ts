import type { Call, Outcome } from "./call.ts";
import type { Members } from "./change.ts";

/** One write of a plan of several. */
export interface Step {
  /** Its place in the list that was given, from 1. */
  readonly number: number;
  readonly call: Call;
  /** What stands in the other steps for values that only its answer tells, by their dotted path in the answer. */
  readonly standIns: Readonly<Record<string, string>>;
}

/** Several writes that are agreed to as one. */
export interface Plan {
  readonly id: string;
  readonly steps: readonly Step[];
  readonly notes?: readonly string[];
}

/** Sends one step the way of every call; `input` is what was given for it, with the stand-ins replaced. */
export type PerformStep = (step: Step, input: Members) => Promise<Outcome>;
/** Carries out the steps that were agreed to; their calls are rehearsed, and in an order that is safe all the way. */
export type Work = (agreed: Call, steps: readonly Step[], perform: PerformStep) => Promise<Outcome>;

/** How stand-ins begin that were made up: they are UUIDs, to be valid wherever an id is. */
export const standInMark = "00000000-0000-4000-8000-";
