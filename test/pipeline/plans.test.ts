import { describe, expect, it } from "vitest";
import type { Members } from "../../src/core/change.ts";
import { type PlanServer, planServer, type Said, writesOf } from "../support/plans.ts";

const rule = { email: { email: "ada@example.com" } };
const group = (name: string, include: readonly unknown[] = [rule]) => ({
  operation: "create_group",
  arguments: { name, include },
});
const policy = (name: string, ...include: unknown[]) => ({
  operation: "create_policy",
  arguments: { name, decision: "allow", include },
});
const update = (kind: string, id: unknown, patch: Members) => ({
  operation: `update_${kind}`,
  arguments: { [`${kind}_id`]: id, ...patch },
});
const remove = (kind: string, id: unknown) => ({ operation: `delete_${kind}`, arguments: { [`${kind}_id`]: id } });

const issuesOf = ({ content }: Said) => content["issues"] as readonly string[];

describe("a plan that is refused sends nothing and names each step that is wrong", () => {
  const nested = (depth: number): unknown => (depth === 0 ? rule : [nested(depth - 1)]);
  const ways: readonly [string, readonly unknown[], readonly RegExp[]][] = [
    ["no step at all", [], [/^changes: /]],
    ["101 steps", Array.from({ length: 101 }, (_, at) => group(`G${at}`)), [/^changes: /]],
    ["a step that is no object", ["create_group"], [/^changes\[0\]/]],
    ["an argument of its own that nobody knows", [{ ...group("A"), undo: true }], [/^changes\[0\]\.undo: /]],
    [
      "an operation that is none",
      [group("A"), { operation: "create_grup", arguments: {} }],
      [/^step 2: .*create_group/],
    ],
    ["a reading", [{ operation: "list_groups" }], [/^step 1: list_groups only reads/]],
    [
      "a plan in a plan",
      [{ operation: "plan_changes", arguments: { changes: [group("A")] } }],
      [/^step 1: .*cannot be a step/],
    ],
    [
      "an undo",
      [{ operation: "undo_change", arguments: { change_id: "chg_0123456789" } }],
      [/^step 1: .*cannot be a step/],
    ],
    [
      "wrong arguments in several steps",
      [
        group("A"),
        group("B", [{ email: {} }]),
        { operation: "create_group", arguments: { nam: "C", include: [rule] } },
      ],
      [/^step 2: include\[0\]\.email\.email: required/, /^step 3: name: required/, /^step 3: nam: not a field .*name/],
    ],
    ["an update of nothing", [update("group", "g", {})], [/^step 1: give at least one field/]],
    [
      "what belongs to the plan",
      [{ ...group("A"), arguments: { ...group("A").arguments, dry_run: true } }],
      [/^step 1: dry_run: /],
    ],
    [
      "an answer that comes later",
      [update("group", "$2.id", { name: "B" }), group("A")],
      [/^step 1: "\$2\.id" names no earlier/],
    ],
    ["its own answer", [update("group", "$1.id", { name: "B" })], [/^step 1: "\$1\.id" names no earlier/]],
    [
      "each other's answers",
      [update("group", "$2.id", { name: "$2.name" }), update("group", "$1.id", { name: "B" })],
      [/^step 1/, /^step 1/],
    ],
    [
      "the answer of no step",
      [group("A"), policy("P", { group: { id: "$0.id" } }), policy("P", { group: { id: "$77.id" } })],
      [/^step 2/, /^step 3/],
    ],
    [
      "what an answer has not",
      [group("A"), policy("P", { group: { id: "$1.client_id" } })],
      [/^step 2: .*has no client_id/],
    ],
    [
      "a secret of an answer",
      [{ operation: "create_service_token", arguments: { name: "T" } }, group("$1.client_secret")],
      [/^step 2: .*a secret does not leave/],
    ],
    ["what is nested without end", [group("A", [nested(200)])], [/^step 1: .*nested more than/]],
  ];

  it.each(ways)("%s", async (_, changes, expected) => {
    const server = planServer();
    const said = await server.plan(changes);
    expect(said).toMatchObject({ isError: true, content: { outcome: "not_sent" } });
    expect(issuesOf(said)).toHaveLength(expected.length);
    for (const [at, pattern] of expected.entries()) expect(issuesOf(said)[at]).toMatch(pattern);
    expect(writesOf(server)).toEqual([]);
  });

  it.each([
    [{}, /changes/],
    [{ changes: [group("A")], resume: "pln_0123456789" }, /not together with resume/],
    [{ resume: "pln_../../etc" }, /an id like pln_/],
    [{ resume: "pln_0123456789abcdef" }, /there is no plan/],
  ])("arguments %#", async (given, expected) => {
    const said = await planServer().tool("plan_changes", given);
    expect(said.isError).toBe(true);
    expect(said.content["message"]).toMatch(expected);
  });

  it("members that programs trip over", async () => {
    const server = planServer();
    for (const text of [
      '{"operation":"create_group","arguments":{"__proto__":{"include":[]},"name":"A"}}',
      '{"operation":"__proto__","arguments":{}}',
      '{"operation":"create_group","arguments":{"name":"A","include":[{"__proto__":{"email":{}}}]}}',
      '{"operation":"constructor"}',
    ]) {
      expect((await server.plan([JSON.parse(text)])).isError, text).toBe(true);
    }
    const path = await server.plan([group("A"), policy("P", { group: { id: "$1.__proto__" } })]);
    expect(issuesOf(path)).toEqual([expect.stringContaining("has no __proto__")]);
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(writesOf(server)).toEqual([]);
  });
});

