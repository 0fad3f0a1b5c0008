import type { Members } from "../../../core/change.ts";
import { hostsOf } from "../../../simulator/addresses.ts";
import { textOf } from "../../../simulator/fields.ts";
import { family } from "../../check.ts";
import type { Estate } from "../../estate.ts";
import { lackOf } from "../shared/whole.ts";
import { type Flaw, flawed, sideOf } from "./deciding.ts";
import { documentation } from "./told.ts";

/** The part of a hostname that its owner registered, as near as that can be told without a list of suffixes. */
function siteOf(host: string): string {
  const labels = host.split(".");
  const isShort = (labels.at(-2) ?? "").length <= 3 && (labels.at(-1) ?? "").length === 2;
  return labels.slice(isShort ? -3 : -2).join(".");
}

const ownSites = (estate: Estate): ReadonlySet<string> =>
  new Set(estate.items("applications").flatMap(hostsOf).map(siteOf));

/** What is wrong with where one's own code is asked. */
function askedBadly(estate: Estate, { evaluate_url, keys_url }: Members, keepsOut: boolean): Flaw | undefined {
  const urls = [evaluate_url, keys_url].map(textOf).filter((url) => url !== "");
  if (!urls.every((url) => url.toLowerCase().startsWith("https://"))) {
    return { says: "its address or its keys are asked for without encryption, so the answer can be forged" };
  }
  if (keepsOut) return { says: "it shall keep people out, but whenever it fails or is down they are let in" };
  const own = estate.once(ownSites);
  const foreign = urls.filter((url) => URL.canParse(url) && !own.has(siteOf(new URL(url).hostname)));
  return own.size === 0 || foreign.length === 0
    ? undefined
    : {
        says: "no application stands on the domain that decides here: it may be somebody else's",
        severity: "low",
        certain: false,
      };
}

const risky = ["high", "unscored"];

const ada = { email: { email: "ada@example.com" } };
const asks = (evaluate_url: string, keys_url = "https://checks.example.com/keys") => ({
  external_evaluation: { evaluate_url, keys_url },
});
const scores = (...user_risk_score: readonly string[]) => ({ user_risk_score: { user_risk_score } });
const policy = (rules: Members): Members => ({ id: "p", decision: "allow", ...rules });
const site = { id: "site", type: "self_hosted", domain: "site.example.com" };

/** Policies that leave the judgement to something else: `POL-21` and `POL-22`. */
export default family(
  {
    id: "POL-21",
    title: "Decision by outside code",
    severity: "medium",
    why: "Whoever runs or forges that address decides who comes in; while it fails, the rule holds for nobody.",
    reads: ["policies", "applications"],
    also: ["groups"],
    lacks: lackOf("groups"),
    *find(estate) {
      const choose =
        "the same rules, with an https address of your own, and none of them where it shall keep people out";
      yield* flawed(estate, "external_evaluation", choose, ({ argument }, use) =>
        askedBadly(estate, argument, sideOf(use) === "out"),
      );
    },
    remedy: "Ask by https at a host of your own, and only to let people in.",
    falsePositive: "A service that you have chosen to decide for you, on its own domain.",
    source: `${documentation}external-evaluation/`,
    flagged: [
      {
        says: "keys without encryption",
        account: {
          policies: [
            policy({ include: [ada], require: [asks("https://checks.example.com", "http://checks.example.com")] }),
          ],
        },
      },
      {
        says: "in exclude, by a group",
        account: {
          policies: [policy({ include: [ada], exclude: [{ group: { id: "g" } }] })],
          groups: [{ id: "g", include: [asks("https://checks.example.com")] }],
        },
      },
      {
        says: "on another domain",
        account: {
          applications: [
            {
              ...site,
              policies: [
                policy({
                  reusable: false,
                  include: [ada],
                  require: [asks("https://elsewhere.example/", "https://elsewhere.example/k")],
                }),
              ],
            },
          ],
        },
      },
    ],
    clean: [
      {
        says: "by https on the own domain",
        account: {
          applications: [
            {
              ...site,
              policies: [
                policy({ reusable: false, include: [ada], require: [asks("https://checks.example.com/ask")] }),
              ],
            },
          ],
        },
      },
    ],
  },
  {
    id: "POL-22",
    title: "People of high or unknown risk are accepted",
    severity: "medium",
    why: "The rule matches people whose behaviour was rated as a high risk, or was never rated.",
    reads: ["policies", "applications"],
    also: ["groups"],
    lacks: lackOf("groups"),
    *find(estate) {
      yield* flawed(
        estate,
        "user_risk_score",
        "the same rules, with low and medium alone",
        ({ argument }, { standing, helps }) => {
          const { user_risk_score: levels } = argument;
          const accepted = Array.isArray(levels) ? risky.filter((level) => levels.includes(level)) : [];
          return standing.policy["decision"] !== "allow" || !helps || accepted.length === 0
            ? undefined
            : { says: `it accepts people whose risk is ${accepted.join(" or ")}`, certain: false };
        },
      );
    },
    remedy: "List low and medium alone.",
    falsePositive: "Cloudflare's page calls it a threshold, the API a list of levels: look at the raw value.",
    source: "the API's own list of risk levels, which Cloudflare's page describes as a threshold",
    flagged: [
      { says: "required", account: { policies: [policy({ include: [ada], require: [scores("low", "high")] })] } },
      {
        says: "by a group",
        account: {
          policies: [policy({ include: [{ group: { id: "g" } }] })],
          groups: [{ id: "g", include: [scores("unscored")] }],
        },
      },
    ],
    clean: [
      {
        says: "low and medium",
        account: { policies: [policy({ include: [ada], require: [scores("low", "medium")] })] },
      },
      { says: "left out", account: { policies: [policy({ include: [ada], exclude: [scores("high", "unscored")] })] } },
      {
        says: "blocked",
        account: { policies: [policy({ decision: "deny", include: [scores("high")] })] },
      },
    ],
  },
);
