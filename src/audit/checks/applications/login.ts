import type { Members } from "../../../core/change.ts";
import { textOf } from "../../../simulator/fields.ts";
import { type Found, family } from "../../check.ts";
import { type Estate, subject } from "../../estate.ts";
import { isOpen } from "../identity-providers/open.ts";
import { applicationSubjects, everyPolicy, policiesOn, policyFix, policySubject } from "../shared/attached.ts";
import { ensuredIn, type Test } from "../shared/closure.ts";
import { factorOf } from "../shared/factors.ts";
import { lackOf } from "../shared/whole.ts";
import { applicationFix, ofKinds, textsOf, timed } from "./kinds.ts";

/** Kinds where people choose how to log in. */
const choosing: ReadonlySet<string> = new Set([...timed, "biso"]);

const groupsOfProviders = new Set(["azureAD", "okta", "gsuite", "github-organization", "saml", "oidc", "auth_context"]);

/** Whether a rule wants a login by a provider where not anybody can have an account, or a group that one keeps. */
const isPinned: Test = ({ selector, argument }, estate) => {
  if (selector !== "login_method") return groupsOfProviders.has(selector);
  const provider = estate.find("identity_providers", argument["id"]);
  return provider === undefined || !isOpen(provider);
};

/** The applications that ask for a second factor in their own settings or by a policy. */
function asking(estate: Estate): ReadonlySet<Members> {
  const isAsking = (application: Members) =>
    factorOf(application) === true || policiesOn(estate, application).some(({ policy }) => factorOf(policy) === true);
  return new Set(estate.items("applications").filter(isAsking));
}

/** Why a second factor is expected of some applications; nothing when nobody else asks for one. */
function expectation(estate: Estate, concerned: readonly Members[]): string | undefined {
  if (estate.items("organization")[0]?.["mfa_required_for_all_apps"] === true) return "the organization asks for one";
  const others = estate.once(asking);
  const own = concerned.filter((application) => others.has(application)).length;
  return others.size > own ? "other applications ask for one" : undefined;
}

/** Whether every policy of an application asks for a second factor itself, which wins over the application. */
function isMadeUp(estate: Estate, application: Members): boolean {
  const policies = policiesOn(estate, application).filter(({ policy }) => policy["decision"] === "allow");
  return policies.length > 0 && policies.every(({ policy }) => factorOf(policy) === true);
}

