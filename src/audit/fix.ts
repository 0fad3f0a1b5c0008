import type { Call, Outcome, Workshop } from "../core/call.ts";
import type { Members } from "../core/change.ts";
import { AccessError } from "../core/errors.ts";
import type { Finding } from "./engine.ts";

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
  const steps = [{ ...first, arguments: { ...first.arguments, ...chosen } }, ...more];
  const open = Object.entries(fix?.choose ?? {}).filter(([name]) => chosen[name] === undefined);
  const proposed =
    more.length === 0
      ? { operation: first.operation, arguments: { ...first.arguments, ...chosen } }
      : { operation: "plan_changes", arguments: { changes: steps } };
  if (open.length > 0) {
    const notes = ["Ask the owner what to choose, and call fix_finding again with choose, or make the call yourself."];
    return { result: { ...told, ...proposed, choose: Object.fromEntries(open) }, notes };
  }
  try {
    const rehearsal = await rehearsed(proposed, call, workshop);
    return { result: { ...told, ...proposed, rehearsal: rehearsal.result }, notes: rehearsal.notes };
  } catch (error) {
    if (!(error instanceof AccessError) || error.facts.kind === "cancelled") throw error;
    return { result: { ...told, ...proposed }, notes: [`Not rehearsed: ${error.message}. ${error.facts.next}`] };
  }
}

async function rehearsed(
  { operation, arguments: given }: { readonly operation: string; readonly arguments: Members },
  call: Call,
  workshop: Workshop,
): Promise<Outcome> {
  const read = await call.interpret?.(operation, { ...given, dry_run: true });
  if (read === undefined) throw new Error("nothing reads arguments of other operations here");
  const { view: _, ...context } = call;
  const step: Call = { ...context, ...read, view: {} };
  return step.entry.run === undefined ? workshop.perform(step) : step.entry.run(step, workshop);
}
