import type { Members } from "../../../core/change.ts";
import { listOf, membersOf, textOf } from "../../../simulator/fields.ts";
import { type Found, family } from "../../check.ts";
import { type Estate, subject } from "../../estate.ts";
import { policiesOn, policySubject } from "../shared/attached.ts";
import { everyOffer, namesIn, type Offer, offerFix, portalApplication } from "./offers.ts";

const portalOf = ({ portal }: Offer) => subject("mcp_portals", portal);

/** What stands at a field of a server in its portal. */
const placed = ({ portal, at }: Offer, field: string): Pick<Found, "field" | "value"> => {
  return { field: `servers[${at}].${field}`, value: listOf(portal["servers"])[at]?.[field] };
};

/** Service tokens can use only servers that do not ask each person to log in. */
const servesTokens = (estate: Estate, { portal }: Offer): boolean => {
  const application = portalApplication(estate, portal);
  return (
    application !== undefined &&
    policiesOn(estate, application).some(({ policy }) => policy["decision"] === "non_identity")
  );
};

/** A tool that says of itself that it changes nothing. */
const onlyReads = (tool: Members): boolean => membersOf(tool["annotations"])["readOnlyHint"] === true;

/** The tools of a server that can be used now, as the choices that keep them when all others are off. */
function kept({ link }: Offer): readonly Members[] {
  const chosen = new Map(listOf(link["updated_tools"]).map((choice) => [choice["name"], choice]));
  return namesIn(link["tools"]).map((name) => {
    const { enabled = true, portal_alias, portal_description, alias, description } = chosen.get(name) ?? {};
    const shown = { alias: portal_alias ?? alias, description: portal_description ?? description };
    return { name, enabled, ...Object.fromEntries(Object.entries(shown).filter(([, text]) => text !== undefined)) };
  });
}

/** Choices for tools that a server does not have; none where it is not known what it has. */
function vanished({ link }: Offer | { readonly link: Members }): readonly (readonly [at: number, choice: Members])[] {
  const { status, tools } = link;
  const names = new Set(namesIn(tools));
  if (status === "waiting" || (names.size === 0 && status !== "ready")) return [];
  return [...listOf(link["updated_tools"]).entries()].filter(([, { name }]) => !names.has(textOf(name)));
}

/** Choices but those for some tools. */
function without(choices: unknown, gone: readonly (readonly [at: number, choice: Members])[]): readonly Members[] {
  const names = new Set(gone.map(([, { name }]) => name));
  return listOf(choices).filter(({ name }) => !names.has(name));
}

const mcpPortals = "https://developers.cloudflare.com/cloudflare-one/access-controls/ai-controls/mcp-portals/";

const tracker = {
  id: "tracker",
  name: "Tracker",
  hostname: "https://tracker.example.net/mcp",
  auth_type: "oauth",
  status: "ready",
  tools: [{ name: "read_issue" }, { name: "delete_issue" }],
};
const portal = { id: "tools", name: "Tools", hostname: "mcp.example.com", secure_web_gateway: true };
const offering = (link: Members, more: Members = {}) => ({
  mcp_servers: [{ ...tracker, ...more }],
  mcp_portals: [{ ...portal, servers: [{ server_id: "tracker", ...link }] }],
});
const strict = { on_behalf: true, default_disabled: true };
const tokenPolicy = { id: "p", name: "Robots", decision: "non_identity", include: [{ any_valid_service_token: {} }] };
const front = { id: "front", type: "mcp_portal", name: "Tools", domain: "mcp.example.com" };

