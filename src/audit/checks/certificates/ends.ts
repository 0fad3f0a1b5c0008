import type { Members } from "../../../core/change.ts";
import { counted } from "../../../simulator/answers.ts";
import { membersOf, textOf } from "../../../simulator/fields.ts";
import type { Check, Found } from "../../check.ts";
import { type Estate, subject } from "../../estate.ts";
import { applicationSubjects } from "../shared/attached.ts";
import { day } from "../shared/history.ts";
import { lackOf } from "../shared/whole.ts";
import { hostnamesOf, placesOn } from "./hosts.ts";

/** Days before its end at which a certificate should have been replaced. */
const notice = 30;

const endingSoon = (estate: Estate, end: unknown): boolean => Date.parse(textOf(end)) < estate.now + notice * day;
const hasEnded = (estate: Estate, end: unknown): boolean => Date.parse(textOf(end)) < estate.now;

const authority = (facts: Members): Members => ({
  id: "ca",
  name: "Devices",
  associated_hostnames: ["payroll.example.com"],
  expires_on: "2028-01-01T00:00:00Z",
  ...facts,
});
const payroll = { id: "payroll", type: "self_hosted", name: "Payroll", domain: "*.example.com" };

/** `CRT-01`. */
export const authorityEnds: Check = {
  id: "CRT-01",
  title: "Authority of client certificates has ended or soon will",
  severity: "high",
  why: "Every client is refused from then on, and somebody will open a bypass to keep things running.",
  reads: ["mtls_certificates"],
  also: ["applications"],
  *find(estate) {
    for (const item of estate.items("mtls_certificates")) {
      const hosts = hostnamesOf(item);
      const { expires_on } = item;
      if (hosts.length === 0 || !endingSoon(estate, expires_on)) continue;
      const applications = new Set(placesOn(estate, hosts).map(({ application }) => application));
      const isOver = hasEnded(estate, expires_on);
      yield {
        subject: subject("mtls_certificates", item),
        says: `it ${isOver ? "ended" : "ends"} on ${textOf(expires_on).slice(0, 10)} and is asked for on ${counted(hosts.length, "hostname")}`,
        field: "expires_on",
        value: expires_on,
        ...(isOver && { severity: "critical" }),
        related: applicationSubjects([...applications]),
        fix: {
          steps: [{ operation: "create_mtls_certificate", arguments: { associated_hostnames: hosts } }],
          choose: { name: "of the new authority", certificate: "its root certificate in PEM" },
        },
      };
    }
  },
  remedy: "Upload the next root certificate for the same hostnames, then give the clients certificates of it.",
  falsePositive: "The hostnames are no longer in use; then take them off the authority.",
  source:
    "https://developers.cloudflare.com/cloudflare-one/access-controls/service-credentials/mutual-tls-authentication/",
  flagged: [
    {
      says: "three weeks are left",
      account: { mtls_certificates: [authority({ expires_on: "2026-11-22T00:00:00Z" })], applications: [payroll] },
    },
    { says: "it has ended", account: { mtls_certificates: [authority({ expires_on: "2026-10-01T00:00:00Z" })] } },
  ],
  clean: [
    {
      says: "more than a year, or asked for nowhere",
      account: {
        mtls_certificates: [
          authority({}),
          authority({ id: "old", expires_on: "2026-10-01T00:00:00Z", associated_hostnames: [] }),
        ],
      },
    },
  ],
};

const endOf = (set: unknown): unknown => membersOf(membersOf(set)["current_certificate"])["not_after"];

/** What is wrong with a set, wherever it is shown. */
const ending = (estate: Estate, set: Members, users: readonly Members[]): Omit<Found, "subject"> => ({
  says: `its current certificate ${hasEnded(estate, endOf(set)) ? "ended" : "ends"} on ${textOf(endOf(set)).slice(0, 10)}`,
  related: users.map((provider) => subject("identity_providers", provider)),
  fix: { steps: [{ operation: "rotate_saml_certificate", arguments: { saml_cert_set_id: set["uid"] } }] },
});

const set = (not_after: string): Members => ({ uid: "set", current_certificate: { uid: "c", not_after } });
const soon = "2026-11-20T00:00:00Z";

/** `CRT-04`. */
export const samlEnds: Check = {
  id: "CRT-04",
  title: "SAML certificate has ended or soon will",
  severity: "high",
  why: "The identity provider encrypts for a certificate that is no longer good, and nobody can log in by it.",
  reads: ["identity_providers"],
  also: ["saml_certificates"],
  lacks: lackOf("saml_certificates"),
  *find(estate) {
    const providers = estate.items("identity_providers");
    const sets = estate.items("saml_certificates");
    const listed = new Set(sets.map(({ uid }) => uid));
    for (const item of sets.filter((one) => endingSoon(estate, endOf(one)))) {
      const users = providers.filter(({ saml_certificate_set_id }) => saml_certificate_set_id === item["uid"]);
      const isUnused = users.length === 0 && estate.known("identity_providers") !== undefined;
      yield {
        subject: subject("saml_certificates", item),
        field: "current_certificate.not_after",
        value: endOf(item),
        ...(isUnused && { severity: "low" }),
        ...ending(estate, item, users),
      };
    }
    for (const provider of providers) {
      const shown = membersOf(provider["saml_certificate_set"]);
      if (listed.has(shown["uid"]) || !endingSoon(estate, endOf(shown))) continue;
      yield {
        subject: subject("identity_providers", provider),
        field: "saml_certificate_set.current_certificate.not_after",
        value: endOf(shown),
        ...ending(estate, shown, []),
      };
    }
  },
  remedy: "Rotate it, then upload the new certificate at the identity provider.",
  falsePositive: "Cloudflare rotates by itself 30 days before the end; the identity provider still needs the new one.",
  source: "the API's own fields of SAML certificates",
  flagged: [
    {
      says: "a provider uses it",
      account: {
        saml_certificates: [set(soon)],
        identity_providers: [{ id: "saml", type: "saml", saml_certificate_set_id: "set" }],
      },
    },
    { says: "nobody uses it", account: { saml_certificates: [set("2026-10-01T00:00:00Z")] } },
    {
      says: "only the provider shows it",
      account: { identity_providers: [{ id: "saml", type: "saml", saml_certificate_set: set(soon) }] },
    },
  ],
  clean: [
    {
      says: "a year is left, though the one before has ended",
      account: {
        saml_certificates: [
          { ...set("2027-11-01T00:00:00Z"), previous_certificate: { not_after: "2026-10-01T00:00:00Z" } },
        ],
        identity_providers: [{ id: "saml", type: "saml", saml_certificate_set_id: "set" }],
      },
    },
  ],
};
