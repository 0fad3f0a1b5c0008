import type { Stage } from "../core/call.ts";
import { refused } from "../core/errors.ts";

/** Holds read-only mode on whatever path a call came. */
export function permit({ readOnly }: { readonly readOnly: boolean }): Stage {
  return async (call, next) => {
    if (readOnly && call.entry.effect !== "read") {
      throw refused(
        `${call.entry.name} is refused: this server is read-only, and the operation would ${call.entry.effect} something`,
        "Ask the operator to start the server without --read-only if the change is wanted.",
      );
    }
    return next(call);
  };
}
