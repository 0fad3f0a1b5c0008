import type { Change, Members, Reference } from "../../core/change.ts";
import { membersOf, textOf } from "../fields.ts";
import { choosing, compared, flag, growing, isSame, neutral, type Settings, session, unclear } from "./compare.ts";
import { type Finding, finding, inverted, of, type Pair, quoted, type widening } from "./reasons.ts";
import { comparedRules, gainsByLogin } from "./rules.ts";
import { byUse } from "./use.ts";

const isOff = (mfa: Members) => mfa["mfa_disabled"] === true;
const asks = ({ mfa_disabled, ...mfa }: Members) => mfa_disabled !== true && !isSame(mfa, {});

/** Multi-factor of a policy or application; without it that of the application or organization counts. */
export const mfa: Settings[string] = (field, before, after) => {
  const [old, now] = [membersOf(before), membersOf(after)];
  if (asks(old) && asks(now)) return compared(factors, old, now, `${field}.`);
  if (asks(now)) return [finding("mfa_on", `${field} is set`)];
  if (isOff(old) === isOff(now) && !asks(old)) return [];
  if (isOff(old)) return [finding("mfa_on", `${field} is no longer disabled`)];
  return [finding("mfa_off", isOff(now) ? `${field}.mfa_disabled is true` : `${field} is gone`)];
};

/** How strong a second factor has to be, wherever that is said. */
export const factors: Settings = {
  allowed_authenticators: choosing(["weaker_mfa", "tightened"]),
  mfa_disabled: neutral,
  session_duration: session(),
};

/** Who approves sessions: as strict as before when every group asks as many, of the same people or fewer. */
const approvers: Settings[string] = (field, before, after) => {
  const [old, now] = [before, after].map((groups) => (Array.isArray(groups) ? groups.map(membersOf) : []));
  const isAsStrict = (old ?? []).every((group, place) => {
    const other = now?.[place];
    if (other === undefined || !(Number(other["approvals_needed"]) >= Number(group["approvals_needed"]))) return false;
    const { email_addresses: emails, email_list_uuid: list } = other;
    const known = Array.isArray(group["email_addresses"]) ? group["email_addresses"] : [];
    const same = isSame(list, group["email_list_uuid"]) || list === undefined;
    return same && (Array.isArray(emails) ? emails : []).every((email) => known.includes(email));
  });
  return [finding(isAsStrict ? "tightened" : "easier_approval", `${field} changes`)];
};

const clipboard: Settings[string] = (field, before, after) =>
  after === undefined
    ? [finding("clipboard_opened", `${field} is no longer limited`)]
    : growing(["clipboard_opened", "tightened"])(field, before, after);

/** Judged by itself: decision and rules together, the precedence among other policies. */
const elsewhere = neutral;

const logins: Pair = ["ssh_logins_added", "tightened"];

/** The settings of a policy that lets in. */
export const policySettings: Settings = {
  id: neutral,
  uid: neutral,
  name: neutral,
  decision: elsewhere,
  include: elsewhere,
  require: elsewhere,
  exclude: elsewhere,
  precedence: elsewhere,
  session_duration: session(),
  approval_required: flag(["approval_off", "tightened"], false, false),
  approval_groups: approvers,
  purpose_justification_required: flag(["justification_off", "tightened"], false, false),
  purpose_justification_prompt: neutral,
  isolation_required: flag(["isolation_off", "tightened"], false, false),
  mfa_config: mfa,
  connection_rules: {
    rdp: {
      allowed_clipboard_local_to_remote_formats: clipboard,
      allowed_clipboard_remote_to_local_formats: clipboard,
    },
    ssh: { usernames: growing(logins), allow_email_alias: flag(logins, true, false) },
  },
  account_id: unclear,
  app_count: neutral,
  reusable: neutral,
  created_at: neutral,
  updated_at: neutral,
};

/** The decisions that let in, the more open the higher. */
const openness = new Map([
  ["allow", 1],
  ["non_identity", 2],
  ["bypass", 3],
]);

