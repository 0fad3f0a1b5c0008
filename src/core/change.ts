import type { Operation } from "./operation.ts";
import type { Step } from "./plan.ts";
import type { Entry } from "./room.ts";

/** How the caller wants a write done; none of it reaches Cloudflare. */
export interface Control {
  /** Show the plan and send no write. */
  readonly dry_run?: boolean;
  /** What an earlier answer to the same call gave, to have it done. */
  readonly ticket?: string;
  /** Dotted paths of fields to take away. */
  readonly clear?: readonly string[];
  /** Send exactly what was given instead of merging it into what is there. */
  readonly replace?: boolean;
  /** Milliseconds after which the change shall be taken back. */
  readonly revert_after?: number;
  /** Why the agent does it, in its own words. */
  readonly reason?: string;
}

export type Members = Readonly<Record<string, unknown>>;

/** What a write does to one object. */
export interface Change {
  readonly entry: Entry;
  /** The whole input, as it will be sent. */
  readonly input: Members;
  /** The object's own id, which renaming does not change; absent when it is created. */
  readonly id?: string | undefined;
  /** The object as Cloudflare shows it now; absent when it is created or cannot be read. */
  readonly before?: Members | undefined;
  /** The object as it will be; absent when it is deleted, or when the write changes no object. */
  readonly after?: Members | undefined;
}

/** One field that differs; a side is absent where the field is. */
export interface Difference {
  /** Dotted path; `[n]` in arrays. */
  readonly path: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

export type Direction = "widen" | "narrow" | "neutral";

/** One reason why a change lets more or fewer in. */
export interface Reason {
  readonly direction: "widen" | "narrow";
  /** Stable word for machines: `everyone`, `dropped_require`. */
  readonly code: string;
  readonly text: string;
}

/** What a change does to who gets in: it widens as soon as one reason does. */
export interface AccessEffect {
  readonly direction: Direction;
  readonly reasons: readonly Reason[];
}

/** Something that refers to an object. */
export interface Reference {
  readonly noun: string;
  readonly id: string;
  readonly name?: string | undefined;
  /** Dotted path of the field that refers. */
  readonly field: string;
  /** `lets_in`: losing it fails closed; `keeps_out` (exclude, deny): losing it fails open; `other`: settings. */
  readonly side: "lets_in" | "keeps_out" | "other";
}

/** What is known about a change before it is made. */
export interface Assessment {
  readonly effect: AccessEffect;
  readonly references: readonly Reference[];
  readonly impact?: readonly Members[];
  /** All that the effect was told from besides the object: when it differs, so may the effect. */
  readonly basis?: string;
  /** Remarks that fit nowhere else: what could not be read, what cannot come back. */
  readonly notes: readonly string[];
}

/** Asks another operation within the same call: an object, or all items of a list. Only reads. */
export type Ask = (operation: Operation, input: Members) => Promise<unknown>;

/** How a write came to be agreed to. */
export interface Consent {
  // Harmless; the operator asks nobody; the call was repeated; the client's question was answered; approved elsewhere.
  readonly by: "not_needed" | "never" | "ticket" | "person" | "approval";
  readonly ticket_id?: string;
  readonly who?: string;
}

/** Whether a change can be taken back, and by which call. */
export interface Undo {
  /** `partly`: most of it comes back, and `why` says what does not. */
  readonly undoable: "yes" | "partly" | "no";
  readonly why?: string | undefined;
  /** Names of what an update destroys: it comes back under another id. */
  readonly destroys?: readonly string[];
  readonly inverse?: Inverse | undefined;
}

/** The call that takes a change back. */
export interface Inverse {
  readonly operation: string;
  readonly input: Members;
  /** Send exactly this instead of merging it. */
  readonly replace?: boolean | undefined;
  /** The field that takes the id which only the answer to the change will tell. */
  readonly id_field?: string | undefined;
}

/** What of a change can be written down: nothing in it is a secret. The digests are of the whole, secrets included. */
export interface Written {
  readonly input: Members;
  readonly before?: Members | undefined;
  readonly after?: Members | undefined;
  readonly digest_before?: string | undefined;
  readonly digest_after?: string | undefined;
}

/** A write thought through to the request, before anybody agreed to it. */
export interface Rehearsal {
  readonly change: Change;
  readonly differences: readonly Difference[];
  readonly assessment: Assessment;
  /** Why somebody has to agree, as sentences; none for what is harmless. */
  readonly risks: readonly string[];
  /** How far the writes of this machine had come when it was judged. */
  readonly turn?: string;
  readonly undo: Undo;
  readonly written: Written;
  /** Why it will be refused, whoever agrees; only a dry run lives to tell them. */
  readonly objections: readonly string[];
  /** What it consists of, when it is a plan of several. */
  readonly steps?: readonly Step[];
}
