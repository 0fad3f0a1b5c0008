import type { AuthInfo } from "@modelcontextprotocol/server";
import type { Admitted } from "../gate/gate.ts";
import { admission } from "./admission.ts";
import { CommandError } from "./command-error.ts";
import { listenHttp } from "./http-bridge.ts";
import { mcpOverHttp } from "./listing.ts";
import type { SettingValues } from "./settings.ts";
import { untilSignal } from "./signals.ts";
import { wire } from "./wire.ts";

const maxBodyBytes = 1 << 20;

/** Serves MCP over Streamable HTTP until a signal comes: on loopback to everybody, elsewhere to whoever shows who they are. */
export async function serve(values: SettingValues, environment: NodeJS.ProcessEnv): Promise<void> {
  const admit = await admission(values, environment, say);
  const { offer, warnings, ending, close } = await wire(values, environment, "http");
  const port = values.port ?? 8788;
  const [all, looking] = [offer(), admit && offer(true)].map(
    (offered) => offered && mcpOverHttp(offered.factory, offered.tools, maxBodyBytes),
  );
  const listener = await listenHttp<Admitted>({
    host: values.host,
    port,
    path: "/mcp",
    maxBodyBytes,
    allowedHosts: values["allowed-hosts"] ?? [],
    allowedOrigins: values["allowed-origins"] ?? [],
    admit,
    pages,
    handle(request, parsedBody, caller) {
      const server = caller?.role === "viewer" ? looking : all;
      if (server === undefined) throw new Error("nobody is let in without a role");
      return server.handle(request, parsedBody, caller && infoOf(caller));
    },
    onError: (error) => say(`a request failed: ${String(error)}`),
  }).catch((error: NodeJS.ErrnoException) => {
    const reason = reasons[error.code ?? ""];
    if (reason === undefined) throw error;
    throw new CommandError("usage", `${reason(values.host, port)} (${error.code}); choose another`);
  });
  for (const line of [...warnings, `listening on ${listener.url}`]) say(line);
  await untilSignal();
  ending();
  await listener.close();
  await Promise.all([all?.close(), looking?.close()]);
  await close();
  process.exit(0);
}

const reasons: Readonly<Record<string, (host: string, port: number) => string>> = {
  EADDRINUSE: (_, port) => `--port: ${port} is taken`,
  EACCES: (_, port) => `--port: ${port} is not allowed`,
  EADDRNOTAVAIL: (host) => `--host: ${host} is no address of this machine`,
};

/** For those who watch the server; they say nothing about it but that it is there. */
const pages: ReadonlyMap<string, (isEnding: boolean) => Response> = new Map([
  ["/healthz", (_: boolean) => Response.json({ status: "ok" })],
  [
    "/readyz",
    (isEnding: boolean) => Response.json({ status: isEnding ? "ending" : "ready" }, { status: isEnding ? 503 : 200 }),
  ],
]);

/** How the SDK carries who calls to the handlers of a request. What was shown as a proof goes no further. */
const infoOf = ({ name, role }: Admitted): AuthInfo => ({ token: "", clientId: name, scopes: [role] });

const say = (line: string): void => void process.stderr.write(`cloudflare-access-mcp: ${line}\n`);
