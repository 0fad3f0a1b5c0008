import { z } from "zod";
import { answer } from "../core/model.ts";
import { operation } from "../core/operation.ts";
import { room } from "../core/room.ts";
import { Duration } from "./shared.ts";

/** The service token with which devices may ask Gateway over DNS over HTTPS. */
export const OrganizationDoh = answer({
  id: z.string().optional(),
  client_id: z.string().optional(),
  name: z.string().optional(),
  enabled: z.boolean().optional(),
  duration: z.string().optional(),
  expires_at: z.string().optional(),
  doh_jwt_duration: z.string().optional(),
});

const get = operation({
  name: "get_organization_doh",
  title: "Get DNS over HTTPS settings",
  summary: "Show which service token authenticates DNS over HTTPS and how long its JWT lasts.",
  effect: "read",
  route: "GET /accounts/{account_id}/access/organizations/doh",
  input: z.strictObject({}),
  output: OrganizationDoh,
});

const update = operation({
  name: "update_organization_doh",
  title: "Update DNS over HTTPS settings",
  summary: "Choose the service token that authenticates DNS over HTTPS, or how long its JWT lasts.",
  effect: "update",
  route: "PUT /accounts/{account_id}/access/organizations/doh",
  input: z.strictObject({
    service_token_id: z.string().optional().describe("From list_service_tokens").meta({ shownAs: "id" }),
    doh_jwt_duration: Duration.optional().describe("24h when absent; at most the key rotation period"),
  }),
  output: OrganizationDoh,
  merges: true,
});

export default room({
  noun: "DNS over HTTPS setting",
  toolset: "identity",
  key: "id",
  permission: "Access: Organizations, Identity Providers, and Groups",
  columns: ["id", "name", "client_id", "enabled", "expires_at", "doh_jwt_duration"],
  verbs: { get, update },
});
