import type { Members } from "../../../core/change.ts";
import { textOf } from "../../../simulator/fields.ts";
import { type Found, family } from "../../check.ts";
import type { Estate } from "../../estate.ts";
import { isOpen, offers } from "../identity-providers/open.ts";
import { policyFix, type Standing } from "../shared/attached.ts";
import { branchesOf, ensures, type Test, type Way, waysInto } from "../shared/closure.ts";
import { lackOf } from "../shared/whole.ts";
import { certificates, networks, saysWho, tokens } from "./kinds.ts";
import { documentation, evidence, opening, policiesBy, protectedBy, route } from "./told.ts";

/** Who can log in to the applications of a policy, as the end of a sentence; nothing when that is the company alone for good. */
function doorsOf(
  estate: Estate,
  standing: Standing,
): (Pick<Found, "severity" | "certain"> & { who: string }) | undefined {
  const applications = protectedBy(standing);
  const providers = estate.known("identity_providers");
  if (providers === undefined) return { who: "whoever can log in", certain: false };
  const offered = providers.filter(({ id }) => applications.some((application) => offers(application, id)));
  const open = offered.filter(isOpen).map(({ type }) => textOf(type));
  if (open.length > 0) return { who: `anybody, by ${[...new Set(open)].join(" or ")}` };
  const isPinned = applications.length > 0 && applications.every((application) => !offers(application, undefined));
  if (isPinned) return undefined;
  return { who: "everybody who can log in, by any identity provider there will ever be", severity: "medium" };
}

/** Providers of mailboxes that anybody can have. */
const publicMail = new Set(
  [
    "126.com 163.com aol.com daum.net duck.com fastmail.com free.fr gmail.com gmx.at gmx.ch gmx.com gmx.de gmx.net",
    "googlemail.com hey.com hotmail.co.uk hotmail.com hotmail.de hotmail.fr hushmail.com icloud.com laposte.net",
    "libero.it live.co.uk live.com mac.com mail.com mail.ru mailbox.org mailinator.com me.com msn.com naver.com",
    "orange.fr outlook.com outlook.de outlook.fr pm.me posteo.de proton.me protonmail.com protonmail.ch qq.com",
    "rediffmail.com seznam.cz sina.com t-online.de tuta.com tuta.io tutanota.com uol.com.br web.de wp.pl",
    "yahoo.co.in yahoo.co.jp yahoo.co.uk yahoo.com yahoo.com.br yahoo.de yahoo.fr yandex.com yandex.ru ymail.com",
    "zoho.com zohomail.com",
  ].flatMap((line) => line.split(" ")),
);

const domainOf = (argument: Members): string => textOf(argument["domain"]).toLowerCase().replace(/^@/, "");

/** Says which people are meant, and not those of a public provider. */
const saysWhoNarrowly: Test = (rule, estate) =>
  saysWho(rule, estate) && !(rule.selector === "email_domain" && publicMail.has(domainOf(rule.argument)));

/** Rules that hold for anybody who comes from some place or on some device. */
const placeOrDevice = new Set([...networks, ...certificates, "device_posture"]);

const pin = { id: "pin", type: "onetimepin" };
const okta = { id: "okta", type: "okta" };
const everyone = { everyone: {} };
const staff = { email_domain: { domain: "example.com" } };
const country = { geo: { country_code: "NL" } };

/** A web application with one policy of its own, allow after login. */
const site = (rules: Members, more: Members = {}): Members => ({
  id: "site",
  type: "self_hosted",
  domain: "site.example.com",
  policies: [{ id: "own", reusable: false, precedence: 1, decision: "allow", ...rules }],
  ...more,
});

