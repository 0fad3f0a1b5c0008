import type { Members } from "../../src/core/change.ts";
import type { Holdings } from "../../src/inventory/datasets.ts";
import { type Company, domain, lookedAt, okta, pin, times } from "./big-company.ts";

/** As many users as an inventory asks one by one, and as many rows as it reads of a log. */
const sample = 300;
const mostRows = 10_000;

/** The people of a company, what a sample of them is doing, and what the logs of a month say. */
export function peopleOf(
  { draw, count, ago }: Company,
  size: number,
  applications: readonly Members[],
): Pick<
  Holdings,
  "users" | "user_sessions" | "user_identities" | "failed_logins" | "access_requests" | "scim_updates" | "idp_scim"
> {
  const source = draw("people");
  const users = times(size, (at): Members => {
    const luck = source.fraction();
    const seen = luck < 0.05 ? undefined : luck < 0.15 ? source.integer(95, 400) : source.integer(0, 40);
    return {
      id: `user-${at}`,
      uid: `user-${at}`,
      seat_uid: `seat-${at}`,
      name: `Person ${at}`,
      email: `person-${at}@${domain}`,
      access_seat: seen !== undefined,
      gateway_seat: source.chance(0.5),
      active_device_count: source.integer(0, 2),
      ...(seen !== undefined && { last_successful_login: ago(seen) }),
      created_at: ago(source.integer(400, 800)),
    };
  });
  const latest = users.slice(0, sample);
  const seconds = Math.floor(lookedAt / 1000);
  const user_sessions = latest.flatMap(({ id }) =>
    times(source.integer(0, 2), (at): Members => {
      const opened = times(2, () => source.pick(applications));
      const apps = Object.fromEntries(opened.map((one) => [one["id"], { uid: one["id"], name: one["name"] }]));
      const expires = seconds + source.integer(-3600, 80_000);
      return {
        user_id: id,
        name: `session-${id}-${at}`,
        expiration: expires,
        metadata: { iat: expires - 86_400, expires, apps },
      };
    }),
  );
  const user_identities = latest.map(
    ({ id, email }, at): Members => ({
      user_id: id,
      email,
      idp: { id: okta, type: "okta" },
      groups: [{ id: `okta-${at % 140}`, name: `team-${at % 140}` }],
      amr: ["pwd", "mfa"],
    }),
  );
  const failed_logins = latest.flatMap(({ id, email }) =>
    source.chance(0.1)
      ? [{ user_id: id, metadata: { app_name: "Application 3", datetime: seconds - 4000, user_email: email } }]
      : [],
  );
  const rows = Math.min(mostRows, count(4000));
  const access_requests = times(rows, (at): Members => {
    const application = source.pick(applications);
    const allowed = source.chance(0.96);
    return {
      ray_id: `ray-${at}`,
      created_at: ago(((rows - at) * 30) / rows),
      app_uid: application["id"],
      app_domain: application["domain"],
      app_type: application["type"],
      user_email: users[source.integer(0, size - 1)]?.["email"],
      ip_address: "203.0.113.7",
      connection: source.chance(0.9) ? "okta" : "onetimepin",
      idp: source.chance(0.9) ? okta : pin,
      action: "login",
      allowed,
    };
  });
  const idp_scim = users.map(
    ({ email, name }, at): Members => ({
      id: `scim-${at}`,
      identity_provider_id: okta,
      displayName: name,
      active: source.chance(0.95),
      emails: [{ value: email, type: "work", primary: true }],
    }),
  );
  const scim_updates = times(Math.min(mostRows, count(300)), (at): Members => {
    const failed = source.chance(0.05);
    return {
      logged_at: ago(source.integer(0, 30)),
      idp_id: okta,
      resource_type: "USER",
      resource_user_email: users[source.integer(0, size - 1)]?.["email"],
      request_method: "PATCH",
      status: failed ? "FAILURE" : "SUCCESS",
      cf_resource_id: `scim-${at}`,
    };
  });
  return { users, user_sessions, user_identities, failed_logins, access_requests, scim_updates, idp_scim };
}
