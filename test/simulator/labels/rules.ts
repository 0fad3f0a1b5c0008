import type { Members } from "../../../src/core/change.ts";
import { type Kind, list, plus, set } from "./kinds.ts";

/** Somebody whom no rule of the account names. */
export const stranger = { email: { email: "someone.new@elsewhere.example.org" } };
/** A domain that no rule of the account names. */
export const domain = { email_domain: { domain: "elsewhere.example.org" } };
/** A network that no rule of the account names. */
export const office = { ip: { ip: "203.0.113.0/24" } };
const tomorrow = { voice_print: { id: "3f" } };

const many = (base: Members) => list(base["include"]).length > 1;
const first = (field: string) => (base: Members) => ({ ...base, [field]: list(base[field]).slice(0, 1) });

/** What anybody would say of rules where matching lets in: policies that allow, and groups used in them. */
export const ruleKinds: readonly Kind[] = [
  { name: "an address more in include", label: "widen", code: "include_added", edit: plus("include", stranger) },
  { name: "a domain more in include", label: "widen", code: "include_added", edit: plus("include", domain) },
  { name: "a network more in include", label: "widen", code: "include_added", edit: plus("include", office) },
  { name: "a country more in include", label: "widen", edit: plus("include", { geo: { country_code: "BR" } }) },
  { name: "everyone in include", label: "widen", code: "everyone", edit: plus("include", { everyone: {} }) },
  { name: "everyone instead of include", label: "widen", code: "everyone", edit: set({ include: [{ everyone: {} }] }) },
  {
    name: "every login of a provider",
    label: "widen",
    code: "any_login",
    edit: plus("include", { login_method: { id: "0aa1" } }),
  },
  {
    name: "every client certificate",
    label: "widen",
    code: "any_certificate",
    edit: plus("include", { certificate: {} }),
  },
  { name: "a selector of tomorrow in include", label: "widen", code: "unclear", edit: plus("include", tomorrow) },
  {
    name: "a rule that is two at once",
    label: "widen",
    code: "unclear",
    edit: plus("include", { ...stranger, ...office }),
  },
  {
    name: "one address for another",
    label: "widen",
    code: "include_added",
    from: set({ include: [{ email: { email: "a@example.org" } }] }),
    edit: set({ include: [stranger] }),
  },
  {
    name: "a domain for an address of it",
    label: "widen",
    from: set({ include: [stranger] }),
    edit: set({ include: [domain] }),
  },
  {
    name: "a larger network",
    label: "widen",
    from: set({ include: [office] }),
    edit: set({ include: [{ ip: { ip: "203.0.112.0/23" } }] }),
  },
  {
    name: "a requirement gone",
    label: "widen",
    code: "dropped_require",
    from: set({ require: [{ auth_method: { auth_method: "mfa" } }] }),
    edit: set({ require: [] }),
  },
  {
    name: "require cleared",
    label: "widen",
    code: "dropped_require",
    from: plus("require", office),
    edit: set({ require: undefined }),
  },
  {
    name: "a requirement for a laxer one",
    label: "widen",
    code: "dropped_require",
    from: set({ require: [stranger] }),
    edit: set({ require: [domain] }),
  },
  {
    name: "a requirement for an unlike one",
    label: "widen",
    code: "dropped_require",
    from: set({ require: [{ geo: { country_code: "PT" } }] }),
    edit: set({ require: [{ geo: { country_code: "SE" } }] }),
  },
  {
    name: "an exclusion gone",
    label: "widen",
    code: "removed_exclude",
    from: plus("exclude", stranger),
    edit: (base) => ({ ...base, exclude: list(base["exclude"]).slice(0, -1) }),
  },
  {
    name: "exclude cleared",
    label: "widen",
    code: "removed_exclude",
    from: plus("exclude", domain),
    edit: set({ exclude: [] }),
  },
  {
    name: "an exclusion made smaller",
    label: "widen",
    code: "removed_exclude",
    from: set({ exclude: [domain] }),
    edit: set({ exclude: [stranger] }),
  },
  { name: "a rule less in include", label: "narrow", code: "include_removed", where: many, edit: first("include") },
  {
    name: "a domain for everyone",
    label: "narrow",
    code: "include_removed",
    from: set({ include: [{ everyone: {} }] }),
    edit: set({ include: [domain] }),
  },
  {
    name: "an address for its domain",
    label: "narrow",
    from: set({ include: [domain] }),
    edit: set({ include: [stranger] }),
  },
  {
    name: "a smaller network",
    label: "narrow",
    from: set({ include: [{ ip: { ip: "203.0.112.0/20" } }] }),
    edit: set({ include: [office] }),
  },
  {
    name: "a requirement more",
    label: "narrow",
    code: "added_require",
    edit: plus("require", { geo: { country_code: "IS" } }),
  },
  { name: "an exclusion more", label: "narrow", code: "added_exclude", edit: plus("exclude", stranger) },
  {
    name: "a stricter requirement",
    label: "narrow",
    from: set({ require: [domain] }),
    edit: set({ require: [stranger] }),
  },
  {
    name: "rules in another order",
    label: "neutral",
    where: many,
    edit: (base) => ({ ...base, include: list(base["include"]).toReversed() }),
  },
  {
    name: "a rule twice",
    label: "neutral",
    edit: (base) => ({ ...base, include: [...list(base["include"]), ...list(base["include"])] }),
  },
  {
    name: "an address in capitals",
    label: "neutral",
    from: set({ include: [stranger] }),
    edit: set({ include: [{ email: { email: "Someone.New@Elsewhere.example.org" } }] }),
  },
  {
    name: "an address of an included domain",
    label: "neutral",
    from: set({ include: [domain] }),
    edit: plus("include", stranger),
  },
  { name: "another name", label: "neutral", edit: set({ name: "Renamed" }) },
  { name: "nothing at all", label: "neutral", edit: (base) => ({ ...base }) },
  {
    name: "no exclude instead of an empty one",
    label: "neutral",
    from: set({ exclude: [] }),
    edit: set({ exclude: undefined }),
  },
];
