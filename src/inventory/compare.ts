import type { Difference, Members, Reference } from "../core/change.ts";
import { type DatasetName, datasets } from "./datasets.ts";
import { differences } from "./differences.ts";
import { datasetNames, labelOf } from "./holdings.ts";
import { isMembers } from "./reading.ts";
import { withoutSecrets } from "./secrets.ts";
import { ordered } from "./snapshot.ts";
import type { Taken } from "./source.ts";

/** By what objects of two accounts are taken for the same. */
export type By = "id" | "name";

type Named = Pick<Reference, "noun" | "id" | "name">;

/** An object that is in both, and not the same. */
export interface Changed extends Named {
  /** The first 20; ids are shown as names when accounts are compared by name. */
  readonly differences: readonly Difference[];
  /** How many there are. */
  readonly count: number;
}

/** What changed in one dataset. */
export interface DatasetComparison {
  readonly dataset: DatasetName;
  readonly added: readonly Named[];
  readonly removed: readonly Named[];
  readonly changed: readonly Changed[];
  /** Why it is not known, or not known whole. */
  readonly why?: string;
}

export interface Comparison {
  readonly by: By;
  /** Those that differ, or are not known on one side. */
  readonly datasets: readonly DatasetComparison[];
}

const mostDifferences = 20;

/** What happened, and not how things are. */
const events: ReadonlySet<DatasetName> = new Set([
  "user_sessions",
  "user_identities",
  "failed_logins",
  "access_requests",
  "scim_updates",
]);

const compared = datasetNames.filter((name) => !events.has(name));

/** Times and counters, which change by themselves; when something ends is no such time. */
const isPassing = (field: string): boolean =>
  !field.endsWith("expires_at") &&
  /^(?:\w+_at|(?:\w+_)?last_\w+|(?:\w+_)?count|days_until_next_rotation|lastModified|created|modified)$/.test(field);

/** What another account has other values for, whatever its settings. */
const ownFields: ReadonlySet<string> = new Set(["id", "uid", "account_id", "seat_uid", "client_id"]);

