import { describe, expect, it } from "vitest";
import { createSandbox } from "../../src/sandbox/index.ts";
import { ask, certificate, type Row, seeded } from "./support.ts";

const noon = new Date("2026-03-04T12:00:00Z");
const make = (options = {}) => createSandbox({ now: () => noon, ...options });
const codes = ({ status, errors }: { status: number; errors: { code: number }[] }) => [status, errors[0]?.code];

describe("applications", () => {
  const web = { type: "self_hosted", name: "App", domain: "app.example.com" };

  it("get an id, an audience tag and what was not sent; PUT replaces all but those", async () => {
    const sandbox = make({ scale: 0 });
    const { status, result } = await ask(sandbox, "POST /access/apps", {
      ...web,
      allow_iframe: true,
      tags: ["b", "a"],
    });
    expect(status).toBe(201);
    expect(result["aud"]).toMatch(/^[0-9a-f]{64}$/);
    expect(result).toMatchObject({
      session_duration: "24h",
      destinations: [{ type: "public", uri: "app.example.com" }],
      tags: ["a", "b"],
      created_at: noon.toISOString(),
    });
    const changed = await ask(sandbox, `PUT /access/apps/${result["id"]}`, web);
    expect(changed.result).toMatchObject({ id: result["id"], aud: result["aud"], tags: [] });
    expect(changed.result).not.toHaveProperty("allow_iframe");
  });

  it("derive domain from destinations", async () => {
    const destinations = [{ type: "public", uri: "x.example.com" }];
    const { result } = await ask(make({ scale: 0 }), "POST /access/apps", { type: "self_hosted", destinations });
    expect(result).toMatchObject({ domain: "x.example.com", self_hosted_domains: ["x.example.com"] });
  });

  it("are refused twice at one address, and in kinds there is one of", async () => {
    const sandbox = make({ scale: 0 });
    await ask(sandbox, "POST /access/apps", web);
    expect(codes(await ask(sandbox, "POST /access/apps", { ...web, domain: "App.example.com/" }))).toEqual([
      409, 11010,
    ]);
    await ask(sandbox, "POST /access/apps", { type: "warp" });
    expect(codes(await ask(sandbox, "POST /access/apps", { type: "warp" }))).toEqual([409, 11010]);
  });

  it("show the secret of an OIDC application once, and those of SCIM never", async () => {
    const sandbox = make();
    const { result } = await ask(sandbox, "POST /access/apps", {
      type: "saas",
      saas_app: { auth_type: "oidc", redirect_uris: ["https://x.example.com/"] },
      scim_config: {
        idp_uid: "okta",
        remote_uri: "https://x.example.com/scim",
        authentication: { scheme: "oauthbearertoken", token: "plain-text-token" },
      },
    });
    expect(result["saas_app"]).toMatchObject({ client_secret: expect.stringMatching(/^[0-9a-f]{64}$/) });
    const again = await ask(sandbox, `GET /access/apps/${result["id"]}`);
    expect(again.result["saas_app"]).not.toHaveProperty("client_secret");
    expect(JSON.stringify([result, again.result, sandbox.snapshot()])).not.toContain("plain-text-token");
  });

  it("are found by part of a name, exactly, and by destination", async () => {
    const sandbox = make();
    const count = async (query: string) => (await ask(sandbox, `GET /access/apps?${query}`)).rows.length;
    expect(await count("name=wiki")).toBe(2);
    expect(await count("name=wiki&exact=true")).toBe(1);
    expect(await count("destination_type=worker")).toBe(1);
    expect(await count("target_attributes=hostname=db-primary")).toBe(1);
    expect(await count("search=payroll")).toBe(1);
  });

  it("keep what PATCH of the settings does not name, and lose it by PUT", async () => {
    const sandbox = make();
    const path = `/access/apps/${seeded(sandbox, "access/apps")["id"]}/settings`;
    await ask(sandbox, `PUT ${path}`, { allow_iframe: true, skip_interstitial: true });
    const patched = await ask(sandbox, `PATCH ${path}`, { allow_iframe: false });
    expect(patched.result).toEqual({ allow_iframe: false, skip_interstitial: true });
    expect((await ask(sandbox, `PUT ${path}`, {})).result).toEqual({ allow_iframe: false, skip_interstitial: false });
  });

  it("of an account are not those of a zone", async () => {
    const sandbox = make();
    const zone = await ask(sandbox, `GET //zones/${sandbox.zoneId}/access/apps`);
    expect(zone.rows.map(({ name }) => name)).toEqual(["Shop administration"]);
    expect((await ask(sandbox, `GET /access/apps/${zone.rows[0]?.["id"]}`)).status).toBe(404);
  });
});

