import { describe, expect, it } from "vitest";
import type { Outcome } from "../../src/core/call.ts";
import type { Members } from "../../src/core/change.ts";
import { createSandbox } from "../../src/sandbox/index.ts";
import { failureOf } from "../support/calls.ts";
import { planServer } from "../support/plans.ts";
import { type SafeServer, safeServer } from "../support/safe.ts";

interface Told extends Members {
  readonly items: readonly (Members & { readonly id: string; readonly object: Members })[];
}

const told = ({ result }: Outcome): Told => result as Told;
const everything = { view: { all: true } };

const findingOf = async (server: SafeServer, check: string, name?: string) => {
  const { items } = told(await server.call("audit_account", { family: check.split("-")[0] }, {}, everything));
  const found = items.find(({ id, object }) => id.startsWith(check) && (name === undefined || object["name"] === name));
  if (found === undefined) throw new Error(`${check} finds nothing`);
  return found;
};

describe("audit_account", () => {
  it("says the verdict, the counts and the worst ten, and goes on from there", async () => {
    const server = safeServer();
    const first = told(await server.call("audit_account"));
    expect(first["verdict"]).toMatch(/^\d+ critical, \d+ high.* by \d+ of 91 checks/);
    expect(first.items).toHaveLength(10);
    const ranks = ["critical", "high", "medium", "low", "info"];
    const places = first.items.map(({ severity }) => ranks.indexOf(String(severity)));
    expect(places).toEqual(places.toSorted());
    const ids = first.items.map(({ id }) => id);
    for (let cursor = first["next_cursor"]; typeof cursor === "string"; ) {
      const more = told(await server.call("audit_account", {}, {}, { view: { cursor, limit: 1000 } }));
      ids.push(...more.items.map(({ id }) => id));
      cursor = more["next_cursor"];
    }
    expect(new Set(ids).size).toBe(first["total"]);
    expect(Object.values(first["counts"] as Record<string, number>).reduce((sum, count) => sum + count)).toBe(
      ids.length,
    );
  });

  it("shows first what is worst of different kinds", async () => {
    const { items } = told(await safeServer().call("audit_account"));
    const kinds = new Set(items.map(({ id }) => id.split(":")[0]));
    expect(kinds.size).toBeGreaterThan(5);
  });

  it("keeps to severity, family, application and tag", async () => {
    const server = safeServer();
    const only = async (input: Record<string, unknown>) =>
      told(await server.call("audit_account", input, {}, everything));
    const bad = await only({ severity: "high" });
    expect(new Set(bad.items.map(({ severity }) => severity))).toEqual(new Set(["critical", "high"]));
    const tokens = await only({ family: "TOK" });
    expect(tokens.items.every(({ id }) => id.startsWith("TOK-"))).toBe(true);
    expect(tokens["verdict"]).toMatch(/by 6 of 6 checks$/);
    const wiki = await only({ application: "Wiki attachments" });
    expect(wiki.items.map(({ id }) => id.split(":")[0])).toContain("POL-01");
    const finance = await only({ tag: "finance" });
    expect(finance.items.length).toBeGreaterThan(0);
    expect(finance.items.length).toBeLessThan(Number((await only({}))["total"]));
  });

  it("refuses an application or tag that there is not, since nothing found would read as nothing wrong", async () => {
    const server = safeServer();
    expect(await failureOf(server.call("audit_account", { application: "Wikki" }))).toMatchObject({
      message: expect.stringMatching(/did you mean "Wiki"/),
    });
    expect(await failureOf(server.call("audit_account", { tag: "finanse" }))).toMatchObject({
      message: expect.stringMatching(/did you mean "finance"/),
    });
  });

  it("answers unknown for what it may not read, and says what", async () => {
    const sandbox = createSandbox({
      rateLimit: { limit: 1e9, window: 1 },
      tokens: { blind: ["Access: Apps and Policies Read"] },
    });
    const server = safeServer({}, { sandbox: { ...sandbox, token: "blind" } });
    const audit = told(await server.call("audit_account", { family: "TOK" }));
    expect(audit.items).toEqual([]);
    expect(audit["verdict"]).toBe("nothing wrong found, by 0 of 6 checks; 6 checks could not be answered");
    expect(audit["not_read_whole"]).toEqual(
      expect.arrayContaining([expect.objectContaining({ dataset: "service token", state: "forbidden" })]),
    );
  });

  it("works on a snapshot alone, and finds the same", async () => {
    const server = safeServer();
    await server.call("export_snapshot", { name: "kept" });
    const live = told(await server.call("audit_account", {}, {}, everything));
    const before = server.sandbox.requests.length;
    const kept = told(await server.call("audit_account", { snapshot: "kept" }, {}, everything));
    expect(server.sandbox.requests.length).toBe(before);
    expect(kept.items.map(({ id }) => id)).toEqual(live.items.map(({ id }) => id));
    expect(await failureOf(server.call("audit_account", { snapshot: "kpt" }))).toMatchObject({
      message: expect.stringMatching(/did you mean "kept"/),
    });
    expect(await failureOf(server.call("audit_account", { snapshot: "../journal/x" }))).toMatchObject({
      facts: { kind: "input" },
    });
  });
});

