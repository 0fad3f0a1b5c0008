import type { ApiResponse } from "../../core/send.ts";

const DAY = 86_400;

/** How long the answer asks to stay away, in seconds; `undefined` when it says nothing usable. */
export function retryAfterSeconds({ headers }: ApiResponse): number | undefined {
  const text = headers["retry-after"]?.trim() ?? "";
  let seconds = Number.NaN;
  if (/^\d{1,15}$/.test(text)) seconds = Number(text);
  // An HTTP date counts from the server's clock: ours may be wrong.
  else if (text.endsWith("GMT"))
    seconds = (Date.parse(text) - (Date.parse(headers["date"] ?? "") || Date.now())) / 1000;
  return seconds > 0 ? Math.min(seconds, DAY) : undefined;
}

/**
 * Whether Cloudflare turned the request away for coming too often, and so did nothing: status 429, or code 971 in the
 * body whatever the status (terraform-provider-cloudflare #6502).
 */
export function isThrottled({ status, body }: ApiResponse): boolean {
  if (status === 429) return true;
  // Only a short body can be such a refusal: long lists are not parsed twice.
  if (body.length > 20_000 || !body.includes("971")) return false;
  try {
    const { success, errors } = JSON.parse(body) as { success?: unknown; errors?: unknown };
    return success === false && Array.isArray(errors) && errors.some((error) => Number(error?.code) === 971);
  } catch {
    return false;
  }
}

/** What is left of one of Cloudflare's quotas, as its headers say. */
export interface Quota {
  readonly name: string;
  readonly remaining: number;
  /** Requests allowed in the whole window, when stated. */
  readonly size?: number | undefined;
  /** Until the window starts anew. */
  readonly seconds: number;
}

/** Both header families: `Ratelimit: "default";r=50;t=30` with `Ratelimit-Policy`, and `X-RateLimit-*`. */
export function quotasIn({ headers }: ApiResponse): Quota[] {
  const policies = items(headers["ratelimit-policy"]);
  const found = [...items(headers["ratelimit"])].map(([name, { r = Number.NaN, t = Number.NaN }]) => ({
    name,
    remaining: r,
    size: policies.get(name)?.["q"],
    seconds: t,
  }));
  const limit = Number.parseInt(headers["x-ratelimit-limit"] ?? "", 10);
  const reset = Number.parseInt(headers["x-ratelimit-reset"] ?? "", 10);
  found.push({
    name: "x-ratelimit",
    remaining: Number.parseInt(headers["x-ratelimit-remaining"] ?? "", 10),
    size: limit >= 0 ? limit : undefined,
    // Some servers state the reset as a point in time, in seconds since 1970.
    seconds: reset > 1e9 ? reset - Date.now() / 1000 : reset,
  });
  return found.filter(({ remaining, seconds }) => remaining >= 0 && seconds >= 0);
}

/** `"name";key=1;key=2, …` as numbers by name. */
function items(header = ""): Map<string, Partial<Record<string, number>>> {
  return new Map(
    header.split(",").map((item) => {
      const [name = "", ...pairs] = item.split(";").map((part) => part.trim());
      return [
        name,
        Object.fromEntries(pairs.map((pair) => pair.split("=")).map(([key, value]) => [key, Number(value)])),
      ];
    }),
  );
}
