import type { Members } from "../../../core/change.ts";
import { membersOf, textOf } from "../../../simulator/fields.ts";
import type { Estate } from "../../estate.ts";
import { policiesOn } from "../shared/attached.ts";
import { ensuredIn, type Test } from "../shared/closure.ts";

/** Anybody can make themselves an account at these. */
const openTypes = new Set(["google", "github", "facebook", "linkedin", "yandex", "onetimepin"]);

/** Whether strangers can log in by an identity provider. */
export const isOpen = ({ type, config }: Members): boolean =>
  openTypes.has(textOf(type)) || (type === "cloudflare" && membersOf(config)["restrict_to_account_members"] !== true);

/** Whether an application offers a login by an identity provider; all of them when it does not choose. */
export const offers = ({ allowed_idps }: Members, id: unknown): boolean =>
  !Array.isArray(allowed_idps) || allowed_idps.length === 0 || allowed_idps.includes(id);

/** Selectors that do not say who somebody is. */
const impersonal = new Set(["everyone", "ip", "ip_list", "geo", "auth_method", "user_risk_score"]);

/** Applications that let in whoever logs in by an identity provider, whoever that is. */
export function letsAnyone(estate: Estate, provider: unknown): (application: Members) => boolean {
  const saysWho: Test = ({ selector, argument }) =>
    selector === "login_method" ? argument["id"] !== provider : !impersonal.has(selector);
  const isWide = (policy: Members) => policy["decision"] === "allow" && ensuredIn(estate, policy, saysWho) === false;
  return (application) => policiesOn(estate, application).some(({ policy }) => isWide(policy));
}