describe("explain_finding", () => {
  it("shows evidence, reason, remedy and the fix", async () => {
    const server = safeServer();
    const { id } = await findingOf(server, "POL-01");
    expect((await server.call("explain_finding", { finding_id: id })).result).toMatchObject({
      id,
      severity: expect.stringMatching(/critical|medium/),
      object: { noun: expect.stringMatching(/policy/), id: expect.any(String) },
      related: expect.arrayContaining([expect.objectContaining({ noun: "application" })]),
      why: expect.any(String),
      remedy: expect.any(String),
      no_mistake_when: expect.any(String),
      source: expect.stringMatching(/^https:/),
    });
  });

  it("refuses a finding that there is not (any more)", async () => {
    const failure = await failureOf(safeServer().call("explain_finding", { finding_id: "POL-01:000000000000" }));
    expect(failure).toMatchObject({ facts: { kind: "not_found", next: expect.stringMatching(/audit_account/) } });
    const unknown = await failureOf(safeServer().call("explain_finding", { finding_id: "PLO-01:000000000000" }));
    expect(unknown.message).toMatch(/there is no check PLO-01/);
  });
});

describe("fix_finding", () => {
  it("proposes a change, rehearsed, that puts it right; the change goes its usual way", async () => {
    const server = planServer();
    const { id } = await findingOf(server, "APP-08");
    const { content } = await server.tool("fix_finding", { finding_id: id });
    expect(content).toMatchObject({ operation: "update_application", rehearsal: { status: "planned" } });
    const before = server.sandbox.requests.filter(({ method }) => method !== "GET").length;
    expect(before, "nothing was changed").toBe(0);
    const made = await server.tool(String(content["operation"]), content["arguments"] as Members);
    expect(made.isError).toBe(false);
    const failure = await failureOf(server.call("explain_finding", { finding_id: id }));
    expect(failure).toMatchObject({ facts: { kind: "not_found" } });
  });

  it("asks for what only the owner can choose, and takes it", async () => {
    const server = planServer();
    const { id } = await findingOf(server, "POL-07");
    const open = await server.tool("fix_finding", { finding_id: id });
    expect(open.content["choose"]).toMatchObject({ include: expect.any(String) });
    expect(open.content["rehearsal"]).toBeUndefined();
    const include = [{ email_domain: { domain: "quillon.example.com" } }];
    const chosen = await server.tool("fix_finding", { finding_id: id, choose: { include } });
    expect(chosen.content).toMatchObject({ arguments: { include }, rehearsal: { status: "planned" } });
  });

  it("still says what to do where nothing may be changed", async () => {
    const server = planServer({ "read-only": "true" });
    const { id } = await findingOf(server, "APP-08");
    const { isError, content } = await server.tool("fix_finding", { finding_id: id });
    expect(isError).toBe(false);
    expect(content).toMatchObject({ operation: "update_application" });
  });
});

describe("snapshots", () => {
  it("show what changed, and what that did to who gets in", async () => {
    const server = safeServer({ confirm: "never" });
    await server.call("export_snapshot", { name: "before" });
    const same = (await server.call("compare_snapshots", { before: "before" })).result as Members;
    expect(same).toMatchObject({ verdict: expect.stringMatching(/^0 added, 0 removed, 0 changed/), reach: [] });
    const { items } = told(await server.call("list_policies", {}, {}, everything));
    const employees = items.find(({ name }) => name === "Employees");
    await server.call("update_policy", { policy_id: employees?.id, include: [{ everyone: {} }] });
    await server.call("export_snapshot", { name: "after" });
    const before = server.sandbox.requests.length;
    const changed = (await server.call("compare_snapshots", { before: "before", after: "after" })).result as Members;
    expect(server.sandbox.requests.length).toBe(before);
    expect(changed).toMatchObject({
      verdict: expect.stringMatching(/1 changed; who gets in differs at \d+ applications/),
      datasets: [{ dataset: "policies", changed: [{ name: "Employees" }] }],
      reach: expect.arrayContaining([
        expect.objectContaining({
          application: expect.objectContaining({ name: "Wiki" }),
          gains: [expect.objectContaining({ kind: "any_login" })],
        }),
      ]),
    });
  });

  it("of two accounts are compared by name", async () => {
    const one = safeServer();
    await one.call("export_snapshot", { name: "one" });
    const other = safeServer({}, { folder: one.folder, seed: 2 });
    const compared = (await other.call("compare_snapshots", { before: "one" })).result as Members;
    expect(compared).toMatchObject({ compared_by: "name" });
    // Groups of another identity provider are other groups, whatever their name.
    const ways = (compared["reach"] as readonly { readonly gains: readonly Members[] }[]).flatMap(({ gains }) => gains);
    expect(new Set(ways.map(({ kind }) => kind))).toEqual(new Set(["identity_group"]));
  });

  it("are not overwritten", async () => {
    const server = safeServer();
    await server.call("export_snapshot", { name: "kept" });
    const failure = await failureOf(server.call("export_snapshot", { name: "kept" }));
    expect(failure.message).toMatch(/there is a snapshot "kept" already/);
  });
});
