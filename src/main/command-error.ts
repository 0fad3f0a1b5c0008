/** Exit codes that scripts can rely on. */
const exitCodes = { usage: 1, auth: 3 } as const;

/** Ends the process with one readable line on stderr. */
export class CommandError extends Error {
  readonly exitCode: number;

  constructor(reason: keyof typeof exitCodes, message: string) {
    super(message);
    this.exitCode = exitCodes[reason];
  }
}
