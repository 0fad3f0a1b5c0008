import { z } from "zod";
import { answer, optional } from "../../core/model.ts";
import { operation } from "../../core/operation.ts";
import { room } from "../../core/room.ts";
import { Deleted, Id } from "../shared.ts";
import { ApplicationPolicy, applicationPolicyFields } from "./attached-policies.ts";
import { infrastructure } from "./infrastructure.ts";
import { appLauncher, bookmark, permissions, proxyEndpoint } from "./launcher.ts";
import { mcp, mcpPortal } from "./mcp.ts";
import { saas } from "./saas.ts";
import { scimSecrets } from "./scim.ts";
import { protectsSomething, rdp, selfHosted } from "./self-hosted.ts";

const needsDestination = { error: "needed, unless destinations say what is protected", path: ["domain"] };

/** The kinds that can be written, the everyday ones first. */
const kinds = [
  "self_hosted",
  "saas",
  "ssh",
  "vnc",
  "rdp",
  "infrastructure",
  "mcp",
  "mcp_portal",
  "bookmark",
  "app_launcher",
  "warp",
  "biso",
  "proxy_endpoint",
] as const;

/** An application to write, after the path fields: `type` decides the fields; kinds with the same ones share a shape. */
const requestOf = <const Path extends z.ZodRawShape>(path: Path) =>
  z.discriminatedUnion(
    "type",
    [
      z.strictObject({ ...path, ...selfHosted }).refine(protectsSomething, needsDestination),
      z.strictObject({ ...path, ...rdp }).refine(protectsSomething, needsDestination),
      z.strictObject({ ...path, ...saas }),
      z.strictObject({ ...path, ...infrastructure }),
      z.strictObject({ ...path, ...mcp }),
      z.strictObject({ ...path, ...mcpPortal }),
      z.strictObject({ ...path, ...bookmark }),
      z.strictObject({ ...path, ...appLauncher }),
      z.strictObject({ ...path, ...permissions }),
      z.strictObject({ ...path, ...proxyEndpoint }),
    ],
    {
      error: ({ code }) =>
        code === "invalid_union" ? `one of ${kinds.join(", ")}; dash_sso can only be read` : undefined,
    },
  );

/** Any application as Cloudflare shows it: the fields of all kinds, none of them certain. */
export const Application = answer({
  id: Id.optional(),
  aud: z.string().optional(),
  ...optional({ ...selfHosted, ...saas, ...appLauncher }),
  type: z.enum([...kinds, "dash_sso"]).optional(),
  mfa_config: applicationPolicyFields.mfa_config,
  policies: z.array(ApplicationPolicy).optional(),
  target_criteria: z.union([infrastructure.target_criteria, rdp.target_criteria]).optional(),
  created_at: z.string().optional(),
  updated_at: z.string().optional(),
});

const secrets = ["saas_app.client_secret", ...scimSecrets] as const;

const app_id = Id.describe("Application id");

const list = operation({
  name: "list_applications",
  title: "List applications",
  summary: "List Access applications: what is protected, of which kind, and by which policies.",
  effect: "read",
  route: "GET /{account_or_zone}/access/apps",
  input: z.strictObject({
    name: z.string().optional(),
    domain: z.string().optional(),
    aud: z.string().optional().describe("Audience tag"),
    exact: z.boolean().optional().describe("Match name and domain as a whole"),
    search: z.string().optional().describe("Anywhere in the fields that can be filtered"),
    destination_type: z.string().optional().describe("Type of a destination, such as worker"),
    worker_id: z.string().optional().describe("Applications that protect this Worker"),
    target_attributes: z.string().optional().describe("key=value of target criteria"),
  }),
  output: Application,
  answers: "pages",
  secrets,
});

const get = operation({
  name: "get_application",
  title: "Get application",
  summary: "Show one application with all settings and its policies in full.",
  effect: "read",
  route: "GET /{account_or_zone}/access/apps/{app_id}",
  input: z.strictObject({ app_id }),
  output: Application,
  secrets,
});

const create = operation({
  name: "create_application",
  title: "Create application",
  summary: "Protect something with Access: a web page, SaaS, SSH, RDP, MCP server and more; type decides the fields.",
  advice:
    "Without policies nobody gets in. Prefer reusable policies, as {id} from list_policies; a whole policy given here belongs to this application alone. The client_secret of an OIDC SaaS application exists only in this answer.",
  effect: "create",
  route: "POST /{account_or_zone}/access/apps",
  input: requestOf({}),
  output: Application,
  secrets,
});

const update = operation({
  name: "update_application",
  title: "Update application",
  summary: "Change the settings of an application; changes apply to new logins.",
  advice:
    "policies, when given, replaces the list: [] detaches all, destroys those of this application alone, and lets nobody in. Reusable ones are {id, precedence}. Secrets of scim_config are never shown again: send them anew.",
  effect: "update",
  route: "PUT /{account_or_zone}/access/apps/{app_id}",
  input: requestOf({ app_id }),
  output: Application,
  secrets,
});

const remove = operation({
  name: "delete_application",
  title: "Delete application",
  summary: "Delete an application with its own policies; what it protected may become open to everybody.",
  advice: "A new one gets another audience tag, so origins that check it refuse until changed. Reusable policies stay.",
  effect: "delete",
  route: "DELETE /{account_or_zone}/access/apps/{app_id}",
  input: z.strictObject({ app_id }),
  output: Deleted,
});

const revoke = operation({
  name: "revoke_application_tokens",
  title: "Revoke application tokens",
  summary: "End all sessions of one application; everybody has to log in to it again.",
  advice: "Takes up to a minute. To log one person out everywhere revoke that user instead.",
  effect: "revoke",
  route: "POST /{account_or_zone}/access/apps/{app_id}/revoke_tokens",
  input: z.strictObject({ app_id }),
  output: z.looseObject({}).nullable(),
});

const settings = {
  allow_iframe: z.boolean().optional(),
  skip_interstitial: selfHosted.skip_interstitial,
};

const replaceSettings = operation({
  name: "replace_application_settings",
  title: "Replace application settings",
  summary: "Set allow_iframe and skip_interstitial of an application as a whole: send both.",
  advice: "To change one of them and keep the other use update_application_settings.",
  effect: "update",
  route: "PUT /{account_or_zone}/access/apps/{app_id}/settings",
  input: z.strictObject({ app_id, ...settings }),
  output: answer(settings),
});

const updateSettings = operation({
  name: "update_application_settings",
  title: "Update application settings",
  summary: "Change allow_iframe or skip_interstitial of an application and leave all else as it is.",
  effect: "update",
  route: "PATCH /{account_or_zone}/access/apps/{app_id}/settings",
  input: z.strictObject({ app_id, ...settings }),
  output: answer(settings),
});

export default room({
  noun: "application",
  toolset: "applications",
  key: "id",
  permission: "Access: Apps and Policies",
  columns: ["id", "name", "type", "domain", "aud", "session_duration", "policies.name"],
  everyday: ["list", "get", "create", "update"],
  verbs: {
    list,
    get,
    create,
    update,
    delete: remove,
    revoke,
    replace_settings: replaceSettings,
    update_settings: updateSettings,
  },
});
