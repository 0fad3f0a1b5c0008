import { access } from "../access/index.ts";
import { catalogue, type Entry } from "../core/room.ts";
import { changes } from "../journal/room.ts";
import type { Journal } from "../journal/store.ts";

/** Every operation there is: those of the Access API, and those of this server over its journal. */
export const operations = (journal: () => Promise<Journal>): readonly Entry[] => [
  ...access,
  ...catalogue([changes(journal)]),
];

/** The same for whoever only describes them. */
export const described = operations(() => Promise.reject(new Error("described, not run")));
