import { describe, expect, it } from "vitest";
import { severities } from "../../src/audit/check.ts";
import { checks } from "../../src/audit/checks/index.ts";
import { audit, type Finding } from "../../src/audit/engine.ts";
import type { Members } from "../../src/core/change.ts";
import { collectFrom } from "../inventory/taking.ts";
import { type PlanServer, planServer } from "../support/plans.ts";

const unasked = () => planServer({ confirm: "never" });

async function findingsOf(server: PlanServer): Promise<readonly Finding[]> {
  const now = Date.now();
  const inventory = await collectFrom(server, { now });
  return audit(checks, inventory, { account_id: server.sandbox.accountId, now }).findings;
}

const isOf = (check: string, name: string) => (one: Finding) => one.check.id === check && one.subject.name === name;

async function idOf(server: PlanServer, check: string, name: string): Promise<string> {
  const found = (await findingsOf(server)).find(isOf(check, name));
  if (found === undefined) throw new Error(`${check} does not find ${name}`);
  return found.id;
}

/** Carries out what `fix_finding` answered; `more` is what only the owner can add. */
async function made(server: PlanServer, { operation, arguments: given }: Members, more: Members = {}) {
  return server.tool(String(operation), { ...(given as Members), ...more });
}

/** How bad a finding still is: nothing when it is gone. */
async function leftOf({ tool }: PlanServer, finding_id: string): Promise<unknown> {
  const { content } = await tool("explain_finding", { finding_id });
  return content["kind"] === "not_found" ? undefined : content["severity"];
}

it("puts right what it is proposed for, or makes it count less, where the owner has nothing to choose", async () => {
  const kinds = new Map<string, Finding>();
  for (const finding of await findingsOf(unasked())) {
    const { check, subject, fix } = finding;
    const kind = `${check.id} ${subject.noun}`;
    if (fix !== undefined && fix.choose === undefined && !kinds.has(kind)) kinds.set(kind, finding);
  }
  expect([...kinds.keys()]).toEqual(
    expect.arrayContaining(["MCP-03 MCP server", "MCP-03 MCP portal", "POL-20 reusable policy"]),
  );
  const wrong: unknown[] = [];
  for (const [kind, { id, severity }] of kinds) {
    const server = unasked();
    const { content } = await server.tool("fix_finding", { finding_id: id });
    const { isError } = await made(server, content);
    const left = severities.indexOf((await leftOf(server, id)) as never);
    if (isError || (left >= 0 && left <= severities.indexOf(severity))) wrong.push([kind, content]);
  }
  expect(wrong).toEqual([]);
});

describe("a choice within an object", () => {
  it.each([
    ["the path as it was asked for", { "cors_headers.allowed_origins": ["https://app.quillon.example.com"] }],
    ["the object", { cors_headers: { allowed_origins: ["https://app.quillon.example.com"] } }],
  ])("is laid over what the fix sets there, given as %s", async (_, choose) => {
    const server = unasked();
    const id = await idOf(server, "APP-10", "Shipment API");
    const asked = await server.tool("fix_finding", { finding_id: id });
    expect(asked.content["choose"]).toEqual({ "cors_headers.allowed_origins": expect.any(String) });
    expect(asked.content["_notes"]).toEqual([
      expect.stringContaining('choose {"cors_headers.allowed_origins": …}, or make the call yourself, where a dot'),
    ]);
    const { content } = await server.tool("fix_finding", { finding_id: id, choose });
    expect(content).toMatchObject({
      arguments: {
        cors_headers: { allow_all_origins: false, allowed_origins: ["https://app.quillon.example.com"] },
      },
      rehearsal: { status: "planned" },
    });
    expect((await made(server, content)).isError).toBe(false);
    expect(await leftOf(server, id)).toBeUndefined();
  });

  it("is taken where the fix sets nothing", async () => {
    const server = unasked();
    const saas_app = { auth_type: "oidc", redirect_uris: ["https://*.board.example.net/login"] };
    await server.tool("create_application", { type: "saas", name: "Board", saas_app });
    const id = await idOf(server, "APP-18", "Board");
    const redirect_uris = ["https://eu.board.example.net/login"];
    const asked = await server.tool("fix_finding", { finding_id: id });
    expect(Object.keys(asked.content["choose"] as Members)).toEqual(["saas_app.redirect_uris"]);
    const choose = { "saas_app.redirect_uris": redirect_uris };
    const { content } = await server.tool("fix_finding", { finding_id: id, choose });
    expect(content).toMatchObject({ arguments: { saas_app: { redirect_uris } }, rehearsal: { status: "planned" } });
    expect((await made(server, content)).isError).toBe(false);
    expect(await leftOf(server, id)).toBeUndefined();
  });
});

