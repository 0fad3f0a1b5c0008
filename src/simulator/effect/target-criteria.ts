import type { Members } from "../../core/change.ts";
import { membersOf } from "../fields.ts";
import { choosing, compared, growing, isSame, neutral, type Settings, setChanges } from "./compare.ts";
import { type Finding, finding, type Pair, quoted } from "./reasons.ts";

const pair: Pair = ["targets_added", "targets_removed"];

/** What a part of a criterion asks of targets, by tag key or `hostname`. */
function asked(part: unknown, older?: unknown): Members {
  const { tags, target_attributes, ...rest } = membersOf(part);
  const labels = Object.entries(membersOf(tags)).map(([key, values]) => [`tags.${key}`, values]);
  return { ...rest, ...membersOf(target_attributes), ...membersOf(older), ...Object.fromEntries(labels) };
}

const pairsIn = (part: Members): readonly string[] =>
  Object.entries(part).flatMap(([key, values]) =>
    setChanges(undefined, values).gained.map((value) => `${key}=${value}`),
  );

const parts: Settings = {
  protocol: neutral,
  port: neutral,
  include: neutral,
  require: neutral,
  exclude: neutral,
  target_attributes: neutral,
};

/** One criterion: any of include, all of require, none of exclude (developers.cloudflare.com, infrastructure applications). */
function comparedCriteria(field: string, before: Members, after: Members): readonly Finding[] {
  const include = [before, after].map((one) => pairsIn(asked(one["include"], one["target_attributes"])));
  const [required, requires] = [asked(before["require"]), asked(after["require"])];
  const [excluded, excludes] = [pairsIn(asked(before["exclude"])), pairsIn(asked(after["exclude"]))];
  return [
    ...compared(parts, before, after, `${field}.`),
    ...growing(pair)(`${field}.include`, include[0], include[1]),
    ...Object.keys({ ...required, ...requires })
      .filter((key) => !isSame(required[key], requires[key]))
      .flatMap((key) => choosing(pair)(`${field}.require ${quoted(key)}`, required[key], requires[key])),
    // Leaving out fewer is reaching more.
    ...growing(pair)(`${field}: what exclude leaves`, excludes, excluded),
  ];
}

/** What other target criteria mean for which machines an application reaches. */
export const targetCriteria: Settings[string] = (field, before, after) => {
  const { gained, lost } = setChanges(before, after);
  const [now, old] = [gained.map(membersOf), lost.map(membersOf)];
  const only = (criteria: readonly Members[], { protocol, port }: Members) => {
    const alike = criteria.filter((one) => one["protocol"] === protocol && one["port"] === port);
    return alike.length === 1 ? alike[0] : undefined;
  };
  const twins = now.map((criterion) => {
    const isAlone = only(now, criterion) !== undefined;
    return { criterion, twin: isAlone ? only(old, criterion) : undefined };
  });
  const matched = new Set(twins.map(({ twin }) => twin));
  return [
    ...twins.flatMap(({ criterion, twin }) =>
      twin === undefined
        ? [finding(pair[0], `${field} gains ${quoted(criterion)}`)]
        : comparedCriteria(field, twin, criterion),
    ),
    ...old.filter((one) => !matched.has(one)).map((one) => finding(pair[1], `${field} loses ${quoted(one)}`)),
  ];
};
