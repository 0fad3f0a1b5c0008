import type { Members } from "../../../core/change.ts";
import { factorOf as factorAt } from "../../../simulator/factor.ts";
import { membersOf } from "../../../simulator/fields.ts";
import type { Verdict } from "../../../simulator/verdicts.ts";
import type { Estate } from "../../estate.ts";

/** Whether settings ask for a second factor; nothing when they leave it to those above them. */
export function factorOf({ mfa_config }: Members): Verdict {
  const { mfa_disabled, ...wanted } = membersOf(mfa_config);
  if (mfa_disabled === true) return false;
  const isSaid = (value: unknown) => (Array.isArray(value) ? value.length > 0 : value !== undefined && value !== null);
  return Object.values(wanted).some(isSaid) ? true : undefined;
}

/** Whether Access itself asks for a second factor of those whom a policy lets in; nothing when that is not known. */
export const asksFactor = (estate: Estate, application: Members, policy: Members): Verdict =>
  factorAt(application, estate.account, policy).asked;
