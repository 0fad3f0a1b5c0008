import type { Members } from "../../core/change.ts";
import { plain } from "../changes/text.ts";

/** What texts of others become in a line: nothing in it moves the cursor. */
const shown = (value: unknown): string => plain(String(value ?? ""));
const members = (value: unknown): Members => (typeof value === "object" && value !== null ? (value as Members) : {});
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const rows = (value: unknown): readonly Members[] => list(value).map(members);
const bullets = (values: unknown): readonly string[] => list(values).map((one) => `- ${shown(one)}`);

/** A paragraph, which is nothing without a line. */
const part = (...lines: readonly string[]): readonly string[] => (lines.length === 0 ? [] : ["", ...lines]);
const under = (heading: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : part(heading, ...lines);

/** What an answer is about: an application or, where none answers, the address. */
function placeIn({ application, address }: Members, asked = ""): string {
  const { name, id } = members(application);
  return shown(name ?? id ?? address ?? asked);
}

/** How the application of an address was found, or that none was, and why. */
function matchIn({ address, answers, why, override, link }: Members): readonly string[] {
  const reason = answers ?? why;
  return [
    ...(reason === undefined ? [] : [`${shown(address)}: ${shown(reason)}.`]),
    ...(override === undefined
      ? []
      : [`Override: ${shown(typeof override === "string" ? override : JSON.stringify(override))}`]),
    ...(link === undefined || link === "" ? [] : [`Link: ${shown(link)}`]),
  ];
}

/** Who can reach an application, in lines for people; `asked` is how they called it. */
export function whoText(told: Members, notes: readonly string[], asked?: string): readonly string[] {
  return [
    `**${placeIn(told, asked)}**: ${shown(told["verdict"])}`,
    ...part(...matchIn(told)),
    ...part(...rows(told["items"]).map(principalText)),
    ...part(...usersText(told["users"])),
    ...under("Not known, so this is not certain:", bullets(told["unknown"])),
    ...(told["certain"] === false && told["unknown"] === undefined ? part("This is not certain.") : []),
    ...notes.flatMap((note) => part(shown(note))),
  ];
}

function principalText({ who, outcome, policy, conditions, through }: Members): string {
  const groups = rows(through).map(({ name, id }) => ` through group "${shown(name ?? id)}"`);
  const terms = list(conditions).map(shown).join(" and ");
  const { name, id } = members(policy);
  return `- ${shown(who)} (${shown(outcome)} by policy "${shown(name ?? id)}"${groups.join("")})${terms === "" ? "" : `, if ${terms}`}`;
}

function usersText(users: unknown): readonly string[] {
  if (typeof users === "string") return [`Known users: ${shown(users)}.`];
  const { known, yes, depends, no, judged_by_last_login: judged, who, who_depends } = members(users);
  if (known === undefined) return [];
  const by = judged === undefined ? "" : ` ${shown(judged)} are judged by their last login.`;
  return [
    `Of ${shown(known)} known users ${shown(yes)} get in, ${shown(depends)} may, ${shown(no)} do not.${by}`,
    ...namesText("Get in", who, yes),
    ...namesText("May get in", who_depends, depends),
  ];
}

function namesText(what: string, names: unknown, count: unknown): readonly string[] {
  const all = list(names).map(shown);
  const left = Number(count) - all.length;
  return all.length === 0 ? [] : [`${what}: ${all.join(", ")}${left > 0 ? ` and ${left} more` : ""}`];
}

/** Whether somebody gets in, in lines for people; `asked` is how they called the application. */
export function explanationText(told: Members, notes: readonly string[] = [], asked?: string): readonly string[] {
  const { name, id } = members(told["principal"]);
  const who = name ?? id;
  const open = rows(told["depends_on"]);
  return [
    `${who === undefined ? "" : `**${shown(who)}** at `}**${placeIn(told, asked)}**: ${shown(told["says"])}`,
    ...part(...matchIn(told)),
    ...part(...rows(told["trace"]).map(stepText)),
    ...under("What would settle it:", open.map(openText)),
    ...part(...doubtIn(told)),
    ...notes.flatMap((note) => part(shown(note))),
  ];
}

function stepText({ policy, matches, rule, because, says, notes }: Members): string {
  const { name, id, decision } = members(policy);
  const place = rule === undefined ? "" : ` (${shown(rule)})`;
  const why = [because ?? says ?? [], list(notes)].flat().map((text) => `, ${shown(text)}`);
  return `- policy "${shown(name ?? id)}" (${shown(decision)}): ${shown(matches)}${why.join("")}${place}`;
}

const openText = ({ fact, needs, if_true, if_false }: Members): string =>
  `- ${shown(fact)}: if so ${shown(if_true)}, if not ${shown(if_false)}${needs === undefined ? "" : `; to know: ${shown(needs)}`}`;

/** What is not certain, where the first sentence does not say so already. */
function doubtIn({ certain, allowed, outcomes }: Members): readonly string[] {
  if (certain !== false || (allowed === "depends" && outcomes !== undefined)) return [];
  return [
    outcomes === undefined
      ? "This is not certain."
      : `The answer is certain (${shown(allowed)}), but not which of these happens.`,
  ];
}
