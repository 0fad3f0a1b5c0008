import { z } from "zod";
import { answer, optional } from "../core/model.ts";
import { operation } from "../core/operation.ts";
import { room } from "../core/room.ts";
import { Deleted, Id } from "./shared.ts";

/** A certificate authority whose client certificates Access accepts on some hostnames. */
const fields = {
  name: z.string().min(1),
  associated_hostnames: z
    .array(z.string())
    .describe("Application hostnames that ask for a client certificate")
    .meta({ binds: true }),
};

export const MtlsCertificate = answer({
  id: Id.optional(),
  ...optional(fields),
  fingerprint: z.string().optional(),
  expires_on: z.string().optional(),
  created_at: z.string().optional(),
  updated_at: z.string().optional(),
});

const certificate_id = Id.describe("mTLS certificate id");

const list = operation({
  name: "list_mtls_certificates",
  title: "List mTLS certificates",
  summary: "List the root certificates by which Access checks client certificates, with hostnames and expiry.",
  advice:
    "Other certificates: list_saml_certificates (encrypted SAML), list_ssh_cas (infrastructure SSH), list_application_cas (SSH of one application).",
  effect: "read",
  route: "GET /{account_or_zone}/access/certificates",
  input: z.strictObject({}),
  output: MtlsCertificate,
  answers: "pages",
});

const get = operation({
  name: "get_mtls_certificate",
  title: "Get mTLS certificate",
  summary: "Show one mTLS root certificate; its PEM text is never shown again.",
  effect: "read",
  route: "GET /{account_or_zone}/access/certificates/{certificate_id}",
  input: z.strictObject({ certificate_id }),
  output: MtlsCertificate,
});

const create = operation({
  name: "create_mtls_certificate",
  title: "Create mTLS certificate",
  summary: "Upload the root certificate that signed your client certificates.",
  advice:
    "It lets nobody in by itself: add a policy with a certificate or common_name rule to the applications on its hostnames.",
  effect: "create",
  route: "POST /{account_or_zone}/access/certificates",
  input: z.strictObject({
    ...fields,
    certificate: z.string().min(1).describe("Root certificate in PEM, never its private key"),
    associated_hostnames: fields.associated_hostnames.optional(),
  }),
  output: MtlsCertificate,
});

const update = operation({
  name: "update_mtls_certificate",
  title: "Update mTLS certificate",
  summary: "Rename an mTLS root certificate or replace the hostnames it is used on.",
  advice: "associated_hostnames replaces the old list. The certificate itself cannot be changed.",
  effect: "update",
  route: "PUT /{account_or_zone}/access/certificates/{certificate_id}",
  input: z.strictObject({ certificate_id, ...fields, name: fields.name.optional() }),
  output: MtlsCertificate,
});

const remove = operation({
  name: "delete_mtls_certificate",
  title: "Delete mTLS certificate",
  summary: "Delete an mTLS root certificate; client certificates it signed are no longer accepted.",
  advice:
    "First empty associated_hostnames with update_mtls_certificate. That takes some seconds to settle: if the delete is refused, wait and repeat it.",
  effect: "delete",
  route: "DELETE /{account_or_zone}/access/certificates/{certificate_id}",
  input: z.strictObject({ certificate_id }),
  output: Deleted,
});

export default room({
  noun: "mTLS certificate",
  toolset: "certificates",
  key: "id",
  permission: "Access: Mutual TLS Certificates",
  columns: ["id", "name", "associated_hostnames", "fingerprint", "expires_on"],
  verbs: { list, get, create, update, delete: remove },
});
