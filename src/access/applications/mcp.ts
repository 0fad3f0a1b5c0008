import { z } from "zod";
import { proxied } from "./common.ts";

/** An MCP server, usually reached through a portal. */
export const mcp = { type: z.literal("mcp"), ...proxied };

/** A portal that gathers MCP servers under one address. */
export const mcpPortal = {
  type: z.literal("mcp_portal"),
  domain: z.string().optional().describe("Hostname of the portal").meta({ sameAs: "destinations" }),
  ...proxied,
};
