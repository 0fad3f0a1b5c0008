import type { Stage } from "../core/call.ts";
import { AccessError } from "../core/errors.ts";
import { harmless, mapTexts } from "./cleanse.ts";

/** Turns whatever went wrong into a failure with a next step, free of the server's credentials and of unseen characters. */
export function explain(redactText: (text: string) => string): Stage {
  const safe = (text: string) => harmless(redactText(text));
  return async (call, next) => {
    try {
      return await next(call);
    } catch (error) {
      if (error instanceof AccessError) throw withoutSecrets(error, safe);
      const wrote = call.entry.effect !== "read";
      if (call.signal.aborted) {
        throw new AccessError(`${call.entry.name} was cancelled`, {
          kind: "cancelled",
          next: wrote
            ? "Look whether the change was made before trying again."
            : "Call again when the answer is needed.",
          outcome: wrote ? "unknown" : "not_done",
        });
      }
      const message = safe(error instanceof Error ? error.message : String(error));
      throw new AccessError(`${call.entry.name} failed inside the server: ${message}`, {
        kind: "unexpected",
        next: wrote
          ? "Look whether the change was made before trying again; report this as a bug."
          : "Report this as a bug.",
        outcome: wrote ? "unknown" : "not_done",
      });
    }
  };
}

function withoutSecrets(error: AccessError, safe: (text: string) => string): AccessError {
  const { facts } = error;
  return new AccessError(safe(error.message), {
    ...facts,
    next: safe(facts.next),
    ...(facts.issues && { issues: facts.issues.map(safe) }),
    ...(facts.errors && { errors: facts.errors.map((one) => ({ ...one, message: safe(one.message) })) }),
    ...(facts.details && { details: mapTexts(facts.details, safe) }),
  });
}
