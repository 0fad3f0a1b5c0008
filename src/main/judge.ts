import type { Call } from "../core/call.ts";
import type { Ask, Change } from "../core/change.ts";
import { AccessError } from "../core/errors.ts";
import { type Entry, pathFields } from "../core/room.ts";
import { changesFrom, isPlan } from "../journal/changes.ts";
import type { Journal } from "../journal/store.ts";
import type { Judge, Objection } from "../pipeline/ports.ts";
import { brokenRule, type Counted, type Known, type OperatorRules } from "../pipeline/rules/index.ts";
import type { Find } from "../pipeline/rules/parts.ts";
import { type GuardSettings, type LockOut, shortly, simulator } from "../simulator/index.ts";
import type { SettingValues } from "./settings.ts";

export interface JudgeSettings {
  readonly entries: ReadonlyMap<string, Entry>;
  readonly guard: GuardSettings | "off";
  readonly rules: OperatorRules | undefined;
  readonly journal: Journal;
  readonly confirm: SettingValues["confirm"];
}

/** Whether somebody will see what a rehearsal says of who gains and who loses: at the first look, not when it is done. */
const isLookedAt = ({ rehearsal, answer, control }: Call, confirm: JudgeSettings["confirm"]): boolean =>
  control?.dry_run === true ||
  (confirm !== "never" && rehearsal === undefined && answer === undefined && control?.ticket === undefined);

/** What Access semantics, the guard and the operator's rules say about a change, over one reading of the account. */
export function judge({ entries, guard, rules, journal, confirm }: JudgeSettings): Judge {
  return async (change, ask, call) => {
    const account = simulator(ask, guard);
    const [{ references, unread, effect, basis }, lockOuts, nobody] = await Promise.all([
      account.assess(change),
      account.lockOuts(change),
      account.meaningNobody(change),
    ]);
    const impact = isLookedAt(call, confirm) ? (await account.impact(change, references)).map(shortly) : [];
    const known = {
      reason: call.control?.reason,
      references,
      unread,
      find: finder(entries, ask),
      // What takes back a failed plan is not held up by numbers.
      count: call.plan !== undefined && call.undoes !== undefined ? async () => 0 : counter(journal, call),
    };
    const broken = rules === undefined ? undefined : await brokenRule(rules, change, new Date(), known);
    const notes = [
      ...(unread.length === 0 ? [] : [`What refers to it is not wholly known; not to be read: ${unread.join(", ")}.`]),
      ...nobody.map((name) => `The guard names ${JSON.stringify(name)}, which means nobody here: tell the operator.`),
    ];
    return {
      assessment: { effect, references, impact, basis, notes },
      objections: [
        ...(broken === undefined
          ? []
          : [{ message: `${broken.object}: ${broken.why} (rule ${broken.rule})`, next: broken.next }]),
        ...lockOuts.map(objection),
      ],
    };
  };
}

const objection = ({ application, identity, why, next }: LockOut): Objection => ({
  message: `the guard keeps ${identity} from being locked out${application === undefined ? "" : ` of ${JSON.stringify(application)}`}: ${why}`,
  next: `${next} Nothing was sent, and no confirmation overrides the guard.`,
});

/** Reads an object by the noun of its room; nothing for what has no address of its own, or cannot be read. */
function finder(entries: ReadonlyMap<string, Entry>, ask: Ask): Find {
  return async (noun, id) => {
    const get = [...entries.values()].find(({ room, verb }) => verb === "get" && room.noun === noun);
    const [own, ...more] = get === undefined ? [] : pathFields(get);
    if (get === undefined || own === undefined || more.length > 0) return undefined;
    try {
      return (await ask(get, { [own]: id })) as Change["before"];
    } catch (error) {
      if (error instanceof AccessError && error.facts.kind !== "cancelled") return undefined;
      throw error;
    }
  };
}

const counts: Readonly<Record<Counted, (effect: string) => boolean>> = {
  writes: () => true,
  destroys: (effect) => effect === "delete" || effect === "revoke",
};

/** How many changes the journal knows since a moment that were, or may have been, made; and those that go before in a plan. */
function counter(journal: Journal, { plan }: Call): NonNullable<Known["count"]> {
  return async (counted, since) => {
    const changes = changesFrom(await journal.entries({ since: since.toISOString() }));
    const ahead = plan?.ahead?.filter(counts[counted]).length ?? 0;
    const done = changes.filter(({ intent, status }) => {
      const effect = intent?.deed.effect;
      return (
        effect !== undefined &&
        !isPlan(intent) &&
        status !== "not_done" &&
        status !== "failed" &&
        counts[counted](effect)
      );
    }).length;
    return done + ahead;
  };
}

/** The guard as the operator's setting names it. */
export function guardFrom(names: readonly string[] | "off" | undefined): GuardSettings | "off" {
  if (names === "off") return "off";
  const [applications, identities] = [true, false].map((isApplication) =>
    (names ?? [])
      .filter((name) => name.startsWith("app:") === isApplication)
      .map((name) => name.replace(/^(?:app|group|token):/, "")),
  ) as [string[], string[]];
  return { identities, applications };
}
