import { z } from "zod";
import { operation } from "../../core/operation.ts";
import { room } from "../../core/room.ts";
import { Deleted, Id } from "../shared.ts";
import { ApplicationPolicy, applicationPolicyFields as fields } from "./attached-policies.ts";
import applications from "./index.ts";

const app_id = Id.describe("Application id");
const policy_id = Id.describe("Id of a policy of this application");

const list = operation({
  name: "list_application_policies",
  title: "List application policies",
  summary: "List the policies of one application in their order, with decision and rules.",
  effect: "read",
  route: "GET /{account_or_zone}/access/apps/{app_id}/policies",
  input: z.strictObject({ app_id }),
  output: ApplicationPolicy,
  answers: "pages",
});

const get = operation({
  name: "get_application_policy",
  title: "Get application policy",
  summary: "Show one policy of an application.",
  effect: "read",
  route: "GET /{account_or_zone}/access/apps/{app_id}/policies/{policy_id}",
  input: z.strictObject({ app_id, policy_id }),
  output: ApplicationPolicy,
});

const create = operation({
  name: "create_application_policy",
  title: "Create application policy",
  summary: "Add a policy that belongs to one application alone.",
  advice:
    "To share it use create_policy instead and attach it with update_application. Infrastructure applications take decision allow, connection_rules.ssh and the factors piv_key and ssh_fido2_key; all others take connection_rules.rdp and the remaining factors.",
  effect: "create",
  route: "POST /{account_or_zone}/access/apps/{app_id}/policies",
  input: z.strictObject({ app_id, ...fields }),
  output: ApplicationPolicy,
});

const update = operation({
  name: "update_application_policy",
  title: "Update application policy",
  summary: "Change a policy that belongs to one application alone.",
  advice: "Reusable ones are changed with update_policy. A list of rules that is given replaces the old one.",
  effect: "update",
  route: "PUT /{account_or_zone}/access/apps/{app_id}/policies/{policy_id}",
  input: z.strictObject({ app_id, policy_id, ...fields }),
  output: ApplicationPolicy,
});

const remove = operation({
  name: "delete_application_policy",
  title: "Delete application policy",
  summary: "Delete a policy that belongs to one application alone.",
  advice: "Without any policy left the application lets nobody in. A reusable one is detached with update_application.",
  effect: "delete",
  route: "DELETE /{account_or_zone}/access/apps/{app_id}/policies/{policy_id}",
  input: z.strictObject({ app_id, policy_id }),
  output: Deleted,
});

export default room({
  noun: "application policy",
  toolset: "policies",
  key: "id",
  permission: "Access: Apps and Policies",
  within: applications,
  columns: ["id", "name", "precedence", "decision", "include", "require", "exclude", "reusable"],
  verbs: { list, get, create, update, delete: remove },
});
