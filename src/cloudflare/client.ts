import type { Call, Next, Scope } from "../core/call.ts";
import type { Send } from "../core/send.ts";
import { soleAccount } from "./accounts.ts";
import { type Envelope, judge } from "./answers.ts";
import { questionOf, sendFailure } from "./failures.ts";
import { readPages, viewOf } from "./pages.ts";
import { prepare } from "./path.ts";

export interface ClientSettings {
  readonly send: Send;
  /** The account of calls that name no scope; the only one the token sees, when absent. */
  readonly account_id?: string | undefined;
}

/** A request as it would leave, without credentials. */
export interface RequestPreview {
  readonly method: string;
  readonly path: string;
  readonly query: readonly (readonly [string, string])[];
  readonly body?: unknown;
}

export interface Client extends Next {
  /** Whose objects a call works on that names no scope. */
  scopeOf(call: Call): Promise<Scope>;
  /** The request that a call would send. */
  preview(call: Call): Promise<RequestPreview>;
}

/** The last step of every call: turns it into requests, and their answers into an outcome. */
export function createClient({ send, account_id }: ClientSettings): Client {
  const usualScope = account_id === undefined ? soleAccount(send) : async () => ({ account_id });
  const scopeOf = async (call: Call): Promise<Scope> => call.scope ?? (await usualScope(call));

  const run: Next = async (call) => {
    const { entry, signal, deadline } = call;
    const { path, ...prepared } = prepare(entry, call.input);
    const question = questionOf(entry);

    const ask = async (paging: readonly (readonly [string, string])[], signal: AbortSignal): Promise<Envelope> => {
      const scope = await scopeOf(call);
      const request = { ...prepared, path: path(scope), query: [...prepared.query, ...paging], signal, deadline };
      try {
        return judge(await send(entry.answers === "text" ? { ...request, text: true } : request), question);
      } catch (error) {
        throw sendFailure(error, question);
      }
    };

    if (entry.answers === "pages") {
      return readPages(call, (page, size, signal) =>
        ask(
          [
            ["page", String(page)],
            ["per_page", String(size)],
          ],
          signal,
        ),
      );
    }
    const { result } = await ask([], signal);
    return Array.isArray(result) ? viewOf(call, result) : { result, notes: [] };
  };
  return Object.assign(run, {
    scopeOf,
    async preview(call: Call) {
      const { path, ...prepared } = prepare(call.entry, call.input);
      return { ...prepared, path: path(await scopeOf(call)) };
    },
  });
}
