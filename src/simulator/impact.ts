import applications from "../access/applications/index.ts";
import type { Members } from "../core/change.ts";
import type { Account } from "./account.ts";
import { apartFrom } from "./apart.ts";
import { type Gate, gateIn, isSameGate } from "./evaluate.ts";
import { type Answer, wordFor } from "./explain.ts";
import { textOf } from "./fields.ts";
import { type Standing, standingsOf } from "./people.ts";
import type { Named, Principals } from "./reach.ts";
import { abilityOf } from "./standing.ts";
import type { Verdict } from "./verdicts.ts";
import { type Way, waysInto } from "./who.ts";
import { named } from "./wording.ts";

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

/** What becomes of who gets into one application. */
export interface Impact {
  readonly application: Named;
  readonly is?: "new" | "gone";
  readonly gains: readonly Shift[];
  readonly loses: readonly Shift[];
  /** The same by name, where the users are known. */
  readonly people?: { readonly gain: readonly Person[]; readonly lose: readonly Person[] };
  /** Why that is not the whole truth. */
  readonly unknown: readonly string[];
}

/** What is looked at besides the two accounts. */
export interface ImpactOptions {
  /** Ids of the only applications that can be concerned. */
  readonly only?: ReadonlySet<string>;
  readonly users?: readonly Members[];
}

/** Who gains and who loses between two states of an account, by application; what both decide alike is left out. */
export function impactOf(before: Account, after: Account, options: ImpactOptions = {}): readonly Impact[] {
  const { only, users = [] } = options;
  const [old, now] = [before, after].map((account) => {
    const all = account.all(applications) ?? [];
    const wanted = only === undefined ? all : all.filter(({ id }) => only.has(textOf(id)));
    return new Map(wanted.map((application) => [textOf(application["id"]), gateIn(application, account)]));
  }) as [Map<string, Gate>, Map<string, Gate>];
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((id) => {
    const [was, is] = [old.get(id), now.get(id)];
    const application = (is ?? was)?.application ?? {};
    if (application["type"] === "bookmark" || (was && is && isSameGate(was, is))) return [];
    const [then, next] = [was, is].map((gate) => (gate === undefined ? { ways: [], unknown: [] } : waysInto(gate)));
    const [gains, loses] = [gained(then, next, was, is, "gain"), gained(next, then, is, was, "lose")];
    const people = users.length === 0 ? undefined : peopleMoved(users, was, is);
    const moved = gains.length + loses.length + (people?.gain.length ?? 0) + (people?.lose.length ?? 0);
    if (moved === 0) return [];
    return [
      {
        application: named(applications, application),
        ...(was === undefined && { is: "new" as const }),
        ...(is === undefined && { is: "gone" as const }),
        gains,
        loses,
        ...(people && { people }),
        unknown: next?.unknown ?? [],
      },
    ];
  });
}

/** Who gets in at one gate and does not at the other. */
function gained(
  from: Ways = nowhere,
  to: Ways = nowhere,
  old: Gate | undefined,
  now: Gate | undefined,
  turn: "gain" | "lose",
): readonly Shift[] {
  const known = new Set(from.ways.map(markOf));
  const shifts = new Map<string, Shift>();
  for (const way of to.ways) {
    const { kind, label, outcome, conditions } = way.principals;
    if (known.has(markOf(way)) || isNobody(way)) continue;
    const [had, has] = [standingAt(way, old), standingAt(way, now)];
    if (had === true || has === false) continue;
    const [was, becomes] = (turn === "gain" ? [had, has] : [has, had]).map(wordFor) as [Answer, Answer];
    const certain = had === false && has === true;
    shifts.set(markOf(way), {
      kind,
      label,
      outcome,
      ...(conditions.length > 0 && { conditions }),
      was,
      becomes,
      certain,
    });
  }
  return [...shifts.values()];
}

type Ways = ReturnType<typeof waysInto>;
const nowhere: Ways = { ways: [], unknown: [] };

/** Nobody documents what a rule means whose group is gone; those who were in it are told by the rules that it had. */
const isNobody = ({ leaf }: Way): boolean => leaf.selector === "group";

const markOf = ({ principals: { kind, label, id, outcome, conditions } }: Way): string =>
  JSON.stringify([kind, label, id, outcome, conditions]);

/** Whether those who come by a way get in; for who comes without login only what asks for none counts. */
function standingAt({ identity: given, leaf, principals: { outcome } }: Way, gate: Gate | undefined): Verdict {
  if (gate === undefined) return false;
  const identity = { ...given, facts: new Map([...apartFrom([leaf], gate), ...(given.facts ?? [])]) };
  if (outcome === "allowed") return abilityOf(identity, gate).verdict;
  const policies = gate.policies.filter(({ decision }) => decision === "bypass" || decision === "non_identity");
  return abilityOf(identity, { ...gate, policies }).verdict;
}

function peopleMoved(users: readonly Members[], was: Gate | undefined, is: Gate | undefined): Impact["people"] {
  const at = (gate: Gate | undefined) =>
    new Map((gate === undefined ? [] : standingsOf(users, gate)).map((standing) => [standing.user, standing]));
  const [old, now] = [at(was), at(is)];
  const moved = (from: ReadonlyMap<Members, Standing>, to: ReadonlyMap<Members, Standing>): readonly Person[] =>
    users.flatMap((user): readonly Person[] => {
      const [had, has] = [from, to].map((side) => (side.size === 0 ? false : side.get(user)?.verdict));
      if (had === has || had === true || has === false) return [];
      return [{ id: textOf(user["id"]), email: textOf(user["email"]), certain: had === false && has === true }];
    });
  return { gain: moved(old, now), lose: moved(now, old) };
}

/** Those of each side that a rehearsal shows. */
const few = 5;

/** An impact in few words: who gains and who loses, with what must hold, and what is not certain. */
export function shortly({ application: { id, name }, is, gains, loses }: Impact): Members {
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
    ...(gains.length > 0 && { gains: said(gains) }),
    ...(loses.length > 0 && { loses: said(loses) }),
  };
}
