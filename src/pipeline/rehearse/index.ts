import type { Call, Next, Scope, Stage } from "../../core/call.ts";
import type { Ask, Assessment, Change, Control, Undo, Written } from "../../core/change.ts";
import { refused } from "../../core/errors.ts";
import { type Entry, pathFields } from "../../core/room.ts";
import { conflict } from "../conflict.ts";
import { masked } from "../masks.ts";
import type { Judge, Objection, Turns } from "../ports.ts";
import { canonical, differences } from "./difference.ts";
import { changesNothing, fingerprint, secretsAtRisk, thinkThrough } from "./think.ts";
import { undoOf } from "./undoing.ts";

export interface RehearseSettings {
  /** Carries out reads; they are part of the call that is rehearsed. */
  readonly read: Next;
  readonly entries: ReadonlyMap<string, Entry>;
  readonly judge: Judge;
  readonly turns: Turns;
  /** Whose objects a call works on that names no scope. */
  readonly scopeOf: (call: Call) => Promise<Scope>;
}

/**
 * Thinks a write through before anybody has to agree: reads the live object, merges, compares, and asks what it does
 * to who gets in. What the operator or the guard forbids ends here; a dry run only says so.
 */
export function rehearse({ read, entries, judge, scopeOf, turns }: RehearseSettings): Stage {
  return async (given, next) => {
    if (given.entry.effect === "read") return next(given);
    const call = { ...given, scope: await scopeOf(given) };
    const { entry, input, control = {} } = call;
    const turn = await turns.now(canonical(call.scope));
    const asking = askWithin(call, read, entries);
    const ask = call.seeing?.(asking) ?? asking;
    const change = await thinkThrough(entry, input, control, ask);
    if (call.expects !== undefined && fingerprint(entry, change.before) !== call.expects) {
      throw conflict({ ...change, before: call.expected ?? change.before }, call.expected, change.before);
    }
    if (changesNothing(change) && control.replace !== true && control.dry_run !== true) {
      return { result: change.before, notes: [`It is like that already: nothing was sent to ${entry.name}.`] };
    }
    const { assessment, objections: others } = await judge(change, ask, call);
    const undo = undoOf(change, assessment);
    const objections = [...others, ...lasting(control, undo)];
    const [first] = objections;
    if (first !== undefined && control.dry_run !== true) throw refused(`${entry.name}: ${first.message}`, first.next);

    const secrets = entry.secrets ?? [];
    const widening = assessment.effect.reasons.filter(({ direction }) => direction === "widen");
    const rehearsal = {
      change,
      differences:
        change.after === undefined
          ? []
          : differences(masked(change.before ?? {}, secrets), masked(change.after, secrets)),
      assessment,
      risks: [
        ...risksOf(change, control, undo, assessment),
        ...widening.map(({ text }) => text),
        ...secretsAtRisk(change).map(wipes),
      ],
      objections: objections.map(({ message }) => message),
      turn,
      undo,
      written: writtenOf(change),
    };
    return next({ ...call, given: input, input: change.input, rehearsal });
  };
}

/** Nobody can promise to take back what cannot be taken back. */
export const lasting = ({ revert_after }: Control, { undoable, why }: Undo): readonly Objection[] =>
  revert_after === undefined || undoable !== "no"
    ? []
    : [
        {
          message: `revert_after: it could not be taken back then: ${why}`,
          next: "Nothing was sent. Make the call without revert_after if the change may stay.",
        },
      ];

/** The change as it may be written down. */
function writtenOf({ entry, input, before, after }: Change): Written {
  const secrets = entry.secrets ?? [];
  return {
    input: masked(input, secrets),
    before: masked(before, secrets),
    after: masked(after, secrets),
    digest_before: fingerprint(entry, before),
    digest_after: fingerprint(entry, after),
  };
}

const wipes = (path: string) =>
  `${path} is never shown, so it is not sent along; Cloudflare does not say whether that keeps it. Give it to be sure.`;

/** Other operations within the same call: only reads, all pages of a list. */
export function askWithin(call: Call, read: Next, entries: ReadonlyMap<string, Entry>): Ask {
  return async ({ name }, input) => {
    const entry = entries.get(name);
    if (entry === undefined || entry.effect !== "read") throw new Error(`${name} is not a read of the catalogue`);
    const { scope, signal, deadline } = call;
    const inner = { entry, input, signal, deadline, view: { all: true } };
    return (await read(scope === undefined ? inner : { ...inner, scope })).result;
  };
}

/** Why a write is risky whatever it does to access. */
function risksOf(
  { entry, before }: Change,
  { revert_after }: Control,
  { destroys = [] }: Undo,
  { effect }: Assessment,
): readonly string[] {
  const what = `${entry.room.noun}${before === undefined ? "" : ` ${nameOf(entry, before)}`}`;
  const risks: string[] = [];
  if (entry.effect === "delete") risks.push(`deletes the ${what}`);
  if (entry.effect === "revoke") risks.push(`ends sessions: ${entry.summary}`);
  if (entry.effect === "rotate") risks.push(`replaces credentials that are in use: ${entry.summary}`);
  if (concernsEverybody(entry)) risks.push(`holds for the whole organization: ${entry.room.noun}`);
  if (destroys.length > 0) risks.push(`destroys ${destroys.join(", ")}: it comes back only under another id`);
  if (revert_after !== undefined && effect.direction === "narrow") {
    risks.push("lets more in again when it is taken back, whatever the policies say by then");
  }
  return risks;
}

export const nameOf = (entry: Entry, shown: Readonly<Record<string, unknown>>): string => {
  const name = shown["name"] ?? shown["hostname"] ?? shown[entry.room.key ?? "id"];
  return typeof name === "string" && name !== "" ? JSON.stringify(name) : "without a name";
};

/** Settings of which an account has one: no id leads to them. */
function concernsEverybody({ effect, siblings }: Entry): boolean {
  const { get, list, update } = siblings;
  const one = [get, update].find((operation) => operation !== undefined);
  return (
    effect !== "action" &&
    one !== undefined &&
    pathFields(one).length === 0 &&
    (get === undefined || list === undefined)
  );
}
