import type { Members } from "../../../src/core/change.ts";
import type { ReasonCode } from "../../../src/simulator/effect/index.ts";
import { bothWays, type Kind, keepsOut, list, plus, set } from "./kinds.ts";

/** Edits of service tokens. */
export const tokenKinds: readonly Kind[] = [
  ...bothWays("switch", { enabled: false }, { enabled: true }, "token_usable"),
  ...bothWays("lifetime", { duration: "720h" }, { duration: "8760h" }, "longer_token"),
  ...bothWays("end", { duration: "8760h" }, { duration: "forever" }, "longer_token"),
  ...bothWays(
    "grace",
    { previous_client_secret_expires_at: "2030-01-01T00:00:00Z" },
    { previous_client_secret_expires_at: "2030-02-01T00:00:00+01:00" },
    "two_secrets",
  ),
  { name: "a name", label: "neutral", edit: set({ name: "renamed", last_seen_at: "2030-01-01T00:00:00Z" }) },
  { name: "the same time", label: "neutral", from: set({ duration: "24h" }), edit: set({ duration: "1440m" }) },
  {
    name: "off, while it is what keeps out",
    label: "widen",
    code: "block_lowered",
    from: set({ enabled: true }),
    edit: set({ enabled: false }),
    references: keepsOut,
  },
];

const within = (field: string, more: Members) => (base: Members) => ({
  ...base,
  [field]: set(more)((base[field] as Members | undefined) ?? {}),
});
const config = (more: Members) => within("config", more);
const scim = (more: Members) => within("scim_config", more);

const inside = (
  how: (more: Members) => (base: Members) => Members,
  name: string,
  narrow: Members,
  wide: Members,
  code: ReasonCode,
): readonly Kind[] => [
  { name: `${name}, opened`, label: "widen", code, from: how(narrow), edit: how(wide) },
  { name: `${name}, closed`, label: "narrow", from: how(wide), edit: how(narrow) },
];

/** Edits of identity providers. */
export const providerKinds: readonly Kind[] = [
  ...inside(config, "PKCE", { pkce_enabled: true }, { pkce_enabled: false }, "weaker_login"),
  ...inside(config, "signed requests", { sign_request: true }, { sign_request: false }, "weaker_login"),
  ...inside(config, "encryption", { enable_encryption: true }, { enable_encryption: undefined }, "weaker_login"),
  ...inside(
    config,
    "members only",
    { restrict_to_account_members: true },
    { restrict_to_account_members: false },
    "weaker_login",
  ),
  ...inside(
    config,
    "certificates",
    { idp_public_certs: ["a"] },
    { idp_public_certs: ["a", "b"] },
    "identity_source_changed",
  ),
  ...inside(scim, "leavers", { user_deprovision: true }, { user_deprovision: false }, "deprovisioning_off"),
  ...inside(scim, "provisioning", { enabled: true }, { enabled: false }, "deprovisioning_off"),
  ...inside(
    scim,
    "changes of people",
    { identity_update_behavior: "reauth" },
    { identity_update_behavior: "no_action" },
    "deprovisioning_off",
  ),
  ...[
    "client_id",
    "issuer_url",
    "sso_target_url",
    "apps_domain",
    "okta_account",
    "directory_id",
    "auth_url",
    "certs_url",
    "email_claim_name",
  ].map(
    (field): Kind => ({
      name: field,
      label: "widen",
      code: "identity_source_changed",
      edit: config({ [field]: "https://other.example.org" }),
    }),
  ),
  { name: "another kind", label: "widen", code: "identity_source_changed", edit: set({ type: "github" }) },
  { name: "a name", label: "neutral", edit: set({ name: "Renamed" }) },
  { name: "a secret", label: "neutral", edit: config({ client_secret: "new" }) },
  { name: "how the login asks", label: "neutral", edit: config({ prompt: "login" }) },
  { name: "a setting of tomorrow", label: "widen", code: "unclear", edit: config({ skip_checks: true }) },
];

