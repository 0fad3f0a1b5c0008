import { type ApiRequest, type ApiResponse, type Send, SendError } from "../../core/send.ts";
import type { Clock } from "./clock.ts";
import { looksCutOff } from "./cut-off.ts";
import { isThrottled, retryAfterSeconds } from "./limits.ts";

const MAX_ATTEMPTS = 3;
const LONGEST_BACKOFF = 20_000;

/** What a retry costs, out of 500 that refill by half a token with each success: at most one retry in ten calls lasts. */
const BUDGET = 500;
const REFILL = 0.5;

/** A failure after which the same request may be sent again. */
interface Trouble {
  readonly cost: number;
  /** Milliseconds to wait at least, and the backoff that is spread at random and doubled on top. */
  readonly wait: number;
  readonly backoff: number;
}

type Attempt = { readonly response: ApiResponse } | { readonly error: unknown };

/**
 * Sends again what Cloudflare certainly did not act on (not sent, throttled), and reads whatever happened to them.
 * A write that may have arrived is sent once.
 */
export function retry(clock: Clock, random: () => number): (next: Send) => Send {
  let tokens = BUDGET;

  return (next) => async (request) => {
    for (let attempt = 1; ; attempt++) {
      if (request.signal.aborted) throw new SendError("cancelled", false);
      if (clock.now() >= request.deadline) throw new SendError("timeout", false);
      const made = await attempted(next, request);
      const trouble = troubleWith(request, made);
      if (trouble === undefined) {
        if ("response" in made) tokens = Math.min(BUDGET, tokens + REFILL);
        return outcomeOf(made);
      }
      const delay = trouble.wait + random() * Math.min(LONGEST_BACKOFF, trouble.backoff * 2 ** (attempt - 1));
      if (attempt === MAX_ATTEMPTS || tokens < trouble.cost || clock.now() + delay >= request.deadline) {
        return outcomeOf(made);
      }
      tokens -= trouble.cost;
      await clock.sleep(delay, request.signal).catch(() => {
        throw new SendError("cancelled", false);
      });
    }
  };
}

async function attempted(next: Send, request: ApiRequest): Promise<Attempt> {
  try {
    return { response: await next(request) };
  } catch (error) {
    return { error };
  }
}

function outcomeOf(attempt: Attempt): ApiResponse {
  if ("error" in attempt) throw attempt.error;
  return attempt.response;
}

const hopeless: ReadonlySet<string> = new Set(["cancelled", "too_large"]);

function troubleWith({ method, text = false }: ApiRequest, attempt: Attempt): Trouble | undefined {
  const repeatable = method === "GET";
  if ("error" in attempt) {
    const { error } = attempt;
    if (!(error instanceof SendError) || hopeless.has(error.reason) || (error.sent && !repeatable)) return undefined;
    return { cost: error.reason === "timeout" ? 10 : 5, wait: 0, backoff: 100 };
  }
  const { response } = attempt;
  const told = retryAfterSeconds(response);
  // Without a usable Retry-After a whole second, so that a throttled server is never asked twice in one.
  if (isThrottled(response)) return { cost: 5, wait: (told ?? 1) * 1000, backoff: 500 };
  if (!repeatable || (response.status < 500 && (text || !looksCutOff(response)))) return undefined;
  return { cost: 5, wait: (told ?? 0) * 1000, backoff: 100 };
}
