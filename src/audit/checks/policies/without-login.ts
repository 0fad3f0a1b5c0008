import type { Members } from "../../../core/change.ts";
import { addressesOf } from "../../../simulator/addresses.ts";
import { textOf } from "../../../simulator/fields.ts";
import { family } from "../../check.ts";
import type { Estate } from "../../estate.ts";
import { policyFix } from "../shared/attached.ts";
import { branchesOf, ensures, type Test } from "../shared/closure.ts";
import { openingWithoutLogin } from "../shared/everybody.ts";
import { isWhole, lackOf } from "../shared/whole.ts";
import { isCredential, isNetwork, isPersonal, isPosture, networks } from "./kinds.ts";
import {
  about,
  detached,
  documentation,
  evidence,
  isBareWithout,
  opening,
  policiesBy,
  policiesThat,
  protectedBy,
  route,
} from "./told.ts";

/** Whether an application stands at paths of its hostnames only, as `example.com/hooks`. */
const isOnPaths = (application: Members): boolean => {
  const addresses = addressesOf(application);
  return addresses.length > 0 && addresses.every((address) => /\/[^*/]/.test(address));
};

/** Asks for more than where somebody comes from. Rules about people count, since they never match where nobody logs in. */
const asksMore: Test = (rule, estate) =>
  isCredential(rule, estate) || isPosture(rule, estate) || isPersonal(rule, estate);

/** The same, a place included. */
const asksKnown: Test = (rule, estate) => isNetwork(rule, estate) || asksMore(rule, estate);

const isDoor: Test = (rule, estate) => isCredential(rule, estate) || isPersonal(rule, estate);

/** Names one machine: it alone, whatever else is included. */
const isOneToken: Test = ({ selector }) => selector === "service_token" || selector === "linked_app_token";

/** Ids of the service tokens that work; nothing when they are not known. */
function liveTokens(estate: Estate): readonly Members[] | undefined {
  return estate
    .known("service_tokens")
    ?.filter(({ enabled, expires_at }) => enabled !== false && !(Date.parse(textOf(expires_at)) <= estate.now));
}

const everyone = { everyone: {} };
const office = { ip: { ip: "203.0.113.0/24" } };
const anyToken = { any_valid_service_token: {} };
const oneToken = { service_token: { token_id: "robot" } };

/** A web application with one policy of its own. */
const site = (policy: Members, more: Members = {}): Members => ({
  id: "site",
  type: "self_hosted",
  domain: "site.example.com",
  policies: [{ id: "own", reusable: false, precedence: 1, ...policy }],
  ...more,
});

