import type { Members } from "../../../core/change.ts";
import { milliseconds } from "../../../simulator/durations.ts";
import { textOf } from "../../../simulator/fields.ts";
import { family, type Severity } from "../../check.ts";
import { type Estate, subject } from "../../estate.ts";
import { isPosture } from "../policies/kinds.ts";
import { applicationSubjects } from "../shared/attached.ts";
import { ensuredIn } from "../shared/closure.ts";
import { day } from "../shared/history.ts";
import { applicationFix, ofKinds, timed } from "./kinds.ts";
import { mayLetIn, usual } from "./strength.ts";

const week = 7 * day;

/** Kinds that can take the login of Cloudflare's client. */
const byDevice: ReadonlySet<string> = new Set(["self_hosted", "ssh", "vnc", "rdp", "mcp", "mcp_portal", "saas"]);

/** Whether all who get in by logging in have a device that was looked at; not when a policy is not known. */
function onManagedDevices(estate: Estate, applications: readonly Members[]): boolean {
  const policies = applications.flatMap((application) => mayLetIn(estate, application));
  return policies.length > 0 && policies.every((policy) => ensuredIn(estate, policy, isPosture) === true);
}

const weight = (duration: unknown): Severity => (milliseconds(textOf(duration)) > week ? "high" : "medium");

/** How long a login by the device counts for as long as nothing is said: for ever, as far as anybody documents. */
const isLong = (duration: unknown): boolean => !(milliseconds(textOf(duration)) <= day);