describe("what is out of reach alone is out of reach in a plan", () => {
  it("by --exclude-tools", async () => {
    const server = planServer({}, {}, { excludeTools: ["delete_*"] });
    const said = await server.plan([group("A"), remove("group", "$1.id")]);
    expect(said).toMatchObject({ isError: true, content: { outcome: "not_sent" } });
    expect(issuesOf(said)).toEqual([expect.stringMatching(/^step 2: delete_group is refused: the operator/)]);
  });

  it("by --read-only, at the tools and behind them", async () => {
    const tools = await planServer({}, {}, { readOnly: true }).plan([group("A")]);
    expect(tools.content["message"]).toMatch(/plan_changes is refused: this server is read-only/);
    const server = planServer({ "read-only": "true" });
    expect((await server.plan([group("A")])).content["message"]).toMatch(/step 1: create_group is refused.*read-only/);
    expect(writesOf(server)).toEqual([]);
  });

  it("by the operator's rules, whatever anybody confirms, and it is journalled", async () => {
    const server = planServer({}, { rules: { forbid: { operations: ["delete_group"], shapes: ["everyone"] } } });
    const said = await server.plan([group("A"), remove("group", "$1.id"), policy("P", { everyone: {} })]);
    expect(said.content).toMatchObject({ kind: "refused", outcome: "not_sent" });
    expect(issuesOf(said)).toEqual([
      expect.stringMatching(/^step 2: .*rule forbid\.operations/),
      expect.stringMatching(/^step 3: .*rule forbid\.shapes/),
    ]);
    const { items } = (await server.tool("list_changes", {})).content as { items: readonly Members[] };
    expect(items).toEqual([expect.objectContaining({ operation: "plan_changes", status: "refused" })]);
    const shown = await server.plan([group("A"), remove("group", "$1.id")], { dry_run: true });
    expect(shown.content).toMatchObject({ status: "planned", would_be_refused: [expect.stringMatching(/^step 2: /)] });
    expect(shown.content["ticket"]).toBeUndefined();
  });

  it("by how much may be written, counted for the whole plan before its first step", async () => {
    const rules = planServer({}, { rules: { maximum: { writes: { per_hour: 2 } } } });
    const over = await rules.plan([group("A"), group("B"), group("C")]);
    expect(issuesOf(over)).toEqual([expect.stringMatching(/^step 3: .*maximum\.writes/)]);
    const budget = planServer({ "max-writes": "3" });
    const beyond = await budget.plan([group("A"), group("B"), group("C"), group("D")]);
    expect(beyond.content["message"]).toMatch(/plan_changes is refused: 0 of 3 writes/);
    expect((await budget.plan([group("A"), group("B")])).content["status"]).toBe("done");
    expect((await budget.plan([group("C"), group("D")])).content["message"]).toMatch(/2 of 3 writes/);
    expect([...writesOf(rules), ...writesOf(budget)]).toHaveLength(2);
  });
});

