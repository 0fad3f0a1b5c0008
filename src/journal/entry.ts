import { randomBytes } from "node:crypto";
import type { AccessEffect, Difference, Members, Undo } from "../core/change.ts";
import type { FailureKind } from "../core/errors.ts";
import type { Effect } from "../core/operation.ts";

/**
 * `intent`: about to be sent; `outcome`: what came of it; `refused`: not sent, because permission, rules, guard, budget
 * or a person said no; `settled`: an outcome that was unclear, looked up later.
 */
export type EntryStage = "intent" | "outcome" | "refused" | "settled";

/** `not_done` and `done` are certain; `failed`: Cloudflare said no; `unknown`: nobody could tell. */
export type ChangeStatus = "done" | "failed" | "refused" | "unknown" | "not_done";

/** What was to be done to what. */
export interface Deed {
  readonly operation: string;
  readonly effect: Effect;
  /** Singular noun of the resource: "service token". */
  readonly noun: string;
  readonly method: string;
  /** Path template; no ids. */
  readonly route: string;
  readonly account_id?: string | undefined;
  readonly zone_id?: string | undefined;
  /** Without id while it is being created. */
  readonly resource?: { readonly id?: string | undefined; readonly name?: string | undefined } | undefined;
  /** As sent, after merging, without secrets. */
  readonly input?: Members | undefined;
  /** Of what is sent, secrets included. */
  readonly input_digest?: string | undefined;
}

/** Who agreed to it: nobody was needed, a ticket, a person who was asked, an approval out of band; `never`: nobody is asked. */
export interface Consent {
  readonly by: "policy" | "ticket" | "person" | "approval" | "never";
  readonly ticket_id?: string | undefined;
  /** Who approved it, as the approval says. */
  readonly who?: string | undefined;
}

/** The object before and after, without secrets; the digests are of the whole, as it could be sent. */
export interface ObjectStates {
  readonly before?: Members | undefined;
  readonly after?: Members | undefined;
  readonly digest_before?: string | undefined;
  readonly digest_after?: string | undefined;
  readonly diff?: readonly Difference[] | undefined;
  readonly access?: AccessEffect | undefined;
}

export interface Result {
  readonly status: ChangeStatus;
  readonly error?: EntryError | undefined;
  /** Cloudflare's id of the request (`cf-ray`); joins with its audit log. */
  readonly ray?: string | undefined;
  readonly duration_ms?: number | undefined;
}

/** A failure as it is kept: `status` is HTTP's, `codes` are Cloudflare's. */
export interface EntryError {
  readonly kind: FailureKind;
  readonly message: string;
  readonly status?: number | undefined;
  readonly codes?: readonly number[] | undefined;
}

/** What a caller tells the journal. JSON only, and no value of a secret: the journal keeps what it is given for ever. */
export interface EntryDraft {
  /** The same in all lines of one change: `newChangeId()`. */
  readonly change_id: string;
  readonly stage: EntryStage;
  readonly principal: { readonly type: string; readonly name: string };
  /** What the client says of itself; not to be trusted. */
  readonly client?: { readonly name: string; readonly version: string } | undefined;
  readonly server: { readonly version: string; readonly transport: string };
  readonly deed: Deed;
  /** Why, in the agent's own words. */
  readonly reason?: string | undefined;
  readonly consent?: Consent | undefined;
  readonly object?: ObjectStates | undefined;
  readonly result?: Result | undefined;
  readonly undo?: Undo | undefined;
  /** The change that this one takes back. */
  readonly undo_of?: string | undefined;
  readonly plan?: { readonly id: string; readonly step: number } | undefined;
  /** When the change must be taken back, RFC 3339. */
  readonly revert_due?: string | undefined;
}

/** One line of the journal. */
export interface Entry extends EntryDraft {
  readonly v: 1;
  /** Place in its chain, from 1. */
  readonly seq: number;
  /** Of this line; sorts by time, and within one chain by `seq`. */
  readonly id: string;
  /** Wall clock, RFC 3339 with milliseconds; never runs back within one chain. */
  readonly time: string;
  readonly prev_hash: string;
  readonly hash: string;
}

/** Milliseconds since 1970 in nine characters that sort as the times do, until the year 5188. */
export const sortableTime = (milliseconds: number): string => milliseconds.toString(36).padStart(9, "0");

/** The start of every id of a change begun at or after `milliseconds` since 1970; ids sort by time. */
export const changeIdFrom = (milliseconds: number): string => `chg_${sortableTime(milliseconds)}`;

/** A name for a new change: url-safe, not to be guessed, sorts by time. */
export const newChangeId = (milliseconds = Date.now()): string =>
  `${changeIdFrom(milliseconds)}${randomBytes(8).toString("hex")}`;

/** A name for a new plan of several changes. */
export const newPlanId = (milliseconds = Date.now()): string =>
  `pln_${sortableTime(milliseconds)}${randomBytes(8).toString("hex")}`;
