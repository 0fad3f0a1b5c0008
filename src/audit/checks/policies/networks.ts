import type { Members } from "../../../core/change.ts";
import { addressesOf } from "../../../simulator/addresses.ts";
import { listOf, textOf } from "../../../simulator/fields.ts";
import { memberOf, networkOf } from "../../../simulator/networks.ts";
import { family } from "../../check.ts";
import type { Estate } from "../../estate.ts";
import { branchesOf, ensures, type Rule, type Test } from "../shared/closure.ts";
import type { Use } from "../shared/placed.ts";
import { lackOf } from "../shared/whole.ts";
import { type Flaw, flawed } from "./deciding.ts";
import { isCredential, saysWho } from "./kinds.ts";

/** Shorter prefixes make a network too wide to mean a place. */
const shortest = { ipv4: 16, ipv6: 32 } as const;

const isPrivate = memberOf(
  [
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "::1",
    "fc00::/7",
    "fe80::/10",
  ].flatMap((text) => networkOf(text) ?? []),
);

/** Whether requests come to an application from the internet alone, so that their addresses are never private. */
const isPublic = (application: Members): boolean =>
  addressesOf(application).length > 0 &&
  application["type"] !== "infrastructure" &&
  !listOf(application["destinations"]).some(({ type }) => type === "private");

const isLimited: Test = (rule, estate) => saysWho(rule, estate) || isCredential(rule, estate);

function flawOf(estate: Estate, rule: Rule, { standing, helps }: Use): Flaw | undefined {
  const network = networkOf(textOf(rule.argument["ip"]));
  if (network === undefined || !helps) return undefined;
  const { address, prefix, family } = network;
  const { policy, applications } = standing;
  const mark = `${address}/${prefix}`;
  if (prefix > 0 && isPrivate(address)) {
    const never = applications.length > 0 && applications.every(isPublic);
    return never ? { says: "requests from the internet never come from a private network", mark } : undefined;
  }
  if (policy["decision"] === "deny" || prefix >= shortest[family]) return undefined;
  if (prefix > 0)
    return { says: `the network has ${(family === "ipv4" ? 32 : 128) - prefix} free bits: hardly a place`, mark };
  const alone = branchesOf(estate, policy, ["ip"]).some(
    (branch) => branch.rule.rule === rule.rule && ensures(estate, branch.way.require, isLimited) === false,
  );
  return alone && applications.length > 0
    ? { says: "it is the whole internet, and nothing else is asked for", severity: "critical", mark }
    : { says: "it is the whole internet, so it limits nothing", mark };
}

const staff = { email_domain: { domain: "example.com" } };
const from = (ip: string) => ({ ip: { ip } });
const site = (decision: string, rules: Members, more: Members = {}): Members => ({
  id: "site",
  type: "self_hosted",
  domain: "site.example.com",
  policies: [{ id: "own", reusable: false, precedence: 1, decision, ...rules }],
  ...more,
});

/** Networks that are none: `POL-16`. */
export default family({
  id: "POL-16",
  title: "Network that is too wide or private",
  severity: "medium",
  why: "A huge network admits nearly everybody; a private one never matches requests that come over the internet.",
  reads: ["policies", "applications"],
  also: ["groups"],
  lacks: lackOf("groups"),
  *find(estate) {
    yield* flawed(estate, "ip", "the same rules, with the networks that are really yours", (rule, use) =>
      flawOf(estate, rule, use),
    );
  },
  remedy: "Give the networks that are really yours, as narrow as they are.",
  falsePositive: "Private addresses are right in applications that are reached through Cloudflare's client.",
  source: "https://developers.cloudflare.com/cloudflare-one/access-controls/policies/",
  flagged: [
    { says: "the whole internet", account: { applications: [site("bypass", { include: [from("0.0.0.0/0")] })] } },
    {
      says: "the whole of IPv6 as a condition, in a group",
      account: {
        applications: [site("allow", { include: [staff], require: [{ group: { id: "g" } }] })],
        groups: [{ id: "g", include: [from("::/0")] }],
      },
    },
    {
      says: "an eighth of the internet",
      account: { policies: [{ id: "p", decision: "allow", include: [from("64.0.0.0/3")] }] },
    },
    {
      says: "a private network",
      account: { applications: [site("allow", { include: [staff], require: [from("10.1.0.0/16")] })] },
    },
  ],
  clean: [
    {
      says: "an office",
      account: { applications: [site("allow", { include: [staff], require: [from("203.0.113.0/24")] })] },
    },
    {
      says: "a private network of an application within it",
      account: {
        applications: [
          site(
            "allow",
            { include: [staff], require: [from("10.0.0.0/8")] },
            { destinations: [{ type: "private", cidr: "10.0.0.0/8" }] },
          ),
        ],
      },
    },
    {
      says: "everybody from elsewhere is blocked",
      account: { applications: [site("deny", { include: [from("0.0.0.0/0")], exclude: [from("203.0.0.0/8")] })] },
    },
  ],
});
