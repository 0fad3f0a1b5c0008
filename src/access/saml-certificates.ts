import { z } from "zod";
import { answer } from "../core/model.ts";
import { operation } from "../core/operation.ts";
import { room } from "../core/room.ts";
import { Id } from "./shared.ts";

const certificate = z.strictObject({
  uid: z.string(),
  is_current: z.boolean(),
  not_after: z.string(),
  public_certificate: z.string(),
});

/** A pair of certificates with which an identity provider encrypts SAML assertions: the current one and, after a rotation, the previous. */
export const SamlCertificateSet = answer({
  uid: Id,
  current_certificate: certificate.optional(),
  previous_certificate: certificate.partial().nullable().optional(),
  created_at: z.string(),
  updated_at: z.string(),
});

const saml_cert_set_id = Id.describe("uid of the set; an identity provider names it saml_certificate_set_id");

const list = operation({
  name: "list_saml_certificates",
  title: "List SAML certificates",
  summary: "List the certificate sets with which identity providers encrypt SAML assertions for Access.",
  advice: "A set is made by create_identity_provider_saml_certificate.",
  effect: "read",
  route: "GET /accounts/{account_id}/access/saml_certificates",
  input: z.strictObject({ id: z.string().min(1).optional().describe("Set uids, separated by commas") }),
  output: SamlCertificateSet,
  answers: "pages",
});

const get = operation({
  name: "get_saml_certificate",
  title: "Get SAML certificate",
  summary: "Show one SAML certificate set: the current certificate and the previous one, with expiry.",
  effect: "read",
  route: "GET /accounts/{account_id}/access/saml_certificates/{saml_cert_set_id}",
  input: z.strictObject({ saml_cert_set_id }),
  output: SamlCertificateSet,
});

const pem = operation({
  name: "get_saml_certificate_pem",
  title: "Get SAML certificate as PEM",
  summary: "Show the current public certificate of a set as PEM text, to upload to the identity provider.",
  effect: "read",
  route: "GET /accounts/{account_id}/access/saml_certificates/{saml_cert_set_id}/pem",
  input: z.strictObject({ saml_cert_set_id }),
  output: z.string(),
  answers: "text",
});

const rotate = operation({
  name: "rotate_saml_certificate",
  title: "Rotate SAML certificate",
  summary: "Make a new current certificate in a SAML set; the current one becomes the previous and still works.",
  advice:
    "A previous certificate that is already there stops working at once. Then give the identity provider the new one from get_saml_certificate_pem. Cloudflare rotates by itself 30 days before expiry.",
  effect: "rotate",
  route: "POST /accounts/{account_id}/access/saml_certificates/{saml_cert_set_id}/rotate",
  input: z.strictObject({ saml_cert_set_id }),
  output: SamlCertificateSet,
});

export default room({
  noun: "SAML certificate",
  toolset: "certificates",
  key: "uid",
  permission: null,
  columns: [
    "uid",
    "current_certificate.uid",
    "current_certificate.not_after",
    "previous_certificate.not_after",
    "updated_at",
  ],
  verbs: { list, get, pem, rotate },
});
