import applicationsRoom from "../access/applications/index.ts";
import organizations from "../access/organization.ts";
import type { Members } from "../core/change.ts";
import { badInput } from "../core/errors.ts";
import type { Account } from "./account.ts";
import { directoryOf, placesAt } from "./directory.ts";
import { membersOf } from "./fields.ts";
import { globCovers, hostCovers, pathCovers } from "./globs.ts";
import { isIn } from "./networks.ts";
import { addressOf, covers, type Place, type PrivatePlace, type PublicPlace, type WorkerPlace } from "./places.ts";

/** Exact hostname, part of a label open, a whole label open. */
const hostRank = (host: string): number => (!host.includes("*") ? 2 : host.split(".").includes("*") ? 0 : 1);

/** Hostname before path, then the longer fixed part of the path, then a path without `*`. */
function ranksOf({ host, path }: PublicPlace): readonly number[] {
  const star = path.indexOf("*");
  return [hostRank(host), star < 0 ? path.length : star, star < 0 ? 1 : 0];
}

/** Places of one Worker before those of all; previews before the whole. */
const workerRank = ({ worker, previews }: WorkerPlace): number => (worker === undefined ? 0 : 2) + (previews ? 1 : 0);

/** Whether a place answers rather than another that covers the same address. */
function beats(one: Place, other: Place): boolean {
  if (one.kind === "worker" && other.kind === "worker") return workerRank(one) > workerRank(other);
  if (one.kind === "public" && other.kind === "public") {
    const [ranks, others] = [ranksOf(one), ranksOf(other)];
    const at = ranks.findIndex((rank, index) => rank !== others[index]);
    if (at >= 0) return (ranks[at] ?? 0) > (others[at] ?? 0);
  }
  return covers(other, one) && !covers(one, other);
}

/** What becomes of an address that no application answers for; `exempt`: open because its zone is let off. */
export type Unmatched = "open" | "exempt" | "denied" | "unknown";

/** Which application answers for an address, and why. */
export interface UrlMatch {
  /** Hostname and path as they are compared. */
  readonly address: string;
  /** Nothing, one, or several where nobody can tell which; each of another application. */
  readonly answers: readonly Place[];
  readonly ambiguous: boolean;
  /** Whether Cloudflare documents it so; false where it rests on what is likely. */
  readonly certain: boolean;
  /** One sentence without a full stop. */
  readonly why: string;
  /** Places that cover the address too and are passed over: nothing of their applications is inherited. */
  readonly beaten: readonly Place[];
  /** What answers those who come through Cloudflare's client instead. */
  readonly privately: readonly PrivatePlace[];
  /** The path pattern of an override that leaves the address open to everybody. */
  readonly open?: string;
  readonly unmatched?: Unmatched;
}

/** The Worker that serves an address, where that is known. */
export interface Served {
  readonly worker_id: string;
  readonly preview: boolean;
}

/** Which application answers for a URL. A port counts for private destinations only, a query never. */
export function matchUrl(url: string, account: Account, served?: Served): UrlMatch {
  const asked = readUrl(url);
  const { host, path } = asked;
  const base = { address: `${host}${path}`, answers: [], ambiguous: false, beaten: [], privately: [] } as const;
  const applications = account.all(applicationsRoom);
  if (applications === undefined) {
    return { ...base, certain: false, unmatched: "unknown", why: "the applications could not be read" };
  }
  const directory = directoryOf(applications);
  const here = placesAt(host, directory);
  const named = here.filter((place) => pathCovers(place.path, path));
  const privately = directory.private.filter((place) => leadsTo(place, asked));
  const hidden = winners(privately);
  const workers = directory.workers.filter((place) => served !== undefined && serves(place, served));
  const kinds: readonly (readonly Place[])[] = [named, workers, privately];
  const matching = kinds.find((places) => places.length > 0);
  if (matching !== undefined) {
    return { ...base, ...answered(matching, path), privately: matching === privately ? [] : hidden };
  }
  if (directory.workers.length > 0 && served === undefined) {
    return { ...base, certain: false, unmatched: "unknown", why: maybeWorker };
  }
  return { ...base, ...unanswered(host, here.length > 0, account) };
}

/** A place as `matchUrl` takes a URL: what other applications have of it is not looked at, and nothing private. */
export function matchPlace(place: Place, path: string, account: Account): Matched {
  const applications = account.all(applicationsRoom);
  if (applications === undefined) {
    return { answers: [], certain: false, unmatched: "unknown", why: "the applications could not be read" };
  }
  const { workers } = directoryOf(applications);
  if (place.kind !== "public") {
    const matching = workers.filter((worker) => covers(worker, place));
    if (matching.length > 0) return answered(matching, path);
    const why = "no application covers the Worker; one that covers the hostname it is called by is asked before";
    return { answers: [], certain: false, unmatched: "open", why };
  }
  const here = placesAt(place.host, directoryOf(applications));
  const named = here.filter((one) => pathCovers(one.path, path));
  if (named.length > 0) return answered(named, path);
  if (workers.length > 0) return { answers: [], certain: false, unmatched: "unknown", why: maybeWorker };
  return { answers: [], ...unanswered(place.host, here.length > 0, account) };
}

type Matched = Pick<UrlMatch, "answers" | "certain" | "why" | "open" | "unmatched">;

const maybeWorker =
  "no application names it, but one protects Workers, and nobody can see whether one of those serves it";

/** The places of which no other answers rather than they. */
const unbeaten = <Kind extends Place>(matching: readonly Kind[]): readonly Kind[] =>
  matching.filter((place) => !matching.some((other) => beats(other, place)));

