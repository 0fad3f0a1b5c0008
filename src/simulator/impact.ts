import applications from "../access/applications/index.ts";
import identityProviders from "../access/identity-providers/index.ts";
import type { Members } from "../core/change.ts";
import type { Account } from "./account.ts";
import { counted } from "./answers.ts";
import { impliedBy } from "./apart.ts";
import { type Door, doorTo, elsewhere, hasMoved, type Passage, passagesAt, passagesWithout } from "./doors.ts";
import { type Gate, isSameGate } from "./evaluate.ts";
import { type Answer, wordFor } from "./explain.ts";
import { isEqual, textOf } from "./fields.ts";
import { standingsOf } from "./people.ts";
import type { Named, PrincipalKind, Principals } from "./reach.ts";
import { groupsUnder } from "./rules.ts";
import { abilityOf } from "./standing.ts";
import type { Verdict } from "./verdicts.ts";
import { type Way, waysInto } from "./who.ts";
import { conditionOf, named } from "./wording.ts";

/** Some who get in, or no longer do. */
export interface Shift extends Pick<Principals, "kind" | "label" | "outcome"> {
  readonly conditions?: readonly string[];
  /** Whether they got in before, and do after: of a class, `depends` may be some of them. */
  readonly was: Answer;
  readonly becomes: Answer;
  /** Whether none of the two depends on what is not known. */
  readonly certain: boolean;
}

/** Somebody whom the account knows. */
export interface Person {
  readonly id: string;
  readonly email: string;
  readonly certain: boolean;
}

/** What becomes of who gets into one application, or to what it stands in front of. */
export interface Impact {
  readonly application: Named;
  readonly is?: "new" | "gone";
  /** The addresses, where not all of the application fare alike. */
  readonly at?: readonly string[];
  /** Who answers there, where that is another. */
  readonly answered_by?: { readonly before: string; readonly after: string };
  readonly gains: readonly Shift[];
  readonly loses: readonly Shift[];
  /** The same by name, where the users are known. */
  readonly people?: { readonly gain: readonly Person[]; readonly lose: readonly Person[] };
  /** Other applications of which all of this is true too. */
  readonly alike?: readonly Named[];
  /** Why that is not the whole truth. */
  readonly unknown: readonly string[];
}

/** What is looked at besides the two accounts. */
export interface ImpactOptions {
  /** Ids of the only applications that can be concerned. */
  readonly only?: ReadonlySet<string>;
  readonly users?: readonly Members[];
}

/**
 * Who gains and who loses between two states of an account: by application, and where it came, went or moved by what
 * answers at its addresses, which may be nobody. What both decide alike is left out.
 */
export function impactOf(before: Account, after: Account, options: ImpactOptions = {}): readonly Impact[] {
  const { only, users = [] } = options;
  const [old, now] = [before, after].map((account) => {
    const all = account.all(applications) ?? [];
    const wanted = only === undefined ? all : all.filter(({ id }) => only.has(textOf(id)));
    return new Map(wanted.map((application) => [textOf(application["id"]), application]));
  }) as [Map<string, Members>, Map<string, Members>];
  const every = [...new Set([...old.keys(), ...now.keys()])];
  const moved = new Set(every.filter((id) => hasMoved(old.get(id), now.get(id))));
  const own = every.flatMap((id): readonly Passage[] => {
    const [was, is] = [old.get(id), now.get(id)];
    const application = is ?? was ?? {};
    if (application["type"] === "bookmark") return [];
    const about = { application: named(applications, application) };
    if (!moved.has(id)) return [{ ...about, was: doorTo(was, before), is: doorTo(is, after) }];
    const [left, right] = [was, is].map((one) => one && elsewhere(one));
    if (left === undefined && right === undefined) return [];
    return [{ ...about, ...left, ...right, was: doorTo(left && was, before), is: doorTo(right && is, after) }];
  });
  const passages = [...own, ...passagesAt(moved, before, after), ...passagesWithout(before, after)];
  const manyLogins = passages.filter(haveOtherLogins);
  const brief = new Set(manyLogins.length > few ? manyLogins : []);
  const impacts = passages.flatMap((passage): readonly Impact[] => {
    const found = brief.has(passage) ? loginsAt(passage) : impactAt(passage, users);
    const { id } = passage.application;
    const is = presence(old.has(id), now.has(id));
    return found === undefined ? [] : [{ ...found, ...(is && { is }) }];
  });
  const [had, has] = [before, after].map((account) => account.all(identityProviders)?.map(({ id }) => id));
  return isEqual(had, has) ? impacts : together(impacts);
}

