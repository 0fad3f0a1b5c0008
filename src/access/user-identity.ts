import { z } from "zod";
import { answer } from "../core/model.ts";
import { operation } from "../core/operation.ts";
import { room } from "../core/room.ts";
import users, { user_id } from "./users.ts";

/**
 * Who somebody was at a login, and on which device; times are seconds since 1970.
 * The parts that identity providers fill (name, groups, amr, attributes, claims) are missing from npm cloudflare 7.3.0.
 */
export const Identity = answer({
  user_uuid: z.string().optional(),
  account_id: z.string().optional(),
  email: z.string().optional(),
  name: z.string().optional(),
  groups: z.array(z.unknown()).optional(),
  amr: z.array(z.string()).optional(),
  saml_attributes: z.record(z.string(), z.unknown()).optional(),
  oidc_fields: z.record(z.string(), z.unknown()).optional(),
  idp: z.object({ id: z.string().optional(), type: z.string().optional() }).optional(),
  geo: z.object({ country: z.string().optional() }).optional(),
  ip: z.string().optional(),
  iat: z.number().optional(),
  auth_status: z.string().optional(),
  common_name: z.string().optional(),
  service_token_id: z.string().optional(),
  service_token_status: z.boolean().optional(),
  mtls_auth: z
    .object({
      auth_status: z.string().optional(),
      cert_issuer_dn: z.string().optional(),
      cert_issuer_ski: z.string().optional(),
      cert_presented: z.boolean().optional(),
      cert_serial: z.string().optional(),
    })
    .optional(),
  is_warp: z.boolean().optional(),
  is_gateway: z.boolean().optional(),
  device_id: z.string().optional(),
  device_sessions: z.record(z.string(), z.object({ last_authenticated: z.number().optional() })).optional(),
  devicePosture: z
    .record(
      z.string(),
      z.object({
        id: z.string().optional(),
        rule_name: z.string().optional(),
        type: z.string().optional(),
        description: z.string().optional(),
        success: z.boolean().optional(),
        error: z.string().optional(),
        check: z.object({ exists: z.boolean().optional(), path: z.string().optional() }).optional(),
        data: z.unknown().optional(),
        timestamp: z.string().optional(),
      }),
    )
    .optional(),
  version: z.number().optional(),
});

const get = operation({
  name: "get_user_last_identity",
  title: "Get user's last identity",
  summary: "Show what Access knew of a user at the last login: groups, identity provider, country, device posture.",
  advice: "Tells why a group or posture rule matched or not; it may have changed since.",
  effect: "read",
  route: "GET /accounts/{account_id}/access/users/{user_id}/last_seen_identity",
  input: z.strictObject({ user_id }),
  output: Identity,
});

export default room({
  noun: "last identity of a user",
  toolset: "users",
  key: "user_uuid",
  permission: null,
  within: users,
  columns: ["user_uuid", "email", "idp", "geo", "ip", "iat", "groups", "is_warp"],
  verbs: { get },
});
