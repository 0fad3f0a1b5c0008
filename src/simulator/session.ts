import organizations from "../access/organization.ts";
import type { Members } from "../core/change.ts";
import type { Account } from "./account.ts";
import { membersOf, textOf } from "./fields.ts";

/** How long something lasts, and where that is set; no duration where it cannot be told. */
export interface Lasting {
  readonly duration?: string;
  readonly from: "client" | "policy" | "application" | "organization" | "default";
}

/** How long somebody stays in, and how long before the identity provider asks again. */
export interface Session {
  readonly application: Lasting;
  readonly login: Lasting;
}

/** What Cloudflare takes where nothing is set. */
const usual: Lasting = { duration: "24h", from: "default" };

/** Kinds that give out no session of their own. */
const without: ReadonlySet<unknown> = new Set(["infrastructure", "bookmark", "biso"]);

/**
 * The sessions of those whom a policy lets in: Cloudflare's client, where its login is accepted, before policy before
 * application; logins by organization before application. Nothing for kinds that have none.
 */
export function sessionOf(application: Members, account: Account, policy: Members = {}): Session | undefined {
  if (without.has(application["type"])) return undefined;
  const settings = account.all(organizations);
  const own = application["allow_authenticate_via_warp"] ?? (settings === undefined ? true : undefined);
  const organization = membersOf(settings?.[0]);
  const unread: Lasting = { from: "organization" };
  const here = lastingOf(application["session_duration"], "application");
  const login = lastingOf(organization["session_duration"], "organization") ?? here ?? usual;
  const client = lastingOf(organization["warp_auth_session_duration"], "client");
  const byClient = (own ?? organization["allow_authenticate_via_warp"]) === true;
  if (byClient && settings === undefined) return { application: unread, login: unread };
  if (byClient && client !== undefined) return { application: client, login: client };
  return {
    application: lastingOf(policy["session_duration"], "policy") ?? here ?? usual,
    login: settings === undefined ? unread : login,
  };
}

function lastingOf(value: unknown, from: Lasting["from"]): Lasting | undefined {
  const duration = textOf(value);
  return duration === "" ? undefined : { duration, from };
}
