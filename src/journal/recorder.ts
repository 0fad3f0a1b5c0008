import type { Call, Outcome } from "../core/call.ts";
import type { Inverse, Members, Undo } from "../core/change.ts";
import type { AccessError } from "../core/errors.ts";
import { pathFields } from "../core/room.ts";
import { type Consent, type Deed, type EntryDraft, newChangeId } from "./entry.ts";
import type { Journal } from "./store.ts";

/** What became of a change. */
interface Ending {
  readonly status: "done" | "failed" | "not_done" | "unknown";
  readonly duration: number;
  readonly error?: AccessError | undefined;
  readonly outcome?: Outcome | undefined;
  readonly after?: Members | undefined;
  readonly digest_after?: string | undefined;
}

export interface RecorderSettings {
  readonly version: string;
  readonly transport: string;
}

/** Writes calls into a journal; `takenBack` is told of changes that are. What it is given was stripped of secrets at the rehearsal. */
export function recorder(
  journal: Journal,
  server: RecorderSettings,
  takenBack: (changeId: string) => void = () => undefined,
) {
  const draftOf = (call: Call, change_id: string): Omit<EntryDraft, "stage"> => ({
    change_id,
    principal: { type: call.caller?.principal === "local" ? "local" : "user", name: call.caller?.principal ?? "local" },
    client: call.caller?.client,
    server,
    deed: deedOf(call),
    reason: call.control?.reason,
  });

  return {
    ready: () => journal.ready(),

    async intent(call: Call): Promise<string> {
      const change_id = call.resumes ?? newChangeId();
      const { rehearsal, control, consent } = call;
      const due = control?.revert_after;
      await journal.append({
        ...draftOf(call, change_id),
        stage: "intent",
        consent: consentOf(consent),
        object: rehearsal && {
          before: rehearsal.written.before,
          after: rehearsal.written.after,
          digest_before: rehearsal.written.digest_before,
          digest_after: rehearsal.written.digest_after,
          diff: rehearsal.differences,
          access: rehearsal.assessment.effect,
        },
        undo: rehearsal?.undo,
        undo_of: call.undoes,
        plan: call.plan,
        revert_due: due === undefined ? undefined : new Date(Date.now() + due).toISOString(),
      });
      return change_id;
    },

    async outcome(change_id: string, call: Call, ending: Ending): Promise<void> {
      const { status, duration, error, outcome, after, digest_after } = ending;
      const made = idIn(call, outcome);
      await journal.append({
        ...draftOf(call, change_id),
        stage: "outcome",
        ...(made !== undefined && { deed: { ...deedOf(call), resource: { ...deedOf(call).resource, id: made } } }),
        ...(after !== undefined && { object: { after, digest_after } }),
        undo: inverseFor(call.rehearsal?.undo, made),
        undo_of: call.undoes,
        plan: call.plan,
        result: { status, duration_ms: duration, ...failureOf(error) },
      });
      if (status === "done" && call.undoes !== undefined) takenBack(call.undoes);
    },

    async refused(call: Call, error: AccessError): Promise<void> {
      await journal.append({
        ...draftOf(call, newChangeId()),
        stage: "refused",
        result: { status: "refused", ...failureOf(error) },
      });
    },
  };
}

function deedOf(call: Call): Deed {
  const { entry, scope, input, rehearsal } = call;
  const [method = "", route = ""] = entry.route.split(" ");
  const change = rehearsal?.change;
  const shown = change?.before ?? change?.after;
  const name = shown?.["name"] ?? shown?.["hostname"];
  return {
    operation: entry.name,
    effect: entry.effect,
    noun: entry.room.noun,
    method,
    route,
    ...scope,
    resource: { id: change === undefined ? addressed(call) : change.id, ...(typeof name === "string" && { name }) },
    // Before the rehearsal nothing says which values are secrets: only the names of the fields are kept.
    input: rehearsal?.written.input ?? { fields: Object.keys(input) },
  };
}

/** The id in the path of what exists, all that is known of an object before the rehearsal. */
function addressed({ entry, input }: Call): string | undefined {
  const own = pathFields(entry).at(-1);
  const id = own === undefined || entry.effect === "create" ? undefined : input[own];
  return typeof id === "string" ? id : undefined;
}

const consentOf = (consent: Call["consent"]): Consent | undefined =>
  consent && {
    by: consent.by === "not_needed" ? "policy" : consent.by,
    ticket_id: consent.ticket_id,
    who: consent.who,
  };

function failureOf(error: AccessError | undefined) {
  if (error === undefined) return {};
  const { kind, status, errors, ray } = error.facts;
  return { error: { kind, message: error.message, status, codes: errors?.map(({ code }) => code) }, ray };
}

/** The id that Cloudflare gave to what was created. */
function idIn({ entry }: Call, outcome: Outcome | undefined): string | undefined {
  if (entry.effect !== "create") return undefined;
  const id = (outcome?.result as Members | null | undefined)?.[entry.room.key ?? "id"];
  return typeof id === "string" ? id : undefined;
}

/** How a change can be taken back once it is known what was made. */
export function inverseFor(undo: Undo | undefined, made: string | undefined): Undo | undefined {
  const field = undo?.inverse?.id_field;
  if (undo === undefined || field === undefined) return undo;
  if (made === undefined) return { undoable: "no", why: "the answer did not tell the id of what was made" };
  const { id_field: _, ...inverse } = undo.inverse as Inverse;
  return { ...undo, inverse: { ...inverse, input: { ...inverse.input, [field]: made } } };
}
