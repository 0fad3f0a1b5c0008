import type { Members } from "../../../core/change.ts";
import type { DatasetName } from "../../../inventory/datasets.ts";
import { textOf } from "../../../simulator/fields.ts";
import { family } from "../../check.ts";
import type { Estate } from "../../estate.ts";
import type { Rule } from "../shared/closure.ts";
import { everyRule, holderFix, holderSubject, usesOfRule } from "../shared/placed.ts";
import { lackOf } from "../shared/whole.ts";
import { applicationsOf, sideOf } from "./deciding.ts";
import { documentation } from "./told.ts";

/** What rules name, by selector: the member that holds the id, and what it is an id of. */
const targets: Readonly<Record<string, readonly [member: string, of: DatasetName]>> = {
  group: ["id", "groups"],
  service_token: ["token_id", "service_tokens"],
  login_method: ["id", "identity_providers"],
  linked_app_token: ["app_uid", "applications"],
  email_list: ["id", "gateway_lists"],
  ip_list: ["id", "gateway_lists"],
  device_posture: ["integration_uid", "posture_rules"],
};

const byProvider = ["identity_provider_id", "identity_providers"] as const;

/** The id that a rule names and that does not exist, with the dataset where it was looked for. */
function danglingIn(estate: Estate, { selector, argument }: Rule): readonly [id: string, of: DatasetName] | undefined {
  const [member, of] = targets[selector] ?? byProvider;
  const id = textOf(argument[member]);
  if (id === "") return undefined;
  // A posture rule may live in another account.
  const isElsewhere = textOf(argument["account_id"]) !== "";
  if (isElsewhere || estate.known(of) === undefined || estate.find(of, id) !== undefined) return undefined;
  return of === "applications" && estate.once(audiences).has(id) ? undefined : [id, of];
}

const audiences = (estate: Estate): ReadonlySet<unknown> =>
  new Set(estate.items("applications").flatMap(({ aud, uid }) => [aud, uid]));

/** What rules name ids of. */
const named = (estate: Estate): ReadonlySet<DatasetName> =>
  new Set(
    [...everyRule(estate)].flatMap(([selector, rules]) => {
      const [member, of] = targets[selector] ?? byProvider;
      return rules.some(({ rule }) => textOf(rule.argument[member]) !== "") ? [of] : [];
    }),
  );

const nouns: Readonly<Partial<Record<DatasetName, string>>> = {
  groups: "a rule group",
  service_tokens: "a service token",
  identity_providers: "an identity provider",
  applications: "an application",
  gateway_lists: "a list",
  posture_rules: "a posture rule",
};

const outcomes = {
  out: { severity: "high", means: "so nobody is kept out by it any more" },
  in: { severity: "medium", means: "so nobody comes in by it any more" },
  none: { severity: "low", means: "and no policy uses it" },
} as const;

const ada = { email: { email: "ada@example.com" } };
const policy = (decision: string, rules: Members): Members => ({ id: "p", decision, ...rules });

/** Rules that name what is no more: `POL-15`. */
export default family({
  id: "POL-15",
  title: "Rule names something that does not exist",
  severity: "high",
  why: "It matches nobody: in include and require that locks people out, in exclude and in block policies it lets them in.",
  reads: ["policies", "applications", "groups"],
  also: ["service_tokens", "identity_providers", "gateway_lists", "posture_rules"],
  lacks: (estate) => lackOf(...estate.once(named))(estate),
  *find(estate) {
    for (const placed of [...everyRule(estate).values()].flat()) {
      const { rule, place, holder } = placed;
      const missing = danglingIn(estate, rule);
      if (missing === undefined) continue;
      const [id, of] = missing;
      const uses = usesOfRule(estate, placed);
      const sides = uses.map(sideOf);
      // Where it is used both ways the worse one counts.
      const { severity, means } = outcomes[sides.includes("out") ? "out" : (sides[0] ?? "none")];
      const choose = { [place]: "the same rules, with an id that exists in the place of this one, or without it" };
      yield {
        subject: holderSubject(holder),
        says: `it names ${nouns[of]} that does not exist, ${means}`,
        field: rule.field,
        value: rule.rule,
        mark: id,
        severity,
        related: applicationsOf(uses),
        fix: holderFix(holder, {}, choose),
      };
    }
  },
  remedy: "Name what has taken its place, or take the rule out; look first at those that keep people out.",
  falsePositive: "Objects of a zone or of another account, which an account does not list.",
  source: documentation,
  flagged: [
    {
      says: "a group in exclude",
      account: { policies: [policy("allow", { include: [ada], exclude: [{ group: { id: "leavers" } }] })] },
    },
    {
      says: "a token",
      account: { policies: [policy("non_identity", { include: [{ service_token: { token_id: "t" } }] })] },
    },
    {
      says: "an identity provider, in a group that a block policy uses",
      account: {
        policies: [policy("deny", { include: [{ group: { id: "g" } }] })],
        groups: [{ id: "g", include: [ada, { okta: { name: "ops", identity_provider_id: "old" } }] }],
      },
    },
    {
      says: "in a group that nothing uses",
      account: { groups: [{ id: "g", include: [{ email_list: { id: "guests" } }, { ip_list: { id: "offices" } }] }] },
    },
    {
      says: "an application that another one's token comes from",
      account: { policies: [policy("non_identity", { include: [{ linked_app_token: { app_uid: "a" } }] })] },
    },
  ],
  clean: [
    {
      says: "everything is there",
      account: {
        policies: [
          policy("non_identity", {
            include: [{ service_token: { token_id: "t" } }, { linked_app_token: { app_uid: "audience" } }],
            require: [{ device_posture: { integration_uid: "disk" } }],
          }),
        ],
        service_tokens: [{ id: "t" }],
        applications: [{ id: "a", aud: "audience" }],
        posture_rules: [{ id: "disk" }],
      },
    },
    {
      says: "a posture rule of another account",
      account: {
        policies: [
          policy("allow", { include: [ada], require: [{ device_posture: { integration_uid: "x", account_id: "y" } }] }),
        ],
      },
    },
  ],
});
