import { z } from "zod";
import { answer } from "../core/model.ts";
import { operation } from "../core/operation.ts";
import { room } from "../core/room.ts";
import { Deleted, Id } from "./shared.ts";

/** A person known to Access, with the seats taken. */
export const User = answer({
  id: Id.optional(),
  uid: z.string().optional(),
  seat_uid: z.string().optional(),
  name: z.string().optional(),
  email: z.string().optional(),
  access_seat: z.boolean().optional().describe("Has logged in to an application"),
  gateway_seat: z.boolean().optional().describe("Has logged in to the device client"),
  active_device_count: z.number().optional(),
  last_successful_login: z.string().optional(),
  created_at: z.string().optional(),
  updated_at: z.string().optional(),
});

/** How the operations below a user name that user. */
export const user_id = Id.describe("User id, from list_users");

const list = operation({
  name: "list_users",
  title: "List users",
  summary: "List the people who have used Access, with their seats, devices and last login.",
  effect: "read",
  route: "GET /accounts/{account_id}/access/users",
  input: z.strictObject({
    name: z.string().optional(),
    email: z.string().optional(),
    search: z.string().optional().describe("Part of a name or e-mail address"),
  }),
  output: User,
  answers: "pages",
});

const get = operation({
  name: "get_user",
  title: "Get user",
  summary: "Show one user with seats, number of devices and last login.",
  advice: "For the groups and device a person last logged in with use get_user_last_identity.",
  effect: "read",
  route: "GET /accounts/{account_id}/access/users/{user_id}",
  input: z.strictObject({ user_id }),
  output: User,
});

const create = operation({
  name: "create_user",
  title: "Create user",
  summary: "Add a user before the first login.",
  advice: "Lets nobody in: policies do. People who log in are added by themselves.",
  effect: "create",
  route: "POST /accounts/{account_id}/access/users",
  input: z.strictObject({ email: z.email(), name: z.string().optional() }),
  output: User,
});

const update = operation({
  name: "update_user",
  title: "Update user",
  summary: "Rename a user; the e-mail address cannot change and has to be the present one.",
  effect: "update",
  route: "PUT /accounts/{account_id}/access/users/{user_id}",
  input: z.strictObject({
    user_id,
    email: z.email().describe("The present address, as confirmation"),
    name: z.string(),
  }),
  output: User,
});

const remove = operation({
  name: "delete_user",
  title: "Delete user",
  summary: "Delete a user, freeing the seats and ending the sessions.",
  advice:
    "Policies stay as they are: whoever still matches one can log in again. To only end sessions use revoke_user.",
  effect: "delete",
  route: "DELETE /accounts/{account_id}/access/users/{user_id}",
  input: z.strictObject({ user_id }),
  output: Deleted.nullable(),
});

export default room({
  noun: "user",
  toolset: "users",
  key: "id",
  permission: null,
  columns: ["id", "name", "email", "access_seat", "gateway_seat", "active_device_count", "last_successful_login"],
  everyday: ["list"],
  verbs: { list, get, create, update, delete: remove },
});
