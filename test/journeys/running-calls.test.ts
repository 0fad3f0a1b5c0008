import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { describe, expect, it, onTestFinished } from "vitest";
import { spawnServer, startHttp, stdioParameters } from "../support/built-server.ts";
import { modernClient } from "../support/clients.ts";
import { LineSession, toolCall } from "../support/line-session.ts";
import { serve } from "../support/serve.ts";

const args = ["--surface", "all"];
const items = [{ name: "finance" }];

/** A Cloudflare that answers when told to: `underWay` comes with the first request of a method, and answers it. */
async function patientCloudflare(method = "GET") {
  let arrived: (answer: () => void) => void = () => undefined;
  const underWay = new Promise<() => void>((resolve) => {
    arrived = resolve;
  });
  const { url, close } = await serve((request, response) => {
    const isList = !request.url?.endsWith("/g");
    const result = isList ? items : { id: "g", ...items[0] };
    const envelope = { success: true, errors: [], messages: [], result, result_info: { total_count: 1 } };
    const answer = () => response.setHeader("content-type", "application/json").end(JSON.stringify(envelope));
    if (request.method === method) arrived(answer);
    else answer();
  });
  onTestFinished(close);
  const environment = { CLOUDFLARE_API_TOKEN: "t", CLOUDFLARE_ACCOUNT_ID: "acc", CLOUDFLARE_BASE_URL: url.href };
  return { underWay, environment };
}

const ping = (id: number) => ({ jsonrpc: "2.0", id, method: "ping" });

/** Ends the input with a line that nobody terminates: its answer tells that the end was seen. */
async function endOfInput({ stdin }: ChildProcessWithoutNullStreams, session: LineSession): Promise<void> {
  stdin.end(JSON.stringify(ping(3)));
  await session.answerTo(3);
}

/** Sends the signal and asks until the server says that it is shutting down. */
const signal = (name: NodeJS.Signals) => async (child: ChildProcessWithoutNullStreams, session: LineSession) => {
  child.kill(name);
  for (let id = 3; ; id++) {
    session.say(ping(id));
    if ((await session.answerTo(id)).error?.code === -32_000) return;
  }
};

/** Connects until nobody listens any more. */
async function untilClosed(port: number): Promise<void> {
  for (let open = true; open; ) {
    const socket = connect(port, "127.0.0.1");
    open = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
  }
}

describe("a running call is answered before the process ends with 0", () => {
  it.each([
    ["end of input", endOfInput],
    ["SIGTERM", signal("SIGTERM")],
    ["SIGINT", signal("SIGINT")],
  ] as const)("on %s", async (_, end) => {
    const { underWay, environment } = await patientCloudflare();
    const child = spawnServer(args, environment);
    const exit = once(child, "exit");
    const session = new LineSession(child.stdin, child.stdout);
    const clientInfo = { name: "t", version: "1" };
    const hello = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo };
    session.say({ jsonrpc: "2.0", id: 1, method: "initialize", params: hello });
    await session.answerTo(1);
    session.say(toolCall(2, "list_tags", {}));
    const answer = await underWay;
    await end(child, session);
    answer();
    expect((await session.answerTo(2)).result).toMatchObject({ structuredContent: { items } });
    expect(await exit).toEqual([0, null]);
  });

  it("with what is known of it, when Cloudflare does not answer in time", async () => {
    const { underWay, environment } = await patientCloudflare("DELETE");
    const child = spawnServer([...args, "--confirm", "never", "--guard", "off"], environment);
    const exit = once(child, "exit");
    const session = new LineSession(child.stdin, child.stdout);
    const hello = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "t", version: "1" } };
    session.say({ jsonrpc: "2.0", id: 1, method: "initialize", params: hello });
    await session.answerTo(1);
    session.say(toolCall(2, "delete_group", { group_id: "g" }));
    await underWay;
    child.kill("SIGTERM");
    expect((await session.answerTo(2)).result).toMatchObject({
      isError: true,
      structuredContent: { error: { kind: "cancelled", outcome: "unknown" } },
    });
    expect(await exit).toEqual([0, null]);
  });

  it("on SIGTERM over HTTP", async () => {
    const { underWay, environment } = await patientCloudflare();
    const server = await startHttp({ args: ["http", ...args], environment });
    const client = await modernClient(new StreamableHTTPClientTransport(server.url), "auto");
    onTestFinished(() => client.close());
    const called = client.callTool({ name: "list_tags", arguments: {} });
    const answer = await underWay;
    const ended = server.stop();
    await untilClosed(Number(server.url.port));
    answer();
    expect((await called).structuredContent).toMatchObject({ items });
    expect(await ended).toBe(0);
  });
});

describe("a long read", () => {
  it("tells how far it is", async () => {
    const transport = new StdioClientTransport(stdioParameters({ args: ["--sandbox", "--scale", "10"] }));
    const client = await modernClient(transport, "auto");
    onTestFinished(() => client.close());
    const seen: { progress: number; total?: number | undefined }[] = [];
    const { structuredContent } = await client.callTool(
      { name: "list_applications", arguments: { all: true, fields: ["id"] } },
      { onprogress: (progress) => void seen.push(progress) },
    );
    expect(structuredContent).toMatchObject({ total: 470 });
    expect(seen.length).toBeGreaterThan(2);
    expect(seen.every(({ progress, total }) => total === 470 && progress <= 470)).toBe(true);
  });
});
