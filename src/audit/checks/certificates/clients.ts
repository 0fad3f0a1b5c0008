import type { Members } from "../../../core/change.ts";
import { counted } from "../../../simulator/answers.ts";
import { placesIn } from "../../../simulator/places.ts";
import type { Check, Fix } from "../../check.ts";
import { type Estate, subject } from "../../estate.ts";
import { applicationSubjects, policyFix, policySubject } from "../shared/attached.ts";
import { branchesOf, ensuredIn, ensures, type Rule, rulesAt, type Test } from "../shared/closure.ts";
import { policiesWith } from "../shared/placed.ts";
import { boundPlaces, hostnamesOf } from "./hosts.ts";

const isCertificate: Test = ({ selector }) => selector === "certificate" || selector === "common_name";

/** What tells one machine from another. */
const particular = new Set(["common_name", "service_token", "any_valid_service_token", "linked_app_token"]);
/** What at least says where the machine stands or what it is. */
const narrows = ({ selector }: Rule): boolean => selector !== "certificate" && selector !== "everyone";
const tellsMachine: Test = ({ selector }) => particular.has(selector);

/** The policies of each application that ask for a client certificate. */
function asking(estate: Estate): ReadonlyMap<Members, readonly Members[]> {
  const found = new Map<Members, Members[]>();
  const standings = ["certificate", "common_name"].flatMap((selector) => [
    ...policiesWith(estate, selector, ["include", "require"]),
  ]);
  for (const { policy, applications } of new Set(standings)) {
    for (const application of applications) {
      const others = found.get(application);
      if (others === undefined) found.set(application, [policy]);
      else others.push(policy);
    }
  }
  return found;
}

/** Has hostnames asked for by the only authority there is, by a new one, or by one that the owner names. */
function bindingFix(estate: Estate, hosts: readonly string[]): Fix {
  const authorities = estate.items("mtls_certificates");
  const [only] = authorities;
  const associated_hostnames = [...new Set([...(only === undefined ? [] : hostnamesOf(only)), ...hosts])];
  const isExact = !hosts.some((host) => host.includes("*"));
  const whole = "the hostnames that it has now, and each of this application";
  const given = isExact ? { associated_hostnames } : {};
  const asked: Readonly<Record<string, string>> = isExact ? {} : { associated_hostnames: whole };
  if (only === undefined) {
    const choose = { ...asked, name: "of the new authority", certificate: "its root certificate in PEM" };
    return { steps: [{ operation: "create_mtls_certificate", arguments: given }], choose };
  }
  const operation = "update_mtls_certificate";
  if (authorities.length > 1) {
    const choose = { certificate_id: "of the authority that signed the clients", associated_hostnames: whole };
    return { steps: [{ operation, arguments: {} }], choose };
  }
  const steps = [{ operation, arguments: { certificate_id: only["id"], ...given } }];
  return isExact ? { steps } : { steps, choose: asked };
}

const source =
  "https://developers.cloudflare.com/cloudflare-one/access-controls/service-credentials/mutual-tls-authentication/";

const anyCertificate = { certificate: {} };
const scanner = { common_name: { common_name: "scanner.example.com" } };
const application = (...policies: readonly Members[]): Members => ({
  id: "scanners",
  type: "self_hosted",
  name: "Scanners",
  destinations: [{ type: "public", uri: "scanners.example.com/api" }],
  policies,
});
const policy = (...include: readonly Members[]): Members => ({
  id: "p",
  name: "Machines",
  decision: "non_identity",
  include,
});
const authority = (...associated_hostnames: readonly string[]): Members => ({ id: "ca", associated_hostnames });
const office = { ip: { ip: "198.51.100.0/27" } };

