import { McpServer } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { z } from "zod";

/** The least an MCP server can be: the SDK and one tool. */
serveStdio(() => {
  const server = new McpServer({ name: "floor", version: "1.0.0" }, { capabilities: { tools: {} } });
  server.registerTool("echo", { description: "Echo", inputSchema: z.object({ text: z.string() }) }, ({ text }) => ({
    content: [{ type: "text", text }],
  }));
  return server;
});
