import { z } from "zod";
import { answer, optional } from "../core/model.ts";
import { operation } from "../core/operation.ts";
import { room } from "../core/room.ts";
import { Deleted, Id } from "./shared.ts";

/** A link in the App Launcher. The official SDK sends no body at all (npm cloudflare 7.3.0); these are the fields it answers. */
const fields = optional({
  name: z.string().min(1),
  domain: z.string().min(1).describe("Where the link goes"),
  logo_url: z.string().describe("Picture in the App Launcher"),
  app_launcher_visible: z.boolean(),
});

export const Bookmark = answer({
  id: Id.optional(),
  ...fields,
  created_at: z.string().optional(),
  updated_at: z.string().optional(),
});

const bookmark_id = Id.describe("Bookmark id");

const list = operation({
  name: "list_bookmarks",
  title: "List bookmarks",
  summary: "List App Launcher links kept by the retired bookmark API.",
  effect: "read",
  route: "GET /accounts/{account_id}/access/bookmarks",
  input: z.strictObject({}),
  output: Bookmark,
  answers: "list",
  deprecated: "Use list_applications; bookmarks are applications of type bookmark.",
});

const get = operation({
  name: "get_bookmark",
  title: "Get bookmark",
  summary: "Show one App Launcher link of the retired bookmark API.",
  effect: "read",
  route: "GET /accounts/{account_id}/access/bookmarks/{bookmark_id}",
  input: z.strictObject({ bookmark_id }),
  output: Bookmark,
  deprecated: "Use get_application; bookmarks are applications of type bookmark.",
});

const create = operation({
  name: "create_bookmark",
  title: "Create bookmark",
  summary: "Create an App Launcher link by the retired bookmark API, under an id of your choice.",
  effect: "create",
  route: "POST /accounts/{account_id}/access/bookmarks/{bookmark_id}",
  input: z.strictObject({ bookmark_id: Id.describe("Id for the new bookmark, a UUID"), ...fields }),
  output: Bookmark,
  deprecated: "Use create_application with type bookmark.",
});

const update = operation({
  name: "update_bookmark",
  title: "Update bookmark",
  summary: "Replace an App Launcher link of the retired bookmark API.",
  effect: "update",
  route: "PUT /accounts/{account_id}/access/bookmarks/{bookmark_id}",
  input: z.strictObject({ bookmark_id, ...fields }),
  output: Bookmark,
  deprecated: "Use update_application with type bookmark.",
});

const remove = operation({
  name: "delete_bookmark",
  title: "Delete bookmark",
  summary: "Delete an App Launcher link of the retired bookmark API.",
  effect: "delete",
  route: "DELETE /accounts/{account_id}/access/bookmarks/{bookmark_id}",
  input: z.strictObject({ bookmark_id }),
  output: Deleted,
  deprecated: "Use delete_application; bookmarks are applications of type bookmark.",
});

export default room({
  noun: "bookmark",
  toolset: "pages",
  key: "id",
  permission: null,
  columns: ["id", "name", "domain", "app_launcher_visible", "updated_at"],
  verbs: { list, get, create, update, delete: remove },
});
