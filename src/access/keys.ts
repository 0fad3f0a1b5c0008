import { z } from "zod";
import { answer } from "../core/model.ts";
import { operation } from "../core/operation.ts";
import { room } from "../core/room.ts";

/** When Access rotates the keys with which it signs the tokens that origins check (developers.cloudflare.com, "Validate JWTs"). */
export const KeyConfiguration = answer({
  key_rotation_interval_days: z.number().optional(),
  last_key_rotation_at: z.string().optional(),
  days_until_next_rotation: z.number().optional(),
});

const get = operation({
  name: "get_key_configuration",
  title: "Get key configuration",
  summary: "Show how often Access rotates its token signing keys, and when it did last and will next.",
  effect: "read",
  route: "GET /accounts/{account_id}/access/keys",
  input: z.strictObject({}),
  output: KeyConfiguration,
});

const update = operation({
  name: "update_key_configuration",
  title: "Update key configuration",
  summary: "Set after how many days Access rotates its token signing keys by itself.",
  effect: "update",
  route: "PUT /accounts/{account_id}/access/keys",
  input: z.strictObject({ key_rotation_interval_days: z.int().positive().describe("Days between rotations") }),
  output: KeyConfiguration,
});

const rotate = operation({
  name: "rotate_keys",
  title: "Rotate keys",
  summary: "Replace the keys with which Access signs tokens, now instead of at the next scheduled rotation.",
  advice:
    "Origins that fetch the keys from /cdn-cgi/access/certs of the team domain follow by themselves; one that stores a copy needs the new key at once. The previous key stays valid for 7 days.",
  effect: "rotate",
  route: "POST /accounts/{account_id}/access/keys/rotate",
  input: z.strictObject({}),
  output: KeyConfiguration,
});

export default room({
  noun: "key configuration",
  toolset: "certificates",
  key: null,
  permission: "Access: Organizations, Identity Providers, and Groups",
  columns: ["key_rotation_interval_days", "last_key_rotation_at", "days_until_next_rotation"],
  verbs: { get, update, rotate },
});
