import { z } from "zod";
import { answer } from "../core/model.ts";
import { operation } from "../core/operation.ts";
import { room } from "../core/room.ts";
import { Duration, MfaDuration } from "./shared.ts";

const flag = z.boolean().optional();
const text = z.string().optional();

const custom_pages = z
  .strictObject({ identity_denied: text, forbidden: text.describe("For failed rules that are not about identity") })
  .optional()
  .describe("Custom page uids for denials");

/** The settings of Access as a whole. */
const fields = {
  name: z.string(),
  auth_domain: z.string().describe("Login domain, such as example.cloudflareaccess.com"),
  session_duration: Duration.optional().describe("Where neither policy nor application says"),
  auto_redirect_to_identity: flag.describe("Skip choosing a provider where there is one"),
  allow_authenticate_via_warp: flag.describe("Let the device client's session log people in"),
  warp_auth_session_duration: z
    .string()
    .regex(/^(?:\d+[mh])+$/, "minutes and hours, like 30m or 2h45m")
    .optional()
    .describe("Outranks every other session duration"),
  warp_auth_non_browser_401: flag.describe("401 instead of a login page for non-browsers"),
  deny_unmatched_requests: flag.describe("Refuse every hostname that no application covers"),
  deny_unmatched_requests_exempted_zone_names: z.array(z.string()).optional().describe("Zones that stay open"),
  strict_service_token_auth: flag.describe(
    "Service tokens only work with non_identity and bypass policies, others get 401 or 403; cannot be undone in organizations made since 2026-10-05",
  ),
  service_token_inactivity: z
    .strictObject({
      enabled: z.boolean(),
      action: z.enum(["disable", "delete"]),
      inactivity_threshold_days: z.int().min(1),
    })
    .optional()
    .describe("What becomes of service tokens that nobody uses and no policy names"),
  user_seat_expiration_inactive_time: Duration.optional().describe("When an unused seat is freed; at least 730h"),
  mfa_config: z
    .strictObject({
      allowed_authenticators: z
        .array(z.enum(["totp", "biometrics", "security_key", "piv_key", "ssh_fido2_key"]))
        .optional()
        .describe("The last two are for infrastructure applications"),
      session_duration: MfaDuration.optional(),
      amr_matching_session_duration: MfaDuration.optional().describe("Trust the provider's own multi-factor this long"),
      amr_matching_enabled: flag,
      amr_session_duration: MfaDuration.optional(),
      required_aaguids: text.describe("Gateway list id of allowed security keys"),
    })
    .optional()
    .describe("Multi-factor that Cloudflare asks for itself"),
  mfa_required_for_all_apps: flag.describe("Ask for it where application and policy are silent"),
  mfa_piv_key_requirements: z
    .strictObject({
      pin_policy: z.enum(["never", "once", "always"]).optional(),
      touch_policy: z.enum(["never", "always", "cached"]).optional(),
      require_fips_device: flag,
      ssh_key_type: z.array(z.enum(["ecdsa", "ed25519", "rsa"])).optional(),
      ssh_key_size: z.array(z.literal([256, 384, 521, 2048, 3072, 4096])).optional(),
    })
    .optional(),
  login_design: z
    .strictObject({
      logo_path: text.describe("URL"),
      header_text: text,
      footer_text: text,
      background_color: text.describe("Such as #1a2b3c"),
      text_color: text,
    })
    .optional(),
  is_ui_read_only: flag.describe("Lock the dashboard; changes only by API"),
  ui_read_only_toggle_reason: text,
};

/** The one organization of an account. */
export const Organization = answer({
  ...fields,
  name: text,
  auth_domain: text,
  custom_pages,
  trusted_accounts: z.array(z.string()).optional(),
  created_at: text,
  updated_at: text,
});

const get = operation({
  name: "get_organization",
  title: "Get organization",
  summary: "Show the settings that hold for all of Access: login domain, sessions, multi-factor, defaults.",
  effect: "read",
  route: "GET /{account_or_zone}/access/organizations",
  input: z.strictObject({}),
  output: Organization,
});

const create = operation({
  name: "create_organization",
  title: "Create organization",
  summary: "Set up Access in an account that does not have it yet.",
  advice: "Fails until Zero Trust was turned on once in the dashboard.",
  effect: "create",
  route: "POST /{account_or_zone}/access/organizations",
  input: z.strictObject(fields),
  output: Organization,
});

const update = operation({
  name: "update_organization",
  title: "Update organization",
  summary: "Change settings that hold for all of Access; every application feels it.",
  effect: "update",
  route: "PUT /{account_or_zone}/access/organizations",
  input: z.strictObject({ ...fields, name: text, auth_domain: fields.auth_domain.optional(), custom_pages }),
  output: Organization,
});

export default room({
  noun: "organization",
  toolset: "identity",
  key: "auth_domain",
  permission: "Access: Organizations, Identity Providers, and Groups",
  columns: ["name", "auth_domain", "session_duration", "mfa_required_for_all_apps", "deny_unmatched_requests"],
  verbs: { get, create, update },
});