describe("a rehearsal", () => {
  it("sees what earlier steps create, change and delete", async () => {
    const server = planServer();
    const said = await server.plan(
      [
        group("New"),
        update("group", "$1.id", { name: "Newer" }),
        policy("Uses it", { group: { id: "$1.id" } }),
        update("policy", "$3.id", { exclude: [{ group: { id: "$1.id" } }] }),
        remove("policy", "$3.id"),
      ],
      { dry_run: true },
    );
    const steps = said.content["steps"] as readonly Members[];
    expect(steps.map(({ summary }) => summary)).toEqual([
      expect.stringMatching(/^Create group "New"/),
      expect.stringMatching(/^Change group "New"/),
      expect.stringMatching(/^Create reusable policy "Uses it"/),
      expect.stringMatching(/^Change reusable policy "Uses it"/),
      expect.stringMatching(/^Delete reusable policy "Uses it"/),
    ]);
    expect(steps[1]).toMatchObject({
      changes: [{ path: "name", before: "New", after: "Newer" }],
      request: {
        method: "PUT",
        path: expect.stringMatching(/groups\/\$1\.id$/),
        body: { name: "Newer", include: [rule] },
      },
    });
    expect(JSON.stringify(said.content)).not.toContain("00000000-0000-4000");
    expect(writesOf(server)).toEqual([]);
  });

  it("refuses a step on what an earlier one deletes", async () => {
    const server = planServer();
    const id = await server.idOf("groups", "Project Kestrel");
    const said = await server.plan([remove("group", id), update("group", id, { name: "Again" })]);
    expect(issuesOf(said)).toEqual([expect.stringMatching(/^step 2: .*deleted by an earlier step/)]);
  });

  it("widens as soon as one step does, and asks one question with one ticket", async () => {
    const server = planServer();
    const employees = await server.idOf("policies", "Employees");
    const said = await server.plan([group("A"), update("policy", employees, { include: [{ everyone: {} }] })], {
      reason: "a test",
    });
    expect(said.content).toMatchObject({
      status: "needs_confirmation",
      summary: "2 changes as one: lets more in",
      access: { direction: "widen", reasons: [{ direction: "widen", text: expect.stringMatching(/^step 2: /) }] },
      risks: [expect.stringMatching(/^step 2: /)],
      ticket: expect.any(String),
    });
    expect(JSON.stringify(said.content).match(/"ticket"/g)).toHaveLength(1);
    expect(writesOf(server)).toEqual([]);
  });

  it("knows the order in which references between steps hold", async () => {
    const server = planServer();
    const wiki = await server.idOf("apps", "Wiki");
    const said = await server.plan(
      [
        policy("Visitors", rule),
        { operation: "update_application", arguments: { app_id: wiki, policies: [{ id: "$1.id", precedence: 1 }] } },
        remove("policy", "$1.id"),
      ],
      { dry_run: true },
    );
    const [, , last] = said.content["steps"] as readonly Members[];
    expect(JSON.stringify(last)).toContain("Wiki");
  });
});

