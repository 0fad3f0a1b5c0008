import type { Members } from "../../../core/change.ts";
import { directoryOf, placesAt } from "../../../simulator/directory.ts";
import { listOf, membersOf, textOf } from "../../../simulator/fields.ts";
import { pathCovers } from "../../../simulator/globs.ts";
import { addressOf, type PublicPlace, placesIn } from "../../../simulator/places.ts";
import { type Fix, family } from "../../check.ts";
import { type Estate, subject } from "../../estate.ts";
import { applicationFix, ofKinds, textsOf } from "./kinds.ts";
import { addressed, evidenceOf } from "./places.ts";

const document = "https://developers.cloudflare.com/cloudflare-one/access-controls/policies/app-paths/";
const bookmarks: ReadonlySet<string> = new Set(["bookmark"]);

/** Every destination on the internet. */
const publicPlaces = (estate: Estate): readonly PublicPlace[] =>
  estate
    .items("applications")
    .flatMap((application) => placesIn(application).filter((place) => place.kind === "public"));

/** Whether some application stands at a hostname, or also at a path of it; patterns count as what they mean. */
const isCovered = (estate: Estate, host: string, path?: string): boolean =>
  placesAt(host, directoryOf(estate.items("applications"))).some(
    (place) => path === undefined || pathCovers(place.path, path),
  );

/** Whether the organization refuses a hostname that no application has; nothing when it is not known. */
function isRefused(estate: Estate, host: string): boolean | undefined {
  const organizations = estate.known("organization");
  if (organizations === undefined) return undefined;
  const { deny_unmatched_requests, deny_unmatched_requests_exempted_zone_names } = membersOf(organizations[0]);
  const zones = textsOf(deny_unmatched_requests_exempted_zone_names);
  return deny_unmatched_requests === true && !zones.some((zone) => `.${host}`.endsWith(`.${zone.toLowerCase()}`));
}

/** Hostnames that something other than an application names, with which certificates and addresses of the account are used. */
function namedHosts(estate: Estate): ReadonlySet<string> {
  const bound = (estate.known("mtls_certificates") ?? []).flatMap(({ associated_hostnames }) =>
    textsOf(associated_hostnames),
  );
  const settings = (estate.known("mtls_hostname_settings") ?? []).map(({ hostname }) => textOf(hostname));
  const servers = (estate.known("mcp_servers") ?? []).map(({ hostname }) => textOf(hostname));
  const tiles = ofKinds(estate, bookmarks).map(({ domain }) => textOf(domain));
  const hosts = [...bound, ...settings, ...servers, ...tiles].map((address) => addressOf(address).host);
  return new Set(hosts.filter((host) => host !== "" && !host.includes("*")));
}

/** The named hostnames by every name above them. */
function hostsBelow(estate: Estate): ReadonlyMap<string, readonly string[]> {
  const below = new Map<string, string[]>();
  for (const host of estate.once(namedHosts)) {
    const labels = host.split(".");
    for (let at = 1; at < labels.length; at++) {
      const above = labels.slice(at).join(".");
      below.set(above, [...(below.get(above) ?? []), host]);
    }
  }
  return below;
}

/** The call that adds hostnames to an application. */
function widened(application: Members, uris: readonly string[]): { readonly fix?: Fix } {
  const there = listOf(application["destinations"]);
  const own = there.length > 0 ? there : placesIn(application).map(({ text }) => ({ type: "public", uri: text }));
  return applicationFix(application, { destinations: [...own, ...uris.map((uri) => ({ type: "public", uri }))] });
}

/** The part of a hostname that somebody registers: two labels, three below a short one such as `co.uk`. */
const registered = (host: string): string => {
  const labels = host.split(".");
  return labels.slice((labels.at(-2) ?? "").length <= 3 ? -3 : -2).join(".");
};

/** The domains of the account, as far as applications tell. */
const ownDomains = (estate: Estate): ReadonlySet<string> =>
  new Set(estate.once(publicPlaces).map(({ host }) => registered(host)));

