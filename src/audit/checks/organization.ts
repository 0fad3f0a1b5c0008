import type { Members } from "../../core/change.ts";
import type { DatasetName, Holdings } from "../../inventory/datasets.ts";
import { counted } from "../../simulator/answers.ts";
import { milliseconds } from "../../simulator/durations.ts";
import { listOf, membersOf, textOf } from "../../simulator/fields.ts";
import { type Found, family } from "../check.ts";
import { type Estate, subject } from "../estate.ts";

type Flaw = Omit<Found, "subject">;

/** What is wrong with the settings, named after the organization. */
const flawsOf = (estate: Estate, judge: (organization: Members) => readonly (Flaw | false)[]): readonly Found[] =>
  estate
    .items("organization")
    .flatMap((organization) =>
      judge(organization).flatMap((flaw) =>
        flaw === false ? [] : [{ subject: subject("organization", organization), ...flaw }],
      ),
    );

const changed = (changes: Members) => ({ steps: [{ operation: "update_organization", arguments: changes }] });

/** Organizations made since then authenticate service tokens strictly, whether they say so or not. */
const strictSince = Date.parse("2026-10-05T00:00:00Z");

/** What a phisher cannot pass on. */
const unphishable = ["biometrics", "security_key", "piv_key", "ssh_fido2_key"];

const longestSession = "24h";

/** How many of each an account gets unless Cloudflare grants more. */
const limits = {
  applications: 500,
  groups: 300,
  service_tokens: 50,
  identity_providers: 50,
  mtls_certificates: 50,
  targets: 300,
} as const satisfies Partial<Record<DatasetName, number>>;
const limited = Object.entries(limits) as readonly (readonly [keyof typeof limits, number])[];
const serversOfPortal = 40;
const isNear = (count: number, limit: number): boolean => count >= 0.9 * limit;

const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];

const settings = (given: Members): Holdings => ({
  organization: [{ auth_domain: "example.cloudflareaccess.com", ...given }],
});
const many = (count: number): readonly Members[] => Array.from({ length: count }, (_, at) => ({ id: `${at}` }));

const documentation = "https://developers.cloudflare.com/cloudflare-one";