/** Ids that Cloudflare made, so that those of another account mean nothing here. */
const isMadeId = (text: string): boolean =>
  /^(?:[\da-f]{32}|[\da-f]{64}|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/i.test(text);

/** What is different in `after`; by name when it is another account and nobody says how. */
export function compare(
  before: Taken,
  after: Taken,
  by: By = before.account_id === after.account_id ? "id" : "name",
): Comparison {
  const [old, now] = [viewOf(before, by), viewOf(after, by)];
  const found = compared
    .filter((name) => (before.inventory[name] ?? after.inventory[name]) !== undefined)
    .map((name) => compareDataset(name, old(name), now(name)))
    .filter(
      ({ added, removed, changed, why }) => added.length + removed.length + changed.length > 0 || why !== undefined,
    );
  return { by, datasets: found };
}

/** An object as it was, and as it is compared. */
interface Side {
  readonly item: Members;
  readonly compared: unknown;
}

/** The objects of a dataset by what tells them apart, when they are known; and why these are not all. */
interface View {
  readonly sides?: ReadonlyMap<string, Side>;
  readonly why?: string | undefined;
}

function viewOf({ inventory }: Taken, by: By): (name: DatasetName) => View {
  const names = by === "name" ? namesByIds(inventory) : new Map<string, string>();
  const show = (text: string) => names.get(text) ?? text;
  return (name) => {
    const { state, items, why = state } = inventory[name] ?? { state: "not read", items: [] };
    if (state !== "ok" && state !== "partial") return { why };
    const sides = new Map<string, Side>();
    const made = items.map((item) => ({ item, compared: comparable(withoutSecrets(name, item), by, show) }));
    for (const side of inOrder(made)) {
      const mark = markOf(name, side.item, by, show);
      let unique = mark;
      for (let twin = 2; sides.has(unique); twin++) unique = `${mark}\n${twin}`;
      sides.set(unique, side);
    }
    return state === "ok" ? { sides } : { sides, why };
  };
}

/** Objects of one name are matched in an order that their ids have no part in. */
const inOrder = (sides: readonly Side[]): readonly Side[] =>
  sides
    .map((side) => ({ side, text: JSON.stringify(side.compared) }))
    .sort((one, other) => (one.text < other.text ? -1 : 1))
    .map(({ side }) => side);

function namesByIds(inventory: Taken["inventory"]): ReadonlyMap<string, string> {
  const named = compared.flatMap((name) =>
    (inventory[name]?.items ?? []).flatMap((item) => {
      const ids = [item[datasets[name].key ?? ""], item["aud"]].filter((id) => typeof id === "string" && isMadeId(id));
      const label = labelOf(item);
      return label === ""
        ? []
        : ids.map((id) => [String(id), `${datasets[name].noun} ${JSON.stringify(label)}`] as const);
    }),
  );
  return new Map(named);
}

/** What tells an object apart within its dataset: whose it is, and its key or its name. */
function markOf(name: DatasetName, item: Members, by: By, show: (text: string) => string): string {
  const { key } = datasets[name];
  if (!("list" in datasets[name].verbs) && !("users" in datasets[name].verbs)) return name;
  const owner = ["list_id", "identity_provider_id"].map((field) => show(String(item[field] ?? ""))).join("\n");
  const id = String(item[key ?? ""] ?? "");
  const { email, aud, idp_id: provider } = item;
  return `${owner}\n${by === "id" ? id : String(email ?? "") || labelOf(item) || show(String(aud ?? provider ?? id))}`;
}

/** An object without what changes by itself or says nothing here; shared policies are compared where they are kept. */
function comparable(item: Members, by: By, show: (text: string) => string): unknown {
  const own = by === "name" ? Object.entries(item).filter(([field]) => !ownFields.has(field)) : Object.entries(item);
  const members = Object.fromEntries(own);
  const { policies } = members;
  if (Array.isArray(policies)) {
    members["policies"] = policies.map((policy: unknown, place) => {
      const link: Members = isMembers(policy) ? policy : { id: policy, reusable: true };
      const { id, precedence = place + 1, reusable, name } = link;
      if (reusable === true) return { id, precedence };
      return { ...link, precedence, ...(by === "name" && { id: name, uid: null }) };
    });
  }
  return ordered(settled(members, show));
}

function settled(value: unknown, show: (text: string) => string): unknown {
  if (typeof value === "string") return show(value);
  if (Array.isArray(value)) return value.map((item) => settled(item, show));
  if (!isMembers(value)) return value;
  const kept = Object.entries(value).filter(([field, member]) => member !== null && !isPassing(field));
  return Object.fromEntries(kept.map(([field, member]) => [field, settled(member, show)]));
}

function compareDataset(dataset: DatasetName, before: View, after: View): DatasetComparison {
  const reasons = [before.why && `before: ${before.why}`, after.why && `after: ${after.why}`].filter(Boolean);
  const why = reasons.length === 0 ? {} : { why: reasons.join("; ") };
  const named = ({ item }: Side): Named => {
    const { noun, key } = datasets[dataset];
    const name = labelOf(item);
    return { noun, id: String(item[key ?? ""] ?? ""), ...(name !== "" && { name }) };
  };
  const [old, now] = [before.sides, after.sides];
  if (old === undefined || now === undefined) return { dataset, added: [], removed: [], changed: [], ...why };
  const missing = (all: ReadonlyMap<string, Side>, known: ReadonlyMap<string, Side>) =>
    [...all].filter(([mark]) => !known.has(mark)).map(([, side]) => named(side));
  const changed = [...now].flatMap(([mark, side]): readonly Changed[] => {
    const found = differences(old.get(mark)?.compared ?? side.compared, side.compared);
    if (found.length === 0) return [];
    return [{ ...named(side), differences: found.slice(0, mostDifferences), count: found.length }];
  });
  // What only a part was read of may have been there all the time.
  const added = before.why === undefined ? missing(now, old) : [];
  const removed = after.why === undefined ? missing(old, now) : [];
  return { dataset, added, removed, changed, ...why };
}
