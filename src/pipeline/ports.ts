import type { Call } from "../core/call.ts";
import type { Ask, Assessment, Change } from "../core/change.ts";

/** What a ticket stands for: everything in it must be equal when it is used. */
export interface Bond {
  readonly operation: string;
  readonly arguments: string;
  readonly account: string;
  readonly principal: string;
  readonly object: string | null;
  readonly digest: string | null;
}

/** What a person is shown who decides. */
export interface Summary {
  /** The effect in one sentence. */
  readonly headline: string;
  readonly lines: readonly string[];
}

export interface Grant {
  readonly id: string;
  readonly approved?: { readonly who: string; readonly when: string };
}

/** Makes tickets and uses them up. A ticket for an object that has changed since fails with the flaw `changed`. */
export interface Tickets {
  issue(
    bond: Bond,
    summary: Summary,
  ): Promise<{ readonly ticket: string; readonly id: string; readonly expires: Date }>;
  spend(ticket: string, bond: Bond): Promise<Grant>;
  void(ticket: string): Promise<void>;
}

/** Lets one caller at a time write an object, in all processes of this machine. */
export type Lease = <Result>(key: string, work: () => Promise<Result>) => Promise<Result>;

/** Tells whether anything was written since a moment, in all processes of this machine. */
export interface Turns {
  now(key: string): Promise<string>;
  end(key: string): Promise<void>;
}

/** A request as it will leave, but for its credentials. */
export interface PlannedRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: readonly (readonly [string, string])[];
  readonly body?: unknown;
}

/** Why a write is not made, whoever confirms it. */
export interface Objection {
  /** Names the rule and the object. */
  readonly message: string;
  readonly next: string;
}

/** What the Access semantics and the operator have to say about a change: its effect, and every reason why it may not be made. */
export type Judge = (change: Change, ask: Ask, call: Call) => Promise<Judgement>;

export interface Judgement {
  readonly assessment: Assessment;
  readonly objections: readonly Objection[];
}

/** Reads that answer as if changes were made; what these do not touch is the very object that was read. */
export type SeenAfter = (ask: Ask, changes: readonly Change[]) => Ask;