/** Hostnames of other people's applications that log people in through Access. */
function foreignHosts(estate: Estate): ReadonlySet<string> {
  const addresses = estate.items("applications").flatMap(({ saas_app }) => {
    const { consumer_service_url, sp_entity_id, app_launcher_url, redirect_uris } = membersOf(saas_app);
    return [...[consumer_service_url, sp_entity_id, app_launcher_url].map(textOf), ...textsOf(redirect_uris)];
  });
  return new Set(addresses.map((address) => addressOf(address).host));
}

/** Addresses that look protected and are not. */
export default family(
  {
    id: "APP-03",
    title: "Path above a wildcard is not covered",
    severity: "medium",
    why: "A path that ends in /* covers what is below, but not the path itself.",
    reads: ["applications"],
    *find(estate) {
      for (const place of estate.once(publicPlaces)) {
        const { host, path, application } = place;
        const parent = path.replace(/(?:\/\*)+$/, "");
        if (parent === path || parent === "" || isCovered(estate, host, parent)) continue;
        const rewritten = listOf(application["destinations"]).map((one) =>
          one["uri"] === membersOf(evidenceOf(place).value)["uri"] ? { ...one, uri: `${host}${parent}` } : one,
        );
        yield {
          subject: subject("applications", application),
          says: "It covers what is below a path, and no application covers the path itself",
          ...evidenceOf(place),
          related: [addressed(`${host}${parent}`)],
          mark: place.text,
          ...(rewritten.length > 0
            ? applicationFix(application, { destinations: rewritten })
            : widened(application, [`${host}${parent}`])),
        };
      }
    },
    remedy: "Write the destination without /*, which covers the path and all below it.",
    falsePositive: "The path itself is meant for everybody.",
    source: document,
    flagged: [
      {
        says: "below /admin only",
        account: {
          applications: [
            {
              id: "shop",
              type: "self_hosted",
              destinations: [
                { type: "public", uri: "shop.example.com/admin/*" },
                { type: "public", uri: "shop.example.com/cart" },
              ],
            },
          ],
        },
      },
      {
        says: "by its domain",
        account: { applications: [{ id: "shop", type: "self_hosted", domain: "shop.example.com/admin/*" }] },
      },
    ],
    clean: [
      {
        says: "another application has the path",
        account: {
          applications: [
            { id: "admin", type: "self_hosted", domain: "shop.example.com/admin/*" },
            { id: "shop", type: "self_hosted", domain: "shop.example.com" },
          ],
        },
      },
      {
        says: "the whole site, which /* means too",
        account: { applications: [{ id: "shop", type: "self_hosted", domain: "shop.example.com/*" }] },
      },
    ],
  },
  {
    id: "APP-04",
    title: "Hostnames beside a wildcard are not covered",
    severity: "medium",
    why: "A * stands for exactly one label, so neither the name above it nor names further below belong to it.",
    reads: ["applications"],
    also: ["organization", "mtls_certificates", "mtls_hostname_settings", "mcp_servers"],
    *find(estate) {
      for (const place of estate.once(publicPlaces)) {
        const { host, application } = place;
        const apex = host.replace(/^(?:\*\.)+/, "");
        if (apex === host || apex.includes("*") || place.path !== "") continue;
        const open = (name: string) => !isCovered(estate, name) && isRefused(estate, name) !== true;
        const names = estate.once(namedHosts);
        const below = (estate.once(hostsBelow).get(apex) ?? []).filter(
          (name) => name.split(".").length > host.split(".").length,
        );
        for (const name of [apex, ...below].filter(open)) {
          yield {
            subject: subject("applications", application),
            says:
              name === apex
                ? "No application covers the name above the wildcard"
                : "No application covers a name further below, which the account uses",
            ...evidenceOf(place),
            related: [addressed(name)],
            mark: `${place.text} ${name}`,
            // Whether anything stands at the name is in its DNS zone.
            certain: names.has(name) && isRefused(estate, name) === false,
            ...widened(application, [name]),
          };
        }
      }
    },
    remedy: "Add the names as destinations, or let the organization deny hostnames without an application.",
    falsePositive: "A public site stands at the name above, or nothing does.",
    source: document,
    flagged: [
      {
        says: "the name above, and one two labels below that a certificate is bound to",
        account: {
          organization: [{ deny_unmatched_requests: false }],
          applications: [{ id: "all", type: "self_hosted", destinations: [{ type: "public", uri: "*.example.com" }] }],
          mtls_certificates: [{ id: "ca", associated_hostnames: ["a.b.example.com", "c.example.com"] }],
        },
      },
      {
        says: "by its domain, in a zone that is exempt",
        account: {
          organization: [
            { deny_unmatched_requests: true, deny_unmatched_requests_exempted_zone_names: ["example.com"] },
          ],
          applications: [{ id: "all", type: "self_hosted", domain: "*.legacy.example.com" }],
        },
      },
    ],
    clean: [
      {
        says: "the name above has an application too",
        account: {
          applications: [
            { id: "all", type: "self_hosted", domain: "*.example.com" },
            { id: "site", type: "self_hosted", domain: "example.com" },
          ],
        },
      },
      {
        says: "hostnames without an application are refused",
        account: {
          organization: [{ deny_unmatched_requests: true }],
          applications: [{ id: "all", type: "self_hosted", domain: "*.example.com" }],
        },
      },
    ],
  },
  {
    id: "APP-06",
    title: "Bookmark protects nothing",
    severity: "medium",
    why: "A bookmark is a tile in the App Launcher; whoever knows the address opens it without Access.",
    reads: ["applications"],
    also: ["organization"],
    *find(estate) {
      for (const bookmark of ofKinds(estate, bookmarks)) {
        const { domain, name } = bookmark;
        const { host, path } = addressOf(textOf(domain));
        const isElsewhere = estate.once(foreignHosts).has(host);
        if (host === "" || isElsewhere || isCovered(estate, host, path) || isRefused(estate, host) === true) continue;
        const isOwn = estate.once(ownDomains).has(registered(host));
        const made = { type: "self_hosted", name, destinations: [{ type: "public", uri: `${host}${path}` }] };
        yield {
          subject: subject("applications", bookmark),
          says: `No application protects its address${isOwn ? "" : ", which may belong to somebody else"}`,
          field: "domain",
          value: domain,
          ...(!isOwn && { severity: "info" as const }),
          certain: isOwn && isRefused(estate, host) === false,
          ...(isOwn && {
            fix: {
              steps: [{ operation: "create_application", arguments: made }],
              choose: { policies: "the reusable policies that let the right people in, in order" },
            },
          }),
        };
      }
    },
    remedy: "Make an application for the address, or accept that anybody can open it.",
    falsePositive: "The address belongs to a service outside the account that has a login of its own.",
    source: "the API's own fields of a bookmark application, none of which enforces anything",
    flagged: [
      {
        says: "an address of the company's own",
        account: {
          organization: [{ deny_unmatched_requests: false }],
          applications: [
            { id: "menu", type: "bookmark", name: "Menu", domain: "https://canteen.example.com/today" },
            { id: "wiki", type: "self_hosted", domain: "wiki.example.com" },
          ],
        },
      },
      {
        says: "an address of others is but a remark",
        account: { applications: [{ id: "news", type: "bookmark", domain: "https://news.example.net" }] },
      },
    ],
    clean: [
      {
        says: "an application has the address",
        account: {
          applications: [
            { id: "menu", type: "bookmark", domain: "https://canteen.example.com/today" },
            { id: "canteen", type: "self_hosted", domain: "*.example.com" },
          ],
        },
      },
      {
        says: "a service that logs people in through Access",
        account: {
          applications: [
            { id: "crm", type: "bookmark", domain: "https://crm.example.net/start" },
            { id: "saas", type: "saas", saas_app: { consumer_service_url: "https://crm.example.net/saml/acs" } },
          ],
        },
      },
      {
        says: "hostnames without an application are refused",
        account: {
          organization: [{ deny_unmatched_requests: true }],
          applications: [{ id: "menu", type: "bookmark", domain: "https://canteen.example.com" }],
        },
      },
    ],
  },
);
