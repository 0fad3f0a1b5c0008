import type { Call, Outcome } from "../../core/call.ts";
import type { Direction, Members, Reason, Undo } from "../../core/change.ts";
import { type Step, standInMark } from "../../core/plan.ts";
import { mapTexts } from "../cleanse.ts";
import { changeLines, directions, headlineOf, planOf, reasonLines } from "../confirm/plan.ts";
import type { PlannedRequest, Summary } from "../ports.ts";

/** With more steps than this, requests are told without their bodies and people see no field by itself. */
const few = 10;
/** Steps that a person is shown one by one. */
const told = 50;

/** Shows what stands for later values as the caller wrote it: `$1.id`. */
export function asWritten(steps: readonly Step[]): <Value>(value: Value) => Value {
  const words = steps.flatMap(({ number, standIns }) =>
    Object.entries(standIns)
      .filter(([, text]) => text.startsWith(standInMark))
      .map(([path, text]) => [text, `$${number}.${path}`] as const),
  );
  const known = new Map(words);
  const found = new RegExp(`${standInMark}[0-9a-f]{12}`, "g");
  return (value) => mapTexts(value, (text) => text.replace(found, (match) => known.get(match) ?? match));
}

/** Texts with the steps that they are true of: `steps 1-3, 7: …`. */
export function bySteps(texts: readonly (readonly [step: number, text: string])[]): readonly string[] {
  const steps = new Map<string, Set<number>>();
  for (const [step, text] of texts) steps.set(text, (steps.get(text) ?? new Set()).add(step));
  return [...steps].map(([text, numbers]) => `step${numbers.size === 1 ? "" : "s"} ${ranges([...numbers])}: ${text}`);
}

function ranges(numbers: readonly number[]): string {
  const spans: [number, number][] = [];
  for (const number of numbers.toSorted((one, other) => one - other)) {
    const last = spans.at(-1);
    if (last !== undefined && last[1] === number - 1) last[1] = number;
    else spans.push([number, number]);
  }
  return spans.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(", ");
}

/** The effect of all steps: it widens as soon as one does. */
export function effectOfSteps(steps: readonly Step[]): { readonly direction: Direction; readonly reasons: Reason[] } {
  const effects = steps.flatMap(({ number, call }) =>
    (call.rehearsal?.assessment.effect.reasons ?? []).map((reason) => ({ ...reason, number })),
  );
  const kinds = new Map(effects.map((reason) => [`${reason.direction} ${reason.code}`, reason]));
  const reasons = [...kinds.values()].flatMap(({ direction, code }): Reason[] => {
    const same = effects.filter((reason) => reason.direction === direction && reason.code === code);
    return bySteps(same.map(({ number, text }) => [number, text])).map((text) => ({ direction, code, text }));
  });
  const found = new Set(steps.map(({ call }) => call.rehearsal?.assessment.effect.direction));
  return { direction: found.has("widen") ? "widen" : found.has("narrow") ? "narrow" : "neutral", reasons };
}

/** Whether all of it can be taken back. */
export function undoOfSteps(steps: readonly Step[]): Undo {
  const undos = steps.flatMap(({ number, call }) => (call.rehearsal ? [{ number, ...call.rehearsal.undo }] : []));
  const why = bySteps(undos.flatMap(({ number, why }) => (why === undefined ? [] : [[number, why] as const]))).join(
    "; ",
  );
  if (undos.every(({ undoable }) => undoable === "yes")) return { undoable: "yes" };
  return { undoable: undos.every(({ undoable }) => undoable === "no") ? "no" : "partly", why };
}

/** The answer that shows what a plan would do, step by step in the order in which they would be made. */
export async function planOfSteps(
  call: Call,
  preview: (call: Call) => Promise<PlannedRequest>,
  status: string,
): Promise<Outcome> {
  const { steps = [], assessment, risks, objections, undo } = call.rehearsal ?? {};
  const shown = await Promise.all(
    steps.map(async ({ number, call: step }) => {
      const request = await preview(step);
      const { summary, access, impact, would_be_refused, changes, references, undo, ...plan } = planOf(
        step,
        request,
        status,
      ).result as Members;
      const short = { step: number, operation: step.entry.name, summary, would_be_refused };
      // What all steps together do, and whether it can be undone, is told once.
      return steps.length > few
        ? { ...short, changes: (changes as readonly unknown[] | undefined)?.slice(0, few), request: lineOf(request) }
        : { ...short, access, impact, changes, references, undo, request: plan["request"] };
    }),
  );
  return {
    result: asWritten(steps)({
      status,
      summary: headlineFor(call),
      access: assessment?.effect,
      ...(objections?.length !== 0 && { would_be_refused: objections }),
      ...(risks?.length !== 0 && { risks }),
      undo: { possible: undo?.undoable, why: undo?.why },
      steps: shown,
    }),
    notes: assessment?.notes ?? [],
  };
}

const lineOf = ({ method, path }: PlannedRequest): string => `${method} ${path}`;

function headlineFor({ rehearsal }: Call): string {
  const count = rehearsal?.steps?.length ?? 0;
  return `${count} change${count === 1 ? "" : "s"} as one: ${directions[rehearsal?.assessment.effect.direction ?? "neutral"]}`;
}

/** What a person reads who is asked about a plan. */
export function summaryOfSteps(call: Call): Summary {
  const { steps = [], assessment, risks = [], undo } = call.rehearsal ?? {};
  const others = (assessment?.effect.reasons ?? []).map(({ text }) => text).filter((text) => !risks.includes(text));
  const lines = [
    ...[...risks, ...others].map((text) => `- ${text}`),
    ...steps
      .slice(0, told)
      .flatMap(({ number, call: step }) => [
        `${number}. ${headlineOf(step)}`,
        ...(steps.length > few ? [] : changeLines(step.rehearsal?.differences ?? [], 6)),
      ]),
    ...(steps.length > told ? [`and ${steps.length - told} more`] : []),
    ...(assessment?.notes ?? []).map((note) => `! ${note}`),
    ...(undo?.why === undefined ? [] : [`! cannot be ${undo.undoable === "no" ? "" : "wholly "}undone: ${undo.why}`]),
    ...reasonLines(call),
  ];
  return { headline: headlineFor(call), lines: asWritten(steps)(lines) };
}
