import type { Members } from "../../../src/core/change.ts";
import { bothWays, type Kind, list, set } from "./kinds.ts";

const isOf =
  (...types: readonly string[]) =>
  (base: Members) =>
    types.includes(String(base["type"]));
const browser = isOf("self_hosted", "ssh", "vnc", "rdp");
const gated = (base: Members) => !isOf("bookmark", "infrastructure")(base);

const staff = { id: "p1", name: "Staff", decision: "allow", include: [{ email_domain: { domain: "example.org" } }], precedence: 1 };
const block = { id: "p2", name: "Leavers", decision: "deny", include: [{ email: { email: "x@example.org" } }], precedence: 2 };
const robots = { id: "p3", name: "Robots", decision: "non_identity", include: [{ service_token: { token_id: "t" } }], precedence: 3 };
const open = { id: "p4", name: "Open", decision: "bypass", include: [{ everyone: {} }], precedence: 4 };

const policies = (...items: readonly Members[]) =>
  set({ policies: items.map((policy, place) => ({ ...policy, precedence: place + 1 })) });
const links = (...items: readonly Members[]) => set({ policies: items.map(({ id }, place) => ({ id, precedence: place + 1 })) });
const some = (base: Members) => list(base["policies"]).length > 0;
const several = (base: Members) => list(base["policies"]).length > 1;
const allAllow = (base: Members) => list(base["policies"]).every(({ decision }) => decision === "allow");

const attached: readonly Kind[] = [
  { name: "a reusable policy more", label: "widen", code: "policy_added", edit: (base) => ({ ...base, policies: [...list(base["policies"]), { id: "unknown", precedence: 90 }] }) },
  { name: "an own policy more", label: "widen", code: "policy_added", edit: (base) => ({ ...base, policies: [...list(base["policies"]), { ...staff, precedence: 90 }] }) },
  { name: "everything open", label: "widen", code: "bypass", edit: (base) => ({ ...base, policies: [...list(base["policies"]), { ...open, precedence: 90 }] }) },
  { name: "a block more", label: "narrow", code: "block_raised", where: some, edit: (base) => ({ ...base, policies: [...list(base["policies"]), { ...block, precedence: 90 }] }) },
  { name: "no policy left", label: "narrow", code: "last_policy_removed", where: some, edit: set({ policies: [] }) },
  { name: "a policy less", label: "narrow", code: "policy_removed", where: (base) => several(base) && allAllow(base), edit: (base) => ({ ...base, policies: list(base["policies"]).slice(0, 1) }) },
  { name: "links for what was shown", label: "neutral", where: some, edit: (base) => ({ ...base, policies: list(base["policies"]).map(({ id, precedence }) => ({ id, precedence })) }) },
  { name: "ids for what was shown", label: "neutral", where: some, edit: (base) => ({ ...base, policies: list(base["policies"]).map(({ id }) => id) }) },
  { name: "policies not mentioned", label: "neutral", where: some, edit: set({ policies: undefined }) },
  { name: "a block gone", label: "widen", code: "block_lowered", from: policies(block, staff), edit: links(staff) },
  { name: "a block behind an allow", label: "widen", code: "block_lowered", from: policies(block, staff), edit: links(staff, block) },
  { name: "a block behind one of two", label: "widen", code: "block_lowered", from: policies(robots, block, staff), edit: links(robots, staff, block) },
  { name: "a block before an allow", label: "narrow", code: "block_raised", from: policies(staff, block), edit: links(block, staff) },
  { name: "a block behind a machine policy", label: "neutral", from: policies(block, robots), edit: links(robots, block) },
  { name: "machines before people", label: "neutral", from: policies(staff, robots), edit: links(robots, staff) },
  { name: "other precedences, same order", label: "neutral", from: policies(block, staff), edit: set({ policies: [{ id: "p2", precedence: 10 }, { id: "p1", precedence: 20 }] }) },
  { name: "order turned in the list alone", label: "neutral", from: policies(block, staff), edit: set({ policies: [{ id: "p1", precedence: 2 }, { id: "p2", precedence: 1 }] }) },
  { name: "only blocks left", label: "narrow", code: "last_policy_removed", from: policies(block, staff), edit: links(block) },
  { name: "one policy for another", label: "widen", code: "policy_added", from: policies(staff), edit: policies({ ...staff, id: "p9", name: "Partners" }) },
  { name: "an own policy sent without its id", label: "neutral", from: policies(staff), edit: set({ policies: [(({ id: _, ...rest }) => rest)(staff)] }) },
  { name: "an own policy without id, wider", label: "widen", code: "everyone", from: policies(staff), edit: set({ policies: [{ ...staff, id: undefined, include: [{ everyone: {} }] }] }) },
  { name: "an own policy made wider in place", label: "widen", code: "include_added", from: policies(block, staff), edit: policies(block, { ...staff, include: [...staff.include, { ip: { ip: "192.0.2.1" } }] }) },
];

