import type { Members } from "../../../core/change.ts";
import { membersOf, textOf } from "../../../simulator/fields.ts";
import { family, type Severity } from "../../check.ts";
import { type Estate, subject } from "../../estate.ts";
import { policiesOn } from "../shared/attached.ts";
import { applicationFix, browsed, ofKinds, textsOf } from "./kinds.ts";
import { isPublic } from "./strength.ts";

/** Kinds that other programs than browsers also open, which have to read the cookie themselves. */
const byTools: ReadonlySet<string> = new Set(["ssh", "vnc", "rdp"]);
const pages: ReadonlySet<string> = new Set(["self_hosted"]);
/** Kinds that can let preflights through; some cannot answer them. */
const preflighted: ReadonlySet<string> = new Set([...browsed, "mcp"]);
const answering: ReadonlySet<string> = new Set(["self_hosted", ...byTools]);

const cookieDocument =
  "https://developers.cloudflare.com/cloudflare-one/access-controls/applications/http-apps/authorization-cookie/";

/** Whether anybody logs in by a browser; so they may where a policy is not known. */
const hasPeople = (estate: Estate, application: Members): boolean =>
  policiesOn(estate, application).some(({ policy: { decision } }) => decision === undefined || decision === "allow");

/** Origins that are no single site reached over TLS. */
const isLoose = (origin: string): boolean => origin.includes("*") || origin.startsWith("http://");

