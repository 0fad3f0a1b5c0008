import type { Members } from "../../../core/change.ts";
import { membersOf, textOf } from "../../../simulator/fields.ts";
import { type Found, family } from "../../check.ts";
import { type Estate, subject } from "../../estate.ts";
import { holderSubject, type Placed, rulesBy } from "../shared/placed.ts";

/** A finding about one setting, with the update that puts it right. */
function setting(
  provider: Members,
  field: string,
  better: unknown,
  facts: Pick<Found, "says"> & Partial<Found>,
): Found {
  const [part = "", name = ""] = field.split(".");
  const change = { identity_provider_id: provider["id"], [part]: { [name]: better } };
  return {
    subject: subject("identity_providers", provider),
    field,
    value: membersOf(provider[part])[name],
    // One that another account shares can only be changed there.
    ...(provider["read_only"] !== true && {
      fix: { steps: [{ operation: "update_identity_provider", arguments: change }] },
    }),
    ...facts,
  };
}

/** Settings that make a login harder to forge, by type. */
const protections: Readonly<Record<string, readonly [field: string, says: string]>> = {
  oidc: ["config.pkce_enabled", "a stolen authorization code can be used by whoever has it: PKCE is off"],
  saml: [
    "config.sign_request",
    "the provider cannot tell that a login request comes from Cloudflare: it is not signed",
  ],
};

/** A setting that a rule cannot do without. */
interface Need {
  readonly field: string;
  /** What the setting has to hold, when it is a list. */
  readonly item?: string;
}

/** What the identity provider has to send for a rule to match, by selector. */
const needs: Readonly<Record<string, (argument: Members) => Need>> = {
  azureAD: () => ({ field: "config.support_groups" }),
  auth_context: () => ({ field: "config.conditional_access_enabled" }),
  oidc: ({ claim_name }) => ({ field: "config.claims", item: textOf(claim_name) }),
  saml: ({ attribute_name }) => ({ field: "config.attributes", item: textOf(attribute_name) }),
};

/** Rules that can never match for want of one setting of one identity provider. */
interface Want extends Need {
  readonly provider: Members;
  readonly rules: Placed[];
}

function wants(estate: Estate): Iterable<Want> {
  const found = new Map<string, Want>();
  for (const [selector, needOf] of Object.entries(needs)) {
    for (const placed of rulesBy(estate, selector)) {
      const { argument } = placed.rule;
      const provider = estate.find("identity_providers", argument["identity_provider_id"]);
      if (provider === undefined) continue;
      const need = needOf(argument);
      const { field, item } = need;
      const set = membersOf(provider["config"])[field.slice("config.".length)];
      if (item === undefined ? set === true : Array.isArray(set) && set.includes(item)) continue;
      const mark = JSON.stringify([provider["id"], field, item]);
      const want = found.get(mark) ?? { ...need, provider, rules: [] };
      want.rules.push(placed);
      found.set(mark, want);
    }
  }
  return found.values();
}

/** Types whose provider may or may not speak SCIM 2.0; of the others in the list Cloudflare says that it does. */
const perhapsScim = new Set(["oidc", "saml"]);
const scimTypes = new Set([...perhapsScim, "azureAD", "okta", "onelogin", "pingone", "centrify"]);

const scimOn = { enabled: true, user_deprovision: true, seat_deprovision: true, identity_update_behavior: "automatic" };
const okta = { id: "okta", type: "okta", name: "Okta", config: {} };
const entra = { id: "entra", type: "azureAD", name: "Entra ID", config: { support_groups: false } };
const entraGroup = { azureAD: { id: "platform", identity_provider_id: "entra" } };
const saml = { id: "saml", type: "saml", name: "Partner", config: { attributes: ["email"], sign_request: true } };
const attribute = { saml: { attribute_name: "team", attribute_value: "ops", identity_provider_id: "saml" } };