/** How long people stay logged in to applications. */
export default family(
  {
    id: "APP-07",
    title: "Session of an application lasts too long",
    severity: "medium",
    why: "A stolen session stays good all that time, and rules about who somebody is are only asked at the next login.",
    reads: ["applications"],
    also: ["policies"],
    *find(estate) {
      for (const application of ofKinds(estate, timed)) {
        const { session_duration } = application;
        if (!(milliseconds(textOf(session_duration)) > day)) continue;
        const policies = mayLetIn(estate, application);
        // A policy that says how long wins over the application.
        const left = policies.filter((policy) => typeof policy["session_duration"] !== "string");
        if (policies.length > 0 && left.length === 0) continue;
        yield {
          subject: subject("applications", application),
          says: `One login counts for ${session_duration}, more than ${usual}`,
          field: "session_duration",
          value: session_duration,
          severity: weight(session_duration),
          // Of a policy that is only linked nobody knows what it says.
          certain: policies.length === 0 || left.some(({ decision }) => decision !== undefined),
          ...applicationFix(application, { session_duration: usual }),
        };
      }
    },
    remedy: "Shorten the session of the application, or give its policies sessions of their own.",
    falsePositive: "An application of little worth that people open all day.",
    source: "https://developers.cloudflare.com/cloudflare-one/access-controls/access-settings/session-management/",
    flagged: [
      {
        says: "two days",
        account: { applications: [{ id: "wiki", type: "self_hosted", session_duration: "48h", policies: [] }] },
      },
      {
        says: "a month, and only one of two policies is shorter",
        account: {
          applications: [
            {
              id: "crm",
              type: "saas",
              session_duration: "730h",
              policies: [
                { id: "staff", decision: "allow" },
                { id: "guests", decision: "allow", session_duration: "8h" },
              ],
            },
          ],
          policies: [
            { id: "staff", decision: "allow" },
            { id: "guests", decision: "allow", session_duration: "8h" },
          ],
        },
      },
    ],
    clean: [
      {
        says: "a day",
        account: { applications: [{ id: "wiki", type: "self_hosted", session_duration: "24h", policies: [] }] },
      },
      {
        says: "every policy is shorter",
        account: {
          applications: [{ id: "wiki", type: "self_hosted", session_duration: "168h", policies: [{ id: "staff" }] }],
          policies: [{ id: "staff", decision: "allow", session_duration: "8h" }],
        },
      },
      {
        says: "a bookmark has no sessions",
        account: { applications: [{ id: "menu", type: "bookmark", session_duration: "720h" }] },
      },
    ],
  },
  {
    id: "APP-14",
    title: "Login of the device client counts longer than a day",
    severity: "medium",
    why: "Whoever holds the device is logged in without the identity provider, and no shorter session of a policy or application counts.",
    reads: ["applications", "organization"],
    also: ["policies", "groups"],
    *find(estate) {
      const [organization] = estate.items("organization");
      if (organization === undefined) return;
      const { allow_authenticate_via_warp: allowed, warp_auth_session_duration: duration } = organization;
      if (!isLong(duration)) return;
      const lasting = milliseconds(textOf(duration)) > 0 ? `for ${duration}` : "without a limit of its own";
      const applications = ofKinds(estate, byDevice);
      const heirs = applications.filter((one) => typeof one["allow_authenticate_via_warp"] !== "boolean");
      const weigh = (concerned: readonly Members[]) => ({
        ...(onManagedDevices(estate, concerned) && { severity: "low" as const }),
      });
      if (allowed === true && heirs.length > 0) {
        yield {
          subject: subject("organization", organization),
          says: `The device client's login counts ${lasting} in every application that does not refuse it`,
          field: "warp_auth_session_duration",
          value: duration,
          related: applicationSubjects(heirs),
          ...weigh(heirs),
          fix: { steps: [{ operation: "update_organization", arguments: { warp_auth_session_duration: usual } }] },
        };
      }
      for (const application of applications.filter((one) => one["allow_authenticate_via_warp"] === true)) {
        yield {
          subject: subject("applications", application),
          says: `The device client's login counts ${lasting} here`,
          field: "allow_authenticate_via_warp",
          value: true,
          ...weigh([application]),
          ...applicationFix(application, { allow_authenticate_via_warp: false }),
        };
      }
    },
    remedy: "Let a login by the device client count for a day at most, or refuse it where more is at stake.",
    falsePositive: "Devices are managed, and every policy asks for their posture.",
    source: "https://developers.cloudflare.com/cloudflare-one/access-controls/access-settings/session-management/",
    flagged: [
      {
        says: "all applications inherit a month",
        account: {
          organization: [
            {
              auth_domain: "example.cloudflareaccess.com",
              allow_authenticate_via_warp: true,
              warp_auth_session_duration: "720h",
            },
          ],
          applications: [{ id: "wiki", type: "self_hosted", policies: [] }],
        },
      },
      {
        says: "on devices whose posture is asked for it weighs less",
        account: {
          organization: [{ auth_domain: "example.cloudflareaccess.com", warp_auth_session_duration: "48h" }],
          applications: [
            { id: "wiki", type: "self_hosted", allow_authenticate_via_warp: true, policies: [{ id: "staff" }] },
          ],
          policies: [{ id: "staff", decision: "allow", require: [{ device_posture: { integration_uid: "disk" } }] }],
        },
      },
      {
        says: "one application takes it, and nothing is said about how long",
        account: {
          organization: [{ auth_domain: "example.cloudflareaccess.com", warp_auth_session_duration: null }],
          applications: [{ id: "wiki", type: "self_hosted", allow_authenticate_via_warp: true, policies: [] }],
        },
      },
    ],
    clean: [
      {
        says: "it counts for eight hours",
        account: {
          organization: [{ allow_authenticate_via_warp: true, warp_auth_session_duration: "8h" }],
          applications: [{ id: "wiki", type: "self_hosted", policies: [] }],
        },
      },
      {
        says: "no application takes it",
        account: {
          organization: [{ allow_authenticate_via_warp: true, warp_auth_session_duration: "720h" }],
          applications: [{ id: "wiki", type: "self_hosted", allow_authenticate_via_warp: false, policies: [] }],
        },
      },
    ],
  },
);
