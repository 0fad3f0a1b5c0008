/** An object to send, before anything has judged it. */
export type Fields = Record<string, unknown>;

/** Rules that everybody matches. */
export const anyone = [{ everyone: {} }];
const overrides = [{ path_pattern: "/health", behavior: "public" }];

/** The three ways to attach a policy; the last has every field. */
export const policies = [
  "3b1f",
  { id: "3b20", account_id: "acc", precedence: 2 },
  {
    id: "3b21",
    name: "staff",
    decision: "allow",
    include: [{ email_domain: { domain: "example.com" } }, { okta: { name: "ops", identity_provider_id: "idp" } }],
    require: [{ geo: { country_code: "PT" } }],
    exclude: [{ user_risk_score: { user_risk_score: ["high"] } }],
    session_duration: null,
    approval_required: true,
    approval_groups: [{ approvals_needed: 1, email_addresses: ["boss@example.com"], email_list_uuid: "list" }],
    purpose_justification_required: true,
    purpose_justification_prompt: "Why?",
    isolation_required: false,
    mfa_config: { allowed_authenticators: ["totp"], mfa_disabled: false, session_duration: "30m" },
    connection_rules: {
      rdp: { allowed_clipboard_local_to_remote_formats: ["text"], allowed_clipboard_remote_to_local_formats: [] },
    },
    precedence: 3,
  },
];

const scim_config = {
  idp_uid: "idp",
  remote_uri: "https://app.example.com/scim",
  enabled: true,
  deactivate_on_delete: true,
  authentication: [
    { scheme: "httpbasic", user: "user", password: "password" },
    { scheme: "oauthbearertoken", token: "token" },
    {
      scheme: "oauth2",
      client_id: "id",
      client_secret: "secret",
      authorization_url: "https://app.example.com/authorize",
      token_url: "https://app.example.com/token",
      scopes: ["scim"],
    },
    { scheme: "access_service_token", client_id: "id.access", client_secret: "secret" },
  ],
  mappings: [
    {
      schema: "urn:ietf:params:scim:schemas:core:2.0:User",
      enabled: true,
      filter: 'title pr or userType eq "Intern"',
      transform_jsonata: "$",
      operations: { create: true, update: true, delete: false },
      strictness: "strict",
    },
  ],
};

const label = { name: "wiki", logo_url: "https://example.com/logo.png", tags: ["internal"] };
const login = { policies, allowed_idps: ["idp"], auto_redirect_to_identity: true, custom_pages: ["page"] };
const gate = {
  ...login,
  session_duration: "2h45m",
  custom_deny_url: "https://example.com/denied",
  custom_non_identity_deny_url: "https://example.com/denied",
};
const proxied = {
  ...label,
  ...gate,
  destinations: [
    { uri: "wiki.example.com/*" },
    { type: "public", uri: "wiki.example.com/api", overrides },
    { type: "private", hostname: "w.internal", cidr: "10.0.0.0/8", port_range: "80", l4_protocol: "tcp", vnet_id: "v" },
    { type: "via_mcp_server_portal", mcp_server_id: "docs" },
    { type: "worker", worker_id: "w1", overrides },
    { type: "preview_worker", worker_id: "w1", overrides },
    { type: "all_workers", overrides },
    { type: "all_preview_workers", overrides },
  ],
  allow_authenticate_via_warp: true,
  custom_deny_message: "No.",
  http_only_cookie_attribute: true,
  same_site_cookie_attribute: "strict",
  options_preflight_bypass: false,
  oauth_configuration: {
    enabled: true,
    dynamic_client_registration: {
      enabled: true,
      allowed_uris: ["https://client.example.com/*"],
      allow_any_on_localhost: true,
      allow_any_on_loopback: true,
    },
    grant: { access_token_lifetime: "15m", session_duration: "24h" },
  },
  scim_config,
};
const browser = {
  domain: "wiki.example.com",
  ...proxied,
  self_hosted_domains: ["wiki.example.com"],
  app_launcher_visible: true,
  mfa_config: { allowed_authenticators: ["security_key", "biometrics"], mfa_disabled: false, session_duration: "24h" },
  allow_iframe: false,
  cors_headers: {
    allow_all_headers: true,
    allow_all_methods: false,
    allow_all_origins: false,
    allow_credentials: true,
    allowed_headers: ["x-test"],
    allowed_methods: ["GET", "PATCH"],
    allowed_origins: ["https://example.com"],
    max_age: -1,
  },
  eager_redirect_cookie_setting: true,
  enable_binding_cookie: true,
  path_cookie_attribute: true,
  read_service_tokens_from_header: "x-token",
  service_auth_401_redirect: true,
  skip_interstitial: true,
  use_clientless_isolation_app_launcher_url: false,
};
/** Both forms of target criteria. */
export const criteria = (protocol: "SSH" | "RDP") => [
  {
    protocol,
    port: 22,
    include: { tags: { role: ["db", "web"] }, target_attributes: { hostname: ["db-1"] } },
    require: { tags: { site: ["lisbon"] } },
    exclude: { target_attributes: { hostname: ["db-9"] } },
  },
  { protocol, port: 23, target_attributes: { hostname: ["old-1"] } },
];
const oldCriterion = (protocol: string) => [{ protocol, port: 3389, target_attributes: { hostname: ["pc-1"] } }];

