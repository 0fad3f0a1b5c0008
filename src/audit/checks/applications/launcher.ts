import type { Members } from "../../../core/change.ts";
import { type Found, family } from "../../check.ts";
import { type Estate, subject } from "../../estate.ts";
import { isOpen } from "../identity-providers/open.ts";
import { isSecondFactor, saysWho } from "../policies/kinds.ts";
import { policiesOn, policySubject } from "../shared/attached.ts";
import { branchesOf, ensuredIn, ensures, type Test } from "../shared/closure.ts";
import { asksFactor } from "../shared/factors.ts";
import { isWhole, lackOf } from "../shared/whole.ts";
import { applicationFix, enforcing, ofKinds, textsOf } from "./kinds.ts";

const launchers: ReadonlySet<string> = new Set(["app_launcher"]);

const markOf = (rule: Members): string => JSON.stringify(rule);

/** What leans on the App Launcher: approvals, and the rules by which people come to a second factor. */
interface Dependents {
  readonly hasAny: boolean;
  readonly rules: ReadonlySet<string>;
}

function dependents(estate: Estate): Dependents {
  const attached = enforcing(estate)
    .filter(({ type }) => type !== "app_launcher")
    .flatMap((application) => policiesOn(estate, application));
  const wanting = attached.filter(
    ({ application, policy }) =>
      policy["decision"] === "allow" &&
      (asksFactor(estate, application, policy) === true || ensuredIn(estate, policy, isSecondFactor) === true),
  );
  const rules = new Set(
    [...new Set(wanting.map(({ policy }) => policy))].flatMap((policy) =>
      branchesOf(estate, policy).map(({ rule }) => markOf(rule.rule)),
    ),
  );
  return { rules, hasAny: wanting.length > 0 || attached.some(({ policy }) => policy["approval_required"] === true) };
}

/** Whether a rule also lets people come to a second factor. */
const isWanted: Test = ({ rule }, estate) => estate.once(dependents).rules.has(markOf(rule));

/** Whether a rule wants a login by a provider that knows its people. */
const isKnown: Test = ({ selector, argument }, estate) => {
  const id = selector === "login_method" ? argument["id"] : argument["identity_provider_id"];
  const provider = id === undefined ? undefined : estate.find("identity_providers", id);
  return provider !== undefined && !isOpen(provider);
};

/** Whether an application takes logins by providers only that know their people. */
function isChosen(estate: Estate, { allowed_idps }: Members): boolean {
  const providers = textsOf(allowed_idps).map((id) => estate.find("identity_providers", id));
  return providers.length > 0 && providers.every((provider) => provider !== undefined && !isOpen(provider));
}

/** How a policy of the App Launcher is too wide; nothing when it is not. */
function widthOf(estate: Estate, policy: Members): Pick<Found, "says" | "severity" | "certain"> | undefined {
  const { hasAny, rules } = estate.once(dependents);
  const severity = hasAny ? "medium" : "low";
  if (policy["decision"] === "bypass") return { says: "Some get into the App Launcher without a login", severity };
  if (policy["decision"] !== "allow" || ensuredIn(estate, policy, isKnown) === true) return undefined;
  const free = branchesOf(estate, policy, ["everyone", "login_method"]).filter(
    ({ way }) => ensures(estate, way.require, saysWho) === false,
  );
  if (free.some(({ rule }) => rule.selector === "everyone")) {
    return { says: "Everybody with any login gets into the App Launcher", severity };
  }
  const isStranger = ({ argument }: { readonly argument: Members }) => {
    const provider = estate.find("identity_providers", argument["id"]);
    return provider !== undefined && isOpen(provider);
  };
  if (free.some(({ rule }) => isStranger(rule))) {
    return { says: "A login method open to anybody is enough for the App Launcher", severity };
  }
  if (rules.size === 0 || ensuredIn(estate, policy, isWanted) !== false) return undefined;
  return {
    says: "It lets in more people than the applications that ask for a second factor",
    severity: "low",
    certain: false,
  };
}

