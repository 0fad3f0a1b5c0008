import organizations from "../access/organization.ts";
import type { Members } from "../core/change.ts";
import type { Account } from "./account.ts";
import { membersOf, textOf } from "./fields.ts";
import type { Verdict } from "./verdicts.ts";

/** Which second factor Access itself asks for, and where that is set. */
export interface Factor {
  readonly asked: Verdict;
  readonly from: "policy" | "application" | "organization" | "launcher";
  /** Authenticators that count; empty where none is named. */
  readonly authenticators: readonly string[];
  /** How long one counts. */
  readonly lasts?: string;
}

/** What the parts of a second factor are set to, by the first of the places that says so. */
const authenticatorsOf = ({ allowed_authenticators }: Members): readonly string[] =>
  Array.isArray(allowed_authenticators) ? allowed_authenticators.map(textOf) : [];

/** Nothing of its own, and not switched off, means that the place above decides. */
const decides = (config: Members): boolean =>
  config["mfa_disabled"] === true || authenticatorsOf(config).length > 0 || textOf(config["session_duration"]) !== "";

/**
 * The second factor for those whom a policy lets in: policy before application before organization; the App Launcher
 * never asks for one. It is asked for at logins only.
 */
export function factorOf(application: Members, account: Account, policy: Members = {}): Factor {
  if (application["type"] === "app_launcher") return { asked: false, from: "launcher", authenticators: [] };
  const settings = account.all(organizations);
  const organization = membersOf(settings?.[0]);
  const levels = [policy, application, organization].map(({ mfa_config }) => membersOf(mfa_config));
  const [own, shared] = levels.map(decides);
  const from = own ? "policy" : shared ? "application" : "organization";
  const chosen = levels[own ? 0 : shared ? 1 : 2];
  const byAll = settings === undefined ? undefined : organization["mfa_required_for_all_apps"] === true;
  const asked = own || shared ? chosen?.["mfa_disabled"] !== true : byAll;
  if (asked === false) return { asked, from, authenticators: [] };
  const over = levels.slice(own ? 0 : shared ? 1 : 2);
  const authenticators = over.map(authenticatorsOf).find(({ length }) => length > 0) ?? [];
  const lasts = over.map((config) => textOf(config["session_duration"])).find((duration) => duration !== "");
  return { asked, from, authenticators, ...(lasts !== undefined && { lasts }) };
}
