import type { Members } from "../core/change.ts";
import { hostCovers } from "./globs.ts";
import {
  covers,
  overlap,
  type Place,
  type PrivatePlace,
  type PublicPlace,
  placesIn,
  type WorkerPlace,
} from "./places.ts";

/** The places of some applications, by what they may be asked for. */
export interface Directory {
  /** By which labels of their hostname have a `*`, then by that hostname with those labels open; plain names last. */
  readonly named: ReadonlyMap<string, ReadonlyMap<string, readonly PublicPlace[]>>;
  readonly private: readonly PrivatePlace[];
  readonly workers: readonly WorkerPlace[];
}

const directories = new WeakMap<readonly Members[], Directory>();

/** Made once for a list of applications. */
export function directoryOf(applications: readonly Members[]): Directory {
  const known = directories.get(applications) ?? directed(applications.flatMap(placesIn));
  directories.set(applications, known);
  return known;
}

function directed(places: readonly Place[]): Directory {
  const named = places.filter((place) => place.kind === "public");
  const masks = [...groupedBy(named, ({ host }) => maskOf(host))].sort(
    ([one], [other]) => Number(other.includes("*")) - Number(one.includes("*")),
  );
  return {
    named: new Map(masks.map(([mask, alike]) => [mask, groupedBy(alike, ({ host }) => opened(host, mask))])),
    private: places.filter((place) => place.kind === "private"),
    workers: places.filter((place) => place.kind === "worker"),
  };
}

function groupedBy<Item>(items: Iterable<Item>, keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const there = groups.get(key);
    if (there === undefined) groups.set(key, [item]);
    else there.push(item);
  }
  return groups;
}

/** Where a hostname has dots and `*`: `*..` of `*.example.com`. */
const maskOf = (host: string): string => host.replaceAll(/[^.*]+/g, "");

const areAsLong = (mask: string, other: string): boolean => mask.replaceAll("*", "") === other.replaceAll("*", "");

/** A hostname with those labels open in which a mask has a `*`: names that cover each other come out alike. */
function opened(host: string, mask: string): string {
  if (!mask.includes("*")) return host;
  const open = mask.split(".");
  const labels = host.split(".").map((label, at) => (open[at] === "" ? label : "*"));
  return labels.join(".");
}

/** The places at a hostname, whatever their path. */
export function placesAt(host: string, { named }: Directory): readonly PublicPlace[] {
  const own = maskOf(host);
  return [...named].flatMap(([mask, places]) => {
    const near = areAsLong(mask, own) ? places.get(opened(host, mask)) : undefined;
    return near?.filter((place) => hostCovers(place.host, host)) ?? [];
  });
}

/** Two places of different applications that have something in common. */
export interface Rivalry {
  /** `covers`: all that goes to `narrow` could go to `wide` as well; `crosses`: each has something of its own. */
  readonly relation: "equal" | "covers" | "crosses";
  readonly wide: Place;
  readonly narrow: Place;
  /** What goes to both. */
  readonly example: string;
}

const rivalries = new WeakMap<readonly Members[], readonly Rivalry[]>();

/** Every two places of different applications that have something in common; made once for a list of applications. */
export function rivalsIn(applications: readonly Members[]): readonly Rivalry[] {
  const known = rivalries.get(applications) ?? [...pairsIn(directoryOf(applications))].flatMap(rivalry);
  rivalries.set(applications, known);
  return known;
}

function rivalry([one, other]: readonly [Place, Place]): readonly Rivalry[] {
  const example = one.application === other.application ? undefined : overlap(one, other);
  if (example === undefined) return [];
  const [isWide, isNarrow] = [covers(one, other), covers(other, one)];
  const relation = isWide && isNarrow ? "equal" : isWide || isNarrow ? "covers" : "crosses";
  const [wide, narrow] = isNarrow && !isWide ? [other, one] : [one, other];
  return [{ relation, wide, narrow, example }];
}

/** Pairs that may have something in common, each once. */
function* pairsIn({ named, private: hidden, workers }: Directory): Generator<readonly [Place, Place]> {
  const masks = [...named];
  for (const [at, [mask, names]] of masks.entries()) {
    for (const places of names.values()) yield* mask.includes("*") ? pairs(places) : pathPairs(places);
    for (const [other, others] of masks.slice(at + 1)) {
      if (!areAsLong(mask, other)) continue;
      const near = groupedBy(others, ([name]) => opened(name, mask));
      for (const [name, places] of names) {
        for (const [, rivals] of near.get(opened(name, other)) ?? []) yield* between(places, rivals);
      }
    }
  }
  yield* pairs(hidden);
  yield* pairs(workers);
}

function* pairs<Item>(items: readonly Item[]): Generator<readonly [Item, Item]> {
  for (const [at, one] of items.entries()) for (const other of items.slice(at + 1)) yield [one, other];
}

function* between<Item>(items: readonly Item[], others: readonly Item[]): Generator<readonly [Item, Item]> {
  for (const one of items) for (const other of others) yield [one, other];
}

/** Pairs at one hostname: what one path begins with, up to its `*`, the other begins with too. */
function* pathPairs(places: readonly PublicPlace[]): Generator<readonly [Place, Place]> {
  const known = places.map((place) => ({ place, start: place.path.replace(/\*.*/s, "") }));
  const sorted = known.sort((one, other) => (one.start < other.start ? -1 : Number(one.start > other.start)));
  for (const [at, { place, start }] of sorted.entries()) {
    for (let next = at + 1; sorted[next]?.start.startsWith(start); next++) {
      const other = sorted[next];
      if (other !== undefined) yield [place, other.place];
    }
  }
}
