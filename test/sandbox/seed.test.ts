import { describe, expect, it } from "vitest";
import { z } from "zod";
import { access } from "../../src/access/index.ts";
import { createSandbox } from "../../src/sandbox/index.ts";
import { ask, type Row, seeded } from "./support.ts";

const now = () => new Date("2026-03-04T12:00:00Z");
const sandbox = createSandbox({ now });
const state = sandbox.snapshot();
const rows = (path: string) => Object.values(state[`accounts/${sandbox.accountId}/${path}`] ?? {});

describe("the seeded company", () => {
  it("is the same for the same seed and another for another", () => {
    expect(createSandbox({ now, seed: 1 }).snapshot()).toEqual(state);
    expect(createSandbox({ now, seed: 2 }).accountId).not.toBe(sandbox.accountId);
    const names = Object.values(createSandbox({ now, seed: 2 }).snapshot()).flatMap((found) => Object.keys(found));
    expect(names.filter((id) => rows("access/users").some((user) => user["id"] === id))).toEqual([]);
  });

  it("makes the same ids for the same writes", async () => {
    const twins = [createSandbox({ now }), createSandbox({ now })];
    const made = await Promise.all(twins.map((twin) => ask(twin, "POST /access/service_tokens", { name: "x" })));
    expect(made[0]?.text).toBe(made[1]?.text);
  });

  it("has the size it says, and a multiple of it", () => {
    const sizes = {
      "access/apps": 47,
      "access/policies": 50,
      "access/groups": 24,
      "access/service_tokens": 15,
      "access/users": 120,
      "infrastructure/targets": 25,
      "access/ai-controls/mcp/servers": 5,
      "access/ai-controls/mcp/portals": 2,
    };
    const thrice = createSandbox({ now, scale: 3 });
    const large = thrice.snapshot();
    for (const [path, size] of Object.entries(sizes)) {
      expect([path, rows(path).length]).toEqual([path, size]);
      const found = Object.values(large[`accounts/${thrice.accountId}/${path}`] ?? {});
      expect([path, found.length]).toEqual([path, 3 * size]);
      if (path.endsWith("users")) expect(new Set(found.map(({ email }) => email)).size).toBe(360);
    }
    expect(rows("access/identity_providers")).toHaveLength(5);
  });

  it("has every kind of application", () => {
    const kinds = new Set(rows("access/apps").map(({ type }) => type));
    expect([...kinds].sort()).toEqual(
      [
        ...["app_launcher", "biso", "bookmark", "dash_sso", "infrastructure", "mcp", "mcp_portal", "proxy_endpoint"],
        ...["rdp", "saas", "self_hosted", "ssh", "vnc", "warp"],
      ].sort(),
    );
  });

  it("has the mistakes people make", () => {
    const named = (path: string, name: string) => rows(path).find((row) => row["name"] === name);
    expect(named("access/policies", "Open to the internet")).toMatchObject({
      decision: "bypass",
      include: [{ everyone: {} }],
    });
    expect(named("access/apps", "Staging")?.["policies"]).toEqual([]);
    expect(named("access/apps", "Finance reports")).toMatchObject({ session_duration: "720h" });
    expect(named("access/policies", "Any service token")).toMatchObject({ include: [{ any_valid_service_token: {} }] });
    const ends = rows("access/service_tokens").map((token) => token["expires_at"]);
    expect(ends.some((end) => typeof end === "string" && end < now().toISOString())).toBe(true);
    const certificates = rows("access/certificates").map((row) => String(row["expires_on"]));
    expect(certificates.some((end) => end < now().toISOString())).toBe(true);
    const held = JSON.stringify([rows("access/policies"), rows("access/apps")]);
    const orphans = rows("access/groups").filter(({ id }) => !held.includes(String(id)));
    expect(orphans.map(({ name }) => name)).toContain("Project Kestrel");
  });

  it("refers only to what is there", () => {
    const everything = new Set(Object.values(state).flatMap((found) => Object.keys(found)));
    const references = (value: unknown): string[] => {
      if (Array.isArray(value)) return value.flatMap(references);
      if (typeof value !== "object" || value === null) return [];
      return Object.entries(value).flatMap(([name, inner]) =>
        /^(?:identity_provider_id|token_id|integration_uid|saml_certificate_set_id|idp_id|idp_uid|server_id|mcp_server_id)$/.test(
          name,
        )
          ? [String(inner)]
          : ["group", "email_list", "ip_list", "login_method"].includes(name)
            ? [String((inner as Row)["id"])]
            : references(inner),
      );
    };
    const dangling = Object.entries(state)
      .filter(([path]) => !path.includes("/logs/"))
      .flatMap(([, found]) => references(Object.values(found)))
      .filter((id) => id !== "" && !everything.has(id));
    expect(dangling).toEqual([]);
  });
});

describe("every list of the seed", () => {
  const okta = seeded(sandbox, "access/identity_providers", ({ type }) => type === "okta")["id"];
  const lists = access.filter(
    ({ answers, route }) => route.startsWith("GET ") && (answers === "list" || answers === "pages"),
  );

  /** Parents of nested lists: all there are. */
  const parents: Record<string, readonly unknown[]> = {
    app_id: rows("access/apps").map(({ id }) => id),
    user_id: rows("access/users").map(({ id }) => id),
    identity_provider_id: [okta],
    list_id: rows("gateway/lists").map(({ id }) => id),
  };

  it.each(lists.map((entry) => [entry.name, entry] as const))("%s satisfies its model", async (name, entry) => {
    const roomy = createSandbox({ now, rateLimit: { limit: 10_000, window: 300 } });
    const path = entry.route.replace(/^GET \/(?:accounts\/\{account_id\}|\{account_or_zone\})/, "");
    const [, parent] = /\{(\w+)\}/.exec(path) ?? [];
    const provider = name === "list_scim_updates" ? `&idp_id=${okta}` : "";
    const found: Row[] = [];
    for (const id of parent === undefined ? [""] : (parents[parent] ?? [])) {
      found.push(...(await ask(roomy, `GET ${path.replace(/\{\w+\}/, String(id))}?per_page=1000${provider}`)).rows);
    }
    if (name !== "list_policy_test_users") expect(found.length).toBeGreaterThan(0);
    z.array(entry.output).parse(found);
  });
});
