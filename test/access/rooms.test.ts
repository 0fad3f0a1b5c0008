import { describe, expect, it } from "vitest";
import bookmarks from "../../src/access/bookmarks.ts";
import customPages from "../../src/access/custom-pages.ts";
import idpFederationGrants from "../../src/access/idp-federation-grants.ts";
import keys from "../../src/access/keys.ts";
import mtlsCertificates from "../../src/access/mtls-certificates.ts";
import mtlsHostnameSettings from "../../src/access/mtls-hostname-settings.ts";
import samlCertificates from "../../src/access/saml-certificates.ts";
import sshCas from "../../src/access/ssh-cas.ts";
import tags from "../../src/access/tags.ts";
import targets from "../../src/access/targets.ts";
import type { Operation } from "../../src/core/operation.ts";

type Input = Record<string, unknown>;

const id = "f174e90a-fafe-4643-bbbc-4a0ed4fc8415";
const address = { ip_addr: "198.51.100.7", virtual_network_id: id };
const target = { hostname: "db-1.internal", ip: { ipv4: address, ipv6: address }, tags: { environment: "production" } };
const bookmark = { name: "Wiki", domain: "wiki.example.com", logo_url: "https://example.com/w.png" };
const page = { name: "Refused", type: "forbidden", custom_html: "<h1>No</h1>" };
const setting = { hostname: "app.example.com", client_certificate_forwarding: true, china_network: false };

/** For each tool the least it accepts and, where there is more, a request with every object it knows. */
const requests: Record<string, readonly [least: Input, full?: Input]> = {
  list_targets: [{}, { hostname: "db-1", tag: ["environment:production"], ips: ["198.51.100.7"], order: "hostname" }],
  get_target: [{ target_id: id }],
  create_target: [{ hostname: "db-1", ip: { ipv4: { ip_addr: "198.51.100.7" } } }, target],
  create_targets: [{ targets: [{ hostname: "db-1", ip: {} }] }, { targets: [target, target] }],
  update_target: [
    { target_id: id, hostname: "db-1", ip: {} },
    { target_id: id, ...target },
  ],
  delete_target: [{ target_id: id }],
  delete_targets: [{ target_ids: [id] }],
  delete_targets_deprecated: [{}],
  list_mtls_certificates: [{}],
  get_mtls_certificate: [{ certificate_id: id }],
  create_mtls_certificate: [
    { name: "Devices", certificate: "-----BEGIN CERTIFICATE-----" },
    { name: "Devices", certificate: "-----BEGIN CERTIFICATE-----", associated_hostnames: ["app.example.com"] },
  ],
  update_mtls_certificate: [
    { certificate_id: id, associated_hostnames: [] },
    { certificate_id: id, associated_hostnames: ["app.example.com"], name: "Devices" },
  ],
  delete_mtls_certificate: [{ certificate_id: id }],
  list_mtls_hostname_settings: [{}],
  update_mtls_hostname_settings: [{ settings: [] }, { settings: [setting, setting] }],
  list_saml_certificates: [{}, { id: `${id},${id}` }],
  get_saml_certificate: [{ saml_cert_set_id: id }],
  get_saml_certificate_pem: [{ saml_cert_set_id: id }],
  rotate_saml_certificate: [{ saml_cert_set_id: id }],
  list_ssh_cas: [{}],
  create_ssh_ca: [{}],
  delete_ssh_ca: [{ certificate_id: id }],
  get_key_configuration: [{}],
  update_key_configuration: [{ key_rotation_interval_days: 30 }],
  rotate_keys: [{}],
  list_bookmarks: [{}],
  get_bookmark: [{ bookmark_id: id }],
  create_bookmark: [{ bookmark_id: id }, { bookmark_id: id, ...bookmark, app_launcher_visible: true }],
  update_bookmark: [{ bookmark_id: id }, { bookmark_id: id, ...bookmark, app_launcher_visible: true }],
  delete_bookmark: [{ bookmark_id: id }],
  list_tags: [{}],
  get_tag: [{ tag_name: "a b/c?ü" }],
  create_tag: [{ name: "engineers" }],
  update_tag: [{ tag_name: "engineers", name: "R&D" }],
  delete_tag: [{ tag_name: "engineers" }],
  list_custom_pages: [{}],
  get_custom_page: [{ custom_page_id: id }],
  create_custom_page: [page, { ...page, contract_version: 1 }],
  update_custom_page: [
    { custom_page_id: id, ...page },
    { custom_page_id: id, ...page, contract_version: 0 },
  ],
  delete_custom_page: [{ custom_page_id: id }],
  list_idp_federation_grants: [{}],
  get_idp_federation_grant: [{ grant_id: id }],
  create_idp_federation_grant: [{ idp_id: id }],
  delete_idp_federation_grant: [{ grant_id: id }],
};

