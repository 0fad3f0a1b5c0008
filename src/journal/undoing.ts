import type { Call, Workshop } from "../core/call.ts";
import { badInput, refused } from "../core/errors.ts";
import { type ChangeRecord, changesFrom } from "./changes.ts";
import type { Journal } from "./store.ts";

/** The change with an id; a refusal that says where to find one when there is none. */
export async function changeIn(journal: Journal, id: string): Promise<ChangeRecord> {
  const [found] = changesFrom(await journal.entries({ change_id: id })).filter((record) => record.change_id === id);
  if (found !== undefined) return found;
  throw badInput(`there is no change ${id} in the journal`, "List them with list_changes.");
}

/** The call that takes a change back, or the reason why there is none. */
export async function undoing(journal: Journal, id: string, call: Call, { entries }: Workshop): Promise<Call> {
  const record = await changeIn(journal, id);
  const { intent, end, status, undone_by } = record;
  if (undone_by !== undefined)
    throw refused(`${id} was taken back already, by ${undone_by}`, "Look at it with get_change.");
  if (intent === undefined || status !== "done") {
    throw refused(`${id} cannot be undone: it is ${status}`, "Only what was done can be undone; look with get_change.");
  }
  const undo = end?.undo ?? intent.undo;
  const entry = undo?.inverse === undefined ? undefined : entries.get(undo.inverse.operation);
  if (undo?.inverse === undefined || entry === undefined) {
    throw refused(
      `${id} cannot be undone: ${undo?.why ?? "nothing is known that takes it back"}`,
      "Make the opposite change by hand.",
    );
  }
  const { account_id, zone_id } = intent.deed;
  const scope = zone_id !== undefined ? { zone_id } : account_id !== undefined ? { account_id } : call.scope;
  const { replace, input } = undo.inverse;
  return {
    ...call,
    entry,
    input,
    ...(scope && { scope }),
    control: { ...call.control, ...(replace === true && { replace }) },
    undoes: id,
    expects: end?.object?.digest_after ?? intent.object?.digest_after,
    expected: end?.object?.after ?? intent.object?.after,
  };
}
