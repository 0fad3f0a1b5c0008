import type { Members } from "../../../core/change.ts";
import { textOf } from "../../../simulator/fields.ts";
import { type Fix, family } from "../../check.ts";
import { type Estate, subject } from "../../estate.ts";
import { applicationSubjects } from "../shared/attached.ts";
import { shortOf } from "../shared/history.ts";
import { everyRule } from "../shared/placed.ts";
import { isWhole } from "../shared/whole.ts";
import { isOpen, letsAnyone, offers } from "./open.ts";

/** A month, less the two days on which nobody may have worked. */
const enoughDays = 28;

/** What may name an identity provider. */
const holders = ["applications", "policies", "groups"] as const;

/** Leaves applications the other identity providers; nothing where one would have none left. */
function withoutProvider(
  id: unknown,
  applications: readonly Members[],
  providers: readonly Members[],
): Fix | undefined {
  const steps = applications.map((application) => {
    const { id: app_id, type, allowed_idps } = application;
    const offered =
      Array.isArray(allowed_idps) && allowed_idps.length > 0 ? allowed_idps : providers.map(({ id }) => id);
    const others = offered.filter((one) => one !== id);
    return { operation: "update_application", arguments: { app_id, type, allowed_idps: others } };
  });
  return steps.some((step) => step.arguments.allowed_idps.length === 0) ? undefined : { steps };
}

/** Ids of identity providers that rules, applications or logins of the log name. */
function usedProviders(estate: Estate): ReadonlySet<unknown> {
  // Not every row says by which provider somebody came; its kind is all that the others tell.
  const logins = estate.items("access_requests");
  const ids = new Set(logins.map(({ idp }) => idp));
  const kinds = new Set(logins.filter(({ idp }) => textOf(idp) === "").map(({ connection }) => connection));
  const isInLog = ({ id, type, name }: Members) => ids.has(id) || [id, type, name].some((mark) => kinds.has(mark));
  return new Set([
    ...[...everyRule(estate)].flatMap(([selector, rules]) =>
      rules.map(({ rule }) => rule.argument[selector === "login_method" ? "id" : "identity_provider_id"]),
    ),
    ...estate.items("applications").flatMap(({ allowed_idps }) => (Array.isArray(allowed_idps) ? allowed_idps : [])),
    ...estate
      .items("identity_providers")
      .filter(isInLog)
      .map(({ id }) => id),
  ]);
}

const pin = { id: "pin", type: "onetimepin", name: "One-time PIN", config: {} };
const okta = { id: "okta", type: "okta", name: "Okta", config: {} };
const everybody = { id: "p", decision: "allow", include: [{ everyone: {} }], precedence: 1 };
const staff = { id: "p", decision: "allow", include: [{ email_domain: { domain: "example.com" } }], precedence: 1 };
const wiki = { id: "wiki", type: "self_hosted", name: "Wiki", domain: "wiki.example.com" };
const longAgo = {
  created_at: "2026-10-02T08:00:00Z",
  user_email: "ada@example.com",
  connection: "okta",
  allowed: true,
};
const saml = { id: "saml", type: "saml", name: "Old partner", config: {} };

