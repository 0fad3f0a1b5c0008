import type { Scope } from "../core/call.ts";
import { badInput } from "../core/errors.ts";
import { collect } from "./collect.ts";
import { type DatasetName, datasets, type Inventory } from "./datasets.ts";
import { datasetNames } from "./holdings.ts";
import { readSnapshot } from "./snapshot.ts";
import type { Snapshots, Take } from "./source.ts";

interface TakingSettings {
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** How far the writes to an account have come; what was read before another write is read again. */
  readonly writes?: (scope: Scope) => Promise<string>;
  /** Requests about single users that one reading may take; as many as the budget lets through at once when absent. */
  readonly userReads?: number;
}

/** Milliseconds for which what costs a request a user is not read again. */
const freshFor = 300_000;

/** Datasets that cost a request a user: read for every question, they would use up the request budget. */
const costly: ReadonlySet<DatasetName> = new Set(
  datasetNames.filter((name) => datasets[name].within === datasets.users),
);

/** What was read lately of one account. */
interface Fresh {
  readonly key: string;
  readonly at: number;
  readonly inventory: Inventory;
}

/** Reads the account of a call, or a snapshot that was kept. */
export function taking(
  snapshots: Snapshots,
  { now = Date.now, writes = async () => "", userReads }: TakingSettings = {},
): Take {
  let fresh: Fresh | undefined;
  return async (call, workshop, { datasets: wanted, snapshot }) => {
    if (snapshot !== undefined) return readSnapshot(await snapshots.read(snapshot), snapshot);
    const scope = await workshop.scopeOf(call);
    if (!("account_id" in scope)) throw badInput("zone_id: this looks at a whole account", "Leave zone_id out.");
    const { account_id } = scope;
    const time = now();
    const key = `${account_id} ${await writes(scope)}`;
    const kept = fresh?.key === key && time - fresh.at < freshFor ? fresh : { key, at: time, inventory: {} };
    const missing = wanted.filter((name) => kept.inventory[name] === undefined);
    const read = await collect({ ...call, scope }, workshop, { datasets: missing, now: time, userReads });
    const inventory: Inventory = { ...read, ...kept.inventory };
    fresh = { ...kept, inventory: only(inventory, (name) => costly.has(name) && inventory[name]?.state !== "failed") };
    return {
      account_id,
      taken_at: new Date(time).toISOString(),
      inventory: only(inventory, (name) => wanted.includes(name)),
    };
  };
}

const only = (inventory: Inventory, isWanted: (name: DatasetName) => boolean): Inventory =>
  Object.fromEntries(Object.entries(inventory).filter(([name]) => isWanted(name as DatasetName)));
