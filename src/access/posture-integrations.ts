import { z } from "zod";
import { answer } from "../core/model.ts";
import { operation } from "../core/operation.ts";
import { room } from "../core/room.ts";
import { Id } from "./shared.ts";

/** A service that tells Cloudflare about devices; which parts `config` has depends on the type. */
export const PostureIntegration = answer({
  id: Id.optional(),
  name: z.string().optional(),
  type: z
    .enum([
      "workspace_one",
      "crowdstrike_s2s",
      "uptycs",
      "intune",
      "kolide",
      "tanium_s2s",
      "sentinelone_s2s",
      "custom_s2s",
    ])
    .optional(),
  interval: z.string().optional(),
  config: z
    .object({
      api_url: z.string().optional(),
      auth_url: z.string().optional(),
      client_id: z.string().optional(),
      customer_id: z.string().optional(),
      access_client_id: z.string().optional(),
    })
    .optional(),
});

/** Not known to come back, but what integrations are made with. */
const secrets = ["config.client_secret", "config.client_key", "config.access_client_secret"] as const;

const list = operation({
  name: "list_posture_integrations",
  title: "List posture integrations",
  summary: "List the services, such as Intune or CrowdStrike, that device posture rules ask.",
  effect: "read",
  route: "GET /accounts/{account_id}/devices/posture/integration",
  input: z.strictObject({}),
  output: PostureIntegration,
  answers: "list",
  secrets,
});

const get = operation({
  name: "get_posture_integration",
  title: "Get posture integration",
  summary: "Show one service that device posture rules ask, without its secrets.",
  effect: "read",
  route: "GET /accounts/{account_id}/devices/posture/integration/{integration_id}",
  input: z.strictObject({ integration_id: Id.describe("Integration id; connection_id in posture rules") }),
  output: PostureIntegration,
  secrets,
});

export default room({
  noun: "posture integration",
  toolset: "posture",
  key: "id",
  permission: "Access: Device Posture",
  columns: ["id", "name", "type", "interval"],
  verbs: { list, get },
});
