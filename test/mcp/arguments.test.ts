import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { access } from "../../src/access/index.ts";
import { parseArguments } from "../../src/mcp/arguments.ts";
import { entryOf } from "../support/calls.ts";
import { exampleOf } from "../support/examples.ts";
import { refusalOf } from "../support/refusals.ts";

const problem = (name: string, given: Record<string, unknown>, pinned = true): string => {
  const { facts, message } = refusalOf(entryOf(name), given, pinned);
  expect(facts).toMatchObject({ kind: "input", outcome: "not_sent" });
  return message;
};

const domain = { email_domain: { domain: "example.com" } };

describe("unknown keys", () => {
  it("names the nearest field at every depth", () => {
    expect(problem("create_group", { name: "g", include: [{ emal_domain: { domain: "x.com" } }] })).toContain(
      'include[0].emal_domain: not a field — did you mean "email_domain"?',
    );
    expect(problem("create_group", { name: "g", inclde: [domain] })).toContain('did you mean "include"?');
    expect(problem("create_group", { name: "g", include: [{ email_domain: { domian: "x.com" } }] })).toContain(
      'include[0].email_domain.domian: not a field — did you mean "domain"?',
    );
    expect(problem("list_groups", { limt: 5 })).toContain('did you mean "limit"?');
  });

  it("says which kind of application has the field", () => {
    const text = problem("create_application", { type: "bookmark", name: "b", domain: "x.example.com", saas_app: {} });
    expect(text).toContain("saas_app: not a field of type bookmark");
    expect(text).toContain("belongs to saas");
  });

  it("says which field a kind of application misses", () => {
    expect(problem("create_application", { type: "self_hosted", name: "x" })).toMatch(/domain: needed/);
    expect(problem("create_application", { type: "infrastructure", name: "x" })).toMatch(/target_criteria: required/);
    expect(problem("create_application", { name: "x" })).toMatch(/type: /);
  });

  it("does not take a prototype for a key", () => {
    const given = JSON.parse('{"name":"g","include":[{"email_domain":{"domain":"x.com","__proto__":{"a":1}}}]}');
    expect(problem("create_group", given)).toContain("__proto__");
    expect(({} as { a?: number }).a).toBeUndefined();
  });

  it("has exactly one selector in a rule", () => {
    expect(problem("create_group", { name: "g", include: [{ ...domain, everyone: {} }] })).toMatch(
      /exactly one selector, this one has 2 \(email_domain, everyone\)/,
    );
    expect(problem("create_group", { name: "g", include: [{}] })).toMatch(/exactly one selector/);
    expect(problem("create_group", { name: "g", include: [] })).toMatch(/at least one rule/);
  });
});

describe("values that arrive as JSON text", () => {
  it("are unwrapped where the model wants something else", () => {
    const { input, view } = parseArguments(
      entryOf("create_group"),
      { name: "g", include: JSON.stringify([domain]), is_default: "true" },
      true,
    );
    expect(input).toEqual({ name: "g", include: [domain], is_default: true });
    expect(view).toEqual({});
  });

  it("are unwrapped in the middle of a value", () => {
    const { input } = parseArguments(entryOf("create_group"), { name: "g", include: [JSON.stringify(domain)] }, true);
    expect(input["include"]).toEqual([domain]);
  });

  it("stay text where the model wants text", () => {
    expect(parseArguments(entryOf("create_tag"), { name: "123" }, true).input).toEqual({ name: "123" });
    expect(parseArguments(entryOf("create_tag"), { name: '{"a":1}' }, true).input).toEqual({ name: '{"a":1}' });
  });

  it("count for the view of a list", () => {
    const { view } = parseArguments(entryOf("list_groups"), { limit: "5", all: "true", fields: '["id","name"]' }, true);
    expect(view).toEqual({ limit: 5, all: true, fields: ["id", "name"] });
    expect(parseArguments(entryOf("list_groups"), { fields: "id, name" }, true).view).toEqual({
      fields: ["id", "name"],
    });
  });

  it("never changes what a JSON client sends for the same thing", () => {
    const writes = access.filter((entry) => entry.effect !== "read");
    fc.assert(
      fc.property(fc.constantFrom(...writes), fc.integer(), (entry, seed) => {
        const good = exampleOf(entry, "full");
        const wrapped = Object.fromEntries(
          Object.entries(good).map(([key, value], index) => [
            key,
            typeof value !== "string" && (seed >> index) % 2 === 0 ? JSON.stringify(value) : value,
          ]),
        );
        expect(parseArguments(entry, wrapped, true).input).toEqual(parseArguments(entry, good, true).input);
      }),
      { numRuns: 300 },
    );
  });
});

describe("scope and view", () => {
  it("takes an account only when none is pinned", () => {
    expect(parseArguments(entryOf("list_groups"), { account_id: "abc123" }, false).scope).toEqual({
      account_id: "abc123",
    });
    expect(problem("list_groups", { account_id: "abc123" }, true)).toContain("account_id");
  });

  it("takes a zone where the API has zones", () => {
    expect(parseArguments(entryOf("list_groups"), { zone_id: "z1" }, true).scope).toEqual({ zone_id: "z1" });
    expect(problem("list_tags", { zone_id: "z1" }, true)).toContain("zone_id");
    expect(problem("list_groups", { zone_id: "z1", account_id: "a1" }, false)).toContain("not both");
    expect(problem("list_groups", { zone_id: "../x" })).toContain("zone_id");
  });

  it("checks limit, cursor, all and fields", () => {
    for (const given of [
      { limit: 0 },
      { limit: 1001 },
      { limit: 1.5 },
      { limit: "x" },
      { all: "yes" },
      { cursor: 5 },
      { fields: [1] },
    ]) {
      expect(problem("list_groups", given)).toContain(Object.keys(given)[0]);
    }
  });
});

it("gives a model's own checks a path and an expectation", () => {
  expect(problem("get_group", { group_id: ".." })).toMatch(/group_id: an id/);
  expect(problem("get_group", {})).toMatch(/group_id: required/);
  expect(problem("create_service_token", { name: "t", duration: "soon" })).toMatch(/duration: a duration like/);
});

it("keeps a refusal of many mistakes short", () => {
  const targets = Array.from({ length: 300 }, () => ({ hostnam: "h", ip: { ipv4: { ip_addr: "10.0.0.1" } } }));
  const { message, facts } = refusalOf(entryOf("create_targets"), { targets });
  expect(JSON.stringify([message, facts]).length).toBeLessThan(8_000);
  expect(facts.issues?.at(-1)).toMatch(/^and \d+ more$/);
});

it("says of a field that answers show that it cannot be set", () => {
  const { facts } = refusalOf(entryOf("create_group"), { name: "g", include: [domain], created_at: "2026" });
  expect(facts.issues).toEqual(["created_at: answers show it, but it cannot be set; leave it out"]);
});
