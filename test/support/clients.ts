import { Client, type Transport } from "@modelcontextprotocol/client";
import { Client as LegacyClient } from "@modelcontextprotocol/sdk/client/index.js";
import type { Transport as LegacyTransport } from "@modelcontextprotocol/sdk/shared/transport.js";

/** The ways in which the current SDK's client settles on a protocol revision. */
export const NEGOTIATIONS = ["legacy", "auto", { pin: "2026-07-28" }] as const;

export interface Caller {
  listTools(): Promise<{ tools: { name: string }[] }>;
  callTool(call: { name: string; arguments: Record<string, unknown> }): Promise<unknown>;
  close(): Promise<void>;
}

/** A connected client of the current SDK. */
export async function modernClient(transport: Transport, mode: (typeof NEGOTIATIONS)[number]): Promise<Client> {
  const client = new Client({ name: "test", version: "1.0.0" }, { versionNegotiation: { mode } });
  await client.connect(transport);
  return client;
}

/** A connected client of the maintenance line, which knows revisions up to 2025-11-25. */
export async function legacyClient(transport: LegacyTransport): Promise<LegacyClient> {
  const client = new LegacyClient({ name: "test", version: "1.0.0" });
  await client.connect(transport);
  return client;
}