const rooms = [
  targets,
  mtlsCertificates,
  mtlsHostnameSettings,
  samlCertificates,
  sshCas,
  keys,
  bookmarks,
  tags,
  customPages,
  idpFederationGrants,
];
const operations = rooms.flatMap((room): Operation[] => Object.values(room.verbs));
const byName = operations.map((operation) => [operation.name, operation] as const);
const requestOf = ({ name }: Operation): Input => requests[name]?.[1] ?? requests[name]?.[0] ?? {};
const placeholders = ({ route }: Operation) =>
  [...route.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? "").filter((name) => !name.startsWith("account"));

/** Copies of a request, each with one key too many in another of its objects; free-form labels have none too many. */
function withStranger(value: unknown): unknown[] {
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => withStranger(item).map((changed) => value.with(index, changed)));
  }
  if (typeof value !== "object" || value === null) return [];
  const deeper = Object.entries(value)
    .filter(([key]) => key !== "tags")
    .flatMap(([key, child]) => withStranger(child).map((changed) => ({ ...value, [key]: changed })));
  return [{ ...value, stranger: "x" }, ...deeper];
}

describe("requests", () => {
  it("are written down here for every operation of these rooms", () => {
    expect(operations.map(({ name }) => name).sort()).toEqual(Object.keys(requests).sort());
  });

  it.each(byName)("%s takes the least and the full request unchanged", (name, { input }) => {
    for (const request of requests[name] ?? []) expect(input.parse(request)).toEqual(request);
  });

  it.each(byName)("%s needs all of its least request", (name, { input }) => {
    const [least = {}] = requests[name] ?? [];
    for (const field of Object.keys(least)) {
      const { [field]: _, ...rest } = least;
      expect(input.safeParse(rest).success, `without ${field}`).toBe(false);
    }
  });

  it.each(byName)("%s refuses an unknown key at every depth", (_, operation) => {
    for (const request of withStranger(requestOf(operation))) {
      const issues = operation.input.safeParse(request).error?.issues ?? [];
      expect(
        issues.map(({ code }) => code),
        JSON.stringify(request),
      ).toEqual(["unrecognized_keys"]);
    }
  });

  it.each(byName.filter(([, operation]) => placeholders(operation).length > 0))(
    "%s refuses ids that would change its path",
    (_, operation) => {
      const hostile = ["", ".", "..", "\u0000", "x".repeat(256)];
      for (const field of placeholders(operation)) {
        for (const value of hostile) {
          const request = { ...requestOf(operation), [field]: value };
          expect(operation.input.safeParse(request).success, JSON.stringify(value)).toBe(false);
        }
      }
    },
  );

  it("refuse a slash in every id but a tag's name, which is percent-encoded", () => {
    for (const operation of operations) {
      for (const field of placeholders(operation)) {
        const request = { ...requestOf(operation), [field]: "a/b" };
        expect(operation.input.safeParse(request).success, operation.name).toBe(field === "tag_name");
      }
    }
  });
});

describe("targets", () => {
  const { create, create_many, delete_many, list } = targets.verbs;
  const named = (hostname: string) => create.input.safeParse({ hostname, ip: {} }).success;

  it.each(["a", "DB-1", "db.eu-1.internal", "x".repeat(255)])("accept the hostname %s", (hostname) => {
    expect(named(hostname)).toBe(true);
  });

  it.each(["", "-a", "a.", "a b", "a_b", "a/b", "x".repeat(256)])("refuse the hostname %s", (hostname) => {
    expect(named(hostname)).toBe(false);
  });

  it("take null for no tags, and only texts as tags", () => {
    expect(create.input.safeParse({ ...target, tags: null }).success).toBe(true);
    expect(create.input.safeParse({ ...target, tags: { size: 3 } }).success).toBe(false);
  });

  it.each([":production", "environment:", "environment"])("are not filtered by the tag %s", (tag) => {
    expect(list.input.safeParse({ tag: [tag] }).success).toBe(false);
  });

  it("are not created or deleted by an empty list", () => {
    expect(create_many.input.safeParse({ targets: [] }).success).toBe(false);
    expect(delete_many.input.safeParse({ target_ids: [] }).success).toBe(false);
    expect(delete_many.input.safeParse({ target_ids: [""] }).success).toBe(false);
  });
});

describe("answers", () => {
  it("keep what the models do not know, at every depth", () => {
    const answered = {
      ...target,
      id,
      created_at: "2026-01-31T12:00:00Z",
      modified_at: "2026-01-31T12:00:00Z",
      ip: { ipv4: { ...address, new: 1 }, new: 2 },
      new: 3,
    };
    expect(targets.verbs.get.output.parse(answered)).toEqual(answered);
  });

  it("of SAML certificates may have no previous one", () => {
    const certificate = { uid: id, is_current: true, not_after: "2027-03-21T12:00:00Z", public_certificate: "PEM" };
    const set = { uid: id, created_at: "2026-01-31T12:00:00Z", updated_at: "2026-01-31T12:00:00Z" };
    for (const previous_certificate of [null, {}, certificate]) {
      const answered = { ...set, current_certificate: certificate, previous_certificate };
      expect(samlCertificates.verbs.rotate.output.parse(answered)).toEqual(answered);
    }
  });
});
