import { Pool } from "undici";
import { bundled } from "./bundle.ts";
import { alternate, type Figure, median } from "./measure.ts";
import { type Listening, listening } from "./processes.ts";

const revision = "2026-07-28";
const concurrency = 16;

/** The seconds one side is loaded each round. */
const roundSeconds = 2;

function message(method: "tools/call" | "tools/list", params: Record<string, unknown>) {
  const _meta = {
    "io.modelcontextprotocol/protocolVersion": revision,
    "io.modelcontextprotocol/clientInfo": { name: "bench", version: "1" },
    "io.modelcontextprotocol/clientCapabilities": {},
  };
  return {
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": revision,
      "mcp-method": method,
      ...(method === "tools/call" && { "mcp-name": String(params["name"]) }),
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: { ...params, _meta } }),
  };
}

/** Answers a second under constant load. */
async function rate({ url }: Listening, { headers, body }: ReturnType<typeof message>): Promise<number> {
  const pool = new Pool(url.origin, { connections: concurrency });
  const ask = () => pool.request({ path: url.pathname, method: "POST", headers, body });
  const first = await (await ask()).body.text();
  if (/"isError":true|"error":\{/.test(first.slice(0, 300))) throw new Error(first.slice(0, 300));

  const until = performance.now() + roundSeconds * 1000;
  let answered = 0;
  const worker = async () => {
    while (performance.now() < until) {
      const { statusCode, body } = await ask();
      // What the client does with the bytes is not the server's time.
      await body.dump({ limit: Number.MAX_SAFE_INTEGER });
      if (statusCode !== 200) throw new Error(`status ${statusCode}`);
      answered += 1;
    }
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: concurrency }, worker));
  await pool.close();
  return answered / ((performance.now() - began) / 1000);
}

/** A call that the server answers by itself, so that Cloudflare's rate limit is not what is measured. */
const ownCall = { name: "describe_operation", arguments: { operation: "get_tag" } };

/** Calls and lists a second over HTTP, all tools registered, against the SDK's low-level server with as many empty tools. */
export async function httpFigures(rounds = 5): Promise<Figure[]> {
  return bundled("floor-http.ts", async (floor) => {
    const ours = await listening(["dist/main.js", "http", "--port", "0", "--sandbox", "--surface", "all"]);
    const peer = await listening([floor, "129"]);
    try {
      const compare = async (name: string, own: ReturnType<typeof message>, other: ReturnType<typeof message>) => {
        const rates = await alternate(
          rounds,
          () => rate(ours, own),
          () => rate(peer, other),
        );
        return {
          name,
          value: median(rates.ours),
          unit: "/s",
          peer: { name: "SDK low-level, 129 empty tools", value: median(rates.peer) },
          goal: { least: 0.85 },
        };
      };
      return [
        await compare(
          "HTTP tools/call",
          message("tools/call", ownCall),
          message("tools/call", { name: "tool_1", arguments: {} }),
        ),
        await compare("HTTP tools/list", message("tools/list", {}), message("tools/list", {})),
      ];
    } finally {
      ours.child.kill();
      peer.child.kill();
    }
  });
}
