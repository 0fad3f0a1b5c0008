import { beforeAll, describe, expect, it } from "vitest";
import { checks } from "../../src/audit/checks/index.ts";
import type { Finding } from "../../src/audit/engine.ts";
import { audit } from "../../src/audit/engine.ts";
import { subject } from "../../src/audit/estate.ts";
import type { Inventory } from "../../src/inventory/datasets.ts";
import { datasetNames } from "../../src/inventory/holdings.ts";
import { listOf } from "../../src/simulator/fields.ts";
import { collectFrom } from "../inventory/taking.ts";
import { type Answer, ask, type Row } from "../sandbox/support.ts";
import { safeServer } from "../support/safe.ts";
import { plantedBy } from "./planted.ts";

const noon = Date.parse("2026-03-04T12:00:00Z");

type Request = (line: string, body?: unknown) => Promise<Answer>;

/** The seeded account, with some changes made through the API; and what an audit says of each object in it. */
async function audited(change: (request: Request) => Promise<void> = async () => undefined, now = noon) {
  const server = safeServer({}, { now: () => new Date(now) });
  await change(async (line, body) => {
    const answer = await ask(server.sandbox, line, body);
    if (answer.errors.length > 0) throw new Error(`${line}: ${JSON.stringify(answer.errors)}`);
    return answer;
  });
  const inventory = await collectFrom(server, { now });
  const { results } = audit(checks, inventory, { account_id: server.sandbox.accountId, now });
  const flagged = new Map(results.map(({ check, findings }) => [check.id, new Set(findings.map(nameOf))]));
  return { inventory, results, flagged: (id: string) => flagged.get(id) ?? new Set<string>() };
}

/** What a finding is about, as the list of what was planted calls it. */
function nameOf({ subject: { noun, id, name }, mark, related: [other] = [] }: Finding): string {
  if (noun === "MCP portal" && mark !== undefined && name !== undefined) return `${name} > ${other?.name}`;
  if (noun === "IdP federation grant") return other?.name ?? id;
  return name ?? (id || noun);
}

/** Everything in an account, by the same names. */
const namesIn = (inventory: Inventory): ReadonlySet<string> =>
  new Set(
    datasetNames.flatMap((dataset) =>
      (inventory[dataset]?.items ?? []).flatMap((item) => {
        const { noun, id, name } = subject(dataset, item);
        const portal = dataset === "mcp_portals" ? listOf(item["servers"]) : [];
        const own = dataset === "applications" ? listOf(item["policies"]) : [];
        return [
          name ?? (id || noun),
          ...own.map((policy) => String(policy["name"])),
          ...portal.map((server) => `${name} > ${server["name"]}`),
        ];
      }),
    ),
  );

describe("the seeded account", () => {
  let seeded: Awaited<ReturnType<typeof audited>>;
  beforeAll(async () => {
    seeded = await audited();
  });

  it("is read whole, so no check is left unknown", () => {
    const unknown = seeded.results.filter(({ status }) => status === "unknown");
    expect(unknown.map(({ check, why }) => `${check.id}: ${why}`)).toEqual([]);
  });

  it("is judged by every check", () => {
    expect(Object.keys(plantedBy).sort()).toEqual(checks.map(({ id }) => id).sort());
  });

  it.each(["00:00", "00:59", "05:30", "11:59", "17:10", "19:45", "23:59"])("says the same at %s", async (time) => {
    const { results } = await audited(undefined, Date.parse(`2026-03-04T${time}:00Z`));
    const flagged = results.map(({ check, findings }) => [check.id, [...new Set(findings.map(nameOf))].sort()]);
    const planted = Object.entries(plantedBy).map(([id, { wrong }]) => [id, [...wrong].sort()]);
    expect(Object.fromEntries(flagged)).toEqual(Object.fromEntries(planted));
  });

  describe.each(Object.entries(plantedBy))("%s", (id, { wrong, right }) => {
    it("finds every planted mistake and nothing else", () => {
      expect([...seeded.flagged(id)].sort()).toEqual([...wrong].sort());
    });

    it("does not flag the good examples", () => {
      const there = namesIn(seeded.inventory);
      expect(right.filter((name) => !there.has(name) || seeded.flagged(id).has(name))).toEqual([]);
    });
  });
});

/** Changes settings of the organization and leaves the others as they are. */
async function organize(request: Request, settings: Row): Promise<void> {
  const { result } = await request("GET /access/organizations");
  await request("PUT /access/organizations", { ...result, ...settings });
}

/** What an account has once is either right or wrong: here it is the other way round than in the seed. */
const elsewhere: readonly {
  readonly says: string;
  readonly change: (request: Request) => Promise<void>;
  readonly wrong: Readonly<Record<string, string>>;
  readonly right: Readonly<Record<string, string>>;
}[] = [
  {
    says: "an organization that nobody looks after",
    async change(request) {
      const mfa_config = { allowed_authenticators: ["totp"], session_duration: "24h" };
      await organize(request, { session_duration: "720h", warp_auth_session_duration: "720h", mfa_config });
      await request("PUT /access/keys", { key_rotation_interval_days: 365 });
      for (let count = 0; count < 32; count++) await request("POST /access/service_tokens", { name: `token ${count}` });
    },
    wrong: {
      "ORG-03": "Quillon Freight",
      "ORG-04": "Quillon Freight",
      "ORG-06": "Quillon Freight",
      "KEY-01": "key configuration",
      "APP-14": "Quillon Freight",
    },
    right: {},
  },
  {
    says: "an organization that somebody looks after",
    async change(request) {
      await organize(request, {
        deny_unmatched_requests: true,
        strict_service_token_auth: true,
        service_token_inactivity: { enabled: true, action: "disable", inactivity_threshold_days: 90 },
      });
      const { rows } = await request("GET /access/idp_federation_grants");
      for (const { id } of rows) await request(`DELETE /access/idp_federation_grants/${id}`);
      const apps = await request("GET /access/apps?per_page=100");
      const launcher = apps.rows.find(({ type }) => type === "app_launcher") ?? {};
      const strict = await request("GET /access/policies?per_page=100");
      const { id } = strict.rows.find(({ name }) => name === "Platform team") ?? {};
      await request(`PUT /access/apps/${launcher["id"]}`, { ...launcher, policies: [{ id, precedence: 1 }] });
    },
    wrong: {},
    right: {
      "ORG-01": "Quillon Freight",
      "ORG-02": "Quillon Freight",
      "ORG-05": "Quillon Freight",
      "IDP-07": "Okta",
      "APP-20": "App Launcher",
    },
  },
  {
    says: "an account without a directory",
    async change(request) {
      const { rows } = await request("GET /access/identity_providers?per_page=100");
      for (const { id, type } of rows) {
        if (type !== "onetimepin") await request(`DELETE /access/identity_providers/${id}`);
      }
    },
    wrong: { "IDP-01": "One-time PIN" },
    right: {},
  },
];

describe.each(elsewhere)("$says", ({ change, wrong, right }) => {
  it("finds what is wrong there and not what is right", async () => {
    const { flagged } = await audited(change);
    for (const [id, name] of Object.entries(wrong)) expect([...flagged(id)], id).toContain(name);
    for (const [id, name] of Object.entries(right)) expect([...flagged(id)], id).not.toContain(name);
  });
});
