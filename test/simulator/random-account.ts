import type { Change, Members } from "../../src/core/change.ts";
import { create, okta, pin, policy, remove, rule, update } from "./account.ts";
import type { Account } from "./brute-force.ts";

/** Numbers from 0 to 1 that a seed decides (mulberry32). */
export function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Rules of which nobody knows from the account whether they hold. */
export const openRules = [rule.geo("DE"), rule.geo("KP"), rule.method("mfa"), rule.okta("team"), rule.okta("night")];

const emails = ["admin@x.com", "second@x.com", "third@y.com"];
const decisions = ["allow", "allow", "allow", "deny", "bypass", "non_identity"];
const sessions = ["24h", "24h", "1h", "0s"];

/** Makes accounts and changes by chance. */
export function chance(next: () => number) {
  const below = (end: number) => Math.floor(next() * end);
  const one = <Item>(items: readonly Item[]): Item => items[below(items.length)] as Item;
  const some = <Item>(items: readonly Item[], most: number) =>
    Array.from({ length: below(most + 1) }, () => one(items));
  const rules = (groups: readonly string[], most: number) =>
    some(
      [
        ...emails.map(rule.email),
        rule.domain("x.com"),
        rule.everyone,
        rule.token("robot"),
        rule.anyToken,
        rule.login("pin"),
        rule.login("okta"),
        ...groups.flatMap((id) => [rule.group(id), rule.group(id)]),
        ...openRules,
      ],
      most,
    );
  // Requires and excludes are rarer, as they are in life.
  const ruleSet = (groups: readonly string[]) => ({
    include: [...rules(groups, 2), ...rules(groups, 1), one([rule.email("admin@x.com"), rule.domain("x.com")])],
    require: next() < 0.2 ? rules(groups, 1) : [],
    exclude: next() < 0.2 ? rules(groups, 1) : [],
  });
  const everyGroup = ["G", "H", "I"];
  const anyPolicy = (id: string) => {
    const decision = one(decisions);
    const { include, ...more } = ruleSet(everyGroup);
    return policy(id, decision, decision === "non_identity" ? [rule.anyToken, ...rules(everyGroup, 1)] : include, more);
  };
  const links = (policies: readonly Members[]) =>
    [...new Set(some(policies, 4))].map(
      (shared, index): Members => ({ ...shared, reusable: true, precedence: index + 1 }),
    );

  const account = (): Account => {
    const policies = ["P", "Q", "R", "S"].map(anyPolicy);
    const own = { ...anyPolicy("own"), reusable: false, precedence: 9 };
    return {
      groups: everyGroup.map((id, index) => ({ id, name: id, ...ruleSet(everyGroup.slice(index + 1)) })),
      policies,
      applications: [
        {
          id: "A",
          name: "A",
          type: "self_hosted",
          session_duration: "24h",
          allowed_idps: [],
          policies: [...links(policies), own],
        },
        { id: "B", name: "B", type: "self_hosted", policies: links(policies) },
      ],
      identityProviders: [pin, okta],
      serviceTokens: [
        { id: "robot", name: "robot", enabled: true },
        { id: "spare", name: "spare", enabled: true },
      ],
      organization: [{ name: "Org", auth_domain: "x.cloudflareaccess.com", session_duration: "24h" }],
    };
  };

  /** One change of what is there; nothing when chance picks what is not there any more. */
  const change = (now: Account): Change | undefined => {
    const application = one(now.applications);
    const shared = one(now.policies);
    const group = one(now.groups);
    const provider = one(now.identityProviders);
    const token = one(now.serviceTokens);
    const [organization = {}] = now.organization;
    const attached = (application?.["policies"] ?? []) as readonly Members[];
    const own = attached.find(({ reusable }) => reusable === false);
    const ids = { app_id: application?.["id"], policy_id: own?.["id"] };
    const patch = one([
      () => ({ include: ruleSet(everyGroup).include }),
      () => ({ require: rules(everyGroup, 1) }),
      () => ({ exclude: rules(everyGroup, 1) }),
      () => ({ decision: one(decisions) }),
      () => ({ session_duration: one(sessions) }),
      () => ({ name: "renamed" }),
    ]);
    const app = (fields: Members) => application && update("update_application", application, fields, ids);
    const kinds: readonly (() => Change | undefined)[] = [
      () => shared && update("update_policy", shared, patch()),
      () => shared && update("update_policy", shared, patch()),
      () => shared && remove("delete_policy", shared),
      () => create("create_policy", policy("new", "deny", [rule.everyone])),
      () => group && update("update_group", group, { include: rules(everyGroup, 2) }),
      () => group && update("update_group", group, ruleSet(everyGroup.filter((id) => id > String(group["id"])))),
      () => group && remove("delete_group", group),
      () => provider && remove("delete_identity_provider", provider),
      () => token && update("update_service_token", token, { enabled: next() < 0.5 }),
      () => token && remove("delete_service_token", token),
      () => update("update_organization", organization, { session_duration: one(sessions) }),
      () => (application && next() < 0.3 ? remove("delete_application", application) : undefined),
      () => app({ policies: links(now.policies).map(({ id, precedence }) => ({ id, precedence })) }),
      () => app({ policies: [...attached].reverse().map(({ id }) => ({ id })) }),
      () => app({ allowed_idps: one([[], ["pin"], ["okta"], ["gone"]]) }),
      () => app({ session_duration: one(sessions) }),
      () => own && update("update_application_policy", own, patch(), ids),
      () => own && remove("delete_application_policy", own, ids),
      () => create("create_application_policy", { ...anyPolicy("x"), id: undefined, precedence: below(12) + 0.5 }, ids),
    ];
    return one(kinds)();
  };
  return { account, change };
}
