import { createMcpHandler } from "@modelcontextprotocol/server";
import { listenHttp } from "./http-bridge.ts";
import type { SettingValues } from "./settings.ts";
import { untilSignal } from "./signals.ts";
import { wire } from "./wire.ts";

const maxBodyBytes = 1 << 20;

/** Serves MCP over Streamable HTTP on loopback until a signal comes. */
export async function serve(values: SettingValues, environment: NodeJS.ProcessEnv): Promise<void> {
  const { factory, warnings, close } = await wire(values, environment);
  const handler = createMcpHandler(factory, { maxRequestBodySize: maxBodyBytes });
  const listener = await listenHttp({
    host: "127.0.0.1",
    port: values.port ?? 8788,
    path: "/mcp",
    maxBodyBytes,
    handle: (request) => handler.fetch(request),
  });
  for (const line of [...warnings, `listening on ${listener.url}`])
    process.stderr.write(`cloudflare-access-mcp: ${line}\n`);
  await untilSignal();
  await listener.close();
  await handler.close();
  await close();
  process.exit(0);
}
