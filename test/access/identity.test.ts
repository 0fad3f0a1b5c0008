import { describe, expect, it } from "vitest";
import { access } from "../../src/access/index.ts";

/** What a tool says to these arguments: `"accepted"`, or each objection as `path: keys or message`. */
function verdict(tool: string, input: Record<string, unknown>): string | string[] {
  const entry = access.find(({ name }) => name === tool);
  if (entry === undefined) throw new Error(`no tool ${tool}`);
  const { error } = entry.input.safeParse(input);
  if (error === undefined) return "accepted";
  return error.issues.map(
    (issue) => `${issue.path.join(".")}: ${issue.code === "unrecognized_keys" ? issue.keys.join(", ") : issue.message}`,
  );
}

const oauth = { client_id: "client", client_secret: "example" };
const claims = { ...oauth, claims: ["department"], email_claim_name: "email" };

/** Every kind with its whole `config`. */
const kinds = {
  onetimepin: {},
  azureAD: {
    ...claims,
    directory_id: "directory",
    support_groups: true,
    conditional_access_enabled: true,
    prompt: "login",
  },
  saml: {
    issuer_url: "https://idp.example.com",
    sso_target_url: "https://idp.example.com/sso",
    idp_public_certs: ["-----BEGIN CERTIFICATE-----"],
    attributes: ["group"],
    email_attribute_name: "mail",
    header_attributes: [{ attribute_name: "group", header_name: "X-Group" }],
    sign_request: true,
    force_authn: false,
    enable_encryption: true,
    max_sso_url_length: 2000,
  },
  centrify: { ...claims, centrify_account: "https://example.my.centrify.com", centrify_app_id: "app" },
  facebook: oauth,
  github: oauth,
  "google-apps": { ...claims, apps_domain: "example.com", prompt: "consent", use_login_hint: true },
  google: claims,
  linkedin: oauth,
  oidc: {
    ...claims,
    auth_url: "https://idp.example.com/authorize",
    token_url: "https://idp.example.com/token",
    certs_url: "https://idp.example.com/keys",
    scopes: ["openid", "email"],
    pkce_enabled: true,
  },
  okta: { ...claims, okta_account: "https://example.okta.com", authorization_server_id: "default" },
  onelogin: { ...claims, onelogin_account: "https://example.onelogin.com" },
  pingone: { ...claims, ping_env_id: "environment" },
  yandex: oauth,
  cloudflare: { restrict_to_account_members: true },
};

const common = {
  name: "Staff",
  saml_certificate_set_id: "set",
  scim_config: {
    enabled: true,
    user_deprovision: true,
    seat_deprovision: true,
    identity_update_behavior: "automatic",
  },
};

describe.each(Object.entries(kinds))("identity provider %s", (type, config) => {
  const whole = { ...common, type, config };

  it("takes its smallest and its whole form, to create and to update", () => {
    expect(verdict("create_identity_provider", { name: "Staff", type, config: {} })).toBe("accepted");
    expect(verdict("create_identity_provider", whole)).toBe("accepted");
    expect(verdict("update_identity_provider", { identity_provider_id: "f174e90a", ...whole })).toBe("accepted");
  });

  it("refuses by name each config key that only other kinds have", () => {
    const others = Object.keys(Object.assign({}, ...Object.values(kinds))).filter((key) => !(key in config));
    expect(others.length).toBeGreaterThan(20);
    for (const key of others) {
      expect(verdict("create_identity_provider", { ...whole, config: { ...config, [key]: "x" } })).toEqual([
        `config: ${key}`,
      ]);
    }
  });

  it("refuses unknown keys at every depth", () => {
    const scim_config = { ...common.scim_config, secret: "x" };
    expect(verdict("create_identity_provider", { ...whole, scim_config })).toEqual(["scim_config: secret"]);
    expect(verdict("create_identity_provider", { ...whole, identity_provider_id: "x" })).toEqual([
      ": identity_provider_id",
    ]);
  });
});

describe("identity providers", () => {
  it("are of 15 kinds, and of no other", () => {
    expect(Object.keys(kinds)).toHaveLength(15);
    expect(verdict("create_identity_provider", { name: "Staff", type: "myspace", config: {} })).not.toBe("accepted");
    expect(verdict("create_identity_provider", { name: "Staff", config: {} })).not.toBe("accepted");
  });

  it("need their config, and a known value where there is a choice", () => {
    expect(verdict("create_identity_provider", { name: "Staff", type: "github" })).not.toBe("accepted");
    const config = { prompt: "consent" };
    expect(verdict("create_identity_provider", { name: "Staff", type: "google-apps", config })).toBe("accepted");
    expect(verdict("create_identity_provider", { name: "Staff", type: "azureAD", config })).not.toBe("accepted");
  });

  it("refuse unknown keys inside lists", () => {
    const config = { header_attributes: [{ attribute_name: "group", header: "X-Group" }] };
    expect(verdict("create_identity_provider", { name: "Staff", type: "saml", config })).toEqual([
      "config.header_attributes.0: header",
    ]);
  });
});

