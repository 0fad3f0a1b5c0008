import type { Members } from "../../../core/change.ts";
import { textOf } from "../../../simulator/fields.ts";
import type { Fix, Severity } from "../../check.ts";
import type { Estate } from "../../estate.ts";

/** The day of a time. */
export const date = (time: string): string => time.slice(0, 10);
/** Milliseconds since 1970; NaN when nothing is said. */
export const timeOf = (token: Members, field: string): number => Date.parse(textOf(token[field]));

/** The call that changes a token. */
export const change = (token: Members, changes: Members): Fix => ({
  steps: [{ operation: "update_service_token", arguments: { service_token_id: token["id"], ...changes } }],
});
/** A call about a token that takes nothing else. */
export const call = (operation: string, token: Members): Fix => ({
  steps: [{ operation, arguments: { service_token_id: token["id"] } }],
});

/** Whether a token still opens anything: not turned off, not past its end. */
export const isUsable = (estate: Estate, token: Members): boolean =>
  token["enabled"] !== false && !(timeOf(token, "expires_at") <= estate.now);

/** What cannot be used weighs less. */
export const atMostLow = (estate: Estate, token: Members): { readonly severity?: Severity } =>
  isUsable(estate, token) ? {} : { severity: "low" };

/** Where Cloudflare describes them. */
export const source =
  "https://developers.cloudflare.com/cloudflare-one/access-controls/service-credentials/service-tokens/";

/** A token of examples. */
export const token = (facts: Members = {}): Members => ({
  id: "t",
  name: "Robot",
  enabled: true,
  duration: "8760h",
  created_at: "2026-01-01T00:00:00Z",
  expires_at: "2027-01-01T00:00:00Z",
  last_seen_at: "2026-10-31T00:00:00Z",
  ...facts,
});
