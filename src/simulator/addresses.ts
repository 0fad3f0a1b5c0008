import type { Members } from "../core/change.ts";
import { listOf, textOf } from "./fields.ts";

/** An address without scheme, trailing slash or `/*`, in lower case. */
export const bare = (address: string): string =>
  address
    .toLowerCase()
    .replace(/^[a-z]+:\/\//, "")
    .replace(/\/\*?$/, "");

const hostOf = (address: string): string => (bare(address).split("/")[0] ?? "").replace(/:\d+$/, "");

/** Where an application stands: hostname and path, `*` allowed. */
export function addressesOf(application: Members): readonly string[] {
  const { domain, self_hosted_domains, destinations } = application;
  const hosts = Array.isArray(self_hosted_domains) ? self_hosted_domains : [];
  const given = [domain, ...hosts, ...listOf(destinations).map(({ uri }) => uri)].map(textOf);
  return [...new Set(given.map(bare))].filter((address) => address !== "");
}

/** The hostnames of an application, `*` allowed. */
export const hostsOf = (application: Members): readonly string[] => [...new Set(addressesOf(application).map(hostOf))];
