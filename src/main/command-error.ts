/** Exit codes that scripts can rely on. `altered`: the journal is; `approval`: nobody agreed; `partial`: some of several things were done. */
export const exitCodes = {
  usage: 1,
  altered: 1,
  findings: 2,
  auth: 3,
  unreachable: 4,
  failed: 5,
  approval: 6,
  partial: 7,
} as const;

export type ExitReason = keyof typeof exitCodes;

/** Ends the process with one readable line on stderr. */
export class CommandError extends Error {
  readonly exitCode: number;

  constructor(reason: ExitReason, message: string) {
    super(message);
    this.exitCode = exitCodes[reason];
  }
}
