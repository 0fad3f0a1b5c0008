import type { Members } from "../../core/change.ts";
import { membersOf } from "../fields.ts";
import { type Finding, finding, listed, type Pair, quoted } from "./reasons.ts";

/** Says what it means that a field differs; called only when it does. Nothing sent and `null` are `undefined`. */
type Compare = (field: string, before: unknown, after: unknown) => readonly Finding[];

/** Settings by field; a table stands for an object of further fields. */
export interface Settings {
  readonly [field: string]: Compare | Settings;
}

/** The same text for values that mean the same: members in any order, without those that are `null`. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const members = Object.entries(value).filter(([, member]) => member !== undefined && member !== null);
  return `{${members
    .map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`)
    .toSorted()
    .join()}}`;
}

export const isSame = (one: unknown, other: unknown): boolean => canonical(one) === canonical(other);

/** What the settings that differ mean; a field that the table does not know is unclear, and its value is not shown. */
export function compared(settings: Settings, before: Members, after: Members, path = ""): readonly Finding[] {
  const fields = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...fields].flatMap((field) => {
    const [old, now] = [before[field] ?? undefined, after[field] ?? undefined];
    if (isSame(old, now)) return [];
    const isKnown = Object.hasOwn(settings, field);
    const name = `${path}${isKnown ? field : quoted(field)}`;
    const judge = isKnown ? settings[field] : unclear;
    if (typeof judge === "function") return judge(name, old, now);
    return compared(judge ?? {}, membersOf(old), membersOf(now), `${name}.`);
  });
}

/** For what says nothing about who gets in. */
export const neutral: Compare = () => [];

/** For what nobody can tell the meaning of. Values are not shown: they may be secrets. */
export const unclear: Compare = (field) => [finding("unclear", `${field} changes`)];

/** For what opens something whichever way it changes. */
export const changed =
  (code: Pair[0]): Compare =>
  (field, before, after) => [finding(code, goes(field, before, after))];

const goes = (field: string, before: unknown, after: unknown) =>
  `${field} goes from ${quoted(before)} to ${quoted(after)}`;

/** For what has an order: `rank` is higher where more get in, `undefined` where it cannot be told. */
export const ranked =
  ([wider, narrower]: Pair, rank: (value: unknown) => number | undefined): Compare =>
  (field, before, after) => {
    const [old, now] = [rank(before), rank(after)];
    if (old !== undefined && old === now) return [];
    const isNarrower = old !== undefined && now !== undefined && now < old;
    return [finding(isNarrower ? narrower : wider, goes(field, before, after))];
  };

/** For flags; absent means `absent`, and where that is set elsewhere, in between. */
export const flag = (pair: Pair, opens: boolean, absent?: boolean): Compare =>
  ranked(pair, (value) => {
    const set = value ?? absent;
    return set === undefined ? 0.5 : Number(set === opens);
  });

/** For words in order, the widest last; an unknown one cannot be told. */
export const steps = (pair: Pair, words: readonly (string | undefined)[]): Compare =>
  ranked(pair, (value) => {
    const place = words.indexOf(value as string | undefined);
    return place < 0 ? undefined : place;
  });

const units: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1e3,
  m: 6e4,
  h: 3.6e6,
  d: 8.64e7,
};

/** Milliseconds of `30m`, `2h45m`, `90d` or `forever`; `undefined` for anything else. */
export function milliseconds(duration: unknown): number | undefined {
  if (duration === "forever") return Number.POSITIVE_INFINITY;
  if (typeof duration !== "string" || !/^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h|d))+$/.test(duration)) return undefined;
  return [...duration.matchAll(/([\d.]+)(\D+)/g)].reduce(
    (sum, [, amount, unit = ""]) => sum + Number(amount) * (units[unit] ?? 0),
    0,
  );
}

/** For durations; when one is absent another place decides, which cannot be told unless `absent` says what it is. */
export const lasting = (pair: Pair, absent?: string): Compare => ranked(pair, (value) => milliseconds(value ?? absent));

/** For how long a login counts. */
export const session = (absent?: string): Compare => lasting(["longer_session", "shorter_session"], absent);

/** What a list, seen as a set, gains and loses. */
export function setChanges(before: unknown, after: unknown): { gained: readonly unknown[]; lost: readonly unknown[] } {
  const [old, now] = [before, after].map((list) => (Array.isArray(list) ? list : list === undefined ? [] : [list]));
  const beyond = (one: readonly unknown[] = [], other: readonly unknown[] = []) => {
    const known = new Set(other.map(canonical));
    return one.filter((item) => !known.has(canonical(item)));
  };
  return { gained: beyond(now, old), lost: beyond(old, now) };
}

/** For lists in which each entry lets more in. */
export const growing =
  ([wider, narrower]: Pair): Compare =>
  (field, before, after) => {
    const { gained, lost } = setChanges(before, after);
    return [
      ...(gained.length > 0 ? [finding(wider, `${field} gains ${listed(gained.map(quoted))}`)] : []),
      ...(lost.length > 0 ? [finding(narrower, `${field} loses ${listed(lost.map(quoted))}`)] : []),
    ];
  };

/** The same for lists that stand for everything while they are empty. */
export const choosing =
  (pair: Pair): Compare =>
  (field, before, after) => {
    const isEmpty = (list: unknown) => setChanges(undefined, list).gained.length === 0;
    if (isEmpty(before) && isEmpty(after)) return [];
    if (isEmpty(after)) return [finding(pair[0], `${field} is empty, which stands for all`)];
    if (isEmpty(before))
      return [finding(pair[1], `${field} is limited to ${listed((after as unknown[]).map(quoted))}`)];
    return growing(pair)(field, before, after);
  };

/** An object that means something by being there at all; `isOn` says when it does. */
export const whole =
  (pair: Pair, isOn: (value: Members) => boolean, settings: Settings): Compare =>
  (field, before, after) => {
    const [old, now] = [membersOf(before), membersOf(after)];
    if (isOn(old) && isOn(now)) return compared(settings, old, now, `${field}.`);
    if (isOn(now)) return [finding(pair[0], `${field} is set`)];
    return isOn(old) ? [finding(pair[1], `${field} is gone or off`)] : [];
  };
