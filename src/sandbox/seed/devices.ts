import type { Row } from "../store.ts";
import { mail, type Plot } from "./plot.ts";

const list = (type: string, description: string, values: readonly string[]) => ({ type, description, values });

const lists: Readonly<Record<string, ReturnType<typeof list>>> = {
  "Office networks": list("IP", "Rotterdam, Porto and Gothenburg", [
    "203.0.113.0/26",
    "198.51.100.0/27",
    "192.0.2.128/28",
  ]),
  "On-call engineers": list("EMAIL", "Kept by the platform team", [
    `ines.okafor@${mail.own}`,
    `ravi.menon@${mail.own}`,
    `tomas.lindqvist@${mail.own}`,
  ]),
  "Contractors who left": list("EMAIL", "", [`l.brandt@${mail.contractor}`, `s.ito@${mail.contractor}`]),
  "Company laptops": list("SERIAL", "From the asset register", ["QF-3391", "QF-3392", "QF-3407", "QF-3411"]),
  "Allowed security keys": list("AAGUID", "", ["2fc0579f-8113-47ea-b116-bb5a8db9202a"]),
};

const rules = (plot: Plot): readonly Row[] => [
  { name: "Disk encryption", type: "disk_encryption", input: { requireAll: true, checkDisks: [] } },
  { name: "Device client", type: "warp", input: undefined },
  {
    name: "Current Windows",
    type: "os_version",
    match: [{ platform: "windows" }],
    input: { operating_system: "windows", operator: ">=", version: "10.0.22631" },
  },
  {
    name: "Firewall",
    type: "firewall",
    match: [{ platform: "windows" }],
    input: { operating_system: "windows", enabled: true },
  },
  { name: "Company laptop", type: "serial_number", input: { id: plot.sharedId("list", "Company laptops") } },
  {
    name: "Healthy by CrowdStrike",
    type: "crowdstrike_s2s",
    input: { connection_id: plot.sharedId("posture_integration", "CrowdStrike"), operator: ">=", overall: "70" },
  },
];

const integrations: readonly Row[] = [
  {
    name: "CrowdStrike",
    type: "crowdstrike_s2s",
    interval: "10m",
    config: { api_url: "https://api.crowdstrike.example.com", client_id: "quillon-falcon", customer_id: "quillon" },
  },
  { name: "Intune", type: "intune", interval: "1h", config: { client_id: "quillon-intune", customer_id: "quillon" } },
];

/** Gateway lists, device posture rules and the services they ask. */
export function plantDevices(plot: Plot): void {
  for (const [index, [name, { type, description, values }]] of Object.entries(lists).entries()) {
    const id = plot.sharedId("list", name);
    const [created_at, updated_at] = [plot.ago(600 - 40 * index), plot.ago(60 - 9 * index)];
    plot.keep("gateway/lists", id, { id, name, type, description, created_at, updated_at });
    for (const value of values) plot.keep(`gateway/lists/${id}/items`, value, { value, description: "", created_at });
  }
  for (const rule of rules(plot)) {
    const id = plot.sharedId("posture_rule", String(rule["name"]));
    const usual = { description: "", enabled: true, schedule: "5m", expiration: "1h", match: [{ platform: "mac" }] };
    plot.keep("devices/posture", id, { id, ...usual, ...rule });
  }
  for (const integration of integrations) {
    const id = plot.sharedId("posture_integration", String(integration["name"]));
    plot.keep("devices/posture/integration", id, { id, ...integration });
  }
}