describe("the guard", () => {
  const ines = { email: { email: "ines.okafor@quillon.example.com" } };
  const own = (name: string, precedence: number) => ({ name, decision: "allow", precedence, include: [ines] });

  /** A guarded application that lets somebody in by policies of its own. */
  async function vault(...policies: string[]) {
    const server = planServer({ guard: "ines.okafor@quillon.example.com,app:Vault", confirm: "never" });
    const { result } = await server.call("create_application", {
      type: "self_hosted",
      name: "Vault",
      domain: "vault.example.com",
      policies: policies.map((name, at) => own(name, at + 1)),
    });
    const made = result as { readonly id: string; readonly policies: readonly Members[] };
    const removals = made.policies.map(({ id }) => ({
      operation: "delete_application_policy",
      arguments: { app_id: made.id, policy_id: id },
    }));
    const addition = {
      operation: "create_application_policy",
      arguments: { app_id: made.id, ...own("Fresh", 9) },
    };
    return { server, removals, addition, before: writesOf(server).length };
  }

  it("refuses two steps that lock somebody out only together", async () => {
    const { server, removals, before } = await vault("One", "Other");
    for (const alone of removals) {
      expect((await server.plan([alone], { dry_run: true })).content["would_be_refused"]).toBeUndefined();
    }
    for (const both of [removals, removals.toReversed()]) {
      const said = await server.plan(both);
      expect(said.content).toMatchObject({ kind: "refused", outcome: "not_sent" });
      expect(said.content["message"]).toMatch(/step 2: .*the guard keeps/);
    }
    expect(writesOf(server)).toHaveLength(before);
  });

  it("lets in first where taking away first would lock somebody out", async () => {
    const { server, removals, addition, before } = await vault("Only");
    expect((await server.plan(removals)).content["message"]).toMatch(/the guard keeps/);
    const said = await server.plan([...removals, addition], { dry_run: true });
    expect(said.content["would_be_refused"]).toBeUndefined();
    expect((said.content["steps"] as readonly Members[]).map(({ step }) => step)).toEqual([2, 1]);
    expect(said.content["_notes"]).toContainEqual(expect.stringMatching(/^The order is 2, 1/));
    expect((await server.plan([...removals, addition])).content["status"]).toBe("done");
    expect(
      writesOf(server)
        .slice(before)
        .map(({ method }) => method),
    ).toEqual(["POST", "DELETE"]);
  });

  it("refuses what no order makes safe", async () => {
    const { server, removals, addition, before } = await vault("Only");
    const emptied = { operation: "update_application", arguments: { app_id: addition.arguments.app_id, policies: [] } };
    const said = await server.plan([emptied, { ...addition, arguments: { ...addition.arguments, include: [rule] } }]);
    expect(said.content["message"]).toMatch(/step 1: .*the guard keeps/);
    expect((await server.plan([...removals, addition, emptied])).isError).toBe(true);
    expect(writesOf(server)).toHaveLength(before);
  });
});

describe("a ticket for a plan", () => {
  const changes = async (server: PlanServer) => [
    remove("group", await server.idOf("groups", "Project Kestrel")),
    remove("group", await server.idOf("groups", "Old VPN users")),
  ];

  it("is good for this list alone, once", async () => {
    const server = planServer();
    const list = await changes(server);
    const first = await server.plan(list);
    const ticket = String(first.content["ticket"]);
    const other = await server.plan(list.toReversed());
    const mutated = `${ticket.slice(0, 50)}${ticket[50] === "A" ? "B" : "A"}${ticket.slice(51)}`;
    for (const [given, wrong] of [
      [list.slice(0, 1), ticket],
      [[...list, group("X")], ticket],
      [list.toReversed(), ticket],
      [list, other.content["ticket"]],
      [list, mutated],
    ] as const) {
      expect(await server.plan(given, { ticket: wrong })).toMatchObject({
        isError: true,
        content: { outcome: "not_sent" },
      });
    }
    expect(writesOf(server)).toEqual([]);
    expect((await server.plan(list, { ticket })).content["status"]).toBe("done");
    expect((await server.plan([group("A")], { ticket })).isError).toBe(true);
    expect(writesOf(server)).toHaveLength(2);
  });

  it("ends with a change of any object in it", async () => {
    const server = planServer();
    const list = await changes(server);
    const { content } = await server.plan(list);
    await server.call("update_group", { group_id: list[1]?.arguments["group_id"], name: "Renamed meanwhile" });
    const said = await server.plan(list, { ticket: content["ticket"] });
    expect(said.content).toMatchObject({
      kind: "conflict",
      theirs: [expect.objectContaining({ path: "2.name", after: "Renamed meanwhile" })],
    });
    expect(writesOf(server)).toHaveLength(1);
  });

  it("comes of one question where a person can be asked, and a no is kept to", async () => {
    const server = planServer();
    const list = await changes(server);
    const caller = { principal: "local", canAsk: true };
    const asked = await server.plan(list, {}, { caller });
    expect(asked.pending).toBe(true);
    const ticket = String(asked.content["ticket"]);
    expect((await server.plan(list, { ticket }, { caller })).content["status"]).toBe("needs_confirmation");
    const no = await server.plan(list, {}, { caller, answer: { ticket, yes: false } });
    expect(no.content["status"]).toBe("declined");
    expect((await server.plan(list, {}, { caller, answer: { ticket, yes: true } })).isError).toBe(true);
    expect(writesOf(server)).toEqual([]);
    const again = await server.plan(list, {}, { caller });
    const yes = await server.plan(list, {}, { caller, answer: { ticket: String(again.content["ticket"]), yes: true } });
    expect(yes.content["status"]).toBe("done");
  });
});