const presence = (was: boolean, is: boolean) => (was === is ? undefined : is ? "new" : "gone");

function impactAt({ application, at, was, is }: Passage, users: readonly Members[]): Impact | undefined {
  const isSame = was.key === is.key;
  if (isSame && was.gates.every((gate, place) => isSameGate(gate, is.gates[place] ?? gate))) return undefined;
  const [then, next] = [was, is].map(sideOf) as [Side, Side];
  // Where the same answers, what is not certain of that is no news.
  const isSure = isSame || (was.certain && is.certain);
  const [gains, loses] = [gained(then, next, "gain", isSure), gained(next, then, "lose", isSure)];
  const people = users.length === 0 ? undefined : peopleMoved(users, was.gates, is.gates, isSure);
  const count = gains.length + loses.length + (people?.gain.length ?? 0) + (people?.lose.length ?? 0);
  if (count === 0) return undefined;
  const doubts = isSure ? [] : [was, is].filter(({ certain }) => !certain).map(({ why }) => why);
  return {
    application,
    ...(at && { at }),
    ...(!isSame && at && { answered_by: { before: was.text, after: is.text } }),
    gains,
    loses,
    ...(people && { people }),
    unknown: [...new Set([...next.unknown, ...doubts])],
  };
}

/** A door with every way in. */
interface Side {
  readonly gates: readonly Gate[];
  readonly ways: readonly Way[];
  readonly unknown: readonly string[];
}

function sideOf({ gates }: Door): Side {
  const found = gates.map(waysInto);
  return { gates, ways: found.flatMap(({ ways }) => ways), unknown: found.flatMap(({ unknown }) => unknown) };
}

/** Who gets in at one door and does not at the other. */
function gained(from: Side, to: Side, turn: "gain" | "lose", isSure: boolean): readonly Shift[] {
  const known = new Set(from.ways.map(markOf));
  const logins = loginsTold(from, to);
  const shifts = new Map<string, Shift>();
  const byLogin: Shift[] = [];
  for (const way of to.ways) {
    if (isNobody(way)) continue;
    const { kind, label, outcome, conditions } = way.principals;
    const shiftOf = (had: Verdict, has: Verdict, isCertain: boolean, terms: readonly string[]): Shift => {
      const [was, becomes] = (turn === "gain" ? [had, has] : [has, had]).map(wordFor) as [Answer, Answer];
      return { kind, label, outcome, ...(terms.length > 0 && { conditions: terms }), was, becomes, certain: isCertain };
    };
    if (!known.has(markOf(way))) {
      const [had, has] = [standingAt(way, from.gates), standingAt(way, to.gates)];
      if (had !== true && has !== false) {
        shifts.set(markOf(way), shiftOf(had, has, isSure && had === false && has === true, conditions));
        continue;
      }
      if (has === false) continue;
    }
    if (outcome !== "allowed" || way.identity.login_method !== undefined) continue;
    for (const [login_method, says] of logins) {
      const by = { ...way, identity: { ...way.identity, login_method } };
      const [had, has] = [standingAt(by, from.gates), standingAt(by, to.gates)];
      if (had === true || has === false || had === has) continue;
      // Those whom an address tells may have another login by which they got in before.
      const isSomebody = addressed.has(kind);
      const terms = [...conditions.filter((condition) => !condition.startsWith(loginWords)), says];
      const isCertain = isSure && !isSomebody && had === false && has === true;
      byLogin.push(shiftOf(isSomebody ? undefined : had, has, isCertain, terms));
    }
  }
  return [...shifts.values(), ...fewer(byLogin)];
}

/** Kinds that mean people by their address, whatever they log in by. */
const addressed: ReadonlySet<PrincipalKind> = new Set(["email", "email_list", "email_domain"]);

const loginWords = "login by ";

/** The logins to try one by one, with what they are called: all, where the two sides differ in them or rules ask for one. */
function loginsTold(from: Side, to: Side): readonly (readonly [id: string, says: string])[] {
  const idsOf = ({ gates }: Side) => [...new Set(gates.flatMap(({ logins = [] }) => logins))].sort();
  const [old, now] = [idsOf(from), idsOf(to)];
  const isAsked = [...from.gates, ...to.gates].some(asksForLogin);
  if (!isAsked && old.join() === now.join()) return [];
  return to.gates.slice(0, 1).flatMap((gate) => now.map((id) => [id, loginCalled(id, gate)] as const));
}

