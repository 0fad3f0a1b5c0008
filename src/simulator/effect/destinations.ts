import type { Members } from "../../core/change.ts";
import { membersOf, textOf } from "../fields.ts";
import { nowhere } from "../places.ts";
import { canonical } from "./compare.ts";
import { type Finding, finding, listed, quoted } from "./reasons.ts";

/** The fields that say what an application protects; Cloudflare derives them from one another. */
export const addressFields = ["domain", "self_hosted_domains", "destinations"] as const;

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value ?? []].flat());

/** An address as it is compared: a host alone covers what is below it, `/x/*` does not cover `/x`. */
const bare = (address: string): string =>
  address
    .replace(/^[a-z]+:\/\//i, "")
    .replace(/^([^/]+)\/\*?$/, "$1")
    .replace(/^[^/]+/, (host) => host.toLowerCase());

/** A destination as one text; addresses on the internet read the same in all three fields. */
function placeOf(item: unknown): string {
  if (typeof item === "string") return bare(item);
  const { type = "public", overrides: _, ...destination } = membersOf(item);
  return type === "public" ? bare(textOf(destination["uri"])) : canonical({ type, ...destination });
}

const placesIn = (application: Members, fields: readonly string[]): readonly string[] =>
  nowhere.has(textOf(application["type"])) ? [] : fields.flatMap((field) => listOf(application[field]).map(placeOf));

/** What an application protects. */
export const placesOf = (application: Members): readonly string[] => [...new Set(placesIn(application, addressFields))];

/** Paths that stay open to everybody, each with its destination. */
const openPaths = (application: Members): readonly string[] =>
  listOf(application["destinations"]).flatMap((destination) =>
    listOf(membersOf(destination)["overrides"]).map(
      (override) => `${placeOf(destination)} ${textOf(membersOf(override)["path_pattern"])}`,
    ),
  );

/** Sub-paths belong to the address above them. */
const isCovered = (place: string, places: readonly string[]) =>
  places.some((wide) => place === wide || place.startsWith(`${wide}/`));

const beyond = (one: readonly string[], other: readonly string[]) => one.filter((place) => !isCovered(place, other));

/**
 * What other addresses mean. A change may name one of the three fields and leave the others as they were, so each is
 * compared with itself; where one is missing, all that is named now with all that was.
 */
export function comparedAddresses(before: Members, after: Members, isOpenTo: boolean): readonly Finding[] {
  const isWhole = addressFields.every(
    (field) => (before[field] ?? undefined) === undefined || (after[field] ?? undefined) !== undefined,
  );
  const groups = isWhole ? addressFields.map((field) => [field]) : [addressFields];
  const found = groups.map((fields) => {
    const [old, now] = [placesIn(before, fields), placesIn(after, fields)];
    // A field that was not there before may only repeat what the others said.
    return { lost: beyond(old, now), gained: beyond(now, old.length > 0 ? old : placesOf(before)) };
  });
  const [lost, gained] = [new Set(found.flatMap((one) => one.lost)), new Set(found.flatMap((one) => one.gained))];
  const [closed, open] = [openPaths(before), openPaths(after)];
  const opened = open.filter((path) => !closed.includes(path));
  const shut = closed.filter((path) => !open.includes(path));
  const told = (code: Finding["code"], verb: string, places: Iterable<string>) => {
    const names = [...places].map(quoted);
    return names.length === 0 ? [] : [finding(code, `destinations ${verb} ${listed(names)}`)];
  };
  return [
    ...told("unprotected", "lose", lost),
    ...told(isOpenTo ? "address_added" : "protected", "gain", gained),
    ...told("public_path", "leave open", opened),
    ...told("protected", "no longer leave open", shut),
  ];
}
