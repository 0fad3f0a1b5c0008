import type { Call, Next, Scope, Stage } from "../core/call.ts";
import type { Entry } from "../core/room.ts";
import type { Allowances, Budget } from "./allowance.ts";
import { type ConfirmLevel, confirm } from "./confirm/index.ts";
import { hold } from "./hold.ts";
import type { Judge, Lease, PlannedRequest, SeenAfter, Tickets, Turns } from "./ports.ts";
import { type Recorder, record } from "./record.ts";
import { rehearse } from "./rehearse/index.ts";
import type { Dues } from "./remind.ts";
import { settle } from "./settle/index.ts";

/** The way to Cloudflare, and what it knows of a request before it leaves. */
export interface Destination extends Next {
  scopeOf(call: Call): Promise<Scope>;
  preview(call: Call): Promise<PlannedRequest>;
}

/** What makes changes safe. */
export interface Safety {
  readonly entries: ReadonlyMap<string, Entry>;
  readonly judge: Judge;
  readonly seenAfter: SeenAfter;
  readonly confirm: ConfirmLevel;
  readonly approval: "agent" | "human";
  readonly tickets: Tickets;
  readonly recorder: Recorder;
  readonly dues: Dues;
  readonly lease: Lease;
  readonly turns: Turns;
  readonly allowances: Allowances;
  /** Aborted when the process cannot wait any longer. */
  readonly ending?: AbortSignal | undefined;
}

/** What every write passes after it was permitted, outermost first. Reads pass it untouched. */
export function writing(safety: Safety, destination: Destination, budget: Budget): readonly Stage[] {
  const { entries, judge, tickets, approval, recorder, lease, turns } = safety;
  const { scopeOf, preview } = destination;
  return [
    rehearse({ read: destination, entries, judge, scopeOf, turns }),
    budget.look,
    confirm({ level: safety.confirm, approval, tickets, preview }),
    budget,
    hold({ read: destination, entries, judge, lease, turns }),
    record(recorder),
    settle({ read: destination, entries, ending: safety.ending }),
  ];
}