const asksForLogin = ({ policies, account }: Gate): boolean =>
  /"login_method"|"identity_provider_id"/.test(JSON.stringify([policies, ...groupsUnder(policies, account)]));

/** Shifts by login in few words: whoever else comes by one by which anybody does, and many addresses, are told once. */
function fewer(shifts: readonly Shift[]): readonly Shift[] {
  const isWide = ({ kind, conditions = [], certain }: Shift) =>
    kind === "any_login" && conditions.length === 1 && certain;
  const wide = new Set(shifts.filter(isWide).map(({ conditions = [] }) => conditions[0]));
  const told = new Map<string, Shift[]>();
  for (const shift of shifts) {
    const { label: _, ...rest } = shift;
    if (!isWide(shift) && wide.has(shift.conditions?.at(-1))) continue;
    const mark = JSON.stringify(rest);
    told.set(mark, [...(told.get(mark) ?? []), shift]);
  }
  return [...told.values()].flatMap((alike) => {
    const labels = [...new Set(alike.map(({ label }) => label))];
    const [first] = alike;
    if (first === undefined || labels.length > few) {
      const label = `${labels.slice(0, few).join(", ")} and ${labels.length - few} more`;
      return first === undefined ? [] : [{ ...first, label }];
    }
    return labels.map((label) => ({ ...first, label }));
  });
}

/** Whether all that differs is the logins, and neither those nor one that stays is asked for: who has a choice fares alike. */
function haveOtherLogins({ was, is }: Passage): boolean {
  const [old, now] = [was.gates[0], is.gates[0]];
  if (was.key !== is.key || old?.logins === undefined || now?.logins === undefined) return false;
  if (isEqual(old.logins, now.logins) || !isSameGate(old, { ...now, logins: old.logins })) return false;
  const rules = JSON.stringify([now.policies, ...groupsUnder(now.policies, now.account)]);
  const isAsked = (id: string) => rules.includes(JSON.stringify(id));
  const both = new Set([...old.logins, ...now.logins]);
  const staying = old.logins.filter((id) => now.logins?.includes(id));
  return !staying.every(isAsked) && ![...both].some((id) => !staying.includes(id) && isAsked(id));
}

/** `impactAt` in few words, where all that differs is the logins: whether anybody gets in by one, or some. */
function loginsAt({ application, was, is }: Passage): Impact | undefined {
  const [old, now] = [was.gates[0], is.gates[0]];
  if (old === undefined || now === undefined) return undefined;
  const told = (from: Gate, to: Gate, turn: "gain" | "lose"): readonly Shift[] =>
    (to.logins ?? []).flatMap((login_method): readonly Shift[] => {
      if (from.logins?.includes(login_method)) return [];
      // By a login that is not allowed only what asks for none lets in.
      const had = abilityOf({ login_method }, { ...from, policies: from.policies.filter(isEarly) }).verdict;
      const late = to.policies.filter((policy) => !isEarly(policy));
      const has = had === true ? had : abilityOf({ login_method }, { ...to, policies: late }).verdict;
      if (had === true || has === false) return [];
      const who = has
        ? ({ kind: "any_login", label: "anyone who can log in" } as const)
        : ({ kind: "login_method", label: "whoever the policies let in" } as const);
      const conditions = [loginCalled(login_method, to)];
      const [before, after] = (turn === "gain" ? [had, has] : [has, had]).map(wordFor) as [Answer, Answer];
      const certain = had === false && has === true;
      return [{ ...who, outcome: "allowed", conditions, was: before, becomes: after, certain }];
    });
  const [gains, loses] = [told(old, now, "gain"), told(now, old, "lose")];
  return gains.length + loses.length === 0 ? undefined : { application, gains, loses, unknown: [] };
}

const loginCalled = (id: string, { account }: Gate): string =>
  conditionOf({ selector: "login_method", argument: { id } }, account);

