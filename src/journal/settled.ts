import type { Members } from "../core/change.ts";
import type { Entry, EntryDraft } from "./entry.ts";
import { inverseFor } from "./recorder.ts";

/** What a look at Cloudflare said of an intent that has no outcome. */
export interface Settlement {
  readonly status: "done" | "not_done" | "unknown";
  /** Id of what was created. */
  readonly made?: string | undefined;
  /** The object as it was found, without secrets, and its fingerprint. */
  readonly after?: Members | undefined;
  readonly digest_after?: string | undefined;
}

/** The line that ends an intent for which its own process can write none. */
export function settledDraft(intent: Entry, server: EntryDraft["server"], found: Settlement): EntryDraft {
  const { change_id, principal, client, deed, undo, undo_of, plan } = intent;
  const { status, made, after, digest_after } = found;
  return {
    change_id,
    stage: "settled",
    principal,
    client,
    server,
    deed: made === undefined ? deed : { ...deed, resource: { ...deed.resource, id: made } },
    ...(after !== undefined && { object: { after, digest_after } }),
    undo: status === "done" ? inverseFor(undo, made) : undo,
    undo_of,
    plan,
    result: { status },
  };
}
