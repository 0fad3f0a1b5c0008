import { toolsOf } from "../quirks/mcp.ts";
import type { Row } from "../store.ts";
import { mail, type Plot } from "./plot.ts";

const author = `ines.okafor@${mail.own}`;

const failed: Row = {
  status: "error",
  error: "The MCP server did not answer in time",
  error_details: { cause: "timeout", is_upstream: false, retryable: true },
};

const servers: readonly Row[] = [
  {
    id: "issue-tracker",
    name: "Issue tracker",
    hostname: "https://mcp.issues.example.net/mcp",
    auth_type: "oauth",
    authentication_status: "connected",
    auth_config_summary: { auth_mode: "dcr", has_client_secret: false },
    updated_tools: [{ name: "export_reports", enabled: false }],
  },
  {
    id: "documents",
    name: "Documents",
    hostname: "https://docs.example.net/mcp",
    auth_type: "oauth",
    authentication_status: "manual",
    auth_config_summary: {
      auth_mode: "manual",
      has_client_secret: true,
      client_secret_version: 2,
      config: { issuer: "https://login.example.net", token_endpoint: "https://login.example.net/token" },
      registration_info: { client_id: "quillon-docs", redirect_uris: [], scope: "read" },
    },
  },
  {
    id: "shipments",
    name: "Shipments",
    hostname: `https://api.${mail.own}/mcp`,
    auth_type: "bearer",
    authentication_status: "connected",
    secure_web_gateway: true,
  },
  {
    id: "weather",
    name: "Port weather",
    hostname: "https://weather.example.net/mcp",
    auth_type: "unauthenticated",
    authentication_status: "not_required",
  },
  {
    id: "crm",
    name: "Customer records",
    hostname: "https://crm.example.net/mcp",
    auth_type: "oauth",
    authentication_status: "stale",
    auth_config_summary: { auth_mode: "dcr", has_client_secret: false },
    ...failed,
  },
];

const portals = (host: (name: string) => string): readonly Row[] => [
  {
    id: "engineering",
    name: "Engineering tools",
    hostname: host("mcp"),
    description: "What agents of engineers may use",
    code_mode: "opt_in",
    servers: [
      { server_id: "issue-tracker", on_behalf: true, updated_tools: [{ name: "get_issues", alias: "read_issue" }] },
      { server_id: "documents", on_behalf: true },
      { server_id: "weather", on_behalf: false },
    ],
  },
  {
    id: "back-office",
    name: "Back office tools",
    hostname: host("mcp-office"),
    description: "",
    code_mode: "default_on",
    secure_web_gateway: true,
    // Everybody acts as one account upstream.
    servers: [
      { server_id: "shipments", on_behalf: false, default_disabled: true },
      { server_id: "crm", on_behalf: false },
    ],
  },
];

/** Five MCP servers, one of which cannot be read, and two portals; the second one has no application. */
export function plantMcp(plot: Plot): void {
  const signature = (age: number) => ({
    created_at: plot.ago(age),
    created_by: author,
    modified_at: plot.ago(age / 4),
    modified_by: author,
  });
  for (const [index, server] of servers.entries()) {
    const id = plot.slug(String(server["id"]));
    const synced = {
      last_synced: plot.ago(0.3),
      ...(server["status"] !== "error" && { last_successful_sync: plot.ago(0.3) }),
    };
    plot.keep("access/ai-controls/mcp/servers", id, {
      secure_web_gateway: false,
      is_shared_oauth_callback_enabled: false,
      status: "ready",
      ...server,
      id,
      name: plot.name(String(server["name"])),
      tools: server["status"] === "error" ? [] : toolsOf(id),
      prompts: [],
      ...synced,
      ...signature(160 - 12 * index),
    });
  }
  for (const [index, portal] of portals((name) => `${plot.slug(name)}.${mail.own}`).entries()) {
    const id = plot.slug(String(portal["id"]));
    const links = portal["servers"] as readonly Row[];
    plot.keep("access/ai-controls/mcp/portals", id, {
      secure_web_gateway: false,
      ...portal,
      id,
      name: plot.name(String(portal["name"])),
      allow_code_mode: true,
      servers: links.map((link) => {
        const server_id = plot.slug(String(link["server_id"]));
        const chosen = toolsOf(server_id).slice(0, 2);
        const offered = chosen.map(({ name }) => ({ name, enabled: true }));
        return { ...link, server_id, ...(link["default_disabled"] === true && { updated_tools: offered }) };
      }),
      ...signature(140 - 30 * index),
    });
  }
}
