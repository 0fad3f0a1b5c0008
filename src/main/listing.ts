import { type AuthInfo, createMcpHandler, type Server } from "@modelcontextprotocol/server";
import { ReadyResponse } from "./http-bridge.ts";

type Handle = (request: Request, parsedBody: unknown, authInfo?: AuthInfo) => Promise<Response>;

export interface McpHttp {
  readonly handle: Handle;
  close(): Promise<void>;
}

/** What the SDK writes for a list without tools, the place where the tools go. */
const gap = '"tools":[]';

/**
 * Serves MCP over HTTP. The answer to tools/list is large and always the same, and writing it anew takes most of such a
 * request: the SDK answers with an empty list, under all its rules, and the tools are put in as bytes that were made once.
 */
export function mcpOverHttp(
  factory: (listed?: []) => Server,
  tools: readonly unknown[],
  maxBodyBytes: number,
): McpHttp {
  const settings = { maxRequestBodySize: maxBodyBytes };
  const handler = createMcpHandler(() => factory(), settings);
  const listing = createMcpHandler(() => factory([]), settings);
  const bytes = Buffer.from(`"tools":${JSON.stringify(tools)}`);
  return {
    async handle(request, parsedBody, authInfo) {
      const rest = { parsedBody, ...(authInfo && { authInfo }) };
      if (!asksForTools(parsedBody)) return handler.fetch(request, rest);
      return filled(await listing.fetch(request, rest), bytes);
    },
    close: async () => void (await Promise.all([handler.close(), listing.close()])),
  };
}

const asksForTools = (body: unknown): boolean =>
  typeof body === "object" && body !== null && "method" in body && body.method === "tools/list";

async function filled(response: Response, tools: Buffer): Promise<Response> {
  const text = await response.text();
  const at = text.indexOf(gap);
  const { status, headers } = response;
  headers.delete("content-length");
  if (at === -1) return new Response(text, { status, headers });
  const [before, after] = [Buffer.from(text.slice(0, at)), Buffer.from(text.slice(at + gap.length))];
  return new ReadyResponse(Buffer.concat([before, tools, after]), { status, headers });
}
