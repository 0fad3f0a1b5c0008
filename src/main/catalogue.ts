import { access } from "../access/index.ts";
import { type AuditParts, auditing } from "../audit/room.ts";
import { snapshotting } from "../audit/snapshots.ts";
import { catalogue, type Entry } from "../core/room.ts";
import type { Snapshots } from "../inventory/source.ts";
import { changes } from "../journal/room.ts";
import type { Journal } from "../journal/store.ts";
import { simulation } from "../simulator/room.ts";

/** What the operations of this server work with. */
export interface Parts extends AuditParts {
  readonly journal: () => Promise<Journal>;
  readonly snapshots: Snapshots;
}

/** Every operation there is: those of the Access API, and those of this server over its journal and over what it reads. */
export const operations = (parts: Parts): readonly Entry[] => [
  ...access,
  ...catalogue([simulation(parts), auditing(parts), snapshotting(parts), changes(parts.journal)]),
];

const notRun = () => Promise.reject(new Error("described, not run"));

/** The same for whoever only describes them. */
export const described = operations({ journal: notRun, take: notRun, snapshots: { read: notRun, write: notRun } });
