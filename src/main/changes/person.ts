import { once } from "node:events";
import { userInfo } from "node:os";
import { createInterface } from "node:readline";
import { CommandError } from "../command-error.ts";

/** The user of this machine who runs the command; the number where there is no name. */
export function osUser(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? "unknown"}`;
  }
}

/** Ends the command unless a person can read and answer; what pipes an answer in is none. */
export function needPerson(how: string): void {
  if (process.stdin.isTTY && process.stdout.isTTY && process.stderr.isTTY) return;
  throw new CommandError("approval", `nothing was changed: a person has to answer on a terminal${how}`);
}

/** Puts a question; everything but a clear yes is a no. */
export async function ask(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const closed = once(terminal, "close");
  terminal.on("SIGINT", () => terminal.close());
  const answered = new Promise<string>((resolve) => terminal.question(`${question} [y/N] `, resolve));
  const answer = await Promise.race([answered, closed.then(() => "")]);
  terminal.close();
  return /^\s*y(?:es)?\s*$/i.test(answer);
}
