import { z } from "zod";

const text = z.string().optional();
const flag = z.boolean().optional();
const texts = z.array(z.string()).optional();

/** What every provider that speaks OAuth needs. */
const oauth = {
  client_id: text,
  client_secret: text.describe("Never shown again"),
};

/** OAuth with claims of the id token. */
const claims = {
  ...oauth,
  claims: texts.describe("Custom claims to keep, for oidc rules"),
  email_claim_name: text.describe("Claim that holds the e-mail address"),
};

/** What `config` holds, by type of provider (npm cloudflare 7.3.0; the types themselves do not tie the two). */
export const configs = {
  onetimepin: {},
  azureAD: {
    ...claims,
    directory_id: text.describe("Entra tenant id"),
    support_groups: flag.describe("Read Entra groups, for azureAD rules"),
    conditional_access_enabled: flag.describe("Read authentication contexts, for auth_context rules"),
    prompt: z.enum(["login", "select_account", "none"]).optional(),
  },
  saml: {
    issuer_url: text.describe("Entity id of the provider"),
    sso_target_url: text.describe("Where logins are sent"),
    idp_public_certs: texts.describe("PEM certificates that sign its answers"),
    attributes: texts.describe("Attributes to keep, for saml rules"),
    email_attribute_name: text,
    header_attributes: z
      .array(
        z.strictObject({
          attribute_name: text,
          header_name: text.describe("Request header that carries it to the application"),
        }),
      )
      .optional(),
    sign_request: flag,
    force_authn: flag.describe("Ask for the password at every login"),
    enable_encryption: flag.describe("Needs saml_certificate_set_id"),
    max_sso_url_length: z.int().optional().describe("Longest login URL it accepts"),
  },
  centrify: { ...claims, centrify_account: text.describe("Account URL"), centrify_app_id: text },
  facebook: oauth,
  github: oauth,
  "google-apps": {
    ...claims,
    apps_domain: text.describe("Workspace domain"),
    prompt: z.enum(["none", "consent", "select_account"]).optional(),
    use_login_hint: flag.describe("Offer the address of an earlier login"),
  },
  google: claims,
  linkedin: oauth,
  oidc: {
    ...claims,
    auth_url: text.describe("authorization_endpoint"),
    token_url: text.describe("token_endpoint"),
    certs_url: text.describe("jwks_uri"),
    scopes: texts,
    pkce_enabled: flag,
  },
  okta: {
    ...claims,
    okta_account: text.describe("Such as https://example.okta.com"),
    authorization_server_id: text,
  },
  onelogin: { ...claims, onelogin_account: text.describe("Such as https://example.onelogin.com") },
  pingone: { ...claims, ping_env_id: text.describe("Environment id") },
  yandex: oauth,
  cloudflare: {
    restrict_to_account_members: flag.describe("Only members of the account; else anyone with a Cloudflare account"),
  },
};

export type ProviderType = keyof typeof configs;

/** The 15 values of `type`. */
export const providerTypes = Object.keys(configs) as ProviderType[];

/** The request for a provider, told apart by `type`: the given fields, and a `config` that takes nothing of another type's. */
export function eachKind<const Fields extends z.ZodRawShape>(fields: Fields) {
  const kinds = providerTypes.map((type) =>
    z.strictObject({ type: z.literal(type), ...fields, config: z.strictObject(configs[type]) }),
  );
  return z.discriminatedUnion("type", kinds as [(typeof kinds)[number], ...typeof kinds]);
}

/** The `config` of any provider as answers show it. */
export const anyConfig = z.object({
  ...Object.fromEntries(Object.values(configs).flatMap((config) => Object.entries<z.ZodType>(config))),
  prompt: z.enum(["login", "consent", "select_account", "none"]).optional(),
  redirect_url: text.describe("Of onetimepin; made by Cloudflare"),
});
