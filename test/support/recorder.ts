import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Answers } from "../../src/core/operation.ts";

/** A request as it came over the wire: the path undecoded, the values of a query name in their order. */
export interface Recorded {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, readonly string[]>>;
  readonly body: unknown;
}

export interface Recorder {
  /** The base URL to give to clients. */
  readonly url: string;
  /** Runs a client against the server, which gives the stated kind of answer, and returns what it sent. */
  during(answers: Answers, run: () => Promise<unknown>): Promise<Recorded[]>;
  close(): Promise<void>;
}

const base = "/client/v4";
const item = { id: "1" };
const envelope = (result: unknown, more: object = {}) =>
  JSON.stringify({ success: true, errors: [], messages: [], result, ...more });

const replies: Readonly<Record<Answers, readonly [type: string, body: string]>> = {
  object: ["application/json", envelope(item)],
  list: ["application/json", envelope([item])],
  pages: [
    "application/json",
    envelope([item], { result_info: { page: 1, per_page: 50, count: 1, total_count: 1, total_pages: 1 } }),
  ],
  nothing: ["application/json", ""],
  text: ["application/x-pem-file", "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n"],
};

/** A server on loopback that accepts every request and keeps it. One client at a time. */
export async function startRecorder(): Promise<Recorder> {
  let seen: Recorded[] = [];
  let [type, body] = replies.object;
  const server = createServer((incoming, outgoing) => {
    recordedOf(incoming)
      .then((request) => {
        seen.push(request);
        outgoing.writeHead(body === "" ? 204 : 200, { "content-type": type }).end(body);
      })
      .catch((error: Error) => outgoing.destroy(error));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${base}`,
    async during(answers, run) {
      seen = [];
      [type, body] = replies[answers];
      await run();
      return seen;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function recordedOf(incoming: IncomingMessage): Promise<Recorded> {
  const target = incoming.url ?? "";
  const at = target.indexOf("?");
  const query: Record<string, string[]> = {};
  if (at >= 0) {
    for (const [name, value] of new URLSearchParams(target.slice(at))) query[name] = [...(query[name] ?? []), value];
  }
  const text = Buffer.concat(await incoming.toArray()).toString();
  return {
    method: incoming.method ?? "",
    path: (at < 0 ? target : target.slice(0, at)).replace(base, ""),
    query,
    body: text === "" ? undefined : JSON.parse(text),
  };
}