/** Who can log in at all. */
export const login = family(
  {
    id: "IDP-01",
    title: "One-time PIN is the only login",
    severity: "high",
    why: "A code by e-mail proves no more than access to a mailbox: no company account that can be closed, no second factor.",
    reads: ["identity_providers"],
    *find(estate) {
      const providers = estate.items("identity_providers");
      if (estate.known("identity_providers") === undefined || providers.some(({ type }) => type !== "onetimepin"))
        return;
      for (const provider of providers) {
        yield {
          subject: subject("identity_providers", provider),
          says: "everybody logs in by a code sent to a mailbox",
          field: "type",
          value: provider["type"],
          fix: {
            steps: [{ operation: "create_identity_provider", arguments: {} }],
            choose: {
              type: "the kind of the company's directory, such as okta or azureAD",
              name: "as people shall see it on the login page",
              config: "what the directory gave for this client",
            },
          },
        };
      }
    },
    remedy: "Add the company's directory as identity provider and let applications accept it alone.",
    falsePositive: "A team of a few people without a directory.",
    source: "https://developers.cloudflare.com/cloudflare-one/access-controls/policies/",
    flagged: [{ says: "only one-time PIN", account: { identity_providers: [pin] } }],
    clean: [
      { says: "a directory beside it", account: { identity_providers: [pin, okta] } },
      { says: "nobody logs in at all", account: {} },
    ],
  },
  {
    id: "IDP-02",
    title: "A login that anybody can have opens applications",
    severity: "medium",
    why: "Strangers make themselves an account there, and policies that do not say who somebody is let them in.",
    reads: ["identity_providers", "applications"],
    also: ["policies", "groups"],
    *find(estate) {
      const providers = estate.items("identity_providers");
      for (const provider of providers.filter(isOpen)) {
        const { id, type } = provider;
        const isWide = letsAnyone(estate, id);
        const reached = estate.items("applications").filter((one) => offers(one, id) && isWide(one));
        if (reached.length === 0) continue;
        const restrict = { identity_provider_id: id, config: { restrict_to_account_members: true } };
        const fix: Fix | undefined =
          type === "cloudflare"
            ? { steps: [{ operation: "update_identity_provider", arguments: restrict }] }
            : withoutProvider(id, reached, estate.known("identity_providers") ?? []);
        yield {
          subject: subject("identity_providers", provider),
          says: `anybody can log in by it, and ${reached.length} of the applications that offer it do not ask who it is`,
          field: type === "cloudflare" ? "config.restrict_to_account_members" : "type",
          ...(type !== "cloudflare" && { value: type }),
          related: applicationSubjects(reached),
          ...(fix && { fix }),
        };
      }
    },
    remedy:
      "Take the provider out of allowed_idps of these applications, or limit it to members of the account, or name people in the policies.",
    falsePositive: "Applications that are meant for everybody who leaves an address.",
    source: "the API's own field description of allowed_idps and restrict_to_account_members",
    flagged: [
      {
        says: "a PIN opens an application for everyone",
        account: { identity_providers: [pin, okta], applications: [{ ...wiki, policies: [everybody] }] },
      },
      {
        says: "any Cloudflare account, through a group",
        account: {
          identity_providers: [{ id: "cf", type: "cloudflare", config: { restrict_to_account_members: false } }],
          groups: [{ id: "g", include: [{ login_method: { id: "cf" } }] }],
          applications: [
            { ...wiki, allowed_idps: ["cf"], policies: [{ ...everybody, include: [{ group: { id: "g" } }] }] },
          ],
        },
      },
    ],
    clean: [
      {
        says: "the policy names a mail domain",
        account: { identity_providers: [pin, okta], applications: [{ ...wiki, policies: [staff] }] },
      },
      {
        says: "the application takes another login only",
        account: {
          identity_providers: [pin, okta],
          applications: [{ ...wiki, allowed_idps: ["okta"], policies: [everybody] }],
        },
      },
      {
        says: "only members of the account",
        account: {
          identity_providers: [{ id: "cf", type: "cloudflare", config: { restrict_to_account_members: true } }],
          applications: [{ ...wiki, policies: [everybody] }],
        },
      },
    ],
  },
  {
    id: "IDP-03",
    title: "Identity provider that nobody uses",
    severity: "low",
    why: "Whoever takes it over can log in as anybody; one that nobody needs is a risk without a use.",
    reads: ["identity_providers", ...holders, "access_requests"],
    lacks: (estate) => shortOf(estate, ["access_requests"], enoughDays),
    *find(estate) {
      if (!isWhole(estate, ...holders) || shortOf(estate, ["access_requests"], enoughDays) !== undefined) return;
      const used = usedProviders(estate);
      const offered = estate.items("applications").filter((application) => offers(application, undefined));
      for (const provider of estate.items("identity_providers").filter(({ id }) => !used.has(id))) {
        yield {
          subject: subject("identity_providers", provider),
          says: `no rule and no application names it, and nobody logged in by it for ${enoughDays} days`,
          field: "id",
          value: provider["id"],
          certain: offered.length === 0,
          related: applicationSubjects(offered),
          ...(provider["read_only"] !== true && {
            fix: {
              steps: [{ operation: "delete_identity_provider", arguments: { identity_provider_id: provider["id"] } }],
            },
          }),
        };
      }
    },
    remedy: "Ask who may still need it, look at what uses it with find_references, then delete it.",
    falsePositive: "Applications without allowed_idps offer it to everybody; somebody may come back to it.",
    source: "own judgement",
    flagged: [
      {
        says: "a partner's login that nobody came by",
        account: {
          identity_providers: [okta, saml],
          applications: [{ ...wiki, policies: [staff] }],
          access_requests: [longAgo],
        },
      },
      {
        says: "others came by another one of the same kind",
        account: {
          identity_providers: [okta, { ...okta, id: "old" }],
          access_requests: [{ ...longAgo, idp: "okta" }],
        },
      },
    ],
    clean: [
      {
        says: "a group names it",
        account: {
          identity_providers: [okta, saml],
          groups: [{ id: "g", include: [{ saml: { identity_provider_id: "saml" } }] }],
          access_requests: [longAgo],
        },
      },
      {
        says: "somebody logged in by it",
        account: {
          identity_providers: [okta, saml],
          access_requests: [longAgo, { ...longAgo, connection: "saml" }],
        },
      },
    ],
  },
);