/** How identity providers are set up. */
export const settings = family(
  {
    id: "IDP-04",
    title: "Login requests are not protected",
    severity: "low",
    why: "Between the browser and the identity provider, a login can be stolen or made up more easily than it has to be.",
    reads: ["identity_providers"],
    *find(estate) {
      for (const provider of estate.items("identity_providers")) {
        const [field, says] = protections[textOf(provider["type"])] ?? [];
        if (field === undefined || says === undefined) continue;
        if (membersOf(provider["config"])[field.slice("config.".length)] === true) continue;
        yield setting(provider, field, true, { says });
      }
    },
    remedy: "Switch it on at the provider first, then here; send client_secret along, since it is never shown.",
    falsePositive: "The provider cannot do it.",
    source: "the API's own fields pkce_enabled and sign_request",
    flagged: [
      { says: "OIDC without PKCE", account: { identity_providers: [{ id: "o", type: "oidc", config: {} }] } },
      {
        says: "SAML with unsigned requests",
        account: { identity_providers: [{ id: "s", type: "saml", config: { sign_request: false } }] },
      },
    ],
    clean: [
      {
        says: "both are on, and others have no such setting",
        account: { identity_providers: [{ id: "o", type: "oidc", config: { pkce_enabled: true } }, saml, okta] },
      },
    ],
  },
  {
    id: "IDP-05",
    title: "Rules ask for what the identity provider does not send",
    severity: "medium",
    why: "Such a rule never matches: people are locked out, or an exclude and a block keep nobody out.",
    reads: ["identity_providers", "policies", "groups"],
    also: ["applications"],
    *find(estate) {
      for (const { provider, field, item, rules } of wants(estate)) {
        const set = membersOf(provider["config"])[field.slice("config.".length)];
        const better = item === undefined ? true : [...(Array.isArray(set) ? set : []), item];
        const wish = item === undefined ? "it is off" : `one that ${rules.length} of them name is not in it`;
        yield setting(provider, field, better, {
          says: `${rules.length} rules can match only with ${field}, and ${wish}`,
          mark: item ?? "",
          related: [...new Set(rules.map(({ holder }) => holder))].map(holderSubject),
        });
      }
    },
    remedy: "Let the provider send it and keep it here; send client_secret along, since it is never shown.",
    falsePositive: "None known.",
    source: "the API's own fields support_groups, conditional_access_enabled, claims and attributes",
    flagged: [
      {
        says: "Entra groups are not read",
        account: { identity_providers: [entra], groups: [{ id: "g", name: "Platform", include: [entraGroup] }] },
      },
      {
        says: "an attribute that is not kept",
        account: { identity_providers: [saml], policies: [{ id: "p", decision: "allow", include: [attribute] }] },
      },
      {
        says: "authentication contexts are not read, in a policy of one application",
        account: {
          identity_providers: [entra],
          applications: [
            {
              id: "a",
              policies: [
                {
                  id: "p",
                  decision: "allow",
                  include: [{ everyone: {} }],
                  require: [{ auth_context: { id: "c", ac_id: "c1", identity_provider_id: "entra" } }],
                },
              ],
            },
          ],
        },
      },
    ],
    clean: [
      {
        says: "groups and attributes are sent",
        account: {
          identity_providers: [
            { ...entra, config: { support_groups: true } },
            { ...saml, config: { attributes: ["team"] } },
          ],
          groups: [{ id: "g", include: [entraGroup, attribute] }],
        },
      },
    ],
  },
  {
    id: "IDP-06",
    title: "Leavers are not removed by SCIM",
    severity: "high",
    why: "Who leaves the company keeps open sessions until they expire, and the seat for ever.",
    reads: ["identity_providers"],
    *find(estate) {
      for (const provider of estate.items("identity_providers")) {
        const type = textOf(provider["type"]);
        if (!scimTypes.has(type)) continue;
        const scim = membersOf(provider["scim_config"]);
        if (scim["enabled"] !== true) {
          const on = { scim_config: scimOn, identity_provider_id: provider["id"] };
          yield {
            ...setting(provider, "scim_config.enabled", true, { says: "it does not tell Cloudflare who has left" }),
            certain: !perhapsScim.has(type),
            ...(provider["read_only"] !== true && {
              fix: { steps: [{ operation: "update_identity_provider", arguments: on }] },
            }),
          };
          continue;
        }
        if (scim["user_deprovision"] !== true) {
          yield setting(provider, "scim_config.user_deprovision", true, {
            says: "people whom it removes keep their sessions",
          });
        }
        if (scim["identity_update_behavior"] === "no_action") {
          yield setting(provider, "scim_config.identity_update_behavior", "automatic", {
            says: "groups that it takes from people stay in their sessions",
          });
        }
      }
    },
    remedy: "Switch on SCIM with user_deprovision here, then give its address and secret to the provider.",
    falsePositive: "The provider has no SCIM; Google Workspace has none.",
    source: "https://developers.cloudflare.com/cloudflare-one/team-and-resources/users/scim/",
    flagged: [
      { says: "no SCIM", account: { identity_providers: [okta] } },
      {
        says: "SCIM that removes nobody",
        account: { identity_providers: [{ ...okta, scim_config: { ...scimOn, user_deprovision: false } }] },
      },
      {
        says: "SCIM that changes nothing",
        account: {
          identity_providers: [{ ...okta, scim_config: { ...scimOn, identity_update_behavior: "no_action" } }],
        },
      },
    ],
    clean: [
      { says: "leavers are removed", account: { identity_providers: [{ ...okta, scim_config: scimOn }] } },
      { says: "Google Workspace", account: { identity_providers: [{ id: "g", type: "google-apps", config: {} }] } },
    ],
  },
  {
    id: "IDP-07",
    title: "Identity provider is shared with other accounts",
    severity: "medium",
    why: "Other accounts of the organization let people in by it, and every mistake at it reaches them.",
    reads: ["idp_federation_grants"],
    also: ["identity_providers"],
    *find(estate) {
      for (const grant of estate.items("idp_federation_grants")) {
        const provider = estate.find("identity_providers", grant["idp_id"]);
        yield {
          subject: subject("idp_federation_grants", grant),
          says: "the other accounts of the organization can use an identity provider of this one",
          field: "idp_id",
          value: grant["idp_id"],
          related: provider === undefined ? [] : [subject("identity_providers", provider)],
          fix: { steps: [{ operation: "delete_idp_federation_grant", arguments: { grant_id: grant["id"] } }] },
        };
      }
    },
    remedy: "Ask who of the other accounts needs it; delete the grant if nobody does.",
    falsePositive: "The organization means to have one login for all its accounts.",
    source: "the API's own object of identity provider federation grants",
    flagged: [
      {
        says: "a grant",
        account: { identity_providers: [okta], idp_federation_grants: [{ id: "grant", idp_id: "okta" }] },
      },
    ],
    clean: [{ says: "no grant", account: { identity_providers: [okta] } }],
  },
);
