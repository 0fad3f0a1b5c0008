/** How many requests are allowed in how many seconds. */
export interface RateLimit {
  readonly limit: number;
  readonly window: number;
}

/** What one request came to: its headers, and the seconds to stay away when it was one too many. */
export interface Toll {
  readonly headers: Readonly<Record<string, string>>;
  readonly retryAfter?: number;
}

/** Cloudflare's budget: 1,200 requests in five minutes per user (docs, fundamentals/api/reference/limits). */
export const cloudflareLimit: RateLimit = { limit: 1200, window: 300 };

/** Counts requests in fixed windows; going over closes the door for a whole window, as Cloudflare does. */
export function turnstile({ limit, window }: RateLimit, now: () => Date): () => Toll {
  let used = 0;
  let ends = Number.NEGATIVE_INFINITY;
  let barred = false;

  return () => {
    const time = now().getTime() / 1000;
    if (time >= ends) [used, ends, barred] = [0, time + window, false];
    used += 1;
    if (used > limit && !barred) [ends, barred] = [time + window, true];
    const left = Math.max(0, limit - used);
    const seconds = Math.ceil(ends - time);
    return {
      headers: {
        ratelimit: `"default";r=${left};t=${seconds}`,
        "ratelimit-policy": `"default";q=${limit};w=${window}`,
        ...(barred && { "retry-after": String(seconds) }),
      },
      ...(barred && { retryAfter: seconds }),
    };
  };
}
