import type { Ask, Consent, Control, Members, Rehearsal } from "./change.ts";
import type { Effect } from "./operation.ts";
import type { Plan, Work } from "./plan.ts";
import type { Entry } from "./room.ts";

/** Whose objects a call works on. */
export type Scope = { readonly account_id: string } | { readonly zone_id: string };

/** How the caller wants a list or object shown; none of it reaches Cloudflare as such. */
export interface View {
  /** Items wanted, 1 to 1000; 50 when absent. */
  readonly limit?: number;
  /** Opaque place to go on from, made by an earlier answer to the same question. */
  readonly cursor?: string;
  /** Read every page, up to the stated cap. */
  readonly all?: boolean;
  /** Items of a page, where many are read; fewer if Cloudflare will not have it. */
  readonly page_size?: number;
  /** Columns to show, dotted paths; the room's own when absent, everything for `["*"]`. */
  readonly fields?: readonly string[];
}

/** One validated call on its way through the stages. */
export interface Call {
  readonly entry: Entry;
  /** What will be sent; of an update that is merged, the whole of it once it is rehearsed. */
  readonly input: Members;
  /** What the caller gave, as it came in; set when `input` becomes something else. */
  readonly given?: Members;
  readonly scope?: Scope | undefined;
  readonly view: View;
  readonly signal: AbortSignal;
  /** When the answer is due, in milliseconds of `performance.now()`. */
  readonly deadline: number;
  /** Tells the caller how far a long read has come. */
  readonly progress?: ((done: number, total: number | undefined) => void) | undefined;
  readonly control?: Control;
  readonly caller?: Caller | undefined;
  /** What a person said who was asked about this very call. */
  readonly answer?: { readonly ticket: string; readonly yes: boolean } | undefined;
  /** What rehearsal found out about a write; set before anybody has to agree to it. */
  readonly rehearsal?: Rehearsal;
  /** How it came to be agreed to; set before anything is sent. */
  readonly consent?: Consent;
  /** The change that this call takes back. */
  readonly undoes?: string;
  /** Digest that the object must have now, or the change is refused, and how it looked, to tell what is different. */
  readonly expects?: string | undefined;
  readonly expected?: Members | undefined;
  /** The plan that this call is a step of, the plan itself being step 0; `ahead`: what steps before it are yet to do. */
  readonly plan?: { readonly id: string; readonly step: number; readonly ahead?: readonly Effect[] };
  /** The change that was begun before and is gone on with. */
  readonly resumes?: string | undefined;
  /** How reads are answered while it is thought through: as if earlier steps of its plan were done. */
  readonly seeing?: (ask: Ask) => Ask;
  /** Reads arguments of another operation as the caller's own were read; refuses what is out of the caller's reach. */
  readonly interpret?: (
    operation: string,
    given: Members,
  ) => Promise<Pick<Call, "entry" | "input" | "scope" | "control">>;
}

/** Who calls: what the transport knows, and what the client says of itself. */
export interface Caller {
  /** `local` over stdio; the authenticated name over HTTP. */
  readonly principal: string;
  /** True when the client can put a question to a person. */
  readonly canAsk?: boolean;
  /** Claimed, not proven. */
  readonly client?: { readonly name: string; readonly version: string } | undefined;
}

/** What is known about a list besides its items. */
export interface ListFacts {
  /** Where the first item stands in the whole list. */
  readonly offset: number;
  /** How many items there are, when Cloudflare said or the end was reached. */
  readonly total?: number | undefined;
  /** False when items moved while they were read, or a cap ended the reading. */
  readonly steady: boolean;
  readonly ended: boolean;
  /** What the answer says before its items. */
  readonly head?: Members;
}

/** What a call came to. Failures are thrown as `AccessError`. */
export interface Outcome {
  /** An object, a text, `null`, or the items when `list` is set. */
  readonly result: unknown;
  readonly list?: ListFacts | undefined;
  /** Remarks for the agent: warnings, cuts, where a secret went. */
  readonly notes: readonly string[];
  /** Set when nothing was done because somebody has to agree first. */
  readonly pending?: { readonly ticket: string; readonly question: string } | undefined;
  readonly change_id?: string;
  readonly rehearsal?: Rehearsal | undefined;
}

export type Next = (call: Call) => Promise<Outcome>;
/** One concern that every call passes. A stage reads declared properties and never names an operation. */
export type Stage = (call: Call, next: Next) => Promise<Outcome>;

/** What an operation of this server works with; `perform` sends another call the way of every call. */
export interface Workshop {
  readonly perform: Next;
  readonly entries: ReadonlyMap<string, Entry>;
  scopeOf(call: Call): Promise<Scope>;
  /** Rehearses a plan, has it confirmed as one change and written down, and lets `work` carry it out. */
  together(call: Call, plan: Plan, work: Work): Promise<Outcome>;
}

/** Carries out an operation that is not one request to Cloudflare. */
export type Run = (call: Call, workshop: Workshop) => Promise<Outcome>;

/** Folds stages around the last step, first stage outermost. */
export function compose(stages: readonly Stage[], last: Next): Next {
  return stages.reduceRight<Next>((next, stage) => (call) => stage(call, next), last);
}
