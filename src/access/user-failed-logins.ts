import { z } from "zod";
import { answer } from "../core/model.ts";
import { operation } from "../core/operation.ts";
import { room } from "../core/room.ts";
import users, { user_id } from "./users.ts";

/** A login that failed; Cloudflare does not document what `metadata` holds. `expiration` is in seconds since 1970. */
export const FailedLogin = answer({
  expiration: z.number().optional().describe("When this record is forgotten"),
  metadata: z.unknown().optional(),
});

const list = operation({
  name: "list_user_failed_logins",
  title: "List user's failed logins",
  summary: "List the recent logins of a user that failed.",
  advice: "For denials by application and time use list_access_requests with allowed false.",
  effect: "read",
  route: "GET /accounts/{account_id}/access/users/{user_id}/failed_logins",
  input: z.strictObject({ user_id }),
  output: FailedLogin,
  answers: "list",
});

export default room({
  noun: "failed login",
  toolset: "users",
  key: null,
  permission: null,
  within: users,
  columns: ["expiration", "metadata"],
  verbs: { list },
});
