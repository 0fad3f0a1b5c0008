import { z } from "zod";
import { answer } from "../core/model.ts";
import { operation } from "../core/operation.ts";
import { room } from "../core/room.ts";
import { Deleted, Id } from "./shared.ts";

/** A page of your own in place of one that Access shows. */
const fields = {
  name: z.string().min(1),
  type: z
    .enum(["identity_denied", "forbidden", "login", "interstitial"])
    .describe("identity_denied: refused for who they are; forbidden: for anything else, such as device or network"),
  contract_version: z
    .int()
    .nonnegative()
    .optional()
    .describe("1 or more: a Liquid template, sanitized; 0 or none: HTML shown as it is"),
};

const withHtml = { ...fields, custom_html: z.string().describe("The whole page") };

export const CustomPage = answer({
  uid: Id.optional(),
  ...fields,
  app_count: z.number().optional(),
  warnings: z
    .array(z.strictObject({ tier: z.string(), message: z.string(), ref: z.string().optional() }))
    .optional()
    .describe("What the template check found; the page was saved nevertheless"),
  created_at: z.string().optional(),
  updated_at: z.string().optional(),
});

const custom_page_id = Id.describe("uid of the page");

const list = operation({
  name: "list_custom_pages",
  title: "List custom pages",
  summary: "List your own pages for refusals, login and interstitials, without their HTML.",
  effect: "read",
  route: "GET /accounts/{account_id}/access/custom_pages",
  input: z.strictObject({}),
  output: CustomPage,
  answers: "pages",
});

const get = operation({
  name: "get_custom_page",
  title: "Get custom page",
  summary: "Show one custom page with its HTML.",
  effect: "read",
  route: "GET /accounts/{account_id}/access/custom_pages/{custom_page_id}",
  input: z.strictObject({ custom_page_id }),
  output: CustomPage.extend({ custom_html: z.string() }),
});

const create = operation({
  name: "create_custom_page",
  title: "Create custom page",
  summary: "Create a page of your own in place of one that Access shows.",
  advice:
    "Shown only where it is used: name its uid in custom_pages of an application or of the organization. Read the warnings of the answer.",
  effect: "create",
  route: "POST /accounts/{account_id}/access/custom_pages",
  input: z.strictObject(withHtml),
  output: CustomPage,
});

const update = operation({
  name: "update_custom_page",
  title: "Update custom page",
  summary: "Change a custom page; people see the new one wherever it is used.",
  advice: "Read the warnings of the answer.",
  effect: "update",
  route: "PUT /accounts/{account_id}/access/custom_pages/{custom_page_id}",
  input: z.strictObject({ custom_page_id, ...withHtml }),
  output: CustomPage,
});

const remove = operation({
  name: "delete_custom_page",
  title: "Delete custom page",
  summary: "Delete a custom page.",
  advice: "First take it out of custom_pages of applications and of the organization.",
  effect: "delete",
  route: "DELETE /accounts/{account_id}/access/custom_pages/{custom_page_id}",
  input: z.strictObject({ custom_page_id }),
  output: Deleted,
});

export default room({
  noun: "custom page",
  toolset: "pages",
  key: "uid",
  permission: "Access: Custom Pages",
  columns: ["uid", "name", "type", "contract_version", "app_count", "updated_at"],
  verbs: { list, get, create, update, delete: remove },
});
