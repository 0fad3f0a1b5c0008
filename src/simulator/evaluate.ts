import applications from "../access/applications/index.ts";
import applicationPolicies from "../access/applications/policies.ts";
import gatewayListItems from "../access/gateway-list-items.ts";
import groups from "../access/groups.ts";
import identityProviders from "../access/identity-providers/index.ts";
import mtlsCertificates from "../access/mtls-certificates.ts";
import organizations from "../access/organization.ts";
import reusablePolicies from "../access/policies.ts";
import serviceTokens from "../access/service-tokens.ts";
import type { Members } from "../core/change.ts";
import type { Room } from "../core/room.ts";
import type { World } from "../inventory/world.ts";
import { type Account, accountOf } from "./account.ts";
import { leastDuration, milliseconds } from "./durations.ts";
import { quoted } from "./effect/reasons.ts";
import { factorOf } from "./factor.ts";
import { loginKey, selectorOf } from "./facts.ts";
import { isEqual, membersOf, textOf } from "./fields.ts";
import { groupsUnder, isSupported, type Match, matches, roomsFor, roomsOfRules } from "./rules.ts";
import { type Identity, isMachine, selectors } from "./selectors.ts";
import { isStrict } from "./strict.ts";
import { all, not, type Verdict } from "./verdicts.ts";
import { policiesAt, policiesOf } from "./world.ts";

/** What Access does with somebody. */
export type AccessOutcome =
  | "allowed"
  | "allowed_after_approval"
  | "bypassed"
  | "service_auth"
  | "blocked"
  | "denied_by_default";

/** What became of one policy. */
export interface Step extends Match {
  readonly policy: Members;
  /** Whether whoever is asked has logged in, or need not. */
  readonly login: Verdict;
  /** Marks of the facts that would have to be known to tell. */
  readonly missing: readonly string[];
  /** What it does with those whom it matches. */
  readonly outcomes: readonly AccessOutcome[];
  readonly notes: readonly string[];
}

/** Everything that may happen, and why; certain when that is one thing. */
export interface Decision {
  readonly outcomes: ReadonlySet<AccessOutcome>;
  readonly certain: boolean;
  /** The policies that were looked at, in the order in which Access does; the last one decided if it surely matches. */
  readonly trace: readonly Step[];
}

/** An application with everything that decides who gets in. */
export interface Gate {
  readonly application: Members;
  /** In the order of their precedence. */
  readonly policies: readonly Members[];
  readonly account: Account;
  /** Ids of the identity providers that exist and are allowed; nothing when they are not known. */
  readonly logins: readonly string[] | undefined;
}

/** Every room that may be read to decide who gets in. */
export const decisiveRooms: ReadonlySet<Room> = new Set([
  applications,
  applicationPolicies,
  reusablePolicies,
  identityProviders,
  organizations,
  ...roomsOfRules,
]);

/** Reads what decides who gets into an application. */
export async function gateOf(application: Members, world: World): Promise<Gate> {
  const [policies, everyGroup] = await Promise.all([policiesOf(world, application), world.read(groups)]);
  const rooms = [reusablePolicies, groups, identityProviders, organizations, ...roomsFor(policies, everyGroup.items)];
  return gateIn(application, await accountOf(world, rooms));
}

/** `gateOf` where everything has been read. */
export function gateIn(application: Members, account: Account): Gate {
  const allowed = (application["allowed_idps"] ?? []) as readonly string[];
  const logins = account
    .all(identityProviders)
    ?.map(({ id }) => textOf(id))
    .filter((id) => allowed.length === 0 || allowed.includes(id));
  return { application, policies: policiesAt(application, account), account, logins };
}

/** What of the objects of a room decides, beside policies, groups and logins. */
const settings: readonly (readonly [room: Room, deciding: (item: Members) => unknown])[] = [
  [applications, ({ id, uid }) => [id, uid]],
  [organizations, ({ deny_unmatched_requests, deny_unmatched_requests_exempted_zone_names, ...rest }) => rest],
  [serviceTokens, ({ id, enabled, expires_at, duration }) => [id, enabled, expires_at, duration]],
  [mtlsCertificates, ({ id, associated_hostnames }) => [id, associated_hostnames]],
  [gatewayListItems, ({ list_id, value }) => [list_id, value]],
];

/** Whether all that decides is the same at two gates, so that nobody fares otherwise at one than at the other. */
export function isSameGate(one: Gate, other: Gate): boolean {
  if (!isEqual(one.logins, other.logins) || !haveSameRules(one, other)) return false;
  const unlike = unlikeRooms(one.account, other.account);
  return unlike.length === 0 || !roomsAt(one).some((room) => unlike.includes(room));
}

function haveSameRules(one: Gate, other: Gate): boolean {
  const isThere = (room: Room) => {
    const items = one.account.all(room);
    return items !== undefined && items === other.account.all(room);
  };
  // What no change touches is the very same object; what is put together of such is the same too.
  if (one.application === other.application && isThere(reusablePolicies) && isThere(groups)) return true;
  const [parts, others] = [partsOf(one), partsOf(other)];
  return parts.length === others.length && parts.every((part, at) => part === others[at] || isEqual(part, others[at]));
}

/** The rooms whose settings decide at a gate; items of lists wherever a rule may name a list. */
const roomsAt = ({ policies, account }: Gate): readonly Room[] => [
  organizations,
  gatewayListItems,
  ...roomsFor(policies, [...groupsUnder(policies, account)]),
];

const compared = new WeakMap<Account, WeakMap<Account, readonly Room[]>>();