describe("service tokens", () => {
  it("show their secret when made and rotated only, count versions and keep a grace period", async () => {
    const sandbox = make({ scale: 0 });
    const { result } = await ask(sandbox, "POST /access/service_tokens", { name: "robot" });
    expect(result["client_secret"]).toMatch(/^[0-9a-f]{64}$/);
    expect(result).toMatchObject({ enabled: true, duration: "8760h", expires_at: "2027-03-04T12:00:00.000Z" });
    const path = `/access/service_tokens/${result["id"]}`;
    expect((await ask(sandbox, `GET ${path}`)).result).not.toHaveProperty("client_secret");
    const until = "2026-03-05T00:00:00Z";
    const rotated = await ask(sandbox, `POST ${path}/rotate`, { previous_client_secret_expires_at: until });
    expect(rotated.result).toMatchObject({ client_secret_version: 2, previous_client_secret_expires_at: until });
    expect(rotated.result["client_secret"]).not.toBe(result["client_secret"]);
    const plain = await ask(sandbox, `POST ${path}/rotate`);
    expect(plain.result).not.toHaveProperty("previous_client_secret_expires_at");
    const raised = await ask(sandbox, `PUT ${path}`, { client_secret_version: 7 });
    expect(raised.result).toMatchObject({ client_secret_version: 7, name: "robot" });
    expect(raised.result).not.toHaveProperty("client_secret");
  });

  it("stay off when renamed, end later when refreshed, and never end when made forever", async () => {
    let time = noon;
    const sandbox = make({ scale: 0, now: () => time });
    const { result } = await ask(sandbox, "POST /access/service_tokens", { name: "robot", enabled: false });
    const path = `/access/service_tokens/${result["id"]}`;
    expect((await ask(sandbox, `PUT ${path}`, { name: "renamed" })).result).toMatchObject({ enabled: false });
    time = new Date("2026-04-04T12:00:00Z");
    expect((await ask(sandbox, `POST ${path}/refresh`)).result["expires_at"]).toBe("2027-04-04T12:00:00.000Z");
    expect((await ask(sandbox, `PUT ${path}`, { duration: "9999999999999h" })).result["expires_at"]).toMatch(/^\+27/);
    expect((await ask(sandbox, `PUT ${path}`, { duration: "forever" })).result).not.toHaveProperty("expires_at");
  });
});

