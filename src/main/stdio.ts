import { serveStdio } from "@modelcontextprotocol/server/stdio";
import type { SettingValues } from "./settings.ts";
import { untilSignal } from "./signals.ts";
import { StdioTransport } from "./stdio-transport.ts";
import { wire } from "./wire.ts";

/** Serves MCP on standard input and output until the client closes it or a signal comes; running calls are answered first. */
export async function serve(values: SettingValues, environment: NodeJS.ProcessEnv): Promise<void> {
  const { offer, warnings, ending, close } = await wire(values, environment, "stdio");
  const { factory } = offer();
  for (const warning of warnings) process.stderr.write(`cloudflare-access-mcp: ${warning}\n`);
  const transport = new StdioTransport();
  const connection = serveStdio(() => factory(), { transport });
  transport.ondrained = () => connection.close();
  process.stdin.once("end", ending);
  void untilSignal().then(() => {
    ending();
    return transport.drain();
  });
  await transport.drained;
  await close();
  process.exit(0);
}
