import { domainToASCII } from "node:url";
import type { Members } from "../core/change.ts";
import { listOf, textOf } from "./fields.ts";
import { hostCovers, hostsMeet, pathCovers, pathsMeet } from "./globs.ts";
import { type Network, networkCovers, networkOf } from "./networks.ts";

interface Placed {
  readonly application: Members;
  /** Where it stands in the application: `destinations[0]`, `domain`. */
  readonly field: string;
  /** As an owner reads it. */
  readonly text: string;
}

/** An address on the internet: hostname in lower case and path without a slash at its end, `*` allowed in both. */
export interface PublicPlace extends Placed {
  readonly kind: "public";
  readonly host: string;
  readonly path: string;
  /** Path patterns that stay open to everybody. */
  readonly open: readonly string[];
}

/** A hostname or network that is reached through Cloudflare's client; what is left out means all there are. */
export interface PrivatePlace extends Placed {
  readonly kind: "private";
  readonly host?: string;
  readonly network?: Network;
  readonly ports?: readonly (readonly [first: number, last: number])[];
  readonly protocol?: string;
  readonly vnet?: string;
}

/** A Worker, or every Worker, or only their previews. */
export interface WorkerPlace extends Placed {
  readonly kind: "worker";
  readonly worker?: string;
  readonly previews: boolean;
  readonly open: readonly string[];
}

/** One destination of an application that somebody can go to. */
export type Place = PublicPlace | PrivatePlace | WorkerPlace;

/** Kinds that stand at no address of their own: tiles, logins, and what has targets. */
export const nowhere: ReadonlySet<unknown> = new Set([
  "saas",
  "bookmark",
  "app_launcher",
  "warp",
  "biso",
  "dash_sso",
  "infrastructure",
]);

const known = new WeakMap<Members, readonly Place[]>();

/** Where an application answers; `destinations` take the place of the older `self_hosted_domains`. */
export function placesIn(application: Members): readonly Place[] {
  const places = known.get(application) ?? found(application);
  known.set(application, places);
  return places;
}

function found(application: Members): readonly Place[] {
  const { type, domain, self_hosted_domains, destinations } = application;
  if (nowhere.has(type)) return [];
  const places = listOf(destinations).flatMap((one, at) => placeOf(one, application, `destinations[${at}]`));
  if (places.length > 0) return places;
  const older = Array.isArray(self_hosted_domains) ? self_hosted_domains : [];
  const named = [domain, ...older].map(
    (uri, at) => [uri, at === 0 ? "domain" : `self_hosted_domains[${at - 1}]`] as const,
  );
  const all = named.flatMap(([uri, field]) => placeOf({ uri }, application, field));
  return all.filter(({ text }, at) => all.findIndex((place) => place.text === text) === at);
}

function placeOf(destination: Members, application: Members, field: string): readonly Place[] {
  const { type = "public", uri } = destination;
  const open = listOf(destination["overrides"]).map(({ path_pattern }) => textOf(path_pattern).replace(/(.)\/$/, "$1"));
  if (type === "public") {
    const { host, path } = addressOf(textOf(uri));
    return host === "" ? [] : [{ kind: "public", application, field, text: `${host}${path}`, host, path, open }];
  }
  if (type === "private") return [privatePlace(destination, application, field)];
  const isWhole = type === "worker" || type === "all_workers";
  if (!isWhole && type !== "preview_worker" && type !== "all_preview_workers") return [];
  const worker = textOf(destination["worker_id"]);
  const text = `${isWhole ? "" : "previews of "}${worker === "" ? "every Worker" : `Worker ${worker}`}`;
  return [{ kind: "worker", application, field, text, previews: !isWhole, open, ...(worker !== "" && { worker }) }];
}

function privatePlace(destination: Members, application: Members, field: string): PrivatePlace {
  const [host, cidr, range, protocol, vnet] = ["hostname", "cidr", "port_range", "l4_protocol", "vnet_id"].map((name) =>
    textOf(destination[name]),
  ) as [string, string, string, string, string];
  const network = networkOf(cidr);
  const ports = [...range.matchAll(/(\d+)(?:\s*-\s*(\d+))?/g)].map(
    ([, first, last]) => [Number(first), Number(last ?? first)] as const,
  );
  const text = [host || cidr, range && `port ${range}`, protocol, vnet && `in network ${vnet}`]
    .filter(Boolean)
    .join(" ");
  return {
    kind: "private",
    application,
    field,
    text,
    ...(host !== "" && { host: host.toLowerCase() }),
    ...(network !== undefined && { network }),
    ...(ports.length > 0 && { ports }),
    ...(protocol !== "" && { protocol }),
    ...(vnet !== "" && { vnet }),
  };
}

