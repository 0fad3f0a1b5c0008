import type { Members } from "../../../src/core/change.ts";
import type { ReasonCode } from "../../../src/simulator/effect/index.ts";
import { settingKinds } from "./application-settings.ts";
import { attachedKinds } from "./attached-policies.ts";
import { addressKinds, machineKinds } from "./destinations.ts";
import { gated, isOf, type Kind, open, set } from "./kinds.ts";

/** Edits of applications that are not SaaS. */
export const applicationKinds: readonly Kind[] = [
  ...attachedKinds.map((kind) => ({
    ...kind,
    where: (base: Members) => gated(base) && (kind.where ?? (() => true))(base),
  })),
  ...settingKinds,
  ...addressKinds,
  ...machineKinds,
  { name: "the policies of a bookmark", label: "neutral", where: isOf("bookmark"), edit: set({ policies: [open] }) },
  {
    name: "the address of a bookmark",
    label: "neutral",
    where: isOf("bookmark"),
    edit: set({ domain: "https://elsewhere.example.org" }),
  },
];

const saas = (more: Members) => (base: Members) => ({ ...base, saas_app: set(more)(base["saas_app"] as Members) });
const isSaas = (auth_type: string) => (base: Members) =>
  (base["saas_app"] as Members | undefined)?.["auth_type"] === auth_type;

const saasBothWays = (
  name: string,
  narrow: Members,
  wide: Members,
  code: ReasonCode,
  auth_type: string,
): readonly Kind[] => [
  { name: `${name}, opened`, label: "widen", code, where: isSaas(auth_type), from: saas(narrow), edit: saas(wide) },
  { name: `${name}, closed`, label: "narrow", where: isSaas(auth_type), from: saas(wide), edit: saas(narrow) },
];

/** Edits of how SaaS applications are told who logged in. */
export const saasKinds: readonly Kind[] = [
  ...saasBothWays(
    "redirects",
    { redirect_uris: ["https://a.example.org"] },
    { redirect_uris: ["https://a.example.org", "https://b.example.org"] },
    "redirect_added",
    "oidc",
  ),
  ...saasBothWays(
    "PKCE alone",
    { allow_pkce_without_client_secret: false },
    { allow_pkce_without_client_secret: true },
    "weaker_flow",
    "oidc",
  ),
  ...saasBothWays(
    "implicit grants",
    { grant_types: ["authorization_code"] },
    { grant_types: ["authorization_code", "implicit"] },
    "weaker_flow",
    "oidc",
  ),
  ...saasBothWays(
    "tokens in the address",
    { hybrid_and_implicit_options: {} },
    { hybrid_and_implicit_options: { return_access_token_from_authorization_endpoint: true } },
    "weaker_flow",
    "oidc",
  ),
  ...saasBothWays(
    "life of tokens",
    { access_token_lifetime: "5m" },
    { access_token_lifetime: "24h" },
    "longer_session",
    "oidc",
  ),
  ...saasBothWays(
    "life of refresh tokens",
    { refresh_token_options: { lifetime: "36h" } },
    { refresh_token_options: { lifetime: "2d" } },
    "longer_session",
    "oidc",
  ),
  {
    name: "another recipient",
    label: "widen",
    code: "redirect_added",
    where: isSaas("saml"),
    edit: saas({ consumer_service_url: "https://b.example.org/acs" }),
  },
  {
    name: "other names for people",
    label: "widen",
    code: "identity_mapping_changed",
    where: isSaas("saml"),
    edit: saas({ name_id_transform_jsonata: '"admin@example.org"' }),
  },
  {
    name: "other protocol",
    label: "widen",
    code: "unclear",
    where: isSaas("saml"),
    edit: set({ saas_app: { auth_type: "oidc", redirect_uris: [] } }),
  },
  { name: "where people land", label: "neutral", where: isSaas("saml"), edit: saas({ default_relay_state: "/home" }) },
  {
    name: "what Cloudflare makes",
    label: "neutral",
    edit: saas({ public_key: undefined, sso_endpoint: undefined, idp_entity_id: undefined, client_id: undefined }),
  },
  {
    name: "other accounts sent",
    label: "widen",
    code: "provisioning_changed",
    where: (base) => base["scim_config"] !== undefined,
    edit: set({ scim_config: undefined }),
  },
];
