import type { Members } from "../../../core/change.ts";
import { type Check, type Fix, family } from "../../check.ts";
import { subject } from "../../estate.ts";
import { type Rule, rulesAt } from "../shared/closure.ts";
import { rulesNaming } from "../shared/placed.ts";
import { isWhole } from "../shared/whole.ts";
import { nesting } from "./nesting.ts";
import { openDefault, openGroup } from "./open.ts";
import { everyone, inGroup, isDefault, office, policy, staff, wiki } from "./rules.ts";

/** Selectors of which a request has one value only. */
const singleValued = { ip: "networks", geo: "countries" } as const;

/** Requires any one of some rules instead of all of them. */
function anyOf(group: Members, moved: readonly Rule[]): Fix {
  const rules = moved.map(({ rule }) => rule);
  const others = rulesAt(group, "require").flatMap(({ rule }) => (rules.includes(rule) ? [] : [rule]));
  const includes = rulesAt(group, "include");
  const change = (given: Members) => ({ operation: "update_group", arguments: { group_id: group["id"], ...given } });
  // Everyone may stand in include only to let require decide.
  if (includes.every(({ selector }) => selector === "everyone")) {
    return { steps: [change({ include: rules, require: others })] };
  }
  const inner = { name: `${group["name"] ?? group["id"]}: any of these`, include: rules };
  const link = { group: { id: "$1.id" } };
  return { steps: [{ operation: "create_group", arguments: inner }, change({ require: [...others, link] })] };
}

const warehouse = { ip: { ip: "203.0.113.0/27" } };

const unused: Check = {
  id: "GRP-02",
  title: "Group that nobody uses",
  severity: "low",
  why: "It only makes the list longer, and somebody may take it for one that protects something.",
  reads: ["groups", "policies", "applications"],
  *find(estate) {
    if (!isWhole(estate, "groups", "policies", "applications")) return;
    for (const group of estate.items("groups")) {
      if (rulesNaming(estate, group).length > 0 || isDefault(group)) continue;
      yield {
        subject: subject("groups", group),
        says: "no policy and no group names it",
        // Rules of Gateway may.
        certain: false,
        fix: { steps: [{ operation: "delete_group", arguments: { group_id: group["id"] } }] },
      };
    }
  },
  remedy: "Look for it in Gateway and device rules, then delete it.",
  falsePositive: "Gateway and device rules may use it, which the API of Access does not show.",
  source: "own judgement",
  flagged: [{ says: "nothing names it", account: { groups: [{ id: "g", include: [staff] }] } }],
  clean: [
    {
      says: "a policy excludes it, a group includes another, a new application starts with the third",
      account: {
        groups: [
          { id: "g", include: [inGroup("h")] },
          { id: "h", include: [staff] },
          { id: "d", include: [staff], is_default: true },
        ],
        applications: [{ ...wiki, policies: [policy({ exclude: [inGroup("g")] })] }],
      },
    },
  ],
};

const impossible: Check = {
  id: "GRP-04",
  title: "Group that requires several networks or countries at once",
  severity: "medium",
  why: "Everything that is required must hold, and a request has one address and one country: nobody is in the group.",
  reads: ["groups"],
  *find(estate) {
    for (const group of estate.items("groups")) {
      for (const [selector, plural] of Object.entries(singleValued)) {
        const rules = rulesAt(group, "require").filter((rule) => rule.selector === selector);
        const count = new Set(rules.map(({ rule }) => JSON.stringify(rule))).size;
        if (count < 2) continue;
        yield {
          subject: subject("groups", group),
          says: `it requires ${count} ${plural} at once`,
          field: "require",
          value: group["require"],
          mark: selector,
          fix: anyOf(group, rules),
        };
      }
    }
  },
  remedy: "Move them to include, of a group of their own where include holds others, and require that group.",
  falsePositive: "Networks of which one lies within the other.",
  source: "https://developers.cloudflare.com/cloudflare-one/access-controls/policies/groups/",
  flagged: [
    {
      says: "two networks, and everyone in include",
      account: { groups: [{ id: "g", include: [everyone], require: [office, warehouse] }] },
    },
    {
      says: "two countries besides people",
      account: {
        groups: [
          {
            id: "g",
            name: "Benelux staff",
            include: [staff],
            require: [{ geo: { country_code: "NL" } }, { geo: { country_code: "BE" } }],
          },
        ],
      },
    },
  ],
  clean: [
    {
      says: "one network and one country, or several in include",
      account: {
        groups: [{ id: "g", include: [office, warehouse], require: [{ geo: { country_code: "NL" } }, office, office] }],
      },
    },
  ],
};

/** What may be wrong with groups: `GRP-01` to `GRP-05`. */
export default family(openGroup, unused, nesting, impossible, openDefault);
