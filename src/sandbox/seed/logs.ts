import type { Row } from "../store.ts";
import { inAccount } from "../world.ts";
import { connectionOf, type Person } from "./people.ts";
import { mail, type Plot } from "./plot.ts";

const days = 30;

/** Where people go; the last one turns most of them away. */
const places = [
  "Wiki",
  "Metrics",
  "Build server",
  "Source code",
  "Order desk",
  "Fleet tracker",
  "Expense claims",
  "Payroll",
];

/** A month of logins: busy weekdays, quiet weekends, now and then a refusal, and machines that need no login. */
export function plantAccessRequests(plot: Plot, people: readonly Person[]): void {
  const source = plot.random.fork("logins");
  const active = people.filter(({ seen }) => seen !== undefined && seen < 10);
  const rows: Row[] = [];
  const log = (at: number, name: string, row: Row) => {
    const app = plot.id("application", name);
    const stored = plot.world.store.find(inAccount(plot.world, "access/apps"), app);
    rows.push({
      ray_id: source.hex(16),
      created_at: plot.ago(at),
      app_uid: app,
      app_domain: stored?.["domain"] ?? mail.own,
      app_type: stored?.["type"],
      ...row,
    });
  };

  for (let day = days; day > 0; day--) {
    const weekend = [0, 6].includes(plot.date(day).getUTCDay());
    for (let count = source.integer(weekend ? 4 : 40, weekend ? 12 : 70); count > 0; count--) {
      const person = source.pick(active);
      const name = source.pick(places);
      const allowed = name === "Payroll" ? source.chance(0.4) : source.chance(0.97);
      log(day - source.integer(420, 1140) / 1440, name, {
        user_email: person.email,
        ip_address: person.ip,
        country_code: person.country,
        connection: connectionOf(person),
        idp: plot.sharedId("identity_provider", person.provider),
        action: "login",
        allowed,
        non_identity: false,
      });
    }
    for (const hour of [2, 14]) {
      log(day - hour / 24, "Build server", {
        user_email: "",
        ip_address: "198.51.100.9",
        country_code: "NL",
        connection: "service_token",
        idp: "",
        action: "login",
        allowed: true,
        non_identity: true,
      });
    }
  }
  // A typed address that nobody has, tried over and over in one night.
  for (let attempt = 0; attempt < 12; attempt++) {
    log(6 - attempt / 400, "Payroll", {
      user_email: "ines.okafor@quilon.example.com",
      ip_address: "192.0.2.77",
      country_code: "BR",
      connection: "onetimepin",
      idp: plot.sharedId("identity_provider", "One-time PIN"),
      action: "login",
      allowed: false,
      non_identity: false,
    });
  }
  rows.sort((a, b) => String(a["created_at"]).localeCompare(String(b["created_at"])));
  for (const row of rows) plot.keep("access/logs/access_requests", String(row["ray_id"]), row);
}

/** What the two SCIM providers sent in a month; one in twenty changes failed. */
export function plantScimUpdates(plot: Plot, people: readonly Person[]): void {
  const source = plot.random.fork("scim");
  for (let count = 0; count < 150; count++) {
    const provider = source.pick(["Okta", "Okta", "Entra ID"]);
    const person = source.pick(people);
    const group = source.chance(0.2) ? source.pick(["engineering", "support", "finance", "platform"]) : undefined;
    const failed = source.chance(0.05);
    const active = source.chance(0.9);
    plot.keep("access/logs/scim/updates", String(count), {
      logged_at: plot.ago((days * (150 - count)) / 151),
      idp_id: plot.sharedId("identity_provider", provider),
      cf_resource_id: source.uuid(),
      idp_resource_id: source.hex(20),
      resource_type: group === undefined ? "USER" : "GROUP",
      request_method: source.pick(["PATCH", "PATCH", "PUT", "POST"]),
      request_body: JSON.stringify(group === undefined ? { userName: person.email, active } : { displayName: group }),
      ...(group === undefined ? { resource_user_email: person.email } : { resource_group_name: group }),
      status: failed ? "FAILURE" : "SUCCESS",
      ...(failed && { error_description: "User with this email already exists" }),
    });
  }
}