/** The rooms whose settings decide and differ in two accounts; looked at once for all their gates. */
function unlikeRooms(one: Account, other: Account): readonly Room[] {
  const known = compared.get(one) ?? new WeakMap<Account, readonly Room[]>();
  compared.set(one, known);
  const isUnlike = ([room, deciding]: (typeof settings)[number]): boolean => {
    const [items, others] = [one.all(room), other.all(room)];
    if (items === others || items === undefined || others === undefined) return items !== others;
    const isSame = (item: Members, at: number) =>
      item === others[at] || isEqual(deciding(item), deciding(others[at] ?? {}));
    return items.length !== others.length || !items.every(isSame);
  };
  const unlike = known.get(other) ?? settings.filter(isUnlike).map(([room]) => room);
  known.set(other, unlike);
  return unlike;
}

const partsOf = ({ application, policies, account }: Gate): readonly unknown[] => [
  application,
  ...policies,
  ...[...groupsUnder(policies, account)].map(rulesAlone),
];

/** A group as far as it decides: its name does not. */
const rulesAlone = ({ id, include, require, exclude }: Members): Members => ({ id, include, require, exclude });

const doings: Readonly<Record<string, readonly AccessOutcome[]>> = {
  allow: ["allowed"],
  deny: ["blocked"],
  bypass: ["bypassed"],
  non_identity: ["service_auth"],
};

/** What Access does with an identity that comes to an application. */
export async function decide(identity: Identity, application: Members, world: World): Promise<Decision> {
  return pass(identity, await gateOf(application, world));
}

/** `decide` where everything has been read: bypass and service auth first, then block and allow, each in order. */
export function pass(identity: Identity, gate: Gate): Decision {
  const isEarly = ({ decision }: Members) => decision === "bypass" || decision === "non_identity";
  const late = gate.policies.filter((policy) => !isEarly(policy));
  const trace: Step[] = [];
  const outcomes = new Set<AccessOutcome>();
  for (const policy of [...gate.policies.filter(isEarly), ...late]) {
    const step = stepOf(policy, !isEarly(policy), identity, gate);
    trace.push(step);
    if (step.verdict === false) continue;
    for (const outcome of step.outcomes) outcomes.add(outcome);
    if (step.verdict === true) return { outcomes, certain: outcomes.size === 1, trace };
  }
  outcomes.add("denied_by_default");
  return { outcomes, certain: outcomes.size === 1, trace };
}

function stepOf(policy: Members, needsLogin: boolean, identity: Identity, gate: Gate): Step {
  const decision = textOf(policy["decision"]);
  const match = matches(policy, { ...gate, identity, decision });
  const known = doings[decision];
  const login = needsLogin ? canLogIn(identity, gate) : true;
  const verdict = all([match.verdict, login, known && true]);
  const missing = [...match.rules.flatMap((rule) => rule.missing), ...(login === undefined ? [loginKey] : [])];
  const isBrief = decision === "allow" && endsAtOnce(policy, gate);
  const isApproved = decision === "allow" && policy["approval_required"] === true;
  const outcomes = isApproved ? (["allowed_after_approval"] as const) : (known ?? (["allowed", "blocked"] as const));
  return {
    ...match,
    policy,
    login,
    verdict,
    missing: verdict === undefined ? missing : [],
    outcomes: isBrief ? ["blocked"] : outcomes,
    notes: [...(isBrief ? [endedNote] : notesOn(policy, gate)), ...doubtsAbout(match, gate)],
  };
}

/** Rules of which nobody can tell what they mean, those of its groups too where they count. */
function doubtsAbout({ rules }: Match, { application }: Gate): readonly string[] {
  const deep = rules.flatMap(({ missing }) => missing.map(selectorOf));
  const names = new Set([...rules.map(({ selector }) => selector), ...deep]);
  return [...names].flatMap((name): readonly string[] => {
    if (name === "group" || name === loginKey) return [];
    if (!Object.hasOwn(selectors, name)) return [`nobody knows the selector ${quoted(name)}`];
    return isSupported(name, application) ? [] : [`infrastructure applications do not support the selector ${name}`];
  });
}

/** A machine never logs in; a person needs an identity provider to do it by. */
function canLogIn(identity: Identity, { logins, account }: Gate): Verdict {
  const { service_token, login_method, facts } = identity;
  if (isMachine(identity)) return false;
  const mayLogIn = service_token === undefined ? true : not(isStrict(account));
  if (logins === undefined) return all([mayLogIn, facts?.get(loginKey)]);
  return all([mayLogIn, login_method === undefined ? logins.length > 0 : logins.includes(login_method)]);
}

/** Said of a policy whose sessions are too short to be of use. */
export const endedNote = "its session ends at once, so nobody stays logged in";

/** Policy before application; the organization's own session is needed as well (Cloudflare's session management page). */
export function endsAtOnce(policy: Members, { application, account }: Gate): boolean {
  const organization = membersOf(account.all(organizations)?.[0]);
  const byDevice = application["allow_authenticate_via_warp"] ?? organization["allow_authenticate_via_warp"];
  const sessions = [
    policy["session_duration"] ?? application["session_duration"],
    organization["session_duration"],
    byDevice === true ? organization["warp_auth_session_duration"] : undefined,
  ];
  return sessions.some((session) => milliseconds(textOf(session)) < leastDuration);
}

function notesOn(policy: Members, { application, account }: Gate): readonly string[] {
  if (policy["decision"] !== "allow") return [];
  return [
    ...(policy["approval_required"] === true ? ["each session has to be approved by somebody"] : []),
    ...(factorOf(application, account, policy).asked === true ? ["a second factor is asked for"] : []),
  ];
}