describe("identity", () => {
  it("shows a SCIM secret once and conceals client secrets", async () => {
    const sandbox = make();
    const provider = { type: "oidc", name: "New", config: { client_id: "x", client_secret: "plain-text-secret" } };
    const { result } = await ask(sandbox, "POST /access/identity_providers", {
      ...provider,
      scim_config: { enabled: true },
    });
    expect(result["scim_config"]).toMatchObject({ secret: expect.stringMatching(/^[0-9a-f]{64}$/) });
    const again = await ask(sandbox, `GET /access/identity_providers/${result["id"]}`);
    expect(again.result["scim_config"]).toMatchObject({ secret: "*".repeat(34) });
    expect(JSON.stringify([result, sandbox.snapshot()])).not.toContain("plain-text-secret");
    const scim = await ask(sandbox, "GET /access/identity_providers?scim_enabled=true");
    expect(scim.rows.map(({ name }) => name)).toEqual(["Okta", "Entra ID", "New"]);
  });

  it("shares five providers at most, and no one-time PIN", async () => {
    const sandbox = make();
    const grant = (idp_id: unknown) => ask(sandbox, "POST /access/idp_federation_grants", { idp_id });
    expect(
      codes(await grant(seeded(sandbox, "access/identity_providers", ({ type }) => type === "onetimepin")["id"])),
    ).toEqual([400, 12130]);
    expect(codes(await grant("nowhere"))).toEqual([400, 12130]);
    expect(
      codes(await grant(seeded(sandbox, "access/identity_providers", ({ type }) => type === "okta")["id"]))[0],
    ).toBe(409);
    expect(
      (await grant(seeded(sandbox, "access/identity_providers", ({ type }) => type === "saml")["id"])).status,
    ).toBe(201);
  });

  it("replaces the organization but for its name and domain, and shows DoH with its token", async () => {
    const sandbox = make();
    const changed = await ask(sandbox, "PUT /access/organizations", { session_duration: "8h" });
    expect(changed.result).toMatchObject({ name: "Quillon Freight", session_duration: "8h" });
    expect(changed.result).not.toHaveProperty("login_design");
    expect(codes(await ask(sandbox, "POST /access/organizations", { name: "x", auth_domain: "y" }))[0]).toBe(409);
    const warp = { type: "self_hosted", domain: "warp.example.com", allow_authenticate_via_warp: true };
    expect((await ask(sandbox, "POST /access/apps", warp)).errors[0]?.message).toContain("Warp Auth Session Duration");
    const token = seeded(sandbox, "access/service_tokens");
    const doh = await ask(sandbox, "PUT /access/organizations/doh", { service_token_id: token["id"] });
    expect(doh.result).toMatchObject({ client_id: token["client_id"], doh_jwt_duration: "24h" });
  });

  it("ends the sessions of a user, and keeps addresses unique and unchangeable", async () => {
    const sandbox = make();
    const people = `accounts/${sandbox.accountId}/access/users`;
    const path = Object.keys(sandbox.snapshot()).find((name) => name.endsWith("/active_sessions")) ?? "";
    const id = path.split("/").at(-2) ?? "";
    const email = sandbox.snapshot()[people]?.[id]?.["email"];
    const sessions = () => ask(sandbox, `GET /access/users/${id}/active_sessions`);
    const [session] = (await sessions()).rows;
    const { nonce } = (session?.["metadata"] ?? {}) as Row;
    expect(session).not.toHaveProperty("email");
    expect((await ask(sandbox, `GET /access/users/${id}/active_sessions/${nonce}`)).result).toMatchObject({ email });
    expect((await ask(sandbox, "POST /access/organizations/revoke_user", { email })).result).toBe(true);
    expect((await sessions()).rows).toEqual([]);
    expect(codes(await ask(sandbox, "POST /access/users", { email }))[0]).toBe(409);
    expect(codes(await ask(sandbox, `PUT /access/users/${id}`, { email: "x@example.com", name: "X" }))).toEqual([
      400, 12130,
    ]);
  });
});

