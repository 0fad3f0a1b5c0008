import type { DatasetState } from "../inventory/world.ts";
import { type Severity, severities } from "./check.ts";
import type { Audit, CheckResult } from "./engine.ts";

/** What an audit that went through ends with; 1, 3 and 4 are failures on the way. */
export const exitCodes = { clean: 0, findings: 2, partial: 7 } as const;

/** Whether a dataset in this state leaves questions open. What is not enabled is not there, and holds nothing. */
const leavesOpen: Readonly<Record<DatasetState, boolean>> = {
  ok: false,
  not_enabled: false,
  partial: true,
  forbidden: true,
  failed: true,
};

/** Whether something of the account is not known that could have been read. */
export function isPartial({ inventory, results }: Audit): boolean {
  const isUnread = ({ check, status }: CheckResult) =>
    status === "unknown" && check.reads.some((name) => inventory[name] === undefined);
  return (
    Object.values(inventory).some(({ state, bounded }) => leavesOpen[state] && bounded !== true) ||
    results.some(isUnread)
  );
}

/**
 * How the process ends. Findings at `failOn` or worse come first: they are certain, whatever else was not read. Without
 * `failOn` no finding fails an audit.
 */
export function exitCodeOf(audit: Audit, failOn?: Severity): (typeof exitCodes)[keyof typeof exitCodes] {
  const limit = failOn === undefined ? -1 : severities.indexOf(failOn);
  if (audit.findings.some(({ severity }) => severities.indexOf(severity) <= limit)) return exitCodes.findings;
  return isPartial(audit) ? exitCodes.partial : exitCodes.clean;
}
