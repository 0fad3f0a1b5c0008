import { describe, expect, it } from "vitest";
import { type Severity, severities } from "../../src/audit/check.ts";
import { type Audit, audit } from "../../src/audit/engine.ts";
import { exitCodeOf, isPartial } from "../../src/audit/verdict.ts";
import type { Inventory } from "../../src/inventory/datasets.ts";
import type { DatasetState } from "../../src/inventory/world.ts";

/** An audit with one finding of a severity, or none, where users are in a state, or were not read at all. */
function auditOf(severity: Severity | undefined, users: DatasetState | "absent"): Audit {
  const check = (id: string, reads: "applications" | "users", finds: boolean) => ({
    id,
    title: id,
    severity: severity ?? "info",
    why: "",
    reads: [reads],
    find: () => (finds ? [{ subject: { noun: "application", id: "1" }, says: "it is open" }] : []),
    remedy: "",
    falsePositive: "",
    source: "",
    flagged: [],
    clean: [],
  });
  const inventory: Inventory = {
    applications: { state: "ok", items: [] },
    ...(users !== "absent" && { users: { state: users, items: [] } }),
  };
  const checks = [check("APP-01", "applications", severity !== undefined), check("USR-01", "users", false)];
  return audit(checks, inventory, { account_id: "a", now: 0 });
}

describe("how an audit ends", () => {
  it.each<
    [finding: Severity | undefined, failOn: Severity | undefined, users: DatasetState | "absent", code: 0 | 2 | 7]
  >([
    [undefined, undefined, "ok", 0],
    [undefined, "info", "ok", 0],
    ["critical", undefined, "ok", 0],
    ["critical", "critical", "ok", 2],
    ["critical", "high", "ok", 2],
    ["high", "high", "ok", 2],
    ["medium", "high", "ok", 0],
    ["info", "info", "ok", 2],
    ["info", "low", "ok", 0],
    [undefined, "high", "forbidden", 7],
    [undefined, "high", "failed", 7],
    [undefined, "high", "partial", 7],
    [undefined, "high", "absent", 7],
    [undefined, "high", "not_enabled", 0],
    ["medium", "high", "forbidden", 7],
    ["high", "high", "forbidden", 2],
    ["high", undefined, "partial", 7],
  ])("finding %s, --fail-on %s, users %s: %i", (finding, failOn, users, code) => {
    expect(exitCodeOf(auditOf(finding, users), failOn)).toBe(code);
  });

  it("takes a sample that was meant to be one for the whole", () => {
    const audit = auditOf(undefined, "partial");
    const users = { state: "partial", items: [], bounded: true } as const;
    expect(exitCodeOf({ ...audit, inventory: { ...audit.inventory, users } })).toBe(0);
  });

  it("follows the order of severities", () => {
    for (const [place, limit] of severities.entries()) {
      const codes = severities.map((severity) => exitCodeOf(auditOf(severity, "ok"), limit));
      expect(codes).toEqual(severities.map((_, at) => (at <= place ? 2 : 0)));
    }
  });

  it("knows a part from the whole", () => {
    expect(isPartial(auditOf(undefined, "ok"))).toBe(false);
    expect(isPartial(auditOf(undefined, "partial"))).toBe(true);
  });
});
