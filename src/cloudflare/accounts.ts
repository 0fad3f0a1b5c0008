import type { Call, Scope } from "../core/call.ts";
import { AccessError } from "../core/errors.ts";
import { type ApiResponse, type Send, SendError } from "../core/send.ts";
import { type Envelope, judge } from "./answers.ts";
import { excerpt, type Question, sendFailure } from "./failures.ts";
import { countIn } from "./pages.ts";

const question: Question = {
  name: "looking up the account",
  answers: "list",
  effect: "read",
  needs: "Account Settings Read",
  lists: [],
};

const PIN = "pass account_id, or have the operator set CLOUDFLARE_ACCOUNT_ID.";
const MOST_NAMED = 50;

/** Finds the only account the token sees; asked once for all calls, again after a failure. */
export function soleAccount(send: Send): (call: Pick<Call, "signal" | "deadline">) => Promise<Scope> {
  let asked: Promise<Scope> | undefined;
  return ({ signal, deadline }) => {
    asked ??= find(send, deadline).catch((error: unknown) => {
      asked = undefined;
      throw error;
    });
    return unlessAborted(asked, signal);
  };
}

async function find(send: Send, deadline: number): Promise<Scope> {
  const response = await send({
    method: "GET",
    path: "/accounts",
    query: [["per_page", String(MOST_NAMED)]],
    // Others wait for the same answer: one caller giving up does not end it.
    signal: new AbortController().signal,
    deadline,
  });
  const envelope = judged(response);
  const rows = envelope.result as readonly { id?: unknown; name?: unknown }[];
  const accounts = rows.filter((row) => typeof row?.id === "string" && row.id !== "");
  const [only] = accounts;
  if (only === undefined) {
    throw new AccessError("the API token sees no account", {
      kind: "permission",
      next: `Have the operator give the token the permission "${question.needs}", or set CLOUDFLARE_ACCOUNT_ID.`,
      outcome: "not_sent",
    });
  }
  if (accounts.length === 1) return { account_id: String(only.id) };
  const named = accounts
    .slice(0, MOST_NAMED)
    .map(({ id, name }) => `${id} (${excerpt(String(name ?? "unnamed"), 60)})`);
  const more = Math.max(countIn(envelope, "total_count") ?? 0, accounts.length) - named.length;
  const others = more > 0 ? ` and ${more} more` : "";
  throw new AccessError(`account_id: the API token sees several accounts: ${named.join(", ")}${others}`, {
    kind: "input",
    next: `Choose one: ${PIN}`,
    outcome: "not_sent",
  });
}

/** A token that may not list accounts may still work on one that is named. */
function judged(response: ApiResponse): Envelope {
  try {
    return judge(response, question);
  } catch (error) {
    if (!(error instanceof AccessError) || !["auth", "permission"].includes(error.facts.kind)) throw error;
    throw new AccessError(error.message, { ...error.facts, next: `${error.facts.next.replace(/\.$/, "")}; or ${PIN}` });
  }
}

async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let give: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    give = () => reject(new SendError("cancelled", false));
    if (signal.aborted) give();
    signal.addEventListener("abort", give, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } catch (error) {
    throw sendFailure(error, question);
  } finally {
    signal.removeEventListener("abort", give);
  }
}
