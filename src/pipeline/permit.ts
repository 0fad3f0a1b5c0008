import type { Stage } from "../core/call.ts";
import { refused } from "../core/errors.ts";

export interface PermitSettings {
  readonly readOnly: boolean;
  /** Names of the operations within reach; all when absent. */
  readonly offered?: ReadonlySet<string> | undefined;
}

/** Holds read-only mode and the operator's choice of operations on whatever path a call came. */
export function permit({ readOnly, offered }: PermitSettings): Stage {
  return async (call, next) => {
    if (offered !== undefined && !offered.has(call.entry.name)) {
      throw refused(
        `${call.entry.name} is refused: the operator has not offered it`,
        "Ask the operator, or find another operation with search_operations.",
      );
    }
    if (readOnly && call.entry.effect !== "read") {
      throw refused(
        `${call.entry.name} is refused: this server is read-only, and the operation would ${call.entry.effect} something`,
        "Ask the operator to start the server without --read-only if the change is wanted.",
      );
    }
    return next(call);
  };
}
