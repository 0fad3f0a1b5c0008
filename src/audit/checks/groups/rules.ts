import type { Members } from "../../../core/change.ts";
import type { Fix } from "../../check.ts";
import { type Place, rulesAt } from "../shared/closure.ts";

/** The call that gives a group other rules at one place; what an include holds the owner says when nothing is left. */
export function groupFix(group: Members, place: Place, rules: readonly Members[], choice: string): Fix {
  const call = (given: Members) => [{ operation: "update_group", arguments: { group_id: group["id"], ...given } }];
  if (place === "include" && rules.length === 0) return { steps: call({}), choose: { include: choice } };
  return { steps: call({ [place]: rules }) };
}

/** The rules at one place but one. */
export const without = (group: Members, place: Place, field: string): readonly Members[] =>
  rulesAt(group, place).flatMap((one) => (one.field === field ? [] : [one.rule]));

/** A flag where it is written, a list of rules where it is read (npm cloudflare 7.3.0). */
export const isDefault = ({ is_default }: Members): boolean =>
  is_default === true || (Array.isArray(is_default) && is_default.length > 0);

/** Words of examples. */
export const everyone = { everyone: {} };
export const office = { ip: { ip: "198.51.100.0/27" } };
export const staff = { email_domain: { domain: "example.com" } };
export const inGroup = (id: string) => ({ group: { id } });
export const policy = (rules: Members) => ({ id: "p", name: "Staff", decision: "allow", include: [staff], ...rules });
export const wiki = {
  id: "wiki",
  name: "Wiki",
  type: "self_hosted",
  domain: "wiki.example.com",
  policies: [{ id: "p" }],
};
