import policyTests from "../../access/applications/policy-tests.ts";
import reusable, { policyFields } from "../../access/policies.ts";
import type { Call, Workshop } from "../../core/call.ts";
import type { Members } from "../../core/change.ts";
import { AccessError } from "../../core/errors.ts";
import type { Account } from "../account.ts";
import type { Gate } from "../evaluate.ts";
import type { Answer } from "../explain.ts";
import { membersOf, textOf } from "../fields.ts";
import { asking } from "./common.ts";

/** What Cloudflare's policy test made of somebody, beside what was worked out here. */
interface Tested {
  readonly status: "approved" | "blocked" | "error" | "unknown";
  /** Whether both say the same; absent where one of them does not know. */
  readonly agrees?: boolean;
  readonly says: string;
}

/** Milliseconds between two looks at a test that runs, and how much of the call's time is left for its answer. */
const pauses = [100, 300, 1000, 2000, 5000];
const spare = 3000;

/** Has Cloudflare try the policies of an application on everybody who has logged in, and looks for one of them. */
export async function testedByCloudflare(
  email: string,
  allowed: Answer,
  { policies, account }: Gate,
  call: Call,
  workshop: Workshop,
): Promise<Tested> {
  const { start, get, users } = policyTests.verbs;
  const ask = asking(call, workshop);
  try {
    const started = membersOf(await ask(start, { policies: policies.map((policy) => asTested(policy, account)) }));
    const policy_test_id = textOf(started["id"]);
    if (policy_test_id === "") {
      return unknown("It was not run: somebody has to agree first. Call start_policy_test itself.");
    }
    const test = await finished(() => ask(get, { policy_test_id }), call);
    if (test["status"] !== "complete") return unknown(`It did not come to an end: ${textOf(test["status"])}.`);
    const tested = (await ask(users, { policy_test_id })) as readonly Members[];
    const found = tested.find((one) => textOf(one["email"]).toLowerCase() === email.toLowerCase());
    if (found === undefined)
      return unknown("It tries only people who have logged in before, and this one is not among them.");
    return compared(found["status"], allowed);
  } catch (error) {
    if (!(error instanceof AccessError) || error.facts.kind === "cancelled") throw error;
    return unknown(`It could not be run: ${error.message}`);
  }
}

const unknown = (says: string): Tested => ({ status: "unknown", says });

function compared(status: unknown, allowed: Answer): Tested {
  if (status !== "approved" && status !== "blocked")
    return { status: "error", says: "Cloudflare could not try it on them." };
  if (allowed === "depends")
    return { status, says: `Cloudflare settles it, with the device and identity seen last: ${status}.` };
  const agrees = (status === "approved") === (allowed === "yes");
  const differs = "Cloudflare differs: it uses the device and identity seen last, which the facts here may not say.";
  return { status, agrees, says: agrees ? "Cloudflare's own policy test agrees." : differs };
}

const fields = Object.keys(policyFields);

/** A reusable policy by its id, one of the application alone in full. */
function asTested(policy: Members, account: Account): unknown {
  if (account.find(reusable, textOf(policy["id"])) !== undefined) return policy["id"];
  const given = fields.map((name) => [name, policy[name] ?? undefined] as const);
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

/** Looks until a test has ended, as long as there is time. */
async function finished(look: () => Promise<unknown>, { deadline, signal }: Call): Promise<Members> {
  for (let turn = 0; ; turn++) {
    const test = membersOf(await look());
    const pause = pauses[Math.min(turn, pauses.length - 1)] ?? 0;
    if (test["status"] !== "processing" || performance.now() + pause + spare > deadline) return test;
    await new Promise((resolve) => setTimeout(resolve, pause));
    signal.throwIfAborted();
  }
}
