import { describe, expect, it } from "vitest";
import type { Control } from "../../src/core/change.ts";
import type { Send } from "../../src/core/send.ts";
import { ask, type Row, seeded } from "../sandbox/support.ts";
import { entryOf, failureOf } from "../support/calls.ts";
import { refusalOf } from "../support/refusals.ts";
import { type SafeServer, safeServer } from "../support/safe.ts";

const rows = (value: unknown): readonly Row[] => value as readonly Row[];
const server = (flags = {}) => safeServer({ confirm: "never", guard: "off", ...flags });

/** The body of the one write that a call sends; nothing when it sends none. */
async function sent({ call, sandbox }: SafeServer, name: string, input: Row, control: Control = {}): Promise<Row> {
  const mark = sandbox.requests.length;
  await call(name, input, control);
  const writes = sandbox.requests.slice(mark).filter(({ method }) => method !== "GET");
  expect(writes).toHaveLength(1);
  return writes[0]?.body as Row;
}

/** Refused, and nothing was written. */
async function refused({ call, sandbox }: SafeServer, name: string, input: Row, control: Control = {}) {
  const mark = sandbox.requests.length;
  const { facts, message } = await failureOf(call(name, input, control));
  expect(sandbox.requests.slice(mark).filter(({ method }) => method !== "GET")).toEqual([]);
  expect(facts.outcome).toBe("not_sent");
  return `${message}. ${facts.next}`;
}

const application = ({ sandbox }: SafeServer, wanted: (row: Row) => boolean): Row =>
  seeded(sandbox, "access/apps", wanted);
const named =
  (name: string) =>
  (row: Row): boolean =>
    row["name"] === name;
const shownApplication = async ({ sandbox }: SafeServer, id: unknown) =>
  (await ask(sandbox, `GET /access/apps/${id}`)).result;

/** A server that is shown an object with something else in it. */
function showing({ sandbox }: SafeServer, id: unknown, more: (shown: Row) => Row): SafeServer {
  const send: Send = async (request) => {
    const response = await sandbox.send(request);
    if (request.method !== "GET" || !request.path.endsWith(String(id))) return response;
    const { result, ...rest } = JSON.parse(response.body) as { result: Row };
    return { ...response, body: JSON.stringify({ ...rest, result: { ...result, ...more(result) } }) };
  };
  return safeServer({ confirm: "never", guard: "off" }, { sandbox: { ...sandbox, send } });
}