/** What holds for the whole account: `ORG-01` to `ORG-06`. */
export default family(
  {
    id: "ORG-01",
    title: "Hostnames without an application are open",
    severity: "high",
    why: "A new DNS name is reachable by everybody until somebody makes an application for it.",
    reads: ["organization"],
    find: (estate) =>
      flawsOf(estate, (organization) => {
        const exempted = textsOf(organization["deny_unmatched_requests_exempted_zone_names"]);
        const isOpen = organization["deny_unmatched_requests"] !== true;
        return [
          isOpen && {
            says: "requests that no application covers are let through",
            field: "deny_unmatched_requests",
            value: organization["deny_unmatched_requests"],
            fix: changed({ deny_unmatched_requests: true }),
          },
          !isOpen &&
            exempted.length > 0 && {
              says: `requests that no application covers are let through in ${counted(exempted.length, "exempted zone")}`,
              field: "deny_unmatched_requests_exempted_zone_names",
              value: exempted,
              severity: "low",
              fix: changed({ deny_unmatched_requests_exempted_zone_names: [] }),
            },
        ];
      }),
    remedy: "Give every hostname that shall be public an application or exempt its zone, then deny the rest.",
    falsePositive:
      "An account that mainly serves public sites: there it weighs less, and zones are exempted on purpose.",
    source: `${documentation}/access-controls/access-settings/require-access-protection/`,
    flagged: [
      { says: "it is off", account: settings({ deny_unmatched_requests: false }) },
      { says: "nothing is said, which is off", account: settings({}) },
      {
        says: "a zone is exempted",
        account: settings({
          deny_unmatched_requests: true,
          deny_unmatched_requests_exempted_zone_names: ["example.net"],
        }),
      },
    ],
    clean: [
      {
        says: "everything else is refused",
        account: settings({ deny_unmatched_requests: true, deny_unmatched_requests_exempted_zone_names: [] }),
      },
    ],
  },
  {
    id: "ORG-02",
    title: "Service tokens are not authenticated strictly",
    severity: "medium",
    why: "A request with token headers may fall back to a cookie or a login page, so machines fail in ways that vary.",
    reads: ["organization"],
    find: (estate) =>
      flawsOf(estate, (organization) => {
        const { strict_service_token_auth: strict } = organization;
        const made = Date.parse(textOf(organization["created_at"]));
        const isOn = strict === true || (strict === undefined && made >= strictSince);
        return [
          !isOn && {
            says: "requests with a service token are not held to service auth and bypass policies",
            field: "strict_service_token_auth",
            value: strict,
            certain: strict !== undefined || made < strictSince,
            fix: changed({ strict_service_token_auth: true }),
          },
        ];
      }),
    remedy: "Move machines to service auth policies, then turn strict authentication on.",
    falsePositive: "Organizations made since 2026-10-05 always have it, and may not show it.",
    source: `${documentation}/access-controls/service-credentials/service-tokens/`,
    flagged: [
      { says: "it is off", account: settings({ strict_service_token_auth: false }) },
      { says: "nothing is said", account: settings({}) },
      {
        says: "nothing is said by an organization from before",
        account: settings({ created_at: "2026-10-04T00:00:00Z" }),
      },
    ],
    clean: [
      { says: "it is on", account: settings({ strict_service_token_auth: true }) },
      {
        says: "nothing is said by an organization that always has it",
        account: settings({ created_at: "2026-10-05T00:00:00Z" }),
      },
    ],
  },
  {
    id: "ORG-03",
    title: "No second factor, or only one that can be phished",
    severity: "medium",
    why: "Access itself can ask for no factor that withstands a fake login page.",
    reads: ["organization"],
    find: (estate) =>
      flawsOf(estate, (organization) => {
        const config = membersOf(organization["mfa_config"]);
        const allowed = textsOf(config["allowed_authenticators"]);
        return [
          !allowed.some((method) => unphishable.includes(method)) && {
            says: allowed.length === 0 ? "no second factor is allowed" : "codes by app are the only second factor",
            field: "mfa_config.allowed_authenticators",
            value: config["allowed_authenticators"],
            fix: changed({ mfa_config: { allowed_authenticators: [...allowed, "biometrics", "security_key"] } }),
          },
          config["amr_matching_enabled"] === true &&
            textOf(config["required_aaguids"]) !== "" && {
              says: "a factor at the identity provider counts, so the list of security keys is not enforced",
              field: "mfa_config.amr_matching_enabled",
              value: true,
              fix: changed({ mfa_config: { amr_matching_enabled: false } }),
            },
        ];
      }),
    remedy: "Allow biometrics and security keys, and ask for them where it matters.",
    falsePositive: "The identity provider already asks everybody for a factor that cannot be phished.",
    source: `${documentation}/access-controls/access-settings/independent-mfa/`,
    flagged: [
      { says: "none is configured", account: settings({}) },
      { says: "none is allowed", account: settings({ mfa_config: { allowed_authenticators: [] } }) },
      { says: "codes alone", account: settings({ mfa_config: { allowed_authenticators: ["totp"] } }) },
      {
        says: "a list of keys beside factors of the provider",
        account: settings({
          mfa_config: {
            allowed_authenticators: ["security_key"],
            amr_matching_enabled: true,
            required_aaguids: "keys",
          },
        }),
      },
    ],
    clean: [
      {
        says: "security keys beside codes",
        account: settings({ mfa_config: { allowed_authenticators: ["totp", "security_key"] } }),
      },
      {
        says: "factors of the provider count, without a list of keys",
        account: settings({ mfa_config: { allowed_authenticators: ["biometrics"], amr_matching_enabled: true } }),
      },
    ],
  },
  {
    id: "ORG-04",
    title: "Logins last long everywhere",
    severity: "medium",
    why: "A stolen session of the login domain opens every application until it ends.",
    reads: ["organization"],
    find: (estate) =>
      flawsOf(estate, (organization) => {
        const session = textOf(organization["session_duration"]);
        return [
          milliseconds(session) > milliseconds(longestSession) && {
            says: `the session of the login domain lasts ${session}, longer than a day`,
            field: "session_duration",
            value: session,
            fix: changed({ session_duration: longestSession }),
          },
        ];
      }),
    remedy: "Let the global session last a day at most; applications may have shorter ones.",
    falsePositive: "The global session is meant to be at least as long as that of each application.",
    source: `${documentation}/access-controls/access-settings/session-management/`,
    flagged: [{ says: "a month", account: settings({ session_duration: "730h" }) }],
    clean: [
      { says: "a day", account: settings({ session_duration: "24h" }) },
      { says: "nothing is said, which is a day", account: settings({}) },
    ],
  },
  {
    id: "ORG-05",
    title: "What nobody uses is not cleaned up",
    severity: "low",
    why: "Seats cost money, and forgotten tokens stay valid until somebody remembers them.",
    reads: ["organization"],
    find: (estate) =>
      flawsOf(estate, ({ user_seat_expiration_inactive_time: seat, service_token_inactivity: token }) => [
        !(milliseconds(textOf(seat)) > 0) && {
          says: "seats of people who no longer log in are never freed",
          field: "user_seat_expiration_inactive_time",
          value: seat,
          fix: changed({ user_seat_expiration_inactive_time: "730h" }),
        },
        membersOf(token)["enabled"] !== true && {
          says: "service tokens that nobody uses are never turned off",
          field: "service_token_inactivity.enabled",
          value: membersOf(token)["enabled"],
          fix: changed({
            service_token_inactivity: { enabled: true, action: "disable", inactivity_threshold_days: 90 },
          }),
        },
      ]),
    remedy: "Free seats after a month or more, and turn off tokens that were idle for 90 days.",
    falsePositive: "Another system already cleans up seats and tokens.",
    source: `${documentation}/team-and-resources/users/seat-management/`,
    flagged: [
      { says: "neither is set", account: settings({}) },
      {
        says: "tokens are kept",
        account: settings({
          user_seat_expiration_inactive_time: "730h",
          service_token_inactivity: { enabled: false },
        }),
      },
    ],
    clean: [
      {
        says: "both are set",
        account: settings({ user_seat_expiration_inactive_time: "730h", service_token_inactivity: { enabled: true } }),
      },
    ],
  },
  {
    id: "ORG-06",
    title: "Close to a limit of the account",
    severity: "info",
    why: "At the limit the next object cannot be made, often in the middle of something urgent.",
    reads: ["organization", ...limited.map(([name]) => name), "mcp_portals"],
    *find(estate) {
      yield* flawsOf(estate, () =>
        limited.map(([name, limit]) => {
          const count = estate.items(name).length;
          const says = `${count} ${name.replaceAll("_", " ")}, where an account usually gets ${limit}`;
          return isNear(count, limit) && { says, value: count, mark: name, certain: false };
        }),
      );
      for (const portal of estate.items("mcp_portals")) {
        const count = listOf(portal["servers"]).length;
        if (!isNear(count, serversOfPortal)) continue;
        yield {
          subject: subject("mcp_portals", portal),
          says: `${count} servers, where a portal usually gets ${serversOfPortal}`,
          value: count,
          certain: false,
        };
      }
    },
    remedy: "Delete what nobody uses, or ask Cloudflare for more in time.",
    falsePositive: "Limits depend on the plan and can be raised.",
    source: `${documentation}/account-limits/`,
    flagged: [
      { says: "45 service tokens", account: { ...settings({}), service_tokens: many(45) } },
      { says: "36 servers in a portal", account: { mcp_portals: [{ id: "tools", servers: many(36) }] } },
    ],
    clean: [
      {
        says: "fewer than nine tenths",
        account: { ...settings({}), service_tokens: many(44), mcp_portals: [{ id: "tools", servers: many(35) }] },
      },
    ],
  },
);
