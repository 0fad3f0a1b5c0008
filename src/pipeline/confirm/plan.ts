import type { Call, Outcome } from "../../core/call.ts";
import type { Difference, Members, Reference } from "../../core/change.ts";
import { masked } from "../masks.ts";
import type { PlannedRequest, Summary } from "../ports.ts";
import { nameOf } from "../rehearse/index.ts";
import { pick } from "../select.ts";

/** References and differences that a plan tells; the rest is counted. */
const told = 40;

/** The answer that shows what a write would do. */
export function planOf({ entry, rehearsal }: Call, request: PlannedRequest, status: string): Outcome {
  if (rehearsal === undefined) return { result: { status }, notes: [] };
  const { change, assessment, risks, objections } = rehearsal;
  const { before, id } = change;
  const secrets = entry.secrets ?? [];
  return {
    result: {
      status,
      summary: headlineOf({ entry, rehearsal }),
      access: assessment.effect,
      ...(assessment.impact !== undefined && assessment.impact.length > 0 && { impact: assessment.impact }),
      ...(objections.length > 0 && { would_be_refused: objections }),
      ...(risks.length > 0 && { risks }),
      object: {
        noun: entry.room.noun,
        ...(id !== undefined && { id }),
        ...(before !== undefined && { now: masked(pick(before, entry.room.columns), secrets) }),
      },
      ...(rehearsal.differences.length > 0 && { changes: some(rehearsal.differences) }),
      ...(assessment.references.length > 0 && { references: some(assessment.references) }),
      undo: { possible: rehearsal.undo.undoable, ...(rehearsal.undo.why !== undefined && { why: rehearsal.undo.why }) },
      request: { method: request.method, path: request.path, ...bodyOf(request, secrets) },
    },
    notes: assessment.notes,
  };
}

const bodyOf = ({ body, query = [] }: PlannedRequest, secrets: readonly string[]) => ({
  ...(query.length > 0 && { query: Object.fromEntries(query) }),
  ...(body !== undefined && { body: masked(body, secrets) }),
});

function some<Item>(items: readonly Item[]): readonly (Item | string)[] {
  return items.length <= told ? items : [...items.slice(0, told), `and ${items.length - told} more`];
}

/** The effect in one sentence. */
export function headlineOf({ entry, rehearsal }: Pick<Call, "entry" | "rehearsal">): string {
  const shown = rehearsal?.change.before ?? rehearsal?.change.after;
  const what = `${entry.room.noun}${shown === undefined ? "" : ` ${nameOf(entry, shown)}`}`;
  const effect = rehearsal?.assessment.effect.direction ?? "neutral";
  return `${verbs[entry.effect]} ${what}: ${directions[effect]}`;
}

const verbs = {
  read: "Read",
  create: "Create",
  update: "Change",
  delete: "Delete",
  revoke: "Revoke sessions of",
  rotate: "Replace credentials of",
  action: "Act on",
} as const;

export const directions = {
  widen: "lets more in",
  narrow: "lets fewer in",
  neutral: "changes nobody's access",
} as const;

/** What a person reads who is asked: the effect first, then what changes and who is concerned. */
export function summaryOf(call: Call): Summary {
  const { rehearsal } = call;
  if (rehearsal === undefined) return { headline: call.entry.title, lines: [] };
  const { assessment, risks, differences } = rehearsal;
  const others = assessment.effect.reasons.map(({ text }) => text).filter((text) => !risks.includes(text));
  return {
    headline: headlineOf(call),
    lines: [
      ...[...risks, ...others].map((text) => `- ${text}`),
      ...changeLines(differences, 12),
      ...impactLines(assessment.impact),
      ...usersOf(assessment.references),
      ...assessment.notes.map((note) => `! ${note}`),
      ...(rehearsal.undo.undoable === "yes"
        ? []
        : [`! cannot be ${rehearsal.undo.undoable === "no" ? "" : "wholly "}undone: ${rehearsal.undo.why}`]),
      ...reasonLines(call),
    ],
  };
}

export const reasonLines = ({ control }: Call): readonly string[] =>
  control?.reason === undefined ? [] : [`The agent's reason: ${short(control.reason)}`];

export function changeLines(differences: readonly Difference[], most: number): readonly string[] {
  const lines = differences.slice(0, most).map((difference) => `~ ${difference.path}: ${sides(difference)}`);
  const more = differences.length - lines.length;
  return more === 0 ? lines : [...lines, `~ and ${more} more ${more === 1 ? "field" : "fields"}`];
}

const short = (value: unknown): string => {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
};

const sides = ({ before, after }: Difference): string =>
  before === undefined
    ? `+ ${short(after)}`
    : after === undefined
      ? `- ${short(before)}`
      : `${short(before)} → ${short(after)}`;

/** Who gains and who loses, at the first few applications. */
export function impactLines(impact: readonly Members[] = []): readonly string[] {
  const lines = impact.slice(0, 4).map(({ application, gains, loses }) => {
    const sides = Object.entries({ gains, loses }).filter(([, some]) => Array.isArray(some));
    const said = sides.map(([verb, some]) => `${verb} ${short((some as readonly unknown[]).join(", "))}`);
    return `> application ${short((application as Members)["name"])}: ${said.join("; ")}`;
  });
  const more = impact.length - lines.length;
  return more <= 0 ? lines : [...lines, `> and ${more} more application${more === 1 ? "" : "s"}`];
}

function usersOf(references: readonly Reference[]): readonly string[] {
  const named = references.slice(0, 8).map(({ noun, name, id }) => `${noun} ${JSON.stringify(name ?? id)}`);
  const more = references.length - named.length;
  return named.length === 0 ? [] : [`Used by ${named.join(", ")}${more > 0 ? ` and ${more} more` : ""}`];
}