/** Every field of a SAML application; `kinds` has those of OIDC. */
export const saml = {
  auth_type: "saml",
  sp_entity_id: "saas.example",
  consumer_service_url: "https://saas.example/sso",
  name_id_format: "email",
  name_id_transform_jsonata: "email",
  custom_attributes: [
    {
      name: "rank",
      friendly_name: "Rank",
      name_format: "urn:oasis:names:tc:SAML:2.0:attrname-format:basic",
      required: true,
      source: { name: "rank", name_by_idp: [{ idp_id: "idp", source_name: "level" }] },
    },
  ],
  saml_attribute_transform_jsonata: "$",
  default_relay_state: "https://saas.example",
  idp_entity_id: "https://team.example",
  sso_endpoint: "https://team.example/sso",
  public_key: "PEM",
};
const oidc = {
  auth_type: "oidc",
  redirect_uris: ["https://saas.example/callback"],
  grant_types: ["authorization_code_with_pkce", "refresh_tokens"],
  scopes: ["openid", "groups"],
  app_launcher_url: "https://saas.example",
  allow_pkce_without_client_secret: false,
  access_token_lifetime: "1h30m",
  refresh_token_options: { lifetime: "90d" },
  hybrid_and_implicit_options: {
    return_access_token_from_authorization_endpoint: true,
    return_id_token_from_authorization_endpoint: true,
  },
  custom_claims: [
    { name: "rank", scope: "profile", required: true, source: { name: "rank", name_by_idp: { idp: "level" } } },
  ],
  group_filter_regex: ".*",
  client_id: "id",
  client_secret: "secret",
  public_key: "PEM",
};

/** A policy with every field that infrastructure knows. */
export const infrastructurePolicies = [
  {
    name: "operators",
    decision: "allow",
    include: anyone,
    require: anyone,
    exclude: [],
    connection_rules: { ssh: { usernames: ["root"], allow_email_alias: true } },
    mfa_config: { allowed_authenticators: ["piv_key"], mfa_disabled: false, session_duration: "0m" },
  },
];

/** By kind: the least that is valid, and every field there is. */
export const kinds: Record<string, { minimal: Fields; full: Fields }> = {
  self_hosted: { minimal: { domain: "wiki.example.com" }, full: browser },
  ssh: { minimal: { domain: "ssh.example.com" }, full: browser },
  vnc: { minimal: { domain: "vnc.example.com" }, full: browser },
  rdp: {
    minimal: { domain: "pc.example.com", target_criteria: oldCriterion("RDP") },
    full: { ...browser, target_criteria: criteria("RDP") },
  },
  saas: {
    minimal: { saas_app: { sp_entity_id: "saas.example", consumer_service_url: "https://saas.example/sso" } },
    full: {
      ...label,
      ...login,
      saas_app: oidc,
      app_launcher_visible: true,
      session_duration: "24h",
      allow_authenticate_via_warp: true,
      scim_config: { ...scim_config, authentication: scim_config.authentication[0] },
    },
  },
  infrastructure: {
    minimal: { target_criteria: oldCriterion("SSH") },
    full: {
      name: "databases",
      target_criteria: criteria("SSH"),
      policies: infrastructurePolicies,
      mfa_config: { allowed_authenticators: ["ssh_fido2_key"] },
    },
  },
  mcp: { minimal: {}, full: proxied },
  mcp_portal: { minimal: {}, full: { domain: "mcp.example.com", ...proxied } },
  app_launcher: {
    minimal: {},
    full: {
      ...gate,
      app_launcher_logo_url: "https://example.com/logo.png",
      bg_color: "#fff",
      header_bg_color: "#000",
      footer_links: [{ name: "Help", url: "https://example.com/help" }],
      landing_page_design: {
        title: "Hi",
        message: "Log in",
        image_url: "",
        button_color: "#f",
        button_text_color: "#0",
      },
      skip_app_launcher_login_page: true,
    },
  },
  warp: { minimal: {}, full: gate },
  biso: { minimal: {}, full: gate },
  proxy_endpoint: {
    minimal: {},
    full: { name: "proxy", domain: "abcdefghij.proxy.cloudflare-gateway.com", ...gate },
  },
  bookmark: {
    minimal: { domain: "https://example.com" },
    full: { domain: "https://example.com", ...label, app_launcher_visible: true, policies },
  },
};
