import { invalid, notFound } from "../envelope.ts";
import { type Row, textOf } from "../store.ts";
import { inAccount, type Quirks, type World } from "../world.ts";
import { decide } from "./evaluate.ts";
import { expandPolicies } from "./policies.ts";
import { checkRules } from "./rules.ts";

const tests = "access/policy-tests";
const users = "access/users";

/** Filter words and row words differ (npm cloudflare 7.3.0). */
const outcomes: Readonly<Record<string, string>> = { success: "approved", fail: "blocked", error: "error" };

/** Only people who have logged in at least once are tried (docs, policy-management). */
const known = (world: World) =>
  world.store.rows(inAccount(world, users)).filter((user) => user["last_successful_login"] !== undefined);

function summary(id: string, tested: readonly Row[]): Row {
  const count = (status: string) => tested.filter((user) => user["status"] === status).length;
  const percent = (part: number) => (tested.length === 0 ? 0 : Math.round((100 * part) / tested.length));
  const [approved, blocked, errored] = [count("approved"), count("blocked"), count("error")];
  return {
    id,
    status: "complete",
    total_users: tested.length,
    percent_users_processed: 100,
    users_approved: approved,
    users_blocked: blocked,
    users_errored: errored,
    percent_approved: percent(approved),
    percent_blocked: percent(blocked),
    percent_errored: percent(errored),
  };
}

export const policyTestQuirks: Quirks = {
  resources: {
    [`${tests}/{policy_test_id}/users`]: {
      filters: { status: (row, wanted: string) => row["status"] === outcomes[wanted] },
    },
  },
  operations: {
    start_policy_test: (question) => {
      const { world, scope, body } = question;
      const policies = ((body["policies"] as readonly unknown[] | undefined) ?? []).map((item): Row => {
        if (typeof item !== "string") {
          checkRules(item as Row, question);
          return item as Row;
        }
        const policy = world.store.find(`${scope}/access/policies`, item);
        if (policy === undefined) throw invalid(`policy ${item} does not exist`);
        return policy;
      });
      const id = world.random.hex(64);
      const tested = known(world).map((user): Row => {
        const { id: userId, email, name } = user;
        return { id: userId, email, name, status: decide(policies, { email: textOf(email) }, world, scope) };
      });
      const place = `${scope}/${tests}`;
      world.store.keep(place, id, summary(id, tested));
      for (const user of tested) world.store.keep(`${place}/${id}/users`, textOf(user["id"]), user);
      return { result: { id, status: "success" } };
    },
    get_policy_test: ({ world, collection, id }) => {
      const test = world.store.find(collection, id);
      if (test === undefined) throw notFound("policy test");
      const { asked, ...state } = test;
      if (asked === true) return { result: state };
      test["asked"] = true;
      // The first look comes too early, as it does in life.
      return { result: { id, status: "processing", total_users: state["total_users"], percent_users_processed: 0 } };
    },
    check_user_policies: ({ world, scope, ids }) => {
      const application = world.store.find(`${scope}/access/apps`, ids["app_id"] ?? "") ?? {};
      const latest = known(world).toSorted((a, b) =>
        textOf(b["last_successful_login"]).localeCompare(textOf(a["last_successful_login"])),
      )[0];
      if (latest === undefined) throw notFound("user");
      const policies = expandPolicies(application, scope, world);
      const identity = world.store.find(`${inAccount(world, users)}/${textOf(latest["id"])}`, "last_seen_identity");
      const { geo, iat, is_gateway, is_warp, device_sessions, version } = identity ?? {};
      return {
        result: {
          app_state: {
            app_uid: application["id"],
            aud: application["aud"],
            hostname: application["domain"],
            name: application["name"],
            policies,
            status: decide(policies, { email: textOf(latest["email"]) }, world, scope),
          },
          user_identity: {
            id: latest["id"],
            account_id: world.accountId,
            user_uuid: latest["id"],
            name: latest["name"],
            email: latest["email"],
            geo,
            iat,
            is_gateway,
            is_warp,
            device_sessions,
            version,
          },
        },
      };
    },
  },
};
