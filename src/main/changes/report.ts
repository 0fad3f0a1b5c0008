import type { FailureKind } from "../../core/errors.ts";
import type { Journal } from "../../journal/store.ts";
import type { ExitReason } from "../command-error.ts";
import type { SettingValues } from "../settings.ts";
import type { ChangesRequest } from "./request.ts";

/** What a word of `changes` works with. */
export interface Desk extends ChangesRequest {
  readonly journal: Journal;
  /** The state folder. */
  readonly folder: string;
  readonly values: SettingValues;
  readonly environment: NodeJS.ProcessEnv;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What a word of `changes` has to say. */
export interface Report {
  /** For programs. */
  readonly document: unknown;
  /** For people; nothing is printed when it is empty. */
  readonly text: string;
  /** Why the command does not end with 0. */
  readonly exit?: ExitReason;
}

/** How the command ends by what went wrong. */
export const exitFor: Readonly<Record<FailureKind, ExitReason>> = {
  input: "usage",
  refused: "failed",
  auth: "auth",
  permission: "auth",
  not_found: "failed",
  conflict: "failed",
  rejected: "failed",
  throttled: "unreachable",
  unavailable: "unreachable",
  timeout: "unreachable",
  cancelled: "failed",
  unexpected: "failed",
};
