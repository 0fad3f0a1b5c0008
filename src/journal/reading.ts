import { sha256, unseal } from "./chain.ts";
import { tookBack } from "./changes.ts";
import { changeIdFrom, type Entry } from "./entry.ts";
import { namesIn, openOwn, place } from "./folder.ts";
import { isWhole, linesOf } from "./lines.ts";
import type { Filter } from "./store.ts";

/** What `Journal.entries` promises, of a folder in which others may be writing. Lines that are damaged are left out. */
export async function entriesIn(folder: string, filter: Filter): Promise<readonly Entry[]> {
  const wanted = await changesWanted(folder, filter);
  const found: Entry[] = [];
  await scan(folder, (line, changeId) => {
    if (wanted.has(changeId)) found.push(...entryIn(line));
    else if (line.includes('"undo_of":"'))
      found.push(...entryIn(line).filter((entry) => wanted.has(tookBack(entry) ?? "")));
  });
  return found.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** The ids of the changes that a filter lets through, found before any of their lines is kept. */
async function changesWanted(folder: string, filter: Filter): Promise<ReadonlySet<string>> {
  const from = filter.since === undefined ? "" : changeIdFrom(Date.parse(filter.since));
  const { before, limit, change_id, operation, resource_id, plan_id, due = false } = filter;
  const asked = [operation, resource_id, plan_id].flatMap((value) =>
    value === undefined ? [] : JSON.stringify(value),
  );
  if (due) asked.push('"revert_due":"');
  const isAsked = ({ deed, plan, revert_due }: Entry) =>
    (!due || revert_due !== undefined) &&
    (operation === undefined || deed.operation === operation) &&
    (resource_id === undefined || deed.resource?.id === resource_id) &&
    (plan_id === undefined || plan?.id === plan_id);

  const found = new Set<string>();
  await scan(folder, (line, changeId) => {
    if (changeId < from || (before !== undefined && changeId >= before)) return;
    if (change_id !== undefined && changeId !== change_id) return;
    if (!asked.every((text) => line.includes(text))) return;
    if (asked.length === 0 || entryIn(line).some(isAsked)) found.add(changeId);
  });
  return limit === undefined || found.size <= limit ? found : new Set([...found].sort().slice(found.size - limit));
}

/** Canonical JSON puts the change's id first: most lines need not be parsed. */
const lineStart = '{"change_id":"';

/** Shows every whole line with the change it belongs to and the name of its file, files in the order of their beginning. */
export async function scan(
  folder: string,
  visit: (line: Buffer, changeId: string, name: string) => void,
): Promise<void> {
  for (const name of await namesIn(folder, "entries")) {
    const file = await openOwn(place.file(folder, name));
    if (file === undefined) continue;
    for await (const lines of linesOf(file)) {
      for (const line of lines) {
        const end = line.indexOf('"', lineStart.length);
        if (end === -1 || !isWhole(line) || line.toString("latin1", 0, lineStart.length) !== lineStart) continue;
        visit(line, line.toString("latin1", lineStart.length, end), name);
      }
    }
  }
}

/** The entry of a line, or none: what was changed since it was written is for `verify` to name, not for anyone to act on. */
export function entryIn(line: Buffer): readonly Entry[] {
  const unsealed = unseal(line);
  if (unsealed === undefined || sha256(unsealed.text) !== unsealed.hash) return [];
  return [{ ...JSON.parse(unsealed.text.toString()), hash: unsealed.hash }];
}
