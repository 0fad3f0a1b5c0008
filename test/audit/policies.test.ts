import { describe, expect, it } from "vitest";
import policies from "../../src/audit/checks/policies/index.ts";
import { isPersonal, isSecondFactor, saysWho } from "../../src/audit/checks/policies/kinds.ts";
import { branchesOf, ensuredIn } from "../../src/audit/checks/shared/closure.ts";
import { audit, type Finding } from "../../src/audit/engine.ts";
import { type Estate, estateOf } from "../../src/audit/estate.ts";
import type { Members } from "../../src/core/change.ts";
import type { Holdings } from "../../src/inventory/datasets.ts";
import { inventoryOf } from "../../src/inventory/holdings.ts";
import { gateIn, pass } from "../../src/simulator/evaluate.ts";
import { listOf } from "../../src/simulator/fields.ts";
import { matches } from "../../src/simulator/rules.ts";
import { type Identity, ruleKey, type Verdict } from "../../src/simulator/selectors.ts";
import { numbers } from "../simulator/random-account.ts";

const now = Date.parse("2026-11-01T00:00:00Z");

/** What one check finds. */
const findings = (holdings: Holdings, id: string): readonly Finding[] =>
  audit(
    policies.filter((check) => check.id === id),
    inventoryOf(holdings),
    { account_id: "account", now },
  ).findings;

const ownCode = { evaluate_url: "https://checks.example.com", keys_url: "https://checks.example.com/keys" };
const context = { id: "strong", ac_id: "c1", identity_provider_id: "entra" };

