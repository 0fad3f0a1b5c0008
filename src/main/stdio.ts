import { serveStdio } from "@modelcontextprotocol/server/stdio";
import type { SettingValues } from "./settings.ts";
import { StdioTransport } from "./stdio-transport.ts";
import { wire } from "./wire.ts";

/** Serves MCP on standard input and output until the client closes it or a signal comes. */
export async function serve(values: SettingValues, environment: NodeJS.ProcessEnv): Promise<void> {
  // Standard output carries the protocol alone; whatever a dependency prints goes to the log.
  for (const method of ["log", "info", "debug"] as const) console[method] = console.error;
  const { factory, warnings, close } = await wire(values, environment);
  for (const warning of warnings) process.stderr.write(`cloudflare-access-mcp: ${warning}\n`);
  const transport = new StdioTransport();
  serveStdio(factory, { transport });
  await transport.drained;
  await close();
  process.exit(0);
}
