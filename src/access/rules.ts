import { z } from "zod";

/**
 * The 26 selectors of Access rules. Cloudflare has no `type` field: the single key of a rule says what it matches.
 * Shapes: npm cloudflare 7.3.0, AccessRule.
 */

const idp = z.string().describe("Identity provider id");
const listId = z.strictObject({ id: z.string().describe("List id, from list_gateway_lists") });
const none = z.strictObject({});

const selectors = {
  email: z.strictObject({ email: z.email() }).describe("One person"),
  email_domain: z.strictObject({ domain: z.string().describe("Without @") }).describe("Everyone in an e-mail domain"),
  email_list: listId.describe("A list of e-mail addresses"),
  everyone: none.describe("Anyone who can log in; with bypass, the whole internet"),
  group: z
    .strictObject({ id: z.string().describe("Rule group id, from list_groups") })
    .describe("An Access rule group"),
  ip: z.strictObject({ ip: z.string().describe("CIDR or address") }).describe("A network"),
  ip_list: listId.describe("A list of networks"),
  geo: z.strictObject({ country_code: z.string().describe("ISO 3166-1 alpha-2") }).describe("A country"),
  service_token: z
    .strictObject({ token_id: z.string().describe("Service token id, not its client_id") })
    .describe("One service token; needs decision non_identity"),
  any_valid_service_token: none.describe("Any service token of the account; needs decision non_identity"),
  login_method: z.strictObject({ id: idp }).describe("Whoever logged in by this identity provider"),
  azureAD: z
    .strictObject({ id: z.string().describe("Entra group id"), identity_provider_id: idp })
    .describe("A Microsoft Entra group"),
  okta: z
    .strictObject({ name: z.string().describe("Okta group name, not its id"), identity_provider_id: idp })
    .describe("An Okta group"),
  gsuite: z
    .strictObject({ email: z.string().describe("Address of the group"), identity_provider_id: idp })
    .describe("A Google Workspace group"),
  "github-organization": z
    .strictObject({
      name: z.string().describe("Organization"),
      team: z.string().optional(),
      identity_provider_id: idp,
    })
    .describe("A GitHub organization or team"),
  saml: z
    .strictObject({ attribute_name: z.string(), attribute_value: z.string(), identity_provider_id: idp })
    .describe("A SAML attribute"),
  oidc: z
    .strictObject({ claim_name: z.string(), claim_value: z.string(), identity_provider_id: idp })
    .describe("An OIDC claim"),
  auth_method: z
    .strictObject({ auth_method: z.string().describe("RFC 8176 value such as mfa or hwk") })
    .describe("How the person authenticated"),
  auth_context: z
    .strictObject({
      id: z.string().describe("Authentication context id"),
      ac_id: z.string().describe("ACID of the context in Entra"),
      identity_provider_id: idp,
    })
    .describe("A Microsoft Entra authentication context"),
  certificate: none.describe("Any valid client certificate"),
  common_name: z.strictObject({ common_name: z.string() }).describe("A client certificate with this common name"),
  device_posture: z
    .strictObject({
      integration_uid: z.string().describe("Posture rule id, from list_posture_rules"),
      account_id: z.string().optional().describe("Account the posture rule lives in, when another"),
    })
    .describe("A device that passes a posture rule"),
  external_evaluation: z
    .strictObject({
      evaluate_url: z.string().describe("Where the decision is asked"),
      keys_url: z.string().describe("Where its signing keys are"),
    })
    .describe("Your own service decides"),
  linked_app_token: z
    .strictObject({ app_uid: z.string() })
    .describe("A token of another Access application; needs decision non_identity or bypass"),
  user_risk_score: z
    .strictObject({ user_risk_score: z.array(z.enum(["low", "medium", "high", "unscored"])) })
    .describe("People with one of these risk scores"),
  cloudflare_account_member: z
    .strictObject({ account_id: z.string().optional() })
    .describe("Members of the Cloudflare account"),
};

type Selectors = typeof selectors;

/** One rule: exactly one selector. */
export const Rule = z
  .strictObject(
    Object.fromEntries(Object.entries(selectors).map(([name, schema]) => [name, schema.optional()])) as {
      [Name in keyof Selectors]: z.ZodOptional<Selectors[Name]>;
    },
  )
  .refine((rule) => Object.keys(rule).length === 1, {
    error: ({ input }) => {
      const keys = Object.keys(input as object);
      return keys.length === 0
        ? 'a rule has exactly one selector, such as {"email_domain":{"domain":"example.com"}}'
        : `a rule has exactly one selector, this one has ${keys.length} (${keys.join(", ")}): make one rule of each`;
    },
  })
  .meta({ title: "Rule" });

/** Rules as policies and groups hold them. */
export const Rules = z.array(Rule);

/** Include, require and exclude, as policies and groups share them. */
export const ruleFields = {
  include: Rules.min(1, "at least one rule; an empty include never matches anybody").describe(
    "Any of these must match",
  ),
  require: Rules.optional().describe("All of these must match too").meta({ brief: "All must match" }),
  exclude: Rules.optional().describe("None of these may match").meta({ brief: "None may match" }),
};
