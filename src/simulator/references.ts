import applicationCas from "../access/applications/cas.ts";
import applications from "../access/applications/index.ts";
import customPages from "../access/custom-pages.ts";
import gatewayLists from "../access/gateway-lists.ts";
import groups from "../access/groups.ts";
import identityProviders from "../access/identity-providers/index.ts";
import idpFederationGrants from "../access/idp-federation-grants.ts";
import mcpPortals from "../access/mcp-portals.ts";
import mcpServers from "../access/mcp-servers.ts";
import mtlsCertificates from "../access/mtls-certificates.ts";
import organization from "../access/organization.ts";
import organizationDoh from "../access/organization-doh.ts";
import policies from "../access/policies.ts";
import posture from "../access/posture.ts";
import samlCertificates from "../access/saml-certificates.ts";
import serviceTokens from "../access/service-tokens.ts";
import tags from "../access/tags.ts";
import targets from "../access/targets.ts";
import type { Change, Members, Reference } from "../core/change.ts";
import type { Room } from "../core/room.ts";
import type { World } from "../inventory/world.ts";
import { hostsOf } from "./addresses.ts";
import { listOf, textOf, textsAt } from "./fields.ts";

type Side = Reference["side"];

/** Objects of `from` hold at `field` what identifies an object of `to`. */
interface Edge {
  readonly from: Room;
  readonly field: string;
  readonly to: Room;
  /** What losing it means: `decision` asks the policy, `place` the list of rules that it stands in. */
  readonly side: Side | "decision" | "place";
  /** By what the object is named, when not by its key. */
  readonly by?: (object: Members) => readonly string[];
  /** The selector that means every object of `to`, also one that is not there yet. */
  readonly every?: string;
}

const named = (field: string) => (object: Members) => [textOf(object[field])];

/** Addresses that rules name are no objects of their own, but people ask for them all the same. */
export const emailAddresses: Room = {
  noun: "e-mail address",
  toolset: "users",
  key: "email",
  permission: null,
  columns: [],
  verbs: {},
};

/** What rules name, as paths below a rule. */
const ruleTargets: readonly (readonly [path: string, to: Room])[] = [
  ["email.email", emailAddresses],
  ["group.id", groups],
  ["service_token.token_id", serviceTokens],
  ["login_method.id", identityProviders],
  ["*.identity_provider_id", identityProviders],
  ["linked_app_token.app_uid", applications],
  ["email_list.id", gatewayLists],
  ["ip_list.id", gatewayLists],
  ["device_posture.integration_uid", posture],
];

const ruleHolders: readonly (readonly [from: Room, prefix: string])[] = [
  [groups, ""],
  [policies, ""],
  [applications, "policies[]."],
];

const rulePlaces = ["include", "require", "exclude"];

const ruleEdges = ruleTargets.flatMap(([path, to]) =>
  ruleHolders.flatMap(([from, prefix]) =>
    rulePlaces.map((place): Edge => {
      return { from, field: `${prefix}${place}[].${path}`, to, side: "place" };
    }),
  ),
);

const anyToken = "any_valid_service_token";
const anyTokenEdges = ruleHolders.map(([from]): Edge => {
  return { from, field: anyToken, to: serviceTokens, side: "place", every: anyToken };
});

const byHostname = named("hostname");
const criteria = [
  "target_attributes",
  "include.target_attributes",
  "require.target_attributes",
  "exclude.target_attributes",
];

/** Which field of which room names objects of which other room. */
const edges: readonly Edge[] = [
  ...ruleEdges,
  ...anyTokenEdges,
  { from: applications, field: "policies[].id", to: policies, side: "decision" },
  { from: applications, field: "allowed_idps[]", to: identityProviders, side: "lets_in" },
  { from: applications, field: "scim_config.idp_uid", to: identityProviders, side: "other" },
  {
    from: applications,
    field: "scim_config.authentication.client_id",
    to: serviceTokens,
    side: "other",
    by: named("client_id"),
  },
  { from: applications, field: "custom_pages[]", to: customPages, side: "other" },
  { from: applications, field: "tags[]", to: tags, side: "other" },
  { from: applications, field: "destinations[].mcp_server_id", to: mcpServers, side: "other" },
  ...criteria.map(
    (path): Edge => ({
      from: applications,
      field: `target_criteria[].${path}.hostname[]`,
      to: targets,
      side: "other",
      by: byHostname,
    }),
  ),
  { from: applicationCas, field: "aud", to: applications, side: "other", by: named("aud") },
  { from: policies, field: "approval_groups[].email_addresses[]", to: emailAddresses, side: "other" },
  { from: applications, field: "policies[].approval_groups[].email_addresses[]", to: emailAddresses, side: "other" },
  { from: policies, field: "approval_groups[].email_list_uuid", to: gatewayLists, side: "other" },
  { from: applications, field: "policies[].approval_groups[].email_list_uuid", to: gatewayLists, side: "other" },
  { from: mtlsCertificates, field: "associated_hostnames[]", to: applications, side: "other", by: hostsOf },
  { from: identityProviders, field: "saml_certificate_set_id", to: samlCertificates, side: "other" },
  { from: idpFederationGrants, field: "idp_id", to: identityProviders, side: "other" },
  { from: mcpPortals, field: "servers[].server_id", to: mcpServers, side: "other" },
  { from: mcpPortals, field: "hostname", to: applications, side: "other", by: hostsOf },
  { from: organization, field: "custom_pages.*", to: customPages, side: "other" },
  { from: organization, field: "mfa_config.required_aaguids", to: gatewayLists, side: "other" },
  // The settings show the token that they name under its own id.
  { from: organizationDoh, field: "id", to: serviceTokens, side: "other" },
];

