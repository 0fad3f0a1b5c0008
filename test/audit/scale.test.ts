import { beforeAll, describe, expect, it } from "vitest";
import { checks } from "../../src/audit/checks/index.ts";
import { audit } from "../../src/audit/engine.ts";
import { estateOf } from "../../src/audit/estate.ts";
import type { Members } from "../../src/core/change.ts";
import { inventoryOf } from "../../src/inventory/holdings.ts";
import { bigAccount } from "../support/big-account.ts";
import { lookedAt } from "../support/big-company.ts";

/** What stands for an object and everything in it, and counts each look at one of its members. */
function watched(counter: { looks: number }): <Value>(value: Value) => Value {
  const known = new WeakMap<object, object>();
  const watch = <Value>(value: Value): Value => {
    if (typeof value !== "object" || value === null) return value;
    const proxy =
      known.get(value) ??
      new Proxy(value, {
        get(target, key) {
          counter.looks++;
          return watch(Reflect.get(target, key) as unknown);
        },
      });
    known.set(value, proxy);
    return proxy as Value;
  };
  return watch;
}

/** How often each check looks at an account of some scale; what several share counts for the first of them. */
function looksAt(scale: number): ReadonlyMap<string, number> {
  const counter = { looks: 0 };
  const watch = watched(counter);
  const inventory = inventoryOf(bigAccount(scale));
  const seen = Object.entries(inventory).map(([name, { state, items }]) => {
    return [name, { state, items: items.map((item: Members) => watch(item)) }] as const;
  });
  const estate = estateOf(Object.fromEntries(seen), lookedAt);
  return new Map(
    checks.map((check) => {
      const before = counter.looks;
      for (const _ of check.find(estate));
      return [check.id, counter.looks - before];
    }),
  );
}

describe("an account of 500 applications, 2,000 policies, 200 groups and 2,000 users", () => {
  const inventory = inventoryOf(bigAccount(1));

  it("has as many", () => {
    const { applications, policies, groups, users } = inventory;
    expect([applications, policies, groups, users].map((dataset) => dataset?.items.length)).toEqual([
      500, 2000, 200, 2000,
    ]);
  });

  it("is the same each time", () => {
    expect(bigAccount(0.1)).toEqual(bigAccount(0.1));
    expect(bigAccount(0.1, "another")).not.toEqual(bigAccount(0.1));
  });

  it("is audited by every check, with findings of most families", () => {
    const { results, findings } = audit(checks, inventory, { account_id: "account", now: lookedAt });
    expect(results.filter(({ status }) => status === "unknown").map(({ check }) => check.id)).toEqual([]);
    const families = new Set(findings.map(({ check }) => check.id.slice(0, 3)));
    expect([...families].sort()).toEqual(["APP", "CRT", "GRP", "IDP", "MCP", "ORG", "POL", "SCM", "TGT", "TOK", "USR"]);
    expect(new Set(findings.map(({ id }) => id)).size).toBe(findings.length);
  });
});

describe("how much more there is to look at in an account four times as large", () => {
  const looks = { small: new Map<string, number>(), large: new Map<string, number>() };

  beforeAll(() => {
    Object.assign(looks, { small: looksAt(0.25), large: looksAt(1) });
  });

  // Looking at each thing beside each other one would be sixteen times as much.
  it.each(checks.map(({ id }) => id))("%s", (id) => {
    const [small = 0, large = 0] = [looks.small.get(id), looks.large.get(id)];
    expect(large).toBeLessThanOrEqual(8 * small + 2000);
  });
});