/** Policies that let in people whom nobody knows: `POL-07` to `POL-10`. */
export default family(
  {
    id: "POL-07",
    title: "Everyone is allowed",
    severity: "high",
    why: "Whoever can log in at all gets in; where a one-time PIN or a public provider is offered, that is anybody.",
    reads: ["applications", "policies"],
    also: ["groups", "identity_providers"],
    lacks: lackOf("groups"),
    *find(estate) {
      for (const standing of policiesBy(estate, ["allow"], ["everyone"])) {
        const open = branchesOf(estate, standing.policy, ["everyone"]).filter(
          ({ way }) => ensures(estate, way.require, saysWho) === false,
        );
        const doors = open.length === 0 ? undefined : doorsOf(estate, standing);
        if (doors === undefined) continue;
        const { who, ...weight } = doors;
        yield opening(standing, {
          says: `it lets in ${who}${route(open)}`,
          ...evidence(standing.policy, open.slice(0, 1)),
          ...weight,
          fix: policyFix(
            standing,
            {},
            { include: "who is meant: a group, an e-mail domain, a group of the directory" },
          ),
        });
      }
    },
    remedy: "Include those who are meant: a rule group, an e-mail domain or a group of the directory.",
    falsePositive: "Applications that accept the company's own directory alone, in which everybody may come in.",
    source: documentation,
    flagged: [
      {
        says: "a one-time PIN is offered",
        account: { applications: [site({ include: [everyone] })], identity_providers: [pin, okta] },
      },
      {
        says: "through a group, with a condition that says nothing of who it is",
        account: {
          applications: [site({ include: [{ group: { id: "g" } }], require: [country] })],
          groups: [{ id: "g", include: [everyone] }],
          identity_providers: [pin],
        },
      },
      {
        says: "the directory alone, but nothing holds it to that; less bad",
        account: { applications: [site({ include: [everyone] })], identity_providers: [okta] },
      },
    ],
    clean: [
      {
        says: "held to the directory",
        account: {
          applications: [site({ include: [everyone] }, { allowed_idps: ["okta"] })],
          identity_providers: [pin, okta],
        },
      },
      {
        says: "a group of the directory is required",
        account: {
          applications: [
            site({ include: [everyone], require: [{ okta: { name: "ops", identity_provider_id: "okta" } }] }),
          ],
          identity_providers: [pin, okta],
        },
      },
      { says: "an e-mail domain", account: { applications: [site({ include: [staff] })], identity_providers: [pin] } },
    ],
  },
  {
    id: "POL-08",
    title: "Allowed by a login that anybody can have",
    severity: "high",
    why: "The rule asks how somebody logs in, not who it is, and anybody can log in that way.",
    reads: ["applications", "policies", "identity_providers"],
    also: ["groups"],
    lacks: lackOf("groups"),
    *find(estate) {
      const isOpenLogin = (id: unknown) => {
        const provider = estate.find("identity_providers", id);
        return provider !== undefined && isOpen(provider);
      };
      for (const standing of policiesBy(estate, ["allow"], ["login_method"])) {
        const { applications } = standing;
        const isOffered = (id: unknown) => applications.length === 0 || applications.some((one) => offers(one, id));
        const open = branchesOf(estate, standing.policy, ["login_method"]).filter(
          ({ way, rule }) =>
            isOpenLogin(rule.argument["id"]) &&
            isOffered(rule.argument["id"]) &&
            ensures(estate, way.require, saysWho) === false,
        );
        if (open.length === 0) continue;
        const types = open.map(({ rule }) => textOf(estate.find("identity_providers", rule.argument["id"])?.["type"]));
        yield opening(standing, {
          says: `anybody gets in by ${[...new Set(types)].join(" or ")}${route(open)}`,
          ...evidence(standing.policy, open),
          fix: policyFix(
            standing,
            {},
            { require: "who is meant: a group or an e-mail domain, besides what is required" },
          ),
        });
      }
    },
    remedy: "Require an e-mail domain or a group besides the login method.",
    falsePositive: "A provider of that kind which the company has closed to others by means that Access does not see.",
    source: documentation,
    flagged: [
      {
        says: "a one-time PIN",
        account: { applications: [site({ include: [{ login_method: { id: "pin" } }] })], identity_providers: [pin] },
      },
    ],
    clean: [
      {
        says: "the directory",
        account: { applications: [site({ include: [{ login_method: { id: "okta" } }] })], identity_providers: [okta] },
      },
      {
        says: "an e-mail domain is required, by a group",
        account: {
          applications: [site({ include: [{ login_method: { id: "pin" } }], require: [{ group: { id: "g" } }] })],
          groups: [{ id: "g", include: [staff] }],
          identity_providers: [pin],
        },
      },
      {
        says: "the application does not offer it",
        account: {
          applications: [site({ include: [{ login_method: { id: "pin" } }] }, { allowed_idps: ["okta"] })],
          identity_providers: [pin, okta],
        },
      },
    ],
  },
  {
    id: "POL-09",
    title: "Allowed by place or certificate only",
    severity: "high",
    why: "Nothing says who may come in: any account at any identity provider will do, from that place or device.",
    reads: ["applications", "policies"],
    also: ["groups", "identity_providers"],
    lacks: lackOf("groups"),
    *find(estate) {
      for (const standing of policiesBy(estate, ["allow"], placeOrDevice)) {
        // Tokens never match after a login.
        const isPlace = ({ rules, isWhole }: Way) =>
          isWhole && [...rules.keys()].every((one) => one === "group" || tokens.has(one) || placeOrDevice.has(one));
        const branches = branchesOf(estate, standing.policy, placeOrDevice);
        const isUnlimited =
          branches.length > 0 &&
          branches.every(({ way }) => ensures(estate, way.require, saysWho) === false) &&
          waysInto(estate, standing.policy).every(isPlace);
        const doors = isUnlimited ? doorsOf(estate, standing) : undefined;
        if (doors === undefined) continue;
        const { who, ...weight } = doors;
        yield opening(standing, {
          says: `it lets in ${who}, from the right place or device${route(branches)}`,
          ...evidence(standing.policy, branches),
          ...weight,
          fix: policyFix(standing, {}, { include: "who is meant; what is included now belongs into require" }),
        });
      }
    },
    remedy: "Include who is meant, and move the place or certificate into require.",
    falsePositive: "Applications that accept the company's own directory alone.",
    source: documentation,
    flagged: [
      {
        says: "a country or a certificate",
        account: { applications: [site({ include: [country, { certificate: {} }] })], identity_providers: [pin] },
      },
      {
        says: "a network through a group, attached to nothing yet",
        account: {
          policies: [{ id: "p", decision: "allow", include: [{ group: { id: "g" } }] }],
          groups: [{ id: "g", include: [{ ip: { ip: "203.0.113.0/24" } }] }],
        },
      },
    ],
    clean: [
      { says: "people besides", account: { applications: [site({ include: [country, staff] })] } },
      { says: "people are required", account: { applications: [site({ include: [country], require: [staff] })] } },
      {
        says: "held to the directory",
        account: {
          applications: [site({ include: [country] }, { allowed_idps: ["okta"] })],
          identity_providers: [okta],
        },
      },
    ],
  },
  {
    id: "POL-10",
    title: "Domain of a public mailbox provider",
    severity: "high",
    why: "Anybody can have a mailbox there in a minute, and with it a login.",
    reads: ["applications", "policies"],
    also: ["groups"],
    lacks: lackOf("groups"),
    *find(estate) {
      for (const standing of policiesBy(estate, ["allow"], ["email_domain"])) {
        const seen = new Set<string>();
        for (const branch of branchesOf(estate, standing.policy, ["email_domain"])) {
          const domain = domainOf(branch.rule.argument);
          if (!publicMail.has(domain) || seen.has(domain)) continue;
          if (ensures(estate, branch.way.require, saysWhoNarrowly) !== false) continue;
          seen.add(domain);
          yield opening(standing, {
            says: `anybody with a mailbox at ${domain} gets in${route([branch])}`,
            ...evidence(standing.policy, [branch]),
            mark: domain,
            fix: policyFix(standing, {}, { include: "the addresses that are meant, or a group of the directory" }),
          });
        }
      }
    },
    remedy: "Name the addresses that are meant, or keep them in a list or in a group of the directory.",
    falsePositive: "A very small team that has no domain of its own; even then name the addresses.",
    source: "own judgement",
    flagged: [
      {
        says: "the policy itself",
        account: { applications: [site({ include: [{ email_domain: { domain: "GMail.com" } }] })] },
      },
      {
        says: "through a group",
        account: {
          applications: [site({ include: [{ group: { id: "g" } }] })],
          groups: [{ id: "g", include: [staff, { email_domain: { domain: "@outlook.com" } }] }],
        },
      },
    ],
    clean: [
      { says: "the company's domain", account: { applications: [site({ include: [staff] })] } },
      {
        says: "a group of the directory is required",
        account: {
          applications: [
            site({
              include: [{ email_domain: { domain: "gmail.com" } }],
              require: [{ okta: { name: "guests", identity_provider_id: "okta" } }],
            }),
          ],
        },
      },
      {
        says: "they are left out",
        account: {
          applications: [site({ include: [staff], exclude: [{ email_domain: { domain: "gmail.com" } }] })],
        },
      },
    ],
  },
);
