import type { Members } from "../../../core/change.ts";
import { hostsOf } from "../../../simulator/addresses.ts";
import { membersOf, textOf } from "../../../simulator/fields.ts";
import { matchUrl } from "../../../simulator/matching.ts";
import { type Fix, type Found, family } from "../../check.ts";
import { type Estate, subject } from "../../estate.ts";
import { applicationSubjects, policiesOn } from "../shared/attached.ts";
import { openingWithoutLogin } from "../shared/everybody.ts";
import { day } from "../shared/history.ts";

/** Whether a policy lets everybody pass without a login, or all but some. */
const opens = (estate: Estate, policy: Members): boolean =>
  policy["decision"] === "bypass" && openingWithoutLogin(estate, policy) !== undefined;

const parentOf = (host: string): string => {
  const parent = host.split(".").slice(1).join(".");
  return parent.includes(".") ? parent : host;
};

/** The domains right above the hostnames of applications: what stands in them belongs to the owner. */
const ownDomains = (estate: Estate): ReadonlySet<string> =>
  new Set(estate.items("applications").flatMap(hostsOf).map(parentOf));

/** Access itself is the server's OAuth provider. */
const logsInByAccess = ({ auth_config_summary }: Members): boolean => {
  const { issuer } = membersOf(membersOf(auth_config_summary)["config"]);
  return /^https:\/\/[\w-]+\.cloudflareaccess\.com(?:\/|$)/.test(textOf(issuer));
};

/** What is wrong with a server's own address; `enforcing` are the applications before it that ask for a login. */
function exposureOf(
  auth_type: string,
  enforcing: readonly Members[],
  isOwn: boolean,
): Pick<Found, "says" | "severity"> | undefined {
  if (enforcing.length > 0) {
    const offersLogin = enforcing.some(({ oauth_configuration }) => membersOf(oauth_configuration)["enabled"] === true);
    if (offersLogin || auth_type !== "oauth") return undefined;
    return { says: "the application before it has no managed OAuth, so agents cannot log in there", severity: "low" };
  }
  if (auth_type === "unauthenticated") return { says: "anybody can call its own address" };
  // Somebody else's service with accounts of its own.
  if (!isOwn && auth_type === "oauth") return undefined;
  return { says: "its own address asks for no login by Access", severity: "medium" };
}

/** An application in front of the server's own address. */
const protection = (address: string, name: unknown): Fix => ({
  steps: [
    {
      operation: "create_application",
      arguments: { type: "self_hosted", name, domain: address, oauth_configuration: { enabled: true } },
    },
  ],
  choose: { policies: "who may use the server directly" },
});

const sync = (id: unknown): Fix => ({ steps: [{ operation: "sync_mcp_server", arguments: { id } }] });

const portalsPage = "https://developers.cloudflare.com/cloudflare-one/access-controls/ai-controls/mcp-portals/";

const shop = { id: "shop", name: "Shop", hostname: "https://tools.example.com/mcp", auth_type: "unauthenticated" };
const staff = { id: "p", decision: "allow", include: [{ email_domain: { domain: "example.com" } }], precedence: 1 };
const wall = { id: "wall", type: "self_hosted", name: "Tools", domain: "tools.example.com", policies: [staff] };
const fresh = { ...shop, status: "ready", last_successful_sync: "2026-10-31T22:00:00Z" };

