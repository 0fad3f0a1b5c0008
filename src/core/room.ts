import type { Operation } from "./operation.ts";

/** The facts that the operations of one resource share. */
export interface RoomFacts {
  /** Singular, as it reads in a sentence: "service token". */
  readonly noun: string;
  readonly toolset: string;
  /** The field that identifies an object: `id`, `uid` or `name`; `null` for what has none, like log entries. */
  readonly key: string | null;
  /** Cloudflare permission group without its last word ("Access: Service Tokens"); `null` where Cloudflare does not document it. */
  readonly permission: string | null;
  /** The room whose objects hold these: sessions are within users. */
  readonly within?: Room;
  /** What a person wants to see in a list; dotted paths. */
  readonly columns: readonly string[];
  /** Verbs that belong to the daily work offered by the default surface. */
  readonly everyday?: readonly string[];
}

/** A resource: its facts and its operations by verb. */
export interface Room extends RoomFacts {
  readonly verbs: Readonly<Record<string, Operation>>;
}

/** Declares a room; `everyday` can only name its own verbs. */
export function room<const Verbs extends Record<string, Operation>>(
  definition: Omit<RoomFacts, "everyday"> & { everyday?: readonly (keyof Verbs & string)[]; verbs: Verbs },
): Room & { verbs: Verbs } {
  return definition;
}

/** An operation in the catalogue, with its room and what both together say. */
export interface Entry extends Operation {
  readonly room: Room;
  readonly verb: string;
  /** `account`: needs an account; `account_or_zone`: takes either. */
  readonly scope: "account" | "account_or_zone";
  /** The full name of the permission group that the API token needs, or `null` where Cloudflare does not document it. */
  readonly needs: string | null;
  readonly everyday: boolean;
  /** Words that name other operations where a placeholder of the route stands: no object has them as id. */
  readonly reserved: Readonly<Record<string, readonly string[]>>;
  /** The operations of the same room by verb, this one included. */
  readonly siblings: Readonly<Record<string, Entry>>;
}

/** All operations of the given rooms in reading order, each bound to its room. */
export function catalogue(rooms: readonly Room[]): readonly Entry[] {
  const routes = rooms.flatMap(({ verbs }) => Object.values(verbs).map(({ route }) => segmentsOf(route)));
  return rooms.flatMap((room) => {
    const siblings: Record<string, Entry> = {};
    for (const [verb, operation] of Object.entries(room.verbs)) {
      siblings[verb] = {
        ...operation,
        room,
        verb,
        scope: operation.route.includes("{account_or_zone}") ? "account_or_zone" : "account",
        needs: room.permission === null ? null : `${room.permission} ${level(operation)}`,
        everyday: room.everyday?.includes(verb) ?? false,
        reserved: reservedWords(segmentsOf(operation.route), routes),
        siblings,
      };
    }
    return Object.values(siblings);
  });
}

/** Fields that stand in the path of a route. */
export const pathFields = ({ route }: Operation): string[] =>
  segmentsOf(route).flatMap((segment) => (isPlaceholder(segment) ? [segment.slice(1, -1)] : []));

/**
 * The operation that shows what an update replaces: a PUT and a GET of one path that answers an object. Such updates
 * are merged into what is there, so that callers say only what changes.
 */
export function shownBy({ effect, route, siblings }: Entry): Entry | undefined {
  const get = siblings["get"];
  if (!route.startsWith("PUT ")) return undefined;
  const isObject = get !== undefined && (get.answers ?? "object") === "object";
  return effect === "update" && isObject && route.replace(/^PUT /, "GET ") === get.route ? get : undefined;
}

/** The path of a route behind its scope. */
const segmentsOf = (route: string): readonly string[] =>
  route.replace(/^\w+ \/(?:\{account_or_zone\}|accounts\/\{account_id\})\//, "").split("/");
const isPlaceholder = (segment: string | undefined): boolean => segment?.startsWith("{") ?? false;

/** The literal segments of other routes at the place of each placeholder: `batch` where target ids stand. */
function reservedWords(route: readonly string[], routes: readonly (readonly string[])[]): Record<string, string[]> {
  const isSame = (other: readonly string[], end: number) =>
    route
      .slice(0, end)
      .every((segment, at) => segment === other[at] || (isPlaceholder(segment) && isPlaceholder(other[at])));
  const found: Record<string, string[]> = {};
  for (const [at, segment] of route.entries()) {
    if (!isPlaceholder(segment)) continue;
    const words = routes.filter((other) => isSame(other, at)).flatMap((other) => other[at] ?? []);
    found[segment.slice(1, -1)] = [...new Set(words.filter((word) => !isPlaceholder(word)))];
  }
  return found;
}

/** Cloudflare's API says Write where the dashboard says Edit; revoking has a level of its own. */
function level({ effect }: Operation): string {
  if (effect === "read") return "Read";
  return effect === "revoke" ? "Revoke" : "Write";
}
