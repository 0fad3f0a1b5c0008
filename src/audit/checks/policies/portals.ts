import type { Members } from "../../../core/change.ts";
import type { Verdict } from "../../../simulator/verdicts.ts";
import { family } from "../../check.ts";
import type { Estate } from "../../estate.ts";
import { everyOffer, portalApplication, serverApplication } from "../mcp/offers.ts";
import { applicationSubjects, policiesOn, policyFix } from "../shared/attached.ts";
import { asksFactor, factorOf } from "../shared/factors.ts";
import { about, planOf, policiesThat } from "./told.ts";

/** What a policy asks for that portals do not. */
const controlsOf = (policy: Members): readonly string[] => [
  ...(factorOf(policy) === true ? ["mfa_config"] : []),
  ...["approval_required", "purpose_justification_required"].filter((field) => policy[field] === true),
];

/** Whether all whom a policy of a portal lets in after a login are asked for a control; so are none, where it lets in none. */
function asksFor(estate: Estate, control: string, portal: Members, policy: Members): Verdict {
  const { decision } = policy;
  if (decision !== undefined && decision !== "allow") return true;
  const asked = control === "mfa_config" ? asksFactor(estate, portal, policy) : policy[control] === true;
  return asked === false && decision === undefined ? undefined : asked;
}

/** What goes with a control. */
const companions: Readonly<Record<string, readonly string[]>> = {
  approval_required: ["approval_groups"],
  purpose_justification_required: ["purpose_justification_prompt"],
};

/** A control as another policy is given it, with what goes with it. */
function copied(policy: Members, control: string): Members {
  const fields = [control, ...(companions[control] ?? [])];
  return Object.fromEntries(fields.flatMap((field) => (policy[field] === undefined ? [] : [[field, policy[field]]])));
}

const allow = (more: Members = {}): Members => ({
  id: "p",
  name: "Staff",
  decision: "allow",
  include: [{ email_domain: { domain: "example.com" } }],
  ...more,
});
const site = (policy: Members, more: Members): Members => ({
  policies: [{ reusable: false, precedence: 1, ...policy }],
  ...more,
});
const tracker = { id: "tracker", hostname: "https://tracker.example.net/mcp" };
const portal = { id: "tools", hostname: "mcp.example.com", servers: [{ server_id: "tracker" }] };
const server = (policy: Members): Members =>
  site(policy, { id: "own", type: "mcp", destinations: [{ type: "via_mcp_server_portal", mcp_server_id: "tracker" }] });
const front = site({ ...allow(), id: "front" }, { id: "front", type: "mcp_portal", domain: "mcp.example.com" });

/** What an MCP server asks for and its portals do not: `POL-20`. */
export default family({
  id: "POL-20",
  title: "Control of an MCP server that its portal does not ask for",
  severity: "high",
  why: "Who comes by a portal is asked for no second factor, reason or approval that only the server's own policy wants.",
  reads: ["policies", "applications", "mcp_portals"],
  also: ["mcp_servers", "organization"],
  *find(estate) {
    const portalsOf = new Map<Members, Members[]>();
    for (const { portal, server } of everyOffer(estate)) {
      const application = serverApplication(estate, server.id);
      if (application !== undefined) portalsOf.set(application, [...(portalsOf.get(application) ?? []), portal]);
    }
    for (const standing of policiesThat(estate, "allow")) {
      const { policy } = standing;
      const offered = standing.applications.filter((application) => portalsOf.has(application));
      for (const control of offered.length === 0 ? [] : controlsOf(policy)) {
        const doors = offered.flatMap((application) => portalsOf.get(application) ?? []);
        const fronts = new Set(doors.map((portal) => portalApplication(estate, portal)));
        const known = [...fronts].filter((application) => application !== undefined);
        const lacking = known.flatMap((application) =>
          policiesOn(estate, application).flatMap((one) => {
            const asked = asksFor(estate, control, application, one.policy);
            return asked === true ? [] : [{ ...one, asked, applications: [application] }];
          }),
        );
        // Where a portal has no application, nothing of it asks.
        if (lacking.length === 0 && known.length === fronts.size) continue;
        const steps = lacking.flatMap((one) => policyFix(one, copied(policy, control)).steps);
        const fix = planOf(steps);
        yield about(standing, {
          says: "people who come by a portal are not asked for it",
          field: control,
          value: policy[control],
          related: applicationSubjects([...offered, ...known]),
          certain: lacking.some(({ asked }) => asked === false),
          ...(fix && { fix }),
        });
      }
    }
  },
  remedy: "Ask for it in the policies of the portal's application.",
  falsePositive: "Nobody uses the portal for this server: all reach it directly.",
  source: "https://developers.cloudflare.com/cloudflare-one/access-controls/ai-controls/mcp-portals/",
  flagged: [
    {
      says: "a second factor and a reason",
      account: {
        applications: [
          front,
          server(allow({ mfa_config: { allowed_authenticators: ["totp"] }, purpose_justification_required: true })),
        ],
        mcp_portals: [portal],
        mcp_servers: [tracker],
      },
    },
  ],
  clean: [
    {
      says: "both ask, the portal's application for the second factor",
      account: {
        applications: [
          {
            ...front,
            mfa_config: { allowed_authenticators: ["security_key"] },
            policies: [allow({ reusable: false, purpose_justification_required: true })],
          },
          server(
            allow({
              id: "own",
              mfa_config: { allowed_authenticators: ["totp"] },
              purpose_justification_required: true,
            }),
          ),
        ],
        mcp_portals: [portal],
        mcp_servers: [tracker],
      },
    },
    {
      says: "the organization wants a second factor everywhere",
      account: {
        organization: [{ mfa_required_for_all_apps: true }],
        applications: [front, server(allow({ id: "own", mfa_config: { allowed_authenticators: ["totp"] } }))],
        mcp_portals: [portal],
        mcp_servers: [tracker],
      },
    },
    {
      says: "no portal offers the server",
      account: {
        applications: [front, server(allow({ purpose_justification_required: true }))],
        mcp_portals: [{ ...portal, servers: [] }],
        mcp_servers: [tracker],
      },
    },
    {
      says: "the portal's own policy asks",
      account: {
        applications: [
          { ...front, policies: [allow({ purpose_justification_required: true })] },
          server(allow({ id: "own" })),
        ],
        mcp_portals: [portal],
        mcp_servers: [tracker],
      },
    },
  ],
});
