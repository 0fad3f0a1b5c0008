import { describe, expect, it } from "vitest";
import type { Control } from "../../src/core/change.ts";
import { AccessError } from "../../src/core/errors.ts";
import type { Sandbox } from "../../src/sandbox/index.ts";
import { type Random, random } from "../../src/sandbox/random.ts";
import { ask, type Row } from "../sandbox/support.ts";
import { type Holdings, holdingsOf, surelyGetsIn, type Visitor } from "../support/plain-access.ts";
import { type SafeServer, safeServer } from "../support/safe.ts";
import { type Ids, smallAccount } from "../support/small-account.ts";

const isLong = process.env["LONG"] === "1";
const sequences = Number(process.env["SEQUENCES"] ?? (isLong ? 10_000 : 50));
const steps = 20;
const unrelated = isLong ? 1000 : 200;
const timeout = isLong ? 7_200_000 : 90_000;

const guard = "admin@example.com,group:Admins,token:robot,app:Wiki,app:Build server";
const guarded = { confirm: "never", guard };

type Edit = readonly [operation: string, input: Row, control?: Control];

/** The id of some row of a collection, one that leads nowhere when there is none. */
const idIn = ({ rows }: Holdings, chance: Random, path: string, test: (row: Row) => boolean = () => true): string => {
  const found = rows(path).filter(test);
  return found.length === 0 ? "gone" : String(chance.pick(found)["id"]);
};

/** Rules that a lesser admin might write: known people, groups of groups, countries, factors, machines. */
function anyRules(holdings: Holdings, chance: Random, most: number): readonly Row[] {
  const idOf = (path: string, test?: (row: Row) => boolean) => idIn(holdings, chance, path, test);
  const group = () => ({ group: { id: idOf("groups") } });
  return Array.from({ length: chance.integer(0, most) }, () =>
    chance.pick<() => Row>([
      () => ({ email: { email: chance.pick(["admin@example.com", "deputy@example.com", "guest@example.net"]) } }),
      () => ({ email_domain: { domain: chance.pick(["example.com", "example.net"]) } }),
      () => ({ everyone: {} }),
      () => ({ geo: { country_code: chance.pick(["PT", "KP"]) } }),
      () => ({ auth_method: { auth_method: "mfa" } }),
      () => ({ login_method: { id: idOf("identity_providers") } }),
      () =>
        holdings.rows("identity_providers").some(({ type }) => type === "okta")
          ? { okta: { name: "ops", identity_provider_id: idOf("identity_providers", ({ type }) => type === "okta") } }
          : { everyone: {} },
      group,
      group,
    ])(),
  );
}

const sessions = ["24h", "1h", "0s"];

/** One edit out of everything that decides, directly or not, who gets in. */
function anyEdit(holdings: Holdings, chance: Random): Edit {
  const { rows } = holdings;
  const idOf = (path: string, test?: (row: Row) => boolean) => idIn(holdings, chance, path, test);
  const some = (most: number) => anyRules(holdings, chance, most);
  const included = () => [{ email: { email: "guest@example.net" } }, ...some(2)].slice(chance.integer(0, 1));
  const app_id = idOf("apps", ({ type }) => type === "self_hosted");
  const own = rows(`apps/${app_id}/policies`);
  const policyId = () => idOf("policies");
  const links = () => chance.sample(rows("policies"), 3).map(({ id }, at) => ({ id, precedence: at + 1 }));
  const rule = (): Row =>
    chance.pick<() => Row>([
      () => ({ include: included() }),
      () => ({ require: some(1) }),
      () => ({ exclude: some(1) }),
      () => ({ decision: chance.pick(["allow", "deny", "bypass"]) }),
      () => ({ session_duration: chance.pick(sessions) }),
      () => ({ name: `policy ${chance.hex(4)}` }),
    ])();
  const whole = (): Row => ({
    name: `policy ${chance.hex(4)}`,
    decision: chance.pick(["allow", "deny", "deny", "bypass"]),
    include: [{ email: { email: "guest@example.net" } }, ...some(2)],
    require: some(1),
  });
  return chance.pick<() => Edit>([
    () => ["update_group", { group_id: idOf("groups"), include: included() }],
    () => [
      "update_group",
      { group_id: idOf("groups"), ...chance.pick<Row>([{ require: some(1) }, { exclude: some(1) }]) },
    ],
    () => ["update_group", { group_id: idOf("groups"), name: chance.pick(["Admins", `group ${chance.hex(4)}`]) }],
    () => ["update_group", { group_id: idOf("groups"), name: "Admins", include: included() }, { replace: true }],
    () => ["create_group", { name: `group ${chance.hex(4)}`, include: included() }],
    () => ["delete_group", { group_id: idOf("groups") }],
    () => ["update_policy", { policy_id: policyId(), ...rule() }],
    () => ["update_policy", { policy_id: policyId(), ...rule() }],
    () => ["update_policy", { policy_id: policyId(), ...whole() }, { replace: true }],
    () => ["create_policy", whole()],
    () => ["delete_policy", { policy_id: policyId() }],
    () => ["update_application", { app_id, policies: links() }],
    () => ["update_application", { app_id, policies: chance.pick<unknown[]>([[], [whole()], [policyId()]]) }],
    () => ["update_application", { app_id, allowed_idps: chance.pick([[], [idOf("identity_providers")], ["gone"]]) }],
    () => ["update_application", { app_id, session_duration: chance.pick(sessions) }],
    () => ["update_application", { app_id, name: `app ${chance.hex(4)}` }],
    () => ["update_application", { app_id }, { clear: [chance.pick(["allowed_idps", "tags", "session_duration"])] }],
    () => ["delete_application", { app_id }],
    () => ["create_application_policy", { app_id, ...whole(), precedence: chance.integer(0, 99) }],
    () => [
      "update_application_policy",
      { app_id, policy_id: own[0]?.["id"] ?? "gone", ...rule(), precedence: chance.integer(0, 99) },
    ],
    () => ["delete_application_policy", { app_id, policy_id: own[0]?.["id"] ?? "gone" }],
    () => ["update_service_token", { service_token_id: idOf("service_tokens"), enabled: chance.chance(0.5) }],
    () => [
      "update_service_token",
      { service_token_id: idOf("service_tokens"), duration: chance.pick(["8760h", "0s"]) },
    ],
    () => ["delete_service_token", { service_token_id: idOf("service_tokens") }],
    () => [
      "update_identity_provider",
      { identity_provider_id: idOf("identity_providers"), name: `idp ${chance.hex(4)}` },
    ],
    () => ["delete_identity_provider", { identity_provider_id: idOf("identity_providers") }],
    () => ["update_organization", { session_duration: chance.pick(sessions) }],
    () => [
      "update_organization",
      { name: chance.hex(4), auth_domain: chance.pick(["small.cloudflareaccess.com", "other.cloudflareaccess.com"]) },
    ],
  ])();
}

