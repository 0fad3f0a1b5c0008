import type { Row } from "../store.ts";
import { neglectedPolicies } from "./neglected.ts";
import { mail, type Plot, type Rules, rulesFor } from "./plot.ts";

/** A reusable policy with names in the place of ids. */
export interface PolicySeed extends Row {
  readonly name: string;
  /** `allow` when absent. */
  readonly decision?: "allow" | "deny" | "non_identity" | "bypass";
  readonly include: readonly Row[];
}

const people = (rule: Rules): readonly PolicySeed[] => [
  { name: "Employees", include: [rule.group("Employees")] },
  { name: "Employees with security key", include: [rule.group("Employees")], require: [rule.method("hwk")] },
  {
    name: "Employees on managed devices",
    include: [rule.group("Employees")],
    require: [rule.group("Managed devices")],
  },
  { name: "Engineering", include: [rule.group("Engineering"), rule.group("Platform team")] },
  {
    name: "Platform team",
    include: [rule.group("Platform team")],
    session_duration: "8h",
    mfa_config: { allowed_authenticators: ["security_key", "biometrics"], session_duration: "8h" },
  },
  { name: "Data team", include: [rule.group("Data team")], require: [rule.posture("Disk encryption")] },
  { name: "Finance", include: [rule.group("Finance")], session_duration: "4h" },
  { name: "Payroll", include: [rule.group("People and payroll")], session_duration: "1h" },
  { name: "Support", include: [rule.group("Support")] },
  { name: "Sales", include: [rule.group("Sales"), rule.group("Executives")] },
  { name: "Executives", include: [rule.group("Executives")] },
  { name: "Administrators", include: [rule.group("Administrators")], session_duration: "30m" },
  {
    name: "Security, with a reason",
    include: [rule.group("Security")],
    purpose_justification_required: true,
    purpose_justification_prompt: "Which ticket is this for?",
  },
  {
    name: "On call, after approval",
    include: [rule.group("On call")],
    approval_required: true,
    purpose_justification_required: true,
    purpose_justification_prompt: "What is broken?",
    approval_groups: [{ approvals_needed: 1, email_addresses: [`ines.okafor@${mail.own}`, `yara.haddad@${mail.own}`] }],
    session_duration: "2h",
  },
  { name: "Contractors", include: [rule.group("Contractors")], session_duration: "8h" },
  {
    name: "Contractors, isolated",
    include: [rule.group("Contractors")],
    exclude: [rule.geo("RU"), rule.geo("KP")],
    isolation_required: true,
  },
  { name: "Partner engineers", include: [rule.group("Partner engineers")], require: [rule.login("One-time PIN")] },
  { name: "Auditors", include: [rule.group("Auditors")], require: [rule.login("One-time PIN")] },
  { name: "European staff", include: [rule.group("Employees")], require: [rule.group("European staff")] },
  // One letter is missing in the domain: this lets nobody in.
  { name: "Legacy intranet", include: [rule.domain("quilon.example.com")] },
  // Two countries at once: nobody is in both.
  { name: "Benelux staff", include: [rule.group("Employees")], require: [rule.geo("NL"), rule.geo("BE")] },
  // Anyone who can receive a one-time PIN.
  { name: "Anyone with a login", include: [rule.everyone] },
  { name: "Anyone, long sessions", include: [rule.everyone], session_duration: "730h" },
  { name: "Desktop users", include: [rule.group("Finance")], connection_rules: clipboard(["text"], []) },
  { name: "Block former contractors", decision: "deny", include: [rule.emailList("Contractors who left")] },
];

const machines = (rule: Rules): readonly PolicySeed[] => [
  { name: "Deployment robots", decision: "non_identity", include: [rule.token("ci-deploy"), rule.token("ci-release")] },
  { name: "Any service token", decision: "non_identity", include: [rule.anyToken] },
  { name: "Warehouse scanners", decision: "non_identity", include: [rule.commonName("scanner.quillon.example.com")] },
  { name: "Offices without login", decision: "bypass", include: [rule.group("Offices")] },
  { name: "Open to the internet", decision: "bypass", include: [rule.everyone] },
];

function clipboard(inward: readonly string[], outward: readonly string[]): Row {
  return {
    rdp: {
      allowed_clipboard_local_to_remote_formats: inward,
      allowed_clipboard_remote_to_local_formats: outward,
    },
  };
}

/** Fifty reusable policies, with the mistakes people make: misspelt domains, impossible requirements, everyone. */
export function plantPolicies(plot: Plot): void {
  const rules = rulesFor(plot);
  for (const [index, seed] of [...people(rules), ...machines(rules), ...neglectedPolicies(rules)].entries()) {
    const { name, decision = "allow", ...rest } = seed;
    const id = plot.id("policy", name);
    plot.keep("access/policies", id, {
      id,
      name: plot.name(name),
      decision,
      require: [],
      exclude: [],
      session_duration: "24h",
      ...rest,
      reusable: true,
      created_at: plot.ago(720 - 11 * index),
      updated_at: plot.ago(200 - 3 * index),
    });
  }
}