/** `CRT-02`. */
export const unboundHost: Check = {
  id: "CRT-02",
  title: "Client certificate is required where no authority is asked for",
  severity: "high",
  why: "Browsers and machines are never asked for a certificate on that hostname, so the rule holds for nobody.",
  reads: ["applications", "mtls_certificates"],
  also: ["policies", "groups"],
  *find(estate) {
    if (estate.known("mtls_certificates") === undefined) return;
    const bound = estate.once(boundPlaces);
    for (const [item, policies] of asking(estate)) {
      const places = placesIn(item).filter((place) => place.kind === "public");
      const unbound = places.filter((place) => !bound.has(place));
      const hosts = [...new Set(unbound.map(({ host }) => host))];
      if (hosts.length === 0) continue;
      const isNeeded = policies.some((policy) => ensuredIn(estate, policy, isCertificate) === true);
      yield {
        subject: subject("applications", item),
        says: `it asks for a client certificate, and ${counted(hosts.length, "hostname")} of it ${hosts.length === 1 ? "has" : "have"} no authority`,
        value: hosts,
        ...(!isNeeded && { severity: "medium" }),
        fix: bindingFix(estate, hosts),
      };
    }
  },
  remedy: "Add the hostnames to the authority that signed the clients.",
  falsePositive: "Custom domains of Pages and R2 cannot have an authority; there use another proof.",
  source,
  flagged: [
    { says: "no authority at all", account: { applications: [application(policy(anyCertificate))] } },
    {
      says: "another hostname, through a group, as one way of two",
      account: {
        applications: [application(policy({ group: { id: "g" } }, { any_valid_service_token: {} }))],
        groups: [{ id: "g", include: [scanner] }],
        mtls_certificates: [authority("api.example.com")],
      },
    },
    {
      says: "a pattern under which no hostname has one",
      account: {
        applications: [{ ...application(policy(scanner)), destinations: [{ uri: "*.scan.example.com" }] }],
        mtls_certificates: [authority("api.example.com"), { id: "other", associated_hostnames: [] }],
      },
    },
  ],
  clean: [
    {
      says: "the hostname, or one under the pattern, has an authority",
      account: {
        applications: [
          application(policy(scanner)),
          { ...application(policy(scanner)), id: "wide", destinations: [{ uri: "*.example.com" }] },
        ],
        mtls_certificates: [authority("Scanners.example.com")],
      },
    },
    {
      says: "certificates are only excluded, or there is no hostname",
      account: {
        applications: [
          application({ ...policy(office), exclude: [anyCertificate] }),
          { id: "worker", type: "self_hosted", destinations: [{ type: "all_workers" }], policies: [policy(scanner)] },
        ],
        mtls_certificates: [],
      },
    },
  ],
};

/** `CRT-03`. */
export const anyClient: Check = {
  id: "CRT-03",
  title: "Any client certificate is enough",
  severity: "medium",
  why: "Every certificate that the authority ever signed opens it, also those of machines that were lost: the edge checks no revocation.",
  reads: ["policies", "applications"],
  also: ["groups"],
  *find(estate) {
    for (const standing of policiesWith(estate, "certificate", ["include"])) {
      const { policy, applications } = standing;
      if (policy["decision"] !== "non_identity") continue;
      const open = branchesOf(estate, policy, ["certificate"]).filter(
        ({ way }) => ensures(estate, way.require, tellsMachine) !== true,
      );
      const [first] = open;
      const rule = rulesAt(policy, "include").find(({ field }) => field === first?.field);
      if (first === undefined || rule === undefined) continue;
      const isCertain = open.some(({ way }) => ensures(estate, way.require, tellsMachine) === false);
      const isNarrowed = open.every(({ way }) => way.require.some(narrows));
      yield {
        subject: policySubject(standing),
        says: "any certificate of the authority lets a machine in",
        field: rule.field,
        value: rule.rule,
        ...((isNarrowed || applications.length === 0) && { severity: "low" }),
        certain: isCertain,
        related: applicationSubjects(applications),
        fix: policyFix(standing, {}, { require: "what it requires now, and the common name or token of the machine" }),
      };
    }
  },
  remedy: "Require the common name or a service token besides.",
  falsePositive: "An authority that signs for this one purpose only.",
  source,
  flagged: [
    {
      says: "any certificate of the authority",
      account: { policies: [policy(anyCertificate)], applications: [application({ id: "p" })] },
    },
    {
      says: "through a group, from the office",
      account: {
        groups: [{ id: "g", include: [scanner, anyCertificate] }],
        policies: [{ ...policy({ group: { id: "g" } }), require: [office] }],
        applications: [application({ id: "p" })],
      },
    },
    { says: "in a policy of an application alone", account: { applications: [application(policy(anyCertificate))] } },
  ],
  clean: [
    {
      says: "a common name is required, in a group",
      account: {
        groups: [{ id: "g", include: [scanner, { service_token: { token_id: "t" } }] }],
        policies: [{ ...policy(anyCertificate), require: [{ group: { id: "g" } }] }],
        applications: [application({ id: "p" })],
      },
    },
    {
      says: "people log in besides, or a common name is asked for",
      account: {
        policies: [
          { ...policy(anyCertificate), decision: "allow" },
          { ...policy(scanner), id: "q" },
        ],
        applications: [application({ id: "p" }, { id: "q" })],
      },
    },
  ],
};
