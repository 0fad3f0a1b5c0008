import type { Call, Stage } from "../core/call.ts";
import { AccessError } from "../core/errors.ts";
import { anatomy, shapesOf } from "../core/model.ts";
import type { Effect } from "../core/operation.ts";

/** How much one process may change. */
export interface Allowances {
  /** Objects deleted or revoked in any ten minutes. */
  readonly destroysPer10Minutes: number;
  /** Objects written in any minute, whatever the write. */
  readonly writesPerMinute: number;
}

interface Window {
  readonly what: string;
  readonly flag: string;
  /** Milliseconds, and how they read. */
  readonly length: number;
  readonly span: string;
  readonly limit: number;
  readonly counts: (effect: Effect) => boolean;
  /** When each object was written, oldest first. */
  readonly written: number[];
}

const isDestroy = (effect: Effect): boolean => effect === "delete" || effect === "revoke";

/** A budget of writes: a stage that takes from it, and a way to take for several calls at once, all or nothing. */
export interface Budget extends Stage {
  take(name: string, calls: readonly Call[]): void;
  /** Refuses without counting, before somebody is asked for a yes that would come to nothing. */
  readonly look: Stage;
}

/** Stops loops: counts the objects that calls write and refuses what goes beyond. `now` is in milliseconds. */
export function allowance(
  { destroysPer10Minutes, writesPerMinute }: Allowances,
  now: () => number = () => performance.now(),
): Budget {
  const windows: readonly Window[] = [
    {
      what: "deletions and revocations",
      flag: "--max-destroys",
      length: 600_000,
      span: "10 minutes",
      limit: destroysPer10Minutes,
      counts: isDestroy,
      written: [],
    },
    {
      what: "writes",
      flag: "--max-writes",
      length: 60_000,
      span: "minute",
      limit: writesPerMinute,
      counts: (effect) => effect !== "read",
      written: [],
    },
  ];

  const check = (name: string, calls: readonly Call[]) => {
    const time = now();
    const asked = windows.map((window) => ({ window, objects: objectsIn(calls, window) }));
    const [longest] = asked
      .map(({ window, objects }) => ({ window, objects, wait: waitFor(window, objects, time) }))
      .toSorted((one, other) => other.wait - one.wait);
    if (longest !== undefined && longest.wait > 0) {
      throw exhausted(name, longest.window, longest.objects, longest.wait);
    }
    return { asked, time };
  };
  const take = (name: string, calls: readonly Call[]): void => {
    const { asked, time } = check(name, calls);
    for (const { window, objects } of asked) for (let count = 0; count < objects; count++) window.written.push(time);
  };

  const look: Stage = async (call, next) => {
    if (call.plan === undefined && call.control?.dry_run !== true) check(call.entry.name, [call]);
    return next(call);
  };

  const stage: Stage = async (call, next) => {
    // The steps of a plan were counted before the first of them.
    if (call.plan === undefined) take(call.entry.name, [call]);
    return next(call);
  };
  return Object.assign(stage, { look, take });
}

const objectsIn = (calls: readonly Call[], { counts }: Window): number =>
  calls.reduce((sum, call) => sum + (counts(call.entry.effect) ? objectsOf(call) : 0), 0);

/** Milliseconds until so many objects may be written; infinite when they never may. */
function waitFor({ written, limit, length }: Window, objects: number, time: number): number {
  if (objects === 0) return 0;
  const fresh = written.findIndex((at) => at > time - length);
  written.splice(0, fresh === -1 ? written.length : fresh);
  if (objects > limit) return Number.POSITIVE_INFINITY;
  const last = written[written.length + objects - limit - 1];
  return last === undefined ? 0 : last + length - time;
}

/** How many objects a call writes: one, or the items of the list that a destroy, or a whole body, consists of. */
function objectsOf({ entry, input }: Call): number {
  const fields = shapesOf(entry.input).flatMap((shape) =>
    Object.entries(shape).flatMap(([name, field]) => (anatomy(field).kind === "array" ? [name] : [])),
  );
  const lists = isDestroy(entry.effect) ? fields : fields.filter((name) => entry.place?.[name] === "body");
  const given = lists.length === 1 && lists[0] !== undefined ? input[lists[0]] : undefined;
  return Array.isArray(given) ? Math.max(1, given.length) : 1;
}

function exhausted(name: string, window: Window, objects: number, wait: number): AccessError {
  const { what, flag, span, limit, written } = window;
  const isNever = wait === Number.POSITIVE_INFINITY;
  const seconds = isNever ? undefined : Math.ceil(wait / 1000);
  const asked = objects === 1 ? "" : `; this call brings ${objects}`;
  const ways = [
    ...(seconds === undefined ? [] : [`Wait ${seconds} seconds`]),
    ...(isNever && objects > 1 && limit > 0 ? [`Make it at most ${limit} a call`] : []),
    `have the operator raise ${flag}`,
  ].join(", or ");
  return new AccessError(
    `${name} is refused: ${written.length} of ${limit} ${what} allowed per ${span} are done${asked}`,
    {
      kind: "refused",
      next: `${ways.charAt(0).toUpperCase()}${ways.slice(1)}; nothing was sent.`,
      outcome: "not_sent",
      retry_after_seconds: seconds,
    },
  );
}
