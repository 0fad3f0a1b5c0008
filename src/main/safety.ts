import { join } from "node:path";
import type { Entry } from "../core/room.ts";
import type { Snapshots } from "../inventory/source.ts";
import { taking } from "../inventory/take.ts";
import { dues } from "../journal/due.ts";
import { recorder } from "../journal/recorder.ts";
import type { Journal } from "../journal/store.ts";
import { canonical } from "../pipeline/rehearse/difference.ts";
import type { OperatorRules } from "../pipeline/rules/index.ts";
import type { Safety } from "../pipeline/writing.ts";
import { seenAfter } from "../simulator/overlay.ts";
import { acceptedIn } from "./baseline-file.ts";
import { operations } from "./catalogue.ts";
import { guardFrom, judge } from "./judge.ts";
import type { SettingValues } from "./settings.ts";
import { fileSnapshots } from "./snapshots.ts";
import { stateIn } from "./state.ts";

/** Requests about single users in one answer to an agent: what it does next needs some of the budget too. */
const userReads = 200;

/** What makes the changes of one process safe, over the state in a folder. */
export function safetyFor(
  values: SettingValues,
  folder: string,
  rules: OperatorRules | undefined,
  server: { readonly version: string; readonly transport: string },
  snapshots: Snapshots = fileSnapshots(join(folder, "snapshots")),
): { readonly safety: Safety; readonly journal: Journal } {
  const { journal, tickets, lease, turns } = stateIn(
    folder,
    values.approval,
    // What a sandbox leaves behind is gone with it: nobody needs a witness.
    values.sandbox && values.state === undefined ? () => undefined : undefined,
  );
  const accept = values.baseline === undefined ? undefined : acceptedIn(values.baseline);
  const take = taking(snapshots, { userReads, writes: (scope) => turns.now(canonical(scope)) });
  const parts = { journal: async () => journal, take, snapshots, accept };
  const entries = new Map(operations(parts).map((entry): [string, Entry] => [entry.name, entry]));
  const overdue = dues(journal);
  return {
    safety: {
      entries,
      judge: judge({ entries, guard: guardFrom(values.guard), rules, journal, confirm: values.confirm }),
      seenAfter,
      confirm: values.confirm,
      approval: values.approval,
      tickets,
      recorder: recorder(journal, server, overdue.takenBack),
      dues: overdue,
      lease,
      turns,
      allowances: { destroysPer10Minutes: values["max-destroys"], writesPerMinute: values["max-writes"] },
    },
    journal,
  };
}
