import type { CallToolResult } from "@modelcontextprotocol/server";
import type { Outcome } from "../core/call.ts";
import { AccessError } from "../core/errors.ts";

/** What a call comes to: its result and, where somebody has to agree first, the question to put to a person. */
export interface Answer {
  readonly result: CallToolResult;
  readonly pending?: Outcome["pending"];
}

/** An outcome as agents get it: one JSON object, as structured content and as the same text. */
export function toResult({ result, notes, change_id, pending }: Outcome): Answer {
  const content = {
    ...asObject(result),
    ...(change_id !== undefined && { _change_id: change_id }),
    ...(notes.length > 0 && { _notes: notes }),
  };
  return { result: made(content), ...(pending !== undefined && { pending }) };
}

/** A failure as agents get it: a tool error, never a protocol error, so that the model can act on it. */
export function toFailure(error: unknown): Answer {
  const failure =
    error instanceof AccessError
      ? error
      : new AccessError("The server failed unexpectedly.", {
          kind: "unexpected",
          next: "Report this as a bug.",
          outcome: "unknown",
        });
  const { kind, outcome, status, errors, ray, retry_after_seconds, issues, next, details } = failure.facts;
  const body = {
    kind,
    message: failure.message,
    next,
    outcome,
    ...(retry_after_seconds !== undefined && { retry_after_seconds }),
    ...(status !== undefined && { status }),
    ...(errors !== undefined && errors.length > 0 && { cloudflare: errors }),
    ...(ray !== undefined && { ray }),
    ...(issues !== undefined && { issues }),
    ...details,
  };
  return { result: { ...made({ error: body }), isError: true } };
}

const made = (content: Record<string, unknown>): CallToolResult => ({
  content: [{ type: "text", text: JSON.stringify(content) }],
  structuredContent: content,
});

/** Structured content is an object in every protocol revision; what is none is wrapped. */
function asObject(result: unknown): Record<string, unknown> {
  if (result === null || result === undefined) return { done: true };
  if (typeof result === "object" && !Array.isArray(result)) return result as Record<string, unknown>;
  return { result };
}