const mfa = (more: Members) => within("mfa_config", more);

/** Edits of the settings of Access as a whole. */
export const organizationKinds: readonly Kind[] = [
  ...bothWays("session", { session_duration: "8h" }, { session_duration: "720h" }, "longer_session"),
  ...bothWays(
    "device session",
    { warp_auth_session_duration: "30m" },
    { warp_auth_session_duration: "2h45m" },
    "longer_session",
  ),
  ...bothWays(
    "device login",
    { allow_authenticate_via_warp: false },
    { allow_authenticate_via_warp: true },
    "warp_login",
  ),
  ...bothWays(
    "what nobody covers",
    { deny_unmatched_requests: true },
    { deny_unmatched_requests: false },
    "unprotected",
  ),
  ...bothWays(
    "exempted zones",
    { deny_unmatched_requests: true, deny_unmatched_requests_exempted_zone_names: [] },
    { deny_unmatched_requests: true, deny_unmatched_requests_exempted_zone_names: ["shop.example.org"] },
    "unprotected",
  ),
  ...bothWays(
    "strict tokens",
    { strict_service_token_auth: true },
    { strict_service_token_auth: false },
    "weaker_token_check",
  ),
  ...bothWays(
    "idle tokens",
    { service_token_inactivity: { enabled: true, action: "disable", inactivity_threshold_days: 30 } },
    { service_token_inactivity: { enabled: false, action: "disable", inactivity_threshold_days: 30 } },
    "weaker_token_check",
  ),
  ...bothWays(
    "days of idle tokens",
    { service_token_inactivity: { enabled: true, action: "disable", inactivity_threshold_days: 30 } },
    { service_token_inactivity: { enabled: true, action: "disable", inactivity_threshold_days: 90 } },
    "weaker_token_check",
  ),
  ...bothWays(
    "second factor everywhere",
    { mfa_required_for_all_apps: true },
    { mfa_required_for_all_apps: false },
    "mfa_off",
  ),
  ...inside(
    mfa,
    "factors",
    { allowed_authenticators: ["security_key"] },
    { allowed_authenticators: ["security_key", "totp"] },
    "weaker_mfa",
  ),
  ...inside(
    mfa,
    "the provider's factor",
    { amr_matching_enabled: false },
    { amr_matching_enabled: true },
    "weaker_mfa",
  ),
  ...inside(mfa, "keys of a list", { required_aaguids: "l" }, { required_aaguids: undefined }, "weaker_mfa"),
  ...bothWays(
    "PIN",
    { mfa_piv_key_requirements: { pin_policy: "always" } },
    { mfa_piv_key_requirements: { pin_policy: "never" } },
    "weaker_mfa",
  ),
  ...bothWays(
    "touch",
    { mfa_piv_key_requirements: { touch_policy: "always" } },
    { mfa_piv_key_requirements: { touch_policy: "cached" } },
    "weaker_mfa",
  ),
  ...bothWays(
    "FIPS",
    { mfa_piv_key_requirements: { require_fips_device: true } },
    { mfa_piv_key_requirements: { require_fips_device: false } },
    "weaker_mfa",
  ),
  {
    name: "another login domain",
    label: "widen",
    code: "unclear",
    edit: set({ auth_domain: "other.cloudflareaccess.com" }),
  },
  {
    name: "a locked dashboard",
    label: "neutral",
    edit: set({ is_ui_read_only: true, ui_read_only_toggle_reason: "Terraform" }),
  },
  {
    name: "another look",
    label: "neutral",
    edit: set({ name: "Renamed", login_design: {}, warp_auth_non_browser_401: true, auto_redirect_to_identity: true }),
  },
  { name: "seats", label: "neutral", edit: set({ user_seat_expiration_inactive_time: "1460h", custom_pages: {} }) },
];