/** Cookies of applications, and which other sites may use them. */
export default family(
  {
    id: "APP-08",
    title: "Scripts can read the session cookie",
    severity: "medium",
    why: "A script that gets into the page can take the session away and use it elsewhere.",
    reads: ["applications"],
    *find(estate) {
      for (const application of ofKinds(estate, browsed)) {
        if (application["http_only_cookie_attribute"] !== false) continue;
        yield {
          subject: subject("applications", application),
          says: "The session cookie is not hidden from scripts",
          field: "http_only_cookie_attribute",
          value: false,
          ...(byTools.has(textOf(application["type"])) && { severity: "low" as const }),
          ...applicationFix(application, { http_only_cookie_attribute: true }),
        };
      }
    },
    remedy: "Turn HttpOnly on, which is the default.",
    falsePositive: "A program other than a browser, or code in the page, has to read the cookie.",
    source: cookieDocument,
    flagged: [
      {
        says: "a web page",
        account: { applications: [{ id: "wiki", type: "self_hosted", http_only_cookie_attribute: false }] },
      },
      {
        says: "SSH, where a tool may need it",
        account: { applications: [{ id: "bastion", type: "ssh", http_only_cookie_attribute: false }] },
      },
    ],
    clean: [
      {
        says: "on",
        account: { applications: [{ id: "wiki", type: "self_hosted", http_only_cookie_attribute: true }] },
      },
      { says: "nothing said, which is on", account: { applications: [{ id: "wiki", type: "self_hosted" }] } },
      {
        says: "SaaS has no such cookie",
        account: { applications: [{ id: "crm", type: "saas", http_only_cookie_attribute: false }] },
      },
    ],
  },
  {
    id: "APP-09",
    title: "No binding cookie",
    severity: "low",
    why: "A session cookie that was stolen works in any other browser.",
    reads: ["applications"],
    also: ["organization", "policies"],
    *find(estate) {
      const organization = estate.known("organization");
      const byDevice = membersOf(organization?.[0])["allow_authenticate_via_warp"];
      for (const application of ofKinds(estate, pages)) {
        const { enable_binding_cookie, allow_authenticate_via_warp } = application;
        // Cloudflare says not to use it with the device client's login, nor where no browser comes.
        if (enable_binding_cookie === true || (allow_authenticate_via_warp ?? byDevice) === true) continue;
        if (!hasPeople(estate, application)) continue;
        yield {
          subject: subject("applications", application),
          says: "A copied session cookie works anywhere",
          field: "enable_binding_cookie",
          value: enable_binding_cookie,
          certain:
            (organization !== undefined || typeof allow_authenticate_via_warp === "boolean") &&
            policiesOn(estate, application).some(({ policy }) => policy["decision"] === "allow"),
          ...applicationFix(application, { enable_binding_cookie: true }),
        };
      }
    },
    remedy: "Turn the binding cookie on where only browsers come.",
    falsePositive: "Tools other than browsers use it, or the hostname has Zaraz or the Google tag gateway.",
    source: `${cookieDocument}#binding-cookie`,
    flagged: [
      {
        says: "off",
        account: {
          applications: [
            { id: "wiki", type: "self_hosted", enable_binding_cookie: false, policies: [{ id: "staff" }] },
          ],
          policies: [{ id: "staff", decision: "allow" }],
        },
      },
      {
        says: "nothing said, which is off",
        account: {
          applications: [
            { id: "wiki", type: "self_hosted", policies: [{ id: "own", decision: "allow", reusable: false }] },
          ],
        },
      },
    ],
    clean: [
      {
        says: "on",
        account: {
          applications: [{ id: "wiki", type: "self_hosted", enable_binding_cookie: true, policies: [{ id: "staff" }] }],
          policies: [{ id: "staff", decision: "allow" }],
        },
      },
      {
        says: "the device client logs people in",
        account: {
          organization: [{ allow_authenticate_via_warp: true }],
          applications: [{ id: "wiki", type: "self_hosted", policies: [{ id: "staff" }] }],
          policies: [{ id: "staff", decision: "allow" }],
        },
      },
      {
        says: "only machines come",
        account: {
          applications: [{ id: "api", type: "self_hosted", policies: [{ id: "robots" }] }],
          policies: [{ id: "robots", decision: "non_identity" }],
        },
      },
    ],
  },
  {
    id: "APP-10",
    title: "Other sites may call the application",
    severity: "high",
    why: "With credentials any page that a person opens can use the application in that person's name.",
    reads: ["applications"],
    also: ["policies", "groups"],
    *find(estate) {
      for (const application of ofKinds(estate, answering)) {
        const cors = membersOf(application["cors_headers"]);
        const origins = textsOf(cors["allowed_origins"]);
        const loose = origins.filter(isLoose);
        const isAny = cors["allow_all_origins"] === true;
        if (!isAny && loose.length === 0) continue;
        const isOpen = isPublic(estate, application);
        if (isOpen === true) continue;
        const worst: Severity = isAny || loose.some((origin) => origin.includes("*")) ? "high" : "medium";
        const left = origins.filter((origin) => !isLoose(origin));
        const withSession = cors["allow_credentials"] === true;
        const changes = {
          cors_headers: {
            ...(isAny && { allow_all_origins: false }),
            ...(left.length > 0 && { allowed_origins: left }),
          },
        };
        const choose = { "cors_headers.allowed_origins": "the https origins that need the application" };
        yield {
          subject: subject("applications", application),
          says: `${isAny ? "Every site" : "A site that is not told apart or not encrypted"} may call it ${withSession ? "with" : "without"} the session`,
          field: isAny ? "cors_headers.allow_all_origins" : "cors_headers.allowed_origins",
          value: isAny ? true : origins,
          severity: withSession ? worst : "low",
          certain: isOpen === false,
          ...applicationFix(application, changes, left.length === 0 ? choose : undefined),
        };
      }
    },
    remedy: "List the https origins that need it, and allow no others.",
    falsePositive: "A public interface that has no sessions.",
    source: `${cookieDocument}cors/`,
    flagged: [
      {
        says: "every origin with credentials",
        account: {
          applications: [
            {
              id: "api",
              type: "self_hosted",
              policies: [],
              cors_headers: { allow_all_origins: true, allow_credentials: true },
            },
          ],
        },
      },
      {
        says: "every origin without credentials weighs little",
        account: {
          applications: [{ id: "api", type: "self_hosted", policies: [], cors_headers: { allow_all_origins: true } }],
        },
      },
      {
        says: "an origin without encryption beside a good one",
        account: {
          applications: [
            {
              id: "api",
              type: "self_hosted",
              policies: [],
              cors_headers: {
                allowed_origins: ["https://app.example.com", "http://old.example.com"],
                allow_credentials: true,
              },
            },
          ],
        },
      },
      {
        says: "a star in the list",
        account: {
          applications: [
            {
              id: "api",
              type: "self_hosted",
              policies: [],
              cors_headers: { allowed_origins: ["*"], allow_credentials: true },
            },
          ],
        },
      },
    ],
    clean: [
      {
        says: "one origin over TLS",
        account: {
          applications: [
            {
              id: "api",
              type: "self_hosted",
              policies: [],
              cors_headers: { allowed_origins: ["https://app.example.com"], allow_credentials: true },
            },
          ],
        },
      },
      {
        says: "open to the world, so there is no session",
        account: {
          applications: [
            {
              id: "api",
              type: "self_hosted",
              cors_headers: { allow_all_origins: true, allow_credentials: true },
              policies: [{ id: "open" }],
            },
          ],
          policies: [{ id: "open", decision: "bypass", include: [{ group: { id: "world" } }] }],
          groups: [{ id: "world", include: [{ everyone: {} }] }],
        },
      },
    ],
  },
  {
    id: "APP-11",
    title: "Preflights pass without a check",
    severity: "low",
    why: "Anybody can send OPTIONS requests to the origin, which alone decides which sites may call it.",
    reads: ["applications"],
    *find(estate) {
      for (const application of ofKinds(estate, preflighted)) {
        if (application["options_preflight_bypass"] !== true) continue;
        const choose = { cors_headers: "which origins, methods and headers Access shall allow" };
        const answers = answering.has(textOf(application["type"]));
        yield {
          subject: subject("applications", application),
          says: "OPTIONS requests reach the origin without a login",
          field: "options_preflight_bypass",
          value: true,
          ...applicationFix(application, { options_preflight_bypass: false }, answers ? choose : undefined),
        };
      }
    },
    remedy: "Let Access answer preflights, with the origins that may call.",
    falsePositive: "The origin answers preflights itself and allows only the sites it knows.",
    source: `${cookieDocument}cors/`,
    flagged: [
      {
        says: "they pass",
        account: { applications: [{ id: "api", type: "self_hosted", options_preflight_bypass: true }] },
      },
      {
        says: "an MCP server, for which Access answers none",
        account: { applications: [{ id: "tools", type: "mcp", options_preflight_bypass: true }] },
      },
    ],
    clean: [
      {
        says: "they do not",
        account: { applications: [{ id: "api", type: "self_hosted", options_preflight_bypass: false }] },
      },
      { says: "nothing said, which is off", account: { applications: [{ id: "api", type: "self_hosted" }] } },
    ],
  },
);
