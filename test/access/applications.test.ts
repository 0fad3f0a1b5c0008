import { describe, expect, it } from "vitest";
import type { z } from "zod";
import { anatomy, optionFor } from "../../src/core/model.ts";
import {
  anyone,
  criteria,
  type Fields,
  infrastructurePolicies,
  kinds,
  policies,
  saml,
} from "../support/applications.ts";
import { entryOf } from "../support/calls.ts";

const { input: create } = entryOf("create_application");
const { input: update } = entryOf("update_application");

const issuesOf = (model: z.ZodType, value: unknown) => model.safeParse(value).error?.issues ?? [];

const cases = Object.entries(kinds);

/** One value for each field that any kind has. */
const everyField: Fields = Object.assign({}, ...cases.map(([, { full }]) => full));

describe.each(cases)("an application of type %s", (type, { minimal, full }) => {
  it("is accepted with the least and with every field", () => {
    for (const fields of [minimal, full]) {
      expect(issuesOf(create, { type, ...fields })).toEqual([]);
      expect(issuesOf(update, { app_id: "app", type, ...fields })).toEqual([]);
    }
  });

  it("has no field that the full example lacks", () => {
    const union = anatomy(create);
    if (union.kind !== "union") throw new Error("create_application takes a union");
    const option = optionFor(union, { type });
    const parts = option && anatomy(option);
    expect(parts?.kind === "object" && Object.keys(parts.shape).sort()).toEqual(["type", ...Object.keys(full)].sort());
  });

  it("names each field that it needs", () => {
    for (const field of Object.keys(minimal)) {
      const { [field]: _, ...rest } = minimal;
      expect(issuesOf(create, { type, ...rest }).map(({ path }) => path.join("."))).toEqual([field]);
    }
  });

  it("refuses every field of other kinds, naming it", () => {
    const foreign = Object.entries(everyField).filter(([field]) => !(field in full));
    expect(foreign.length).toBeGreaterThan(0);
    for (const [field, value] of foreign) {
      expect(issuesOf(create, { type, ...minimal, [field]: value })).toMatchObject([
        { code: "unrecognized_keys", keys: [field], path: [] },
      ]);
    }
  });
});

describe("writing applications", () => {
  it("needs the id to update one", () => {
    expect(issuesOf(update, { type: "mcp" })).toMatchObject([{ path: ["app_id"] }]);
    expect(issuesOf(create, { type: "mcp", app_id: "app" })).toMatchObject([{ keys: ["app_id"] }]);
  });

  it("says which types there are", () => {
    for (const value of [{}, { type: "dash_sso" }, { type: "web" }]) {
      const [issue] = issuesOf(create, value);
      expect(issue?.path).toEqual(["type"]);
      for (const [type] of cases) expect(issue?.message).toContain(type);
    }
  });

  it("takes destinations in place of a domain", () => {
    const destinations = [{ type: "worker", worker_id: "w1" }];
    expect(issuesOf(create, { type: "self_hosted", destinations })).toEqual([]);
  });

  it("refuses a destination that says nothing", () => {
    for (const destination of [{}, { type: "via_mcp_server_portal" }, { type: "worker" }, { type: "tunnel" }]) {
      expect(issuesOf(create, { type: "mcp", destinations: [destination] })).toMatchObject([
        { path: ["destinations", 0, expect.any(String)] },
      ]);
    }
  });

  it("keeps SAML and OIDC apart", () => {
    expect(issuesOf(create, { type: "saas", saas_app: saml })).toEqual([]);
    const mixed = { type: "saas", saas_app: { auth_type: "oidc", sp_entity_id: "saas.example" } };
    expect(issuesOf(create, mixed)).toMatchObject([{ keys: ["sp_entity_id"], path: ["saas_app"] }]);
  });

  it("refuses reusable policies for infrastructure", () => {
    const application = { type: "infrastructure", target_criteria: criteria("SSH") };
    expect(issuesOf(create, { ...application, policies: ["3b1f"] })).toMatchObject([
      { path: ["policies", 0], message: expect.stringContaining("reusable") },
    ]);
    expect(issuesOf(create, { ...application, policies: [{ id: "3b1f" }] })).toContainEqual(
      expect.objectContaining({ code: "unrecognized_keys", keys: ["id"], path: ["policies", 0] }),
    );
    const denying = { name: "no", decision: "deny", include: anyone };
    expect(issuesOf(create, { ...application, policies: [denying] })).toMatchObject([
      { path: ["policies", 0, "decision"] },
    ]);
  });

  it("wants targets in one of the two forms", () => {
    const both = { protocol: "SSH", port: 22, include: {}, target_attributes: { hostname: ["a"] } };
    for (const criterion of [both, { protocol: "SSH", port: 22 }]) {
      expect(issuesOf(create, { type: "infrastructure", target_criteria: [criterion] })).toMatchObject([
        { path: ["target_criteria", 0] },
      ]);
    }
    const wrong = { type: "infrastructure", target_criteria: criteria("RDP") };
    expect(issuesOf(create, wrong)[0]?.path).toEqual(["target_criteria", 0, "protocol"]);
  });

  it.each(["name", "decision", "include"])("misses %s in a whole policy", (field) => {
    const { [field]: _, ...rest }: Fields = { name: "staff", decision: "allow", include: anyone };
    const issues = issuesOf(create, { type: "mcp", policies: [rest] });
    expect(issues).toMatchObject([{ code: "invalid_union", path: ["policies", 0] }]);
    expect(JSON.stringify(issues)).toContain(`"path":["${field}"]`);
  });
});

describe("the policies of one application", () => {
  const { input: createPolicy } = entryOf("create_application_policy");

  it("take web and infrastructure fields", () => {
    const { id: _, ...web } = policies[2] as Fields;
    for (const policy of [web, ...infrastructurePolicies]) {
      expect(issuesOf(createPolicy, { app_id: "app", ...policy })).toEqual([]);
    }
  });

  it("need a name, a decision and rules", () => {
    expect(issuesOf(createPolicy, { app_id: "app" }).map(({ path }) => path[0])).toEqual([
      "name",
      "decision",
      "include",
    ]);
  });
});

it("may be of a kind that cannot be written, in answers", () => {
  const { output } = entryOf("get_application");
  expect(output.safeParse({ id: "app", type: "dash_sso", name: "Dashboard" }).success).toBe(true);
});
