import { setMaxListeners } from "node:events";
import type { Send } from "../../core/send.ts";
import { redactor } from "../redaction.ts";
import { authorize, type Credentials, secretOf } from "./authorize.ts";
import { type Bucket, budget } from "./budget.ts";
import { type Clock, realClock } from "./clock.ts";
import { retry } from "./retry.ts";
import { troubleOf } from "./trouble.ts";
import { type Transport, undiciTransport } from "./undici.ts";

export interface SendSettings {
  /** Origin and path prefix: `https://api.cloudflare.com/client/v4`. */
  readonly baseUrl: URL;
  readonly credentials: Credentials;
  /** What stands in for the network, as the sandbox does. */
  readonly transport?: Send;
  readonly clock?: Clock;
  /** From 0 to below 1, spreads retries. */
  readonly random?: () => number;
  /** Cloudflare's own limits less a reserve, when absent; `[]` for none. */
  readonly budget?: readonly Bucket[];
}

/**
 * The way of a request: retry ▸ budget ▸ authorize ▸ transport. The budget is inside, because every attempt counts
 * against Cloudflare's limit and every 429 has to be seen. Answers come back free of the credentials.
 */
export function sendStack(settings: SendSettings): Transport {
  const { baseUrl, credentials, clock = realClock, random = Math.random } = settings;
  const transport: Send & Partial<Transport> = settings.transport ?? undiciTransport(baseUrl);
  const mask = redactor([secretOf(credentials)]);
  const masked: Send = async (request) => {
    const { status, headers, body } = await transport(request).catch((error: unknown) => {
      throw troubleOf(error, request);
    });
    const fields = Object.entries(headers).map(([name, value]) => [name, mask(value)]);
    return { status, headers: Object.fromEntries(fields), body: mask(body) };
  };
  const stages = [retry(clock, random), budget(clock, settings.budget), authorize(credentials)];
  const send = stages.reduceRight<Send>((next, stage) => stage(next), masked);
  const entrance: Send = (request) => {
    // Many requests of one call share its signal; Node would warn of a leak at the eleventh.
    setMaxListeners(0, request.signal);
    return send(request);
  };
  return Object.assign(entrance, { close: async () => transport.close?.() });
}
