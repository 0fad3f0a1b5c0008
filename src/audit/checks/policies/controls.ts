import type { Members } from "../../../core/change.ts";
import { milliseconds } from "../../../simulator/durations.ts";
import { listOf, textOf } from "../../../simulator/fields.ts";
import { type Found, family } from "../../check.ts";
import type { Estate } from "../../estate.ts";
import { applicationSubjects, policiesOn, policyFix, type Standing } from "../shared/attached.ts";
import { ensuredIn, rulesAt } from "../shared/closure.ts";
import { asksFactor } from "../shared/factors.ts";
import { lackOf } from "../shared/whole.ts";
import { logicOf } from "./implication.ts";
import { isSecondFactor } from "./kinds.ts";
import { about, documentation, policiesThat, protectedBy } from "./told.ts";

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
/** What policies ask for besides who somebody is: `POL-17` to `POL-19`. */
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
);
