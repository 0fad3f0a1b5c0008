import { z } from "zod";
import { answer } from "../core/model.ts";
import { operation } from "../core/operation.ts";
import { room } from "../core/room.ts";
import { Time } from "./shared.ts";

/** One change that an identity provider sent by SCIM; `request_body` is JSON text. */
export const ScimUpdate = answer({
  logged_at: z.string().optional(),
  idp_id: z.string().optional(),
  cf_resource_id: z.string().optional(),
  idp_resource_id: z.string().optional(),
  resource_type: z.string().optional(),
  resource_user_email: z.string().optional(),
  resource_group_name: z.string().optional(),
  request_method: z.string().optional(),
  request_body: z.string().optional(),
  status: z.string().optional(),
  error_description: z.string().optional(),
});

const Values = z.array(z.string()).optional();

const list = operation({
  name: "list_scim_updates",
  title: "List SCIM updates",
  summary: "List the user and group changes that identity providers sent by SCIM, with failures.",
  advice:
    "Several values of one filter mean any of them. Find providers with list_identity_providers, scim_enabled true.",
  effect: "read",
  route: "GET /accounts/{account_id}/access/logs/scim/updates",
  input: z.strictObject({
    idp_id: z.array(z.string()).min(1).describe("Identity provider ids"),
    since: Time.optional(),
    until: Time.optional(),
    direction: z.enum(["desc", "asc"]).optional().describe("desc: newest first"),
    status: z.array(z.enum(["FAILURE", "SUCCESS"])).optional(),
    resource_type: z.array(z.enum(["USER", "GROUP"])).optional(),
    request_method: z.array(z.enum(["DELETE", "PATCH", "POST", "PUT"])).optional(),
    resource_user_email: Values,
    resource_group_name: Values,
    cf_resource_id: Values.describe("Cloudflare's ids of users or groups"),
    idp_resource_id: Values.describe("The provider's ids of them"),
  }),
  output: ScimUpdate,
  answers: "pages",
});

export default room({
  noun: "SCIM update",
  toolset: "logs",
  key: null,
  permission: null,
  columns: [
    "logged_at",
    "status",
    "request_method",
    "resource_type",
    "resource_user_email",
    "resource_group_name",
    "error_description",
  ],
  verbs: { list },
});
