import { z } from "zod";
import { answer } from "../core/model.ts";
import { operation } from "../core/operation.ts";
import { room } from "../core/room.ts";
import { Time } from "./shared.ts";

/** One decision of Access on a login. */
export const AccessRequest = answer({
  ray_id: z.string().optional(),
  created_at: z.string().optional(),
  user_email: z.string().optional(),
  ip_address: z.string().optional(),
  app_uid: z.string().optional(),
  app_domain: z.string().optional(),
  action: z.string().optional(),
  allowed: z.boolean().optional(),
  connection: z.string().optional().describe("How the user logged in"),
});

const Operator = z.enum(["eq", "neq"]).describe("eq (default) or neq").optional().meta({ rare: true });

const list = operation({
  name: "list_access_requests",
  title: "List access requests",
  summary: "List who tried to log in where and whether Access let them in; the authentication log.",
  advice:
    "Each filter has a twin ending in Op (emailOp: neq) that turns it around. The log goes back 24 hours to 180 days, by plan; requests under a bypass policy are never in it.",
  effect: "read",
  route: "GET /accounts/{account_id}/access/logs/access_requests",
  input: z.strictObject({
    since: Time.optional(),
    until: Time.optional(),
    direction: z.enum(["desc", "asc"]).optional().describe("desc: newest first"),
    email: z.string().optional().describe("Part of the address, case-sensitive; whole with emailOp eq"),
    emailOp: z.enum(["eq", "neq", "contains"]).optional().meta({ rare: true }),
    email_exact: z.boolean().optional().describe("Whole address only; outranks contains"),
    allowed: z.boolean().optional().describe("False: only denials"),
    allowedOp: Operator,
    app_uid: z.string().optional().describe("Application id"),
    app_uidOp: Operator,
    app_type: z.string().optional().describe("Such as self_hosted or saas"),
    app_typeOp: Operator,
    country_code: z.string().optional().describe("ISO 3166-1 alpha-2"),
    country_codeOp: Operator,
    idp: z.string().optional().describe("Identity provider"),
    idpOp: Operator,
    non_identity: z.boolean().optional().describe("True: only service tokens and the like"),
    non_identityOp: Operator,
    ray_id: z.string().optional().describe("The cf-ray a user sees on the denial page"),
    ray_idOp: Operator,
  }),
  output: AccessRequest,
  answers: "pages",
});

export default room({
  noun: "access request",
  toolset: "logs",
  key: null,
  permission: "Access: Audit Logs",
  columns: ["created_at", "user_email", "app_domain", "action", "allowed", "connection", "ip_address", "ray_id"],
  everyday: ["list"],
  verbs: { list },
});