const cookies = bothWays("cookie for scripts", { http_only_cookie_attribute: true }, { http_only_cookie_attribute: false }, "weaker_cookie", browser);

const settings: readonly Kind[] = [
  ...bothWays("session", { session_duration: "1h" }, { session_duration: "720h" }, "longer_session", gated),
  ...bothWays("session without a word", { session_duration: "6h" }, { session_duration: undefined }, "longer_session", gated),
  ...bothWays("providers", { allowed_idps: ["a"] }, { allowed_idps: ["a", "b"] }, "more_identity_providers", gated),
  ...bothWays("any provider", { allowed_idps: ["a"] }, { allowed_idps: [] }, "more_identity_providers", gated),
  { name: "one provider for another", label: "widen", where: gated, from: set({ allowed_idps: ["a"] }), edit: set({ allowed_idps: ["b"] }) },
  ...cookies,
  ...bothWays("cookie unsaid", { http_only_cookie_attribute: undefined }, { http_only_cookie_attribute: false }, "weaker_cookie", browser),
  ...bothWays("same site", { same_site_cookie_attribute: "strict" }, { same_site_cookie_attribute: "none" }, "weaker_cookie", browser),
  ...bothWays("same site, a step", { same_site_cookie_attribute: "strict" }, { same_site_cookie_attribute: "lax" }, "weaker_cookie", browser),
  ...bothWays("binding cookie", { enable_binding_cookie: true }, { enable_binding_cookie: false }, "weaker_cookie", browser),
  ...bothWays("path of the cookie", { path_cookie_attribute: true }, { path_cookie_attribute: false }, "weaker_cookie", browser),
  ...bothWays("preflights", { options_preflight_bypass: false }, { options_preflight_bypass: true }, "preflight_bypass", browser),
  ...bothWays("device login", { allow_authenticate_via_warp: false }, { allow_authenticate_via_warp: true }, "warp_login", browser),
  ...bothWays("device login as the organization says", { allow_authenticate_via_warp: undefined }, { allow_authenticate_via_warp: true }, "warp_login", browser),
  ...bothWays("interstitial", { skip_interstitial: false }, { skip_interstitial: true }, "interstitial_skipped", browser),
  ...bothWays("clientless", { use_clientless_isolation_app_launcher_url: false }, { use_clientless_isolation_app_launcher_url: true }, "another_way_in", browser),
  ...bothWays("second factor", { mfa_config: { allowed_authenticators: ["totp"] } }, { mfa_config: { mfa_disabled: true } }, "mfa_off", browser),
  ...bothWays("CORS", { cors_headers: undefined }, { cors_headers: { allow_all_origins: true } }, "cors_opened", browser),
  ...bothWays("origins", { cors_headers: { allowed_origins: ["https://a.example.org"] } }, { cors_headers: { allow_all_origins: true } }, "cors_opened", browser),
  ...bothWays("an origin", { cors_headers: { allowed_origins: ["https://a.example.org"] } }, { cors_headers: { allowed_origins: ["https://a.example.org", "https://b.example.org"] } }, "cors_opened", browser),
  ...bothWays("credentials", { cors_headers: { allow_credentials: false } }, { cors_headers: { allow_credentials: true } }, "cors_opened", browser),
  ...bothWays("OAuth", { oauth_configuration: undefined }, { oauth_configuration: { enabled: true } }, "oauth_opened", browser),
  ...bothWays("OAuth without a word", { oauth_configuration: { enabled: false } }, { oauth_configuration: { grant: {} , enabled: undefined } }, "oauth_opened", browser),
  ...bothWays("registration", { oauth_configuration: { enabled: true, dynamic_client_registration: { enabled: false } } }, { oauth_configuration: { enabled: true, dynamic_client_registration: { enabled: true } } }, "oauth_opened", browser),
  ...bothWays("redirects of clients", { oauth_configuration: { enabled: true, dynamic_client_registration: { allowed_uris: [] } } }, { oauth_configuration: { enabled: true, dynamic_client_registration: { allowed_uris: ["https://b.example.org/*"] } } }, "oauth_opened", browser),
  ...bothWays("grants", { oauth_configuration: { grant: { session_duration: "24h" } } }, { oauth_configuration: { grant: { session_duration: "720h" } } }, "longer_session", browser),
  { name: "another look", label: "neutral", edit: set({ name: "Renamed", tags: ["x"], logo_url: "https://example.org/l.png", app_launcher_visible: false }) },
  { name: "answers for machines", label: "neutral", where: browser, edit: set({ service_auth_401_redirect: true, custom_deny_url: "https://example.org/no" }) },
  { name: "frames", label: "neutral", where: browser, edit: set({ allow_iframe: true }) },
  { name: "how long a preflight is kept", label: "neutral", where: browser, from: set({ cors_headers: { max_age: 1 } }), edit: set({ cors_headers: { max_age: 600 } }) },
  { name: "what only Cloudflare sets", label: "neutral", edit: set({ aud: undefined, created_at: undefined, updated_at: "2030-01-01T00:00:00Z" }) },
  { name: "a setting of tomorrow", label: "widen", code: "unclear", where: gated, edit: set({ trust_everybody: true }) },
  { name: "another type", label: "widen", code: "unclear", where: isOf("self_hosted"), edit: set({ type: "bookmark" }) },
];