/** The decisions that are a reason by themselves; such policies are asked before all others, whatever their place. */
const openly = new Map<string, keyof typeof widening>([
  ["non_identity", "non_identity"],
  ["bypass", "bypass"],
]);

type Kind = "lets_in" | "keeps_out" | "unknown";

/** What a policy is for; unknown when only its id is. */
const kindOf = (policy: Members): Kind => {
  const decision = textOf(policy["decision"]);
  if (decision === "deny") return "keeps_out";
  return openness.has(decision) ? "lets_in" : "unknown";
};

/** Whether somebody may enter by one of these policies. */
export const letsIn = (policies: readonly Members[]): boolean =>
  policies.some((policy) => kindOf(policy) !== "keeps_out");

/** What a changed policy means. */
export function comparedPolicies(before: Members, after: Members): readonly Finding[] {
  const [old, now] = [textOf(before["decision"]), textOf(after["decision"])];
  const decision = `decision goes from ${quoted(old)} to ${quoted(now)}`;
  if (now === "deny") {
    return old === "deny"
      ? of("decision is deny", inverted(comparedRules(before, after, false)))
      : [finding("block_raised", decision)];
  }
  const [was, is] = [openness.get(old), openness.get(now)];
  if (is === undefined) {
    const isMoved = isSame({ ...before, precedence: 0 }, { ...after, precedence: 0 });
    return isMoved ? [] : [finding("unclear", `decision is ${quoted(now)}`)];
  }
  if (was === undefined) {
    return [finding(old === "deny" ? "block_lowered" : "unclear", decision), ...reasonsToEnter(after)];
  }
  const findings = [
    ...comparedRules(before, after, [old, now].includes("non_identity")),
    ...compared(policySettings, before, after),
  ];
  const gains = findings.filter(({ code }) => code === "include_added" || code === "everyone");
  if (now === "bypass" && gains.length > 0) findings.push(finding("bypass", gains[0]?.detail ?? ""));
  if (is > was) findings.push(finding(openly.get(now) ?? "unclear", decision));
  if (is < was) {
    findings.push(finding(now === "allow" ? "login_required" : "tightened", decision));
    if (now === "allow" && gainsByLogin(after, old === "bypass")) {
      findings.push(finding("unclear", `${decision}, and rules about people or groups begin to count`));
    }
  }
  return findings;
}

/** Why a policy that was not there, or did not let in, lets many in. */
const reasonsToEnter = (policy: Members): readonly Finding[] => {
  const decision = textOf(policy["decision"]);
  const open = openly.get(decision);
  return [
    ...comparedRules({}, { include: policy["include"] }, true).filter(({ code }) => code !== "include_added"),
    ...(open === undefined ? [] : [finding(open, `decision is ${quoted(decision)}`)]),
  ];
};

const title = (policy: Members): string => `policy ${quoted(policy["name"] ?? policy["id"])}`;

/** What it means that a policy comes to an application. */
export const added = (policy: Members): readonly Finding[] => {
  const kind = kindOf(policy);
  if (kind === "keeps_out") return [finding("block_raised", `${title(policy)} is added, its decision is deny`)];
  const detail = `${title(policy)} is added, its decision is ${quoted(policy["decision"] ?? "not known here")}`;
  return [finding("policy_added", detail), ...of(title(policy), reasonsToEnter(policy))];
};

const removals = { lets_in: "policy_removed", keeps_out: "block_lowered", unknown: "unclear" } as const;

/** What it means that a policy goes from an application. */
export const removed = (policy: Members): readonly Finding[] => [
  finding(
    removals[kindOf(policy)],
    `${title(policy)} is removed, its decision was ${quoted(policy["decision"] ?? "not known here")}`,
  ),
];

/** Policies in their order, links to those that are known in full; one without a precedence follows the one before it. */
export function ordered(list: unknown, known: readonly Members[]): readonly Members[] {
  let last = 0;
  const policies = (Array.isArray(list) ? list : []).map((item: unknown): Members => {
    const given = typeof item === "string" ? { id: item } : membersOf(item);
    const isLink = given["decision"] === undefined && given["id"] !== undefined;
    const there = isLink ? known.find(({ id, decision }) => id === given["id"] && decision !== undefined) : undefined;
    last = Number(given["precedence"] ?? last + 1);
    return { ...there, ...given, precedence: last };
  });
  return policies.toSorted((one, other) => Number(one["precedence"]) - Number(other["precedence"]));
}