describe("certificates", () => {
  it("reads what it is given, and deletes only after the hostnames are cleared", async () => {
    const sandbox = make({ scale: 0 });
    const bad = await ask(sandbox, "POST /access/certificates", { name: "x", certificate: "not PEM" });
    expect(codes(bad)).toEqual([400, 12130]);
    const { result } = await ask(sandbox, "POST /access/certificates", {
      name: "x",
      certificate,
      associated_hostnames: ["a.example.com"],
    });
    expect(result).toMatchObject({ expires_on: "2036-01-01T00:00:00.000Z" });
    expect(result["fingerprint"]).toMatch(/^[0-9a-f]{32}$/);
    expect(result).not.toHaveProperty("certificate");
    const path = `/access/certificates/${result["id"]}`;
    expect(codes(await ask(sandbox, `DELETE ${path}`))).toEqual([400, 12130]);
    const cleared = await ask(sandbox, `PUT ${path}`, { associated_hostnames: [] });
    expect(cleared.result).toMatchObject({ name: "x", fingerprint: result["fingerprint"] });
    expect((await ask(sandbox, `DELETE ${path}`)).status).toBe(200);
  });

  it("rotates a SAML set: the current one becomes the previous, and PEM is text", async () => {
    const sandbox = make();
    const path = `/access/saml_certificates/${seeded(sandbox, "access/saml_certificates")["uid"]}`;
    const before = (await ask(sandbox, `GET ${path}`)).result;
    const after = (await ask(sandbox, `POST ${path}/rotate`)).result;
    expect(after["previous_certificate"]).toEqual({ ...(before["current_certificate"] as Row), is_current: false });
    const pem = await ask(sandbox, `GET ${path}/pem`);
    expect(pem.headers["content-type"]).toBe("application/x-pem-file");
    expect(pem.text).toBe((after["current_certificate"] as Row)["public_certificate"]);
  });

  it("makes one CA for an application, with a key that sshd reads, and lists all of them", async () => {
    const sandbox = make();
    const app = seeded(sandbox, "access/apps", ({ type }) => type === "vnc");
    const path = `/access/apps/${app["id"]}/ca`;
    expect((await ask(sandbox, `GET ${path}`)).status).toBe(404);
    const { result } = await ask(sandbox, `POST ${path}`);
    expect(result).toMatchObject({ aud: app["aud"], public_key: expect.stringMatching(/^ecdsa-sha2-nistp256 AAAA/) });
    expect(codes(await ask(sandbox, `POST ${path}`))[0]).toBe(409);
    expect((await ask(sandbox, "GET /access/apps/ca")).rows).toHaveLength(3);
    expect((await ask(sandbox, `DELETE ${path}`)).result).toEqual({ id: result["id"] });
  });

  it("counts the days to the next rotation of the keys", async () => {
    const sandbox = make();
    expect((await ask(sandbox, "GET /access/keys")).result).toMatchObject({ days_until_next_rotation: 11 });
    expect((await ask(sandbox, "POST /access/keys/rotate")).result).toMatchObject({ days_until_next_rotation: 42 });
    const changed = await ask(sandbox, "PUT /access/keys", { key_rotation_interval_days: 30 });
    expect(changed.result).toMatchObject({ days_until_next_rotation: 30, last_key_rotation_at: noon.toISOString() });
  });
});

