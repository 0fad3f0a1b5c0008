import { describe, expect, it } from "vitest";
import { redact } from "../../src/pipeline/redact.ts";
import { callOf, entryOf } from "../support/calls.ts";

/** What a tool says to these arguments: `"accepted"`, or each objection as `path: keys or message`. */
function verdict(tool: string, input: Record<string, unknown>): string | string[] {
  const { error } = entryOf(tool).input.safeParse(input);
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
});

describe("secrets of the identity rooms", () => {
  const canary = "canary-identity-3e91";
  const provider = { id: "okta", config: { client_id: "c", client_secret: canary }, scim_config: { secret: canary } };
  const server = { id: "github", auth_credentials: canary, client_secret: canary };

  it.each([
    ["list_identity_providers", [provider]],
    ["get_identity_provider", provider],
    ["create_identity_provider", provider],
    ["update_identity_provider", provider],
    ["create_mcp_server", server],
    ["update_mcp_server", server],
  ])("are not in the answer of %s", async (tool, result) => {
    const keeper = { ready: async () => undefined, keep: async () => "kept" };
    const outcome = await redact(keeper)(callOf(tool), async () => ({ result, notes: [] }));
    expect(JSON.stringify(outcome)).not.toContain(canary);
    expect(JSON.stringify(outcome).match(/"\[secret/g)).toHaveLength(2);
  });
});
