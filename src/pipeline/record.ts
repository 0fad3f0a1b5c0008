import type { Call, Outcome, Stage } from "../core/call.ts";
import type { Members } from "../core/change.ts";
import { AccessError, type FailureFacts, refused } from "../core/errors.ts";
import { shapesOf } from "../core/model.ts";
import { shownBy } from "../core/room.ts";
import { masked } from "./masks.ts";
import { fingerprint } from "./rehearse/think.ts";

/** What became of a change. */
export interface Ending {
  readonly status: "done" | "failed" | "not_done" | "unknown";
  /** Milliseconds from the request to the answer. */
  readonly duration: number;
  readonly error?: AccessError | undefined;
  readonly outcome?: Outcome | undefined;
  /** The object as Cloudflare answered it, without secrets, and its fingerprint. */
  readonly after?: Members | undefined;
  readonly digest_after?: string | undefined;
}

/** Writes down what is about to be done, what came of it, and what was refused. */
export interface Recorder {
  /** Throws when nothing can be written down; then nothing may be changed either. */
  ready(): Promise<void>;
  /** On disk when it resolves; answers the id of the change. */
  intent(call: Call): Promise<string>;
  outcome(changeId: string, call: Call, ending: Ending): Promise<void>;
  refused(call: Call, error: AccessError): Promise<void>;
}

/** Writes down the intent before the request leaves and the outcome after it. */
export function record(recorder: Recorder): Stage {
  return async (call, next) => {
    if (call.rehearsal === undefined) return next(call);
    const change_id = await recorder.intent(call);
    const began = performance.now();
    const end = async (ending: Omit<Ending, "duration">) => {
      const duration = Math.round(performance.now() - began);
      try {
        await recorder.outcome(change_id, call, { ...ending, duration });
        return [];
      } catch {
        return [`The journal could not be written any more: ${change_id} stands there without its outcome.`];
      }
    };
    let outcome: Outcome;
    try {
      outcome = await next(call);
    } catch (error) {
      const failure = error instanceof AccessError ? error : undefined;
      await end({ status: statusOf(failure?.facts), error: failure });
      if (failure === undefined) throw error;
      throw new AccessError(failure.message, { ...failure.facts, details: { ...failure.facts.details, change_id } });
    }
    const notes = await end({ status: "done", outcome, ...shownAfter(call, outcome) });
    return { ...outcome, notes: [...outcome.notes, ...call.rehearsal.assessment.notes, ...notes], change_id };
  };
}

/**
 * What is known of the object: a create and a whole update answer it, an update of a part answers the part. What only a
 * look at the object shows is as it was sent.
 */
function shownAfter({ entry, rehearsal }: Call, { result }: Outcome): Pick<Ending, "after" | "digest_after"> {
  const isObject = entry.verb === "create" || entry.effect === "update";
  if (!isObject || typeof result !== "object" || result === null || Array.isArray(result)) return {};
  const isPart = entry.effect === "update" && shownBy(entry) === undefined;
  const known = new Set(shapesOf(entry.output).flatMap(Object.keys));
  const shown = new Set(shapesOf(entry.siblings["get"]?.output ?? entry.output).flatMap(Object.keys));
  const expected = Object.entries(rehearsal?.change.after ?? {});
  const sent = expected.filter(([key]) => !known.has(key) && (isPart || shown.has(key)));
  const after = masked({ ...Object.fromEntries(sent), ...(result as Members) }, entry.secrets);
  return { after, digest_after: fingerprint(entry, after) };
}

function statusOf(facts: FailureFacts | undefined): Ending["status"] {
  if (facts === undefined || facts.outcome === "unknown") return "unknown";
  return facts.outcome === "not_done" && facts.status !== undefined ? "failed" : "not_done";
}

/** Writes down which writes were refused, by whatever stage; makes sure first that it could be written down. */
export function witness(recorder: Recorder): Stage {
  return async (call, next) => {
    if (call.entry.effect === "read") return next(call);
    try {
      if (call.control?.dry_run !== true) await recorder.ready();
      const outcome = await next(call);
      if (call.answer?.yes === false) await recorder.refused(call, declined).catch(() => undefined);
      return outcome;
    } catch (error) {
      const isRefusal =
        error instanceof AccessError && error.facts.outcome === "not_sent" && refusals.has(error.facts.kind);
      // A refusal stands whether or not it can be written down.
      if (isRefusal) await recorder.refused(call, error).catch(() => undefined);
      throw error;
    }
  };
}

const declined = refused("a person said no", "Do not try it again unless a person asks for it.");

const refusals: ReadonlySet<string> = new Set(["refused", "conflict"]);