const user_id = "f174e90a-fafe-4643-bbbc-4a0ed4fc8415";
const identity_provider_id = user_id;

/** The smallest request of each tool. */
const smallest: readonly (readonly [tool: string, input: Record<string, unknown>])[] = [
  ["list_users", {}],
  ["get_user", { user_id }],
  ["create_user", { email: "ada@example.com" }],
  ["update_user", { user_id, email: "ada@example.com", name: "Ada" }],
  ["delete_user", { user_id }],
  ["list_user_sessions", { user_id }],
  ["get_user_session", { user_id, nonce: "X1aXj1lFVcqqyoXF" }],
  ["get_user_last_identity", { user_id }],
  ["list_user_failed_logins", { user_id }],
  ["revoke_user", { email: "ada@example.com" }],
  ["list_access_requests", {}],
  ["list_scim_updates", { idp_id: [identity_provider_id] }],
  ["list_identity_providers", {}],
  ["get_identity_provider", { identity_provider_id }],
  ["delete_identity_provider", { identity_provider_id }],
  ["create_identity_provider_saml_certificate", { identity_provider_id }],
  ["list_idp_scim_users", { identity_provider_id }],
  ["list_idp_scim_groups", { identity_provider_id }],
  ["get_organization", {}],
  ["create_organization", { name: "Example", auth_domain: "example.cloudflareaccess.com" }],
  ["update_organization", {}],
  ["get_organization_doh", {}],
  ["update_organization_doh", {}],
  ["list_mcp_portals", {}],
  ["get_mcp_portal", { id: "engineering" }],
  ["create_mcp_portal", { id: "engineering", name: "Engineering", hostname: "mcp.example.com" }],
  ["update_mcp_portal", { id: "engineering" }],
  ["delete_mcp_portal", { id: "engineering" }],
  ["list_mcp_servers", {}],
  ["get_mcp_server", { id: "github" }],
  [
    "create_mcp_server",
    { id: "github", name: "GitHub", hostname: "https://mcp.example.com/mcp", auth_type: "unauthenticated" },
  ],
  ["update_mcp_server", { id: "github" }],
  ["delete_mcp_server", { id: "github" }],
  ["sync_mcp_server", { id: "github" }],
  ["list_posture_rules", {}],
  ["get_posture_rule", { rule_id: user_id }],
  ["list_posture_integrations", {}],
  ["get_posture_integration", { integration_id: user_id }],
  ["list_gateway_lists", {}],
  ["get_gateway_list", { list_id: user_id }],
  ["list_gateway_list_items", { list_id: user_id }],
];

describe.each(smallest)("%s", (tool, input) => {
  it("takes its smallest request, all of it needed, and no key it does not know", () => {
    expect(verdict(tool, input)).toBe("accepted");
    expect(verdict(tool, { ...input, surprise: 1 })).toEqual([": surprise"]);
    for (const key of Object.keys(input)) {
      const { [key]: _, ...rest } = input;
      expect(verdict(tool, rest), `without ${key}`).not.toBe("accepted");
    }
  });
});

