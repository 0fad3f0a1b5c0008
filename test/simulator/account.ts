import applicationCas from "../../src/access/applications/cas.ts";
import applications from "../../src/access/applications/index.ts";
import groups from "../../src/access/groups.ts";
import identityProviders from "../../src/access/identity-providers/index.ts";
import { access } from "../../src/access/index.ts";
import mtlsCertificates from "../../src/access/mtls-certificates.ts";
import organization from "../../src/access/organization.ts";
import policies from "../../src/access/policies.ts";
import serviceTokens from "../../src/access/service-tokens.ts";
import type { Change, Members } from "../../src/core/change.ts";
import type { Room } from "../../src/core/room.ts";
import type { Dataset, World } from "../../src/inventory/world.ts";

const rooms = {
  applications,
  applicationCas,
  groups,
  identityProviders,
  mtlsCertificates,
  organization,
  policies,
  serviceTokens,
};

/** The objects of an account by room; a room that is not named is empty, one that is `unreadable` is not shown. */
export type Objects = { readonly [Name in keyof typeof rooms]?: readonly Members[] } & {
  readonly unreadable?: readonly Room[];
};

/** A world held in memory that notes which rooms were looked at. */
export function worldOf(objects: Objects): World & { readonly looked: Room[] } {
  const looked: Room[] = [];
  const items = new Map(
    Object.entries(rooms).map(([name, room]) => [room as Room, objects[name as keyof typeof rooms]]),
  );
  return {
    looked,
    read: async (room): Promise<Dataset> => {
      looked.push(room);
      if (objects.unreadable?.includes(room)) return { state: "forbidden", items: [] };
      return { state: "ok", items: items.get(room) ?? [] };
    },
  };
}

export const entry = (name: string) => {
  const found = access.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no operation ${name}`);
  return found;
};

/** An update as it is rehearsed: a merge into what is there. */
export function update(name: string, before: Members, patch: Members, ids: Members = {}): Change {
  const id = String(before["id"] ?? before["auth_domain"]);
  return { entry: entry(name), id, input: { ...ids, ...patch }, before, after: { ...before, ...patch } };
}

/** A change that leaves nothing to show: a delete, or what changes no object. */
export function remove(name: string, before: Members, ids: Members = {}): Change {
  return { entry: entry(name), id: String(before["id"]), input: ids, before };
}

export function create(name: string, after: Members, ids: Members = {}): Change {
  return { entry: entry(name), input: { ...ids, ...after }, after };
}

export const rule = {
  email: (email: string) => ({ email: { email } }),
  domain: (domain: string) => ({ email_domain: { domain } }),
  group: (id: string) => ({ group: { id } }),
  geo: (country_code: string) => ({ geo: { country_code } }),
  method: (auth_method: string) => ({ auth_method: { auth_method } }),
  login: (id: string) => ({ login_method: { id } }),
  token: (token_id: string) => ({ service_token: { token_id } }),
  okta: (name: string, identity_provider_id = "okta") => ({ okta: { name, identity_provider_id } }),
  anyToken: { any_valid_service_token: {} },
  everyone: { everyone: {} },
};

export const policy = (id: string, decision: string, include: readonly unknown[], more: Members = {}): Members => ({
  id,
  name: id,
  decision,
  include,
  require: [],
  exclude: [],
  ...more,
});

export const pin = { id: "pin", name: "One-time PIN", type: "onetimepin", config: {} };
export const okta = {
  id: "okta",
  name: "Okta",
  type: "okta",
  config: { client_id: "c", client_secret: "**", okta_account: "https://e.example" },
};
