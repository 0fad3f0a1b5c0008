import { z } from "zod";
import { mfaConfig, webAuthenticators } from "../policies.ts";
import { app_launcher_visible, proxied } from "./common.ts";
import { targetCriteria } from "./targets.ts";

const cors_headers = z
  .strictObject({
    allow_all_headers: z.boolean().optional(),
    allow_all_methods: z.boolean().optional(),
    allow_all_origins: z.boolean().optional(),
    allow_credentials: z.boolean().optional(),
    allowed_headers: z.array(z.string()).optional(),
    allowed_methods: z
      .array(z.enum(["GET", "POST", "HEAD", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"]))
      .optional(),
    allowed_origins: z.array(z.string()).optional(),
    max_age: z.number().min(-1).max(86400).optional().describe("Seconds that a preflight may be cached"),
  })
  .optional()
  .describe("How Access answers CORS preflights");

const browserFields = {
  domain: z
    .string()
    .optional()
    .describe("Main hostname and path; needed unless destinations are given")
    .meta({ sameAs: "destinations" }),
  ...proxied,
  self_hosted_domains: z
    .array(z.string())
    .optional()
    .describe("Deprecated: use destinations, which win over it")
    .meta({ sameAs: "destinations" }),
  app_launcher_visible,
  mfa_config: mfaConfig(webAuthenticators),
  allow_iframe: z.boolean().optional(),
  cors_headers,
  eager_redirect_cookie_setting: z
    .boolean()
    .optional()
    .describe("Set the cookie on all hostnames at login (default) instead of at the first visit")
    .meta({ rare: true }),
  enable_binding_cookie: z.boolean().optional().describe("A second cookie against stolen tokens"),
  path_cookie_attribute: z.boolean().optional().describe("Limit the cookie to the path").meta({ rare: true }),
  read_service_tokens_from_header: z
    .string()
    .optional()
    .describe("Header that may hold both halves of a service token as JSON")
    .meta({ rare: true }),
  service_auth_401_redirect: z
    .boolean()
    .optional()
    .describe("Answer 401 instead of a login page to machines")
    .meta({ rare: true }),
  skip_interstitial: z.boolean().optional().describe("Log cloudflared in without a page to click"),
  use_clientless_isolation_app_launcher_url: z
    .boolean()
    .optional()
    .describe("Also open it through clientless browser isolation")
    .meta({ rare: true }),
};

/** A web page, or a terminal or remote screen in the browser. */
export const selfHosted = { type: z.literal(["self_hosted", "ssh", "vnc"]), ...browserFields };

/** Windows desktops in the browser. */
export const rdp = { type: z.literal("rdp"), ...browserFields, target_criteria: targetCriteria("RDP") };

/** Whether a browser application says what it protects; destinations alone are enough (Cloudflare's Terraform provider). */
export const protectsSomething = (application: unknown) =>
  ["domain", "destinations", "self_hosted_domains"].some((key) => Object.hasOwn(application as object, key));
