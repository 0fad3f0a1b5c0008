import type { Call, Scope } from "../core/call.ts";
import { AccessError } from "../core/errors.ts";
import { type Send, SendError } from "../core/send.ts";
import { judge } from "./answers.ts";
import { excerpt, type Question, sendFailure } from "./failures.ts";

const question: Question = {
  name: "looking up the account",
  answers: "list",
  write: false,
  needs: "Account Settings Read",
  lists: [],
};

const PIN = "Pass account_id, or have the operator set CLOUDFLARE_ACCOUNT_ID.";

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
    query: [["per_page", "50"]],
    // Others wait for the same answer: one caller giving up does not end it.
    signal: new AbortController().signal,
    deadline,
  });
  const rows = judge(response, question).result as readonly { id?: unknown; name?: unknown }[];
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
  const named = accounts.slice(0, 50).map(({ id, name }) => `${id} (${excerpt(String(name ?? "unnamed"), 60)})`);
  throw new AccessError(`account_id: the API token sees several accounts: ${named.join(", ")}`, {
    kind: "input",
    next: PIN,
    outcome: "not_sent",
  });
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
