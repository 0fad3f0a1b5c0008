import type { Members } from "../../../core/change.ts";
import { counted } from "../../../simulator/answers.ts";
import type { Check } from "../../check.ts";
import { type Estate, subject } from "../../estate.ts";
import { groupOf, type Place, places, type Rule, rulesAt } from "../shared/closure.ts";
import { groupFix, inGroup, staff, without } from "./rules.ts";

/** So many groups may stand one below the other. */
const deepest = 3;

/** How deep the groups below a group go, and the rule that leads there. */
interface Nesting {
  readonly depth: number;
  readonly place?: Place;
  readonly rule?: Rule;
  readonly below: readonly Members[];
}

interface Nestings {
  readonly nestingOf: ReadonlyMap<Members, Nesting>;
  /** Groups that lead back to themselves, in the order in which they do, from the one with the least id. */
  readonly cycles: ReadonlyMap<string, readonly Members[]>;
}

function nestings(estate: Estate): Nestings {
  const nestingOf = new Map<Members, Nesting>();
  const cycles = new Map<string, readonly Members[]>();
  const path: Members[] = [];
  const visit = (group: Members): Nesting => {
    const known = nestingOf.get(group);
    if (known !== undefined) return known;
    path.push(group);
    let nesting: Nesting = { depth: 0, below: [] };
    for (const place of places) {
      for (const rule of rulesAt(group, place)) {
        const inner = groupOf(estate, rule);
        if (inner === undefined) continue;
        const back = path.indexOf(inner);
        if (back >= 0) {
          const cycle = fromLeast(path.slice(back));
          cycles.set(JSON.stringify(cycle.map(({ id }) => id)), cycle);
          continue;
        }
        const { depth, below } = visit(inner);
        if (depth + 1 > nesting.depth) nesting = { depth: depth + 1, place, rule, below: [inner, ...below] };
      }
    }
    path.pop();
    nestingOf.set(group, nesting);
    return nesting;
  };
  for (const group of estate.items("groups")) visit(group);
  return { nestingOf, cycles };
}

function fromLeast(cycle: readonly Members[]): readonly Members[] {
  const ids = cycle.map(({ id }) => String(id));
  const least = ids.indexOf(ids.toSorted()[0] ?? "");
  return [...cycle.slice(least), ...cycle.slice(0, least)];
}

/** The rule by which one group names another. */
const linkTo = (group: Members, inner: Members | undefined) =>
  places
    .flatMap((place) => rulesAt(group, place).map((rule) => ({ place, rule })))
    .find(({ rule }) => rule.selector === "group" && rule.argument["id"] === inner?.["id"]);

const chain = (...ids: readonly string[]) =>
  ids.map((id, at) => ({ id, include: [inGroup(ids[at + 1] ?? "leaf")], require: [] }));

/** `GRP-03`. */
export const nesting: Check = {
  id: "GRP-03",
  title: "Groups in a circle, or nested deeply",
  severity: "medium",
  why: "Cloudflare does not say how it decides such groups, and nobody can tell by reading who is in them.",
  reads: ["groups"],
  *find(estate) {
    const { nestingOf, cycles } = estate.once(nestings);
    for (const [mark, cycle] of cycles) {
      const [group = {}, next = group] = cycle;
      const { place, rule } = linkTo(group, next) ?? {};
      if (place === undefined || rule === undefined) continue;
      yield {
        subject: subject("groups", group),
        says:
          cycle.length === 1
            ? "it names itself"
            : `it leads back to itself through ${counted(cycle.length - 1, "other group")}`,
        field: rule.field,
        value: rule.rule,
        mark,
        related: cycle.slice(1).map((one) => subject("groups", one)),
        fix: groupFix(group, place, without(group, place, rule.field), "rules of those who shall be in it"),
      };
    }
    for (const [group, { depth, rule, below }] of nestingOf) {
      // What is above it is as deep for the same reason.
      if (depth !== deepest + 1 || rule === undefined) continue;
      yield {
        subject: subject("groups", group),
        says: `${depth} groups stand one below the other in it`,
        field: rule.field,
        value: rule.rule,
        related: below.map((one) => subject("groups", one)),
      };
    }
  },
  remedy: "Take the rule out that leads back; write rules of deep groups into the ones above.",
  falsePositive: "Hardly ever; a deep chain may be generated from a directory.",
  source: "the API takes groups as rules of groups; own judgement",
  flagged: [
    { says: "a group that names itself", account: { groups: [{ id: "g", include: [inGroup("g")] }] } },
    {
      says: "two groups that name each other",
      account: {
        groups: [
          { id: "b", include: [staff, inGroup("a")] },
          { id: "a", include: [staff], exclude: [inGroup("b")] },
        ],
      },
    },
    {
      says: "four below one",
      account: { groups: [...chain("a", "b", "c", "d"), { id: "leaf", include: [staff] }] },
    },
  ],
  clean: [
    {
      says: "three below one, one of them reached twice",
      account: {
        groups: [
          ...chain("a", "b", "c"),
          { id: "leaf", include: [staff] },
          { id: "x", include: [inGroup("b"), inGroup("leaf")] },
        ],
      },
    },
  ],
};
