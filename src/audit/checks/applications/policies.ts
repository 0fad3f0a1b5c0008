import { asRequest } from "../../../access/applications/attached-policies.ts";
import type { Members } from "../../../core/change.ts";
import { listOf, membersOf, textOf } from "../../../simulator/fields.ts";
import { type Fix, family, type Severity } from "../../check.ts";
import { type Estate, subject } from "../../estate.ts";
import { relinked } from "../policies/told.ts";
import { type Attached, applicationSubjects, policiesOn, policySubject } from "../shared/attached.ts";
import { day } from "../shared/history.ts";
import { applicationFix, browsed, enforcing, ofKinds, textsOf } from "./kinds.ts";

/** An application without policies is called forgotten when it is older. */
const staged = 7 * day;

/** How often somebody was refused, by application. */
function refusals(estate: Estate): ReadonlyMap<unknown, number> {
  const counts = new Map<unknown, number>();
  for (const { allowed, app_uid } of estate.known("access_requests") ?? []) {
    if (allowed === false) counts.set(app_uid, (counts.get(app_uid) ?? 0) + 1);
  }
  return counts;
}

/** The MCP servers that portals offer; nothing when portals are not known. */
const offered = (estate: Estate): ReadonlySet<unknown> | undefined => {
  const servers = estate.known("mcp_portals")?.flatMap(({ servers }) => listOf(servers));
  return servers && new Set(servers.map(({ server_id }) => server_id));
};

/** Whether an application stands for MCP servers only that no portal offers. */
function isUnoffered(estate: Estate, { type, destinations }: Members): boolean {
  const servers = estate.once(offered);
  if (type !== "mcp" || servers === undefined) return false;
  const named = listOf(destinations).flatMap(({ mcp_server_id }) => mcp_server_id ?? []);
  return named.length > 0 && !named.some((id) => servers.has(id));
}

function weightOfEmpty(estate: Estate, application: Members): Severity {
  if (isUnoffered(estate, application)) return "info";
  return estate.now - Date.parse(textOf(application["created_at"])) < staged ? "low" : "medium";
}

/** The calls that make an application's own policy a reusable one and put that in its place. */
function shareFix(application: Members, own: Attached, all: readonly Attached[]): Fix {
  const [given] = asRequest([own.policy], true) as readonly Members[];
  const { precedence: _, ...fields } = membersOf(given);
  const links = all.map((one) => (one === own ? "$1.id" : one.isReusable ? one.policy["id"] : one.policy));
  return { steps: [{ operation: "create_policy", arguments: fields }, relinked(application, links)] };
}