/** The failure of a call, if it is one that is told; the id of the change, if it was made. */
async function attempt({ call }: SafeServer, [operation, input, control = {}]: Edit) {
  try {
    return { change_id: (await call(operation, input, control)).change_id };
  } catch (error) {
    if (error instanceof AccessError) return { error };
    throw error;
  }
}

const isGuards = ({ message, facts }: AccessError) => facts.kind === "refused" && message.includes("the guard keeps");

/** Who must stay able to get in where: all who surely do at first. */
function promises({ sandbox, ids }: { readonly sandbox: Sandbox; readonly ids: Ids }) {
  const holdings = holdingsOf(sandbox);
  const visitors: readonly Visitor[] = [
    { email: "admin@example.com" },
    { member: String(ids["admins"]) },
    { token: String(ids["robot"]) },
  ];
  return visitors
    .flatMap((visitor) => [ids["wiki"], ids["build"]].map((id) => ({ visitor, application: String(id) })))
    .filter(({ visitor, application }) => surelyGetsIn(visitor, application, holdings));
}

describe("what the guard names", () => {
  it(`can log in after each step of ${sequences} sequences of ${steps} edits`, { timeout }, async () => {
    const counts = { made: 0, guarded: 0, rejected: 0, undone: 0 };
    for (let seed = 1; seed <= sequences; seed++) {
      const account = await smallAccount();
      const { sandbox } = account;
      const server = safeServer(guarded, { sandbox });
      const chance = random(`guard/${seed}`);
      const kept = promises(account);
      expect(kept).toHaveLength(4);
      const told: string[] = [];
      const changes: string[] = [];
      let now = holdingsOf(sandbox);
      for (let step = 0; step < steps; step++) {
        const earlier = changes.length > 0 && chance.chance(0.1) ? chance.pick(changes) : undefined;
        const edit: Edit = earlier === undefined ? anyEdit(now, chance) : ["undo_change", { change_id: earlier }];
        const { error, change_id } = await attempt(server, edit);
        if (error === undefined) {
          told.push(JSON.stringify(edit));
          counts[earlier === undefined ? "made" : "undone"]++;
          if (change_id !== undefined) changes.push(change_id);
        } else {
          expect(error.facts.outcome, `seed ${seed}: ${JSON.stringify(edit)}: ${error.message}`).not.toBe("unknown");
          counts[isGuards(error) ? "guarded" : "rejected"]++;
        }
        now = holdingsOf(sandbox);
        const locked = kept.filter(({ visitor, application }) => !surelyGetsIn(visitor, application, now));
        expect(locked, `seed ${seed}, step ${step}:\n${told.join("\n")}`).toEqual([]);
      }
      await server.close();
    }
    if (isLong) process.stderr.write(`guard: ${sequences} sequences, ${JSON.stringify(counts)}\n`);
    // The edits are such that an account without a guard would not survive them.
    expect(counts.guarded).toBeGreaterThan(sequences * 2);
    expect(counts.made).toBeGreaterThan(sequences * 2);
  });

  it("would not survive them without it", { timeout }, async () => {
    let survived = 0;
    for (let seed = 1; seed <= 10; seed++) {
      const account = await smallAccount();
      const server = safeServer({ confirm: "never", guard: "off" }, { sandbox: account.sandbox });
      const chance = random(`guard/${seed}`);
      const kept = promises(account);
      for (let step = 0; step < steps; step++) await attempt(server, anyEdit(holdingsOf(account.sandbox), chance));
      const end = holdingsOf(account.sandbox);
      if (kept.every(({ visitor, application }) => surelyGetsIn(visitor, application, end))) survived++;
    }
    expect(survived).toBeLessThan(3);
  });
});