/** Edits of client certificate authorities. */
export const certificateKinds: readonly Kind[] = [
  {
    name: "a host more",
    label: "widen",
    code: "certificate_hosts_added",
    edit: plus("associated_hostnames", "new.example.org"),
  },
  {
    name: "no host",
    label: "narrow",
    where: (base) => list(base["associated_hostnames"]).length > 0,
    edit: set({ associated_hostnames: [] }),
  },
  { name: "a name", label: "neutral", edit: set({ name: "renamed" }) },
];

/** Edits of infrastructure targets. */
export const targetKinds: readonly Kind[] = [
  { name: "other tags", label: "widen", code: "target_moved", edit: set({ tags: { environment: "elsewhere" } }) },
  { name: "another hostname", label: "widen", code: "target_moved", edit: set({ hostname: "renamed-01" }) },
  {
    name: "another address",
    label: "widen",
    code: "target_moved",
    edit: set({ ip: { ipv4: { ip_addr: "10.9.9.9" } } }),
  },
  { name: "the time of the change", label: "neutral", edit: set({ modified_at: "2030-01-01T00:00:00Z" }) },
];

const servers = (change: (link: Members) => Members) => (base: Members) => ({
  ...base,
  servers: list(base["servers"]).map(change),
});
const serverBothWays = (name: string, narrow: Members, wide: Members, code: ReasonCode): readonly Kind[] => [
  { name: `${name}, opened`, label: "widen", code, from: servers(set(narrow)), edit: servers(set(wide)) },
  { name: `${name}, closed`, label: "narrow", from: servers(set(wide)), edit: servers(set(narrow)) },
];
const tool = (enabled: boolean) => ({ updated_tools: [{ name: "delete_everything", enabled }] });

/** Edits of MCP portals. */
export const portalKinds: readonly Kind[] = [
  { name: "a server more", label: "widen", code: "server_added", edit: plus("servers", { server_id: "other" }) },
  { name: "a server less", label: "narrow", edit: (base) => ({ ...base, servers: list(base["servers"]).slice(1) }) },
  ...serverBothWays("own logins", { on_behalf: true }, { on_behalf: false }, "shared_login"),
  ...serverBothWays(
    "tools by default",
    { default_disabled: true, updated_tools: [] },
    { default_disabled: false, updated_tools: [] },
    "tools_enabled",
  ),
  ...serverBothWays("a tool", tool(false), tool(true), "tools_enabled"),
  ...serverBothWays(
    "a tool among few",
    { default_disabled: true, updated_tools: [] },
    { default_disabled: true, ...tool(true) },
    "tools_enabled",
  ),
  ...bothWays("Gateway", { secure_web_gateway: true }, { secure_web_gateway: false }, "gateway_off"),
  { name: "another hostname", label: "widen", code: "unprotected", edit: set({ hostname: "moved.example.org" }) },
  { name: "another name", label: "neutral", edit: set({ name: "Renamed", description: "", code_mode: "off" }) },
  {
    name: "another name of a tool",
    label: "neutral",
    from: servers(set({ default_disabled: false, updated_tools: [] })),
    edit: servers(set({ updated_tools: [{ name: "search", alias: "find" }] })),
  },
  {
    name: "only what is sent of a server",
    label: "neutral",
    edit: servers(({ server_id, on_behalf, default_disabled, updated_tools }) =>
      set({ server_id, on_behalf, default_disabled, updated_tools })({}),
    ),
  },
];

/** Edits of MCP servers. */
export const serverKinds: readonly Kind[] = [
  ...bothWays("a tool", tool(false), tool(true), "tools_enabled"),
  ...bothWays("Gateway", { secure_web_gateway: true }, { secure_web_gateway: false }, "gateway_off"),
  { name: "other credentials", label: "widen", code: "unclear", edit: set({ auth_credentials: "hunter2-hunter2" }) },
  {
    name: "another name",
    label: "neutral",
    edit: set({ name: "Renamed", description: null, last_synced: "2030-01-01T00:00:00Z" }),
  },
];
