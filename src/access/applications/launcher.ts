import { z } from "zod";
import { policies } from "./attached-policies.ts";
import { app_launcher_visible, gate, label } from "./common.ts";

const color = z.string().optional().meta({ rare: true });

/** The page that shows people their applications. */
export const appLauncher = {
  type: z.literal("app_launcher"),
  ...gate,
  app_launcher_logo_url: z.string().optional().meta({ rare: true }),
  bg_color: color,
  header_bg_color: color,
  footer_links: z
    .array(z.strictObject({ name: z.string(), url: z.string() }))
    .optional()
    .meta({ rare: true }),
  landing_page_design: z
    .strictObject({
      title: z.string().optional(),
      message: z.string().optional(),
      image_url: z.string().optional(),
      button_color: color,
      button_text_color: color,
    })
    .optional()
    .describe("The page before login")
    .meta({ rare: true }),
  skip_app_launcher_login_page: z
    .boolean()
    .optional()
    .describe("Go to login at once, without that page")
    .meta({ rare: true }),
};

/** Who may enrol devices with Cloudflare's client (`warp`), or use remote browsers (`biso`). */
export const permissions = { type: z.literal(["warp", "biso"]), ...gate };

/** A Gateway proxy endpoint that asks who is there. */
export const proxyEndpoint = {
  type: z.literal("proxy_endpoint"),
  name: z.string().optional(),
  domain: z.string().optional().describe("The endpoint's own: NAME.proxy.cloudflare-gateway.com"),
  ...gate,
};

/** A tile that is only a link; nothing is protected. */
export const bookmark = {
  type: z.literal("bookmark"),
  domain: z.string().describe("Address that the tile opens"),
  ...label,
  app_launcher_visible,
  policies,
};
