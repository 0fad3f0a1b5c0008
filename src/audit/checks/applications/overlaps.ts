import type { Members } from "../../../core/change.ts";
import { rivalsIn } from "../../../simulator/directory.ts";
import { textOf } from "../../../simulator/fields.ts";
import type { Place } from "../../../simulator/places.ts";
import { family, type Severity } from "../../check.ts";
import { type Estate, subject } from "../../estate.ts";
import { lackOf } from "../shared/whole.ts";
import { applicationFix } from "./kinds.ts";
import { addressed, evidenceOf } from "./places.ts";
import { strengthOf } from "./strength.ts";

/** Paths that are often meant for everybody. */
const publicPath = /\/(?:\.well-known|webhooks?|hooks?|health[a-z]*|robots\.txt|favicon\.ico)(?:\/|$)/;

/** How the narrower of two applications asks for less, the worst first. */
function weaknesses(estate: Estate, wide: Members, narrow: Members): readonly Weakness[] {
  const [outer, inner] = [strengthOf(estate, wide), strengthOf(estate, narrow)];
  if (outer.isPublic === true) return [];
  const all: readonly (Weakness & { readonly holds: boolean })[] = [
    { says: "everybody passes without a login", severity: "high", holds: inner.isPublic === true },
    {
      says: "all but those excluded pass without a login",
      severity: "high",
      holds: inner.isPublic !== true && inner.isMostlyPublic && !outer.isMostlyPublic,
    },
    {
      says: "some pass without a login",
      severity: "high",
      holds: !inner.isMostlyPublic && inner.isBypassed && !outer.isBypassed,
    },
    { says: "everybody with any login gets in", severity: "high", holds: inner.isForEveryone && !outer.isForEveryone },
    { says: "no second factor is needed", severity: "high", holds: outer.factor === true && inner.factor === false },
    { says: "no device posture is needed", severity: "high", holds: outer.posture === true && inner.posture === false },
    { says: "sessions last longer", severity: "medium", holds: outer.session > 0 && inner.session > outer.session },
  ];
  return all.filter(({ holds }) => holds);
}

interface Weakness {
  readonly says: string;
  readonly severity: Severity;
}

const isPublicPath = (place: Place): boolean => place.kind === "public" && publicPath.test(place.path);

