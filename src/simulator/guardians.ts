import applications from "../access/applications/index.ts";
import groups from "../access/groups.ts";
import serviceTokens from "../access/service-tokens.ts";
import type { Members } from "../core/change.ts";
import type { Room } from "../core/room.ts";
import type { World } from "../inventory/world.ts";
import { addressesOf, bare } from "./addresses.ts";
import { textOf, textsAt } from "./fields.ts";
import { answering } from "./matching.ts";
import type { Identity } from "./selectors.ts";

/** What must survive every change, as the operator names it. */
export interface GuardSettings {
  /** Those who must stay able to log in: emails, ids or names of groups, ids, client ids or names of service tokens. */
  readonly identities: readonly string[];
  /** Ids, names or addresses of applications that they must stay able to log in to. */
  readonly applications: readonly string[];
  /** Hostname of this server, whose application is guarded too. */
  readonly ownHostname?: string;
}

/** Somebody guarded, and the object that stands for them, if one does. */
export interface Guarded {
  /** As the operator calls them. */
  readonly name: string;
  readonly identity: Identity;
  readonly object?: { readonly room: Room; readonly id: string };
}

/** The objects that can stand for an identity: how they are named, and whom they stand for. */
const bearers: readonly {
  readonly room: Room;
  readonly names: readonly string[];
  readonly identities: (object: Members) => readonly Identity[];
}[] = [
  { room: groups, names: ["id", "name"], identities: membersOfGroup },
  {
    room: serviceTokens,
    names: ["id", "client_id", "name"],
    identities: ({ id }) => [{ service_token: textOf(id) }],
  },
];

/** Any person in a group, and each service token that it names. */
function membersOfGroup(group: Members): readonly Identity[] {
  const tokens = textsAt(group, "include[].service_token.token_id");
  return [{ groups: [textOf(group["id"])] }, ...tokens.map(([, service_token]) => ({ service_token }))];
}

const email = /^[^\s@]+@[^\s@]+$/;

/** Whom the names mean in a world; a name that means nobody is left out. */
export async function guardedIn(world: World, names: readonly string[]): Promise<readonly Guarded[]> {
  const found = names.map(async (name): Promise<readonly Guarded[]> => {
    if (email.test(name)) return [{ name, identity: { email: name } }];
    const objects = bearers.map(async ({ room, names: keys, identities }) => {
      const { items } = await world.read(room);
      const meant = items.filter((item) => keys.some((key) => item[key] === name));
      return meant.flatMap((item) => {
        const object = { room, id: textOf(item["id"]) };
        return identities(item).map((identity): Guarded => ({ name, identity, object }));
      });
    });
    return (await Promise.all(objects)).flat();
  });
  return (await Promise.all(found)).flat();
}

/** Names that the operator wants guarded and that nothing of the account has: a mistake, or what it meant is gone. */
export async function meaningNobody(world: World, settings: GuardSettings): Promise<readonly string[]> {
  const [guarded, doors] = await Promise.all([guardedIn(world, settings.identities), doorsIn(world, settings)]);
  const found = new Set([...guarded, ...doors].map(({ name }) => name));
  return [...settings.identities, ...settings.applications].filter((name) => !found.has(name));
}

/** Applications without which nobody reaches the dashboard, the launcher or the network; guarded without being named. */
const vital: ReadonlySet<unknown> = new Set(["dash_sso", "app_launcher", "warp"]);

/** An application that must stay, and why it is guarded. */
export interface Door {
  readonly application: Members;
  /** As the operator calls it, when it is not found by its kind or as this server's own. */
  readonly name?: string;
  readonly own: boolean;
}

/** The guarded applications of a world. */
export async function doorsIn(world: World, settings: GuardSettings): Promise<readonly Door[]> {
  const { items } = await world.read(applications);
  const own = new Set(settings.ownHostname === undefined ? [] : answering(items, settings.ownHostname));
  return items.flatMap((application): readonly Door[] => {
    const name = settings.applications.find((wanted) => isCalled(application, wanted));
    const isGuarded = name !== undefined || own.has(application) || vital.has(application["type"]);
    return isGuarded ? [{ application, own: own.has(application), ...(name !== undefined && { name }) }] : [];
  });
}

function isCalled(application: Members, wanted: string): boolean {
  return (
    application["id"] === wanted || application["name"] === wanted || addressesOf(application).includes(bare(wanted))
  );
}