/** What portals let through. */
export const portals = family(
  {
    id: "MCP-01",
    title: "Everybody acts as one account behind a portal",
    severity: "high",
    why: "The MCP server sees the administrator's account whoever calls, so all can do what it can and nobody can tell who did.",
    reads: ["mcp_portals"],
    also: ["mcp_servers", "applications", "policies"],
    *find(estate) {
      for (const offer of everyOffer(estate)) {
        const { link, server, portal } = offer;
        const type = link["auth_type"];
        if (link["on_behalf"] !== false || type === "unauthenticated") continue;
        const forTokens = servesTokens(estate, offer);
        const application = portalApplication(estate, portal);
        const policies = application === undefined ? [] : policiesOn(estate, application).map(policySubject);
        yield {
          subject: portalOf(offer),
          says: forTokens
            ? "a server is used by one account for all, which service tokens need but people do not"
            : "a server is used by one account for all",
          ...placed(offer, "on_behalf"),
          mark: server.id,
          certain: type !== undefined && !forTokens,
          ...(forTokens && { severity: "medium" }),
          related: [server, ...policies],
          fix: offerFix(offer, { on_behalf: true }),
        };
      }
    },
    remedy: "Let each person log in to the server; give service tokens a portal of their own.",
    falsePositive: "Service tokens can use a server in no other way.",
    source: mcpPortals,
    flagged: [
      { says: "people share a login", account: offering({ ...strict, on_behalf: false }) },
      {
        says: "so do service tokens",
        account: {
          ...offering({ ...strict, on_behalf: false }),
          applications: [{ ...front, policies: [{ ...tokenPolicy, precedence: 1 }] }],
        },
      },
    ],
    clean: [
      { says: "each person logs in", account: offering(strict) },
      {
        says: "there is nothing to log in to",
        account: offering(
          { ...strict, on_behalf: false, auth_type: "unauthenticated" },
          { auth_type: "unauthenticated" },
        ),
      },
    ],
  },
  {
    id: "MCP-02",
    title: "New tools of an MCP server are offered unseen",
    severity: "high",
    why: "Whoever runs the server adds a tool, and agents can call it within hours without anybody having looked at it.",
    reads: ["mcp_portals"],
    also: ["mcp_servers"],
    *find(estate) {
      for (const offer of everyOffer(estate)) {
        const { link, server } = offer;
        if (link["default_disabled"] === true) continue;
        const tools = listOf(link["tools"]);
        const harmless = tools.length > 0 && tools.every(onlyReads);
        const synced = textOf(link["last_successful_sync"]).slice(0, 10);
        const known = `${tools.length} tools${synced && ` as of ${synced}`}`;
        yield {
          subject: portalOf(offer),
          says: `whatever a server adds to its ${known} is offered at once${harmless ? "; those only read" : ""}`,
          ...placed(offer, "default_disabled"),
          mark: server.id,
          ...(harmless && { severity: "low" }),
          related: [server],
          ...(tools.length > 0 && {
            fix: offerFix(offer, { default_disabled: true, updated_tools: kept(offer) }),
          }),
        };
      }
    },
    remedy: "Offer only the tools that were looked at: default_disabled, and each of them enabled in updated_tools.",
    falsePositive: "Servers whose tools only read what everybody may see.",
    source: mcpPortals,
    flagged: [
      {
        says: "everything is offered",
        account: offering({
          on_behalf: true,
          default_disabled: false,
          updated_tools: [{ name: "delete_issue", enabled: false }],
        }),
      },
      {
        says: "a server that only reads",
        account: offering({ on_behalf: true }, { tools: [{ name: "read", annotations: { readOnlyHint: true } }] }),
      },
      { says: "nothing is known of its tools", account: offering({ on_behalf: true }, { tools: [] }) },
    ],
    clean: [{ says: "only what was chosen", account: offering(strict) }],
  },
  {
    id: "MCP-03",
    title: "A choice is made for a tool that is no more",
    severity: "high",
    why: "A tool that was switched off and then got another name upstream is offered again under the new one.",
    reads: ["mcp_servers"],
    also: ["mcp_portals"],
    *find(estate) {
      const told = (choice: Members, isClosed: boolean): Pick<Found, "says" | "severity" | "mark"> => {
        const reopened = choice["enabled"] === false && !isClosed;
        return {
          says: reopened
            ? "a tool was switched off that the server does not have any more: it may be back under another name"
            : "a choice for a tool that the server does not have any more does nothing",
          mark: textOf(choice["name"]),
          ...(!reopened && { severity: "low" }),
        };
      };
      for (const server of estate.items("mcp_servers")) {
        const stale = vanished({ link: server });
        const updated_tools = without(server["updated_tools"], stale);
        for (const [at, choice] of stale) {
          yield {
            subject: subject("mcp_servers", server),
            field: `updated_tools[${at}].name`,
            value: choice["name"],
            ...told(choice, false),
            fix: { steps: [{ operation: "update_mcp_server", arguments: { id: server["id"], updated_tools } }] },
          };
        }
      }
      for (const offer of everyOffer(estate)) {
        const own = listOf(estate.find("mcp_servers", offer.server.id)?.["updated_tools"]);
        const ofServer = new Set(namesIn(own));
        // Portals show the choices of the server among their own.
        const stale = vanished(offer).filter(([, { name }]) => !ofServer.has(textOf(name)));
        for (const [at, choice] of stale) {
          const what = told(choice, offer.link["default_disabled"] === true);
          yield {
            subject: portalOf(offer),
            field: `servers[${offer.at}].updated_tools[${at}].name`,
            value: choice["name"],
            ...what,
            mark: `${offer.server.id} ${what.mark}`,
            related: [offer.server],
            fix: offerFix(offer, ({ updated_tools }) => ({ updated_tools: without(updated_tools, stale) })),
          };
        }
      }
    },
    remedy: "Look for the tool under its new name, make the choice for that one, and take the old choice out.",
    falsePositive: "The server is just being read again.",
    source: "own judgement; Cloudflare drops an alias when the tool is renamed upstream",
    flagged: [
      {
        says: "switched off for every portal",
        account: { mcp_servers: [{ ...tracker, updated_tools: [{ name: "drop_issue", enabled: false }] }] },
      },
      {
        says: "renamed in a portal",
        account: offering({ ...strict, updated_tools: [{ name: "get_issue", portal_alias: "issue" }] }),
      },
    ],
    clean: [
      {
        says: "the tools are there",
        account: offering({ ...strict, updated_tools: [{ name: "delete_issue", enabled: false }] }),
      },
      {
        says: "the server is being read",
        account: offering({ ...strict, updated_tools: [{ name: "new", enabled: true }] }, { status: "waiting" }),
      },
      {
        says: "it could not be read",
        account: offering({ ...strict, updated_tools: [{ name: "new" }] }, { status: "error", tools: [] }),
      },
    ],
  },
  {
    id: "MCP-07",
    title: "Traffic of a portal is not looked at",
    severity: "medium",
    why: "What agents send and get is in no HTTP log, and no rule against data loss sees it.",
    reads: ["mcp_portals"],
    also: ["mcp_servers"],
    *find(estate) {
      for (const portal of estate.items("mcp_portals")) {
        if (portal["secure_web_gateway"] === true) continue;
        const links = everyOffer(estate).filter((offer) => offer.portal === portal);
        const isInspected = ({ link }: Offer) => link["secure_web_gateway"] === true;
        if (links.length > 0 && links.every(isInspected)) continue;
        const mayBreak = links.some(({ link }) => /\/sse\/?$/.test(textOf(link["hostname"])));
        yield {
          subject: subject("mcp_portals", portal),
          says: mayBreak
            ? "its traffic does not go through Gateway, where a server that speaks SSE only may stop working"
            : "its traffic does not go through Gateway",
          field: "secure_web_gateway",
          value: portal["secure_web_gateway"],
          certain: !mayBreak,
          related: links.filter((offer) => !isInspected(offer)).map(({ server }) => server),
          fix: {
            steps: [{ operation: "update_mcp_portal", arguments: { id: portal["id"], secure_web_gateway: true } }],
          },
        };
      }
    },
    remedy: "Send the portal's traffic through Gateway, and try each server afterwards.",
    falsePositive: "Servers that speak only SSE stop working behind Gateway.",
    source: mcpPortals,
    flagged: [
      { says: "off", account: { mcp_portals: [{ ...portal, secure_web_gateway: false, servers: [] }] } },
      {
        says: "off before a server with SSE",
        account: {
          mcp_servers: [{ ...tracker, hostname: "https://tracker.example.net/sse" }],
          mcp_portals: [{ ...portal, secure_web_gateway: false, servers: [{ server_id: "tracker" }] }],
        },
      },
    ],
    clean: [
      { says: "on", account: offering(strict) },
      {
        says: "on for each of its servers",
        account: {
          mcp_portals: [
            { ...portal, secure_web_gateway: false, servers: [{ server_id: "tracker", secure_web_gateway: true }] },
          ],
        },
      },
    ],
  },
);
