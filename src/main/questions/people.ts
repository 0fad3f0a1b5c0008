import type { Members } from "../../core/change.ts";
import { plain } from "../changes/text.ts";
import { CommandError } from "../command-error.ts";
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
  text: (result: Members, notes: readonly string[]) => readonly string[],
): Promise<number> {
  const format = flags.get("format") ?? "md";
  if (format !== "md" && format !== "json") throw new CommandError("usage", `${question}: --format md or json`);
  const { result, notes } = await session.ask(operation, { ...input, ...session.source });
  const told = result as Members;
  const lines = format === "json" ? [JSON.stringify({ ...told, notes }, null, 2)] : text(told, notes);
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

/** What texts of others become in a line: nothing in it moves the cursor. */
const shown = (value: unknown): string => plain(String(value ?? ""));
const members = (value: unknown): Members => (typeof value === "object" && value !== null ? (value as Members) : {});
const list = (value: unknown): readonly Members[] => (Array.isArray(value) ? value.map(members) : []);

function whoText(told: Members, notes: readonly string[]): readonly string[] {
  const { name, id } = members(told["application"]);
  const users = members(told["users"]);
  return [
    `**${shown(name ?? id)}**: ${shown(told["verdict"])}`,
    "",
    ...list(told["items"]).map((one) => {
      const conditions = Array.isArray(one["conditions"]) ? `, if ${one["conditions"].map(shown).join(" and ")}` : "";
      return `- ${shown(one["who"])} (${shown(one["outcome"])} by policy "${shown(members(one["policy"])["name"])}")${conditions}`;
    }),
    ...(typeof users["known"] === "number"
      ? ["", `Of ${users["known"]} known users ${users["yes"]} get in, ${users["depends"]} may, ${users["no"]} do not.`]
      : []),
    ...notes.map((note) => `\n${note}`),
  ];
}

/** An explanation in lines for people. */
export function explanationText(told: Members): readonly string[] {
  const principal = members(told["principal"]);
  const { name, id } = members(told["application"]);
  const open = list(told["depends_on"]);
  return [
    `**${shown(principal["name"] ?? principal["id"])}** at **${shown(name ?? id)}**: ${shown(told["says"])}`,
    "",
    ...list(told["trace"]).map((step) => {
      const { name: policy, decision } = members(step["policy"]);
      const why = step["because"] ?? step["says"];
      return `- policy "${shown(policy)}" (${shown(decision)}): ${shown(step["matches"])}${why === undefined ? "" : `, ${shown(why)}`}`;
    }),
    ...(open.length > 0 ? ["", "What would settle it:"] : []),
    ...open.map((one) => `- ${shown(one["fact"])}: if so ${shown(one["if_true"])}, if not ${shown(one["if_false"])}`),
  ];
}