/** Edits of what no guarded identity and no guarded application depends on. */
function unrelatedEdit(ids: Ids, others: Ids, holdings: Holdings, chance: Random): Edit {
  const idOf = (path: string, test?: (row: Row) => boolean) => idIn(holdings, chance, path, test);
  const some = (most: number) => anyRules(holdings, chance, most);
  const include = [{ email: { email: "guest@example.net" } }, ...some(2)];
  const name = `name ${chance.hex(6)}`;
  const host = `h${chance.hex(6)}.example.com`;
  return chance.pick<() => Edit>([
    () => ["update_group", { group_id: others["group"], include }],
    () => ["update_group", { group_id: others["group"], exclude: some(2), name }],
    () => ["create_group", { name, include }],
    () => [
      "update_policy",
      { policy_id: others["policy"], decision: chance.pick(["allow", "deny", "bypass"]), include },
    ],
    () => ["update_policy", { policy_id: others["policy"], session_duration: chance.pick(sessions) }],
    () => ["create_policy", { name, decision: chance.pick(["deny", "bypass"]), include }],
    () => ["update_application", { app_id: others["app"], policies: chance.pick<unknown[]>([[], [others["policy"]]]) }],
    () => [
      "update_application",
      { app_id: others["app"], allowed_idps: ["gone"], session_duration: chance.pick(sessions) },
    ],
    () => [
      "update_application",
      { app_id: ids["wiki"], tags: chance.pick([[], ["internal"]]), logo_url: `https://${host}` },
    ],
    () => ["update_application", { app_id: ids["claims"], name, policies: [] }],
    () => ["create_application", { type: "self_hosted", name, domain: host, policies: [others["policy"]] }],
    () => ["create_application_policy", { app_id: others["app"], name, decision: "deny", include }],
    () => ["update_service_token", { service_token_id: ids["spare"], enabled: chance.chance(0.5) }],
    () => ["create_service_token", { name }],
    () => [
      "update_identity_provider",
      { identity_provider_id: ids["saml"], name, config: { issuer_url: `https://${host}` } },
    ],
    () => ["create_identity_provider", { name, type: "saml", config: {} }],
    () => ["update_organization", { name, session_duration: chance.pick(["24h", "12h"]) }],
    () => ["update_organization", { deny_unmatched_requests: chance.chance(0.5) }],
    () => ["update_target", { target_id: ids["target"], hostname: `t${chance.hex(4)}` }],
    () => ["update_user", { user_id: ids["user"], email: "ada@example.com", name }],
    () => ["create_tag", { name }],
    () => ["update_mcp_portal", { id: "tools", name }],
    () => ["update_bookmark", { bookmark_id: "b1", name }],
    () => [
      "delete_group",
      { group_id: idOf("groups", (row) => String(row["name"]).startsWith("name ") && row["id"] !== others["group"]) },
    ],
    () => [
      "delete_service_token",
      { service_token_id: idOf("service_tokens", (row) => String(row["name"]).startsWith("name ")) },
    ],
    () => [
      "delete_application",
      {
        app_id: idOf(
          "apps",
          (row) =>
            String(row["name"]).startsWith("name ") && row["id"] !== others["app"] && row["type"] === "self_hosted",
        ),
      },
    ],
  ])();
}

describe("edits that have nothing to do with it", () => {
  it(`are never refused, ${unrelated} of them`, { timeout }, async () => {
    const { sandbox, ids } = await smallAccount();
    const server = safeServer(guarded, { sandbox });
    const make = async (path: string, body: Row) => String((await ask(sandbox, `POST ${path}`, body)).result["id"]);
    const include = [{ email_domain: { domain: "example.net" } }];
    const others: Ids = {
      group: await make("/access/groups", { name: "Others", include }),
      policy: await make("/access/policies", { name: "Others", decision: "allow", include }),
      app: await make("/access/apps", { type: "self_hosted", name: "Other", domain: "other.example.com" }),
    };
    const chance = random("unrelated");
    let made = 0;
    for (let run = 0; run < unrelated; run++) {
      const edit = unrelatedEdit(ids, others, holdingsOf(sandbox), chance);
      const { error } = await attempt(server, edit);
      if (error === undefined) made++;
      else expect(isGuards(error), `run ${run}: ${JSON.stringify(edit)}: ${error.message}`).toBe(false);
    }
    expect(made).toBeGreaterThan(unrelated * 0.7);
  });
});
