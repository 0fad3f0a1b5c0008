import { z } from "zod";
import { answer } from "../core/model.ts";
import { operation } from "../core/operation.ts";
import { room } from "../core/room.ts";
import { Id, Time } from "./shared.ts";

const address = z.strictObject({
  ip_addr: z.string().optional(),
  virtual_network_id: z.string().optional().describe("The default virtual network when left out"),
});

/** How a target may be named; several targets may share a name (npm cloudflare 7.3.0). */
const Hostname = z
  .string()
  .max(255)
  .regex(
    /^[a-z\d](?:[a-z\d.-]*[a-z\d])?$/i,
    "letters, digits, '-' and '.', starting and ending with a letter or digit",
  );

/** A machine behind Cloudflare: what to call it and where to reach it. */
const fields = {
  hostname: Hostname.describe("Label that applications match; not resolved, need not be unique"),
  ip: z.strictObject({ ipv4: address.optional(), ipv6: address.optional() }).describe("IPv4, IPv6 or both"),
  tags: z
    .record(z.string(), z.string())
    .nullable()
    .optional()
    .describe('Labels that applications match, like {"environment": "production"}'),
};

export const Target = answer({
  id: Id,
  ...fields,
  hostname: z.string(),
  created_at: z.string(),
  modified_at: z.string(),
});

const target_id = Id.describe("Target id");

const list = operation({
  name: "list_targets",
  title: "List targets",
  summary: "List infrastructure targets: the machines that infrastructure applications let people reach.",
  advice: "A target must match every filter given.",
  effect: "read",
  route: "GET /accounts/{account_id}/infrastructure/targets",
  input: z.strictObject({
    hostname: z.string().optional().describe("Exact hostname"),
    hostname_contains: z.string().optional().describe("Part of a hostname"),
    tag: z
      .array(z.string().regex(/^.+:.+$/, "key:value, both not empty"))
      .optional()
      .describe("key:value pairs a target must all have"),
    target_ids: z.array(z.string()).optional().describe("Any of these ids"),
    ips: z.array(z.string()).optional().describe("Any of these addresses"),
    ip_like: z.string().optional().describe("Address pattern, * stands for anything"),
    ip_v4: z.string().optional().describe("Exact IPv4 address"),
    ip_v6: z.string().optional().describe("Exact IPv6 address"),
    ipv4_start: z.string().optional().describe("First address of a range; needs ipv4_end").meta({ rare: true }),
    ipv4_end: z.string().optional().describe("Last address of a range; needs ipv4_start").meta({ rare: true }),
    ipv6_start: z.string().optional().describe("First address of a range; needs ipv6_end").meta({ rare: true }),
    ipv6_end: z.string().optional().describe("Last address of a range; needs ipv6_start").meta({ rare: true }),
    virtual_network_id: z.string().optional(),
    created_after: Time.optional().meta({ rare: true }),
    created_before: Time.optional().meta({ rare: true }),
    modified_after: Time.optional().meta({ rare: true }),
    modified_before: Time.optional().meta({ rare: true }),
    order: z.enum(["hostname", "created_at"]).optional().describe("Sort by"),
    direction: z.enum(["asc", "desc"]).optional(),
  }),
  output: Target,
  answers: "pages",
});

const get = operation({
  name: "get_target",
  title: "Get target",
  summary: "Show one infrastructure target with its addresses and tags.",
  effect: "read",
  route: "GET /accounts/{account_id}/infrastructure/targets/{target_id}",
  input: z.strictObject({ target_id }),
  output: Target,
});

const create = operation({
  name: "create_target",
  title: "Create target",
  summary: "Register a machine as an infrastructure target.",
  advice:
    "Nobody reaches it before an infrastructure application matches its hostname or tags. Use create_targets for many.",
  effect: "create",
  route: "POST /accounts/{account_id}/infrastructure/targets",
  input: z.strictObject(fields),
  output: Target,
});

const createMany = operation({
  name: "create_targets",
  title: "Create targets",
  summary: "Register many machines as infrastructure targets in one request.",
  advice: "Only adds; to change a target use update_target.",
  effect: "create",
  route: "PUT /accounts/{account_id}/infrastructure/targets/batch",
  input: z.strictObject({ targets: z.array(z.strictObject(fields)).min(1) }),
  output: Target,
  answers: "list",
  place: { targets: "body" },
});

const update = operation({
  name: "update_target",
  title: "Update target",
  summary: "Change the hostname, addresses or tags of an infrastructure target.",
  advice: "A new hostname or tag can move it into or out of an application.",
  effect: "update",
  route: "PUT /accounts/{account_id}/infrastructure/targets/{target_id}",
  input: z.strictObject({ target_id, ...fields }),
  output: Target,
});

const remove = operation({
  name: "delete_target",
  title: "Delete target",
  summary: "Delete an infrastructure target; infrastructure applications no longer reach it.",
  effect: "delete",
  route: "DELETE /accounts/{account_id}/infrastructure/targets/{target_id}",
  input: z.strictObject({ target_id }),
  output: z.null(),
  answers: "nothing",
});

const removeMany = operation({
  name: "delete_targets",
  title: "Delete targets",
  summary: "Delete many infrastructure targets in one request.",
  effect: "delete",
  route: "POST /accounts/{account_id}/infrastructure/targets/batch_delete",
  input: z.strictObject({ target_ids: z.array(Id).min(1).describe("Ids from list_targets") }),
  output: z.null(),
  answers: "nothing",
});

const removeManyDeprecated = operation({
  name: "delete_targets_deprecated",
  title: "Delete targets (deprecated)",
  summary: "Call Cloudflare's retired batch delete, which cannot say which targets.",
  effect: "delete",
  route: "DELETE /accounts/{account_id}/infrastructure/targets/batch",
  input: z.strictObject({}),
  output: z.null(),
  answers: "nothing",
  deprecated: "Use delete_targets, which takes target_ids.",
});

export default room({
  noun: "target",
  toolset: "targets",
  key: "id",
  permission: null,
  columns: ["id", "hostname", "ip.ipv4.ip_addr", "ip.ipv6.ip_addr", "tags", "modified_at"],
  everyday: ["list", "create"],
  verbs: {
    list,
    get,
    create,
    update,
    delete: remove,
    create_many: createMany,
    delete_many: removeMany,
    delete_many_deprecated: removeManyDeprecated,
  },
});
