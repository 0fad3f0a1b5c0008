import type { Members } from "../../../core/change.ts";
import { milliseconds } from "../../../simulator/durations.ts";
import { listOf, textOf } from "../../../simulator/fields.ts";
import { type Found, family } from "../../check.ts";
import type { Estate } from "../../estate.ts";
import { everyOffer, portalApplication, serverApplication } from "../mcp/offers.ts";
import { applicationSubjects, policiesOn, policyFix, type Standing } from "../shared/attached.ts";
import { ensuredIn, rulesAt } from "../shared/closure.ts";
import { asksFactor, factorOf } from "../shared/factors.ts";
import { lackOf } from "../shared/whole.ts";
import { logicOf } from "./implication.ts";
import { isSecondFactor } from "./kinds.ts";
import { about, documentation, planOf, policiesThat, protectedBy } from "./told.ts";

const manual = "https://developers.cloudflare.com/cloudflare-one/access-controls";

/** Addresses by the id of the list that holds them; nothing when lists are not known. */
function listed(estate: Estate): ReadonlyMap<unknown, readonly string[]> | undefined {
  const items = estate.known("gateway_list_items");
  const lists = new Map<unknown, string[]>();
  for (const { list_id, value } of items ?? []) lists.set(list_id, [...(lists.get(list_id) ?? []), textOf(value)]);
  return items === undefined ? undefined : lists;
}

/** Who may approve by one approval group; nothing when that is a list that is not known. */
function approversOf(estate: Estate, group: Members): readonly string[] | undefined {
  const given = Array.isArray(group["email_addresses"]) ? group["email_addresses"].map(textOf) : [];
  const list = textOf(group["email_list_uuid"]);
  const known = list === "" ? [] : estate.once(listed)?.get(list);
  return known && [...new Set([...given, ...known].map((address) => address.toLowerCase()))];
}

/** Whether the App Launcher surely keeps somebody out; nobody knows where there is none. */
function isKeptOut(estate: Estate, email: string): boolean {
  const [rule] = rulesAt({ include: [{ email: { email } }] }, "include");
  const launchers = estate.items("applications").filter(({ type }) => type === "app_launcher");
  const admitting = launchers.flatMap((launcher) =>
    policiesOn(estate, launcher).filter(({ policy }) => policy["decision"] !== "deny"),
  );
  return (
    rule !== undefined &&
    launchers.length > 0 &&
    admitting.every(({ policy }) => logicOf(estate).cannotMeet([rule], policy))
  );
}

/** What is wrong with who approves sessions. */
function* approvalFlaws(
  estate: Estate,
  { policy }: Standing,
): Iterable<Pick<Found, "says" | "field" | "value" | "mark">> {
  const groups = listOf(policy["approval_groups"]);
  if (groups.length === 0) {
    yield { says: "nobody is named who could approve", field: "approval_groups", value: policy["approval_groups"] };
  }
  for (const [at, group] of groups.entries()) {
    const { approvals_needed: needed } = group;
    const approvers = approversOf(estate, group);
    if (approvers === undefined) continue;
    const field = `approval_groups[${at}]`;
    if (typeof needed === "number" && needed > approvers.length) {
      const says = `${needed} approvals are needed, and ${approvers.length} can be given`;
      yield { says, field: `${field}.approvals_needed`, value: needed, mark: "too many" };
    }
    const out = approvers.filter((email) => isKeptOut(estate, email));
    if (out.length === 0) continue;
    const says = `${out.length} of ${approvers.length} approvers are kept out of the App Launcher, where approvals are given`;
    yield { says, field, value: policy["approval_groups"] && group, mark: "launcher" };
  }
  if (policy["purpose_justification_required"] !== true) {
    const { purpose_justification_required: value } = policy;
    yield {
      says: "approvers are shown no reason, since none is asked for",
      field: "purpose_justification_required",
      value,
    };
  }
}

/** What a policy asks for that portals do not. */
const controlsOf = (policy: Members): readonly string[] => [
  ...(factorOf(policy) === true ? ["mfa_config"] : []),
  ...["approval_required", "purpose_justification_required"].filter((field) => policy[field] === true),
];

/** What goes with a control. */
const companions: Readonly<Record<string, readonly string[]>> = {
  approval_required: ["approval_groups"],
  purpose_justification_required: ["purpose_justification_prompt"],
};

