import type { CallToolResult } from "@modelcontextprotocol/server";
import type { Outcome } from "../core/call.ts";
import { AccessError } from "../core/errors.ts";

/** An outcome as agents get it: one JSON object, as structured content and as the same text. */
export function toResult({ result, notes }: Outcome): CallToolResult {
  return made(notes.length === 0 ? asObject(result) : { ...asObject(result), _notes: notes });
}

/** A failure as agents get it: a tool error, never a protocol error, so that the model can act on it. */
export function toFailure(error: unknown): CallToolResult {
  const failure =
    error instanceof AccessError
      ? error
      : new AccessError("The server failed unexpectedly.", {
          kind: "unexpected",
          next: "Report this as a bug.",
          outcome: "unknown",
        });
  const { kind, outcome, status, errors, ray, retry_after_seconds, issues, next } = failure.facts;
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
  };
  return { ...made({ error: body }), isError: true };
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
