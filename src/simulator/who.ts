import applications from "../access/applications/index.ts";
import groups from "../access/groups.ts";
import identityProviders from "../access/identity-providers/index.ts";
import type { Members } from "../core/change.ts";
import type { Account } from "./account.ts";
import { addressesOf } from "./addresses.ts";
import { impliedBy } from "./apart.ts";
import { areApart } from "./cases.ts";
import { quoted } from "./effect/reasons.ts";
import { endsAtOnce, type Gate, gateIn, pass, type Step } from "./evaluate.ts";
import { factOf, loginKey, selectorOf } from "./facts.ts";
import { listOf, textOf } from "./fields.ts";
import type { Named, Principals, Reach } from "./reach.ts";
import { groupsUnder, isSupported, roomsFor } from "./rules.ts";
import { type Identity, ruleKey, selectors } from "./selectors.ts";
import { someoneBy } from "./settle.ts";
import { conditionOf, type Leaf, leafAt, leafOf, named, phraseOf } from "./wording.ts";

/** Some who match a policy by one of its rules, and everything that has to hold on the way there. */
interface Path extends Leaf {
  readonly rule: Members;
  readonly field: string;
  readonly through: readonly Named[];
  /** The rules of the policy and of every group on the way. */
  readonly require: readonly Members[];
  readonly exclude: readonly Members[];
}

/** Some who may get in, and somebody who is all that is said of them. */
export interface Way {
  readonly principals: Principals;
  readonly leaf: Leaf;
  readonly identity: Identity;
}

/** Every way into an application, in the order in which Access looks, and why that is not the whole truth. */
export function waysInto(gate: Gate): { readonly ways: readonly Way[]; readonly unknown: readonly string[] } {
  const { account } = gate;
  const unknown = new Set(unreadOf(gate));
  const ways = inOrder(gate.policies).flatMap((policy, place, all) => {
    const outcome = outcomes[textOf(policy["decision"])];
    if (outcome === undefined) {
      if (policy["decision"] !== "deny") unknown.add(`policy ${title(policy)} has a decision that nobody knows`);
      return [];
    }
    // Those before it that do the same with somebody take nothing away, unless their sessions end at once.
    const isOther = (one: Members) => one["decision"] !== policy["decision"] || endsAtOnce(one, gate);
    const earlier = all.slice(0, place).filter(isOther);
    // A policy without rules says only what it asks of everybody.
    const bare = { ...policy, include: [], require: [], exclude: [] };
    const asked = pass({}, { ...gate, policies: [bare] }).trace[0]?.notes ?? [];
    return [...pathsIn(policy, account, unknown)].flatMap((path): readonly Way[] => {
      const terms = termsOf(path, { policy, earlier, asked }, gate);
      if (terms === undefined) return [];
      for (const doubt of [...terms.doubts, ...doubtsAbout(path, policy, gate)]) unknown.add(doubt);
      const { kind, label, id } = whom(path, policy, account);
      const { field, through } = path;
      const by = { noun: "policy", id: textOf(policy["id"]), name: textOf(policy["name"]) };
      const { conditions, identity } = terms;
      const told = { kind, label, ...(id !== undefined && { id }), outcome, policy: by, field, through, conditions };
      return [{ identity, leaf: path, principals: told }];
    });
  });
  return { ways, unknown: [...unknown] };
}

/** Who may get into an application, read off its policies; everything that decides has to be in the account. */
export function reachOf(application: Members, account: Account): Reach {
  const { ways, unknown } = waysInto(gateIn(application, account));
  const type = textOf(application["type"]);
  return {
    application: { ...named(applications, application), type, addresses: addressesOf(application) },
    principals: ways.map(({ principals }) => principals),
    unknown,
  };
}

const outcomes: Readonly<Record<string, Principals["outcome"]>> = {
  allow: "allowed",
  bypass: "bypassed",
  non_identity: "service_auth",
};

const isEarly = ({ decision }: Members): boolean => decision === "bypass" || decision === "non_identity";