/** Applications that stand in each other's way. */
export default family(
  {
    id: "APP-02",
    title: "More specific application asks for less",
    severity: "high",
    why: "Nothing is inherited from the application around it, so the narrower one is a gap in it.",
    reads: ["applications"],
    also: ["policies", "groups", "organization"],
    *find(estate) {
      const seen = new Set<string>();
      for (const { relation, wide, narrow } of rivalsIn(estate.items("applications"))) {
        if (relation !== "covers") continue;
        const mark = `${textOf(wide.application["id"])} ${wide.text} ${narrow.text}`;
        const weak = weaknesses(estate, wide.application, narrow.application);
        const [worst] = weak;
        if (worst === undefined || seen.has(`${textOf(narrow.application["id"])} ${mark}`)) continue;
        seen.add(`${textOf(narrow.application["id"])} ${mark}`);
        yield {
          subject: subject("applications", narrow.application),
          says: `Within another application: ${weak.map(({ says }) => says).join(", ")}`,
          ...evidenceOf(narrow),
          severity: isPublicPath(narrow) ? "low" : worst.severity,
          related: [subject("applications", wide.application)],
          mark,
          ...applicationFix(
            narrow.application,
            {},
            { policies: "policies that ask for as much as those of the wider application" },
          ),
        };
      }
    },
    lacks: lackOf("policies", "groups", "organization"),
    remedy: "Give it policies as strict as those of the wider application, or take its destination away.",
    falsePositive: "It is meant for everybody, such as webhooks or what stands below /.well-known.",
    source: "https://developers.cloudflare.com/cloudflare-one/access-controls/policies/app-paths/",
    flagged: [
      {
        says: "a path of the wiki is open to everybody",
        account: {
          applications: [
            { id: "wiki", type: "self_hosted", domain: "wiki.example.com", policies: [{ id: "staff" }] },
            { id: "files", type: "self_hosted", domain: "wiki.example.com/files", policies: [{ id: "open" }] },
          ],
          policies: [
            { id: "staff", decision: "allow", include: [{ email_domain: { domain: "example.com" } }] },
            { id: "open", decision: "bypass", include: [{ everyone: {} }] },
          ],
        },
      },
      {
        says: "an office may pass, but within it all may who are not excluded",
        account: {
          applications: [
            { id: "wiki", type: "self_hosted", domain: "wiki.example.com", policies: [{ id: "office" }] },
            { id: "files", type: "self_hosted", domain: "wiki.example.com/files", policies: [{ id: "open" }] },
          ],
          policies: [
            { id: "office", decision: "bypass", include: [{ ip: { ip: "203.0.113.0/24" } }] },
            { id: "open", decision: "bypass", include: [{ everyone: {} }], exclude: [{ ip: { ip: "192.0.2.1/32" } }] },
          ],
        },
      },
      {
        says: "webhooks may be meant so",
        account: {
          applications: [
            { id: "wiki", type: "self_hosted", domain: "wiki.example.com", policies: [{ id: "staff" }] },
            { id: "hooks", type: "self_hosted", domain: "wiki.example.com/webhook", policies: [{ id: "open" }] },
          ],
          policies: [
            { id: "staff", decision: "allow", include: [{ email_domain: { domain: "example.com" } }] },
            { id: "open", decision: "bypass", include: [{ everyone: {} }] },
          ],
        },
      },
      {
        says: "no second factor, no posture, longer sessions and everybody on one hostname of many",
        account: {
          applications: [
            {
              id: "all",
              type: "self_hosted",
              destinations: [{ type: "public", uri: "*.example.com" }],
              session_duration: "2h",
              mfa_config: { allowed_authenticators: ["totp"] },
              policies: [{ id: "managed" }],
            },
            {
              id: "fleet",
              type: "self_hosted",
              destinations: [{ type: "public", uri: "fleet.example.com" }],
              policies: [{ id: "anyone" }],
            },
          ],
          policies: [
            {
              id: "managed",
              decision: "allow",
              include: [{ email_domain: { domain: "example.com" } }],
              require: [{ device_posture: { integration_uid: "disk" } }],
            },
            { id: "anyone", decision: "allow", include: [{ everyone: {} }] },
          ],
        },
      },
      {
        says: "only longer sessions",
        account: {
          applications: [
            { id: "wiki", type: "self_hosted", domain: "wiki.example.com", policies: [{ id: "staff" }] },
            {
              id: "drafts",
              type: "self_hosted",
              domain: "wiki.example.com/drafts",
              session_duration: "72h",
              policies: [{ id: "staff" }],
            },
          ],
          policies: [{ id: "staff", decision: "allow", include: [{ email_domain: { domain: "example.com" } }] }],
        },
      },
    ],
    clean: [
      {
        says: "the same policy",
        account: {
          applications: [
            { id: "wiki", type: "self_hosted", domain: "wiki.example.com", policies: [{ id: "staff" }] },
            { id: "files", type: "self_hosted", domain: "wiki.example.com/files", policies: [{ id: "staff" }] },
          ],
          policies: [{ id: "staff", decision: "allow", include: [{ email_domain: { domain: "example.com" } }] }],
        },
      },
      {
        says: "open within what is open",
        account: {
          applications: [
            { id: "site", type: "self_hosted", domain: "example.com", policies: [{ id: "open" }] },
            { id: "files", type: "self_hosted", domain: "example.com/files", policies: [{ id: "open" }] },
          ],
          policies: [{ id: "open", decision: "bypass", include: [{ everyone: {} }] }],
        },
      },
      {
        says: "a path that another does not cover",
        account: {
          applications: [
            { id: "wiki", type: "self_hosted", domain: "wiki.example.com/pages", policies: [{ id: "staff" }] },
            { id: "files", type: "self_hosted", domain: "wiki.example.com/files", policies: [{ id: "open" }] },
          ],
          policies: [
            { id: "staff", decision: "allow", include: [{ email_domain: { domain: "example.com" } }] },
            { id: "open", decision: "bypass", include: [{ everyone: {} }] },
          ],
        },
      },
    ],
  },
  {
    id: "APP-05",
    title: "Two applications claim the same address",
    severity: "medium",
    why: "Only the more specific one is known to win; of two that are equally specific nobody can tell which policies count.",
    reads: ["applications"],
    *find(estate) {
      for (const { relation, wide, narrow, example } of rivalsIn(estate.items("applications"))) {
        // Cloudflare documents an order for Workers, by which those that only cross are told apart.
        if (relation === "covers" || (relation === "crosses" && wide.kind === "worker")) continue;
        const [one, other] = [wide, narrow].toSorted(byApplication) as [Place, Place];
        yield {
          subject: subject("applications", one.application),
          says:
            relation === "equal"
              ? "Another application has the same destination"
              : "Another application's destination crosses this one",
          ...evidenceOf(one),
          related: [subject("applications", other.application), addressed(example)],
          mark: `${textOf(other.application["id"])} ${one.text} ${other.text}`,
          ...applicationFix(
            one.application,
            {},
            {
              destinations: "destinations that lie wholly within those of the other application, or apart from them",
            },
          ),
        };
      }
    },
    remedy: "Make one destination a part of the other, or put both into one application.",
    falsePositive: "None is known: destinations of different kinds do not compete and are left out.",
    source: "https://developers.cloudflare.com/cloudflare-one/access-controls/policies/app-paths/",
    flagged: [
      {
        says: "the same address twice",
        account: {
          applications: [
            { id: "new", type: "self_hosted", domain: "wiki.example.com/" },
            { id: "old", type: "self_hosted", destinations: [{ type: "public", uri: "wiki.example.com/*" }] },
          ],
        },
      },
      {
        says: "hostnames that cross",
        account: {
          applications: [
            { id: "eu", type: "self_hosted", domain: "eu-*.example.com" },
            { id: "test", type: "self_hosted", domain: "*-test.example.com" },
          ],
        },
      },
    ],
    clean: [
      {
        says: "one within the other",
        account: {
          applications: [
            { id: "all", type: "self_hosted", domain: "*.example.com" },
            { id: "wiki", type: "self_hosted", domain: "wiki.example.com" },
          ],
        },
      },
      {
        says: "public and private do not compete",
        account: {
          applications: [
            { id: "wiki", type: "self_hosted", domain: "wiki.example.com" },
            {
              id: "inner",
              type: "self_hosted",
              destinations: [{ type: "private", hostname: "wiki.example.com", port_range: "443" }],
            },
          ],
        },
      },
      {
        says: "two destinations of one application",
        account: {
          applications: [
            {
              id: "wiki",
              type: "self_hosted",
              destinations: [
                { type: "public", uri: "wiki.example.com" },
                { type: "public", uri: "wiki.example.com/*" },
              ],
            },
          ],
        },
      },
    ],
  },
);

const byApplication = (one: Place, other: Place): number =>
  textOf(one.application["id"]) < textOf(other.application["id"]) ? -1 : 1;
