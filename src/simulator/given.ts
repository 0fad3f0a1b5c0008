import { z } from "zod";
import identityProviders from "../access/identity-providers/index.ts";
import posture from "../access/posture.ts";
import serviceTokens from "../access/service-tokens.ts";
import type { Room } from "../core/room.ts";
import type { World } from "../inventory/world.ts";
import { textOf } from "./fields.ts";
import { meant } from "./lookup.ts";
import type { Identity } from "./selectors.ts";

const texts = z.array(z.string()).optional();

/** How a question names who it is about. */
export const principal = z.string().min(1).describe("E-mail, service token, or cn:NAME of a certificate");

/** What a caller knows of a request besides who makes it, as `Identity` names it; a list holds all there are. */
const Facts = z.strictObject({
  ip: z.union([z.ipv4(), z.ipv6()], { error: "an IPv4 or IPv6 address" }).optional(),
  country: z.string().length(2, "ISO 3166-1 alpha-2, such as NL").optional(),
  login_method: z.string().optional(),
  idp_groups: texts,
  auth_methods: texts,
  posture: texts,
  common_name: z.string().optional(),
  claims: z.record(z.string(), z.array(z.string())).optional(),
  risk: z.enum(["low", "medium", "high", "unscored"]).optional(),
});
export const facts = Facts.optional().describe("country, ip, login_method, idp_groups[], auth_methods[], posture[]…");

export type GivenFacts = Readonly<z.output<typeof Facts>>;

/** Facts as part of an identity: what they name is looked up by id or name. */
export async function identityGiven(
  { login_method, posture: passed, ...facts }: GivenFacts,
  world: World,
): Promise<Identity> {
  const idOf = async (room: Room, wanted: string) => textOf((await meant(room, wanted, world))["id"]);
  const known = Object.entries(facts).filter(([, value]) => value !== undefined);
  return {
    ...Object.fromEntries(known),
    ...(login_method !== undefined && { login_method: await idOf(identityProviders, login_method) }),
    ...(passed !== undefined && { posture: await Promise.all(passed.map((one) => idOf(posture, one))) }),
  };
}

/** Somebody whom a question is about. */
export interface Asker {
  readonly kind: "person" | "service token" | "certificate";
  readonly id: string;
  readonly name?: string;
  readonly identity: Identity;
}

/** Who is meant by an e-mail address, a service token (id, client id or name) or `cn:` and a common name. */
export async function askerCalled(text: string, world: World): Promise<Asker> {
  const [, common_name] = /^cn:(.+)$/.exec(text) ?? [];
  if (common_name !== undefined) return { kind: "certificate", id: common_name, identity: { common_name } };
  if (/^[^\s@]+@[^\s@]+$/.test(text)) return { kind: "person", id: text, identity: { email: text } };
  const token = await meant(serviceTokens, text, world);
  const id = textOf(token["id"]);
  return { kind: "service token", id, name: textOf(token["name"]), identity: { service_token: id } };
}