/** Bypass and service auth first, as Access asks them. */
const inOrder = (policies: readonly Members[]): readonly Members[] => [
  ...policies.filter(isEarly),
  ...policies.filter((policy) => !isEarly(policy)),
];

const title = (policy: Members): string => quoted(policy["name"] ?? policy["id"]);

/** What decides and could not be read. */
function unreadOf({ application, policies, account, logins }: Gate): readonly string[] {
  const needed = roomsFor(policies, [...groupsUnder(policies, account)]);
  const unread = needed.filter((room) => account.all(room) === undefined);
  if (account.all(groups) === undefined && JSON.stringify(policies).includes('"group"')) unread.push(groups);
  if (logins === undefined && policies.some(({ decision }) => decision === "allow")) unread.push(identityProviders);
  return [
    ...new Set(unread.map(({ noun }) => `which ${noun}s there are could not be read`)),
    ...(application["policies"] === undefined && application["type"] !== "bookmark"
      ? ["its policies are not shown"]
      : []),
  ];
}

/** Every rule by which somebody matches, through groups too; a group that leads back to itself adds nobody. */
function* pathsIn(
  holder: Members,
  account: Account,
  unknown: Set<string>,
  way: Pick<Path, "through" | "require" | "exclude"> = { through: [], require: [], exclude: [] },
): Generator<Path> {
  const here = {
    through: way.through,
    require: [...way.require, ...listOf(holder["require"])],
    exclude: [...way.exclude, ...listOf(holder["exclude"])],
  };
  for (const [index, rule] of listOf(holder["include"]).entries()) {
    const { selector, argument } = leafOf(rule);
    const id = textOf(argument["id"]);
    const group = selector === "group" ? account.find(groups, id) : undefined;
    if (group === undefined) {
      yield { selector, argument, rule, field: `include[${index}]`, ...here };
    } else if (here.through.some((one) => one.id === id)) {
      unknown.add(`group ${title(group)} leads back to itself, and nobody documents what that means`);
    } else {
      yield* pathsIn(group, account, unknown, { ...here, through: [...here.through, named(groups, group)] });
    }
  }
}

const whom = ({ selector, argument }: Leaf, { decision }: Members, account: Account) => {
  const phrase = phraseOf({ selector, argument }, account);
  if (selector !== "everyone") return phrase;
  if (decision === "bypass") return { ...phrase, kind: "internet" as const, label: "anyone, without login" };
  if (decision === "allow") return { ...phrase, label: "anyone who can log in" };
  return { ...phrase, kind: "other" as const, label: "everyone, as far as that means machines" };
};

/** What nobody knows about the rules of a path, told with its place. */
function* doubtsAbout(path: Path, policy: Members, { application, account }: Gate): Generator<string> {
  const { selector, argument, through } = path;
  const place = [`policy ${title(policy)}`, ...through.map(({ id, name }) => `group ${quoted(name ?? id)}`)].join(", ");
  if (selector === "everyone" && policy["decision"] === "non_identity") {
    yield `${place}: nobody documents what everyone means where machines are let in`;
  }
  if (selector === "group" && account.all(groups) !== undefined) {
    yield `${place}: group ${quoted(argument["id"])} is not there, and nobody documents what that means`;
  }
  for (const { selector: name } of [path, ...[...path.require, ...path.exclude].map(leafOf)]) {
    if (name === "group") continue;
    if (!Object.hasOwn(selectors, name)) yield `${place}: nobody knows the selector ${quoted(name)}`;
    else if (!isSupported(name, application)) yield `${place}: infrastructure applications do not support ${name}`;
  }
}

/** What must hold for somebody to get in, and somebody for whom it does. */
interface Terms {
  readonly conditions: readonly string[];
  /** What nobody knows about groups that it requires or leaves out. */
  readonly doubts: readonly string[];
  readonly identity: Identity;
}

/** A policy when it is its turn. */
interface Turn {
  readonly policy: Members;
  readonly earlier: readonly Members[];
  readonly asked: readonly string[];
}

