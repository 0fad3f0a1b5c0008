import { Client, type Transport } from "@modelcontextprotocol/client";
import { Client as LegacyClient } from "@modelcontextprotocol/sdk/client/index.js";
import type { Transport as LegacyTransport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";

/** The ways in which the current SDK's client settles on a protocol revision. */
export const NEGOTIATIONS = ["legacy", "auto", { pin: "2026-07-28" }] as const;

export interface Caller {
  listTools(): Promise<{ tools: { name: string }[] }>;
  callTool(call: { name: string; arguments: Record<string, unknown> }): Promise<unknown>;
  close(): Promise<void>;
}

const sayings = {
  yes: { action: "accept", content: { confirm: true } },
  "nothing, but sends the form": { action: "accept", content: { confirm: false } },
  no: { action: "decline" },
  "nothing and closes it": { action: "cancel" },
} as const;

/** Somebody at a client, to whom it can put questions. */
export class Person {
  /** The questions so far. */
  readonly asked: string[] = [];
  says: keyof typeof sayings = "yes";

  readonly answer = ({ params }: { readonly params: { readonly message: string } }) => {
    this.asked.push(params.message);
    return { ...sayings[this.says] };
  };
}

const clientInfo = { name: "test", version: "1.0.0" };
const asking = (person: Person | undefined) => (person === undefined ? {} : { elicitation: { form: {} } });

/** A connected client of the current SDK. */
export async function modernClient(
  transport: Transport,
  mode: (typeof NEGOTIATIONS)[number],
  person?: Person,
): Promise<Client> {
  const client = new Client(clientInfo, { versionNegotiation: { mode }, capabilities: asking(person) });
  if (person !== undefined) client.setRequestHandler("elicitation/create", person.answer);
  await client.connect(transport);
  return client;
}

/** A connected client of the maintenance line, which knows revisions up to 2025-11-25. */
export async function legacyClient(transport: LegacyTransport, person?: Person): Promise<LegacyClient> {
  const client = new LegacyClient(clientInfo, { capabilities: asking(person) });
  if (person !== undefined) client.setRequestHandler(ElicitRequestSchema, person.answer);
  await client.connect(transport);
  return client;
}