/** Those; one of each application. */
function winners<Kind extends Place>(matching: readonly Kind[]): readonly Kind[] {
  const best = unbeaten(matching);
  return best.filter(({ application }, at) => best.findIndex((place) => place.application === application) === at);
}

function answered(matching: readonly Place[], path: string): Omit<UrlMatch, "address" | "privately"> {
  const answers = winners(matching);
  const applications = new Set(answers.map(({ application }) => application));
  const beaten = matching.filter(({ application }) => !applications.has(application));
  const [best] = answers;
  const ambiguous = answers.length > 1;
  const first = ambiguous ? [] : unbeaten(matching);
  const certain = first.length > 0 && beaten.every((place) => first.some((one) => isDocumented(one, place)));
  const open = best === undefined || best.kind === "private" || ambiguous ? undefined : openIn(best.open, path);
  return { answers, ambiguous, certain, beaten, why: reasonOf(answers, beaten, certain), ...(open && { open }) };
}

/** The more specific of two wins; that `all_workers` comes last is in the API alone. */
const isDocumented = (best: Place, other: Place): boolean => best.kind === "worker" || covers(other, best);

/** Overrides reach below a path by a `*` only. */
const openIn = (patterns: readonly string[], path: string): string | undefined =>
  patterns.find((pattern) => globCovers(pattern, path === "" ? "/" : path));

function reasonOf(answers: readonly Place[], beaten: readonly Place[], certain: boolean): string {
  const [best] = answers;
  const name = (place: Place | undefined) => `"${place?.text}"`;
  if (answers.length > 1) {
    return `${answers.map(name).join(" and ")} are equally specific, and nobody documents which of them answers`;
  }
  if (beaten.length === 0) return `${name(best)} is the only destination that covers it`;
  const among = `${name(best)} is the most specific of ${beaten.length + 1} destinations that cover it`;
  return certain ? among : `${among}, though Cloudflare does not document how it compares with ${name(beaten[0])}`;
}

/** What becomes of a hostname that no application covers; `isNamed`: not on the path that is asked for. */
export function unanswered(
  host: string,
  isNamed: boolean,
  account: Account,
): Pick<UrlMatch, "certain" | "why" | "unmatched"> {
  const settings = account.all(organizations);
  if (settings === undefined) {
    const why = "no application covers it, and the organization's settings could not be read";
    return { certain: false, unmatched: "unknown", why };
  }
  const { deny_unmatched_requests, deny_unmatched_requests_exempted_zone_names: zones } = membersOf(settings[0]);
  if (deny_unmatched_requests !== true) {
    return {
      certain: true,
      unmatched: "open",
      why: "no application covers it, and Access stands in front of nothing else",
    };
  }
  if (isNamed) {
    const why = "an application covers another path of it, and only hostnames without any application are refused";
    return { certain: false, unmatched: "open", why };
  }
  const names: readonly unknown[] = Array.isArray(zones) ? zones : [];
  const zone = names.find((name) => typeof name === "string" && `.${host}`.endsWith(`.${name.toLowerCase()}`));
  if (zone !== undefined) {
    return { certain: true, unmatched: "exempt", why: `no application covers it, and zone "${zone}" is exempt` };
  }
  const why = "no application covers it, and the organization refuses hostnames without one";
  return { certain: true, unmatched: "denied", why };
}

/** What is asked for by a URL. */
interface Asked {
  readonly host: string;
  readonly path: string;
  readonly port: number;
}

const ports: Readonly<Record<string, number>> = { http: 80, ssh: 22, rdp: 3389, vnc: 5900 };

/** Takes a URL apart; the scheme may be left out. */
function readUrl(text: string): Asked {
  const [, scheme = "https", rest = ""] = /^(?:([a-z][a-z\d+.-]*):\/\/)?(.*)$/is.exec(text.trim()) ?? [];
  const isUrl = /^[^/?#\\]/.test(rest) && URL.canParse(`https://${rest}`);
  const parsed = isUrl ? new URL(`https://${rest}`) : undefined;
  if (parsed === undefined || parsed.hostname.includes("*")) {
    throw badInput(`"${text}" is no URL`, "Give one address such as app.example.com/path, without *.");
  }
  const port = Number(/^[^/?#]*:(\d+)(?:[/?#]|$)/.exec(rest)?.[1] ?? ports[scheme.toLowerCase()] ?? 443);
  const { host, path } = addressOf(`${parsed.hostname}${parsed.pathname}`);
  return { host: parsed.hostname.startsWith("[") ? parsed.hostname.slice(1, -1) : host, path, port };
}

function leadsTo({ host: pattern, network, ports: ranges, protocol }: PrivatePlace, { host, port }: Asked): boolean {
  const isThere = network === undefined ? pattern !== undefined && hostCovers(pattern, host) : isIn([network], host);
  return isThere && protocol !== "udp" && (ranges?.some(([first, last]) => first <= port && port <= last) ?? true);
}

const serves = ({ worker, previews }: WorkerPlace, { worker_id, preview }: Served): boolean =>
  (worker === undefined || worker === worker_id) && (!previews || preview);

/** The applications that answer at a hostname on any path: those of the most specific name for it. */
export function answering(applications: readonly Members[], address: string): readonly Members[] {
  const { host } = addressOf(address);
  const here = placesAt(host, directoryOf(applications)).map((place) => ({ ...place, path: "" }));
  const best = new Set(
    here.filter((place) => !here.some((other) => beats(other, place))).map(({ application }) => application),
  );
  return applications.filter((application) => best.has(application));
}