describe("MCP servers and portals", () => {
  it("never show credentials, wait for a synchronisation, and stand in portals with their overrides", async () => {
    const sandbox = make({ scale: 0 });
    const servers = "/access/ai-controls/mcp/servers";
    const made = await ask(sandbox, `POST ${servers}`, {
      id: "notes",
      name: "Notes",
      hostname: "https://notes.example.net/mcp",
      auth_type: "bearer",
      auth_credentials: "plain-text-token",
      updated_tools: [{ name: "search_pages", alias: "find" }],
    });
    expect(made.result).toMatchObject({ status: "waiting", authentication_status: "connected", tools: [] });
    expect((await ask(sandbox, `POST ${servers}/notes/sync`)).result).toEqual({ status: "ready" });
    expect((await ask(sandbox, `GET ${servers}/notes`)).result["tools"]).toHaveLength(4);
    const portal = await ask(sandbox, "POST /access/ai-controls/mcp/portals", {
      id: "team",
      name: "Team",
      hostname: "mcp.example.com",
      servers: [{ server_id: "notes", updated_tools: [{ name: "search_pages", enabled: false }] }],
    });
    expect(portal.result).toMatchObject({
      code_mode: "opt_in",
      servers: [
        { server_id: "notes", updated_tools: [{ name: "search_pages", server_alias: "find", enabled: false }] },
      ],
    });
    expect(JSON.stringify([made, portal, sandbox.snapshot()])).not.toContain("plain-text-token");
    const gone = await ask(sandbox, "DELETE /access/ai-controls/mcp/portals/team");
    expect(gone.result).toMatchObject({ id: "team" });
    expect(gone.result).not.toHaveProperty("servers");
  });

  it("say what is wrong: nobody logged in, contradicting code modes, unknown servers, a taken id", async () => {
    const sandbox = make();
    const servers = "/access/ai-controls/mcp/servers";
    const portals = "/access/ai-controls/mcp/portals";
    const server = { id: "new", name: "New", hostname: "https://new.example.net/mcp", auth_type: "oauth" };
    await ask(sandbox, `POST ${servers}`, server);
    expect((await ask(sandbox, `POST ${servers}/new/sync`)).result).toMatchObject({ status: "error" });
    expect((await ask(sandbox, `POST ${servers}`, server)).status).toBe(409);
    const portal = { id: "p", name: "P", hostname: "p.example.com" };
    const modes = { ...portal, code_mode: "off", allow_code_mode: true };
    expect(codes(await ask(sandbox, `POST ${portals}`, modes))).toEqual([400, 12130]);
    const stranger = { ...portal, servers: [{ server_id: "nowhere" }] };
    expect(codes(await ask(sandbox, `POST ${portals}`, stranger))).toEqual([400, 12130]);
    const secret = { client_secret: "plain-text-secret" };
    expect((await ask(sandbox, `PUT ${servers}/new`, secret)).result).toMatchObject({
      name: "New",
      auth_config_summary: { auth_mode: "manual", has_client_secret: true, client_secret_version: 1 },
    });
  });
});

describe("tags, pages and lists", () => {
  it("renames a tag in its applications, counts them, and takes it off when deleted", async () => {
    const sandbox = make();
    const finance = await ask(sandbox, "GET /access/tags/finance");
    expect(finance.result).toMatchObject({ name: "finance", app_count: 3 });
    await ask(sandbox, "PUT /access/tags/finance", { name: "money & more/less" });
    const renamed = await ask(sandbox, `GET /access/tags/${encodeURIComponent("money & more/less")}`);
    expect(renamed.result).toMatchObject({ app_count: 3 });
    expect((await ask(sandbox, "GET /access/tags/finance")).status).toBe(404);
    expect((await ask(sandbox, "POST /access/tags", { name: "operations" })).status).toBe(409);
    const gone = await ask(sandbox, `DELETE /access/tags/${encodeURIComponent("money & more/less")}`);
    expect(gone.result).toEqual({ name: "money & more/less" });
    expect(seeded(sandbox, "access/apps", ({ name }) => name === "Payroll")["tags"]).toEqual([]);
  });

  it("shows the HTML of a page only when it is asked for alone", async () => {
    const sandbox = make();
    const pages = await ask(sandbox, "GET /access/custom_pages");
    expect(pages.rows.every((row) => !("custom_html" in row))).toBe(true);
    const refused = pages.rows.find(({ name }) => name === "Payroll refused");
    expect(refused).toMatchObject({ app_count: 1 });
    expect((await ask(sandbox, `GET /access/custom_pages/${refused?.["uid"]}`)).result["custom_html"]).toContain(
      "<h1>",
    );
  });

  it.each([
    ["type=EMAIL", 2],
    ["search=rotterdam", 1],
    ["filter=name:on-call&filter=type:EMAIL", 1],
    ["filter=item_count:4", 1],
  ])("finds lists by %s", async (query, count) => {
    expect((await ask(make(), `GET /gateway/lists?${query}`)).rows).toHaveLength(count);
  });

  it("sorts lists and refuses filters there are not", async () => {
    const sandbox = make();
    const names = (await ask(sandbox, "GET /gateway/lists?order_by=name&direction=desc")).rows.map(({ name }) => name);
    expect(names).toEqual(names.toSorted().reverse());
    expect(codes(await ask(sandbox, "GET /gateway/lists?filter=colour:red"))).toEqual([400, 12130]);
  });
});
