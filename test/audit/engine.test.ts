import { describe, expect, it } from "vitest";
import applications from "../../src/access/applications/index.ts";
import type { Check, Found } from "../../src/audit/check.ts";
import { checks } from "../../src/audit/checks/index.ts";
import { audit } from "../../src/audit/engine.ts";
import { type Estate, estateOf, subject } from "../../src/audit/estate.ts";
import type { Members } from "../../src/core/change.ts";
import type { Holdings, Inventory } from "../../src/inventory/datasets.ts";
import { inventoryOf } from "../../src/inventory/holdings.ts";
import { listOf, textsAt } from "../../src/simulator/fields.ts";

const now = Date.parse("2026-11-01T00:00:00Z");
const account_id = "account";

/** Finds each rule of each policy that lets everyone in. */
const everyone: Check = {
  id: "TST-01",
  title: "Everyone",
  severity: "high",
  why: "Everybody gets in.",
  reads: ["policies"],
  also: ["groups"],
  *find(estate) {
    for (const policy of estate.items("policies")) {
      for (const [at, rule] of listOf(policy["include"]).entries()) {
        if ("everyone" in rule) {
          yield {
            subject: subject("policies", policy),
            says: "It lets everyone in",
            field: `include[${at}]`,
            value: rule,
          };
        }
      }
    }
  },
  remedy: "Name people.",
  falsePositive: "It is meant so.",
  source: "own judgement",
  flagged: [],
  clean: [],
};

const saying = (...found: readonly Found[]): Check => ({ ...everyone, find: () => found });

const resultOf = (inventory: Inventory, check: Check = everyone) => {
  const [result] = audit([check], inventory, { account_id, now }).results;
  if (result === undefined) throw new Error("no result");
  return result;
};

const idsIn = (holdings: Holdings, check: Check = everyone) =>
  resultOf(inventoryOf(holdings), check).findings.map(({ id }) => id);

const email = { email: { email: "ada@example.com" } };
const open: Members = { id: "open", name: "Open", include: [{ everyone: {} }] };
const closed: Members = { id: "closed", name: "Closed", include: [email] };

describe("a check", () => {
  it("finds what is wrong, or that nothing is", () => {
    expect(resultOf(inventoryOf({ policies: [open, closed] }))).toEqual({
      check: everyone,
      status: "found",
      findings: [
        {
          id: expect.stringMatching(/^TST-01:[\da-f]{12}$/),
          check: everyone,
          subject: { noun: "reusable policy", id: "open", name: "Open" },
          says: "It lets everyone in",
          field: "include[0]",
          value: { everyone: {} },
          severity: "high",
          certain: true,
        },
      ],
    });
    expect(resultOf(inventoryOf({ policies: [closed] }))).toEqual({ check: everyone, status: "none", findings: [] });
  });

  it.each([
    ["was never read", {}, "reusable policy: not read"],
    [
      "may not be read",
      { policies: { state: "forbidden", items: [], why: "the token may not read it" } },
      "reusable policy: the token may not read it",
    ],
    ["is not turned on", { policies: { state: "not_enabled", items: [] } }, "reusable policy: not read"],
    // What a failed read left behind is not looked at.
    ["failed", { policies: { state: "failed", items: [open] } }, "reusable policy: not read"],
  ] as const)("does not know where what it reads %s", (_, inventory: Inventory, why) => {
    expect(resultOf(inventory)).toEqual({ check: everyone, status: "unknown", why, findings: [] });
  });

  it("finds in a part what is there, and does not know when nothing is", () => {
    const part = (items: readonly Members[]): Inventory => ({
      policies: { state: "partial", items, why: "only 100 of 300 were read" },
    });
    const why = "reusable policy: only 100 of 300 were read";
    expect(resultOf(part([open]))).toMatchObject({ status: "found", why, findings: [{ subject: { id: "open" } }] });
    expect(resultOf(part([closed]))).toEqual({ check: everyone, status: "unknown", why, findings: [] });
  });

  it("does not need what it may do without", () => {
    const inventory: Inventory = {
      policies: { state: "ok", items: [closed] },
      groups: { state: "forbidden", items: [] },
    };
    expect(resultOf(inventory).status).toBe("none");
  });

  it("may say itself why nothing found proves nothing", () => {
    const short: Check = { ...everyone, lacks: (estate: Estate) => (estate.known("groups") ? undefined : "no groups") };
    const groups = { state: "failed", items: [] } as const;
    expect(resultOf({ policies: { state: "ok", items: [closed] }, groups }, short)).toMatchObject({
      status: "unknown",
      why: "no groups",
    });
    expect(resultOf({ policies: { state: "ok", items: [open] }, groups }, short)).toMatchObject({
      status: "found",
      why: "no groups",
    });
    expect(resultOf(inventoryOf({ policies: [closed] }), short)).toEqual({
      check: short,
      status: "none",
      findings: [],
    });
  });
});

