import type { Members } from "../../../src/core/change.ts";
import { numbers } from "../random-account.ts";

/** Somebody who opens a URL in an account of which only this is looked at. */
export interface Visited {
  readonly url: string;
  readonly applications: readonly Members[];
  /** Nothing when it could not be read. */
  readonly organization?: Members;
}

/** Which applications answer, whether that is documented, and what becomes of an address that none covers. */
export interface Answer {
  readonly answers: readonly string[];
  readonly certain: boolean;
  readonly unmatched?: string;
}

interface Pattern {
  readonly application: string;
  readonly host: string;
  readonly path: string;
}

/** Hostname and path; scheme, port, query, fragment and the slash at the end do not count; `/*` is the whole site. */
function partsOf(text: string): Pick<Pattern, "host" | "path"> {
  const [address = ""] = text.replace(/^https?:\/\//, "").split(/[?#]/);
  const [host = "", ...path] = address.split("/");
  return {
    host: host.replace(/:\d+$/, "").toLowerCase(),
    path: path
      .map((part) => `/${part}`)
      .join("")
      .replace(/\/$/, "")
      .replace(/^\/\*$/, ""),
  };
}

/** A `*` that is a whole label stands for one label, elsewhere for any part of one. */
const hostPattern = (host: string) =>
  new RegExp(
    `^${host
      .split(".")
      .map((label) => (label === "*" ? "[^.]+" : label.replaceAll("*", "[^.]*")))
      .join("\\.")}$`,
  );

/** A `*` stands for anything, and what is below a path is covered by it. */
const pathPattern = (path: string) => new RegExp(`^${path.replaceAll("*", ".*")}(/.*)?$`);

const labels = ["a", "b", "ab", "ba", "aab", "abb", "c"];
const before = (rest: readonly string[]) => rest.flatMap((name) => labels.map((label) => `${label}.${name}`));
const apexes = ["x.com", "y.com"];
const everyHost = [...apexes, ...before(apexes), ...before(before(apexes))];
const below = (parents: readonly string[]) =>
  parents.flatMap((parent) => ["a", "b", "ab", "ba", "c"].map((part) => `${parent}/${part}`));
const everyPath = ["", ...below([""]), ...below(below([""])), ...below(below(below([""])))];

const isWithin = (narrow: RegExp, wide: RegExp, texts: readonly string[]) =>
  texts.every((text) => !narrow.test(text) || wide.test(text));

/** Whether all that one pattern covers another does too, as far as a small world shows. */
const isPart = (one: Pattern, other: Pattern): boolean =>
  isWithin(hostPattern(one.host), hostPattern(other.host), everyHost) &&
  isWithin(pathPattern(one.path), pathPattern(other.path), everyPath);

/** Exact hostname before part of a label before a whole one, longer literal path before shorter, literal before `*`. */
function ranks({ host, path }: Pattern): readonly [number, number, number] {
  const [literal = ""] = path.split("*");
  const isFull = host.split(".").includes("*");
  return [isFull ? 0 : host.includes("*") ? 1 : 2, literal.length, path === literal ? 1 : 0];
}

function beats(one: Pattern, other: Pattern): boolean {
  const [first, second] = [ranks(one), ranks(other)];
  for (const at of [0, 1, 2] as const) if (first[at] !== second[at]) return first[at] > second[at];
  return isPart(one, other) && !isPart(other, one);
}

const isNowhere = new Set(["saas", "bookmark", "app_launcher", "warp", "biso", "dash_sso", "infrastructure"]);

/** Where an application stands: destinations take the place of the older fields. */
function patternsOf({ id, type, destinations, self_hosted_domains, domain }: Members): readonly Pattern[] {
  if (isNowhere.has(String(type))) return [];
  const uris = ((destinations ?? []) as readonly Members[]).map(({ uri }) => uri);
  // The older two are tied to each other: what one of them says holds.
  const older = [domain, ...((self_hosted_domains ?? []) as readonly string[])].filter((text) => text !== undefined);
  const texts = uris.length > 0 ? uris : older;
  return texts.map((text) => ({ application: String(id), ...partsOf(String(text)) }));
}

/** Which application answers for a URL, by the documented rules turned into regular expressions. */
export function answerTo({ url, applications, organization }: Visited): Answer {
  const { host, path } = partsOf(url);
  const patterns = applications.flatMap(patternsOf);
  const covering = patterns.filter((one) => hostPattern(one.host).test(host) && pathPattern(one.path).test(path));
  const best = covering.filter((one) => !covering.some((other) => beats(other, one)));
  const answers = [...new Set(best.map(({ application }) => application))].sort();
  if (covering.length > 0) {
    const certain =
      answers.length === 1 &&
      covering.every((one) => one.application === answers[0] || best.some((winner) => isPart(winner, one)));
    return { answers, certain };
  }
  if (organization === undefined) return { answers, certain: false, unmatched: "unknown" };
  const zones = (organization["deny_unmatched_requests_exempted_zone_names"] ?? []) as readonly string[];
  const isExempt = zones.some((zone) => host === zone || host.endsWith(`.${zone}`));
  const isDenied = organization["deny_unmatched_requests"] === true;
  // Nothing says that of a hostname whose other paths have an application.
  const certain = !isDenied || !patterns.some((one) => hostPattern(one.host).test(host));
  return { answers, certain, unmatched: !isDenied || !certain ? "open" : isExempt ? "exempt" : "denied" };
}

const hosts =
  "x.com a.x.com b.x.com a.b.x.com *.x.com a*.x.com *b.x.com a*b.x.com *.b.x.com a.*.x.com *.*.x.com *.y.com".split(
    " ",
  );
const paths = ["", "", "/", "/*", "/a", "/a/", "/a/*", "/a*", "/a/b", "/a*/b", "/*/b", "/a/b*", "/ab", "/a/*/c", "/*b"];

/** A URL and the applications of an account by chance; the same ones for the same seed. */
export function randomVisit(seed: number): Visited {
  const next = numbers(seed);
  const one = <Item>(items: readonly Item[]): Item => items[Math.floor(next() * items.length)] as Item;
  const often = (share: number) => next() < share;
  const schemes = ["", "", "https://", "http://"];
  const ports = ["", "", ":8443"];
  const text = () => `${one(schemes)}${often(0.1) ? one(hosts).toUpperCase() : one(hosts)}${one(ports)}${one(paths)}`;
  const some = () => Array.from({ length: 1 + Math.floor(next() * 3) }, text);
  const places: readonly (() => Members)[] = [
    () => ({ domain: "a.x.com", destinations: some().map((uri) => ({ type: "public", uri })) }),
    () => ({ destinations: some().map((uri) => ({ type: "public", uri })) }),
    () => ({ domain: "b.x.com", self_hosted_domains: some() }),
    () => ({ domain: text() }),
  ];
  const type = () => (often(0.9) ? "self_hosted" : one(["saas", "bookmark", "infrastructure", "ssh", "vnc"]));
  const url = `${one(schemes)}${often(0.2) ? one(everyHost).toUpperCase() : one(often(0.5) ? everyHost : ["x.com", "a.x.com", "ab.x.com", "a.b.x.com"])}${one(ports)}${one(often(0.6) ? everyPath.slice(0, 31) : everyPath)}${one(["", "", "/", "?q=/a", "#/b", "/?a=b#c"])}`;
  const settings = {
    ...(often(0.5) && { deny_unmatched_requests: often(0.7) }),
    ...(often(0.3) && { deny_unmatched_requests_exempted_zone_names: [one(["x.com", "y.com", "b.x.com"])] }),
  };
  return {
    url,
    applications: Array.from({ length: Math.floor(next() * 9) }, (_, index) => ({
      id: `app-${index}`,
      type: type(),
      ...one(places)(),
    })),
    ...(often(0.9) && { organization: settings }),
  };
}
