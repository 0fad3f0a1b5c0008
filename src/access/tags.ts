import { z } from "zod";
import { answer } from "../core/model.ts";
import { operation } from "../core/operation.ts";
import { room } from "../core/room.ts";
import { PathName } from "./shared.ts";

/** A label for applications; its name is its id. */
export const Tag = answer({
  name: z.string(),
  app_count: z.number().optional(),
  created_at: z.string().optional(),
  updated_at: z.string().optional(),
});

const tag_name = PathName.describe("Name of the tag");

const list = operation({
  name: "list_tags",
  title: "List tags",
  summary: "List the tags by which applications are grouped in the App Launcher.",
  effect: "read",
  route: "GET /accounts/{account_id}/access/tags",
  input: z.strictObject({}),
  output: Tag,
  answers: "pages",
});

const get = operation({
  name: "get_tag",
  title: "Get tag",
  summary: "Show one tag by its name.",
  advice: "Which applications carry it stands in their tags: see list_applications.",
  effect: "read",
  route: "GET /accounts/{account_id}/access/tags/{tag_name}",
  input: z.strictObject({ tag_name }),
  output: Tag,
});

const create = operation({
  name: "create_tag",
  title: "Create tag",
  summary: "Create a tag for applications.",
  advice: "Then name it in tags of the applications that shall carry it.",
  effect: "create",
  route: "POST /accounts/{account_id}/access/tags",
  input: z.strictObject({ name: PathName }),
  output: Tag,
});

const update = operation({
  name: "update_tag",
  title: "Update tag",
  summary: "Rename a tag.",
  effect: "update",
  route: "PUT /accounts/{account_id}/access/tags/{tag_name}",
  input: z.strictObject({ tag_name: tag_name.describe("Present name"), name: PathName.describe("New name") }),
  output: Tag,
});

const remove = operation({
  name: "delete_tag",
  title: "Delete tag",
  summary: "Delete a tag; applications are no longer grouped by it.",
  effect: "delete",
  route: "DELETE /accounts/{account_id}/access/tags/{tag_name}",
  input: z.strictObject({ tag_name }),
  output: answer({ name: z.string().optional() }),
});

export default room({
  noun: "tag",
  toolset: "pages",
  key: "name",
  permission: null,
  columns: ["name", "app_count", "created_at", "updated_at"],
  verbs: { list, get, create, update, delete: remove },
});
