import { checks } from "../src/audit/checks/index.ts";
import { audit } from "../src/audit/engine.ts";
import { createClient } from "../src/cloudflare/client.ts";
import { sendStack } from "../src/cloudflare/send/index.ts";
import type { Call, Workshop } from "../src/core/call.ts";
import { datasetNames } from "../src/inventory/holdings.ts";
import { taking } from "../src/inventory/take.ts";
import { operations } from "../src/main/catalogue.ts";
import { explanationText } from "../src/main/questions/answers.ts";
import { reportOf, shortReport } from "../src/main/questions/audit.ts";
import { createSandbox } from "../src/sandbox/index.ts";

/** The day on which the examples of the documents were made; the account of the sandbox is as old as that. */
const day = new Date("2026-11-02T09:00:00Z");

/** What commands answer about the sandbox, as the documents show it. */
export async function examples(): Promise<{ readonly audit: string; readonly explanation: string }> {
  const sandbox = createSandbox({ now: () => day, rateLimit: { limit: 1e9, window: 1 } });
  const send = sendStack({
    baseUrl: new URL("http://localhost/client/v4"),
    credentials: { kind: "token", token: sandbox.token },
    transport: sandbox.send,
    budget: [],
  });
  const perform = createClient({ send, account_id: sandbox.accountId });
  const none = () => Promise.reject(new Error("nothing is kept here"));
  const take = taking({ read: none, write: none }, { now: () => day.getTime() });
  const entries = new Map(
    operations({ journal: none, take, snapshots: { read: none, write: none } }).map((entry) => [entry.name, entry]),
  );
  const workshop: Workshop = { perform, entries, scopeOf: perform.scopeOf, together: none };
  const callOf = (name: string, input: Record<string, unknown>): Call => {
    const entry = entries.get(name);
    if (entry === undefined) throw new Error(`there is no ${name}`);
    const deadline = performance.now() + 60_000;
    return { entry, input, view: {}, signal: new AbortController().signal, deadline };
  };
  try {
    const taken = await take(callOf("audit_account", {}), workshop, { datasets: datasetNames });
    const found = audit(checks, taken.inventory, { account_id: taken.account_id, now: day.getTime() });
    const explained = callOf("explain_access", {
      principal: "kai.santos@harbor.example.net",
      application: "Data console",
    });
    const { result, notes } = (await explained.entry.run?.(explained, workshop)) ?? {};
    return {
      audit: shortReport(reportOf({ audit: found, accepted: [], remarks: [] }, taken, false)).trimEnd(),
      explanation: explanationText(result as Record<string, unknown>, notes).join("\n"),
    };
  } finally {
    await send.close();
  }
}
