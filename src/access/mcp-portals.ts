import { z } from "zod";
import { answer } from "../core/model.ts";
import { operation } from "../core/operation.ts";
import { room } from "../core/room.ts";
import { Capabilities, serverAnswer } from "./mcp-servers.ts";
import { Id } from "./shared.ts";

const id = Id.describe("MCP portal id");

const fields = {
  name: z.string().min(1),
  hostname: z.string().describe("Where people reach it, such as mcp.example.com"),
  description: z.string().optional(),
  servers: z
    .array(
      z.strictObject({
        server_id: z.string().describe("From list_mcp_servers"),
        on_behalf: z.boolean().optional().describe("Each person logs in to it; false for service tokens"),
        default_disabled: z.boolean().optional().describe("Offer only what is enabled below"),
        updated_tools: Capabilities.optional(),
        updated_prompts: Capabilities.optional(),
      }),
    )
    .optional()
    .meta({ echo: (shown: unknown) => (shown as readonly ShownServer[]).map(linkOf) }),
  code_mode: z
    .enum(["off", "opt_in", "default_on", "enforced"])
    .optional()
    .describe("Whether clients get one tool that runs code; opt_in and default_on let them choose"),
  allow_code_mode: z.boolean().optional().describe("Deprecated: use code_mode").meta({ sameAs: "code_mode" }),
  secure_web_gateway: z.boolean().optional().describe("Send its traffic through Gateway"),
};

const Overrides = z.array(
  z.object({
    name: z.string(),
    enabled: z.boolean().optional(),
    portal_alias: z.string().optional(),
    portal_description: z.string().optional(),
    server_alias: z.string().optional(),
    server_description: z.string().optional(),
  }),
);

/** A server as a portal shows it: whole, with what was overridden by the server and by the portal side by side. */
type ShownServer = z.output<typeof McpPortal>["servers"][number];

/** A portal's own choices for a server, as they are written. */
function linkOf({ server_id, on_behalf, default_disabled, updated_tools, updated_prompts }: ShownServer) {
  const written = (overrides: ShownServer["updated_tools"]) =>
    overrides?.map(({ name, enabled, portal_alias, portal_description }) => ({
      name,
      ...(enabled !== undefined && { enabled }),
      ...(portal_alias !== undefined && { alias: portal_alias }),
      ...(portal_description !== undefined && { description: portal_description }),
    }));
  return {
    server_id,
    ...(on_behalf !== undefined && { on_behalf }),
    ...(default_disabled !== undefined && { default_disabled }),
    ...(updated_tools !== undefined && { updated_tools: written(updated_tools) }),
    ...(updated_prompts !== undefined && { updated_prompts: written(updated_prompts) }),
  };
}

/** One address where people find the tools of several MCP servers. */
export const McpPortal = answer({
  id: z.string(),
  ...fields,
  servers: z.array(
    z.object({
      ...serverAnswer,
      server_id: z.string(),
      on_behalf: z.boolean().optional(),
      default_disabled: z.boolean().optional(),
      updated_tools: Overrides.optional(),
      updated_prompts: Overrides.optional(),
    }),
  ),
  created_at: z.string().optional(),
  created_by: z.string().optional(),
  modified_at: z.string().optional(),
  modified_by: z.string().optional(),
});

const list = operation({
  name: "list_mcp_portals",
  title: "List MCP portals",
  summary: "List MCP portals: addresses where people find the tools of several MCP servers.",
  effect: "read",
  route: "GET /accounts/{account_id}/access/ai-controls/mcp/portals",
  input: z.strictObject({ search: z.string().optional().describe("Part of an id or name") }),
  output: McpPortal,
  answers: "pages",
});

const get = operation({
  name: "get_mcp_portal",
  title: "Get MCP portal",
  summary: "Show one MCP portal with its servers and which of their tools it offers.",
  effect: "read",
  route: "GET /accounts/{account_id}/access/ai-controls/mcp/portals/{id}",
  input: z.strictObject({ id }),
  output: McpPortal,
});

const create = operation({
  name: "create_mcp_portal",
  title: "Create MCP portal",
  summary: "Create a portal that offers tools of MCP servers at one address.",
  advice:
    "Needs an application of type mcp_portal with a policy, and a DNS record (CNAME to gateway.agents.cloudflare.com) that Cloudflare does not make. People need a policy on the portal and on each server. Multi-factor, purpose and approval of a server's policy are not asked for through a portal.",
  effect: "create",
  route: "POST /accounts/{account_id}/access/ai-controls/mcp/portals",
  input: z.strictObject({ id: Id.describe("Your choice, such as engineering"), ...fields }),
  output: McpPortal,
});

const update = operation({
  name: "update_mcp_portal",
  title: "Update MCP portal",
  summary: "Change a portal's address, servers or which of their tools it offers.",
  advice: "servers replaces the old list: send every server that shall stay.",
  effect: "update",
  route: "PUT /accounts/{account_id}/access/ai-controls/mcp/portals/{id}",
  input: z.strictObject({ id, ...fields, name: fields.name.optional(), hostname: fields.hostname.optional() }),
  output: McpPortal,
});

const remove = operation({
  name: "delete_mcp_portal",
  title: "Delete MCP portal",
  summary: "Delete a portal; its MCP servers stay.",
  effect: "delete",
  route: "DELETE /accounts/{account_id}/access/ai-controls/mcp/portals/{id}",
  input: z.strictObject({ id }),
  output: McpPortal.omit({ servers: true }),
});

export default room({
  noun: "MCP portal",
  toolset: "mcp",
  key: "id",
  permission: "MCP Portals",
  columns: ["id", "name", "hostname", "description", "code_mode", "secure_web_gateway", "modified_at"],
  verbs: { list, get, create, update, delete: remove },
});
