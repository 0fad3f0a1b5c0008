import { z } from "zod";
import { answer } from "../core/model.ts";
import { operation } from "../core/operation.ts";
import { room } from "../core/room.ts";
import { Id } from "./shared.ts";
import { Identity } from "./user-identity.ts";
import users, { user_id } from "./users.ts";

/** A session as the list shows it; times are seconds since 1970, `ttl` is in seconds. */
export const UserSession = answer({
  name: z.string().optional(),
  expiration: z.number().optional(),
  metadata: z
    .object({
      nonce: z.string().optional(),
      iat: z.number().optional(),
      expires: z.number().optional(),
      ttl: z.number().optional(),
      apps: z
        .record(
          z.string(),
          z.object({
            uid: z.string().optional(),
            name: z.string().optional(),
            hostname: z.string().optional(),
            type: z.string().optional(),
          }),
        )
        .optional(),
    })
    .optional(),
});

const list = operation({
  name: "list_user_sessions",
  title: "List user sessions",
  summary: "List a user's sessions that are still alive, with the applications each one opened.",
  advice: "End them all with revoke_user.",
  effect: "read",
  route: "GET /accounts/{account_id}/access/users/{user_id}/active_sessions",
  input: z.strictObject({ user_id }),
  output: UserSession,
  answers: "list",
});

const get = operation({
  name: "get_user_session",
  title: "Get user session",
  summary: "Show one live session: identity, address, country, device and its posture.",
  effect: "read",
  route: "GET /accounts/{account_id}/access/users/{user_id}/active_sessions/{nonce}",
  input: z.strictObject({ user_id, nonce: Id.describe("metadata.nonce of the session in list_user_sessions") }),
  output: Identity.extend({ isActive: z.boolean().optional() }),
});

export default room({
  noun: "user session",
  toolset: "users",
  key: "name",
  permission: null,
  within: users,
  columns: ["name", "metadata.nonce", "metadata.iat", "metadata.expires", "metadata.apps"],
  verbs: { list, get },
});
