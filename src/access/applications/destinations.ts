import { z } from "zod";

const overrides = z
  .array(
    z.strictObject({
      path_pattern: z.string().describe("Path with at most one * a segment; sub-paths only by a *"),
      behavior: z.literal("public"),
    }),
  )
  .optional()
  .describe("Paths that stay open to everybody");

const worker_id = z.string().describe("Immutable id of the Worker, not its name");

/** One thing that an application protects. Without `type` it is a public one. */
const Destination = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("public").optional().describe("The default: on the internet"),
    uri: z.string().describe("Hostname and path, * allowed: app.example.com/admin"),
    overrides,
  }),
  z.strictObject({
    type: z.literal("private").describe("Reached through Cloudflare's client"),
    hostname: z.string().optional().describe("SNI of an HTTPS origin"),
    cidr: z.string().optional().describe("Network or address"),
    port_range: z.string().optional().describe("443 or 8000-8099; all when absent"),
    l4_protocol: z.enum(["tcp", "udp"]).optional().describe("Both when absent"),
    vnet_id: z.string().optional().describe("Virtual network; all when absent"),
  }),
  z.strictObject({
    type: z.literal("via_mcp_server_portal").describe("An MCP server reached through a portal"),
    mcp_server_id: z.string().describe("From list_mcp_servers"),
  }),
  z.strictObject({ type: z.literal("worker").describe("A Worker with its previews"), worker_id, overrides }),
  z.strictObject({ type: z.literal("preview_worker").describe("Only a Worker's previews"), worker_id, overrides }),
  z.strictObject({ type: z.literal("all_workers").describe("Every Worker of the account"), overrides }),
  z.strictObject({ type: z.literal("all_preview_workers").describe("Previews of every Worker"), overrides }),
]);

/** What an application protects; Cloudflare derives `domain` from it and the other way round. */
export const destinations = z
  .array(Destination)
  .optional()
  .describe("What is protected; the more specific one wins over another application's")
  .meta({ brief: '[{"type":"public","uri":"app.example.com"}]; needed without domain' });
