import { describe, expect, it } from "vitest";
import applications from "../../src/access/applications/index.ts";
import groups from "../../src/access/groups.ts";
import identityProviders from "../../src/access/identity-providers/index.ts";
import organization from "../../src/access/organization.ts";
import policies from "../../src/access/policies.ts";
import serviceTokens from "../../src/access/service-tokens.ts";
import type { Change, Members } from "../../src/core/change.ts";
import { lockOut } from "../../src/simulator/guard.ts";
import type { GuardSettings } from "../../src/simulator/index.ts";
import { changedWorld } from "../../src/simulator/world.ts";
import { create, pin, policy, remove, rule, update, worldOf } from "./account.ts";
import { type Account, getsIn, type Visitor } from "./brute-force.ts";
import { chance, numbers, openRules } from "./random-account.ts";

const isLong = process.env["LONG"] === "1";
const patience = isLong ? 600_000 : 30_000;
const rooms = { applications, groups, identityProviders, organization, policies, serviceTokens };

/** The account after a change. */
async function changed(account: Account, change: Change): Promise<Account> {
  const world = changedWorld(worldOf(account), change);
  const read = Object.entries(rooms).map(async ([name, room]) => [name, (await world.read(room)).items] as const);
  return Object.fromEntries(await Promise.all(read)) as unknown as Account;
}

const openGroups = ["G", "H", "I"].map(rule.group);
const openAddresses = [...["admin@x.com", "second@x.com", "third@y.com"].map(rule.email), rule.domain("x.com")];
const openTokens = [rule.token("robot"), rule.anyToken];

/** Every combination of the facts on which it may depend who gets in. */
function combinations(who: Omit<Visitor, "facts">, { applications: [A], ...account }: Account): ReadonlySet<string>[] {
  const groupsGone = openGroups.filter(({ group }) => !account.groups.some(({ id }) => id === group.id));
  const candidates = [
    ...openRules,
    rule.everyone,
    ...groupsGone,
    ...(who.token === undefined ? [] : openTokens),
    ...(who.group === undefined ? [] : openAddresses),
  ];
  const text = JSON.stringify([A, account.policies, account.groups]);
  const open = candidates.map((one) => JSON.stringify(one)).filter((one) => text.includes(one));
  return Array.from({ length: 2 ** open.length }, (_, bits) => new Set(open.filter((_, index) => (bits >> index) & 1)));
}

/** Of all that somebody may be: how many get in. `all` and `some` are what a guard can promise. */
function standing(who: Omit<Visitor, "facts">, account: Account): "all" | "some" | "none" {
  const cases = combinations(who, account).map((facts) => getsIn({ ...who, facts }, "A", account));
  return cases.includes(true) ? (cases.includes(false) ? "some" : "all") : "none";
}

const guardedOnes: readonly (readonly [string, Omit<Visitor, "facts">])[] = [
  ["admin@x.com", { email: "admin@x.com" }],
  ["robot", { token: "robot" }],
  ["G", { group: "G" }],
];

describe.each(guardedOnes)("whatever the guard of %s lets pass", (name, who) => {
  const settings: GuardSettings = { identities: [name], applications: ["A"] };

  it("leaves the way in as sure as it was", { timeout: patience }, async () => {
    const [sequences, steps] = isLong ? [2000, 20] : [60, 15];
    let [passed, refused] = [0, 0];
    for (let seed = 1; seed <= sequences; seed++) {
      const random = chance(numbers(seed));
      let account = random.account();
      let before = standing(who, account);
      for (let step = 0; step < steps && before !== "none"; step++) {
        const change = random.change(account);
        if (change === undefined) continue;
        const found = await lockOut(change, worldOf(account), settings);
        if (found.length > 0) {
          refused++;
          continue;
        }
        const next = await changed(account, change);
        const after = standing(who, next);
        const told = `seed ${seed}, step ${step}, ${change.entry.name} ${JSON.stringify(change.after)}`;
        expect(before === "all" ? ["all"] : ["all", "some"], told).toContain(after);
        [account, before] = [next, after];
        passed++;
      }
    }
    expect(passed).toBeGreaterThan(sequences);
    expect(refused).toBeGreaterThan(sequences / 10);
  });
});

describe("edits that have nothing to do with what is guarded", () => {
  it("are never refused", async () => {
    const next = numbers(7);
    const one = <Item>(items: readonly Item[]): Item => items[Math.floor(next() * items.length)] as Item;
    const mine = policy("P", "allow", [rule.group("G"), rule.okta("team")], { require: [rule.method("mfa")] });
    const other = policy("Q", "allow", [rule.group("H")]);
    const app = (id: string, shared: Members) => ({
      id,
      name: id,
      type: "saas",
      policies: [{ ...shared, reusable: true }],
    });
    const account: Account = {
      applications: [app("A", mine), app("B", other)],
      policies: [mine, other],
      groups: [
        { id: "G", name: "G", include: [rule.email("admin@x.com"), rule.geo("DE")] },
        { id: "H", name: "H", include: [rule.domain("x.com")] },
      ],
      identityProviders: [pin, { id: "spare", name: "Spare", type: "google", config: { client_id: "c" } }],
      serviceTokens: [{ id: "robot" }, { id: "spare", name: "Spare" }],
      organization: [{ name: "Org", auth_domain: "x.cloudflareaccess.com", session_duration: "24h" }],
    };
    const [A, B] = account.applications as [Members, Members];
    const [, H] = account.groups as [Members, Members];
    const [, provider] = account.identityProviders as [Members, Members];
    const [settings] = account.organization as [Members];
    const anyRule = () =>
      one([rule.everyone, rule.email("z@z.com"), rule.geo("KP"), rule.group("G"), rule.group("gone")]);
    const edits: readonly (() => Change)[] = [
      () => update("update_policy", other, { decision: one(["allow", "deny", "bypass"]), include: [anyRule()] }),
      () => remove("delete_policy", other),
      () => update("update_group", H, { include: [anyRule()], exclude: [anyRule()] }),
      () => remove("delete_group", H),
      () => update("update_application", B, { policies: one([[], ["Q"], [{ id: "P", precedence: 4 }]]) }),
      () => update("update_application", B, { session_duration: "0s", allowed_idps: ["gone"] }),
      () => remove("delete_application", B),
      () => update("update_application", A, { tags: ["red"], logo_url: `https://x.com/${next()}` }),
      () => create("create_application_policy", policy("n", "deny", [anyRule()]), { app_id: "B" }),
      () => create("create_policy", policy("n", one(["deny", "bypass"]), [anyRule()])),
      () => create("create_group", { name: "n", include: [anyRule()] }),
      () => remove("delete_identity_provider", provider),
      () => update("update_identity_provider", provider, { config: { client_id: String(next()) } }),
      () => update("update_service_token", { id: "spare", name: "Spare" }, { enabled: next() < 0.5 }),
      () => update("update_organization", settings, { name: String(next()), deny_unmatched_requests: next() < 0.5 }),
      () => remove("delete_tag", { name: "red" }),
    ];
    const guard: GuardSettings = { identities: ["admin@x.com", "G", "robot"], applications: ["A"] };
    for (let run = 0; run < 1000; run++) {
      const edit = one(edits)();
      const told = `run ${run}, ${edit.entry.name} ${JSON.stringify(edit.after)}`;
      expect(await lockOut(edit, worldOf(account), guard), told).toEqual([]);
    }
  });
});
