import type { Random } from "../random.ts";
import type { Row } from "../store.ts";
import { inAccount, type World } from "../world.ts";

/** Where one copy of the company is planted. Names, addresses and ids of the copies differ; everything else is the same. */
export interface Plot {
  readonly world: World;
  readonly random: Random;
  /** 0 for the company itself; the settings an account has once are planted with it alone. */
  readonly copy: number;
  /** `Wiki`, in the second copy `Wiki 2`. */
  name(plain: string): string;
  /** A part of an address: `wiki`, in the second copy `wiki-2`. */
  slug(plain: string): string;
  /** The id of something by its kind and plain name, whether or not it is planted yet. */
  id(kind: string, plain: string): string;
  /** The id of something that all copies share. */
  sharedId(kind: string, plain: string): string;
  /** A time this many days before the account was made; negative ones lie ahead. */
  ago(days: number): string;
  date(days: number): Date;
  keep(path: string, id: string, row: Row): Row;
}

const hour = 3_600_000;

/** Counted from the full hour, so that an account made twice within it is the same to the second. */
export function plotOf(world: World, random: Random, copy: number): Plot {
  const start = Math.floor(world.now().getTime() / hour) * hour;
  const numbered = (separator: string) => (copy === 0 ? "" : `${separator}${copy + 1}`);
  const date = (days: number) => new Date(start - Math.round(days * 86_400) * 1000);
  return {
    world,
    random: random.fork(`copy/${copy}`),
    copy,
    name: (plain) => plain + numbered(" "),
    slug: (plain) => plain + numbered("-"),
    id: (kind, plain) => random.fork(`${kind}/${plain}${numbered("/")}`).uuid(),
    sharedId: (kind, plain) => random.fork(`${kind}/${plain}`).uuid(),
    ago: (days) => date(days).toISOString(),
    date,
    keep: (path, id, row) => world.store.keep(inAccount(world, path), id, row),
  };
}

/** Mail domains of the invented company and of those it works with. */
export const mail = { own: "quillon.example.com", contractor: "harbor.example.net", partner: "tidewater.example.net" };

/** The selectors of rules, with names in the place of ids. */
export const rulesFor = ({ id, sharedId }: Plot) => ({
  email: (email: string) => ({ email: { email } }),
  domain: (domain: string) => ({ email_domain: { domain } }),
  everyone: { everyone: {} },
  group: (name: string) => ({ group: { id: id("group", name) } }),
  ip: (ip: string) => ({ ip: { ip } }),
  geo: (country_code: string) => ({ geo: { country_code } }),
  token: (name: string) => ({ service_token: { token_id: id("service_token", name) } }),
  anyToken: { any_valid_service_token: {} },
  certificate: { certificate: {} },
  commonName: (common_name: string) => ({ common_name: { common_name } }),
  login: (name: string) => ({ login_method: { id: sharedId("identity_provider", name) } }),
  okta: (name: string) => ({ okta: { name, identity_provider_id: sharedId("identity_provider", "Okta") } }),
  entra: (name: string) => ({
    azureAD: { id: sharedId("entra_group", name), identity_provider_id: sharedId("identity_provider", "Entra ID") },
  }),
  saml: (attribute_name: string, attribute_value: string) => ({
    saml: { attribute_name, attribute_value, identity_provider_id: sharedId("identity_provider", "Harbor SSO") },
  }),
  emailList: (name: string) => ({ email_list: { id: sharedId("list", name) } }),
  ipList: (name: string) => ({ ip_list: { id: sharedId("list", name) } }),
  posture: (name: string) => ({ device_posture: { integration_uid: sharedId("posture_rule", name) } }),
  method: (auth_method: string) => ({ auth_method: { auth_method } }),
  context: (ac_id: string) => ({
    auth_context: {
      id: sharedId("auth_context", ac_id),
      ac_id,
      identity_provider_id: sharedId("identity_provider", "Entra ID"),
    },
  }),
  linked: (application: string) => ({ linked_app_token: { app_uid: id("application", application) } }),
  evaluation: (address: string) => ({
    external_evaluation: { evaluate_url: `${address}/evaluate`, keys_url: `${address}/keys` },
  }),
  risk: (...user_risk_score: readonly string[]) => ({ user_risk_score: { user_risk_score } }),
});

export type Rules = ReturnType<typeof rulesFor>;
