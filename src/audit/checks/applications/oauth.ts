import { milliseconds } from "../../../simulator/durations.ts";
import { membersOf, textOf } from "../../../simulator/fields.ts";
import { family } from "../../check.ts";
import { type Estate, subject } from "../../estate.ts";
import { day } from "../shared/history.ts";
import { applicationFix, textsOf } from "./kinds.ts";

const document =
  "https://developers.cloudflare.com/cloudflare-one/access-controls/applications/http-apps/managed-oauth/";

/** Applications for which Access is the OAuth server, with their settings; unless they say so it is on. */
const servers = (estate: Estate) =>
  estate
    .items("applications")
    .map((application) => ({ application, oauth: membersOf(application["oauth_configuration"]) }))
    .filter(({ application, oauth }) => application["oauth_configuration"] && oauth["enabled"] !== false);

/** Hosts where anybody can have a page. */
const sharedHosts = new Set([
  "codepen.io",
  "docs.google.com",
  "gist.github.com",
  "github.com",
  "gitlab.com",
  "raw.githubusercontent.com",
  "s3.amazonaws.com",
  "script.google.com",
  "sites.google.com",
  "storage.googleapis.com",
]);

/** Whether a redirect address leads to pages of many owners. */
function isShared(address: string): boolean {
  const [, host = "", path = ""] = /^https?:\/\/([^/]*)(.*)$/i.exec(address) ?? [];
  return host.includes("*") || (path === "/*" && sharedHosts.has(host.toLowerCase()));
}

/** The longest lives that are sound, in milliseconds, and what to set instead. */
const lifetimes = [
  { field: "access_token_lifetime", most: day / 24, instead: "15m", is: "An access token" },
  { field: "session_duration", most: 14 * day, instead: "336h", is: "A grant" },
] as const;

/** Applications for which Access gives tokens to programs. */
export default family(
  {
    id: "APP-16",
    title: "Managed OAuth takes clients from anywhere",
    severity: "medium",
    why: "Any program on a person's machine can register itself and ask for that person's tokens; what is not said is allowed.",
    reads: ["applications"],
    *find(estate) {
      for (const { application, oauth } of servers(estate)) {
        const registration = membersOf(oauth["dynamic_client_registration"]);
        if (registration["enabled"] === false) continue;
        const isOpen = (name: string) => registration[name] !== false;
        const uris = textsOf(registration["allowed_uris"]);
        const broad = uris.filter(isShared);
        const ways = [
          ...(isOpen("allow_any_on_localhost") ? ["any client on localhost"] : []),
          ...(isOpen("allow_any_on_loopback") ? ["any client on 127.0.0.1"] : []),
          ...(broad.length > 0 ? ["clients on hosts of many owners"] : []),
        ];
        if (ways.length === 0) continue;
        const isLoopbackOnly = ways.length === 1 && isOpen("allow_any_on_loopback");
        yield {
          subject: subject("applications", application),
          says: `It registers ${ways.join(", ")}`,
          field: "oauth_configuration.dynamic_client_registration",
          value: oauth["dynamic_client_registration"],
          ...(isLoopbackOnly && { severity: "info" as const }),
          ...applicationFix(application, {
            oauth_configuration: {
              dynamic_client_registration: {
                ...(isOpen("allow_any_on_localhost") && { allow_any_on_localhost: false }),
                ...(isOpen("allow_any_on_loopback") && { allow_any_on_loopback: false }),
                ...(broad.length > 0 && { allowed_uris: uris.filter((uri) => !isShared(uri)) }),
              },
            },
          }),
        };
      }
    },
    remedy: "Refuse clients on localhost and loopback, and list the redirect addresses of those that are meant.",
    falsePositive: "Command lines and editors on people's machines need loopback addresses.",
    source: document,
    flagged: [
      {
        says: "nothing is said, so all is allowed",
        account: { applications: [{ id: "tools", type: "mcp", oauth_configuration: { enabled: true } }] },
      },
      {
        says: "loopback alone is but a remark",
        account: {
          applications: [
            {
              id: "tools",
              type: "mcp_portal",
              oauth_configuration: { dynamic_client_registration: { allow_any_on_localhost: false } },
            },
          ],
        },
      },
      {
        says: "every page of a host of many owners",
        account: {
          applications: [
            {
              id: "api",
              type: "self_hosted",
              oauth_configuration: {
                dynamic_client_registration: {
                  allow_any_on_localhost: false,
                  allow_any_on_loopback: false,
                  allowed_uris: ["https://sites.google.com/*", "https://agent.example.com/*"],
                },
              },
            },
          ],
        },
      },
    ],
    clean: [
      {
        says: "it is off",
        account: { applications: [{ id: "api", type: "self_hosted", oauth_configuration: { enabled: false } }] },
      },
      {
        says: "clients do not register themselves",
        account: {
          applications: [
            {
              id: "api",
              type: "self_hosted",
              oauth_configuration: { dynamic_client_registration: { enabled: false } },
            },
          ],
        },
      },
      {
        says: "only those of one address",
        account: {
          applications: [
            {
              id: "api",
              type: "self_hosted",
              oauth_configuration: {
                dynamic_client_registration: {
                  allow_any_on_localhost: false,
                  allow_any_on_loopback: false,
                  allowed_uris: ["https://agent.example.com/*"],
                },
              },
            },
          ],
        },
      },
      { says: "there is none", account: { applications: [{ id: "api", type: "self_hosted" }] } },
    ],
  },
  {
    id: "APP-17",
    title: "Managed OAuth tokens live too long",
    severity: "low",
    why: "A client asks the policies again only when it needs a new token, and the person only when the grant ends.",
    reads: ["applications"],
    *find(estate) {
      for (const { application, oauth } of servers(estate)) {
        const grant = membersOf(oauth["grant"]);
        for (const { field, most, instead, is } of lifetimes) {
          if (!(milliseconds(textOf(grant[field])) > most)) continue;
          yield {
            subject: subject("applications", application),
            says: `${is} lives ${textOf(grant[field])}`,
            field: `oauth_configuration.grant.${field}`,
            value: grant[field],
            ...applicationFix(application, { oauth_configuration: { grant: { [field]: instead } } }),
          };
        }
      }
    },
    remedy: "Give access tokens 5 to 15 minutes and grants one or two weeks.",
    falsePositive: "None is known: clients renew tokens by themselves.",
    source: document,
    flagged: [
      {
        says: "a token for a day, a grant for two months",
        account: {
          applications: [
            {
              id: "tools",
              type: "mcp",
              oauth_configuration: { grant: { access_token_lifetime: "24h", session_duration: "1440h" } },
            },
          ],
        },
      },
    ],
    clean: [
      {
        says: "as Cloudflare's guide has it",
        account: {
          applications: [
            {
              id: "tools",
              type: "mcp",
              oauth_configuration: { grant: { access_token_lifetime: "15m", session_duration: "336h" } },
            },
          ],
        },
      },
      {
        says: "it is off",
        account: {
          applications: [
            {
              id: "tools",
              type: "mcp",
              oauth_configuration: { enabled: false, grant: { access_token_lifetime: "24h" } },
            },
          ],
        },
      },
    ],
  },
);
