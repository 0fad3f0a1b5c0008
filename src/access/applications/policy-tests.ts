import { z } from "zod";
import { answer } from "../../core/model.ts";
import { operation } from "../../core/operation.ts";
import { room } from "../../core/room.ts";
import { policyFields } from "../policies.ts";
import { Id } from "../shared.ts";

const StartedTest = answer({ id: Id.optional(), status: z.literal("success").optional() });

/** How far a test is and what it found. */
const PolicyTest = answer({
  id: Id.optional(),
  status: z.enum(["blocked", "processing", "exceeded time", "complete"]).optional(),
  total_users: z.number().optional(),
  percent_users_processed: z.number().optional(),
  users_approved: z.number().optional(),
  users_blocked: z.number().optional(),
  users_errored: z.number().optional(),
  percent_approved: z.number().optional(),
  percent_blocked: z.number().optional(),
  percent_errored: z.number().optional(),
});

const TestedUser = answer({
  id: z.string().optional(),
  name: z.string().optional(),
  email: z.string().optional(),
  status: z.enum(["approved", "blocked", "error"]).optional(),
});

const UserPolicyCheck = answer({
  app_state: z
    .object({
      app_uid: z.string().optional(),
      aud: z.string().optional(),
      hostname: z.string().optional(),
      name: z.string().optional(),
      policies: z.array(z.unknown()).optional(),
      status: z.string().optional(),
    })
    .optional(),
  user_identity: z
    .object({
      id: z.string().optional(),
      account_id: z.string().optional(),
      user_uuid: z.string().optional(),
      name: z.string().optional(),
      email: z.string().optional(),
      geo: z.object({ country: z.string().optional() }).optional(),
      iat: z.number().optional(),
      is_gateway: z.boolean().optional(),
      is_warp: z.boolean().optional(),
      device_sessions: z.unknown().optional(),
      version: z.number().optional(),
    })
    .optional(),
});

const policy_test_id = Id.describe("Test id, from start_policy_test");

const start = operation({
  name: "start_policy_test",
  title: "Start policy test",
  summary: "Let Cloudflare try policies on everybody who has logged in before; changes nothing.",
  advice:
    "Answers at once with an id: ask get_policy_test until its status is complete, then list_policy_test_users for who is affected. Good before a policy is attached or changed.",
  effect: "action",
  route: "POST /accounts/{account_id}/access/policy-tests",
  input: z.strictObject({
    policies: z
      .array(
        z.union([z.string(), z.strictObject(policyFields)], {
          error: "the id of a reusable policy, or a whole policy with name, decision and include",
        }),
      )
      .min(1)
      .describe("Reusable policy ids, or whole policies that need not exist"),
  }),
  output: StartedTest,
});

const get = operation({
  name: "get_policy_test",
  title: "Get policy test",
  summary: "Show how far a policy test is and how many users it approved and blocked.",
  effect: "read",
  route: "GET /accounts/{account_id}/access/policy-tests/{policy_test_id}",
  input: z.strictObject({ policy_test_id }),
  output: PolicyTest,
});

const users = operation({
  name: "list_policy_test_users",
  title: "List policy test users",
  summary: "List the users of a policy test with the outcome for each.",
  effect: "read",
  route: "GET /accounts/{account_id}/access/policy-tests/{policy_test_id}/users",
  input: z.strictObject({
    policy_test_id,
    status: z.enum(["success", "fail", "error"]).optional().describe("success: approved, fail: blocked"),
  }),
  output: TestedUser,
  answers: "pages",
});

const check = operation({
  name: "check_user_policies",
  title: "Check user policies",
  summary: "Show how the policies of an application decide on a user, with the identity that Cloudflare saw.",
  advice: "Cloudflare offers no field to name the user; to try policies on everybody use start_policy_test.",
  effect: "read",
  route: "GET /{account_or_zone}/access/apps/{app_id}/user_policy_checks",
  input: z.strictObject({ app_id: Id.describe("Application id") }),
  output: UserPolicyCheck,
});

export default room({
  noun: "policy test",
  toolset: "tests",
  key: "id",
  permission: null,
  columns: ["id", "name", "email", "status"],
  verbs: { start, get, users, check },
});
