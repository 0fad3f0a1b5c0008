import { z } from "zod";
import { answer, optional } from "../core/model.ts";
import { operation } from "../core/operation.ts";
import { room } from "../core/room.ts";
import { Rules, ruleFields } from "./rules.ts";
import { Deleted, Id } from "./shared.ts";

/** A named set of rules that policies use through the `group` selector. */
const fields = {
  name: z.string().min(1),
  ...ruleFields,
  is_default: z
    .boolean()
    .optional()
    .describe("Make it a default group")
    // Shown as the rules themselves in some answers, which the request does not take.
    .meta({ echo: (shown: unknown) => (typeof shown === "boolean" ? shown : undefined) }),
};

export const Group = answer({
  id: Id.optional(),
  ...optional(fields),
  /** A flag where it is written, a list of rules where it is read (npm cloudflare 7.3.0). */
  is_default: z.union([z.boolean(), Rules]).optional(),
  created_at: z.string().optional(),
  updated_at: z.string().optional(),
});

const group_id = Id.describe("Group id");

const list = operation({
  name: "list_groups",
  title: "List groups",
  summary: "List Access rule groups: named sets of rules that policies share.",
  effect: "read",
  route: "GET /{account_or_zone}/access/groups",
  input: z.strictObject({
    name: z.string().optional().describe("Exact name"),
    search: z.string().optional().describe("Part of a name"),
  }),
  output: Group,
  answers: "pages",
});

const get = operation({
  name: "get_group",
  title: "Get group",
  summary: "Show one rule group with its include, require and exclude rules.",
  effect: "read",
  route: "GET /{account_or_zone}/access/groups/{group_id}",
  input: z.strictObject({ group_id }),
  output: Group,
});

const create = operation({
  name: "create_group",
  title: "Create group",
  summary: "Create a rule group, to use the same people or machines in many policies.",
  effect: "create",
  route: "POST /{account_or_zone}/access/groups",
  input: z.strictObject(fields),
  output: Group,
});

const update = operation({
  name: "update_group",
  title: "Update group",
  summary: "Change a rule group; every policy that uses it follows at once.",
  advice: "A list that is given replaces the old one: send every rule that shall stay in it.",
  effect: "update",
  route: "PUT /{account_or_zone}/access/groups/{group_id}",
  input: z.strictObject({ group_id, ...fields }),
  output: Group,
});

const remove = operation({
  name: "delete_group",
  title: "Delete group",
  summary: "Delete a rule group; policies that use it lose that rule.",
  effect: "delete",
  route: "DELETE /{account_or_zone}/access/groups/{group_id}",
  input: z.strictObject({ group_id }),
  output: Deleted,
});

export default room({
  noun: "group",
  toolset: "groups",
  key: "id",
  permission: "Access: Organizations, Identity Providers, and Groups",
  columns: ["id", "name", "include", "require", "exclude"],
  everyday: ["list", "create", "update"],
  verbs: { list, get, create, update, delete: remove },
});