/** Which policies applications have, and how they have them. */
export default family(
  {
    id: "APP-01",
    title: "Application without a policy",
    severity: "medium",
    why: "Access lets nobody in where no policy does: the application is shut, not open.",
    reads: ["applications"],
    also: ["policies", "mcp_portals", "access_requests"],
    *find(estate) {
      for (const application of enforcing(estate)) {
        if (policiesOn(estate, application).length > 0) continue;
        const refused = estate.once(refusals).get(application["id"]) ?? 0;
        yield {
          subject: subject("applications", application),
          says: `Nobody can get in${refused > 0 ? `; the log has ${refused} who were refused` : ""}`,
          field: "policies",
          value: application["policies"],
          severity: weightOfEmpty(estate, application),
          certain: Array.isArray(application["policies"]),
          ...applicationFix(
            application,
            {},
            { policies: "the reusable policies that let the right people in, in order" },
          ),
        };
      }
    },
    remedy: "Attach a policy for those who need it, or delete the application.",
    falsePositive: "It is being set up, or stands for an MCP server that nobody uses yet.",
    source: "https://developers.cloudflare.com/cloudflare-one/access-controls/policies/",
    flagged: [
      {
        says: "no policies, and somebody tried",
        account: {
          applications: [{ id: "staging", type: "self_hosted", created_at: "2025-01-01T00:00:00Z", policies: [] }],
          access_requests: [{ app_uid: "staging", allowed: false }],
        },
      },
      {
        says: "made yesterday weighs little",
        account: {
          applications: [{ id: "next", type: "saas", created_at: "2026-10-31T00:00:00Z", policies: [] }],
        },
      },
      {
        says: "an MCP server that no portal offers is but a remark",
        account: {
          applications: [
            {
              id: "tools",
              type: "mcp",
              policies: [],
              destinations: [{ type: "via_mcp_server_portal", mcp_server_id: "crm" }],
            },
          ],
          mcp_portals: [{ id: "portal", servers: [{ server_id: "issues" }] }],
        },
      },
      {
        says: "all it has is a copy of a policy that was deleted",
        account: { applications: [{ id: "wiki", type: "self_hosted", policies: [{ id: "gone", reusable: true }] }] },
      },
    ],
    clean: [
      {
        says: "one policy",
        account: {
          applications: [{ id: "wiki", type: "self_hosted", policies: [{ id: "staff" }] }],
          policies: [{ id: "staff", decision: "allow" }],
        },
      },
      { says: "a bookmark needs none", account: { applications: [{ id: "menu", type: "bookmark", policies: [] }] } },
    ],
  },
  {
    id: "APP-19",
    title: "Policies or addresses of an old form",
    severity: "low",
    why: "A policy of one application alone cannot be shared and is destroyed when it is detached; the old address fields are no longer supported.",
    reads: ["applications"],
    also: ["policies"],
    *find(estate) {
      for (const application of enforcing(estate).filter(({ type }) => type !== "infrastructure")) {
        const all = policiesOn(estate, application);
        for (const own of all.filter(({ isReusable }) => !isReusable)) {
          yield {
            subject: policySubject(own),
            says: "It belongs to one application alone and goes with it",
            related: applicationSubjects([application]),
            ...(application["type"] !== "dash_sso" && { fix: shareFix(application, own, all) }),
          };
        }
      }
      for (const application of ofKinds(estate, browsed)) {
        const addresses = textsOf(application["self_hosted_domains"]);
        if (addresses.length === 0 || listOf(application["destinations"]).length > 0) continue;
        yield {
          subject: subject("applications", application),
          says: "Its addresses stand only in a field that destinations have replaced",
          field: "self_hosted_domains",
          value: application["self_hosted_domains"],
          ...applicationFix(application, { destinations: addresses.map((uri) => ({ type: "public", uri })) }),
        };
      }
    },
    remedy: "Make a reusable policy of it, and write addresses as destinations.",
    falsePositive: "Infrastructure applications have policies of their own only; they are left out.",
    source: "https://developers.cloudflare.com/cloudflare-one/access-controls/policies/policy-management/",
    flagged: [
      {
        says: "a policy of its own between two reusable ones, one of them another's",
        account: {
          applications: [
            {
              id: "wiki",
              type: "self_hosted",
              policies: [
                { id: "staff", reusable: true, precedence: 1 },
                {
                  id: "own",
                  name: "Guests",
                  decision: "allow",
                  include: [{ email: { email: "ada@example.com" } }],
                  require: [],
                  session_duration: null,
                  reusable: false,
                  precedence: 2,
                  created_at: "2024-01-01T00:00:00Z",
                },
                {
                  id: "other",
                  name: "Auditors",
                  decision: "allow",
                  include: [{ email_domain: { domain: "audit.example" } }],
                  precedence: 3,
                },
              ],
            },
          ],
          policies: [{ id: "staff", name: "Staff", decision: "allow", include: [{ everyone: {} }] }],
        },
      },
      {
        says: "addresses of the old form",
        account: {
          applications: [
            { id: "wiki", type: "self_hosted", self_hosted_domains: ["wiki.example.com", "w.example.com"] },
          ],
        },
      },
    ],
    clean: [
      {
        says: "reusable policies, and destinations beside the old field",
        account: {
          applications: [
            {
              id: "wiki",
              type: "self_hosted",
              self_hosted_domains: ["wiki.example.com"],
              destinations: [{ type: "public", uri: "wiki.example.com" }],
              policies: [{ id: "staff" }],
            },
          ],
          policies: [{ id: "staff", decision: "allow" }],
        },
      },
      {
        says: "infrastructure has no other",
        account: {
          applications: [
            { id: "ssh", type: "infrastructure", policies: [{ id: "own", decision: "allow", reusable: false }] },
          ],
        },
      },
    ],
  },
);
