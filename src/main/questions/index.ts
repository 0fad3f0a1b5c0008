import { AccessError } from "../../core/errors.ts";
import { harmless } from "../../pipeline/cleanse.ts";
import { exitFor } from "../changes/report.ts";
import { CommandError } from "../command-error.ts";
import type { SettingValues } from "../settings.ts";
import { report } from "./audit.ts";
import { explain, who } from "./people.ts";
import type { Question, QuestionRequest } from "./request.ts";
import { openSession, type Session } from "./session.ts";

const answers: Readonly<Record<Question, (session: Session, request: QuestionRequest) => Promise<number>>> = {
  audit: report,
  who,
  explain,
};

/** Answers a question about the account on standard output, and sets the exit code. */
export async function run(
  request: QuestionRequest,
  values: SettingValues,
  environment: NodeJS.ProcessEnv,
): Promise<void> {
  // Whoever reads only the first lines is not told of an error.
  process.stdout.on("error", () => process.exit());
  const session = await openSession(values, environment, request.flags.get("snapshot"));
  try {
    process.exitCode = await answers[request.question](session, request);
  } catch (error) {
    if (!(error instanceof AccessError)) throw error;
    const { kind, next, issues = [] } = error.facts;
    throw new CommandError(exitFor[kind], harmless([`${error.message} ${next}`, ...issues].join("\n")));
  } finally {
    await session.close();
  }
}