/** The whole request of tools with much to say. */
const whole = {
  list_access_requests: {
    since: "2026-01-01T00:00:00Z",
    until: "2026-01-31T00:00:00+01:00",
    direction: "desc",
    ...{ email: "ada@example.com", emailOp: "contains", email_exact: false },
    ...{ allowed: false, allowedOp: "eq", app_uid: "app", app_uidOp: "neq", app_type: "saas", app_typeOp: "eq" },
    ...{
      country_code: "DE",
      country_codeOp: "neq",
      idp: "okta",
      idpOp: "eq",
      non_identity: true,
      non_identityOp: "eq",
    },
    ...{ ray_id: "187d944c61940c77", ray_idOp: "eq" },
  },
  list_scim_updates: {
    idp_id: ["a", "b"],
    since: "2026-01-01T00:00:00Z",
    until: "2026-01-31T00:00:00Z",
    direction: "asc",
    status: ["FAILURE", "SUCCESS"],
    resource_type: ["USER", "GROUP"],
    request_method: ["DELETE", "PATCH", "POST", "PUT"],
    resource_user_email: ["ada@example.com"],
    resource_group_name: ["Staff"],
    cf_resource_id: ["c"],
    idp_resource_id: ["d"],
  },
  revoke_user: { email: "ada@example.com", user_uid: "uid", devices: true, warp_session_reauth: true },
  update_organization: {
    name: "Example",
    auth_domain: "example.cloudflareaccess.com",
    session_duration: "24h",
    auto_redirect_to_identity: true,
    allow_authenticate_via_warp: true,
    warp_auth_session_duration: "2h45m",
    warp_auth_non_browser_401: true,
    deny_unmatched_requests: true,
    deny_unmatched_requests_exempted_zone_names: ["example.com"],
    strict_service_token_auth: true,
    service_token_inactivity: { enabled: true, action: "disable", inactivity_threshold_days: 90 },
    user_seat_expiration_inactive_time: "730h",
    mfa_config: {
      allowed_authenticators: ["totp", "biometrics", "security_key", "piv_key", "ssh_fido2_key"],
      session_duration: "24h",
      amr_matching_session_duration: "12h",
      amr_matching_enabled: true,
      amr_session_duration: "12h",
      required_aaguids: "list",
    },
    mfa_required_for_all_apps: true,
    mfa_piv_key_requirements: {
      pin_policy: "always",
      touch_policy: "cached",
      require_fips_device: true,
      ssh_key_type: ["ecdsa", "rsa"],
      ssh_key_size: [256, 4096],
    },
    login_design: {
      logo_path: "https://example.com/logo.png",
      header_text: "Hello",
      footer_text: "Bye",
      background_color: "#ffffff",
      text_color: "#000000",
    },
    custom_pages: { identity_denied: "page", forbidden: "page" },
    is_ui_read_only: true,
    ui_read_only_toggle_reason: "Managed as code",
  },
  create_mcp_portal: {
    id: "engineering",
    name: "Engineering",
    hostname: "mcp.example.com",
    description: "Tools",
    code_mode: "opt_in",
    allow_code_mode: true,
    secure_web_gateway: true,
    servers: [
      {
        server_id: "github",
        on_behalf: true,
        default_disabled: true,
        updated_tools: [{ name: "search", alias: "find", description: "Find", enabled: true }],
        updated_prompts: [{ name: "review", enabled: false }],
      },
    ],
  },
  create_mcp_server: {
    id: "github",
    name: "GitHub",
    hostname: "https://mcp.example.com/mcp",
    auth_type: "bearer",
    auth_credentials: "example",
    client_secret: "example",
    description: null,
    is_shared_oauth_callback_enabled: true,
    secure_web_gateway: true,
    updated_tools: [{ name: "search", alias: "find", description: "Find", enabled: true }],
    updated_prompts: [{ name: "review" }],
  },
  list_gateway_lists: { type: "IP", search: "a", filter: ["name:a"], order_by: "name", direction: "asc" },
  update_organization_doh: { service_token_id: user_id, doh_jwt_duration: "24h" },
};

/** The path of each object in a request, its own included. */
function objectsIn(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value !== "object" || value === null) return [];
  const below = Object.entries(value).flatMap(([key, child]) => objectsIn(child, [...path, key]));
  return Array.isArray(value) ? below : [[...path], ...below];
}

/** The request with an unknown key in the object at `path`. */
function withSurprise(value: unknown, [key, ...rest]: readonly string[]): unknown {
  if (key === undefined) return { ...(value as object), surprise: 1 };
  if (Array.isArray(value))
    return value.map((child, index) => (String(index) === key ? withSurprise(child, rest) : child));
  return { ...(value as object), [key]: withSurprise((value as Record<string, unknown>)[key], rest) };
}

describe.each(Object.entries(whole))("%s in full", (tool, input) => {
  it("is taken, and refuses an unknown key in every one of its objects", () => {
    expect(verdict(tool, input)).toBe("accepted");
    for (const path of objectsIn(input)) {
      const wrong = withSurprise(input, path) as Record<string, unknown>;
      expect(verdict(tool, wrong)).toEqual([`${path.join(".")}: surprise`]);
    }
  });
});

describe("answers of the identity rooms", () => {
  it("keep keys that nobody knows yet, at every depth", () => {
    const provider = {
      id: "f174e90a",
      type: "okta",
      name: "Staff",
      config: { okta_account: "https://example.okta.com", tomorrow: 1 },
      scim_config: { enabled: true, tomorrow: { a: 1 } },
      tomorrow: [1],
    };
    const rule = { type: "kolide", input: { connection_id: "c", auth_state: ["Good"], tomorrow: 1 }, tomorrow: 1 };
    for (const [tool, value] of [
      ["get_identity_provider", provider],
      ["get_posture_rule", rule],
    ] as const) {
      expect(access.find(({ name }) => name === tool)?.output.parse(value)).toEqual(value);
    }
  });

  it("mark what is secret", () => {
    const secretsOf = (tool: string) => access.find(({ name }) => name === tool)?.secrets;
    for (const verb of ["list", "get", "create", "update"]) {
      const noun = verb === "list" ? "identity_providers" : "identity_provider";
      expect(secretsOf(`${verb}_${noun}`)).toEqual(["config.client_secret", "scim_config.secret"]);
    }
    expect(secretsOf("create_mcp_server")).toEqual(["auth_credentials", "client_secret"]);
    expect(secretsOf("update_mcp_server")).toEqual(["auth_credentials", "client_secret"]);
  });

  it("need the Revoke level to revoke, and send devices in the query", () => {
    const revoke = access.find(({ name }) => name === "revoke_user");
    expect(revoke?.needs).toBe("Access: Organizations, Identity Providers, and Groups Revoke");
    expect(revoke?.place).toEqual({ devices: "query" });
  });
});
