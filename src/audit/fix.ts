import type { Call, Outcome, Workshop } from "../core/call.ts";
import type { Members } from "../core/change.ts";
import { AccessError } from "../core/errors.ts";
import type { Fix } from "./check.ts";
import type { Finding } from "./engine.ts";
import { at, placed, secretsWanted, withoutSecrets } from "./given.ts";

/** The call that puts a finding right, with what a rehearsal of it says. Sends no write. */
export async function proposal(
  { id, says, check, subject, fix }: Finding,
  chosen: Members,
  call: Call,
  workshop: Workshop,
): Promise<Outcome> {
  const told = { finding: { id, says, object: subject }, remedy: check.remedy };
  const [first, ...more] = fix?.steps ?? [];
  if (first === undefined) {
    return { result: { ...told, by_hand: true }, notes: ["No operation puts this right: do as the remedy says."] };
  }
  const steps = [{ ...first, arguments: placed(first.arguments, chosen) }, ...more];
  const [secrets = {}, ...others] = await Promise.all(steps.map((step) => wantedFor(step, call, workshop)));
  const given = placed({}, chosen);
  const open = Object.entries({ ...fix?.choose, ...secrets }).filter(([path]) => at(given, path) === undefined);
  const shown = steps.map((step) => ({
    ...step,
    arguments: withoutSecrets(workshop.entries.get(step.operation), step),
  }));
  const notes = [
    ...others.flatMap((wanted, place) =>
      Object.entries(wanted).map(([path, what]) => `Step ${place + 2} needs ${path} in its arguments: ${what}.`),
    ),
    ...(JSON.stringify(shown) === JSON.stringify(steps) ? [] : ["Send the secret itself where [secret] stands."]),
  ];
  if (open.length > 0) {
    return { result: { ...told, ...asCall(shown), choose: Object.fromEntries(open) }, notes: [...notes, asking(open)] };
  }
  try {
    const rehearsal = await rehearsed(asCall(steps), call, workshop);
    const result = { ...told, ...asCall(shown), rehearsal: rehearsal.result };
    return { result, notes: [...notes, ...rehearsal.notes] };
  } catch (error) {
    if (!isFailure(error)) throw error;
    const why = `Not rehearsed: ${error.message}. ${error.facts.next}`;
    return { result: { ...told, ...asCall(shown) }, notes: [...notes, why] };
  }
}

/** Failed, and not because the caller gave up. */
const isFailure = (error: unknown): error is AccessError =>
  error instanceof AccessError && error.facts.kind !== "cancelled";

/** Several steps are one plan. */
const asCall = (steps: Fix["steps"]): Fix["steps"][number] => {
  const [first, ...more] = steps;
  return first !== undefined && more.length === 0
    ? first
    : { operation: "plan_changes", arguments: { changes: steps } };
};

/** How to give what is open. */
function asking(open: readonly (readonly [path: string, what: string])[]): string {
  const keys = open.map(([path]) => `${JSON.stringify(path)}: …`).join(", ");
  const dots = open.some(([path]) => path.includes(".")) ? ", where a dot leads to a member of an object" : "";
  return `Ask the owner what to choose, and call fix_finding again with choose {${keys}}, or make the call yourself${dots}.`;
}

/** The secrets that a step has to send again, which nobody but the owner has; none where that cannot be read. */
async function wantedFor(
  { operation, arguments: given }: Fix["steps"][number],
  call: Call,
  workshop: Workshop,
): Promise<Readonly<Record<string, string>>> {
  const entry = workshop.entries.get(operation);
  if (entry === undefined) return {};
  try {
    return await secretsWanted(entry, given, async (get, input) => {
      return (await workshop.perform({ ...call, entry: get, input, view: { all: true } })).result;
    });
  } catch (error) {
    if (!isFailure(error)) throw error;
    return {};
  }
}

async function rehearsed(
  { operation, arguments: given }: Fix["steps"][number],
  call: Call,
  workshop: Workshop,
): Promise<Outcome> {
  const read = await call.interpret?.(operation, { ...given, dry_run: true });
  if (read === undefined) throw new Error("nothing reads arguments of other operations here");
  const { view: _, ...context } = call;
  const step: Call = { ...context, ...read, view: {} };
  return step.entry.run === undefined ? workshop.perform(step) : step.entry.run(step, workshop);
}
