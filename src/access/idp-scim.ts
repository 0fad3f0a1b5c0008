import { z } from "zod";
import { answer } from "../core/model.ts";
import { operation } from "../core/operation.ts";
import { room } from "../core/room.ts";
import identityProviders from "./identity-providers/index.ts";
import { Id } from "./shared.ts";

/** What SCIM users and groups have in common; names follow RFC 7643. */
const resource = {
  id: z.string().optional(),
  externalId: z.string().optional(),
  displayName: z.string().optional(),
  meta: z.object({ created: z.string().optional(), lastModified: z.string().optional() }).optional(),
  schemas: z.array(z.string()).optional(),
};

/** A group that an identity provider sent. */
export const ScimGroup = answer(resource);

/** A person whom an identity provider sent. */
export const ScimUser = answer({
  ...resource,
  active: z.boolean().optional(),
  emails: z
    .array(z.object({ value: z.string().optional(), type: z.string().optional(), primary: z.boolean().optional() }))
    .optional(),
});

const filters = {
  identity_provider_id: Id.describe("Identity provider id"),
  name: z.string().optional().describe("Display name"),
  cf_resource_id: z.array(z.string()).max(50).optional().describe("Cloudflare's ids; no other filter with it"),
  idp_resource_id: z.array(z.string()).max(50).optional().describe("The provider's ids; no other filter with it"),
};

const users = operation({
  name: "list_idp_scim_users",
  title: "List SCIM users",
  summary: "List the users that an identity provider has sent to Cloudflare by SCIM.",
  advice: "People who have logged in are in list_users; what the provider sent when is in list_scim_updates.",
  effect: "read",
  route: "GET /accounts/{account_id}/access/identity_providers/{identity_provider_id}/scim/users",
  input: z.strictObject({ ...filters, username: z.string().optional(), email: z.string().optional() }),
  output: ScimUser,
  answers: "pages",
});

const groups = operation({
  name: "list_idp_scim_groups",
  title: "List SCIM groups",
  summary: "List the groups that an identity provider has sent to Cloudflare by SCIM.",
  advice: "Policies judge the groups of a login, not these; see get_user_last_identity.",
  effect: "read",
  route: "GET /accounts/{account_id}/access/identity_providers/{identity_provider_id}/scim/groups",
  input: z.strictObject(filters),
  output: ScimGroup,
  answers: "pages",
});

export default room({
  noun: "SCIM resource",
  toolset: "identity",
  key: "id",
  permission: "Access: Population",
  within: identityProviders,
  columns: ["id", "externalId", "displayName", "active", "emails", "meta.lastModified"],
  verbs: { users, groups },
});
