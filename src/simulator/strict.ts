import organizations from "../access/organization.ts";
import type { Account } from "./account.ts";
import { textOf } from "./fields.ts";
import type { Verdict } from "./verdicts.ts";

/** Organizations made since then have it for good (Cloudflare's page on service tokens). */
const alwaysSince = Date.parse("2026-10-05T00:00:00Z");

/** Whether a request that carries a service token is judged by that alone, so that no login lets it in. */
export function isStrict(account: Account): Verdict {
  const settings = account.all(organizations);
  if (settings === undefined) return undefined;
  const [{ strict_service_token_auth, created_at } = {}] = settings;
  return strict_service_token_auth === true || Date.parse(textOf(created_at)) >= alwaysSince;
}