/** Hostname and path of an address as applications write it: scheme, port, query and the slash at the end do not count. */
export function addressOf(address: string): { readonly host: string; readonly path: string } {
  const [, host = "", path = ""] =
    /^([^/?#]*)([^?#]*)/.exec(address.trim().replace(/^[a-z][a-z\d+.-]*:\/\//i, "")) ?? [];
  const name = host.replace(/:\d*$/, "").replace(/\.$/, "").toLowerCase();
  return { host: /^[\x20-\x7e]*$/.test(name) ? name : name.split(".").map(ascii).join("."), path: pathOf(path) };
}

const ascii = (label: string): string => domainToASCII(label) || label;

/** A path from its first slash on; the whole site is the empty path, with `/*` too. */
function pathOf(path: string): string {
  const bare = path.replace(/\/+$/, "");
  if (bare === "" || bare === "/*" || bare === "*") return "";
  return bare.startsWith("/") ? bare : `/${bare}`;
}

/** Whether whatever goes to a place also goes to a wider one. Places of different kinds have nothing in common. */
export function covers(wide: Place, narrow: Place): boolean {
  if (wide.kind === "public" && narrow.kind === "public") {
    return hostCovers(wide.host, narrow.host) && pathCovers(wide.path, narrow.path);
  }
  if (wide.kind === "worker" && narrow.kind === "worker") {
    return (wide.worker === undefined || wide.worker === narrow.worker) && (!wide.previews || narrow.previews);
  }
  if (wide.kind !== "private" || narrow.kind !== "private") return false;
  return (
    isSame(wide.protocol, narrow.protocol) &&
    isSame(wide.vnet, narrow.vnet) &&
    isWithin(wide.ports, narrow.ports) &&
    (wide.network !== undefined && narrow.network !== undefined
      ? networkCovers(wide.network, narrow.network)
      : wide.host !== undefined && narrow.host !== undefined && hostCovers(wide.host, narrow.host))
  );
}

const isSame = (wide: string | undefined, narrow: string | undefined): boolean => wide === undefined || wide === narrow;

const isWithin = (wide: PrivatePlace["ports"], narrow: PrivatePlace["ports"]): boolean =>
  wide === undefined ||
  (narrow?.every(([first, last]) => wide.some(([from, to]) => from <= first && last <= to)) ?? false);

/** What goes to both of two places, as an example; nothing when they have nothing in common. */
export function overlap(one: Place, other: Place): string | undefined {
  if (one.kind === "public" && other.kind === "public") {
    const path = pathsMeet(one.path, other.path);
    const host = path === undefined ? undefined : hostsMeet(one.host, other.host);
    return host === undefined ? undefined : `${host}${path}`;
  }
  if (one.kind === "worker" && other.kind === "worker") {
    const worker = one.worker ?? other.worker;
    if (worker !== (other.worker ?? worker)) return undefined;
    return covers(one, other) ? other.text : covers(other, one) ? one.text : `previews of Worker ${worker}`;
  }
  return one.kind === "private" && other.kind === "private" ? privateOverlap(one, other) : undefined;
}

function privateOverlap(one: PrivatePlace, other: PrivatePlace): string | undefined {
  const isApart = (["protocol", "vnet"] as const).some(
    (name) => !isSame(one[name], other[name]) && other[name] !== undefined,
  );
  const port = portOf(one.ports, other.ports);
  if (isApart || port === undefined) return undefined;
  const suffix = port === 0 ? "" : `:${port}`;
  if (one.network !== undefined && other.network !== undefined) {
    const [wide, narrow] = one.network.prefix <= other.network.prefix ? [one, other] : [other, one];
    const [{ network }, { network: inner }] = [wide, narrow] as [{ network: Network }, { network: Network }];
    return networkCovers(network, inner) ? `${inner.address}${suffix}` : undefined;
  }
  const host = one.host === undefined || other.host === undefined ? undefined : hostsMeet(one.host, other.host);
  return host === undefined ? undefined : `${host}${suffix}`;
}

/** A port of both; 0 stands for any. */
function portOf(one: PrivatePlace["ports"], other: PrivatePlace["ports"]): number | undefined {
  if (one === undefined || other === undefined) return (one ?? other)?.[0]?.[0] ?? 0;
  const starts = one.flatMap(([first, last]) => other.map(([from, to]) => [Math.max(first, from), Math.min(last, to)]));
  return starts.find(([first = 0, last = 0]) => first <= last)?.[0];
}
