import { beforeAll, describe, expect, it } from "vitest";
import { connections, type JourneyClient } from "../support/built-server.ts";

type Row = Record<string, unknown>;

describe.each(connections)("who can reach what, and what is wrong: %s", (_, connect) => {
  let client: JourneyClient;

  beforeAll(async () => {
    const connection = await connect({ args: ["--sandbox", "--surface", "all"] });
    client = connection.client;
    return connection.stop;
  });

  const call = async (name: string, given: Row = {}): Promise<Row> => {
    const { isError, structuredContent } = await client.callTool({ name, arguments: given });
    if (isError) throw new Error(`${name} failed: ${JSON.stringify(structuredContent)}`);
    return structuredContent ?? {};
  };
  const rows = (answer: Row): readonly Row[] => answer["items"] as readonly Row[];

  it("audits, explains the worst finding, and proposes what puts it right", async () => {
    const audit = await call("audit_account");
    expect(audit["verdict"]).toMatch(/critical.* by \d+ of 91 checks/);
    const [worst] = rows(audit);
    const whole = await call("explain_finding", { finding_id: worst?.["id"] });
    expect(whole).toMatchObject({ id: worst?.["id"], why: expect.any(String), remedy: expect.any(String) });
    const proposal = await call("fix_finding", { finding_id: worst?.["id"] });
    expect(proposal).toMatchObject({ finding: { id: worst?.["id"] } });
  });

  it("says who reaches an application, what somebody reaches, and why", async () => {
    expect(await call("who_can_access", { application: "Wiki" })).toMatchObject({
      application: { name: "Wiki" },
      users: { known: expect.any(Number) },
    });
    const reached = await call("what_can_access", { principal: "ines.okafor@quillon.example.com" });
    expect(rows(reached).length).toBeGreaterThan(3);
    expect(
      await call("explain_access", { principal: "ines.okafor@quillon.example.com", application: "Wiki" }),
    ).toMatchObject({ allowed: "yes", certain: true, decided_by: { policy: { name: "Employees" } } });
  });

  it("knows what uses a group, what a change would do, and what answers at an address", async () => {
    const references = rows(await call("find_references", { noun: "group", object: "Employees" }));
    expect(references.length).toBeGreaterThan(0);
    const [policy] = rows(await call("list_policies", { fields: ["id"], limit: 1 }));
    const preview = await call("preview_impact", {
      operation: "update_policy",
      arguments: { policy_id: policy?.["id"], include: [{ everyone: {} }] },
    });
    expect(rows(preview).length).toBeGreaterThan(0);
    const urls = await call("match_url", {
      urls: ["https://wiki.quillon.example.com/page", "https://nobody.example.org"],
    });
    expect(JSON.stringify(urls)).toContain("Wiki");
  });

  it("keeps the account and audits what was kept", async () => {
    const name = `kept-${Math.random().toString(36).slice(2)}`;
    await call("export_snapshot", { name });
    expect(await call("compare_snapshots", { before: name })).toMatchObject({ reach: [] });
    expect(await call("audit_account", { snapshot: name, family: "POL" })).toMatchObject({
      verdict: expect.stringMatching(/by 26 of 26 checks/),
    });
  });
});
