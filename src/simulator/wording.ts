import applications from "../access/applications/index.ts";
import gatewayListItems from "../access/gateway-list-items.ts";
import gatewayLists from "../access/gateway-lists.ts";
import groups from "../access/groups.ts";
import identityProviders from "../access/identity-providers/index.ts";
import posture from "../access/posture.ts";
import serviceTokens from "../access/service-tokens.ts";
import type { Members } from "../core/change.ts";
import type { Room } from "../core/room.ts";
import type { Account } from "./account.ts";
import { quoted } from "./effect/reasons.ts";
import { factOf, loginKey } from "./facts.ts";
import { listOf, membersOf, textOf } from "./fields.ts";
import type { Named, PrincipalKind } from "./reach.ts";

/** An object as answers name it: by its name where it has one. */
export function named(room: Room, object: Members): Named {
  const name = textOf(object["name"]) || textOf(object["hostname"]) || textOf(object["email"]);
  const id = textOf(object[room.key ?? "id"]) || textOf(object["uid"]);
  return { noun: room.noun, id, ...(name !== "" && name !== id && { name }) };
}

/** The object of a room that an id means; known by its id alone where it cannot be looked up. */
export const namedBy = (room: Room, id: string, account: Account): Named => {
  const object = account.find(room, id);
  return object === undefined ? { noun: room.noun, id } : named(room, object);
};

/** What a rule says, for people. */
interface Wording {
  readonly kind: PrincipalKind;
  /** As something that has to hold: `country NL`. */
  readonly says: (argument: Members, account: Account) => string;
  /** As those who get in, where that reads otherwise. */
  readonly whom?: (condition: string) => string;
  /** The field of the argument that identifies an object, and where that is. */
  readonly id?: string;
  readonly room?: Room;
}

const fixed = (kind: PrincipalKind, text: string): Wording => ({ kind, says: () => text });

const one = (kind: PrincipalKind, noun: string, field: string): Wording => ({
  kind,
  says: (argument) => `${noun} ${quoted(argument[field])}`,
});

const object = (kind: PrincipalKind, noun: string, id: string, room: Room): Wording => ({
  kind,
  id,
  room,
  says: (argument, account) => {
    const { name, id: known } = namedBy(room, textOf(argument[id]), account);
    return `${noun} ${quoted(name ?? known)}`;
  },
});

const pair = (noun: string, name: string, value: string): Wording => ({
  kind: "identity_group",
  says: (argument) => `${noun} ${quoted(argument[name])} = ${quoted(argument[value])}`,
});

const bareAddress = (condition: string): string => condition.replace(/^e-mail /, "");

/** How each selector reads; the plain values of e-mail, network and country rules stand without quotes. */
const wordings: Readonly<Record<string, Wording>> = {
  everyone: fixed("any_login", "anyone"),
  login_method: {
    ...object("login_method", "login by", "id", identityProviders),
    whom: (login) => `anyone with a ${login}`,
  },
  email_domain: {
    kind: "email_domain",
    says: ({ domain }) => `e-mail @${plain(textOf(domain).replace(/^@/, ""))}`,
    whom: bareAddress,
  },
  azureAD: one("identity_group", "Entra group", "id"),
  okta: one("identity_group", "Okta group", "name"),
  gsuite: one("identity_group", "Google group", "email"),
  "github-organization": {
    kind: "identity_group",
    says: ({ name, team }) => `GitHub ${team ? `team ${quoted(team)} of ` : "organization "}${quoted(name)}`,
  },
  saml: pair("SAML attribute", "attribute_name", "attribute_value"),
  oidc: pair("OIDC claim", "claim_name", "claim_value"),
  email_list: object("email_list", "e-mail list", "id", gatewayLists),
  email: { kind: "email", says: ({ email }) => `e-mail ${plain(email)}`, whom: bareAddress },
  any_valid_service_token: fixed("any_service_token", "any service token of the account"),
  service_token: object("service_token", "service token", "token_id", serviceTokens),
  certificate: fixed("certificate", "any valid client certificate"),
  common_name: one("certificate", "client certificate", "common_name"),
  linked_app_token: object("linked_application", "a token of application", "app_uid", applications),
  ip: { kind: "network", says: ({ ip }) => `network ${plain(ip)}` },
  ip_list: object("network", "network list", "id", gatewayLists),
  geo: { kind: "country", says: ({ country_code }) => `country ${plain(country_code)}` },
  device_posture: object("device", "a device that passes", "integration_uid", posture),
  group: object("other", "group", "id", groups),
  auth_method: one("other", "login method", "auth_method"),
  auth_context: one("other", "Entra authentication context", "ac_id"),
  external_evaluation: one("other", "whoever is approved by", "evaluate_url"),
  user_risk_score: one("other", "risk score", "user_risk_score"),
  cloudflare_account_member: fixed("other", "members of the Cloudflare account"),
};

/** A value that is what its field says, as it is; anything else in quotes. */
function plain(value: unknown): string {
  const text = textOf(value);
  return /^[\w.+%@:/-]{1,100}$/.test(text) ? text : quoted(value);
}

/** One rule: its selector and what it says. */
export interface Leaf {
  readonly selector: string;
  readonly argument: Members;
}

export const leafOf = (rule: Members): Leaf => {
  const [selector = "", argument] = Object.entries(rule)[0] ?? [];
  return { selector, argument: membersOf(argument) };
};

/** The rule of a policy or group at a field such as `include[0]`. */
export function leafAt(holder: Members, field: string): Leaf {
  const [, place = "", at] = /^(\w+)\[(\d+)\]/.exec(field) ?? [];
  return leafOf(listOf(holder[place])[Number(at)] ?? {});
}

/** Whom a rule means, in one phrase. */
export function phraseOf(
  leaf: Leaf,
  account: Account,
): { readonly kind: PrincipalKind; readonly label: string; readonly id?: string } {
  const { kind = "other", id: field, whom }: Partial<Wording> = wordingOf(leaf) ?? {};
  const condition = conditionOf(leaf, account);
  const id = field === undefined ? "" : textOf(leaf.argument[field]);
  return { kind, label: whom?.(condition) ?? condition, ...(id !== "" && { id }) };
}

/** The same as something that has to hold: `e-mail @example.com`, `country NL`. */
export const conditionOf = (leaf: Leaf, account: Account): string =>
  wordingOf(leaf)?.says(leaf.argument, account) ?? `a rule that nobody knows, ${quoted(leaf.selector)}`;

const wordingOf = ({ selector }: Leaf): Wording | undefined =>
  Object.hasOwn(wordings, selector) ? wordings[selector] : undefined;

/** What a mark of a missing fact stands for, as a condition. */
export function conditionAt(mark: string, account: Account): string {
  if (mark === loginKey) return factOf(mark).what;
  const [selector, ...members] = JSON.parse(mark) as [string, ...[string, unknown][]];
  return conditionOf({ selector, argument: Object.fromEntries(members) }, account);
}

/** The rooms that give the rules of some policies and groups their names, and what the lists that they name hold. */
export function roomsNaming(holders: Iterable<Members>): ReadonlySet<Room> {
  const rooms = new Set<Room>();
  for (const holder of holders) {
    for (const rule of ["include", "require", "exclude"].flatMap((place) => listOf(holder[place]))) {
      const { room } = wordingOf(leafOf(rule)) ?? {};
      if (room !== undefined) rooms.add(room);
    }
  }
  if (rooms.has(gatewayLists)) rooms.add(gatewayListItems);
  return rooms;
}
