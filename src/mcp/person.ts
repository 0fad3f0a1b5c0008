import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  type ClientCapabilities,
  type Implementation,
  type InputRequiredSpec,
  inputRequired,
  inputResponse,
  type Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import type { Call, Caller, Outcome } from "../core/call.ts";

const key = "confirm";

/** The question to put to a person, the ticket riding along sealed: the client gives both back with the answer. */
export function confirmation({ ticket, question }: NonNullable<Outcome["pending"]>): InputRequiredSpec {
  const confirm = {
    type: "boolean",
    title: "Make this change",
    description: "It is made as described, once.",
  } as const;
  return {
    inputRequests: {
      [key]: inputRequired.elicit({
        message: question,
        requestedSchema: { type: "object", properties: { [key]: confirm }, required: [key] },
      }),
    },
    requestState: ticket,
  };
}

/** What the person said, when this is the round after the question. Closing the question is not a yes. */
export function answerIn({ mcpReq }: ServerContext): Call["answer"] {
  const ticket = mcpReq.requestState();
  const said = inputResponse(mcpReq.inputResponses, key);
  if (typeof ticket !== "string" || said.kind !== "elicit") return undefined;
  return { ticket, yes: said.action === "accept" && said.content?.[key] === true };
}

/**
 * Who calls. Modern requests carry what the client can do; older connections said it once, and over stateless HTTP
 * nobody remembers it, so that no question can be put there.
 */
export function callerOf(server: Server, { mcpReq, http }: ServerContext, elicit: boolean): Caller {
  const envelope = mcpReq.envelope as Readonly<Record<string, unknown>> | undefined;
  const capabilities = (envelope?.[CLIENT_CAPABILITIES_META_KEY] ?? server.getClientCapabilities()) as
    | ClientCapabilities
    | undefined;
  const client = (envelope?.[CLIENT_INFO_META_KEY] ?? server.getClientVersion()) as Implementation | undefined;
  const asking = capabilities?.elicitation;
  const canAsk = elicit && asking !== undefined && (asking.form !== undefined || asking.url === undefined);
  return {
    principal: http?.authInfo?.clientId ?? "local",
    canAsk,
    ...(client && { client: { name: client.name.slice(0, 100), version: String(client.version).slice(0, 50) } }),
  };
}
