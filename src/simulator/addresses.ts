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

/** Whether a hostname pattern covers a hostname: a `*` never spans a dot, and alone it stands for a whole label. */
export function covers(pattern: string, host: string): boolean {
  const labels = pattern.split(".").map((label) => {
    const literal = label.replace(/[\\^$+?()[\]{}|]/g, "\\$&");
    return literal === "*" ? "[^.]+" : literal.replaceAll("*", "[^.]*");
  });
  return new RegExp(`^${labels.join("\\.")}$`).test(host);
}

/** The applications that answer at a hostname: those that name it, else those with the longest pattern for it. */
export function answering(applications: readonly Members[], address: string): readonly Members[] {
  const host = hostOf(address);
  const rank = (application: Members) =>
    Math.max(
      -1,
      ...hostsOf(application)
        .filter((pattern) => covers(pattern, host))
        .map((pattern) => (pattern === host ? Number.POSITIVE_INFINITY : pattern.length)),
    );
  const ranks = applications.map(rank);
  const best = Math.max(0, ...ranks);
  return applications.filter((_, at) => ranks[at] === best);
}