/** The terms for those of a path, or nothing when they never get in by it. */
function termsOf(path: Path, { policy, earlier, asked }: Turn, gate: Gate): Terms | undefined {
  const { account } = gate;
  const own = [path, ...path.require.map(leafOf)].filter(({ selector }) => isSupported(selector, gate.application));
  if (own.some((one) => own.some((other) => areApart(one, other)))) return undefined;
  const narrow = { ...policy, include: [path.rule], require: path.require, exclude: path.exclude };
  const [step] = pass(identityOf(path), { ...gate, policies: [narrow] }).trace;
  if (step === undefined || step.verdict === false || step.outcomes.includes("blocked")) return undefined;
  const open = step.rules.filter(({ place, verdict }) => place !== "include" && verdict === undefined);
  const said = open.map(({ place, field }) => ({ place, leaf: leafAt(narrow, field) }));
  const needed = said
    .filter(({ leaf }) => leaf.selector !== "group")
    .map(({ place, leaf }) => [ruleKey(leaf.selector, leaf.argument), place === "require"] as const);
  const known = identityOf(path, [...needed, ...impliedBy(own, gate)]);
  const isSettled = step.verdict === true && earlier.length === 0;
  const identity = isSettled ? known : someoneBy(narrow, known, { ...gate, policies: [...earlier, narrow] });
  if (identity === false) return undefined;
  const before = earlier.length === 0 ? [] : pass(known, { ...gate, policies: earlier }).trace;
  const blocks = before.filter(({ verdict, outcomes }) => verdict === undefined && outcomes.includes("blocked"));
  const conditions = [
    ...said.map(({ place, leaf }) => `${place === "require" ? "" : "not "}${conditionOf(leaf, account)}`),
    ...blocks.map((block) => blockedBy(block, account)),
    ...asked,
    ...(policy["decision"] === "allow" ? loginsOf(path, gate) : []),
  ];
  const groupless =
    account.all(groups) === undefined ? [] : step.missing.filter((mark) => selectorOf(mark) === "group");
  const doubts = groupless.map((mark) => `policy ${title(policy)}: nobody documents ${factOf(mark).what}`);
  return { conditions: [...new Set(conditions)], doubts, identity };
}

/** Somebody of whom nothing is known but that a rule means them, and what is assumed. */
function identityOf({ selector, argument }: Leaf, assumed: readonly (readonly [string, boolean])[] = []): Identity {
  const provider = selector === "login_method" ? argument["id"] : argument["identity_provider_id"];
  return {
    facts: new Map([...assumed, [loginKey, true], [ruleKey(selector, argument), true]]),
    ...(selector === "email" && { email: textOf(argument["email"]) }),
    ...(selector === "service_token" && { service_token: textOf(argument["token_id"]) }),
    ...(textOf(provider) !== "" && { login_method: textOf(provider) }),
  };
}

/** What an earlier policy takes away. */
function blockedBy({ policy, rules }: Step, account: Account): string {
  const open = rules.filter(({ place, verdict }) => place === "include" && verdict !== false);
  const said = open.slice(0, most).map(({ field }) => conditionOf(leafAt(policy, field), account));
  const more = open.length > most ? ` and ${open.length - most} more` : "";
  return `not blocked by policy ${title(policy)}: ${said.join(" or ")}${more}`;
}

const most = 3;

/** The ways to log in that an application is limited to. */
function loginsOf({ selector, argument }: Path, { application, account, logins = [] }: Gate): readonly string[] {
  const allowed = application["allowed_idps"];
  const isSaid = selector === "login_method" || argument["identity_provider_id"] !== undefined;
  if (!Array.isArray(allowed) || allowed.length === 0 || isSaid) return [];
  const names = logins.map((id) => quoted(account.find(identityProviders, id)?.["name"] ?? id));
  return [
    `login by ${names.slice(0, most).join(" or ")}${names.length > most ? ` or ${names.length - most} more` : ""}`,
  ];
}
