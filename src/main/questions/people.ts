import type { Members } from "../../core/change.ts";
import { CommandError } from "../command-error.ts";
import { explanationText, whoText } from "./answers.ts";
import type { QuestionRequest } from "./request.ts";
import type { Session } from "./session.ts";

/** Who can reach an application. */
export const who = (session: Session, request: QuestionRequest): Promise<number> =>
  answer(session, request, "who_can_access", { application: request.words[0] }, whoText);

/** Whether somebody gets in, and why. */
export const explain = (session: Session, request: QuestionRequest): Promise<number> =>
  answer(session, request, "explain_access", explanationInput(request), explanationText);

async function answer(
  session: Session,
  { flags, question }: QuestionRequest,
  operation: string,
  input: Members,
  text: (result: Members, notes: readonly string[], asked: string) => readonly string[],
): Promise<number> {
  const format = flags.get("format") ?? "md";
  if (format !== "md" && format !== "json") throw new CommandError("usage", `${question}: --format md or json`);
  const { result, notes } = await session.ask(operation, { ...input, ...session.source });
  const told = result as Members;
  const lines =
    format === "json" ? [JSON.stringify({ ...told, notes }, null, 2)] : text(told, notes, String(input["application"]));
  process.stdout.write(`${lines.join("\n")}\n`);
  return 0;
}

function explanationInput({ words: [principal, application, ...facts] }: QuestionRequest): Members {
  const given = facts.map((word) => {
    const [name = "", value = ""] = word.split(/=(.*)/s);
    return [name, lists.has(name) ? value.split(",") : value] as const;
  });
  return { principal, application, ...(given.length > 0 && { facts: Object.fromEntries(given) }) };
}

/** Facts of which there can be several, with commas between. */
const lists: ReadonlySet<string> = new Set(["idp_groups", "auth_methods", "posture"]);