/** What changed policies of an application mean: which there are, what each says, and their order. */
export function comparedPolicyLists(before: unknown, after: unknown): readonly Finding[] {
  const old = ordered(before, []);
  const now = ordered(after, old);
  if (!letsIn(now)) return letsIn(old) ? [finding("last_policy_removed", "policies has none that lets in")] : [];
  const gone = new Set(old);
  const pairs = now.map((policy) => {
    const twin = [...gone].find(({ id, name }) =>
      policy["id"] === undefined ? name === policy["name"] : id === policy["id"],
    );
    if (twin !== undefined) gone.delete(twin);
    return { policy, twin };
  });
  const kept = pairs.flatMap(({ policy, twin }) =>
    twin === undefined ? [] : [{ policy, twin, place: old.indexOf(twin) }],
  );
  return [
    ...pairs.flatMap(({ policy, twin }) =>
      twin === undefined ? added(policy) : of(title(policy), comparedPolicies(twin, policy)),
    ),
    ...[...gone].flatMap(removed),
    ...kept.flatMap((later, index) =>
      kept
        .slice(0, index)
        .filter(({ place }) => place > later.place)
        .flatMap((earlier) => passed(earlier.twin, later.twin)),
    ),
  ];
}

/** What it means that a policy has come before another; of two that let in, the first decides how. */
function passed(earlier: Members, later: Members): readonly Finding[] {
  const decisions = [earlier, later].map(({ decision }) => textOf(decision));
  if (decisions.some((decision) => openly.has(decision))) return [];
  const order = `${title(earlier)} comes before ${title(later)}`;
  const [one, other] = [kindOf(earlier), kindOf(later)];
  if (one === "unknown" || other === "unknown") return [finding("unclear", order)];
  if (one !== other) return [finding(one === "lets_in" ? "block_lowered" : "block_raised", order)];
  return one === "lets_in" ? of(order, compared(policySettings, later, earlier)) : [];
}

/** What a changed policy of one application means, its place among the others included. */
export function applicationPolicyEdit({ before = {}, after = {} }: Change): readonly Finding[] {
  const [old, now] = [before["precedence"] ?? undefined, after["precedence"] ?? undefined];
  const findings = comparedPolicies(before, after);
  if (isSame(old, now) || openly.has(textOf(after["decision"])) || old === undefined) return findings;
  const isDeny = after["decision"] === "deny";
  const isLater = Number(now) > Number(old);
  const code = now === undefined ? "unclear" : isDeny === isLater ? "block_lowered" : "block_raised";
  return [...findings, finding(code, `precedence goes from ${quoted(old)} to ${quoted(now)}`)];
}

/** A reusable policy that no application uses does nothing. */
const isUnused = (policy: Members, references: readonly Reference[]) =>
  references.length === 0 && policy["app_count"] === 0;

export const policyEdit = (
  { before = {}, after = {} }: Change,
  references: readonly Reference[],
): readonly Finding[] => (isUnused(before, references) ? [] : comparedPolicies(before, after));

export const policyDeleted = ({ before = {} }: Change, references: readonly Reference[]): readonly Finding[] =>
  isUnused(before, references) ? [] : removed(before);

/** The settings of a group besides its rules. */
export const groupSettings: Settings = {
  id: neutral,
  uid: neutral,
  name: neutral,
  include: elsewhere,
  require: elsewhere,
  exclude: elsewhere,
  is_default: neutral,
  created_at: neutral,
  updated_at: neutral,
};

export const groupEdit = ({ before = {}, after = {} }: Change, references: readonly Reference[]): readonly Finding[] =>
  byUse([...comparedRules(before, after, true), ...compared(groupSettings, before, after)], references);

export const groupDeleted = (_: Change, references: readonly Reference[]): readonly Finding[] =>
  byUse([finding("include_removed", "the group is deleted")], references);