/** Rules of which some hold wherever others do, some never with others, and some say nothing of each other. */
const vocabulary: readonly Members[] = [
  { everyone: {} },
  ...["ada@x.example", "Bob@x.example", "eve@y.example"].map((email) => ({ email: { email } })),
  ...["x.example", "@y.example"].map((domain) => ({ email_domain: { domain } })),
  ...["10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "192.0.2.0/24"].map((ip) => ({ ip: { ip } })),
  ...["NL", "de"].map((country_code) => ({ geo: { country_code } })),
  ...["okta", "entra"].map((id) => ({ login_method: { id } })),
  { okta: { name: "ops", identity_provider_id: "okta" } },
  { azureAD: { id: "ops", identity_provider_id: "entra" } },
  { "github-organization": { name: "org", identity_provider_id: "okta" } },
  { "github-organization": { name: "org", team: "core", identity_provider_id: "okta" } },
  ...["mfa", "pwd"].map((auth_method) => ({ auth_method: { auth_method } })),
  { certificate: {} },
  { common_name: { common_name: "laptop" } },
  { device_posture: { integration_uid: "disk" } },
  { external_evaluation: ownCode },
  { auth_context: context },
];

const groupIds = ["G", "H", "I", "J"];

/** Makes accounts and people by chance. */
function chance(seed: number) {
  const next = numbers(seed);
  const one = <Item>(items: readonly Item[]): Item => items[Math.floor(next() * items.length)] as Item;
  const some = <Item>(items: readonly Item[]): Item[] => items.filter(() => next() < 0.5);
  const rules = (groups: readonly string[], most: number) =>
    Array.from({ length: Math.floor(next() * (most + 1)) }, () =>
      groups.length > 0 && next() < 0.35 ? { group: { id: one(groups) } } : one(vocabulary),
    );
  const ruleSet = (groups: readonly string[]) => ({
    include: rules(groups, 3),
    require: next() < 0.4 ? rules(groups, 2) : [],
    exclude: next() < 0.4 ? rules(groups, 2) : [],
  });
  // Now and then a group leads back to itself, or to one that is not there.
  const below = (at: number, odd: boolean) => (odd && next() < 0.1 ? [...groupIds, "gone"] : groupIds.slice(at + 1));
  const account = (odd: boolean): Holdings => ({
    applications: [
      {
        id: "A",
        type: "self_hosted",
        domain: "a.x.example",
        policies: Array.from({ length: 4 }, (_, at) => ({
          id: `P${at}`,
          name: `P${at}`,
          reusable: false,
          precedence: at + 1,
          decision: one(["allow", "allow", "deny"]),
          ...ruleSet(groupIds),
        })),
      },
    ],
    groups: groupIds.map((id, at) => ({ id, name: id, ...ruleSet(below(at, odd)) })),
    identity_providers: ["okta", "entra"].map((id) => ({ id, name: id, type: "oidc" })),
    mtls_certificates: [{ id: "ca", associated_hostnames: ["a.x.example"] }],
  });
  const facts = (): ReadonlyMap<string, boolean> =>
    new Map(
      [
        ruleKey("external_evaluation", ownCode),
        ruleKey("auth_context", context),
        ...[...groupIds, "gone"].map((id) => ruleKey("group", { id })),
      ].map((key) => [key, next() < 0.5]),
    );
  const person = (): Identity => {
    const certificate = next() < 0.5;
    return {
      email: one(["ada@x.example", "bob@x.example", "eve@y.example", "zoe@z.example"]),
      login_method: one(["okta", "entra"]),
      idp_groups: some(["ops", "org/core", "org/web"]),
      auth_methods: some(["mfa", "pwd"]),
      ip: one(["10.1.2.3", "10.1.9.9", "10.9.9.9", "192.0.2.7", "2001:db8::1"]),
      country: one(["NL", "DE", "FR"]),
      certificate,
      ...(certificate && { common_name: one(["laptop", "phone"]) }),
      posture: some(["disk"]),
      facts: facts(),
    };
  };
  /** The same with some of it not known. */
  const veiled = ({ login_method = "", ...identity }: Identity): Identity => ({
    ...Object.fromEntries(some(Object.entries(identity))),
    // What is true of somebody at one provider says by which one they came; the evaluator does not conclude that.
    login_method,
  });
  return { account, person, veiled };
}

/** Whether somebody meets a policy, as the evaluator sees it. */
function meets(estate: Estate, application: Members, policy: Members, identity: Identity): Verdict {
  const { account, logins } = gateIn(application, estate.account);
  return matches(policy, { identity, application, account, decision: "allow", logins }).verdict;
}

const accounts = 250;
const people = 25;

/** Looks at many accounts, each with a crowd of people; with `odd` some groups lead back to themselves or nowhere. */
function crowds(
  odd: boolean,
  look: (holdings: Holdings, application: Members, persons: readonly Identity[], seed: number) => void,
) {
  for (let seed = 1; seed <= accounts; seed += 1) {
    const { account, person } = chance(seed);
    const holdings = account(odd);
    const [application = {}] = holdings.applications ?? [];
    const persons = Array.from({ length: people }, person);
    look(holdings, application, persons, seed);
  }
}

describe("what the order of policies makes unreachable", () => {
  it("is reached by nobody, whatever is known of them", () => {
    let unreachable = 0;
    crowds(true, (holdings, application, persons, seed) => {
      const { veiled } = chance(-seed);
      const gate = gateIn(application, estateOf(inventoryOf(holdings), now).account);
      const named = new Set(findings(holdings, "POL-13").map(({ subject }) => subject.id));
      unreachable += named.size;
      for (const whole of named.size === 0 ? [] : persons) {
        for (const identity of [whole, veiled(whole)]) {
          const reached = pass(identity, gate).trace.filter(
            ({ policy, verdict }) => named.has(String(policy["id"])) && verdict !== false,
          );
          const wrong = identity === whole ? reached : reached.filter(({ verdict }) => verdict === true);
          expect(wrong, `account ${seed}: ${JSON.stringify([holdings, identity])}`).toEqual([]);
        }
      }
    });
    expect(unreachable).toBeGreaterThan(50);
  });

  it("names a block policy that an allow policy has already decided on", () => {
    let late = 0;
    crowds(true, (holdings, application, persons) => {
      const estate = estateOf(inventoryOf(holdings), now);
      const owned = listOf(application["policies"]);
      for (const { subject, mark } of findings(holdings, "POL-14")) {
        late += 1;
        const [block, before] = [subject.id, mark].map((id) => owned.find((policy) => policy["id"] === id));
        expect([block?.["decision"], before?.["decision"]]).toEqual(["deny", "allow"]);
        const blocked = persons.filter((one) => meets(estate, application, block ?? {}, one) === true);
        expect(blocked.filter((one) => meets(estate, application, before ?? {}, one) !== true)).toEqual([]);
      }
    });
    expect(late).toBeGreaterThan(5);
  });
});

it("says only of policies that nobody meets that they never match", () => {
  let dead = 0;
  crowds(true, (holdings, application, persons) => {
    const estate = estateOf(inventoryOf(holdings), now);
    const never = [...findings(holdings, "POL-11"), ...findings(holdings, "POL-12")].map(({ subject }) => subject.id);
    for (const policy of listOf(application["policies"]).filter(({ id }) => never.includes(String(id)))) {
      dead += 1;
      expect(persons.filter((one) => meets(estate, application, policy, one) === true)).toEqual([]);
    }
  });
  expect(dead).toBeGreaterThan(50);
});

describe("a bypass for everybody", () => {
  const office = { ip: { ip: "192.0.2.1/32" } };
  const ada = { email: { email: "ada@example.com" } };
  const found = (rules: Members, groups: readonly Members[] = [], domain = "site.example.com") => {
    const policies = [{ id: "p", reusable: false, decision: "bypass", include: [{ everyone: {} }], ...rules }];
    const account = { applications: [{ id: "site", type: "self_hosted", domain, policies }], groups };
    return [...findings(account, "POL-01"), ...findings(account, "POL-02")].map(
      ({ check, severity, certain, says }) => [check.id, severity, certain, says.split(" passes ")[0]],
    );
  };
  const all = [["POL-01", "critical", true, "anybody on the internet"]];
  const most = [["POL-01", "high", true, "everybody but those excluded"]];
  const place = [["POL-02", "high", true, expect.any(String)]];

  const cases: readonly (readonly [says: string, rules: Members, expected: unknown, groups?: readonly Members[]])[] = [
    ["asks for nothing", {}, all],
    ["requires what everybody meets", { require: [{ everyone: {} }] }, all],
    [
      "requires a group in which everybody is",
      { require: [{ group: { id: "g" } }] },
      all,
      [{ id: "g", include: [office, { everyone: {} }] }],
    ],
    ["excludes people, which does nothing", { exclude: [ada] }, all],
    ["excludes an address", { exclude: [office] }, most],
    [
      "excludes an address by a group",
      { exclude: [{ group: { id: "g" } }] },
      most,
      [{ id: "g", include: [office, ada] }],
    ],
    [
      "requires a group that leaves some out",
      { require: [{ group: { id: "g" } }] },
      most,
      [{ id: "g", include: [{ everyone: {} }], exclude: [office] }],
    ],
    ["excludes everybody", { exclude: [{ everyone: {} }] }, []],
    ["requires a network", { require: [office] }, place],
    [
      "requires a network or a token",
      { require: [{ group: { id: "g" } }] },
      place,
      [{ id: "g", include: [office, { service_token: { token_id: "t" } }] }],
    ],
    ["requires a token", { require: [{ service_token: { token_id: "t" } }] }, []],
    [
      "requires a token or people, who never match",
      { require: [{ group: { id: "g" } }] },
      [],
      [{ id: "g", include: [ada, { any_valid_service_token: {} }] }],
    ],
    ["requires a group that nobody is in", { require: [{ group: { id: "g" } }] }, [], [{ id: "g", include: [] }]],
  ];
  it.each(cases.map(([says, ...facts]) => [says, facts] as const))(
    "that %s is reported once, as bad as it is",
    (_, facts) => {
      const [rules, expected, groups] = facts;
      expect(found(rules, groups)).toEqual(expected);
    },
  );

  it("counts less on a path, whoever is excluded", () => {
    const [path] = found({ exclude: [office] }, [], "site.example.com/hooks");
    expect(path?.slice(0, 2)).toEqual(["POL-01", "medium"]);
  });
});

describe("rules through groups", () => {
  it("are met in one of the ways in which a policy can be met, and in no other", () => {
    let met = 0;
    crowds(false, (holdings, application, persons) => {
      const estate = estateOf(inventoryOf(holdings), now);
      for (const policy of listOf(application["policies"])) {
        const branches = branchesOf(estate, policy).map(({ rule, way }) => ({
          include: [rule.rule],
          require: way.require.map((one) => one.rule),
          exclude: way.exclude.map((one) => one.rule),
        }));
        for (const identity of persons) {
          const verdict = meets(estate, application, policy, identity);
          expect(branches.some((one) => meets(estate, application, one, identity) === true)).toBe(verdict === true);
          met += verdict === true ? 1 : 0;
        }
      }
    });
    expect(met).toBeGreaterThan(1000);
  });

  it.each([saysWho, isPersonal, isSecondFactor])("ensure what everybody who meets a policy meets", (test) => {
    let ensured = 0;
    crowds(true, (holdings, application, persons) => {
      const estate = estateOf(inventoryOf(holdings), now);
      const asked = vocabulary.map((rule) => ({ include: [rule] }));
      for (const policy of listOf(application["policies"])) {
        if (ensuredIn(estate, policy, test) !== true) continue;
        const wanted = asked.filter((one) => ensuredIn(estate, one, test) === true);
        for (const identity of persons.filter((one) => meets(estate, application, policy, one) === true)) {
          ensured += 1;
          expect(wanted.some((one) => meets(estate, application, one, identity) === true)).toBe(true);
        }
      }
    });
    expect(ensured).toBeGreaterThan(20);
  });
});