describe("objects in objects", () => {
  it("are merged member by member", async () => {
    const safe = server();
    const {
      id: target_id,
      ip,
      tags,
    } = seeded(safe.sandbox, "infrastructure/targets", ({ tags }) => Object.keys(tags as Row).length > 0);
    const address = { ip_addr: "2001:db8::1" };
    expect(await sent(safe, "update_target", { target_id, ip: { ipv6: address } })).toMatchObject({
      ip: { ...(ip as Row), ipv6: address },
    });
    expect(await sent(safe, "update_target", { target_id, tags: { owner: "me" } })).toMatchObject({
      tags: { ...(tags as Row), owner: "me" },
    });

    const saml = application(safe, named("Expense claims"));
    const { saas_app } = await sent(safe, "update_application", {
      app_id: saml["id"],
      saas_app: { name_id_format: "id" },
    });
    expect(saas_app).toEqual({ ...(saml["saas_app"] as Row), name_id_format: "id" });

    const provider = seeded(safe.sandbox, "access/identity_providers", ({ type }) => type === "okta");
    const { config, scim_config } = await sent(safe, "update_identity_provider", {
      identity_provider_id: provider["id"],
      config: { claims: ["groups", "team"], client_secret: "new" },
      scim_config: { user_deprovision: false },
    });
    expect(config).toEqual({ ...(provider["config"] as Row), claims: ["groups", "team"], client_secret: "new" });
    const { secret: _, scim_base_url: __, ...scim } = provider["scim_config"] as Row;
    expect(scim_config).toEqual({ ...scim, user_deprovision: false });

    const policy = seeded(safe.sandbox, "access/policies", named("Platform team"));
    const { mfa_config } = await sent(safe, "update_policy", {
      policy_id: policy["id"],
      mfa_config: { session_duration: "1h" },
    });
    expect(mfa_config).toEqual({ ...(policy["mfa_config"] as Row), session_duration: "1h" });
  });

  it("keep what no model knows, also beside what is changed", async () => {
    const safe = server();
    const saml = application(safe, named("Expense claims"));
    const around = showing(safe, saml["id"], (shown) => ({ saas_app: { ...(shown["saas_app"] as Row), tomorrow: 1 } }));
    const { saas_app } = await sent(around, "update_application", {
      app_id: saml["id"],
      saas_app: { name_id_format: "id" },
    });
    expect(saas_app).toMatchObject({ tomorrow: 1, name_id_format: "id" });
  });

  it("keep null where it can be sent, and leave it out where it cannot", async () => {
    const safe = server();
    const { id: policy_id } = seeded(safe.sandbox, "access/policies");
    const nulls = { session_duration: null, purpose_justification_prompt: null, isolation_required: null };
    const body = await sent(
      showing(safe, policy_id, () => nulls),
      "update_policy",
      { policy_id, name: "new" },
    );
    expect(body).toMatchObject({ name: "new", session_duration: null });
    expect(Object.keys(body)).not.toContain("purpose_justification_prompt");
    expect(Object.keys(body)).not.toContain("isolation_required");
  });

  it("of another kind replace what is there", async () => {
    const safe = server();
    const { id } = application(safe, named("Expense claims"));
    const oidc = { auth_type: "oidc", redirect_uris: ["https://new.example.com/callback"] };
    expect((await sent(safe, "update_application", { app_id: id, saas_app: oidc }))["saas_app"]).toEqual(oidc);
    const saml = { auth_type: "saml", sp_entity_id: "new", consumer_service_url: "https://new.example.com/acs" };
    expect((await sent(safe, "update_application", { app_id: id, saas_app: saml }))["saas_app"]).toEqual(saml);
  });
});

describe("ways of logging in to a SCIM server", () => {
  const basic = { scheme: "httpbasic", user: "robot", password: "secret" };
  const withLogins = async (authentication: unknown) => {
    const safe = server();
    const { id: app_id, scim_config } = application(safe, named("Ticketing"));
    const answer = await ask(safe.sandbox, `PUT /access/apps/${app_id}`, {
      ...(await shownApplication(safe, app_id)),
      policies: undefined,
      scim_config: { ...(scim_config as Row), authentication },
    });
    expect(answer.errors).toEqual([]);
    return { safe, app_id };
  };

  it("are replaced by another way, and completed by the secret of the same", async () => {
    const { safe, app_id } = await withLogins({ scheme: "oauthbearertoken", token: "secret" });
    const login = (body: Row) => (body["scim_config"] as Row)["authentication"];
    const update = (authentication: Row) =>
      sent(safe, "update_application", { app_id, scim_config: { authentication } });
    expect(login(await update({ token: "new" }))).toEqual({ scheme: "oauthbearertoken", token: "new" });
    expect(login(await update(basic))).toEqual(basic);
    expect(login(await update({ user: "other", password: "new" }))).toEqual({
      ...basic,
      user: "other",
      password: "new",
    });
  });

  it("never send masks of secrets back, one or several", async () => {
    for (const authentication of [basic, [basic, { scheme: "oauthbearertoken", token: "secret" }]]) {
      const { safe, app_id } = await withLogins(authentication);
      const { result } = await safe.call("update_application", { app_id, session_duration: "3h" }, { dry_run: true });
      const { request, risks } = result as { request: Row; risks: string[] };
      expect(JSON.stringify(request)).toContain("httpbasic");
      expect(JSON.stringify(request)).not.toMatch(/\*\*|secret/);
      expect(risks.join()).toContain("scim_config.authentication.password");
    }
  });
});

