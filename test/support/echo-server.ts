import { Server, type Tool } from "@modelcontextprotocol/server";

const tool = (name: string, properties: Tool["inputSchema"]["properties"]): Tool => ({
  name,
  inputSchema: { type: "object", properties },
});

const TOOLS = [
  tool("echo", { text: { type: "string" }, times: { type: "integer" } }),
  tool("slow", { milliseconds: { type: "integer" }, steps: { type: "integer" } }),
];

/** How calls of `slow` came to an end, in order. */
export const ends: ("done" | "aborted")[] = [];

/** A server with nothing of ours in it: `echo` answers at once, `slow` after a while, telling its progress. */
export function echoServer(): Server {
  const server = new Server({ name: "echo", version: "1.0.0" }, { capabilities: { tools: {} } });
  server.setRequestHandler("tools/list", () => ({ tools: TOOLS }));
  server.setRequestHandler("tools/call", async ({ params }, { mcpReq }) => {
    const { text = "", times = 1, milliseconds = 0, steps = 1 } = params.arguments ?? {};
    if (params.name === "echo") return { content: [{ type: "text", text: String(text).repeat(Number(times)) }] };
    const progressToken = mcpReq._meta?.progressToken;
    for (let step = 1; step <= Number(steps); step++) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Number(milliseconds) / Number(steps));
        mcpReq.signal.addEventListener("abort", () => {
          clearTimeout(timer);
          resolve();
        });
      });
      if (mcpReq.signal.aborted) break;
      if (progressToken !== undefined) {
        await mcpReq.notify({ method: "notifications/progress", params: { progressToken, progress: step } });
      }
    }
    ends.push(mcpReq.signal.aborted ? "aborted" : "done");
    return { content: [{ type: "text", text: "done" }] };
  });
  return server;
}
