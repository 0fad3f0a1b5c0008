import type { Change, Members, Reference } from "../../core/change.ts";
import { textOf } from "../fields.ts";
import {
  changed,
  choosing,
  compared,
  flag,
  growing,
  isSame,
  lasting,
  neutral,
  ranked,
  type Settings,
  session,
  steps,
  unclear,
} from "./compare.ts";
import { factors } from "./policies.ts";
import { type Finding, finding, listed, type Pair, quoted } from "./reasons.ts";
import { alsoKeptOut } from "./use.ts";

const login: Pair = ["weaker_login", "tightened"];
const leaving: Pair = ["deprovisioning_off", "tightened"];
const source = changed("identity_source_changed");
const stays = flag(leaving, false, false);

/** What `config` of the 15 types of providers holds; a check that is off or a source that is another counts as opening. */
const providerConfig: Settings = {
  ...Object.fromEntries(
    [
      "client_id",
      "claims",
      "email_claim_name",
      "directory_id",
      "support_groups",
      "conditional_access_enabled",
      "issuer_url",
      "sso_target_url",
      "attributes",
      "email_attribute_name",
      "header_attributes",
      "centrify_account",
      "centrify_app_id",
      "apps_domain",
      "auth_url",
      "token_url",
      "certs_url",
      "scopes",
      "okta_account",
      "authorization_server_id",
      "onelogin_account",
      "ping_env_id",
    ].map((field) => [field, source]),
  ),
  idp_public_certs: growing(["identity_source_changed", "tightened"]),
  sign_request: flag(login, false, false),
  force_authn: flag(login, false, false),
  enable_encryption: flag(login, false, false),
  pkce_enabled: flag(login, false, false),
  restrict_to_account_members: flag(login, false, false),
  prompt: neutral,
  use_login_hint: neutral,
  max_sso_url_length: neutral,
  redirect_url: neutral,
  client_secret: neutral,
};

/** The settings of an identity provider. */
export const providerSettings: Settings = {
  id: neutral,
  name: neutral,
  type: changed("identity_source_changed"),
  config: providerConfig,
  scim_config: {
    enabled: stays,
    user_deprovision: stays,
    seat_deprovision: stays,
    identity_update_behavior: steps(leaving, ["reauth", "automatic", undefined, "no_action"]),
    scim_base_url: neutral,
    secret: neutral,
  },
  saml_certificate_set_id: neutral,
  saml_certificate_set: neutral,
  read_only: neutral,
  created_at: neutral,
  updated_at: neutral,
};

export const providerCreated = ({ input, after = input }: Change): readonly Finding[] => [
  finding("new_identity_provider", `${quoted(after["name"])}, type ${quoted(after["type"])}`),
];

/** An application whose only provider goes may offer all of them: Cloudflare does not say. */
export function providerDeleted(_: Change, references: readonly Reference[]): readonly Finding[] {
  const choosers = references.filter(({ field }) => field.startsWith("allowed_idps"));
  const names = listed(choosers.map(({ noun, name, id }) => `${noun} ${quoted(name ?? id)}`));
  return [
    ...alsoKeptOut([finding("identity_provider_removed", "the identity provider is deleted")], references),
    ...(choosers.length === 0
      ? []
      : [finding("unclear", `allowed_idps of ${names} may become empty, which stands for all`)]),
  ];
}

const mfaCheck: Pair = ["mfa_off", "mfa_on"];
const weaker: Pair = ["weaker_mfa", "tightened"];
const tokens: Pair = ["weaker_token_check", "tightened"];
const cover: Pair = ["unprotected", "protected"];

/** The settings of Access as a whole. */
export const organizationSettings: Settings = {
  id: neutral,
  name: neutral,
  auth_domain: unclear,
  session_duration: session(),
  auto_redirect_to_identity: neutral,
  allow_authenticate_via_warp: flag(["warp_login", "tightened"], true, false),
  warp_auth_session_duration: session(),
  warp_auth_non_browser_401: neutral,
  deny_unmatched_requests: flag(cover, false, false),
  deny_unmatched_requests_exempted_zone_names: growing(cover),
  strict_service_token_auth: flag(tokens, false, false),
  service_token_inactivity: {
    enabled: flag(tokens, false, false),
    action: steps(tokens, ["delete", "disable", undefined]),
    inactivity_threshold_days: ranked(tokens, (days) => (days === undefined ? Number.POSITIVE_INFINITY : Number(days))),
  },
  user_seat_expiration_inactive_time: neutral,
  mfa_config: {
    ...factors,
    amr_matching_enabled: flag(weaker, true, false),
    amr_matching_session_duration: session(),
    amr_session_duration: session(),
    required_aaguids: (field, before) => [
      finding(before === undefined ? "tightened" : "weaker_mfa", `${field} changes`),
    ],
  },
  mfa_required_for_all_apps: flag(mfaCheck, false, false),
  mfa_piv_key_requirements: {
    pin_policy: steps(weaker, ["always", "once", undefined, "never"]),
    touch_policy: steps(weaker, ["always", "cached", undefined, "never"]),
    require_fips_device: flag(weaker, false, false),
    ssh_key_type: choosing(weaker),
    ssh_key_size: choosing(weaker),
  },
  login_design: neutral,
  is_ui_read_only: neutral,
  ui_read_only_toggle_reason: neutral,
  custom_pages: neutral,
  trusted_accounts: growing(["weaker_login", "tightened"]),
  created_at: neutral,
  updated_at: neutral,
};

/** The token that devices show Gateway is sent by id and shown with all that it is. */
export function dohEdit({ input, before = {}, after = {} }: Change): readonly Finding[] {
  const { service_token_id: token = before["id"] } = input;
  const duration = ({ doh_jwt_duration }: Members) => ({ doh_jwt_duration });
  return [
    ...(isSame(token, before["id"]) ? [] : [finding("unclear", `service_token_id is ${quoted(textOf(token))}`)]),
    ...compared(
      { doh_jwt_duration: lasting(["longer_session", "shorter_session"], "24h") },
      duration(before),
      duration(after),
    ),
  ];
}
