import { CommandError } from "./command-error.ts";
import { listenHttp } from "./http-bridge.ts";
import { mcpOverHttp } from "./listing.ts";
import type { SettingValues } from "./settings.ts";
import { untilSignal } from "./signals.ts";
import { wire } from "./wire.ts";

const maxBodyBytes = 1 << 20;

/** Serves MCP over Streamable HTTP on loopback until a signal comes. */
export async function serve(values: SettingValues, environment: NodeJS.ProcessEnv): Promise<void> {
  const { factory, tools, warnings, ending, close } = await wire(values, environment, "http");
  const port = values.port ?? 8788;
  const server = mcpOverHttp(factory, tools, maxBodyBytes);
  const listener = await listenHttp({
    host: "127.0.0.1",
    port,
    path: "/mcp",
    maxBodyBytes,
    handle: server.handle,
    onError: (error) => process.stderr.write(`cloudflare-access-mcp: a request failed: ${String(error)}\n`),
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EADDRINUSE" && error.code !== "EACCES") throw error;
    throw new CommandError("usage", `--port: ${port} is taken or not allowed (${error.code}); choose another`);
  });
  for (const line of [...warnings, `listening on ${listener.url}`])
    process.stderr.write(`cloudflare-access-mcp: ${line}\n`);
  await untilSignal();
  ending();
  await listener.close();
  await server.close();
  await close();
  process.exit(0);
}
