import type { Members } from "../../../core/change.ts";
import { counted } from "../../../simulator/answers.ts";
import type { Check } from "../../check.ts";
import { type Estate, subject } from "../../estate.ts";
import { isOpen as isOpenProvider } from "../identity-providers/open.ts";
import { applicationSubjects, type Standing } from "../shared/attached.ts";
import { branchesOf, type Rule, rulesAt } from "../shared/closure.ts";
import { type Opening, openingsOf } from "../shared/everybody.ts";
import { rulesNaming, usesOf } from "../shared/placed.ts";
import { isWhole } from "../shared/whole.ts";
import { everyone, groupFix, inGroup, isDefault, office, policy, staff, wiki, without } from "./rules.ts";

/** The include rule by which a group lets everyone in, itself or through groups, and requires nothing besides. */
const openingIn = (estate: Estate, group: Members): (Opening & { readonly shown: Rule }) | undefined => {
  const [opening] = openingsOf(estate, group);
  const shown = rulesAt(group, "include").find(({ field }) => field === opening?.field);
  return opening && shown && { ...opening, shown };
};

/** The policies that let in by a group, through other groups too. */
const openedBy = (estate: Estate, group: Members): readonly Standing[] =>
  usesOf(estate, { item: group }, ["include"]).flatMap(({ standing }) =>
    standing.policy["decision"] === "deny" ? [] : [standing],
  );

/** The rule by which strangers are in a group. */
function broadRule(estate: Estate, group: Members): Rule | undefined {
  const opening = openingIn(estate, group);
  if (opening !== undefined) return opening.shown;
  const isBroad = ({ selector, argument }: Rule) =>
    selector === "any_valid_service_token" ||
    (selector === "login_method" && isOpenProvider(estate.find("identity_providers", argument["id"]) ?? {}));
  const branch = branchesOf(estate, group, ["login_method", "any_valid_service_token"]).find(
    ({ way, rule }) => way.require.length === 0 && isBroad(rule),
  );
  return rulesAt(group, "include").find(({ field }) => field === branch?.field);
}

/** `GRP-01`. */
export const openGroup: Check = {
  id: "GRP-01",
  title: "Group that everyone is in",
  severity: "high",
  why: "Each policy that lets this group in is open to everyone, though its name says otherwise.",
  reads: ["groups"],
  also: ["policies", "applications"],
  *find(estate) {
    const isKnown = isWhole(estate, "policies", "applications");
    for (const group of estate.items("groups")) {
      const opening = openingIn(estate, group);
      const policies = opening === undefined ? [] : openedBy(estate, group);
      // In require and exclude, or to block, everyone opens nothing.
      if (opening === undefined || (isKnown && policies.length === 0 && rulesNaming(estate, group).length > 0))
        continue;
      const applications = new Set(policies.flatMap((standing) => standing.applications));
      yield {
        subject: subject("groups", group),
        says: `${opening.exceptions.length === 0 ? "everyone" : "everyone but those excluded"} is in it, and ${counted(policies.length, "policy")} ${policies.length === 1 ? "lets" : "let"} it in`,
        field: opening.shown.field,
        value: opening.shown.rule,
        ...(policies.length === 0 && isKnown && { severity: "low" }),
        certain: isKnown,
        related: applicationSubjects([...applications]),
        fix: groupFix(
          group,
          "include",
          without(group, "include", opening.shown.field),
          "rules of those who shall be in it",
        ),
      };
    }
  },
  remedy: "Name those who belong to it, or require something that tells them apart.",
  falsePositive: "Used in require or exclude alone, it opens nothing; such a group is not reported.",
  source: "own judgement",
  flagged: [
    {
      says: "a policy lets it in",
      account: {
        groups: [{ id: "g", name: "Staff of all", include: [everyone, staff] }],
        policies: [policy({ include: [inGroup("g")] })],
        applications: [wiki],
      },
    },
    {
      says: "through another group, and what it requires holds for everyone",
      account: {
        groups: [
          { id: "outer", include: [inGroup("g")], require: [inGroup("g")] },
          { id: "g", include: [everyone] },
        ],
        policies: [policy({ include: [inGroup("outer")] })],
      },
    },
    { says: "all but some", account: { groups: [{ id: "g", include: [everyone], exclude: [office] }] } },
    { says: "nobody uses it yet", account: { groups: [{ id: "g", include: [everyone], require: [] }] } },
  ],
  clean: [
    {
      says: "something else is required",
      account: { groups: [{ id: "g", include: [everyone], require: [office] }] },
    },
    {
      says: "it is used in require and to block only",
      account: {
        groups: [{ id: "g", include: [everyone] }],
        policies: [policy({ require: [inGroup("g")] }), policy({ id: "q", decision: "deny", include: [inGroup("g")] })],
      },
    },
  ],
};

/** `GRP-05`. */
export const openDefault: Check = {
  id: "GRP-05",
  title: "Default group that strangers are in",
  severity: "medium",
  why: "New applications start with the default groups, so they are open before anybody thought about them.",
  reads: ["groups"],
  also: ["identity_providers"],
  *find(estate) {
    for (const group of estate.items("groups").filter(isDefault)) {
      const shown = group["is_default"];
      const rule = broadRule(estate, group);
      const isShownBroad = Array.isArray(shown) && broadRule(estate, { include: shown }) !== undefined;
      if (rule === undefined && !isShownBroad) continue;
      yield {
        subject: subject("groups", group),
        says: "new applications start with it, and strangers are in it",
        field: rule?.field ?? "is_default",
        value: rule?.rule ?? shown,
        fix: { steps: [{ operation: "update_group", arguments: { group_id: group["id"], is_default: false } }] },
      };
    }
  },
  remedy: "Make a group of your own people the default, or none.",
  falsePositive: "An account for public demonstrations.",
  source: "the API's own field description of is_default",
  flagged: [
    {
      says: "everyone, with a flag",
      account: { groups: [{ id: "g", is_default: true, include: [everyone] }] },
    },
    {
      says: "everyone, with rules where the flag is",
      account: { groups: [{ id: "g", is_default: [everyone], include: [staff] }] },
    },
    {
      says: "whoever has a mailbox",
      account: {
        groups: [{ id: "g", is_default: true, include: [staff, { login_method: { id: "pin" } }] }],
        identity_providers: [{ id: "pin", type: "onetimepin" }],
      },
    },
  ],
  clean: [
    {
      says: "broad and no default, or default and narrow",
      account: {
        groups: [
          { id: "g", is_default: false, include: [everyone] },
          { id: "h", is_default: [], include: [everyone] },
          { id: "i", is_default: true, include: [staff, { login_method: { id: "okta" } }] },
        ],
        identity_providers: [{ id: "okta", type: "okta" }],
      },
    },
  ],
};
