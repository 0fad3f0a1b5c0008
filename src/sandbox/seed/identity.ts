import { concealed } from "../quirks/concealed.ts";
import { samlCertificate } from "../quirks/identity.ts";
import type { Row } from "../store.ts";
import { inAccount } from "../world.ts";
import { mail, type Plot } from "./plot.ts";

const authDomain = "quillon-example.cloudflareaccess.com";

/** The settings an account has once: its organization, keys and DNS over HTTPS. */
export function plantOrganization(plot: Plot): void {
  const organization: Row = {
    name: "Quillon Freight",
    auth_domain: authDomain,
    session_duration: "24h",
    auto_redirect_to_identity: false,
    allow_authenticate_via_warp: true,
    warp_auth_session_duration: "12h",
    warp_auth_non_browser_401: false,
    deny_unmatched_requests: false,
    deny_unmatched_requests_exempted_zone_names: [],
    strict_service_token_auth: false,
    user_seat_expiration_inactive_time: "2190h",
    is_ui_read_only: false,
    ui_read_only_toggle_reason: "",
    mfa_required_for_all_apps: false,
    mfa_config: { allowed_authenticators: ["totp", "security_key"], session_duration: "24h" },
    login_design: {
      logo_path: `https://www.${mail.own}/logo.png`,
      header_text: "Quillon Freight",
      footer_text: "Trouble? Ask the service desk.",
      background_color: "#12324a",
      text_color: "#f4f1ea",
    },
    custom_pages: { identity_denied: plot.sharedId("custom_page", "Access refused") },
    trusted_accounts: [],
    created_at: plot.ago(860),
    updated_at: plot.ago(44),
  };
  for (const scope of [`accounts/${plot.world.accountId}`, `zones/${plot.world.zoneId}`]) {
    plot.world.store.keep(`${scope}/access`, "organizations", organization);
  }
  plot.keep("access", "keys", { key_rotation_interval_days: 42, last_key_rotation_at: plot.ago(31) });
  plot.keep("access/organizations", "doh", {
    service_token_id: plot.id("service_token", "metrics-scraper"),
    doh_jwt_duration: "24h",
  });
}

interface ProviderSeed {
  readonly name: string;
  readonly type: string;
  readonly config: Row;
  readonly scim?: Row;
  readonly encrypts?: boolean;
}

const providers: readonly ProviderSeed[] = [
  { name: "One-time PIN", type: "onetimepin", config: {} },
  {
    name: "Okta",
    type: "okta",
    config: {
      client_id: "0oa7quillon",
      client_secret: concealed,
      okta_account: "https://quillon.example.com",
      claims: ["groups"],
    },
    scim: { enabled: true, user_deprovision: true, seat_deprovision: true, identity_update_behavior: "reauth" },
  },
  {
    name: "Entra ID",
    type: "azureAD",
    config: { client_id: "entra-quillon", client_secret: concealed, directory_id: "quillon", support_groups: true },
    // People who are removed keep their sessions and seats.
    scim: { enabled: true, user_deprovision: false, seat_deprovision: false, identity_update_behavior: "no_action" },
  },
  {
    name: "Harbor SSO",
    type: "saml",
    config: {
      issuer_url: "https://sso.harbor.example.net",
      sso_target_url: "https://sso.harbor.example.net/saml/login",
      attributes: ["email", "department"],
      email_attribute_name: "email",
      sign_request: true,
      enable_encryption: true,
      idp_public_certs: [],
    },
    encrypts: true,
  },
  // The partnership is over: nobody comes by it any more, and it never had PKCE.
  {
    name: "Former partner",
    type: "oidc",
    config: {
      client_id: "quillon-freight",
      client_secret: concealed,
      auth_url: "https://login.former-partner.example.net/authorize",
      token_url: "https://login.former-partner.example.net/token",
      certs_url: "https://login.former-partner.example.net/keys",
      scopes: ["openid", "email"],
      pkce_enabled: false,
    },
  },
];

const scimGroups = ["engineering", "platform", "data", "support", "sales", "security", "finance", "people"];

/** Five identity providers, the certificates of the SAML one, and what two of them sent by SCIM. */
export function plantProviders(plot: Plot): void {
  const { world } = plot;
  for (const { name, type, config, scim, encrypts = false } of providers) {
    const id = plot.sharedId("identity_provider", name);
    const scim_base_url = `https://api.cloudflare.com/client/v4/${inAccount(world, "access/identity_providers")}/${id}/scim`;
    plot.keep("access/identity_providers", id, {
      id,
      name,
      type,
      config,
      ...(scim && { scim_config: { ...scim, scim_base_url, secret: concealed } }),
      ...(encrypts && { saml_certificate_set_id: plot.sharedId("saml_set", name) }),
    });
    if (scim !== undefined) plantScim(plot, id);
  }

  const made = (label: string, days: number) =>
    samlCertificate({ random: plot.random.fork(`saml/${label}`), now: () => plot.date(days) });
  const sets: readonly (readonly [string, Row])[] = [
    ["Harbor SSO", { current_certificate: made("harbor", 210), previous_certificate: null }],
    // Renewed late: 20 days are left, and the one before has ended.
    [
      "Former partner",
      {
        current_certificate: made("former", 5 * 365 - 20),
        previous_certificate: { ...made("former-old", 5 * 365 + 40), is_current: false },
      },
    ],
  ];
  for (const [name, certificates] of sets) {
    const uid = plot.sharedId("saml_set", name);
    const times = { created_at: plot.ago(5 * 365), updated_at: plot.ago(210) };
    plot.keep("access/saml_certificates", uid, { uid, ...certificates, ...times });
  }
  const grant = plot.sharedId("grant", "Okta");
  plot.keep("access/idp_federation_grants", grant, {
    id: grant,
    idp_id: plot.sharedId("identity_provider", "Okta"),
    created_at: plot.ago(150),
  });
}

function plantScim(plot: Plot, provider: string): void {
  const place = `access/identity_providers/${provider}/scim`;
  const resource = (id: string, name: string, kind: "User" | "Group"): Row => ({
    id,
    externalId: plot.random.fork(`scim/${provider}/${name}`).hex(20),
    displayName: name,
    meta: { created: plot.ago(600), lastModified: plot.ago(20) },
    schemas: [`urn:ietf:params:scim:schemas:core:2.0:${kind}`],
  });
  for (const name of scimGroups) {
    const id = plot.sharedId(`scim_group/${provider}`, name);
    plot.keep(`${place}/groups`, id, resource(id, name, "Group"));
  }
  const users = plot.world.store.rows(inAccount(plot.world, "access/users"));
  for (const [index, user] of users.slice(0, 60).entries()) {
    const id = plot.sharedId(`scim_user/${provider}`, String(user["email"]));
    plot.keep(`${place}/users`, id, {
      ...resource(id, String(user["name"]), "User"),
      // Yara Haddad and a few others have left.
      active: index % 17 !== 2,
      emails: [{ value: user["email"], type: "work", primary: true }],
    });
  }
}
