import { access } from "../../src/access/index.ts";
import { createClient } from "../../src/cloudflare/client.ts";
import { sendStack } from "../../src/cloudflare/send/index.ts";
import { reportReading } from "./paging-report.ts";

/** Reads every application with our client. */
const [baseUrl = ""] = process.argv.slice(2);
const entry = access.find(({ name }) => name === "list_applications");
if (entry === undefined) throw new Error("no list_applications");
await reportReading(async () => {
  const send = sendStack({ baseUrl: new URL(baseUrl), credentials: { kind: "token", token: "bench-token" } });
  const run = createClient({ send, account_id: "bench" });
  const { result } = await run({
    entry,
    input: {},
    view: { all: true },
    signal: new AbortController().signal,
    deadline: performance.now() + 60_000,
  });
  await send.close();
  return (result as unknown[]).length;
});
