/** Why a call failed, in the words that decide what to do next. */
export type FailureKind =
  | "input"
  | "refused"
  | "auth"
  | "permission"
  | "not_found"
  | "conflict"
  | "rejected"
  | "throttled"
  | "unavailable"
  | "timeout"
  | "cancelled"
  | "unexpected";

/** Whether Cloudflare may have acted: `not_sent` and `not_done` are certain, `unknown` must be looked up. */
export type WriteOutcome = "not_sent" | "not_done" | "unknown";

export interface FailureFacts {
  readonly kind: FailureKind;
  readonly next: string;
  readonly outcome: WriteOutcome;
  /** HTTP status, when an answer came. */
  readonly status?: number | undefined;
  /** Cloudflare's own codes and messages, as sent. */
  readonly errors?: readonly { readonly code: number; readonly message: string }[] | undefined;
  /** Cloudflare's id of the request (`cf-ray`), for its support. */
  readonly ray?: string | undefined;
  readonly retry_after_seconds?: number | undefined;
  /** One line per field that is wrong, as `path: what to do`. */
  readonly issues?: readonly string[] | undefined;
  /** Anything else that helps to decide, such as the two sides of a conflict. */
  readonly details?: Readonly<Record<string, unknown>> | undefined;
}

/** A failure that already knows its next step. */
export class AccessError extends Error {
  readonly facts: FailureFacts;

  constructor(message: string, facts: FailureFacts, options?: ErrorOptions) {
    super(message, options);
    this.name = "AccessError";
    this.facts = facts;
  }
}

/** The caller's arguments are wrong; nothing was sent. */
export function badInput(message: string, next: string, issues?: readonly string[]): AccessError {
  return new AccessError(message, { kind: "input", next, outcome: "not_sent", issues });
}

/** The server will not do this, whatever the arguments; nothing was sent. */
export function refused(message: string, next: string): AccessError {
  return new AccessError(message, { kind: "refused", next, outcome: "not_sent" });
}
