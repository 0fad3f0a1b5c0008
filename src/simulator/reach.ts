import type { Reference } from "../core/change.ts";

/** An object that an answer names. */
export type Named = Pick<Reference, "noun" | "id" | "name">;

/** Kinds of those who may be let in, the widest first. */
export const principalKinds = [
  "internet",
  "any_login",
  "login_method",
  "email_domain",
  "identity_group",
  "email_list",
  "email",
  "any_service_token",
  "service_token",
  "certificate",
  "linked_application",
  "network",
  "country",
  "device",
  "other",
] as const;
export type PrincipalKind = (typeof principalKinds)[number];

/** Some who may get into an application, by one include rule of one policy. */
export interface Principals {
  readonly kind: PrincipalKind;
  /** As an owner reads it: `@quillon.example.com`, `Okta group "platform"`. */
  readonly label: string;
  readonly id?: string;
  /** How they come in. */
  readonly outcome: "allowed" | "bypassed" | "service_auth";
  readonly policy: Named;
  /** Where the rule stands: in the policy, or in the last of the groups it leads through. */
  readonly field: string;
  readonly through: readonly Named[];
  /** What must hold besides, each one sentence fragment: `country NL`, `not e-mail ada@example.com`. */
  readonly conditions: readonly string[];
}

/** Who may get into one application, read off its policies. */
export interface Reach {
  readonly application: Named & { readonly type: string; readonly addresses: readonly string[] };
  readonly principals: readonly Principals[];
  /** Why it is not the whole truth: what could not be read, rules nobody knows. */
  readonly unknown: readonly string[];
}
