/** Exit codes that scripts can rely on. */
export const exitCodes = { usage: 1, auth: 3, unreachable: 4 } as const;

/** Ends the process with one readable line on stderr. */
export class CommandError extends Error {
  readonly exitCode: number;

  constructor(reason: keyof typeof exitCodes, message: string) {
    super(message);
    this.exitCode = exitCodes[reason];
  }
}