const at = (...uris: readonly string[]) => ({ domain: uris[0], self_hosted_domains: uris, destinations: uris.map((uri) => ({ type: "public", uri })), policies: [staff] });
const stale = (...uris: readonly string[]) => set({ destinations: uris.map((uri) => ({ uri })) });
const override = { path_pattern: "/health", behavior: "public" };

const addresses: readonly Kind[] = [
  { name: "an address less, others as they were", label: "widen", code: "unprotected", where: isOf("self_hosted"), from: set(at("a.example.org", "b.example.org")), edit: stale("a.example.org") },
  { name: "the main address less", label: "widen", code: "unprotected", where: isOf("self_hosted"), from: set(at("a.example.org", "b.example.org")), edit: stale("b.example.org") },
  { name: "an address less, only destinations sent", label: "widen", code: "unprotected", where: isOf("self_hosted"), from: set(at("a.example.org", "b.example.org")), edit: set({ ...at("a.example.org"), domain: undefined, self_hosted_domains: undefined }) },
  { name: "another domain", label: "widen", code: "unprotected", where: isOf("self_hosted", "ssh", "vnc"), edit: set({ domain: "moved.example.org", self_hosted_domains: undefined, destinations: undefined }) },
  { name: "a path instead of the host", label: "widen", code: "unprotected", where: isOf("self_hosted"), from: set(at("a.example.org")), edit: set(at("a.example.org/admin")) },
  { name: "an address more", label: "widen", code: "address_added", where: isOf("self_hosted"), from: set(at("a.example.org")), edit: set(at("a.example.org", "pay.example.org/reports")) },
  { name: "an address more, nobody let in", label: "narrow", code: "protected", where: isOf("self_hosted"), from: set({ ...at("a.example.org"), policies: [] }), edit: set({ ...at("a.example.org", "b.example.org"), policies: [] }) },
  { name: "a path that was covered", label: "neutral", where: isOf("self_hosted"), from: set(at("a.example.org")), edit: set(at("a.example.org", "a.example.org/admin")) },
  { name: "an address written otherwise", label: "neutral", where: isOf("self_hosted"), from: set(at("a.example.org")), edit: set(at("A.example.org/*")) },
  { name: "only destinations sent", label: "neutral", where: browser, edit: set({ domain: undefined, self_hosted_domains: undefined }) },
  { name: "an open path", label: "widen", code: "public_path", where: isOf("self_hosted"), from: set(at("a.example.org")), edit: set({ destinations: [{ type: "public", uri: "a.example.org", overrides: [override] }] }) },
  { name: "no open path", label: "narrow", where: isOf("self_hosted"), from: set({ ...at("a.example.org"), destinations: [{ uri: "a.example.org", overrides: [override] }] }), edit: set(at("a.example.org")) },
  { name: "another network", label: "widen", code: "unprotected", where: isOf("self_hosted"), from: set({ destinations: [{ type: "private", cidr: "10.0.0.0/24" }], domain: undefined, self_hosted_domains: undefined }), edit: set({ destinations: [{ type: "private", cidr: "10.0.1.0/24" }] }) },
  { name: "a Worker less", label: "widen", code: "unprotected", where: isOf("self_hosted"), from: set({ destinations: [{ type: "worker", worker_id: "w" }, { type: "all_preview_workers" }], domain: undefined, self_hosted_domains: undefined }), edit: set({ destinations: [{ type: "worker", worker_id: "w" }] }) },
];

const tagged = (...values: readonly string[]) => ({ target_criteria: [{ protocol: "SSH", port: 22, include: { tags: { environment: values } } }] });
const conditions = (more: Members) => ({ target_criteria: [{ protocol: "SSH", port: 22, include: { tags: { role: ["web"] } }, ...more }] });
const named = (...hostname: readonly string[]) => ({ target_criteria: [{ protocol: "SSH", port: 22, target_attributes: { hostname } }] });
const infrastructure = isOf("infrastructure");

