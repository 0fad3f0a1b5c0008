import applicationsRoom from "../access/applications/index.ts";
import organizations from "../access/organization.ts";
import type { Members } from "../core/change.ts";
import type { Account } from "./account.ts";
import { directoryOf, placesAt } from "./directory.ts";
import { type Gate, gateIn } from "./evaluate.ts";
import { isEqual, membersOf, textOf } from "./fields.ts";
import { pathCovers, pathsMeet } from "./globs.ts";
import { matchPlace, type UrlMatch, unanswered } from "./matching.ts";
import { type Place, placesIn } from "./places.ts";
import type { Named } from "./reach.ts";
import { named } from "./wording.ts";

/** What answers somewhere: an application, nobody, or one of several where nobody can tell which. */
export interface Door {
  /** The same wherever the same answers. */
  readonly key: string;
  readonly applications: readonly Members[];
  /** Who answers, as an owner reads it. */
  readonly text: string;
  /** What decides who gets in: one of them, as all do where there are several; nothing where there is no way in. */
  readonly gates: readonly Gate[];
  readonly certain: boolean;
  readonly why: string;
}

/** Where what answers is not what it was. */
export interface Passage {
  readonly application: Named;
  /** The addresses; all there are of it when absent. */
  readonly at?: readonly string[];
  readonly was: Door;
  readonly is: Door;
}

/** A gate for those who meet no application: one that lets everybody in, or nobody. */
const gateless = (account: Account, isOpen: boolean): Gate => ({
  application: { policies: [] },
  policies: isOpen ? [{ decision: "bypass", include: [{ everyone: {} }] }] : [],
  account,
  logins: [],
});

const withoutApplication: Readonly<Record<string, readonly [text: string, isOpen: readonly boolean[]]>> = {
  open: ["nobody: it is open to everybody", [true]],
  denied: ["nobody: the organization refuses it", [false]],
  unknown: ["nobody can tell", [true, false]],
};

/** The way into an application, wherever that is; `undefined` for one that is not there. */
export const doorTo = (application: Members | undefined, account: Account): Door => ({
  key: textOf(application?.["id"]),
  applications: application === undefined ? [] : [application],
  text: application === undefined ? "nobody" : nameOf(application),
  gates: application === undefined ? [] : [gateIn(application, account)],
  certain: true,
  why: "",
});

const nameOf = (application: Members): string => {
  const { id, name } = named(applicationsRoom, application);
  return `application ${JSON.stringify(name ?? id)}`;
};

function doorOf(match: Pick<UrlMatch, "answers" | "certain" | "why" | "open" | "unmatched">, account: Account): Door {
  const { answers, certain, why, open, unmatched = "unknown" } = match;
  if (answers.length > 0 && open === undefined) {
    const applications = answers.map(({ application }) => application);
    return {
      key: applications.map(({ id }) => textOf(id)).join(" "),
      applications,
      text: applications.map(nameOf).join(" or "),
      gates: applications.map((application) => gateIn(application, account)),
      certain,
      why,
    };
  }
  const key = open !== undefined || unmatched === "exempt" ? "open" : unmatched;
  const [text, isOpen] = withoutApplication[key] ?? ["", []];
  return { key: `(${key})`, applications: [], text, gates: isOpen.map((one) => gateless(account, one)), certain, why };
}

/** A place, or what an override leaves open of it. */
interface Spot {
  readonly place: Place;
  readonly path: string;
  readonly text: string;
}

/** The places of an application that are open to everybody without it; with the rest of its hostnames, which it names. */
function spotsOf(application: Members): readonly Spot[] {
  return placesIn(application).flatMap((place): readonly Spot[] => {
    if (place.kind === "private") return [];
    const isPublic = place.kind === "public";
    const start = isPublic ? place.host : `${place.text} `;
    const paths = [isPublic ? place.path : "", "", ...place.open];
    return [...new Set(paths)].map((path) => ({ place, path, text: `${start}${path}`.trim() }));
  });
}

