import { z } from "zod";
import userIdentity from "../../access/user-identity.ts";
import users from "../../access/users.ts";
import type { Members } from "../../core/change.ts";
import { type Operation, ownOperation } from "../../core/operation.ts";
import type { Account } from "../account.ts";
import { counted, listed, snapshot, type WorldFor, worldOf } from "../answers.ts";
import { factOf, selectorOf } from "../facts.ts";
import { textOf } from "../fields.ts";
import { applicationMeant } from "../lookup.ts";
import { type Standing, standingsOf } from "../people.ts";
import { type PrincipalKind, type Principals, principalKinds } from "../reach.ts";
import { identityFrom } from "../seen.ts";
import type { Identity } from "../selectors.ts";
import { reachOf } from "../who.ts";
import { conditionAt } from "../wording.ts";
import { gateAt, remarksOn, withoutGate } from "./common.ts";

/** Users by name that an answer shows of each kind. */
const fewUsers = 10;

/** Who may get into an application. */
export const whoCanAccess = (worldFor: WorldFor): Operation =>
  ownOperation({
    name: "who_can_access",
    title: "Who can access",
    summary:
      "Who can reach an application: people, domains, groups, tokens, networks, with conditions, and known users.",
    effect: "read",
    answers: "list",
    input: z.strictObject({ application: z.string().min(1).describe("Id, name or URL"), snapshot }),
    output: z.looseObject({ kind: z.string(), who: z.string(), outcome: z.string() }),
    async run(call, workshop) {
      const world = await worldOf(worldFor, call, workshop);
      const sought = await applicationMeant(textOf(call.input["application"]), world);
      const { application } = sought;
      const open = withoutGate(sought);
      if (application === undefined || open !== undefined) {
        return listed(call, { verdict: open?.verdict, ...open?.more }, []);
      }
      const gate = await gateAt(application, world, [users]);
      const { application: shown, principals, unknown } = reachOf(application, gate.account);
      const people = gate.account.all(users);
      // Live, each would be a request of its own.
      const seen = call.input["snapshot"] === undefined ? new Map() : seenIn((await world.read(userIdentity)).items);
      const standings = people === undefined ? undefined : standingsOf(people, gate, seen);
      const doubts = principals.length > 0 ? unknown : doubtsIn(unknown, standings ?? [], gate.account);
      const head = {
        verdict: principals.length > 0 ? verdictOf(principals) : nobody(doubts),
        application: shown,
        counts: countsOf(principals),
        certain: doubts.length === 0,
        ...(unknown.length > 0 && { unknown }),
        users: standings === undefined ? "they could not be read" : usersOf(standings, seen.size),
      };
      return listed(call, head, principals.toSorted(widestFirst).map(rowOf), remarksOn(application));
    },
  });

const widestFirst = (one: Principals, other: Principals): number =>
  principalKinds.indexOf(one.kind) - principalKinds.indexOf(other.kind);

const rowOf = ({ label, conditions, through, kind, id, outcome, policy, field }: Principals): Members => ({
  kind,
  who: label,
  ...(id !== undefined && { id }),
  outcome,
  ...(conditions.length > 0 && { conditions }),
  policy: { id: policy.id, name: policy.name },
  field,
  ...(through.length > 0 && { through: through.map(({ id, name }) => ({ id, name })) }),
});

function countsOf(principals: readonly Principals[]): Readonly<Partial<Record<PrincipalKind, number>>> {
  const kinds = principalKinds.map((kind) => [kind, principals.filter((one) => one.kind === kind).length] as const);
  return Object.fromEntries(kinds.filter(([, count]) => count > 0));
}

/** What is not known that is told in the verdict. */
const fewReasons = 3;

/** What it depends on whether anybody gets in where nobody is known to; nothing when it is sure that nobody does. */
function doubtsIn(unknown: readonly string[], standings: readonly Standing[], account: Account): readonly string[] {
  if (unknown.length > 0) return unknown;
  const open = standings.filter(({ verdict }) => verdict !== false).flatMap(({ missing }) => missing);
  return [...new Set(open)].map((mark) =>
    unclear.has(selectorOf(mark)) ? factOf(mark).what : conditionAt(mark, account),
  );
}

/** Rules of which not whether they hold is open, but what they mean. */
const unclear: ReadonlySet<string> = new Set(["everyone", "group"]);

/** Of an application that nobody is known to get into. */
function nobody(reasons: readonly string[]): string {
  if (reasons.length === 0) return "Nobody can get in.";
  const more = reasons.length > fewReasons ? `; and ${reasons.length - fewReasons} more` : "";
  return `Nobody surely gets in; it depends on what is not known: ${reasons.slice(0, fewReasons).join("; ")}${more}.`;
}

/** The widest that is open, in one sentence. */
function verdictOf(principals: readonly Principals[]): string {
  const open = (kind: PrincipalKind) => principals.filter((one) => one.kind === kind);
  const isFree = (kind: PrincipalKind) => open(kind).some(({ conditions }) => conditions.length === 0);
  if (isFree("internet")) return "Anyone on the internet gets in, without login and without log.";
  if (isFree("any_login")) return "Anyone who can log in gets in.";
  const early = principals.filter(({ outcome }) => outcome !== "allowed").length;
  const wide = open("internet").length + open("any_login").length > 0 ? "; anyone, under conditions," : "";
  return `${counted(principals.length, "kind")} of principals can get in${wide}${early > 0 ? `; ${early} without a login` : ""}.`;
}

/** What each user's last login showed, by user id. */
const seenIn = (identities: readonly Members[]): ReadonlyMap<string, Identity> =>
  new Map(identities.map((one) => [textOf(one["user_id"]), identityFrom(one).identity]));

function usersOf(standings: readonly Standing[], seen: number): Members {
  const having = (verdict: Standing["verdict"]) => standings.filter((one) => one.verdict === verdict);
  const [yes, depends] = [having(true), having(undefined)];
  const some = (of: readonly Standing[]) =>
    of
      .map(({ user }) => textOf(user["email"]))
      .sort()
      .slice(0, fewUsers);
  return {
    known: standings.length,
    yes: yes.length,
    no: standings.length - yes.length - depends.length,
    depends: depends.length,
    ...(seen > 0 && { judged_by_last_login: seen }),
    ...(yes.length > 0 && { who: some(yes) }),
    ...(depends.length > 0 && { who_depends: some(depends) }),
  };
}
