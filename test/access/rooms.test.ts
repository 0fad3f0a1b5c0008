import { describe, expect, it } from "vitest";
import samlCertificates from "../../src/access/saml-certificates.ts";
import targets from "../../src/access/targets.ts";
import { entryOf } from "../support/calls.ts";

const id = "f174e90a-fafe-4643-bbbc-4a0ed4fc8415";

/** Values that a stricter model would refuse by mistake. */
const unusual: readonly (readonly [tool: string, input: Record<string, unknown>])[] = [
  ["get_tag", { tag_name: "a b/c?ü" }],
  ["update_tag", { tag_name: "engineers", name: "R&D" }],
  ["list_targets", { tag: ["environment:production"], ips: ["198.51.100.7", "2001:db8::7"] }],
  ["list_saml_certificates", { id: `${id},${id}` }],
  ["update_mtls_certificate", { certificate_id: id, associated_hostnames: [] }],
  ["update_mtls_hostname_settings", { settings: [] }],
  ["create_custom_page", { name: "Refused", type: "forbidden", custom_html: "<h1>No</h1>", contract_version: 0 }],
  ["get_user_session", { user_id: id, nonce: "X1aXj1lFVcqqyoXF" }],
  ["list_access_requests", { since: "2026-01-01T00:00:00Z", until: "2026-01-31T00:00:00+01:00" }],
  ["list_gateway_lists", { filter: ["name:a"] }],
  ["update_organization", { warp_auth_session_duration: "2h45m" }],
  ["update_organization", { mfa_piv_key_requirements: { ssh_key_size: [256, 384, 521, 2048, 3072, 4096] } }],
  ["update_mcp_server", { id: "github", description: null }],
];

it.each(unusual)("%s takes %j", (tool, input) => {
  expect(entryOf(tool).input.parse(input)).toEqual(input);
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
    expect(create.input.safeParse({ hostname: "db-1", ip: {}, tags: null }).success).toBe(true);
    expect(create.input.safeParse({ hostname: "db-1", ip: {}, tags: { size: 3 } }).success).toBe(false);
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

it("takes SAML certificates with no previous one in answers", () => {
  const certificate = { uid: id, is_current: true, not_after: "2027-03-21T12:00:00Z", public_certificate: "PEM" };
  const set = { uid: id, created_at: "2026-01-31T12:00:00Z", updated_at: "2026-01-31T12:00:00Z" };
  for (const previous_certificate of [null, {}, certificate]) {
    const answered = { ...set, current_certificate: certificate, previous_certificate };
    expect(samlCertificates.verbs.rotate.output.parse(answered)).toEqual(answered);
  }
});
