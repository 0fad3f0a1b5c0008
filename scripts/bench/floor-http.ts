import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler, Server } from "@modelcontextprotocol/server";

/** The SDK's own parts over HTTP: its low-level server with as many tools as we have, all of them empty. */
const tools = Array.from({ length: Number(process.argv[2]) }, (_, index) => ({
  name: `tool_${index}`,
  inputSchema: { type: "object" as const, properties: {} },
}));
const handler = createMcpHandler(() => {
  const server = new Server({ name: "floor", version: "1.0.0" }, { capabilities: { tools: {} } });
  server.setRequestHandler("tools/list", () => ({ tools }));
  server.setRequestHandler("tools/call", () => ({ content: [] }));
  return server;
});
const listen = createServer(toNodeHandler(handler));
listen.listen(0, "127.0.0.1", () => {
  process.stderr.write(`listening on http://127.0.0.1:${(listen.address() as AddressInfo).port}/mcp\n`);
});
