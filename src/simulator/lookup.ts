import applications from "../access/applications/index.ts";
import organizations from "../access/organization.ts";
import type { Members } from "../core/change.ts";
import { AccessError, badInput } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import type { Room } from "../core/room.ts";
import type { World } from "../inventory/world.ts";
import { accountOf } from "./account.ts";
import { textOf } from "./fields.ts";
import { matchUrl, type UrlMatch } from "./matching.ts";
import { named } from "./wording.ts";

/** The fields by which people name objects; ids first. */
const identifying = ["uid", "client_id", "aud"];
const naming = ["name", "hostname", "email"];

const most = 10;

/** The object of a room that an id or a name means. Refuses what means none, with the nearest, and what means several. */
export async function meant(room: Room, wanted: string, world: World): Promise<Members> {
  const [found, ...more] = await allMeant(room, wanted, world);
  if (found === undefined) throw await nothingCalled([room], wanted, world);
  if (more.length > 0) throw severalCalled(room, wanted, [found, ...more]);
  return found;
}

/** What an id, a name or an address means: an application and, of an address, how that came out. */
export interface Sought {
  /** Nothing where no application answers for the address. */
  readonly application: Members | undefined;
  readonly match?: UrlMatch;
}

/** The application that an id, a name or a URL means. */
export async function applicationMeant(wanted: string, world: World): Promise<Sought> {
  const [found, ...more] = await allMeant(applications, wanted, world);
  if (more.length === 0 && (found !== undefined || !looksLikeAddress(wanted))) {
    return { application: found ?? (await meant(applications, wanted, world)) };
  }
  if (found !== undefined) throw severalCalled(applications, wanted, [found, ...more]);
  const match = matchUrl(wanted, await accountOf(world, [applications, organizations]));
  if (match.ambiguous) {
    throw severalCalled(
      applications,
      match.address,
      match.answers.map(({ application }) => application),
    );
  }
  return { application: match.answers[0]?.application, match };
}

const looksLikeAddress = (text: string): boolean => /^[^\s*]+\.[^\s*]+$/.test(text) || text.includes("://");

/** The objects that an id or a name means: one by its id, or all of a name, upper and lower case alike if need be. */
export async function allMeant(room: Room, wanted: string, world: World): Promise<readonly Members[]> {
  const { state, items, why } = await world.read(room);
  const by = (fields: readonly string[], fold: (text: string) => string) =>
    items.filter((item) => fields.some((field) => fold(textOf(item[field])) === fold(wanted)));
  const found = [
    () => by([room.key ?? "id", ...identifying], (text) => text),
    () => by(naming, (text) => text),
    () => by(naming, (text) => text.toLowerCase()),
  ].reduce<readonly Members[]>((known, look) => (known.length > 0 ? known : look()), []);
  if (found.length > 0 || state === "ok" || state === "partial") return found;
  throw new AccessError(`${room.noun}s cannot be read${why === undefined ? "" : `: ${why}`}`, {
    kind: state === "forbidden" ? "permission" : "unavailable",
    next: "Give the API token permission to read them, or use a snapshot that holds them.",
    outcome: "not_sent",
  });
}

/** That nothing has an id or name, with what is called nearly so. */
export async function nothingCalled(rooms: readonly Room[], wanted: string, world: World): Promise<AccessError> {
  const all = (await Promise.all(rooms.map((room) => world.read(room)))).flatMap(({ items }, at) =>
    items.map((item) => named(rooms[at] as Room, item)),
  );
  const names = all.flatMap(({ name }) => (name === undefined ? [] : [name]));
  const best = nearest(wanted, [...names, ...all.map(({ id }) => id)]);
  const part = wanted.toLowerCase();
  const near = all.filter(({ id, name }) => id === best || name === best || name?.toLowerCase().includes(part));
  return badInput(
    `there is no ${rooms.map(({ noun }) => noun).join(" or ")} ${JSON.stringify(wanted.slice(0, 100))}`,
    near.length > 0 ? "Give the id of the one that is meant." : "Find its id with the list operations.",
    near.slice(0, most).map(lineOf),
  );
}

function severalCalled(room: Room, wanted: string, found: readonly Members[]): AccessError {
  const more = found.length > most ? [`and ${found.length - most} more`] : [];
  return badInput(
    `${found.length} ${room.noun}s are called ${JSON.stringify(wanted.slice(0, 100))}`,
    "Give the id of the one that is meant.",
    [...found.slice(0, most).map((item) => lineOf(named(room, item))), ...more],
  );
}

const lineOf = ({ noun, id, name }: { noun: string; id: string; name?: string | undefined }): string =>
  `${noun} ${JSON.stringify(name ?? id)}: ${id}`;
