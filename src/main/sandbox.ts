import type { SettingValues } from "./settings.ts";
import { untilSignal } from "./signals.ts";

/** Serves the pretend Cloudflare API over HTTP until a signal comes. */
export async function serve({ seed, scale, latency, port }: SettingValues): Promise<void> {
  const [{ createSandbox, SANDBOX_TOKEN }, { listen }] = await Promise.all([
    import("../sandbox/index.ts"),
    import("../sandbox/listen.ts"),
  ]);
  const sandbox = createSandbox({ seed, scale, latency });
  const listener = await listen(sandbox, { port: port ?? 8787 });
  process.stderr.write(
    [
      `pretend Cloudflare API on ${listener.url}`,
      `  account ${sandbox.accountId}, zone ${sandbox.zoneId}`,
      `  curl -H "Authorization: Bearer ${SANDBOX_TOKEN}" ${listener.url}/accounts/${sandbox.accountId}/access/apps`,
      "",
    ].join("\n"),
  );
  await untilSignal();
  await listener.close();
  process.exit(0);
}
