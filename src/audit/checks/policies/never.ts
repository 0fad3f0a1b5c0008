import type { Members } from "../../../core/change.ts";
import { family } from "../../check.ts";
import { everyPolicy, policyFix } from "../shared/attached.ts";
import { type Rule, rulesOf } from "../shared/closure.ts";
import { lackOf } from "../shared/whole.ts";
import { isSingle, logicOf } from "./implication.ts";
import { about, documentation, evidence, without } from "./told.ts";

const written = (rules: readonly Rule[]): readonly Members[] => rules.map(({ rule }) => rule);

const staff = { email_domain: { domain: "example.com" } };
const ada = { email: { email: "ada@example.com" } };
const [dutch, german] = [{ geo: { country_code: "NL" } }, { geo: { country_code: "DE" } }];
const policy = (rules: Members): Members => ({ id: "p", decision: "allow", ...rules });

/** Policies that can match nobody: `POL-11` and `POL-12`. */
export default family(
  {
    id: "POL-11",
    title: "Require that can never be met",
    severity: "medium",
    why: "All rules of require have to hold at once; these never do, so the policy matches nobody, and blocks nobody where it should.",
    reads: ["policies", "applications"],
    also: ["groups"],
    lacks: lackOf("groups"),
    *find(estate) {
      const logic = logicOf(estate);
      for (const standing of everyPolicy(estate)) {
        const { policy } = standing;
        const { require: required, exclude } = rulesOf(policy);
        if (required.length === 0) continue;
        const against = required.filter((rule, at) =>
          required.some((other, place) => place !== at && logic.contradicts([other], rule)),
        );
        if (against.length > 0) {
          const others = without(policy, "require", against);
          const includesAll = JSON.stringify(policy["include"]) === JSON.stringify([{ everyone: {} }]);
          yield about(standing, {
            says: `${against.length} rules of require exclude each other, and all of them have to hold`,
            ...evidence(policy, against),
            fix: includesAll
              ? policyFix(standing, { include: written(against), require: others })
              : policyFix(
                  standing,
                  {},
                  { require: "one of them, or a group that includes them all, which one may meet" },
                ),
          });
        }
        for (const excluded of exclude) {
          if (!logic.follows(required, excluded)) continue;
          yield about(standing, {
            says: "it excludes what it requires",
            ...evidence(policy, [excluded]),
            mark: JSON.stringify(excluded.rule),
            fix: policyFix(standing, { exclude: without(policy, "exclude", [excluded]) }),
          });
        }
      }
    },
    remedy: "Put the alternatives into include, or into a group that includes them, and require that group.",
    falsePositive:
      "None; groups of a directory and ways to authenticate, of which one may have several, are not counted.",
    source: `${documentation}groups/`,
    flagged: [
      { says: "two countries", account: { policies: [policy({ include: [staff], require: [dutch, german] })] } },
      {
        says: "two networks that have nothing in common, of everyone",
        account: {
          policies: [
            policy({
              include: [{ everyone: {} }],
              require: [{ ip: { ip: "192.0.2.0/24" } }, { ip: { ip: "198.51.100.7" } }, dutch],
            }),
          ],
        },
      },
      {
        says: "groups of two identity providers",
        account: {
          policies: [
            policy({
              include: [staff],
              require: [
                { okta: { name: "ops", identity_provider_id: "okta" } },
                { azureAD: { id: "ops", identity_provider_id: "entra" } },
              ],
            }),
          ],
        },
      },
      {
        says: "what is excluded is required",
        account: { policies: [policy({ include: [staff], require: [ada], exclude: [staff] })] },
      },
    ],
    clean: [
      {
        says: "two groups of one directory",
        account: {
          policies: [
            policy({
              include: [staff],
              require: [
                { okta: { name: "ops", identity_provider_id: "okta" } },
                { okta: { name: "dev", identity_provider_id: "okta" } },
                { auth_method: { auth_method: "mfa" } },
                { auth_method: { auth_method: "hwk" } },
              ],
            }),
          ],
        },
      },
      {
        says: "a network in another, an address in its domain",
        account: {
          policies: [
            policy({
              include: [staff],
              require: [{ ip: { ip: "10.0.0.0/8" } }, { ip: { ip: "10.1.0.0/16" } }, ada, staff],
              exclude: [{ email: { email: "bob@example.com" } }],
            }),
          ],
        },
      },
      {
        says: "countries in a group",
        account: {
          policies: [policy({ include: [staff], require: [{ group: { id: "g" } }] })],
          groups: [{ id: "g", include: [dutch, german] }],
        },
      },
    ],
  },
  {
    id: "POL-12",
    title: "Policy that never matches",
    severity: "medium",
    why: "Nobody is included, or nobody who is not excluded as well: what looks like a rule does nothing.",
    reads: ["policies", "applications"],
    also: ["groups"],
    lacks: lackOf("groups"),
    *find(estate) {
      const logic = logicOf(estate);
      for (const standing of everyPolicy(estate)) {
        const { policy } = standing;
        const { include, require, exclude } = rulesOf(policy);
        const isEmpty = Array.isArray(policy["include"]) && include.length === 0;
        const limits = require.filter(isSingle);
        if (!isEmpty && exclude.length === 0 && limits.length === 0) continue;
        const isExcluded = (rule: Rule) => exclude.some((one) => logic.follows([rule, ...require], one));
        const isRefused = (rule: Rule) => limits.length > 0 && logic.contradicts(require, rule);
        const matches =
          !isEmpty && (include.length === 0 || include.some((rule) => !isExcluded(rule) && !isRefused(rule)));
        if (matches) continue;
        yield about(standing, {
          says: isEmpty ? "it includes nobody" : "all whom it includes are excluded again, or lack what it requires",
          ...(isEmpty ? { field: "include", value: [] } : evidence(policy, include)),
          fix: policyFix(standing, {}, { include: "who is meant; none whom exclude or require keep out" }),
        });
      }
    },
    remedy: "Say in include whom it is for, or take the policy away.",
    falsePositive: "None; a policy that shall match nobody for now is better detached.",
    source: documentation,
    flagged: [
      { says: "an empty include", account: { policies: [policy({ include: [] })] } },
      {
        says: "addresses of a domain that is excluded, in a group",
        account: {
          policies: [
            policy({ include: [ada, { email: { email: "bob@example.com" } }], exclude: [{ group: { id: "g" } }] }),
          ],
          groups: [{ id: "g", include: [{ ip: { ip: "192.0.2.1" } }, staff] }],
        },
      },
      {
        says: "an address outside the domain",
        account: { policies: [policy({ include: [{ email: { email: "a@b.example" } }], require: [staff] })] },
      },
    ],
    clean: [
      { says: "one address is excluded", account: { policies: [policy({ include: [staff], exclude: [ada] })] } },
      {
        says: "the group that is excluded has a condition",
        account: {
          policies: [policy({ include: [ada], exclude: [{ group: { id: "g" } }] })],
          groups: [{ id: "g", include: [staff], require: [dutch] }],
        },
      },
      { says: "nothing is known but the id", account: { applications: [{ id: "a", policies: ["p"] }] } },
    ],
  },
);