/** What MCP servers themselves get wrong. */
export const servers = family(
  {
    id: "MCP-04",
    title: "MCP server can be reached without Access",
    severity: "high",
    why: "Policies decide only who sees the server in a portal: whoever is kept out there calls its own address instead.",
    reads: ["mcp_servers", "applications"],
    also: ["policies", "groups", "organization"],
    *find(estate) {
      for (const server of estate.items("mcp_servers")) {
        const { auth_type, hostname, name } = server;
        if (!URL.canParse(textOf(hostname)) || logsInByAccess(server)) continue;
        const { address, answers, open, unmatched } = matchUrl(textOf(hostname), estate.account);
        const isOwn = estate.once(ownDomains).has(parentOf(address.split("/")[0] ?? ""));
        if (unmatched === "denied" && isOwn) continue;
        const fronts = answers.map(({ application }) => application);
        const isOpen = (one: Members) => policiesOn(estate, one).some(({ policy }) => opens(estate, policy));
        const enforcing = open === undefined ? fronts.filter((one) => !isOpen(one)) : [];
        const exposure = exposureOf(textOf(auth_type), enforcing, isOwn);
        if (exposure === undefined) continue;
        yield {
          subject: subject("mcp_servers", server),
          ...exposure,
          field: "hostname",
          value: hostname,
          certain: isOwn && enforcing.length === 0 && unmatched !== "unknown",
          related: applicationSubjects(fronts),
          ...(isOwn && fronts.length === 0 && { fix: protection(address, name) }),
        };
      }
    },
    remedy: "Put an application with managed OAuth before its address, or make Access its OAuth provider.",
    falsePositive: "Somebody else's service that has accounts of its own, or one that is open to everybody.",
    source: portalsPage,
    flagged: [
      {
        says: "open beside a protected host",
        account: { mcp_servers: [shop], applications: [{ ...wall, domain: "wiki.example.com" }] },
      },
      {
        says: "a bearer token is all that it asks for",
        account: {
          mcp_servers: [{ ...shop, auth_type: "bearer" }],
          applications: [{ ...wall, domain: "wiki.example.com" }],
        },
      },
      {
        says: "the application before it lets everybody pass",
        account: {
          mcp_servers: [shop],
          applications: [
            { ...wall, policies: [{ id: "b", decision: "bypass", include: [{ everyone: {} }], precedence: 1 }] },
          ],
        },
      },
      {
        says: "the application before it lets a group pass in which everybody is, but for some",
        account: {
          mcp_servers: [shop],
          applications: [
            {
              ...wall,
              policies: [{ id: "b", decision: "bypass", include: [{ group: { id: "all" } }], precedence: 1 }],
            },
          ],
          groups: [{ id: "all", include: [{ everyone: {} }], exclude: [{ geo: { country_code: "NL" } }] }],
        },
      },
      { says: "somebody else's, open", account: { mcp_servers: [{ ...shop, hostname: "https://mcp.example.net" }] } },
    ],
    clean: [
      {
        says: "an application with managed OAuth",
        account: {
          mcp_servers: [{ ...shop, auth_type: "oauth" }],
          applications: [{ ...wall, oauth_configuration: { enabled: true } }],
        },
      },
      { says: "an application that asks for a login", account: { mcp_servers: [shop], applications: [wall] } },
      {
        says: "hostnames without an application are closed",
        account: {
          organization: [{ deny_unmatched_requests: true }],
          mcp_servers: [shop],
          applications: [{ ...wall, domain: "wiki.example.com" }],
        },
      },
      {
        says: "somebody else's, with its own login",
        account: { mcp_servers: [{ ...shop, hostname: "https://mcp.example.net/mcp", auth_type: "oauth" }] },
      },
      {
        says: "Access is its OAuth provider",
        account: {
          mcp_servers: [
            {
              ...shop,
              auth_type: "oauth",
              auth_config_summary: {
                config: { issuer: "https://team.cloudflareaccess.com/cdn-cgi/access/sso/oidc/x" },
              },
            },
          ],
          applications: [{ ...wall, domain: "wiki.example.com" }],
        },
      },
    ],
  },
  {
    id: "MCP-06",
    title: "MCP server could not be read for a day",
    severity: "medium",
    why: "Nobody is told: portals go on to offer tools that may be gone or may do something else by now.",
    reads: ["mcp_servers"],
    *find(estate) {
      for (const server of estate.items("mcp_servers")) {
        const { id, status, last_successful_sync, error_details } = server;
        const age = estate.now - Date.parse(textOf(last_successful_sync));
        const isBroken = status === "error" || status === "stale";
        if (!isBroken && !(age > day)) continue;
        const { cause, status_code } = membersOf(error_details);
        const reason =
          typeof status_code === "number" ? ` (HTTP ${status_code})` : cause === "timeout" ? " (timeout)" : "";
        yield {
          subject: subject("mcp_servers", server),
          says: isBroken
            ? `its tools could not be read the last time${reason}`
            : `its tools were read ${Math.floor(age / day)} days ago`,
          field: isBroken ? "status" : "last_successful_sync",
          value: isBroken ? status : last_successful_sync,
          fix: sync(id),
        };
      }
    },
    remedy: "Read it again; when it asks for a login, authenticate the server again in the dashboard.",
    falsePositive: "A server that was just added and waits for its first reading.",
    source: portalsPage,
    flagged: [
      {
        says: "an error",
        account: { mcp_servers: [{ ...shop, status: "error", error_details: { status_code: 401 } }] },
      },
      {
        says: "a login that has run out",
        account: { mcp_servers: [{ ...fresh, status: "stale" }] },
      },
      {
        says: "an old list",
        account: { mcp_servers: [{ ...fresh, last_successful_sync: "2026-10-29T22:00:00Z" }] },
      },
    ],
    clean: [
      { says: "read two hours ago", account: { mcp_servers: [fresh] } },
      { says: "just added", account: { mcp_servers: [{ ...shop, status: "waiting" }] } },
    ],
  },
  {
    id: "MCP-08",
    title: "MCP server with a fixed credential or without encryption",
    severity: "medium",
    why: "One secret that never changes opens it for whoever finds it, and on plain HTTP everybody on the way can read it.",
    reads: ["mcp_servers"],
    *find(estate) {
      for (const server of estate.items("mcp_servers")) {
        const { auth_type, hostname } = server;
        const named = subject("mcp_servers", server);
        if (/^http:\/\//i.test(textOf(hostname))) {
          yield {
            subject: named,
            says: "it is called without encryption",
            field: "hostname",
            value: hostname,
            ...(auth_type !== "unauthenticated" && { severity: "high" }),
          };
        }
        if (auth_type === "bearer") {
          yield { subject: named, says: "one fixed secret opens it", field: "auth_type", value: auth_type };
        }
      }
    },
    remedy: "Add the server anew with OAuth and an https address, then delete this one: neither can be changed later.",
    falsePositive: "The server does not let clients register themselves.",
    source: portalsPage,
    flagged: [
      { says: "a bearer token", account: { mcp_servers: [{ ...shop, auth_type: "bearer" }] } },
      { says: "plain HTTP", account: { mcp_servers: [{ ...shop, hostname: "http://tools.example.com/mcp" }] } },
    ],
    clean: [{ says: "OAuth over HTTPS", account: { mcp_servers: [{ ...shop, auth_type: "oauth" }] } }],
  },
);
