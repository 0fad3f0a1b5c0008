import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { untilSignal } from "../../src/main/signals.ts";
import { StdioTransport } from "../../src/main/stdio-transport.ts";
import { echoServer } from "./echo-server.ts";

const transport = new StdioTransport();
const handle = serveStdio(echoServer, { transport });
transport.ondrained = () => handle.close();
void untilSignal().then(() => transport.drain());
// What a dependency may do: keep the process alive, and print.
setInterval(() => console.log("a stray line"), 20);
process.on("SIGUSR2", () => process.stderr.write(`rss ${process.memoryUsage().rss}\n`));
await transport.drained;
process.exit(0);