describe("fields that say the same", () => {
  const wiki = (safe: SafeServer) => String(application(safe, named("Wiki"))["id"]);

  it("give way to the one that is given", async () => {
    const safe = server();
    const app_id = wiki(safe);
    const body = await sent(safe, "update_application", { app_id, domain: "moved.example.com" });
    expect([body["domain"], "destinations" in body, "self_hosted_domains" in body]).toEqual([
      "moved.example.com",
      false,
      false,
    ]);
    const destinations = [
      { type: "public", uri: "a.example.com" },
      { type: "public", uri: "b.example.com" },
    ];
    const many = await sent(safe, "update_application", { app_id, destinations });
    expect([many["destinations"], "domain" in many, "self_hosted_domains" in many]).toEqual([
      destinations,
      false,
      false,
    ]);
    expect(await shownApplication(safe, app_id)).toMatchObject({
      domain: "a.example.com",
      self_hosted_domains: ["a.example.com", "b.example.com"],
    });
    expect(
      (await sent(safe, "update_application", { app_id, destinations: destinations.slice(1) }))["destinations"],
    ).toHaveLength(1);
  });

  it("are refused where they would say less than what is there", async () => {
    const safe = server();
    const app_id = wiki(safe);
    const whole = "Send destinations with every entry that shall stay";
    const uri = "wiki.quillon.example.com";
    for (const destinations of [
      [
        { type: "public", uri },
        { type: "public", uri: "b.example.com" },
      ],
      [{ type: "public", uri, overrides: [{ path_pattern: "/health", behavior: "public" }] }],
      [{ type: "worker", worker_id: "w1" }],
    ]) {
      await safe.call("update_application", { app_id, destinations });
      expect(await refused(safe, "update_application", { app_id, domain: "moved.example.com" })).toContain(whole);
      expect(
        await refused(safe, "update_application", { app_id, self_hosted_domains: ["moved.example.com"] }),
      ).toContain(whole);
    }
  });

  it("are one setting for a portal's code mode", async () => {
    const safe = server();
    const body = await sent(safe, "update_mcp_portal", { id: "engineering", code_mode: "off" });
    expect([body["code_mode"], "allow_code_mode" in body]).toEqual(["off", false]);
  });
});

describe("policies of an application", () => {
  it("stay links, or are not sent at all", async () => {
    const safe = server();
    const { id: app_id } = application(safe, named("Database console"));
    const links = async () => (application(safe, ({ id }) => id === app_id)["policies"] as Row[]).map(({ id }) => id);
    const [shared = "", own = ""] = (await links()) as string[];
    expect("policies" in (await sent(safe, "update_application", { app_id, session_duration: "3h" }))).toBe(false);
    expect(await links()).toEqual([shared, own]);

    const order = [
      { id: own, precedence: 1 },
      { id: shared, precedence: 2 },
    ];
    expect((await sent(safe, "update_application", { app_id, policies: order }))["policies"]).toEqual(order);
    expect(await links()).toEqual([own, shared]);
    expect((await sent(safe, "update_application", { app_id, policies: [shared] }))["policies"]).toEqual([shared]);
    expect((await sent(safe, "update_application", { app_id, policies: [] }))["policies"]).toEqual([]);
    expect(await links()).toEqual([]);
  });

  it("are refused as copies of reusable ones", async () => {
    const safe = server();
    const { id: app_id } = application(safe, named("Wiki"));
    const { policies } = await shownApplication(safe, app_id);
    const update = entryOf("update_application");
    expect(refusalOf(update, { app_id, policies }).message).toContain("policies[0].reusable: not a field");
    const bare = rows(policies).map(({ id, name, decision, include }) => ({ id, name, decision, include }));
    expect(await refused(safe, "update_application", { app_id, policies: bare })).toContain(
      'send {"id", "precedence"}',
    );
  });
});

