import { z } from "zod";
import { answer } from "../core/model.ts";
import { operation } from "../core/operation.ts";
import { room } from "../core/room.ts";
import { Id } from "./shared.ts";

const Operator = z.enum(["<", "<=", ">", ">=", "=="]);
const Platform = z.enum(["windows", "mac", "linux", "android", "ios", "chromeos"]);
const Desktop = Platform.extract(["windows", "linux", "mac"]);
const connection_id = z.string().describe("Posture integration id");

const executable = z.object({
  operating_system: Desktop,
  path: z.string(),
  sha256: z.string().optional(),
  thumbprint: z.string().optional(),
});

/** What each type of rule compares with; the types tanium, gateway and warp have no shape of their own. */
const inputs = {
  file: executable.extend({ exists: z.boolean().optional() }),
  unique_client_id: z.object({ operating_system: Platform.extract(["android", "ios", "chromeos"]), id: z.string() }),
  domain_joined: z.object({ operating_system: Platform.extract(["windows"]), domain: z.string().optional() }),
  /** The SDK says Windows only, but has fields for Linux. */
  os_version: z.object({
    operating_system: Platform,
    operator: Operator,
    version: z.string(),
    os_distro_name: z.string().optional(),
    os_distro_revision: z.string().optional(),
    os_version_extra: z.string().optional(),
  }),
  firewall: z.object({ operating_system: Platform.extract(["windows", "mac"]), enabled: z.boolean() }),
  sentinelone: executable,
  carbonblack: executable,
  serial_number: z.object({ id: z.string().describe("Gateway list id") }),
  disk_encryption: z.object({ checkDisks: z.array(z.string()).optional(), requireAll: z.boolean().optional() }),
  application: executable,
  client_certificate: z.object({ certificate_id: z.string(), cn: z.string() }),
  client_certificate_v2: z.object({
    certificate_id: z.string(),
    check_private_key: z.boolean(),
    operating_system: Desktop,
    cn: z.string().optional(),
    extended_key_usage: z.array(z.enum(["clientAuth", "emailProtection"])).optional(),
    locations: z
      .object({
        paths: z.array(z.string()).optional(),
        trust_stores: z.array(z.enum(["system", "user"])).optional(),
      })
      .optional(),
    subject_alternative_names: z.array(z.string()).optional(),
  }),
  antivirus: z.object({ update_window_days: z.number().optional() }),
  workspace_one: z.object({
    connection_id,
    compliance_status: z.enum(["compliant", "noncompliant", "unknown"]),
  }),
  crowdstrike_s2s: z.object({
    connection_id,
    last_seen: z.string().optional(),
    operator: Operator.optional(),
    os: z.string().optional(),
    overall: z.string().optional(),
    sensor_config: z.string().optional(),
    state: z.enum(["online", "offline", "unknown"]).optional(),
    version: z.string().optional(),
    versionOperator: Operator.optional(),
  }),
  intune: z.object({
    connection_id,
    compliance_status: z.enum(["compliant", "noncompliant", "unknown", "notapplicable", "ingraceperiod", "error"]),
  }),
  kolide: z.object({
    connection_id,
    auth_state: z.array(z.enum(["Good", "Notified", "Will Block", "Blocked"])).optional(),
    countOperator: Operator.optional(),
    issue_count: z.string().optional(),
  }),
  tanium_s2s: z.object({
    connection_id,
    eid_last_seen: z.string().optional(),
    operator: Operator.optional(),
    risk_level: z.enum(["low", "medium", "high", "critical"]).optional(),
    scoreOperator: Operator.optional(),
    total_score: z.number().optional(),
  }),
  sentinelone_s2s: z.object({
    connection_id,
    active_threats: z.number().optional(),
    infected: z.boolean().optional(),
    is_active: z.boolean().optional(),
    network_status: z.enum(["connected", "disconnected", "disconnecting", "connecting"]).optional(),
    operational_state: z
      .enum([
        "na",
        "partially_disabled",
        "auto_fully_disabled",
        "fully_disabled",
        "auto_partially_disabled",
        "disabled_error",
        "db_corruption",
      ])
      .optional(),
    operator: Operator.optional(),
  }),
  custom_s2s: z.object({ connection_id, operator: Operator, score: z.number().describe("0 to 100") }),
};

/** A requirement on devices that policies use through the `device_posture` selector. */
export const PostureRule = answer({
  id: Id.optional(),
  name: z.string().optional(),
  description: z.string().optional(),
  type: z.enum([...(Object.keys(inputs) as (keyof typeof inputs)[]), "tanium", "gateway", "warp"]).optional(),
  enabled: z.boolean().optional(),
  schedule: z.string().optional(),
  expiration: z.string().optional(),
  match: z.array(z.object({ platform: Platform.optional() })).optional(),
  input: z.union(Object.values(inputs)).optional(),
});

const list = operation({
  name: "list_posture_rules",
  title: "List posture rules",
  summary: "List device posture rules, whose ids the device_posture selector of policies takes.",
  effect: "read",
  route: "GET /accounts/{account_id}/devices/posture",
  input: z.strictObject({}),
  output: PostureRule,
  answers: "list",
});

const get = operation({
  name: "get_posture_rule",
  title: "Get posture rule",
  summary: "Show one device posture rule: what it checks, on which platforms and how often.",
  effect: "read",
  route: "GET /accounts/{account_id}/devices/posture/{rule_id}",
  input: z.strictObject({ rule_id: Id.describe("Posture rule id") }),
  output: PostureRule,
});

export default room({
  noun: "posture rule",
  toolset: "posture",
  key: "id",
  permission: "Access: Device Posture",
  columns: ["id", "name", "type", "enabled", "match", "schedule", "expiration"],
  verbs: { list, get },
});