/** Policies by which requests pass that nobody logged in for: `POL-01` to `POL-04`. */
export default family(
  {
    id: "POL-01",
    title: "Bypass for everyone",
    severity: "critical",
    why: "Access stands aside: no login is asked for, nothing is checked, and the requests are not even logged.",
    reads: ["applications", "policies"],
    also: ["groups"],
    lacks: lackOf("groups"),
    *find(estate) {
      for (const standing of policiesBy(estate, ["bypass"], ["everyone"])) {
        const open = openingWithoutLogin(estate, standing.policy);
        const opened = protectedBy(standing);
        if (open === undefined || opened.length === 0) continue;
        const { exceptions } = open;
        const isForAll = exceptions.length === 0;
        const who = isForAll ? "anybody on the internet" : "everybody but those excluded";
        const addresses = opened.flatMap(addressesOf);
        const isKnown = isWhole(estate, "groups") || !exceptions.some(({ selector }) => selector === "group");
        yield about(standing, {
          says: `${who} passes without login and without log, at ${addresses.length} addresses${route([open])}`,
          ...evidence(standing.policy, [open]),
          severity: opened.every(isOnPaths) ? "medium" : isForAll ? "critical" : "high",
          certain: isKnown,
          fix:
            (isBareWithout(standing) ? undefined : detached(standing)) ??
            policyFix(standing, { decision: "allow" }, { include: "who may come in after a login" }),
        });
      }
    },
    remedy: "Take the policy from the application, or let in by it only people who log in or machines with a token.",
    falsePositive: "A path that is public on purpose, such as a health check or a webhook.",
    source: documentation,
    flagged: [
      { says: "a whole site", account: { applications: [site({ decision: "bypass", include: [everyone] })] } },
      {
        says: "a reusable policy, through a group in a group, on a path",
        account: {
          applications: [site({}, { domain: "site.example.com/hooks", policies: [{ id: "open", reusable: true }] })],
          policies: [{ id: "open", decision: "bypass", include: [{ group: { id: "outer" } }] }],
          groups: [
            { id: "outer", include: [{ group: { id: "inner" } }] },
            { id: "inner", include: [office, everyone] },
          ],
        },
      },
      {
        says: "all but one address, which makes it little better",
        account: {
          applications: [site({ decision: "bypass", include: [everyone], exclude: [{ ip: { ip: "192.0.2.1/32" } }] })],
        },
      },
      {
        says: "what is required holds for everybody, and people are excluded in vain",
        account: {
          applications: [
            site({
              decision: "bypass",
              include: [everyone],
              require: [{ group: { id: "most" } }],
              exclude: [{ email: { email: "ada@example.com" } }],
            }),
          ],
          groups: [{ id: "most", include: [office, everyone], exclude: [{ geo: { country_code: "NL" } }] }],
        },
      },
    ],
    clean: [
      { says: "attached to nothing", account: { policies: [{ id: "open", decision: "bypass", include: [everyone] }] } },
      {
        says: "a certificate is needed",
        account: {
          applications: [site({ decision: "bypass", include: [everyone], require: [{ certificate: {} }] })],
        },
      },
      {
        says: "the group has a condition",
        account: {
          applications: [site({ decision: "bypass", include: [{ group: { id: "g" } }] })],
          groups: [{ id: "g", include: [everyone], require: [office] }],
        },
      },
      {
        says: "everybody is excluded again",
        account: {
          applications: [site({ decision: "bypass", include: [everyone], exclude: [{ group: { id: "all" } }] })],
          groups: [{ id: "all", include: [everyone] }],
        },
      },
    ],
  },
  {
    id: "POL-02",
    title: "Bypass for a network or country",
    severity: "high",
    why: "Where a request comes from says nothing about who sends it, and requests that bypass are not logged.",
    reads: ["applications", "policies"],
    also: ["groups"],
    lacks: lackOf("groups"),
    *find(estate) {
      for (const standing of policiesThat(estate, "bypass")) {
        const byPlace = branchesOf(estate, standing.policy, ["everyone", ...networks]).filter(({ way, rule }) => {
          const { require } = way;
          const isPlace = rule.selector !== "everyone" || ensures(estate, require, asksKnown);
          return isPlace && ensures(estate, require, asksMore) === false;
        });
        if (byPlace.length === 0) continue;
        yield opening(standing, {
          says: `the source address alone opens it, without login and without log${route(byPlace)}`,
          ...evidence(standing.policy, byPlace),
          fix: policyFix(
            standing,
            { decision: "non_identity" },
            { require: "a service_token or certificate rule, added to what is required now" },
          ),
        });
      }
    },
    remedy: "Ask for a service token or a client certificate besides, or allow after login and require the network.",
    falsePositive: "The way out of an office that is meant to pass; Cloudflare advises against it all the same.",
    source: documentation,
    flagged: [
      { says: "an office network", account: { applications: [site({ decision: "bypass", include: [office] })] } },
      {
        says: "everyone in a country, which is the same",
        account: {
          applications: [site({ decision: "bypass", include: [everyone], require: [{ geo: { country_code: "NL" } }] })],
        },
      },
      {
        says: "a list of networks in a group, attached to nothing yet",
        account: {
          policies: [{ id: "p", decision: "bypass", include: [{ group: { id: "g" } }] }],
          groups: [{ id: "g", include: [{ ip_list: { id: "offices" } }] }],
        },
      },
      {
        says: "everyone with a token or from an office, so the office is enough",
        account: {
          applications: [site({ decision: "bypass", include: [everyone], require: [{ group: { id: "g" } }] })],
          groups: [{ id: "g", include: [office, oneToken] }],
        },
      },
    ],
    clean: [
      {
        says: "a token is needed, since people never match",
        account: {
          applications: [site({ decision: "bypass", include: [office], require: [{ group: { id: "g" } }] })],
          groups: [{ id: "g", include: [oneToken, { email: { email: "ada@example.com" } }] }],
        },
      },
      {
        says: "a certificate is needed besides",
        account: {
          applications: [site({ decision: "bypass", include: [office], require: [{ certificate: {} }] })],
        },
      },
      {
        says: "after login",
        account: {
          applications: [
            site({ decision: "allow", include: [{ email: { email: "ada@example.com" } }], require: [office] }),
          ],
        },
      },
    ],
  },
  {
    id: "POL-03",
    title: "Service Auth without a credential",
    severity: "critical",
    why: "The policy asks for no login, and something in it matches without a token or certificate: no secret is needed.",
    reads: ["applications", "policies"],
    also: ["groups"],
    lacks: lackOf("groups"),
    *find(estate) {
      for (const standing of policiesThat(estate, "non_identity")) {
        // Rules about people never match where nobody logs in.
        const open = branchesOf(estate, standing.policy, ["everyone", "device_posture", ...networks]).filter(
          ({ way }) => ensures(estate, way.require, isDoor) === false,
        );
        if (open.length === 0) continue;
        const onlyDevices = open.every(({ way, rule }) => ensures(estate, [rule, ...way.require], isPosture));
        yield opening(standing, {
          says: onlyDevices
            ? "a device that passes a posture rule needs neither login nor secret"
            : `requests pass with neither login nor secret${route(open)}`,
          ...evidence(standing.policy, open),
          severity: onlyDevices ? "high" : "critical",
          fix: policyFix(
            standing,
            {},
            { require: "a service_token or certificate rule, added to what is required now" },
          ),
        });
      }
    },
    remedy: "Require a service token or a client certificate, or take out the rules that need none.",
    falsePositive: "A device posture rule of Cloudflare's own client, which is why it counts less.",
    source: documentation,
    flagged: [
      { says: "everyone", account: { applications: [site({ decision: "non_identity", include: [everyone] })] } },
      {
        says: "a network beside a token",
        account: { applications: [site({ decision: "non_identity", include: [oneToken, office] })] },
      },
      {
        says: "a posture rule, which counts less",
        account: {
          applications: [
            site({ decision: "non_identity", include: [{ device_posture: { integration_uid: "client" } }] }),
          ],
        },
      },
    ],
    clean: [
      { says: "a token", account: { applications: [site({ decision: "non_identity", include: [oneToken] })] } },
      {
        says: "a network and a token",
        account: {
          applications: [site({ decision: "non_identity", include: [office], require: [{ group: { id: "robots" } }] })],
          groups: [{ id: "robots", include: [oneToken, { common_name: { common_name: "ci" } }] }],
        },
      },
    ],
  },
  {
    id: "POL-04",
    title: "Any service token is accepted",
    severity: "high",
    why: "Every token of the account opens it, also those made for something else and those made tomorrow.",
    reads: ["applications", "policies"],
    also: ["groups", "service_tokens"],
    lacks: lackOf("groups"),
    *find(estate) {
      const live = liveTokens(estate);
      for (const standing of policiesBy(estate, ["non_identity", "bypass"], ["any_valid_service_token"])) {
        const any = branchesOf(estate, standing.policy, ["any_valid_service_token"]).filter(
          ({ way }) => ensures(estate, way.require, isOneToken) === false,
        );
        if (any.length === 0) continue;
        const count = live === undefined ? "every token of the account" : `each of ${live.length} live tokens`;
        const found = {
          says: `${count} opens it${route(any)}`,
          ...evidence(standing.policy, any.slice(0, 1)),
          fix: policyFix(standing, {}, { include: "a service_token rule for each machine that needs it" }),
        };
        yield opening(standing, { ...found, ...(live !== undefined && live.length <= 1 && { severity: "low" }) });
      }
    },
    remedy: "Name the tokens that need it, each in a service_token rule.",
    falsePositive: "An account with a single token, as long as nobody makes another.",
    source: documentation,
    flagged: [
      {
        says: "two tokens, one of which has nothing to do with it",
        account: {
          applications: [site({ decision: "non_identity", include: [anyToken] })],
          service_tokens: [{ id: "robot" }, { id: "other", expires_at: "2027-01-01T00:00:00Z" }],
        },
      },
      {
        says: "through a group, in a bypass; one token left, which counts less",
        account: {
          applications: [site({ decision: "bypass", include: [{ group: { id: "g" } }] })],
          groups: [{ id: "g", include: [anyToken] }],
          service_tokens: [{ id: "robot" }, { id: "old", expires_at: "2025-01-01T00:00:00Z" }],
        },
      },
    ],
    clean: [
      { says: "one token", account: { applications: [site({ decision: "non_identity", include: [oneToken] })] } },
      {
        says: "one token is required",
        account: {
          applications: [site({ decision: "non_identity", include: [anyToken], require: [oneToken] })],
        },
      },
    ],
  },
);
