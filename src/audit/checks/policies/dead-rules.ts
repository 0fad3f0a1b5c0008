import type { Members } from "../../../core/change.ts";
import { type Fix, family } from "../../check.ts";
import type { Estate } from "../../estate.ts";
import { policyFix, type Standing } from "../shared/attached.ts";
import { ensuredBy, ensuredIn, ensures, type Place, type Rule, rulesOf, type Test } from "../shared/closure.ts";
import { lackOf } from "../shared/whole.ts";
import { isPersonal, isPosture, isToken } from "./kinds.ts";
import { about, documentation, evidence, policiesThat, without } from "./told.ts";

/** Rules of some places that pass a test, themselves or in every way through a group. */
function rulesThat(estate: Estate, policy: Members, places: readonly Place[], test: Test): readonly Rule[] {
  const rules = rulesOf(policy);
  return places.flatMap((place) => rules[place].filter((rule) => ensuredBy(estate, rule, test)));
}

/** Makes it a policy for machines, where nothing asks for people; else leaves out what has no effect, where something is left. */
function machinesOnly(estate: Estate, standing: Standing, idle: readonly Rule[]): Fix | undefined {
  const { policy } = standing;
  if (policy["decision"] === "deny") return undefined;
  const { include: included, require } = rulesOf(policy);
  const others = [...included, ...require].filter((rule) => !idle.includes(rule));
  const needsToken = ensuredIn(estate, policy, isToken) === true;
  if (needsToken && ensures(estate, others, isPersonal) === false) {
    return policyFix(standing, { decision: "non_identity" });
  }
  const include = without(policy, "include", idle);
  const isOnlyIncluded = idle.every(({ field }) => field.startsWith("include"));
  return isOnlyIncluded && include.length > 0 ? policyFix(standing, { include }) : undefined;
}

const oneToken = { service_token: { token_id: "robot" } };
const ada = { email: { email: "ada@example.com" } };
const posture = { device_posture: { integration_uid: "disk" } };
const policy = (decision: string, rules: Members): Members => ({ id: "p", decision, ...rules });

/** Rules that have no effect in a policy of that decision: `POL-05` and `POL-06`. */
export default family(
  {
    id: "POL-05",
    title: "Token rule without effect",
    severity: "medium",
    why: "Service tokens are looked at by Service Auth and Bypass alone; here a machine is sent to the login page.",
    reads: ["policies", "applications"],
    also: ["groups"],
    lacks: lackOf("groups"),
    *find(estate) {
      for (const standing of policiesThat(estate, "allow", "deny")) {
        const idle = rulesThat(estate, standing.policy, ["include", "require"], isToken);
        if (idle.length === 0) continue;
        const isBlock = standing.policy["decision"] === "deny";
        const fix = machinesOnly(estate, standing, idle);
        yield about(standing, {
          says: isBlock
            ? "it does not block the tokens that it names"
            : idle.some(({ field }) => field.startsWith("require"))
              ? "it requires a token, which is never looked at after a login, so it lets nobody in"
              : "it does not let in the tokens that it names",
          ...evidence(standing.policy, idle),
          ...(fix && { fix }),
        });
      }
    },
    remedy: "Give machines a policy of their own with decision non_identity; to keep a token out, disable it.",
    falsePositive: "Certificates are no token: they may well be required of people.",
    source: "https://developers.cloudflare.com/cloudflare-one/access-controls/service-credentials/service-tokens/",
    flagged: [
      { says: "a token is allowed", account: { policies: [policy("allow", { include: [ada, oneToken] })] } },
      {
        says: "a group of tokens is allowed",
        account: {
          policies: [policy("allow", { include: [{ group: { id: "robots" } }] })],
          groups: [{ id: "robots", include: [oneToken, { any_valid_service_token: {} }] }],
        },
      },
      { says: "any token is blocked", account: { policies: [policy("deny", { include: [oneToken] })] } },
      {
        says: "a token is required",
        account: { policies: [policy("allow", { include: [ada], require: [oneToken] })] },
      },
    ],
    clean: [
      { says: "Service Auth", account: { policies: [policy("non_identity", { include: [oneToken] })] } },
      {
        says: "a certificate is required",
        account: { policies: [policy("allow", { include: [ada], require: [{ certificate: {} }] })] },
      },
      {
        says: "a group for people and machines",
        account: {
          policies: [policy("allow", { include: [{ group: { id: "team" } }] })],
          groups: [{ id: "team", include: [ada, oneToken] }],
        },
      },
    ],
  },
  {
    id: "POL-06",
    title: "Rule about people where nobody logs in",
    severity: "medium",
    why: "Bypass and Service Auth decide before any login: rules about people never match, so the policy does not do what it says.",
    reads: ["policies", "applications"],
    also: ["groups"],
    lacks: lackOf("groups"),
    *find(estate) {
      for (const standing of policiesThat(estate, "bypass", "non_identity")) {
        const { policy } = standing;
        const personal = rulesThat(estate, policy, ["include", "require", "exclude"], isPersonal);
        if (personal.length > 0) {
          const leavesOut = personal.some(({ field }) => field.startsWith("exclude"));
          yield about(standing, {
            says: leavesOut
              ? "people whom it excludes are let through all the same"
              : "rules about people never match in it",
            ...evidence(policy, personal),
            fix: policyFix(standing, { decision: "allow" }),
          });
        }
        const devices =
          policy["decision"] === "bypass" ? rulesThat(estate, policy, ["include", "require"], isPosture) : [];
        if (devices.length > 0) {
          yield about(standing, {
            says: "a posture rule in a bypass fails where Zaraz is on or a Worker answers",
            ...evidence(policy, devices),
            mark: "posture",
            certain: false,
            fix: policyFix(
              standing,
              { decision: "allow" },
              { include: "who may come in; the posture rule can be required" },
            ),
          });
        }
      }
    },
    remedy: "Make it a policy that allows after login, or name machines instead of people.",
    falsePositive: "For posture rules: no Zaraz and no Worker on the hostname.",
    source: documentation,
    flagged: [
      { says: "an address in a bypass", account: { policies: [policy("bypass", { include: [ada] })] } },
      {
        says: "a group of people is excluded from a bypass",
        account: {
          policies: [policy("bypass", { include: [{ everyone: {} }], exclude: [{ group: { id: "g" } }] })],
          groups: [{ id: "g", include: [ada] }],
        },
      },
      {
        says: "a login method in Service Auth",
        account: {
          policies: [policy("non_identity", { include: [oneToken], require: [{ login_method: { id: "o" } }] })],
        },
      },
      { says: "posture in a bypass", account: { policies: [policy("bypass", { include: [posture] })] } },
    ],
    clean: [
      {
        says: "a network in a bypass",
        account: { policies: [policy("bypass", { include: [{ ip: { ip: "203.0.113.1/32" } }] })] },
      },
      {
        says: "posture in Service Auth",
        account: { policies: [policy("non_identity", { include: [oneToken], require: [posture] })] },
      },
      { says: "an address after login", account: { policies: [policy("allow", { include: [ada] })] } },
    ],
  },
);