const machines: readonly Kind[] = [
  ...bothWays("machines", tagged("staging"), tagged("staging", "production"), "targets_added", infrastructure),
  ...bothWays("names", named("db-1"), named("db-1", "db-2"), "targets_added", infrastructure),
  ...bothWays("a condition", conditions({ require: { tags: { environment: ["staging"] } } }), conditions({}), "targets_added", infrastructure),
  ...bothWays("a laxer condition", conditions({ require: { tags: { environment: ["staging"] } } }), conditions({ require: { tags: { environment: ["staging", "tools"] } } }), "targets_added", infrastructure),
  ...bothWays("what is left out", conditions({ exclude: { tags: { environment: ["production"] } } }), conditions({}), "targets_added", infrastructure),
  { name: "another port", label: "widen", code: "targets_added", where: infrastructure, edit: (base) => ({ ...base, target_criteria: [...list(base["target_criteria"]), { protocol: "SSH", port: 2222, include: { tags: { role: ["web"] } } }] }) },
  { name: "the newer form", label: "neutral", where: infrastructure, from: set(named("db-1")), edit: set({ target_criteria: [{ protocol: "SSH", port: 22, include: { target_attributes: { hostname: ["db-1"] } } }] }) },
];

/** Edits of applications that are not SaaS. */
export const applicationKinds: readonly Kind[] = [
  ...attached.map((kind) => ({ ...kind, where: (base: Members) => gated(base) && (kind.where ?? (() => true))(base) })),
  ...settings,
  ...addresses,
  ...machines,
  { name: "the policies of a bookmark", label: "neutral", where: isOf("bookmark"), edit: set({ policies: [open] }) },
  { name: "the address of a bookmark", label: "neutral", where: isOf("bookmark"), edit: set({ domain: "https://elsewhere.example.org" }) },
];

const saas = (more: Members) => (base: Members) => ({ ...base, saas_app: set(more)(base["saas_app"] as Members) });
const isSaas = (auth_type: string) => (base: Members) => (base["saas_app"] as Members | undefined)?.["auth_type"] === auth_type;

const saasBothWays = (name: string, narrow: Members, wide: Members, code: string, auth_type: string): readonly Kind[] => [
  { name: `${name}, opened`, label: "widen", code, where: isSaas(auth_type), from: saas(narrow), edit: saas(wide) },
  { name: `${name}, closed`, label: "narrow", where: isSaas(auth_type), from: saas(wide), edit: saas(narrow) },
];

/** Edits of how SaaS applications are told who logged in. */
export const saasKinds: readonly Kind[] = [
  ...saasBothWays("redirects", { redirect_uris: ["https://a.example.org"] }, { redirect_uris: ["https://a.example.org", "https://b.example.org"] }, "redirect_added", "oidc"),
  ...saasBothWays("PKCE alone", { allow_pkce_without_client_secret: false }, { allow_pkce_without_client_secret: true }, "weaker_flow", "oidc"),
  ...saasBothWays("implicit grants", { grant_types: ["authorization_code"] }, { grant_types: ["authorization_code", "implicit"] }, "weaker_flow", "oidc"),
  ...saasBothWays("tokens in the address", { hybrid_and_implicit_options: {} }, { hybrid_and_implicit_options: { return_access_token_from_authorization_endpoint: true } }, "weaker_flow", "oidc"),
  ...saasBothWays("life of tokens", { access_token_lifetime: "5m" }, { access_token_lifetime: "24h" }, "longer_session", "oidc"),
  ...saasBothWays("life of refresh tokens", { refresh_token_options: { lifetime: "36h" } }, { refresh_token_options: { lifetime: "2d" } }, "longer_session", "oidc"),
  { name: "another recipient", label: "widen", code: "redirect_added", where: isSaas("saml"), edit: saas({ consumer_service_url: "https://b.example.org/acs" }) },
  { name: "other names for people", label: "widen", code: "identity_mapping_changed", where: isSaas("saml"), edit: saas({ name_id_transform_jsonata: '"admin@example.org"' }) },
  { name: "other protocol", label: "widen", code: "unclear", where: isSaas("saml"), edit: set({ saas_app: { auth_type: "oidc", redirect_uris: [] } }) },
  { name: "where people land", label: "neutral", where: isSaas("saml"), edit: saas({ default_relay_state: "/home" }) },
  { name: "what Cloudflare makes", label: "neutral", edit: saas({ public_key: undefined, sso_endpoint: undefined, idp_entity_id: undefined, client_id: undefined }) },
  { name: "other accounts sent", label: "widen", code: "provisioning_changed", where: (base) => base["scim_config"] !== undefined, edit: set({ scim_config: undefined }) },
];
