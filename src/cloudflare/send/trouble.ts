import { SendError, type SendTrouble } from "../../core/send.ts";

/** What is known of a request when it failed; what is not is read from the error. */
interface Progress {
  readonly sent?: boolean;
  /** Its answer had begun. */
  readonly answered?: boolean;
  readonly signal?: AbortSignal;
}

/** Codes of sockets and of undici that say more than how far the request came. */
const reasons: ReadonlyMap<string, SendTrouble> = new Map([
  ["UND_ERR_CONNECT_TIMEOUT", "timeout"],
  ["UND_ERR_HEADERS_TIMEOUT", "timeout"],
  ["UND_ERR_BODY_TIMEOUT", "timeout"],
  ["ETIMEDOUT", "timeout"],
  ["UND_ERR_RES_EXCEEDED_MAX_SIZE", "too_large"],
]);

/** Codes after which nothing can have been sent. */
const early: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/**
 * A transport's failure in the words of the house. Keeps the code alone: messages and causes may quote what was sent
 * or received. An error that has nothing of the network stays as it is.
 */
export function troubleOf(error: unknown, { sent, answered = false, signal }: Progress): unknown {
  if (error instanceof SendError) return error;
  const { code, name } = error as { code?: unknown; name?: unknown };
  const text = typeof code === "string" ? code : "";
  const arrived = sent ?? !early.has(text);
  if (signal?.aborted) return new SendError("cancelled", arrived);
  if (name === "TimeoutError") return new SendError("timeout", arrived);
  if (text === "" && sent === undefined) return error;
  const reason = reasons.get(text) ?? (answered ? "truncated" : arrived ? "reset" : "unreachable");
  return new SendError(reason, arrived, text.replace(/^UND_ERR_/, "") || undefined);
}