const staff = { email_domain: { domain: "example.com" } };
const allow = (more: Members = {}): Members => ({
  id: "p",
  name: "Staff",
  decision: "allow",
  include: [staff],
  ...more,
});
const site = (policy: Members, more: Members = {}): Members => ({
  id: "site",
  type: "self_hosted",
  domain: "site.example.com",
  policies: [{ reusable: false, precedence: 1, ...policy }],
  ...more,
});
const approved = (...groups: readonly Members[]): Members =>
  allow({ approval_required: true, purpose_justification_required: true, approval_groups: groups });
const mfa = { auth_method: { auth_method: "mfa" } };
const tracker = { id: "tracker", hostname: "https://tracker.example.net/mcp" };
const portal = { id: "tools", hostname: "mcp.example.com", servers: [{ server_id: "tracker" }] };
const server = (policy: Members): Members =>
  site(policy, { id: "own", type: "mcp", destinations: [{ type: "via_mcp_server_portal", mcp_server_id: "tracker" }] });
const front = site({ ...allow(), id: "front" }, { id: "front", type: "mcp_portal", domain: "mcp.example.com" });

/** What policies ask for besides who somebody is: `POL-17` to `POL-20`. */
export default family(
  {
    id: "POL-17",
    title: "No second factor",
    severity: "medium",
    why: "A password that was phished or guessed is enough: neither the policy nor the application nor the organization asks for more.",
    reads: ["policies", "applications", "organization"],
    also: ["groups"],
    lacks: lackOf("groups"),
    *find(estate) {
      for (const standing of policiesThat(estate, "allow")) {
        const { policy } = standing;
        if (ensuredIn(estate, policy, isSecondFactor) !== false) continue;
        const bare = protectedBy(standing).filter(
          (application) => application["type"] !== "app_launcher" && asksFactor(estate, application, policy) === false,
        );
        if (bare.length === 0) continue;
        const require = [...(Array.isArray(policy["require"]) ? policy["require"] : []), mfa];
        yield about(standing, {
          says: `it asks for no second factor, at ${bare.length} applications`,
          field: "require",
          value: policy["require"],
          certain: false,
          related: applicationSubjects(bare),
          fix: policyFix(standing, { require }),
        });
      }
    },
    remedy: "Require the authentication method mfa, or let Access itself ask for a second factor.",
    falsePositive: "The identity provider asks for one by itself, which Access does not see.",
    source: `${manual}/policies/mfa-requirements/`,
    flagged: [
      { says: "nothing asks for it", account: { applications: [site(allow())] } },
      {
        says: "the application turns off what the organization wants",
        account: {
          applications: [site(allow(), { mfa_config: { mfa_disabled: true } })],
          organization: [{ mfa_required_for_all_apps: true }],
        },
      },
      {
        says: "a password is required",
        account: { applications: [site(allow({ require: [{ auth_method: { auth_method: "pwd" } }] }))] },
      },
    ],
    clean: [
      { says: "the policy requires it", account: { applications: [site(allow({ require: [mfa] }))] } },
      {
        says: "a required group has it",
        account: {
          applications: [site(allow({ require: [{ group: { id: "g" } }] }))],
          groups: [{ id: "g", include: [mfa, { auth_method: { auth_method: "hwk" } }] }],
        },
      },
      {
        says: "Access asks for it",
        account: { applications: [site(allow(), { mfa_config: { allowed_authenticators: ["security_key"] } })] },
      },
      {
        says: "the organization wants it",
        account: { applications: [site(allow())], organization: [{ mfa_required_for_all_apps: true }] },
      },
      { says: "the App Launcher", account: { applications: [site(allow(), { type: "app_launcher" })] } },
    ],
  },
  {
    id: "POL-18",
    title: "Policy with a longer session than its application",
    severity: "medium",
    why: "The session of the policy wins, so people stay logged in for longer than the application says.",
    reads: ["policies", "applications"],
    *find(estate) {
      for (const standing of policiesThat(estate, "allow")) {
        const { policy, applications } = standing;
        if (policy["session_duration"] === undefined) continue;
        const own = milliseconds(textOf(policy["session_duration"]));
        const shorter = applications.filter(({ session_duration }) => own > milliseconds(textOf(session_duration)));
        if (shorter.length === 0) continue;
        yield about(standing, {
          says: `its session outlasts that of ${shorter.length} applications`,
          field: "session_duration",
          value: policy["session_duration"],
          related: applicationSubjects(shorter),
          fix: policyFix(standing, { session_duration: null }),
        });
      }
    },
    remedy: "Leave the session to the application, or make that of the policy shorter.",
    falsePositive: "Meant so, for those who are on call.",
    source: `${manual}/access-settings/session-management/`,
    flagged: [
      {
        says: "a week instead of a day",
        account: { applications: [site(allow({ session_duration: "168h" }), { session_duration: "24h" })] },
      },
    ],
    clean: [
      {
        says: "shorter",
        account: { applications: [site(allow({ session_duration: "30m" }), { session_duration: "24h" })] },
      },
      { says: "left to the application", account: { applications: [site(allow(), { session_duration: "24h" })] } },
      {
        says: "nobody is let in by it",
        account: {
          applications: [site(allow({ decision: "deny", session_duration: "168h" }), { session_duration: "24h" })],
        },
      },
    ],
  },
  {
    id: "POL-19",
    title: "Approval that cannot work",
    severity: "medium",
    why: "Whoever needs an approval waits in vain, or those who approve cannot see what they approve.",
    reads: ["policies", "applications"],
    also: ["groups", "gateway_list_items"],
    lacks: lackOf("gateway_list_items"),
    *find(estate) {
      for (const standing of policiesThat(estate, "allow")) {
        if (standing.policy["approval_required"] !== true) continue;
        for (const flaw of approvalFlaws(estate, standing)) {
          const isReason = flaw.field === "purpose_justification_required";
          yield about(standing, {
            ...flaw,
            fix: isReason
              ? policyFix(standing, { purpose_justification_required: true })
              : policyFix(standing, {}, { approval_groups: "who approves, of whom the App Launcher lets in enough" }),
          });
        }
      }
    },
    remedy: "Name enough approvers whom the App Launcher lets in, and ask people for their reason.",
    falsePositive: "None; lists of addresses that cannot be read are not judged.",
    source: `${documentation}temporary-auth/`,
    flagged: [
      { says: "nobody approves", account: { policies: [approved()] } },
      {
        says: "one of two has to approve twice, by a list",
        account: {
          policies: [approved({ approvals_needed: 2, email_list_uuid: "leads" })],
          gateway_list_items: [{ list_id: "leads", value: "ada@example.com" }],
        },
      },
      {
        says: "an approver from outside",
        account: {
          policies: [approved({ approvals_needed: 1, email_addresses: ["ada@example.com", "eve@elsewhere.example"] })],
          applications: [site(allow({ id: "home" }), { id: "home", type: "app_launcher" })],
        },
      },
      {
        says: "no reason is asked for",
        account: {
          policies: [
            allow({
              approval_required: true,
              approval_groups: [{ approvals_needed: 1, email_addresses: ["ada@example.com"] }],
            }),
          ],
        },
      },
    ],
    clean: [
      {
        says: "one of two, both let into the App Launcher",
        account: {
          policies: [approved({ approvals_needed: 1, email_addresses: ["ada@example.com", "eve@example.com"] })],
          applications: [site(allow({ id: "home" }), { id: "home", type: "app_launcher" })],
        },
      },
      { says: "no approval is needed", account: { policies: [allow({ approval_groups: [] })] } },
    ],
  },
  {
    id: "POL-20",
    title: "Control of an MCP server that its portal does not ask for",
    severity: "high",
    why: "Who comes by a portal is asked for no second factor, reason or approval that only the server's own policy wants.",
    reads: ["policies", "applications", "mcp_portals"],
    also: ["mcp_servers"],
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
          const fronts = offered
            .flatMap((application) => portalsOf.get(application) ?? [])
            .map((portal) => portalApplication(estate, portal))
            .filter((application) => application !== undefined);
          const steps = [...new Set(fronts)].flatMap((application) =>
            policiesOn(estate, application)
              .filter((one) => one.policy["decision"] === "allow" && one.policy[control] === undefined)
              .flatMap((one) => policyFix({ ...one, applications: [application] }, copied(policy, control)).steps),
          );
          const fix = planOf(steps);
          yield about(standing, {
            says: "people who come by a portal are not asked for it",
            field: control,
            value: policy[control],
            related: applicationSubjects([...offered, ...new Set(fronts)]),
            ...(fix && { fix }),
          });
        }
      }
    },
    remedy: "Ask for it in the policies of the portal's application.",
    falsePositive: "Nobody uses the portal for this server: all reach it directly.",
    source: `${manual}/ai-controls/mcp-portals/`,
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
  },
);

/** A control as another policy is given it, with what goes with it. */
function copied(policy: Members, control: string): Members {
  const fields = [control, ...(companions[control] ?? [])];
  return Object.fromEntries(fields.flatMap((field) => (policy[field] === undefined ? [] : [[field, policy[field]]])));
}