/** By which providers people log in, and with which second factor. */
export default family(
  {
    id: "APP-12",
    title: "Any login method will do",
    severity: "medium",
    why: "Without a choice every identity provider of the account counts, those included where anybody can make an account.",
    reads: ["applications", "identity_providers"],
    also: ["policies", "groups"],
    *find(estate) {
      const providers = estate.items("identity_providers");
      const open = providers.filter(isOpen);
      const others = providers.filter((provider) => !isOpen(provider)).map(({ id }) => textOf(id));
      if (open.length === 0) return;
      for (const application of ofKinds(estate, choosing)) {
        const { allowed_idps } = application;
        if (textsOf(allowed_idps).length > 0) continue;
        const verdicts = policiesOn(estate, application)
          .map(({ policy }) => policy)
          .filter(({ decision }) => decision === undefined || decision === "allow")
          .map((policy) => (policy["decision"] === undefined ? undefined : ensuredIn(estate, policy, isPinned)));
        if (verdicts.every((verdict) => verdict === true)) continue;
        const wanted = others.length === 1 ? { allowed_idps: others } : {};
        const choose = { allowed_idps: "ids of the identity providers that the people of this application use" };
        yield {
          subject: subject("applications", application),
          says: `People may log in by ${open.length === 1 ? "a method" : `${open.length} methods`} open to anybody`,
          field: "allowed_idps",
          value: allowed_idps,
          certain: verdicts.includes(false),
          related: open.map((provider) => subject("identity_providers", provider)),
          ...applicationFix(application, wanted, others.length === 1 ? undefined : choose),
        };
      }
    },
    remedy: "Choose the identity providers of the application.",
    falsePositive: "Each policy asks for a group of a certain identity provider, or for a login by it.",
    source: "the API's own field description of allowed_idps",
    flagged: [
      {
        says: "a mail domain, and a one-time PIN beside Okta",
        account: {
          applications: [{ id: "wiki", type: "self_hosted", allowed_idps: [], policies: [{ id: "staff" }] }],
          policies: [{ id: "staff", decision: "allow", include: [{ email_domain: { domain: "example.com" } }] }],
          identity_providers: [
            { id: "okta", type: "okta" },
            { id: "pin", type: "onetimepin" },
          ],
        },
      },
      {
        says: "two providers to choose from, and one policy is pinned but not the other",
        account: {
          applications: [{ id: "wiki", type: "self_hosted", policies: [{ id: "staff" }, { id: "guests" }] }],
          policies: [
            { id: "staff", decision: "allow", include: [{ login_method: { id: "okta" } }] },
            { id: "guests", decision: "allow", include: [{ everyone: {} }] },
          ],
          identity_providers: [
            { id: "okta", type: "okta" },
            { id: "entra", type: "azureAD" },
            { id: "github", type: "github" },
          ],
        },
      },
    ],
    clean: [
      {
        says: "chosen",
        account: {
          applications: [{ id: "wiki", type: "self_hosted", allowed_idps: ["okta"], policies: [{ id: "staff" }] }],
          policies: [{ id: "staff", decision: "allow", include: [{ email_domain: { domain: "example.com" } }] }],
          identity_providers: [
            { id: "okta", type: "okta" },
            { id: "pin", type: "onetimepin" },
          ],
        },
      },
      {
        says: "a group of Okta, through a rule group",
        account: {
          applications: [{ id: "wiki", type: "self_hosted", policies: [{ id: "staff" }] }],
          policies: [{ id: "staff", decision: "allow", include: [{ group: { id: "engineers" } }] }],
          groups: [{ id: "engineers", include: [{ okta: { name: "engineering", identity_provider_id: "okta" } }] }],
          identity_providers: [
            { id: "okta", type: "okta" },
            { id: "pin", type: "onetimepin" },
          ],
        },
      },
      {
        says: "every provider knows its people",
        account: {
          applications: [{ id: "wiki", type: "self_hosted", policies: [{ id: "staff" }] }],
          policies: [{ id: "staff", decision: "allow", include: [{ everyone: {} }] }],
          identity_providers: [{ id: "okta", type: "okta" }],
        },
      },
    ],
  },
  {
    id: "APP-13",
    title: "Login settings that contradict each other",
    severity: "low",
    why: "People see an error, or a choice where they should be sent on at once.",
    reads: ["applications", "identity_providers"],
    *find(estate) {
      const isWhole = estate.known("identity_providers") !== undefined;
      const isThere = (id: string) => !isWhole || estate.find("identity_providers", id) !== undefined;
      for (const application of ofKinds(estate, choosing)) {
        const allowed = textsOf(application["allowed_idps"]);
        const left = allowed.filter(isThere);
        const named = subject("applications", application);
        // None chosen would mean all of them.
        const choose = left.length === 0 ? { allowed_idps: "ids of identity providers that exist" } : undefined;
        const dangling = allowed.flatMap((id, at): readonly Found[] =>
          isThere(id)
            ? []
            : [
                {
                  subject: named,
                  says: "It offers an identity provider that does not exist",
                  field: `allowed_idps[${at}]`,
                  value: id,
                  mark: id,
                  ...applicationFix(application, choose === undefined ? { allowed_idps: left } : {}, choose),
                },
              ],
        );
        yield* dangling;
        if (application["auto_redirect_to_identity"] === true && allowed.length !== 1) {
          yield {
            subject: named,
            says: `It shall skip the choice of a provider, but ${allowed.length === 0 ? "none is" : `${allowed.length} are`} chosen`,
            field: "auto_redirect_to_identity",
            value: true,
            ...applicationFix(application, { auto_redirect_to_identity: false }),
          };
        }
      }
    },
    remedy: "Choose identity providers that exist; choose exactly one where the choice is skipped.",
    falsePositive: "None is known.",
    source: "the API's own field description of auto_redirect_to_identity",
    flagged: [
      {
        says: "one of two providers is gone",
        account: {
          applications: [{ id: "wiki", type: "self_hosted", allowed_idps: ["okta", "gone"] }],
          identity_providers: [{ id: "okta", type: "okta" }],
        },
      },
      {
        says: "the only provider is gone",
        account: {
          applications: [{ id: "wiki", type: "saas", allowed_idps: ["gone"] }],
          identity_providers: [{ id: "okta", type: "okta" }],
        },
      },
      {
        says: "sent on at once, to one of two",
        account: {
          applications: [
            { id: "wiki", type: "self_hosted", auto_redirect_to_identity: true, allowed_idps: ["okta", "pin"] },
          ],
          identity_providers: [
            { id: "okta", type: "okta" },
            { id: "pin", type: "onetimepin" },
          ],
        },
      },
      {
        says: "sent on at once, to nobody in particular",
        account: { applications: [{ id: "wiki", type: "self_hosted", auto_redirect_to_identity: true }] },
      },
    ],
    clean: [
      {
        says: "sent on to the only one",
        account: {
          applications: [{ id: "wiki", type: "self_hosted", auto_redirect_to_identity: true, allowed_idps: ["okta"] }],
          identity_providers: [{ id: "okta", type: "okta" }],
        },
      },
      {
        says: "all of them, to choose from",
        account: { applications: [{ id: "wiki", type: "self_hosted", auto_redirect_to_identity: false }] },
      },
    ],
  },
  {
    id: "APP-15",
    title: "Second factor switched off",
    severity: "high",
    why: "What an application or a policy says wins over the organization, so this door has less than the others.",
    reads: ["applications", "organization"],
    also: ["policies"],
    *find(estate) {
      const isOff = ({ mfa_config }: Members) => factorOf({ mfa_config }) === false;
      const off = { field: "mfa_config.mfa_disabled", value: true };
      const on = { mfa_config: { mfa_disabled: false } };
      // The App Launcher is left out on purpose: people enrol their factors there.
      const isGuarded = ({ type }: Members) => type !== "app_launcher" && type !== "bookmark";
      for (const application of estate.items("applications").filter(isGuarded)) {
        if (!isOff(application) || isMadeUp(estate, application)) continue;
        const expected = expectation(estate, [application]);
        if (expected === undefined) continue;
        yield {
          subject: subject("applications", application),
          says: `It asks for no second factor, though ${expected}`,
          ...off,
          ...applicationFix(application, on),
        };
      }
      for (const standing of everyPolicy(estate)) {
        const applications = standing.applications.filter(isGuarded);
        if (!isOff(standing.policy) || applications.length === 0) continue;
        const expected = expectation(estate, applications);
        if (expected === undefined) continue;
        yield {
          subject: policySubject(standing),
          says: `It asks for no second factor, though ${expected}`,
          ...off,
          related: applicationSubjects(applications),
          fix: policyFix(standing, on),
        };
      }
    },
    lacks: lackOf("policies"),
    remedy: "Let the application or policy ask for a second factor again.",
    falsePositive: "The identity provider asks for one itself, or no person comes this way.",
    source: "https://developers.cloudflare.com/cloudflare-one/access-controls/policies/mfa-requirements/",
    flagged: [
      {
        says: "an application, against the organization",
        account: {
          organization: [{ mfa_required_for_all_apps: true }],
          applications: [{ id: "wiki", type: "self_hosted", mfa_config: { mfa_disabled: true }, policies: [] }],
        },
      },
      {
        says: "a reusable policy and one of an application, where another application asks",
        account: {
          applications: [
            {
              id: "wiki",
              type: "self_hosted",
              policies: [
                { id: "staff" },
                { id: "own", decision: "allow", reusable: false, mfa_config: { mfa_disabled: true } },
              ],
            },
            { id: "payroll", type: "self_hosted", mfa_config: { allowed_authenticators: ["security_key"] } },
          ],
          policies: [{ id: "staff", decision: "allow", mfa_config: { mfa_disabled: true } }],
        },
      },
    ],
    clean: [
      {
        says: "its only policy asks for one, and wins",
        account: {
          organization: [{ mfa_required_for_all_apps: true }],
          applications: [
            {
              id: "wiki",
              type: "self_hosted",
              mfa_config: { mfa_disabled: true },
              policies: [
                { id: "own", decision: "allow", reusable: false, mfa_config: { allowed_authenticators: ["totp"] } },
              ],
            },
          ],
        },
      },
      {
        says: "nobody asks for one",
        account: {
          organization: [{ mfa_required_for_all_apps: false }],
          applications: [{ id: "wiki", type: "self_hosted", mfa_config: { mfa_disabled: true }, policies: [] }],
        },
      },
      {
        says: "the App Launcher is left out on purpose",
        account: {
          organization: [{ mfa_required_for_all_apps: true }],
          applications: [{ id: "launcher", type: "app_launcher", policies: [{ id: "staff" }] }],
          policies: [{ id: "staff", decision: "allow", mfa_config: { mfa_disabled: true } }],
        },
      },
      {
        says: "asked for everywhere",
        account: {
          organization: [{ mfa_required_for_all_apps: true }],
          applications: [{ id: "wiki", type: "self_hosted", mfa_config: { mfa_disabled: false }, policies: [] }],
        },
      },
    ],
  },
);