describe("a secret that an update has to send again", () => {
  const path = "scim_config.authentication.token";
  const token = "tickets-bearer-5f0c2a";

  it("is asked for with all else, taken, and not shown", async () => {
    const server = unasked();
    const id = await idOf(server, "APP-12", "Ticketing");
    const asked = await server.tool("fix_finding", { finding_id: id });
    expect(asked.content["choose"]).toEqual({
      allowed_idps: expect.any(String),
      [path]: expect.stringMatching(/never shows/),
    });
    const { items } = (await server.call("list_identity_providers")).result as { items: readonly Members[] };
    const allowed_idps = items.flatMap(({ id: own, type }) => (type === "okta" ? [own] : []));
    const half = await server.tool("fix_finding", { finding_id: id, choose: { allowed_idps } });
    expect(Object.keys(half.content["choose"] as Members)).toEqual([path]);

    const answer = await server.tool("fix_finding", { finding_id: id, choose: { allowed_idps, [path]: token } });
    expect(JSON.stringify(answer)).not.toContain(token);
    expect(answer.content).toMatchObject({
      arguments: { allowed_idps, scim_config: { authentication: { token: "[secret]" } } },
      rehearsal: { status: "planned" },
      _notes: expect.arrayContaining([expect.stringMatching(/^Send the secret itself/)]),
    });
    const masked = await made(server, answer.content);
    expect(masked.content["kind"]).toBe("input");
    const done = await made(server, answer.content, { scim_config: { authentication: { token } } });
    expect(done.isError).toBe(false);
    expect(await leftOf(server, id)).toBeUndefined();
  });

  it("is asked for with the list that has it", async () => {
    const server = unasked();
    const app_id = await server.idOf("apps", "Ticketing");
    const authentication = [{ scheme: "oauthbearertoken", token }];
    await server.tool("update_application", { app_id, scim_config: { authentication } });
    const id = await idOf(server, "APP-12", "Ticketing");
    const { content } = await server.tool("fix_finding", { finding_id: id });
    expect(Object.keys(content["choose"] as Members)).toEqual(["allowed_idps", "scim_config.authentication"]);
  });

  it("is named where a later step of a plan needs it", async () => {
    const server = unasked();
    const wide = { name: "Wide", decision: "bypass", include: [{ everyone: {} }] };
    const { content: policy } = await server.tool("create_policy", wide);
    const policies = [
      { id: policy["id"], precedence: 1 },
      { id: await server.idOf("policies", "Employees"), precedence: 2 },
    ];
    const scim_config = { authentication: { token } };
    for (const name of ["Expense claims", "Ticketing"]) {
      const app_id = await server.idOf("apps", name);
      await server.tool("update_application", { app_id, policies, ...(name === "Ticketing" && { scim_config }) });
    }
    const id = await idOf(server, "POL-01", "Wide");
    const { content } = await server.tool("fix_finding", { finding_id: id });
    const { changes } = content["arguments"] as { changes: readonly { arguments: Members }[] };
    const ticketing = await server.idOf("apps", "Ticketing");
    const step = 1 + changes.findIndex((change) => change.arguments["app_id"] === ticketing);
    expect(step).toBe(2);
    expect(content["_notes"]).toContainEqual(expect.stringContaining(`Step 2 needs ${path} in its arguments`));
  });
});

describe("a bypass for everybody", () => {
  const bypass = { decision: "bypass", include: [{ everyone: {} }] };

  it("is made a policy for people where the application would be left with none", async () => {
    const server = unasked();
    const id = await idOf(server, "POL-01", "Open to the internet");
    const include = [{ email_domain: { domain: "quillon.example.com" } }];
    const { content } = await server.tool("fix_finding", { finding_id: id, choose: { include } });
    expect(content).toMatchObject({ operation: "update_policy", arguments: { decision: "allow", include } });
    const before = (await findingsOf(server)).filter(({ check }) => check.id === "APP-01").length;
    expect((await made(server, content)).isError).toBe(false);
    expect(await leftOf(server, id)).toBeUndefined();
    expect((await findingsOf(server)).filter(({ check }) => check.id === "APP-01")).toHaveLength(before);
  });

  it("is taken away where others are left", async () => {
    const server = unasked();
    const staff = { id: await server.idOf("policies", "Employees"), precedence: 2 };
    const given = { type: "self_hosted", name: "Board", domain: "board.quillon.example.com" };
    await server.tool("create_application", {
      ...given,
      policies: [{ name: "Wide", ...bypass, precedence: 1 }, staff],
    });
    const id = await idOf(server, "POL-01", "Wide");
    const { content } = await server.tool("fix_finding", { finding_id: id });
    expect(content).toMatchObject({ operation: "delete_application_policy", rehearsal: { status: "planned" } });
    expect((await made(server, content)).isError).toBe(false);
    expect(await leftOf(server, id)).toBeUndefined();
  });
});
