import { z } from "zod";
import { Duration } from "../shared.ts";
import { policies } from "./attached-policies.ts";
import { destinations } from "./destinations.ts";
import { scim_config } from "./scim.ts";

/** Who may log in and how it is asked. */
export const login = {
  policies,
  allowed_idps: z.array(z.string()).optional().describe("Identity provider ids to choose from; all when absent"),
  auto_redirect_to_identity: z.boolean().optional().describe("Skip the choice; needs exactly one allowed_idps"),
  custom_pages: z.array(z.string()).optional().describe("Custom page ids"),
};

export const session_duration = Duration.optional().describe("How long a login lasts, 24h by default");

/** `login` for kinds that also say what happens to those who are denied. */
export const gate = {
  ...login,
  session_duration,
  custom_deny_url: z.string().optional().describe("Where people go who fail a rule about who they are"),
  custom_non_identity_deny_url: z
    .string()
    .optional()
    .describe("Where people go who fail any other rule")
    .meta({ rare: true }),
};

/** How the application is shown to people. */
export const label = {
  name: z.string().optional(),
  logo_url: z.string().optional().meta({ rare: true }),
  tags: z.array(z.string()).optional().describe("Names of existing tags"),
};

export const app_launcher_visible = z.boolean().optional().describe("Show it in the App Launcher");

export const allow_authenticate_via_warp = z
  .boolean()
  .optional()
  .describe("Accept the login of Cloudflare's client; wins over the organization's setting");

/** Access as the OAuth server of the application (beta). */
const oauth_configuration = z
  .strictObject({
    enabled: z.boolean().optional().describe("True when absent"),
    dynamic_client_registration: z
      .strictObject({
        enabled: z.boolean().optional(),
        allowed_uris: z.array(z.string()).optional().describe("Redirect addresses; web ones may end in /*"),
        allow_any_on_localhost: z.boolean().optional(),
        allow_any_on_loopback: z.boolean().optional().describe("Any client on 127.0.0.1"),
      })
      .optional(),
    grant: z
      .strictObject({
        access_token_lifetime: Duration.optional(),
        session_duration: Duration.optional().describe("How long the grant can be refreshed"),
      })
      .optional(),
  })
  .optional()
  .describe("Lets Access be the OAuth server, for clients with RFC 8707 such as MCP clients (beta)")
  .meta({ rare: true });

/** What applications behind Cloudflare's proxy share: web pages, remote desktops, MCP servers and portals. */
export const proxied = {
  ...label,
  ...gate,
  destinations,
  allow_authenticate_via_warp,
  custom_deny_message: z.string().optional().describe("Text for people who are denied"),
  http_only_cookie_attribute: z.boolean().optional().describe("Hide the session cookie from scripts"),
  same_site_cookie_attribute: z.string().optional().describe("strict, lax or none").meta({ rare: true }),
  options_preflight_bypass: z.boolean().optional().describe("Let CORS preflights through; not with cors_headers"),
  oauth_configuration,
  scim_config,
};
