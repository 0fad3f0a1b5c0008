import type { IncomingHttpHeaders } from "node:http";

/** What a caller may: look; look and change. */
export const roles = ["viewer", "operator"] as const;
export type Role = (typeof roles)[number];

/** Who a caller has shown to be. */
export interface Identity {
  /** How the journal names them: `ada@example.com`, `token:ci`. */
  readonly name: string;
  /** By what roles can be given: `ada@example.com`, `@example.com`, `group:Platform`, `token:ci`. */
  readonly marks: readonly string[];
  /** The role that comes with the proof itself, where one does. */
  readonly role?: Role;
}

/** Why somebody is not let in; the words go to the caller and reveal nothing about the proof. */
export interface Refusal {
  readonly status: 401 | 403 | 503;
  readonly message: string;
  /** Of `WWW-Authenticate`. */
  readonly challenge?: string;
  /** Seconds after which it is worth trying again. */
  readonly retryAfter?: number;
}

/** One way to show who one is. `undefined`: the request carries no such proof, so that another mode may know it. */
export type Mode = (headers: IncomingHttpHeaders) => Promise<Identity | Refusal | undefined>;

export const isRefusal = (answer: object): answer is Refusal => "status" in answer;
