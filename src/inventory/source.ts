import type { Call, Workshop } from "../core/call.ts";
import type { DatasetName, Inventory } from "./datasets.ts";

/** Snapshots that are kept between calls, by name. */
export interface Snapshots {
  /** The text of one; refuses a name that is not there with the nearest ones. */
  read(name: string): Promise<string>;
  /** Keeps one under a name that is free, and answers where. */
  write(name: string, text: string): Promise<string>;
}

/** What was read of an account, and when. */
export interface Taken {
  readonly account_id: string;
  /** ISO 8601. */
  readonly taken_at: string;
  readonly inventory: Inventory;
}

/** Reads some datasets of the account that a call is about, or of a kept snapshot, which needs no credentials. */
export type Take = (
  call: Call,
  workshop: Workshop,
  wanted: { readonly datasets: readonly DatasetName[]; readonly snapshot?: string | undefined },
) => Promise<Taken>;