describe("the id of a finding", () => {
  const [id] = idsIn({ policies: [open] });

  it("stays when rules move, and when other objects come and go", () => {
    expect(idsIn({ policies: [{ ...open, include: [email, { everyone: {} }] }] })).toEqual([id]);
    expect(idsIn({ policies: [closed, { id: "new", include: [] }, open] })).toEqual([id]);
    expect(idsIn({ policies: [open], groups: [{ id: "group" }] })).toEqual([id]);
  });

  it("stays when the object is renamed, the text is put better or the weight changes", () => {
    expect(idsIn({ policies: [{ ...open, name: "Otherwise" }] })).toEqual([id]);
    const found = { subject: { noun: "reusable policy", id: "open" }, says: "Anybody gets in", field: "include[3]" };
    expect(idsIn({}, { ...saying({ ...found, severity: "low" }), severity: "info" })).toEqual([id]);
  });

  it("is another for another check, kind, object, field and mark", () => {
    const found: Found = {
      subject: { noun: "application", id: "a" },
      says: "Wrong",
      field: "policies[0].id",
      mark: "m",
    };
    const others = [
      idsIn({}, saying(found)),
      idsIn({}, { ...saying(found), id: "TST-02" }),
      idsIn({}, saying({ ...found, subject: { noun: "group", id: "a" } })),
      idsIn({}, saying({ ...found, subject: { noun: "application", id: "b" } })),
      idsIn({}, saying({ ...found, field: "policies[0].name" })),
      idsIn({}, saying({ ...found, mark: "n" })),
      // Nothing runs together: what ends one part does not begin the next.
      idsIn({}, saying({ ...found, field: "policies[0].idm", mark: "" })),
    ].flat();
    expect(new Set(others).size).toBe(others.length);
  });

  it("is another for each of several that are told apart by nothing, and the first keeps its own", () => {
    const twice = { ...open, include: [{ everyone: {} }, email, { everyone: {} }] };
    const ids = idsIn({ policies: [twice] });
    expect(ids).toEqual([id, expect.stringMatching(/^TST-01:[\da-f]{12}$/)]);
    expect(new Set(ids).size).toBe(2);
    expect(idsIn({ policies: [{ ...twice, include: twice.include.toReversed() }] })).toEqual(ids);
  });
});

describe("an audit", () => {
  const found = (id: string, severity?: Found["severity"]): Found => ({
    subject: { noun: "group", id },
    says: "Wrong",
    ...(severity && { severity }),
  });

  it("puts the worst first and leaves the rest in the order of the checks", () => {
    const one: Check = { ...saying(found("a", "info"), found("b"), found("c", "critical")), id: "TST-01" };
    const other: Check = {
      ...saying(found("d"), found("e", "critical"), found("f", "low")),
      id: "TST-02",
      severity: "medium",
    };
    const { findings, results } = audit([one, other], inventoryOf({}), { account_id, now });
    expect(findings.map(({ subject: { id }, severity }) => [id, severity])).toEqual([
      ["c", "critical"],
      ["e", "critical"],
      ["b", "high"],
      ["d", "medium"],
      ["f", "low"],
      ["a", "info"],
    ]);
    expect(results.map(({ check, findings: own }) => [check.id, own.length])).toEqual([
      ["TST-01", 3],
      ["TST-02", 3],
    ]);
  });

  it("says it in the same order, however the account was read", () => {
    const twice = [
      { ...found("a"), mark: "x" },
      { ...found("a"), mark: "y" },
    ];
    const [one, other] = [twice, twice.toReversed()].map((all) => idsIn({}, saying(...all)));
    expect(one).toEqual(other);
  });

  it("says which account it is about, and when, and shows that time to the checks", () => {
    const times: number[] = [];
    const clock: Check = {
      ...everyone,
      find(estate) {
        times.push(estate.now);
        return [];
      },
    };
    const inventory = inventoryOf({});
    expect(audit([clock], inventory, { account_id, now })).toMatchObject({
      account_id,
      taken_at: "2026-11-01T00:00:00.000Z",
      inventory,
      findings: [],
    });
    expect(times).toEqual([now]);
  });

  it("answers unknown for every check of an account of which nothing could be read", () => {
    const { results, findings } = audit(checks, {}, { account_id, now });
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set(["unknown"]));
    expect(findings).toEqual([]);
  });

  it("finds the same things in an account whose lists come in another order", () => {
    for (const check of checks) {
      for (const { account, says, now: at = "2026-11-01T00:00:00Z" } of check.flagged) {
        const turned = Object.fromEntries(Object.entries(account).map(([name, items]) => [name, items.toReversed()]));
        const ids = [account, turned].map((holdings) =>
          audit([check], inventoryOf(holdings), { account_id, now: Date.parse(at) })
            .findings.map(({ id }) => id)
            .sort(),
        );
        expect(ids[1], `${check.id}: ${says}`).toEqual(ids[0]);
      }
    }
  });
});

describe("an estate", () => {
  const inventory: Inventory = {
    applications: { state: "ok", items: [{ id: "wiki", tags: ["a"] }] },
    tags: { state: "partial", items: [{ name: "a" }] },
    groups: { state: "forbidden", items: [] },
  };
  const estate = estateOf(inventory, now);

  it("tells a list that is whole from one that is not", () => {
    expect(estate.known("applications")).toEqual([{ id: "wiki", tags: ["a"] }]);
    expect([estate.known("tags"), estate.known("groups"), estate.known("policies")]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect([estate.items("tags"), estate.items("groups"), estate.items("policies")]).toEqual([[{ name: "a" }], [], []]);
  });

  it("finds objects by what identifies them in their room", () => {
    expect(estate.find("applications", "wiki")).toMatchObject({ id: "wiki" });
    expect(estate.find("tags", "a")).toEqual({ name: "a" });
    expect(estate.find("tags", "b")).toBeUndefined();
    expect(estate.find("policies", "a")).toBeUndefined();
  });

  it("shows the evaluator only what is known whole", () => {
    expect(estate.account.find(applications, "wiki")).toMatchObject({ id: "wiki" });
    expect(estate.account.all(applications)).toHaveLength(1);
  });

  it("makes an index once", () => {
    let made = 0;
    const index = (one: Estate) => {
      made += 1;
      return textsAt(one.items("applications"), "id");
    };
    expect(estate.once(index)).toBe(estate.once(index));
    expect(made).toBe(1);
  });
});
