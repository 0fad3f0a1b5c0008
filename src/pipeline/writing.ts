import type { Call, Next, Scope, Stage } from "../core/call.ts";
import type { Entry } from "../core/room.ts";
import { type Allowances, allowance } from "./allowance.ts";
import { type ConfirmLevel, confirm } from "./confirm.ts";
import { hold } from "./hold.ts";
import type { Judge, Lease, PlannedRequest, Tickets } from "./ports.ts";
import { type Recorder, record } from "./record.ts";
import { rehearse } from "./rehearse.ts";

/** The way to Cloudflare, and what it knows of a request before it leaves. */
export interface Destination extends Next {
  scopeOf(call: Call): Promise<Scope>;
  preview(call: Call): Promise<PlannedRequest>;
}

/** What makes changes safe. */
export interface Safety {
  readonly entries: ReadonlyMap<string, Entry>;
  readonly judge: Judge;
  readonly confirm: ConfirmLevel;
  readonly approval: "agent" | "human";
  readonly tickets: Tickets;
  readonly recorder: Recorder;
  readonly lease: Lease;
  readonly allowances: Allowances;
}

/** What every write passes after it was permitted, outermost first. Reads pass it untouched. */
export function writing(safety: Safety, destination: Destination): readonly Stage[] {
  const { entries, judge, tickets, approval, recorder, lease } = safety;
  const { scopeOf, preview } = destination;
  return [
    rehearse({ read: destination, entries, judge, scopeOf }),
    confirm({ level: safety.confirm, approval, tickets, preview }),
    allowance(safety.allowances),
    hold(destination, entries, lease),
    record(recorder),
  ];
}
