import { z } from "zod";
import { allow_authenticate_via_warp, app_launcher_visible, label, login, session_duration } from "./common.ts";
import { scim_config } from "./scim.ts";

const public_key = z.string().optional().describe("Made by Cloudflare: verifies what Access signs");

const CustomAttribute = z.strictObject({
  name: z.string().optional(),
  friendly_name: z.string().optional(),
  name_format: z
    .enum([
      "urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified",
      "urn:oasis:names:tc:SAML:2.0:attrname-format:basic",
      "urn:oasis:names:tc:SAML:2.0:attrname-format:uri",
    ])
    .optional(),
  required: z.boolean().optional(),
  source: z
    .strictObject({
      name: z.string().optional().describe("Attribute of the identity provider"),
      name_by_idp: z
        .array(z.strictObject({ idp_id: z.string().optional(), source_name: z.string().optional() }))
        .optional()
        .describe("Where providers name it differently"),
    })
    .optional(),
});

const Saml = z.strictObject({
  auth_type: z.literal("saml").optional(),
  sp_entity_id: z.string().optional().describe("Entity id of the application"),
  consumer_service_url: z.string().optional().describe("Where the application takes assertions"),
  name_id_format: z.enum(["id", "email"]).optional(),
  name_id_transform_jsonata: z.string().optional().describe("JSONata for NameID; wins over name_id_format"),
  custom_attributes: z.array(CustomAttribute).optional(),
  saml_attribute_transform_jsonata: z.string().optional().describe("JSONata that makes the attributes, an object"),
  default_relay_state: z.string().optional().describe("Where people land who start at the identity provider"),
  idp_entity_id: z.string().optional().describe("Made by Cloudflare: entity id of Access"),
  sso_endpoint: z.string().optional().describe("Made by Cloudflare: where the application sends logins"),
  public_key,
});

const CustomClaim = z.strictObject({
  name: z.string().optional(),
  scope: z.enum(["groups", "profile", "email", "openid"]).optional(),
  required: z.boolean().optional(),
  source: z
    .strictObject({
      name: z.string().optional().describe("Claim of the identity provider"),
      name_by_idp: z.record(z.string(), z.string()).optional().describe("Identity provider id to its claim"),
    })
    .optional(),
});

const Oidc = z.strictObject({
  auth_type: z.literal("oidc"),
  redirect_uris: z.array(z.string()).optional(),
  grant_types: z
    .array(z.enum(["authorization_code", "authorization_code_with_pkce", "refresh_tokens", "hybrid", "implicit"]))
    .optional(),
  scopes: z.array(z.enum(["openid", "groups", "email", "profile"])).optional(),
  app_launcher_url: z.string().optional().describe("Where the tile leads"),
  allow_pkce_without_client_secret: z.boolean().optional(),
  access_token_lifetime: z
    .string()
    .regex(/^(?:\d+[mh])+$/, "minutes or hours, 1m to 24h")
    .optional(),
  refresh_token_options: z
    .strictObject({
      lifetime: z
        .string()
        .regex(/^(?:\d+[mhd])+$/, "minutes, hours or days, like 90d")
        .optional(),
    })
    .optional(),
  hybrid_and_implicit_options: z
    .strictObject({
      return_access_token_from_authorization_endpoint: z.boolean().optional(),
      return_id_token_from_authorization_endpoint: z.boolean().optional(),
    })
    .optional(),
  custom_claims: z.array(CustomClaim).optional(),
  group_filter_regex: z.string().optional().describe("Only groups that match are told"),
  client_id: z.string().optional().describe("Made by Cloudflare"),
  client_secret: z.string().optional().describe("Made by Cloudflare, shown once"),
  public_key,
});

/** Somebody else's application that logs people in through Access. Session and client login: Terraform provider. */
export const saas = {
  type: z.literal("saas"),
  ...label,
  ...login,
  saas_app: z
    .discriminatedUnion("auth_type", [Saml, Oidc])
    .describe("SAML unless auth_type is oidc; the other protocol's fields do not belong")
    .meta({ brief: '{"auth_type":"oidc","redirect_uris":["…"]} or {"sp_entity_id":"…","consumer_service_url":"…"}' }),
  app_launcher_visible,
  session_duration,
  allow_authenticate_via_warp,
  scim_config,
};
