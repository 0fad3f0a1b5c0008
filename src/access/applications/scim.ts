import { z } from "zod";

/** How Cloudflare proves itself to the application's SCIM server. */
const Authentication = z.discriminatedUnion("scheme", [
  z.strictObject({ scheme: z.literal("httpbasic"), user: z.string(), password: z.string() }),
  z.strictObject({ scheme: z.literal("oauthbearertoken"), token: z.string() }),
  z.strictObject({
    scheme: z.literal("oauth2"),
    client_id: z.string(),
    client_secret: z.string(),
    authorization_url: z.string(),
    token_url: z.string(),
    scopes: z.array(z.string()).optional(),
  }),
  z.strictObject({
    scheme: z.literal("access_service_token"),
    client_id: z.string().describe("client_id of a service token"),
    client_secret: z.string(),
  }),
]);

const Mapping = z.strictObject({
  schema: z.string().describe("SCIM schema URN that this is about"),
  enabled: z.boolean().optional(),
  filter: z.string().optional().describe("SCIM filter; only what matches is provisioned"),
  transform_jsonata: z.string().optional().describe("JSONata that changes the resource before it is sent"),
  operations: z
    .strictObject({
      create: z.boolean().optional(),
      update: z.boolean().optional(),
      delete: z.boolean().optional(),
    })
    .optional()
    .describe("Which changes are sent"),
  strictness: z
    .enum(["strict", "passthrough"])
    .optional()
    .describe("strict drops attributes that the schema does not know"),
});

/** Provisioning of an identity provider's users and groups into the application. */
export const scim_config = z
  .strictObject({
    idp_uid: z.string().describe("Identity provider whose users are sent"),
    remote_uri: z.string().describe("Base address of the application's SCIM API"),
    enabled: z.boolean().optional(),
    deactivate_on_delete: z.boolean().optional().describe("Set active to false instead of deleting"),
    authentication: z
      .union([Authentication, z.array(Authentication)])
      .optional()
      .describe("One way or several at once"),
    mappings: z.array(Mapping).optional(),
  })
  .optional()
  .describe("SCIM provisioning into the application");

/** Where applications hold values that never leave in an answer. */
export const scimSecrets = [
  "scim_config.authentication.password",
  "scim_config.authentication.token",
  "scim_config.authentication.client_secret",
] as const;