/** Impacts that say the same of many applications as one. */
function together(impacts: readonly Impact[]): readonly Impact[] {
  const groups = new Map<string, Impact[]>();
  for (const impact of impacts) {
    const { application, ...rest } = impact;
    const mark = impact.at === undefined ? JSON.stringify(rest) : JSON.stringify([application, rest]);
    const group = groups.get(mark);
    if (group === undefined) groups.set(mark, [impact]);
    else group.push(impact);
  }
  return [...groups.values()].flatMap((group) => {
    const [first, ...others] = group;
    if (first === undefined || group.length <= few) return group;
    return [{ ...first, alike: others.map(({ application }) => application) }];
  });
}

/** Nobody documents what a rule means whose group is gone; those who were in it are told by the rules that it had. */
const isNobody = ({ leaf }: Way): boolean => leaf.selector === "group";

const markOf = ({ principals: { kind, label, id, outcome, conditions } }: Way): string =>
  JSON.stringify([kind, label, id, outcome, conditions]);

const isEarly = ({ decision }: Members): boolean => decision === "bypass" || decision === "non_identity";

/** Whether those who come by a way get in; for who comes without login only what asks for none counts. */
function standingAt({ identity: given, leaf, principals: { outcome } }: Way, gates: readonly Gate[]): Verdict {
  return agreed(
    gates.map((gate) => {
      const identity = { ...given, facts: new Map([...impliedBy([leaf], gate), ...(given.facts ?? [])]) };
      if (outcome === "allowed") return abilityOf(identity, gate).verdict;
      return abilityOf(identity, { ...gate, policies: gate.policies.filter(isEarly) }).verdict;
    }),
  );
}

/** What all of several gates say, one of which answers; without a gate nobody gets in. */
function agreed(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.length === 0) return false;
  return verdicts.every((verdict) => verdict === verdicts[0]) ? verdicts[0] : undefined;
}

function peopleMoved(
  users: readonly Members[],
  was: readonly Gate[],
  is: readonly Gate[],
  isSure: boolean,
): Impact["people"] {
  const verdictsAt = (gates: readonly Gate[]) => {
    const sides = gates.map((gate) => new Map(standingsOf(users, gate).map(({ user, verdict }) => [user, verdict])));
    return (user: Members) => agreed(sides.map((side) => side.get(user)));
  };
  const [old, now] = [verdictsAt(was), verdictsAt(is)];
  const [gain, lose]: [Person[], Person[]] = [[], []];
  for (const user of users) {
    const email = textOf(user["email"]);
    if (email === "") continue;
    const [had, has] = [old(user), now(user)];
    if (had === has) continue;
    const person = { id: textOf(user["id"]), email, certain: isSure && had !== undefined && has !== undefined };
    if (had !== true && has !== false) gain.push(person);
    if (has !== true && had !== false) lose.push(person);
  }
  return { gain, lose };
}

/** Somewhere that an answer tells of; in another account ids mean nothing. */
export interface Concerned {
  readonly application: Omit<Named, "id"> & Partial<Named>;
  readonly alike?: readonly Named[];
}

/** Where somebody gains or loses, counted: `3 applications and hostnames that no application covers`. */
export function wordsFor(places: readonly Concerned[]): string {
  const all = places.flatMap(({ application, alike = [] }) => [application, ...alike]);
  const inside = all.filter(({ noun }) => noun === applications.noun);
  const count = counted(new Set(inside.map(({ id, name }) => id ?? name)).size, applications.noun);
  if (inside.length === all.length) return count;
  return `${inside.length > 0 ? `${count} and ` : ""}hostnames that no application covers`;
}

/** Those of each side that a rehearsal shows. */
const few = 5;

/** An impact in few words: who gains and who loses, with what must hold, and what is not certain. */
export function shortly({ application: { id, name }, is, at, alike = [], gains, loses }: Impact): Members {
  const said = (shifts: readonly Shift[]) => [
    ...shifts.slice(0, few).map(({ label, conditions = [], certain }) => {
      const terms = conditions.length === 0 ? "" : ` (${conditions.slice(0, few).join("; ")})`;
      return `${label}${terms}${certain ? "" : ", not certain of all"}`;
    }),
    ...(shifts.length > few ? [`and ${shifts.length - few} more`] : []),
  ];
  return {
    application: { id, name },
    ...(is && { application_is: is }),
    ...(at && { at: at.slice(0, few) }),
    ...(alike.length > 0 && { applications_alike: alike.length }),
    ...(gains.length > 0 && { gains: said(gains) }),
    ...(loses.length > 0 && { loses: said(loses) }),
  };
}
