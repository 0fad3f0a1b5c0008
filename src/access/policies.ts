import { z } from "zod";
import { answer, optional } from "../core/model.ts";
import { operation } from "../core/operation.ts";
import { room } from "../core/room.ts";
import { ruleFields } from "./rules.ts";
import { Deleted, Duration, Id, MfaDuration } from "./shared.ts";

/** Second factors for web applications. */
export const webAuthenticators = ["totp", "biometrics", "security_key"] as const;
/** Second factors for SSH to infrastructure targets. */
export const sshAuthenticators = ["piv_key", "ssh_fido2_key"] as const;

/** Multi-factor settings with the authenticators that the place allows; a policy's win over an application's. */
export function mfaConfig<const Method extends string>(authenticators: readonly Method[]) {
  return z
    .strictObject({
      allowed_authenticators: z.array(z.enum(authenticators)).optional(),
      mfa_disabled: z.boolean().optional().describe("True asks for no second factor here"),
      session_duration: MfaDuration.optional().describe("How long one second factor counts"),
    })
    .optional()
    .describe("Second factor asked by Access itself");
}

const ClipboardFormats = z.array(z.enum(["text", "file"])).optional();

/** What a policy allows inside an RDP connection. */
export const rdpRules = z
  .strictObject({
    allowed_clipboard_local_to_remote_formats: ClipboardFormats.describe("What may be pasted into the session"),
    allowed_clipboard_remote_to_local_formats: ClipboardFormats.describe("What may be copied out of the session"),
  })
  .optional()
  .describe("Clipboard in RDP sessions");

/** What a policy allows inside an SSH connection. */
export const sshRules = z
  .strictObject({
    usernames: z.array(z.string()).describe("UNIX users that may be logged in as"),
    allow_email_alias: z.boolean().optional().describe("Also the user named like the e-mail address before its @"),
  })
  .optional()
  .describe("Logins in SSH sessions");

const ApprovalGroup = z.strictObject({
  approvals_needed: z.int().min(0),
  email_addresses: z.array(z.string()).optional().describe("Who may approve"),
  email_list_uuid: z.string().optional().describe("Or a list of them, from list_gateway_lists"),
});

/** Who a policy is for and what it does with them. */
export const policyFields = {
  name: z.string().min(1),
  decision: z
    .enum(["allow", "deny", "non_identity", "bypass"])
    .describe("allow after login; deny; non_identity: machines without login; bypass: no check and no log at all"),
  ...ruleFields,
  session_duration: Duration.nullable()
    .optional()
    .describe("How long a login lasts, instead of the application's duration"),
  approval_required: z.boolean().optional().describe("Each session must be approved by somebody"),
  approval_groups: z.array(ApprovalGroup).optional().describe("Who approves; used with approval_required"),
  purpose_justification_required: z.boolean().optional().describe("People must say why they log in"),
  purpose_justification_prompt: z.string().optional().describe("Text shown when asking why"),
  isolation_required: z.boolean().optional().describe("Open the application in Cloudflare's isolated browser only"),
  mfa_config: mfaConfig(webAuthenticators),
  connection_rules: z.strictObject({ rdp: rdpRules }).optional(),
};

/** A policy of the account, which any number of applications can use. */
export const Policy = answer({
  id: Id.optional(),
  ...optional(policyFields),
  account_id: z.string().optional(),
  app_count: z.number().optional(),
  reusable: z.boolean().optional(),
  created_at: z.string().optional(),
  updated_at: z.string().optional(),
});

const policy_id = Id.describe("Reusable policy id");

const list = operation({
  name: "list_policies",
  title: "List reusable policies",
  summary: "List the reusable policies of the account, with decision, rules and how many applications use each.",
  advice: "Policies that belong to one application only are in list_application_policies.",
  effect: "read",
  route: "GET /accounts/{account_id}/access/policies",
  input: z.strictObject({}),
  output: Policy,
  answers: "pages",
});

const get = operation({
  name: "get_policy",
  title: "Get reusable policy",
  summary: "Show one reusable policy with its rules.",
  effect: "read",
  route: "GET /accounts/{account_id}/access/policies/{policy_id}",
  input: z.strictObject({ policy_id }),
  output: Policy,
});

const create = operation({
  name: "create_policy",
  title: "Create reusable policy",
  summary: "Create a reusable policy; it protects nothing until an application uses it.",
  advice: "Attach it by putting its id into policies of create_application or update_application.",
  effect: "create",
  route: "POST /accounts/{account_id}/access/policies",
  input: z.strictObject(policyFields),
  output: Policy,
});

const update = operation({
  name: "update_policy",
  title: "Update reusable policy",
  summary: "Change a reusable policy; every application that uses it follows at once.",
  advice:
    "A list of rules that is given replaces the old one. app_count in get_policy says how many applications change. People already logged in keep their session until it ends or is revoked.",
  effect: "update",
  route: "PUT /accounts/{account_id}/access/policies/{policy_id}",
  input: z.strictObject({ policy_id, ...policyFields }),
  output: Policy,
});

const remove = operation({
  name: "delete_policy",
  title: "Delete reusable policy",
  summary: "Delete a reusable policy that no application uses.",
  advice: "Detach it first: update_application without it in policies, for each application that uses it.",
  effect: "delete",
  route: "DELETE /accounts/{account_id}/access/policies/{policy_id}",
  input: z.strictObject({ policy_id }),
  output: Deleted,
});

export default room({
  noun: "reusable policy",
  toolset: "policies",
  key: "id",
  permission: "Access: Apps and Policies",
  columns: ["id", "name", "decision", "include", "require", "exclude", "session_duration", "app_count"],
  everyday: ["list", "get", "create", "update"],
  verbs: { list, get, create, update, delete: remove },
});