/** The page where people find their applications. */
export default family({
  id: "APP-20",
  title: "App Launcher is easier to enter than what depends on it",
  severity: "medium",
  why: "People enrol second factors there and approvers are known by it, so whoever gets in may enrol a factor for somebody else's login.",
  reads: ["applications", "identity_providers"],
  also: ["policies", "groups", "organization"],
  *find(estate) {
    const isWholly = isWhole(estate, "identity_providers");
    for (const application of ofKinds(estate, launchers)) {
      if (isChosen(estate, application)) continue;
      for (const { policy, isReusable, field } of policiesOn(estate, application)) {
        const width = widthOf(estate, policy);
        if (width === undefined) continue;
        yield {
          subject: subject("applications", application),
          ...width,
          certain: isWholly && width.certain !== false,
          field,
          related: [policySubject({ policy, isReusable })],
          mark: String(policy["id"]),
          ...applicationFix(
            application,
            {},
            { policies: "policies that let in only people who need a tile or a factor" },
          ),
        };
      }
    }
  },
  lacks: lackOf("policies", "groups", "organization"),
  remedy: "Give the App Launcher policies for your own people, by the identity provider that knows them.",
  falsePositive: "Only the company's own people can log in at the identity provider.",
  source: "https://developers.cloudflare.com/cloudflare-one/access-controls/access-settings/independent-mfa/",
  flagged: [
    {
      says: "everybody, and an application asks for a second factor",
      account: {
        applications: [
          { id: "launcher", type: "app_launcher", policies: [{ id: "all" }] },
          {
            id: "payroll",
            type: "self_hosted",
            mfa_config: { allowed_authenticators: ["totp"] },
            policies: [{ id: "staff" }],
          },
        ],
        policies: [
          { id: "all", decision: "allow", include: [{ everyone: {} }] },
          { id: "staff", decision: "allow", include: [{ email_domain: { domain: "example.com" } }] },
        ],
        identity_providers: [{ id: "okta", type: "okta" }],
      },
    },
    {
      says: "a one-time PIN, and nothing depends on it",
      account: {
        applications: [{ id: "launcher", type: "app_launcher", policies: [{ id: "pin" }] }],
        policies: [{ id: "pin", decision: "allow", include: [{ login_method: { id: "pin" } }] }],
        identity_providers: [{ id: "pin", type: "onetimepin" }],
      },
    },
    {
      says: "more people than those of whom a second factor is asked",
      account: {
        organization: [{ mfa_required_for_all_apps: true }],
        applications: [
          { id: "launcher", type: "app_launcher", policies: [{ id: "partners" }] },
          { id: "wiki", type: "self_hosted", policies: [{ id: "staff" }] },
        ],
        policies: [
          { id: "partners", decision: "allow", include: [{ email_domain: { domain: "example.net" } }] },
          { id: "staff", decision: "allow", include: [{ email_domain: { domain: "example.com" } }] },
        ],
      },
    },
    {
      says: "without a login",
      account: {
        applications: [{ id: "launcher", type: "app_launcher", policies: [{ id: "office" }] }],
        policies: [{ id: "office", decision: "bypass", include: [{ ip: { ip: "192.0.2.0/24" } }] }],
      },
    },
  ],
  clean: [
    {
      says: "only by Okta",
      account: {
        applications: [{ id: "launcher", type: "app_launcher", allowed_idps: ["okta"], policies: [{ id: "all" }] }],
        policies: [{ id: "all", decision: "allow", include: [{ everyone: {} }] }],
        identity_providers: [
          { id: "okta", type: "okta" },
          { id: "pin", type: "onetimepin" },
        ],
      },
    },
    {
      says: "a group of Okta",
      account: {
        applications: [{ id: "launcher", type: "app_launcher", policies: [{ id: "staff" }] }],
        policies: [
          { id: "staff", decision: "allow", include: [{ okta: { name: "staff", identity_provider_id: "okta" } }] },
        ],
        identity_providers: [{ id: "okta", type: "okta" }],
      },
    },
    {
      says: "the same people as everywhere",
      account: {
        organization: [{ mfa_required_for_all_apps: true }],
        applications: [
          { id: "launcher", type: "app_launcher", policies: [{ id: "staff" }] },
          { id: "wiki", type: "self_hosted", policies: [{ id: "staff" }] },
        ],
        policies: [{ id: "staff", decision: "allow", include: [{ email_domain: { domain: "example.com" } }] }],
        identity_providers: [{ id: "pin", type: "onetimepin" }],
      },
    },
  ],
});
