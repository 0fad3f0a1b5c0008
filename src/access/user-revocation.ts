import { z } from "zod";
import { operation } from "../core/operation.ts";
import { room } from "../core/room.ts";
import users from "./users.ts";

const revoke = operation({
  name: "revoke_user",
  title: "Revoke user",
  summary: "End all sessions of a user in every application; the next request asks to log in again.",
  advice:
    "Takes up to a minute and does not keep the person out: whoever still matches a policy can log in again, so change policies or groups first. To end the sessions of one application use revoke_application_tokens.",
  effect: "revoke",
  route: "POST /{account_or_zone}/access/organizations/revoke_user",
  input: z.strictObject({
    email: z.email(),
    user_uid: z.string().optional().describe("uid in list_users"),
    devices: z.boolean().optional().describe("Revoke all devices of the user too"),
    warp_session_reauth: z.boolean().optional().describe("Ask to log in to the device client again too"),
  }),
  output: z.boolean(),
  place: { devices: "query" },
});

export default room({
  noun: "user's access",
  toolset: "users",
  key: "email",
  permission: "Access: Organizations, Identity Providers, and Groups",
  within: users,
  columns: [],
  everyday: ["revoke"],
  verbs: { revoke },
});
