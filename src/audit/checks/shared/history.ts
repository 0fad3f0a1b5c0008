import type { DatasetName } from "../../../inventory/datasets.ts";
import { textOf } from "../../../simulator/fields.ts";
import type { Estate } from "../../estate.ts";

/** Milliseconds. */
export const day = 86_400_000;

/** When what a log says happened. */
const stamps = { access_requests: "created_at", scim_updates: "logged_at" } as const satisfies Partial<
  Record<DatasetName, string>
>;
type Log = keyof typeof stamps;

/** Days for which a log surely holds everything that happened; none where it was read in part. Plans keep 1, 30 or 180. */
function daysIn(estate: Estate, log: Log): number {
  const times = (estate.known(log) ?? []).map((row) => Date.parse(textOf(row[stamps[log]])));
  return times.reduce((most, time) => Math.max(most, (estate.now - time) / day || 0), 0);
}

/** Why logs tell too little, when none of them goes back this many days. */
export function shortOf(estate: Estate, logs: readonly Log[], days: number): string | undefined {
  const there = Math.floor(Math.max(...logs.map((log) => daysIn(estate, log))));
  return there >= days
    ? undefined
    : `insufficient data: the log goes back ${there} of the ${days} days that are needed`;
}
