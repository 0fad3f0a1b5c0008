import type { Members } from "../../../core/change.ts";
import { type Check, type Found, family } from "../../check.ts";
import { type Estate, subject } from "../../estate.ts";
import { applicationSubjects } from "../shared/attached.ts";
import { lackOf } from "../shared/whole.ts";
import { anyClient, unboundHost } from "./clients.ts";
import { authorityEnds, samlEnds } from "./ends.ts";
import { hostnamesOf } from "./hosts.ts";

/** Kinds that have SSH logins, or may have them. */
const withSsh = new Set<unknown>(["ssh", "self_hosted"]);

const byAudience = (applications: readonly Members[]): ReadonlyMap<unknown, Members> =>
  new Map(applications.map((application) => [application["aud"], application]));

function* unusedAuthorities(estate: Estate): Iterable<Found> {
  const applications = byAudience(estate.items("applications"));
  for (const authority of estate.items("application_cas").filter(({ aud }) => aud !== undefined)) {
    const application = applications.get(authority["aud"]);
    const isMissing = application === undefined && estate.known("applications") !== undefined;
    if (!isMissing && (application === undefined || withSsh.has(application["type"]))) continue;
    yield {
      subject: subject("application_cas", authority),
      says: isMissing ? "its application is no more" : "its application has no SSH logins",
      field: "aud",
      value: authority["aud"],
      ...(application !== undefined && {
        related: applicationSubjects([application]),
        fix: { steps: [{ operation: "delete_application_ca", arguments: { app_id: application["id"] } }] },
      }),
    };
  }
}

function* missingAuthority(estate: Estate): Iterable<Found> {
  const [first, ...others] = estate
    .items("applications")
    .filter(({ type }) => type === "infrastructure")
    .toSorted((one, other) => (String(one["id"]) < String(other["id"]) ? -1 : 1));
  if (first === undefined || estate.known("ssh_cas")?.length !== 0) return;
  yield {
    subject: subject("applications", first),
    says: "the account has no SSH authority, so nobody gets a certificate to log in with",
    field: "type",
    value: first["type"],
    mark: "ssh",
    severity: "medium",
    related: applicationSubjects(others),
    fix: { steps: [{ operation: "create_ssh_ca", arguments: {} }] },
  };
}

const servers = { id: "servers", type: "infrastructure", name: "Servers" };
const bastion = { id: "bastion", type: "ssh", name: "Bastion", aud: "a" };
const key = { id: "ssh-ca", public_key: "ssh-ed25519 AAAA" };

const unused: Check = {
  id: "CRT-05",
  title: "Authority that nobody uses, or none where one is needed",
  severity: "low",
  why: "A forgotten authority goes on vouching for whoever has its key; infrastructure applications cannot work without one.",
  reads: ["mtls_certificates"],
  also: ["application_cas", "applications", "ssh_cas"],
  lacks: lackOf("application_cas", "applications", "ssh_cas"),
  *find(estate) {
    for (const item of estate.items("mtls_certificates")) {
      if (hostnamesOf(item).length > 0) continue;
      yield {
        subject: subject("mtls_certificates", item),
        says: "it is asked for on no hostname",
        field: "associated_hostnames",
        value: item["associated_hostnames"],
        fix: { steps: [{ operation: "delete_mtls_certificate", arguments: { certificate_id: item["id"] } }] },
      };
    }
    yield* unusedAuthorities(estate);
    yield* missingAuthority(estate);
  },
  remedy: "Delete authorities that vouch for nobody; make the SSH authority and have each target trust it.",
  falsePositive: "An authority that was just uploaded; an SSH authority made before its first application.",
  source:
    "https://developers.cloudflare.com/cloudflare-one/networks/connectors/cloudflare-tunnel/use-cases/ssh/ssh-infrastructure-access/",
  flagged: [
    { says: "no hostname", account: { mtls_certificates: [{ id: "ca", name: "Old", associated_hostnames: [] }] } },
    {
      says: "of a screen, and of an application that is gone",
      account: {
        applications: [{ ...bastion, type: "vnc" }],
        application_cas: [
          { id: "ca", aud: "a" },
          { id: "gone", aud: "b" },
        ],
      },
    },
    { says: "infrastructure without the SSH authority", account: { applications: [servers] } },
  ],
  clean: [
    {
      says: "each is in use",
      account: {
        mtls_certificates: [{ id: "ca", associated_hostnames: ["payroll.example.com"] }],
        applications: [servers, bastion],
        application_cas: [{ id: "ca", aud: "a" }],
        ssh_cas: [key],
      },
    },
    { says: "an SSH authority that waits", account: { ssh_cas: [key] } },
  ],
};

/** What may be wrong with certificates: `CRT-01` to `CRT-05`. */
export default family(authorityEnds, unboundHost, anyClient, samlEnds, unused);