describe("servers of a portal", () => {
  it("keep their own names and descriptions, and take none from the server", async () => {
    const safe = server();
    const tools = [{ name: "get_issues", alias: "read_issue", description: "One issue", enabled: true }];
    await safe.call("update_mcp_server", {
      id: "documents",
      updated_tools: [{ name: "list_pages", alias: "pages", description: "Of the server" }],
    });
    const servers = [
      { server_id: "documents", on_behalf: false },
      { server_id: "issue-tracker", updated_tools: tools },
    ];
    await safe.call("update_mcp_portal", { id: "engineering", servers });
    const body = await sent(safe, "update_mcp_portal", { id: "engineering", description: "new" });
    const [documents, tracker] = rows(body["servers"]);
    expect(rows(tracker?.["updated_tools"]).find(named("get_issues"))).toEqual(tools[0]);
    expect(documents).toMatchObject({ server_id: "documents", on_behalf: false });
    expect(JSON.stringify(documents)).not.toContain("Of the server");
  });

  it("are not told as changed by an edit of something else", async () => {
    const safe = server();
    const { result } = await safe.call(
      "update_mcp_portal",
      { id: "engineering", description: "new" },
      { dry_run: true },
    );
    expect((result as Row)["changes"]).toEqual([expect.objectContaining({ path: "description", after: "new" })]);
  });
});

describe("clear", () => {
  it("takes away a field, at any depth", async () => {
    const safe = server();
    const { id: app_id } = application(safe, named("Payroll"));
    const policy = seeded(safe.sandbox, "access/policies", named("Platform team"));
    expect("custom_pages" in (await sent(safe, "update_application", { app_id }, { clear: ["custom_pages"] }))).toBe(
      false,
    );
    expect("custom_pages" in (await shownApplication(safe, app_id))).toBe(false);
    const body = await sent(
      safe,
      "update_policy",
      { policy_id: policy["id"] },
      { clear: ["mfa_config.session_duration"] },
    );
    expect(body["mfa_config"]).toEqual({ allowed_authenticators: ["security_key", "biometrics"] });
  });

  it("is refused for what is needed, what is not set and what stays when it is left out", async () => {
    const safe = server();
    const { id: app_id } = application(safe, named("Wiki"));
    const { id: policy_id } = seeded(safe.sandbox, "access/policies");
    const clear = (name: string, input: Row, path: string) => refused(safe, name, input, { clear: [path] });
    expect(await clear("update_policy", { policy_id }, "include")).toMatch(/include: Invalid input/);
    expect(await clear("update_policy", { policy_id }, "approval_groups")).toContain('"approval_groups" is not set');
    expect(await clear("update_application", { app_id }, "policies")).toMatch(
      /stays when it is not sent.*such as "\[\]"/,
    );
    expect(await clear("update_mcp_server", { id: "issue-tracker" }, "updated_tools")).toContain(
      "stays when it is not sent",
    );
  });
});

describe("replace", () => {
  it("sends exactly what is given", async () => {
    const safe = server();
    const group = seeded(safe.sandbox, "access/groups");
    const fields = { name: "new", include: [{ everyone: {} }] };
    expect(await sent(safe, "update_group", { group_id: group["id"], ...fields }, { replace: true })).toEqual(fields);
  });
});

describe("secrets that are never shown", () => {
  const risky = () => safeServer({ guard: "off" });

  it("need a confirmation before an update without them, and none with them", async () => {
    const safe = risky();
    const { id: identity_provider_id } = seeded(
      safe.sandbox,
      "access/identity_providers",
      ({ type }) => type === "okta",
    );
    const rename = { identity_provider_id, name: "Sign in" };
    const { result } = await safe.call("update_identity_provider", rename);
    expect(result).toMatchObject({ status: "needs_confirmation" });
    expect((result as { risks: string[] }).risks.join()).toContain("config.client_secret is never shown");
    const { result: done } = await safe.call("update_identity_provider", {
      ...rename,
      config: { client_secret: "again" },
    });
    expect(done).toMatchObject({ name: "Sign in" });
  });

  it("are no matter where there are none", async () => {
    const safe = risky();
    const { id } = seeded(safe.sandbox, "access/identity_providers", ({ type }) => type === "onetimepin");
    expect(
      (await safe.call("update_identity_provider", { identity_provider_id: id, name: "PIN" })).result,
    ).toMatchObject({ name: "PIN" });
    const { id: app_id } = application(safe, named("Wiki"));
    expect((await safe.call("update_application", { app_id, logo_url: "https://x.example.com" })).result).toMatchObject(
      { id: app_id },
    );
  });
});
