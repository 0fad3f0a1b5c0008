import { z } from "zod";
import { answer } from "../core/model.ts";
import { operation } from "../core/operation.ts";
import { room } from "../core/room.ts";
import { Id, Time } from "./shared.ts";

/** `8760h`, or `forever`: service tokens are the one place where Cloudflare accepts that word. */
const TokenDuration = z
  .string()
  .regex(/^(?:forever|(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+)$/, "a duration like 8760h, or forever");

const graceEnd = Time.describe("Until when the previous secret still works; without it, it dies at once");

/** A pair of client id and secret with which machines pass Access. */
export const ServiceToken = answer({
  id: Id.optional(),
  client_id: z.string().optional(),
  name: z.string().optional(),
  enabled: z.boolean().optional(),
  duration: TokenDuration.optional(),
  expires_at: z.string().optional(),
  last_seen_at: z.string().optional(),
  client_secret_version: z.number().optional(),
  previous_client_secret_expires_at: z.string().optional(),
  created_at: z.string().optional(),
  updated_at: z.string().optional(),
});

/** Only creating and rotating show the secret. */
const ServiceTokenWithSecret = ServiceToken.extend({ client_secret: z.string().optional() });

const service_token_id = Id.describe("Service token id (not its client_id)");

const fields = {
  name: z.string().min(1),
  duration: TokenDuration.optional()
    .describe("Lifetime: 8760h (default) or forever")
    // Sending it starts the lifetime anew.
    .meta({ echo: false, restore: (shown: unknown) => shown, moves: "expires_at" }),
  enabled: z.boolean().optional().describe("False turns it off, the grace secret too"),
  client_secret_version: z.int().optional().describe("Raising it rotates the secret").meta({ echo: false }),
  previous_client_secret_expires_at: graceEnd.optional().meta({ echo: false }),
};

const list = operation({
  name: "list_service_tokens",
  title: "List service tokens",
  summary: "List service tokens, the credentials with which machines pass Access, with expiry and last use.",
  effect: "read",
  route: "GET /{account_or_zone}/access/service_tokens",
  input: z.strictObject({
    name: z.string().optional().describe("Exact name"),
    search: z.string().optional().describe("Part of a name"),
  }),
  output: ServiceToken,
  answers: "pages",
});

const get = operation({
  name: "get_service_token",
  title: "Get service token",
  summary: "Show one service token; its secret is never shown again.",
  effect: "read",
  route: "GET /{account_or_zone}/access/service_tokens/{service_token_id}",
  input: z.strictObject({ service_token_id }),
  output: ServiceToken,
});

const create = operation({
  name: "create_service_token",
  title: "Create service token",
  summary: "Create a service token for a machine; its client_secret exists only in this answer.",
  advice: "Let it in with a policy of decision non_identity and a service_token rule.",
  effect: "create",
  route: "POST /{account_or_zone}/access/service_tokens",
  input: z.strictObject(fields),
  output: ServiceTokenWithSecret,
  secrets: ["client_secret"],
});

const update = operation({
  name: "update_service_token",
  title: "Update service token",
  summary: "Rename, enable, disable or change the lifetime of a service token.",
  advice:
    "To renew the expiry use refresh_service_token; for a new secret use rotate_service_token rather than client_secret_version.",
  effect: "update",
  route: "PUT /{account_or_zone}/access/service_tokens/{service_token_id}",
  input: z.strictObject({ service_token_id, ...fields, name: fields.name.optional() }),
  output: ServiceTokenWithSecret,
  secrets: ["client_secret"],
  merges: true,
});

const remove = operation({
  name: "delete_service_token",
  title: "Delete service token",
  summary: "Delete a service token; machines that use it lose access at once.",
  effect: "delete",
  route: "DELETE /{account_or_zone}/access/service_tokens/{service_token_id}",
  input: z.strictObject({ service_token_id }),
  output: ServiceToken,
});

const refresh = operation({
  name: "refresh_service_token",
  title: "Refresh service token",
  summary: "Extend the expiry of a service token by its duration; the secret stays the same.",
  effect: "update",
  route: "POST /accounts/{account_id}/access/service_tokens/{service_token_id}/refresh",
  input: z.strictObject({ service_token_id }),
  output: ServiceToken,
});

const rotate = operation({
  name: "rotate_service_token",
  title: "Rotate service token",
  summary: "Issue a new secret for a service token; the old one stops working at once unless given a grace period.",
  effect: "rotate",
  route: "POST /accounts/{account_id}/access/service_tokens/{service_token_id}/rotate",
  input: z.strictObject({ service_token_id, previous_client_secret_expires_at: graceEnd.optional() }),
  output: ServiceTokenWithSecret,
  secrets: ["client_secret"],
});

export default room({
  noun: "service token",
  toolset: "service_tokens",
  key: "id",
  permission: "Access: Service Tokens",
  columns: ["id", "name", "client_id", "enabled", "expires_at", "last_seen_at"],
  everyday: ["list", "create"],
  verbs: { list, get, create, update, delete: remove, refresh, rotate },
});
