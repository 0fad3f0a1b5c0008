import type { Members } from "../../../core/change.ts";
import { listOf, textOf } from "../../../simulator/fields.ts";
import { type Found, family } from "../../check.ts";
import { type Estate, subject } from "../../estate.ts";
import { policiesOn } from "../shared/attached.ts";
import { branchesOf, waysInto } from "../shared/closure.ts";
import { everyOffer, portalApplication, serverApplication } from "./offers.ts";

const anyToken = "any_valid_service_token";

/** The service tokens that an application accepts; nothing when a policy or group of it is not known. */
function tokensAt(estate: Estate, application: Members): ReadonlySet<string> | undefined {
  const policies = policiesOn(estate, application).map(({ policy }) => policy);
  if (policies.some(({ decision }) => decision === undefined)) return undefined;
  const open = policies.filter(({ decision }) => decision === "non_identity");
  if (!open.every((policy) => waysInto(estate, policy).every(({ isWhole }) => isWhole))) return undefined;
  const branches = open.flatMap((policy) => branchesOf(estate, policy, ["service_token", anyToken]));
  return new Set(
    branches.map(({ rule }) => (rule.selector === anyToken ? anyToken : textOf(rule.argument["token_id"]))),
  );
}

/** Whether some policy of an application can let somebody in; one that is not known may. */
const admitsAny = (estate: Estate, application: Members): boolean =>
  policiesOn(estate, application).some(({ policy }) => policy["decision"] !== "deny");

/** An application without which nobody may come to something. */
function missing(says: string, kind: Members): Pick<Found, "says" | "fix"> {
  return {
    says,
    fix: {
      steps: [{ operation: "create_application", arguments: kind }],
      choose: { policies: "who may use it" },
    },
  };
}

/** Servers that each portal offers to service tokens that cannot use them. */
function* closedToTokens(estate: Estate): Iterable<Found> {
  for (const { portal, link, server, at } of everyOffer(estate)) {
    const [front, own] = [portalApplication(estate, portal), serverApplication(estate, server.id)];
    const wanted = front && tokensAt(estate, front);
    if (front === undefined || wanted === undefined || wanted.size === 0) continue;
    if (listOf(portal["servers"])[at]?.["on_behalf"] === true) {
      yield {
        subject: subject("mcp_portals", portal),
        says: "service tokens come to the portal but not to a server that asks each person to log in",
        field: `servers[${at}].on_behalf`,
        value: link["on_behalf"],
        mark: server.id,
        severity: "low",
        related: [server, subject("applications", front)],
      };
      continue;
    }
    const accepted = own && tokensAt(estate, own);
    if (own === undefined || accepted === undefined || accepted.has(anyToken)) continue;
    if ([...wanted].every((token) => accepted.has(token))) continue;
    yield {
      subject: subject("applications", own),
      says: "a service token that its portal accepts is not accepted by its own policies",
      field: "policies",
      mark: textOf(portal["id"]),
      related: [subject("mcp_portals", portal), server],
      fix: {
        steps: [{ operation: "update_application", arguments: { app_id: own["id"] } }],
        choose: { policies: "the policies that it has, and one of the portal's service auth policies" },
      },
    };
  }
}

const portalsPage = "https://developers.cloudflare.com/cloudflare-one/access-controls/ai-controls/mcp-portals/";

const tracker = { id: "tracker", name: "Tracker", hostname: "https://tracker.example.net/mcp", auth_type: "oauth" };
const portal = { id: "tools", name: "Tools", hostname: "mcp.example.com", servers: [{ server_id: "tracker" }] };
const staff = { id: "p", decision: "allow", include: [{ email_domain: { domain: "example.com" } }], precedence: 1 };
const robots = { id: "r", decision: "non_identity", include: [{ service_token: { token_id: "t" } }], precedence: 2 };
const front = { id: "front", type: "mcp_portal", domain: "mcp.example.com", policies: [staff] };
const own = {
  id: "own",
  type: "mcp",
  destinations: [{ type: "via_mcp_server_portal", mcp_server_id: "tracker" }],
  policies: [staff],
};
const both = { mcp_portals: [portal], mcp_servers: [tracker] };

/** Who may come to portals and, through them, to servers: both have to let somebody in. */
export const admission = family({
  id: "MCP-05",
  title: "Portal or MCP server that nobody can use",
  severity: "medium",
  why: "People need a policy at the portal and one at each server; without both they find no servers there.",
  reads: ["mcp_portals", "mcp_servers", "applications"],
  also: ["policies", "groups"],
  *find(estate) {
    const isWhole = estate.known("applications") !== undefined;
    const offered = new Set(everyOffer(estate).map(({ server }) => server.id));
    for (const one of isWhole ? estate.items("mcp_portals") : []) {
      if (portalApplication(estate, one) !== undefined) continue;
      const kind = { type: "mcp_portal", name: one["name"], domain: one["hostname"] };
      yield {
        subject: subject("mcp_portals", one),
        ...missing("no application lets anybody come to it", kind),
        field: "hostname",
        value: one["hostname"],
      };
    }
    for (const one of isWhole ? estate.items("mcp_servers") : []) {
      const id = textOf(one["id"]);
      if (!offered.has(id) || serverApplication(estate, id) !== undefined) continue;
      const destinations = [{ type: "via_mcp_server_portal", mcp_server_id: id }];
      yield {
        subject: subject("mcp_servers", one),
        ...missing("a portal offers it, but no application lets anybody use it", {
          type: "mcp",
          name: one["name"],
          destinations,
        }),
        field: "id",
        value: id,
      };
    }
    for (const application of estate.items("applications")) {
      const isMcp = application["type"] === "mcp" || application["type"] === "mcp_portal";
      if (!isMcp || admitsAny(estate, application)) continue;
      yield {
        subject: subject("applications", application),
        says: "none of its policies lets anybody in",
        field: "policies",
        fix: {
          steps: [{ operation: "update_application", arguments: { app_id: application["id"] } }],
          choose: { policies: "who may use it" },
        },
      };
    }
    yield* closedToTokens(estate);
  },
  remedy: "Give the portal's application and that of each server a policy for the same people and service tokens.",
  falsePositive: "None known.",
  source: portalsPage,
  flagged: [
    { says: "a portal without an application", account: { ...both, applications: [own] } },
    { says: "a server without an application", account: { ...both, applications: [front] } },
    { says: "an application without a policy", account: { ...both, applications: [front, { ...own, policies: [] }] } },
    {
      says: "a token comes as far as the portal",
      account: { ...both, applications: [{ ...front, policies: [staff, robots] }, own] },
    },
    {
      says: "a token cannot log in to a server as a person",
      account: {
        mcp_servers: [tracker],
        mcp_portals: [{ ...portal, servers: [{ server_id: "tracker", on_behalf: true }] }],
        applications: [
          { ...front, policies: [staff, robots] },
          { ...own, policies: [staff, robots] },
        ],
      },
    },
  ],
  clean: [
    { says: "people at both", account: { ...both, applications: [front, own] } },
    {
      says: "a token at both",
      account: {
        ...both,
        applications: [
          { ...front, policies: [staff, robots] },
          { ...own, policies: [staff, { ...robots, include: [{ any_valid_service_token: {} }] }] },
        ],
      },
    },
    { says: "a server that no portal offers", account: { mcp_servers: [tracker] } },
  ],
});