/** The rooms whose objects something may refer to. */
export const referable: readonly Room[] = [...new Set(edges.map(({ to }) => to))];

/** What refers to an object, and the nouns of what could not be looked through for it. */
export interface References {
  readonly references: readonly Reference[];
  readonly unread: readonly string[];
}

/** What refers to the object that a change is about; to one that is not there yet only what means every object. */
export async function referencesTo(change: Change, world: World): Promise<References> {
  const { entry, id, before } = change;
  return referencesOf(entry.room, id, world, before);
}

/**
 * What refers to an object, through groups as far as it goes: a policy that excludes a group which excludes the object
 * lets it in. `object` saves a look at what names the object other than its id.
 */
export async function referencesOf(
  room: Room,
  id: string | undefined,
  world: World,
  object?: Members,
): Promise<References> {
  const unread = new Set<string>();
  const read = async (from: Room) => {
    const { state, items } = await world.read(from);
    if (state !== "ok") unread.add(from.noun);
    return items;
  };
  const inward = edges.filter(({ to, every }) => to === room && (id ?? every) !== undefined);
  await Promise.all([...new Set(inward.map(({ from }) => from))].map((from) => world.read(from)));
  const needsObject = object === undefined && id !== undefined && inward.some(({ by }) => by !== undefined);
  const target = needsObject ? (await read(room)).find((item) => item[room.key ?? "id"] === id) : object;

  const namesOfIt = ({ by, every }: Edge): readonly string[] => {
    if (every !== undefined) return [every];
    if (id === undefined) return [];
    return by === undefined ? [id] : target === undefined ? [] : by(target);
  };

  const found = new Map<string, Reference>();
  const asked = new Set<string>();
  const collect = async (to: Room, names: (edge: Edge) => readonly string[], outer: (side: Side) => Side) => {
    for (const edge of edges.filter((one) => one.to === to)) {
      const fold = (name: string) => (to === emailAddresses ? name.toLowerCase() : name);
      const wanted = new Set(
        names(edge)
          .filter((name) => name !== "")
          .map(fold),
      );
      for (const item of wanted.size === 0 ? [] : await read(edge.from)) {
        for (const [field, name] of namesAt(item, edge)) {
          if (!wanted.has(fold(name)) || isCopy(item, field)) continue;
          const side = outer(sideOf(edge, item, field));
          const by = textOf(item[edge.from.key ?? "id"]);
          const label = textOf(item["name"]);
          const reference: Reference = { noun: edge.from.noun, id: by, ...(label && { name: label }), field, side };
          const mark = [reference.noun, by, field, side].join(" ");
          if (by === id && edge.from === room) continue;
          found.set(mark, reference);
          const isCarrier = edge.from === groups || (edge.from === policies && edge.side === "place");
          if (!isCarrier || asked.has(mark)) continue;
          asked.add(mark);
          await collect(edge.from, (next) => (next.by === undefined ? [by] : []), through(edge.from, side));
        }
      }
    }
  };
  await collect(room, namesOfIt, (side) => side);
  return { references: [...found.values()], unread: [...unread] };
}

/** What an object names by an edge, and where; a selector that means every object says no more than itself. */
function namesAt(item: Members, { field, every }: Edge): readonly (readonly [field: string, name: string])[] {
  if (every === undefined) return textsAt(item, field);
  const owned = listOf(item["policies"]).map((policy, place) => [`policies[${place}].`, policy] as const);
  return [["", item] as const, ...owned].flatMap(([prefix, holder]) =>
    rulePlaces.flatMap((place) =>
      listOf(holder[place]).flatMap((rule, index) =>
        (rule[every] ?? undefined) === undefined ? [] : [[`${prefix}${place}[${index}].${every}`, every] as const],
      ),
    ),
  );
}

const opposite: Readonly<Record<Side, Side>> = { lets_in: "keeps_out", keeps_out: "lets_in", other: "other" };

/** The side of what carries a reference on: through a policy it stays, through a group that excludes it turns round. */
const through =
  (carrier: Room, side: Side) =>
  (outer: Side): Side =>
    carrier === policies ? side : side === "keeps_out" ? opposite[outer] : outer;

/** Reusable policies are shown inside applications too, where nothing can be changed in them. */
function isCopy(item: Members, field: string): boolean {
  const [, place, rest] = /^policies\[(\d+)\]\.(.+)$/.exec(field) ?? [];
  return place !== undefined && rest !== "id" && listOf(item["policies"])[Number(place)]?.["reusable"] === true;
}

function sideOf({ side, from }: Edge, item: Members, field: string): Side {
  if (side !== "decision" && side !== "place") return side;
  const [, place] = /^policies\[(\d+)\]/.exec(field) ?? [];
  const holder = place === undefined ? item : listOf(item["policies"])[Number(place)];
  const given: Side = from !== groups && holder?.["decision"] === "deny" ? "keeps_out" : "lets_in";
  return /(?:^|\.)exclude\[/.test(field) ? opposite[given] : given;
}
