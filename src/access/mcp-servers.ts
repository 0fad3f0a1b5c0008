import { z } from "zod";
import { answer } from "../core/model.ts";
import { operation } from "../core/operation.ts";
import { room } from "../core/room.ts";
import { Id } from "./shared.ts";

/** How a tool or prompt is shown and whether it can be used; a portal may override a server's choice. */
export const Capabilities = z.array(
  z.strictObject({
    name: z.string().describe("Its name on the MCP server"),
    alias: z.string().optional().describe("Name to show instead"),
    description: z.string().optional().describe("Description to show instead"),
    enabled: z.boolean().optional(),
  }),
);

const AuthType = z.enum(["oauth", "bearer", "unauthenticated"]);
const SyncStatus = z.enum(["waiting", "ready", "stale", "error"]);

/** Why the last synchronisation failed. */
const ErrorDetails = z.object({
  cause: z.string().optional(),
  is_upstream: z.boolean().optional().describe("True: the server said so; false: it was not reached"),
  mcp_code: z.number().optional(),
  status_code: z.number().optional(),
  retryable: z.boolean().optional(),
});

const id = Id.describe("MCP server id");

/** What create and update share. */
const fields = {
  description: z.string().nullable().optional(),
  auth_credentials: z.string().optional().describe('For bearer: the token, or JSON text {"headers":{"Name":"value"}}'),
  client_secret: z.string().optional().describe("Of a manually registered OAuth client"),
  is_shared_oauth_callback_enabled: z
    .boolean()
    .optional()
    .describe("Log in through Cloudflare's callback address, not the portal's"),
  secure_web_gateway: z.boolean().optional().describe("Send its traffic through Gateway"),
  updated_tools: Capabilities.optional().describe("Changes to its tools, in every portal"),
  updated_prompts: Capabilities.optional().describe("Changes to its prompts, in every portal"),
};

/** Names and descriptions by whoever runs the server. */
const whatItSays = z.array(z.record(z.string(), z.unknown())).meta({ foreign: "MCP server" });

/** What the answers of a server and of a portal's server have in common. */
export const serverAnswer = {
  id: z.string(),
  name: z.string(),
  description: fields.description,
  hostname: z.string(),
  auth_type: AuthType,
  authentication_status: z.enum(["not_required", "required", "connected", "stale", "manual"]).optional(),
  auth_config_summary: z
    .object({
      auth_mode: z.enum(["dcr", "manual"]).optional(),
      has_client_secret: z.boolean().optional(),
      client_secret_version: z.number().optional(),
      config: z
        .object({
          issuer: z.string().optional(),
          authorization_endpoint: z.string().optional(),
          token_endpoint: z.string().optional(),
          revocation_endpoint: z.string().optional(),
          resource: z.string().optional(),
        })
        .optional(),
      registration_info: z
        .object({
          client_id: z.string().optional(),
          redirect_uris: z.array(z.string()).optional(),
          scope: z.string().optional(),
          token_endpoint_auth_method: z.string().optional(),
        })
        .optional(),
    })
    .optional(),
  is_shared_oauth_callback_enabled: z.boolean().optional(),
  secure_web_gateway: z.boolean().optional(),
  status: SyncStatus.optional(),
  error: z.string().optional(),
  error_details: ErrorDetails.optional(),
  last_synced: z.string().optional(),
  last_successful_sync: z.string().optional(),
  tools: whatItSays,
  prompts: whatItSays,
  created_at: z.string().optional(),
  created_by: z.string().optional(),
  modified_at: z.string().optional(),
  modified_by: z.string().optional(),
};

/** An MCP server that portals can offer. */
export const McpServer = answer({
  ...serverAnswer,
  updated_tools: Capabilities.optional(),
  updated_prompts: Capabilities.optional(),
});

const list = operation({
  name: "list_mcp_servers",
  title: "List MCP servers",
  summary: "List the MCP servers that Access knows, with the state of their synchronisation.",
  effect: "read",
  route: "GET /accounts/{account_id}/access/ai-controls/mcp/servers",
  input: z.strictObject({ search: z.string().optional().describe("Part of an id or name") }),
  output: McpServer,
  answers: "pages",
});

const get = operation({
  name: "get_mcp_server",
  title: "Get MCP server",
  summary: "Show one MCP server with its tools, prompts, login state and last synchronisation error.",
  effect: "read",
  route: "GET /accounts/{account_id}/access/ai-controls/mcp/servers/{id}",
  input: z.strictObject({ id }),
  output: McpServer,
});

const create = operation({
  name: "create_mcp_server",
  title: "Create MCP server",
  summary: "Add an MCP server, so that portals can offer its tools.",
  advice:
    "People need an application of type mcp with a policy for it and a portal that lists it. id, hostname and auth_type cannot change later.",
  effect: "create",
  route: "POST /accounts/{account_id}/access/ai-controls/mcp/servers",
  input: z.strictObject({
    id: Id.describe("Your choice, such as github"),
    name: z.string().min(1),
    hostname: z.string().describe("URL of the MCP endpoint"),
    auth_type: AuthType,
    ...fields,
  }),
  output: McpServer,
  secrets: ["auth_credentials", "client_secret"],
});

const update = operation({
  name: "update_mcp_server",
  title: "Update MCP server",
  summary: "Change name, credentials or tool settings of an MCP server; every portal that offers it follows.",
  advice: "Secrets are never shown; Cloudflare does not say whether leaving them out keeps them: send them along.",
  effect: "update",
  route: "PUT /accounts/{account_id}/access/ai-controls/mcp/servers/{id}",
  input: z.strictObject({ id, name: z.string().min(1).optional(), ...fields }),
  output: McpServer,
  secrets: ["auth_credentials", "client_secret"],
  merges: true,
});

const remove = operation({
  name: "delete_mcp_server",
  title: "Delete MCP server",
  summary: "Delete an MCP server; portals lose its tools.",
  effect: "delete",
  route: "DELETE /accounts/{account_id}/access/ai-controls/mcp/servers/{id}",
  input: z.strictObject({ id }),
  output: McpServer,
});

const sync = operation({
  name: "sync_mcp_server",
  title: "Sync MCP server",
  summary: "Read the tools and prompts of an MCP server again and say whether that worked.",
  effect: "action",
  route: "POST /accounts/{account_id}/access/ai-controls/mcp/servers/{id}/sync",
  input: z.strictObject({ id }),
  output: answer({
    status: SyncStatus.optional(),
    error: z.string().optional(),
    error_details: ErrorDetails.optional(),
  }),
});

export default room({
  noun: "MCP server",
  toolset: "mcp",
  key: "id",
  permission: "MCP Portals",
  columns: ["id", "name", "hostname", "auth_type", "authentication_status", "status", "error", "last_synced"],
  verbs: { list, get, create, update, delete: remove, sync },
});
