import type { Call, Next } from "../core/call.ts";
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

/** The last step of every call: turns it into requests, and their answers into an outcome. */
export function createClient({ send, account_id }: ClientSettings): Next {
  const usualScope = account_id === undefined ? soleAccount(send) : async () => ({ account_id });

  return async (call: Call) => {
    const { entry, signal, deadline } = call;
    const { path, ...prepared } = prepare(entry, call.input);
    const question = questionOf(entry);

    const ask = async (paging: readonly (readonly [string, string])[], signal: AbortSignal): Promise<Envelope> => {
      const scope = call.scope ?? (await usualScope(call));
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
}