/** What wider hostnames have of the paths below a spot: there they answer rather than nobody. */
function crossings({ place, path }: Spot, account: Account): readonly Spot[] {
  if (place.kind !== "public") return [];
  const { host } = place;
  return placesAt(host, directoryOf(account.all(applicationsRoom) ?? [])).flatMap((wide): readonly Spot[] => {
    if (wide.host === host || pathCovers(wide.path, path)) return [];
    const shared = pathCovers(path, wide.path) ? wide.path : pathsMeet(wide.path, path);
    return shared === undefined ? [] : [{ place, path: shared, text: `${host}${shared}` }];
  });
}

/** What an application has beside its spots: what is private, or what stands at no address at all. */
export function elsewhere(application: Members): { readonly at?: readonly string[] } | undefined {
  const places = placesIn(application);
  const hidden = places.filter(({ kind }) => kind === "private").map(({ text }) => text);
  return places.length === 0 ? {} : hidden.length > 0 ? { at: hidden } : undefined;
}

const standsAt = (application: Members | undefined): readonly unknown[] =>
  placesIn(application ?? {}).map((place) => ({ ...place, application: undefined, field: undefined }));

/** Whether an application stands where it stood, as far as somebody gets in there who meets no application. */
export const hasMoved = (was: Members | undefined, is: Members | undefined): boolean =>
  was !== is &&
  [was, is].some((one) => one !== undefined && spotsOf(one).length > 0) &&
  !isEqual(standsAt(was), standsAt(is));

/** What answers at the addresses of applications that have moved, those with the same before and after together. */
export function passagesAt(moved: ReadonlySet<string>, before: Account, after: Account): readonly Passage[] {
  const found = new Map<string, Passage & { readonly at: string[] }>();
  const seen = new Set<string>();
  const isMoved = ({ id }: Members) => moved.has(textOf(id));
  const all = [after, before].flatMap((account) => (account.all(applicationsRoom) ?? []).filter(isMoved));
  for (const own of all) {
    const spots = spotsOf(own);
    const shared = [before, after].flatMap((account) => spots.flatMap((spot) => crossings(spot, account)));
    for (const { place, path, text } of [...spots, ...shared]) {
      if (seen.has(text)) continue;
      seen.add(text);
      const [was, is] = [before, after].map((account) => doorOf(matchPlace(place, path, account), account)) as [
        Door,
        Door,
      ];
      if (was.key === is.key && is.applications.length === 0) continue;
      const shown = [...is.applications, ...was.applications].find(isMoved) ?? own;
      const key = JSON.stringify([shown["id"], was.key, is.key, was.certain, is.certain]);
      const alike = found.get(key) ?? { application: named(applicationsRoom, shown), at: [], was, is };
      alike.at.push(text);
      found.set(key, alike);
    }
  }
  return [...found.values()];
}

/** What becomes of the hostnames that no application covers, where the organization changes that. */
export function passagesWithout(before: Account, after: Account): readonly Passage[] {
  const [old, now] = [before, after].map((account) => membersOf(account.all(organizations)?.[0])) as [Members, Members];
  if (old === now || before.all(organizations) === undefined || after.all(organizations) === undefined) return [];
  const zones = [old, now].flatMap(({ deny_unmatched_requests_exempted_zone_names: names }) =>
    Array.isArray(names) ? names.map(textOf) : [],
  );
  const rest = { id: "*", name: "hostnames that no application covers" };
  const inZone = (zone: string) => ({
    id: `*.${zone}`,
    name: `hostnames in zone "${zone}" that no application covers`,
  });
  const all = [["", rest] as const, ...[...new Set(zones)].map((zone) => [zone.toLowerCase(), inZone(zone)] as const)];
  const passages = all.map(([host, about]) => {
    const [was, is] = [before, after].map((account) =>
      doorOf({ answers: [], ...unanswered(host, false, account) }, account),
    ) as [Door, Door];
    return { application: { noun: "hostname", ...about }, was, is };
  });
  const [wide] = passages;
  return passages.filter(
    (passage) =>
      passage.was.key !== passage.is.key &&
      (passage === wide || passage.was.key !== wide?.was.key || passage.is.key !== wide?.is.key),
  );
}
