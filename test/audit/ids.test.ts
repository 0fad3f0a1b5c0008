import { describe, expect, it } from "vitest";
import type { Check, Example } from "../../src/audit/check.ts";
import { checks } from "../../src/audit/checks/index.ts";
import { audit, type Finding } from "../../src/audit/engine.ts";
import type { Members } from "../../src/core/change.ts";
import type { Holdings } from "../../src/inventory/datasets.ts";
import { inventoryOf } from "../../src/inventory/holdings.ts";
import { listOf } from "../../src/simulator/fields.ts";

const findings = (check: Check, account: Holdings, { now = "2026-11-01T00:00:00Z" }: Partial<Example> = {}) =>
  audit([check], inventoryOf(account), { account_id: "account", now: Date.parse(now) }).findings;

const idsOf = (found: readonly Finding[]) => found.map(({ id }) => id);

/** A policy or group with one of its rules a second time. */
const withTwice = (holder: Members, place: string, at: number): Members => {
  const rules = listOf(holder[place]);
  return { ...holder, [place]: [...rules, ...rules.slice(at, at + 1)] };
};

/** The account in which the policy or group of a finding has the rule at fault twice; none where it is about no rule. */
function doubled(account: Holdings, { subject, field = "", first = field }: Finding): Holdings | undefined {
  const [, place, at] = /^(include|require|exclude)\[(\d+)\]$/.exec(first) ?? [];
  if (place === undefined) return undefined;
  const changed = (item: Members): Members => (item["id"] === subject.id ? withTwice(item, place, Number(at)) : item);
  const inside = ({ policies, ...application }: Members): Members => ({
    ...application,
    ...(Array.isArray(policies) && {
      policies: policies.map((one: unknown) => (typeof one === "string" ? one : changed(one as Members))),
    }),
  });
  return {
    ...account,
    ...(account.applications && { applications: account.applications.map(inside) }),
    ...(account.policies && { policies: account.policies.map(changed) }),
    ...(account.groups && { groups: account.groups.map(changed) }),
  };
}

const aboutRules = checks.filter((check) =>
  check.flagged.some((example) =>
    findings(check, example.account, example).some((found) => doubled(example.account, found)),
  ),
);

it("is about rules in many checks", () => {
  expect(aboutRules.length).toBeGreaterThan(15);
});

describe.each(aboutRules.map((check) => [check.id, check] as const))("the id of a finding of %s", (_, check) => {
  it("stays when the same rule is there once more", () => {
    for (const example of check.flagged) {
      const before = findings(check, example.account, example);
      for (const found of before) {
        const account = doubled(example.account, found);
        if (account === undefined) continue;
        expect(idsOf(findings(check, account, example)), example.says).toEqual(expect.arrayContaining(idsOf(before)));
      }
    }
  });
});

it("is the same for one network and for two, which shows both", () => {
  const [check] = checks.filter(({ id }) => id === "POL-03");
  if (check === undefined) throw new Error("no POL-03");
  const networks = ["203.0.113.0/24", "198.51.100.0/24"].map((ip) => ({ ip: { ip } }));
  const policy = (include: readonly Members[]) => ({
    policies: [{ id: "lockers", decision: "non_identity", include }],
  });
  const [one, two] = [networks.slice(0, 1), networks].map((include) => findings(check, policy(include)));
  expect(idsOf(two ?? [])).toEqual(idsOf(one ?? []));
  expect(one).toMatchObject([{ field: "include[0]", value: networks[0] }]);
  expect(two).toMatchObject([{ field: "include", value: networks }]);
});
