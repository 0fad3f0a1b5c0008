import { z } from "zod";
import { answer } from "../../core/model.ts";
import { operation } from "../../core/operation.ts";
import { room } from "../../core/room.ts";
import { SamlCertificateSet } from "../saml-certificates.ts";
import { Deleted, Id } from "../shared.ts";
import { anyConfig, eachKind, providerTypes } from "./kinds.ts";

const scim = {
  enabled: z.boolean().optional(),
  user_deprovision: z.boolean().optional().describe("End the sessions of people it removes"),
  seat_deprovision: z.boolean().optional().describe("Free their seats too; needs user_deprovision"),
  identity_update_behavior: z
    .enum(["automatic", "reauth", "no_action"])
    .optional()
    .describe("On changes: update the identity, ask to log in again, or nothing"),
};

const fields = {
  name: z.string().min(1).describe("Shown on the login page"),
  scim_config: z.strictObject(scim).optional(),
  saml_certificate_set_id: z
    .string()
    .optional()
    .describe("For saml: uid from create_identity_provider_saml_certificate"),
};

/** Somewhere people can log in. */
export const IdentityProvider = answer({
  id: Id.optional(),
  type: z.enum(providerTypes),
  ...fields,
  config: anyConfig,
  scim_config: z.object({ ...scim, scim_base_url: z.string().optional(), secret: z.string().optional() }).optional(),
  saml_certificate_set: SamlCertificateSet.optional(),
  read_only: z.boolean().optional(),
});

const secrets = ["config.client_secret", "scim_config.secret"] as const;
const identity_provider_id = Id.describe("Identity provider id");

const list = operation({
  name: "list_identity_providers",
  title: "List identity providers",
  summary: "List the identity providers with which people can log in.",
  effect: "read",
  route: "GET /{account_or_zone}/access/identity_providers",
  input: z.strictObject({ scim_enabled: z.boolean().optional().describe("True: only those with SCIM") }),
  output: IdentityProvider,
  answers: "pages",
  secrets,
});

const get = operation({
  name: "get_identity_provider",
  title: "Get identity provider",
  summary: "Show one identity provider with its configuration and SCIM settings, without secrets.",
  effect: "read",
  route: "GET /{account_or_zone}/access/identity_providers/{identity_provider_id}",
  input: z.strictObject({ identity_provider_id }),
  output: IdentityProvider,
  secrets,
});

const create = operation({
  name: "create_identity_provider",
  title: "Create identity provider",
  summary: "Add an identity provider; its type decides what config takes.",
  advice:
    "Every application that does not limit allowed_idps offers it at once. onetimepin takes an empty config. The SCIM secret exists only in this answer.",
  effect: "create",
  route: "POST /{account_or_zone}/access/identity_providers",
  input: eachKind(fields),
  output: IdentityProvider,
  secrets,
});

const update = operation({
  name: "update_identity_provider",
  title: "Update identity provider",
  summary: "Change an identity provider; a mistake locks out everyone who logs in with it.",
  advice: "client_secret is never shown and Cloudflare does not say whether leaving it out keeps it: send it along.",
  effect: "update",
  route: "PUT /{account_or_zone}/access/identity_providers/{identity_provider_id}",
  input: eachKind({ identity_provider_id, ...fields }),
  output: IdentityProvider,
  secrets,
});

const remove = operation({
  name: "delete_identity_provider",
  title: "Delete identity provider",
  summary: "Delete an identity provider; people who only log in with it are locked out.",
  advice: "Rules that name it (login_method and the group selectors) stop matching; exclude rules then exclude nobody.",
  effect: "delete",
  route: "DELETE /{account_or_zone}/access/identity_providers/{identity_provider_id}",
  input: z.strictObject({ identity_provider_id }),
  output: Deleted,
});

const createSamlCertificate = operation({
  name: "create_identity_provider_saml_certificate",
  title: "Create SAML certificate",
  summary: "Make the certificate with which a SAML identity provider encrypts what it sends; again gives the same one.",
  advice:
    "Then put public_certificate into the provider, and send saml_certificate_set_id with config.enable_encryption true to update_identity_provider.",
  effect: "create",
  route: "POST /accounts/{account_id}/access/identity_providers/{identity_provider_id}/saml_certificate",
  input: z.strictObject({ identity_provider_id }),
  output: SamlCertificateSet,
});

export default room({
  noun: "identity provider",
  toolset: "identity",
  key: "id",
  permission: "Access: Organizations, Identity Providers, and Groups",
  columns: ["id", "name", "type", "scim_config.enabled", "read_only", "saml_certificate_set_id"],
  verbs: { list, get, create, update, delete: remove, create_saml_certificate: createSamlCertificate },
});
