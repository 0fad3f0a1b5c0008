import { selfSigned } from "../certificates.ts";
import { conflict, invalid, notFound } from "../envelope.ts";
import { type Row, rowOf, rowsOf, textOf } from "../store.ts";
import { type Filter, inAccount, type Quirks, timestamp, type World } from "../world.ts";
import { conceal, concealed } from "./concealed.ts";

const providers = "access/identity_providers";
const sets = "access/saml_certificates";
const grants = "access/idp_federation_grants";

/** SAML certificates live five years here; Cloudflare renews them 30 days before their end. */
const lifetime = 5 * 365 * 86_400_000;

/** A certificate as a set holds it. */
export function samlCertificate({ random, now }: Pick<World, "random" | "now">): Row {
  const not_after = new Date(now().getTime() + lifetime);
  const public_certificate = selfSigned({
    commonName: "Cloudflare Access SAML encryption",
    secret: random.bytes(32),
    serial: random.bytes(16),
    notBefore: now(),
    notAfter: not_after,
  });
  return { uid: random.uuid(), is_current: true, not_after: not_after.toISOString(), public_certificate };
}

const setOf = (world: World, uid: string): Row => {
  const found = world.store.find(inAccount(world, sets), uid);
  if (found === undefined) throw notFound("SAML certificate");
  return found;
};

const among: Filter = (row, ids: readonly string[]) => ids.includes(textOf(row["id"]));
const external: Filter = (row, ids: readonly string[]) => ids.includes(textOf(row["externalId"]));
const named: Filter = (row, name: string) => row["displayName"] === name;
const mailed: Filter = (row, email: string) =>
  rowsOf(row["emails"]).some(({ value }) => textOf(value).toLowerCase() === email.toLowerCase());
const scimFilters = { cf_resource_id: among, idp_resource_id: external, name: named, email: mailed, username: mailed };

export const identityQuirks: Quirks = {
  resources: {
    [providers]: {
      write: (draft, { scope }) => {
        const config = conceal(rowOf(draft["config"]), ["client_secret"]);
        const scim = rowOf(draft["scim_config"]);
        if (scim["enabled"] !== true) return { ...draft, config };
        const scim_base_url = `https://api.cloudflare.com/client/v4/${scope}/access/identity_providers/${textOf(draft["id"])}/scim`;
        return { ...draft, config, scim_config: { ...scim, scim_base_url, secret: concealed } };
      },
      show: (row, { world }) => {
        const set = world.store.find(inAccount(world, sets), textOf(row["saml_certificate_set_id"]));
        return { ...row, ...(set && { saml_certificate_set: set }) };
      },
      reveal: (row, { world }, before) => {
        const scim = rowOf(row["scim_config"]);
        if (scim["enabled"] !== true || rowOf(before?.["scim_config"])["secret"] !== undefined) return {};
        return { scim_config: { ...scim, secret: world.random.hex(64) } };
      },
      filters: {
        scim_enabled: (row, wanted: boolean) => (rowOf(row["scim_config"])["enabled"] === true) === wanted,
      },
    },
    [`${providers}/{identity_provider_id}/scim/users`]: { filters: scimFilters },
    [`${providers}/{identity_provider_id}/scim/groups`]: { filters: scimFilters },
    [sets]: { filters: { id: (row, uids: string) => uids.split(",").includes(textOf(row["uid"])) } },
    [grants]: {
      write: ({ updated_at: _, ...draft }, { world }) => {
        const { store } = world;
        const provider = store.find(inAccount(world, providers), textOf(draft["idp_id"]));
        if (provider === undefined) throw invalid("idp_id: no such identity provider in this account");
        if (["onetimepin", "cloudflare"].includes(textOf(provider["type"]))) {
          throw invalid(`identity providers of type ${textOf(provider["type"])} cannot be federated`);
        }
        const others = store.rows(inAccount(world, grants));
        if (others.some(({ idp_id }) => idp_id === draft["idp_id"])) throw conflict("already federated");
        if (others.length >= 5) throw invalid("an account can federate at most five identity providers");
        return draft;
      },
    },
  },
  operations: {
    create_identity_provider_saml_certificate: ({ world, ids }) => {
      const provider = world.store.find(inAccount(world, providers), ids["identity_provider_id"] ?? "");
      if (provider?.["type"] !== "saml") throw invalid("only SAML identity providers encrypt assertions");
      const present = world.store.find(inAccount(world, sets), textOf(provider["saml_certificate_set_id"]));
      if (present !== undefined) return { result: present };
      const uid = world.random.uuid();
      const time = timestamp(world);
      const set = { uid, current_certificate: samlCertificate(world), previous_certificate: null };
      provider["saml_certificate_set_id"] = uid;
      const result = world.store.keep(inAccount(world, sets), uid, { ...set, created_at: time, updated_at: time });
      return { status: 201, result };
    },
    get_saml_certificate_pem: ({ world, ids }) => {
      const current = rowOf(setOf(world, ids["saml_cert_set_id"] ?? "")["current_certificate"]);
      return { result: textOf(current["public_certificate"]), shape: "text" };
    },
    rotate_saml_certificate: ({ world, ids }) => {
      const set = setOf(world, ids["saml_cert_set_id"] ?? "");
      const previous_certificate = { ...rowOf(set["current_certificate"]), is_current: false };
      return {
        result: Object.assign(set, {
          current_certificate: samlCertificate(world),
          previous_certificate,
          updated_at: timestamp(world),
        }),
      };
    },
  },
};
