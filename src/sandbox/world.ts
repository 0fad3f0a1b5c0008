import type { Entry } from "../core/room.ts";
import type { Reply } from "./envelope.ts";
import type { Random } from "./random.ts";
import type { Row, Store } from "./store.ts";

/** The pretend account and what time it is there. */
export interface World {
  readonly store: Store;
  /** Draws the ids and secrets that the server invents. */
  readonly random: Random;
  readonly now: () => Date;
  readonly accountId: string;
  readonly zoneId: string;
}

/** One request that found its operation, with the arguments the model accepted. */
export interface Question {
  readonly world: World;
  readonly entry: Entry;
  /** `accounts/ID` or `zones/ID`: where the objects live. */
  readonly scope: string;
  /** The path below the scope with its ids filled in: `access/apps/ID/policies`. */
  readonly path: string;
  /** Where the addressed object lives: the path up to its last segment, and that segment. */
  readonly collection: string;
  readonly id: string;
  /** Path ids by their name in the route. */
  readonly ids: Readonly<Record<string, string>>;
  /** Query arguments as the model reads them. */
  readonly query: Readonly<Record<string, unknown>>;
  /** The query as it came, for what no model declares (`page`, `per_page`, `limit`). */
  readonly search: ReadonlyMap<string, readonly string[]>;
  /** The body fields that the model knows; others are dropped in silence, as Cloudflare does. */
  readonly body: Row;
  /** The body as it came. */
  readonly sent: unknown;
}

export type Handler = (question: Question) => Reply;

/** Says whether a stored row passes a filter with this argument. */
export type Filter = (row: Row, value: never, question: Question) => boolean;

/** What a resource does beyond plain create, read, update and delete. */
export interface Resource {
  /** Completes and checks what will be stored; `before` is set when it replaces a row. Throws what Cloudflare refuses. */
  readonly write?: (draft: Row, question: Question, before: Row | undefined) => Row;
  /** What answers show of a stored row; all of it when absent. */
  readonly show?: (row: Row, question: Question) => Row;
  /** Runs before a row goes; throws when Cloudflare would refuse. */
  readonly remove?: (row: Row, question: Question) => void;
  /** What the answer to a creation (`before` is absent) or replacement shows besides, this once: secrets. */
  readonly reveal?: (row: Row, question: Question, before: Row | undefined) => Row;
  readonly filters?: Readonly<Record<string, Filter>>;
  /** The order of a list, when not oldest first. */
  readonly sort?: (rows: Row[], question: Question) => Row[];
  /** HTTP status of a deletion; 202 when absent. */
  readonly deleted?: number;
}

/** The odd ways of one family of resources: by path template (`access/apps`) and, for what is no plain verb, by operation name. */
export interface Quirks {
  readonly resources?: Readonly<Record<string, Resource>>;
  readonly operations?: Readonly<Record<string, Handler>>;
}

/** The collection of account-wide objects, from wherever the question is asked. */
export const inAccount = (world: World, path: string) => `accounts/${world.accountId}/${path}`;

/** The time as the API writes it. */
export const timestamp = (world: World) => world.now().toISOString();
