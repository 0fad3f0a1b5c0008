import type { Members } from "../../../core/change.ts";
import { directoryOf, placesAt } from "../../../simulator/directory.ts";
import type { PublicPlace } from "../../../simulator/places.ts";
import type { Estate } from "../../estate.ts";

/** The hostnames on which an authority is asked for. */
export const hostnamesOf = ({ associated_hostnames }: Members): readonly string[] =>
  Array.isArray(associated_hostnames) ? associated_hostnames.map(String) : [];

/** The addresses of applications at some hostnames, also by a pattern that covers one. */
export const placesOn = (estate: Estate, hostnames: readonly string[]): readonly PublicPlace[] => {
  const directory = directoryOf(estate.items("applications"));
  return hostnames.flatMap((name) => placesAt(name.toLowerCase(), directory));
};

/** The addresses where some authority is asked for. */
export const boundPlaces = (estate: Estate): ReadonlySet<PublicPlace> =>
  new Set(placesOn(estate, estate.items("mtls_certificates").flatMap(hostnamesOf)));
