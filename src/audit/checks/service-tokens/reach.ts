import type { Members } from "../../../core/change.ts";
import { counted } from "../../../simulator/answers.ts";
import { membersOf, textOf } from "../../../simulator/fields.ts";
import type { Check } from "../../check.ts";
import { type Estate, subject } from "../../estate.ts";
import { applicationSubjects } from "../shared/attached.ts";
import { branchesOf, ensures, type Place, type Test } from "../shared/closure.ts";
import { day } from "../shared/history.ts";
import { policiesWith, rulesBy, usesOfRule } from "../shared/placed.ts";
import { isWhole } from "../shared/whole.ts";
import { atMostLow, call, date, isUsable, source, timeOf, token } from "./tokens.ts";

type ByToken = ReadonlyMap<unknown, ReadonlySet<Members>>;

function collected(pairs: Iterable<readonly [token: unknown, applications: readonly Members[]]>): ByToken {
  const found = new Map<unknown, Set<Members>>();
  for (const [token, applications] of pairs) {
    const known = found.get(token) ?? new Set();
    for (const application of applications) known.add(application);
    found.set(token, known);
  }
  return found;
}

/** The tokens that rules at some places name, with the applications of those of their policies that pass. */
const named = (estate: Estate, at: readonly Place[], passes: (policy: Members) => boolean) =>
  rulesBy(estate, "service_token").flatMap((placed) => {
    const uses = at.includes(placed.place) ? usesOfRule(estate, placed, at) : [];
    return uses.flatMap(({ standing: { policy, applications } }) =>
      passes(policy) && applications.length > 0 ? [[placed.rule.argument["token_id"], applications] as const] : [],
    );
  });

/** Applications that do not work without a token: by its id where policies name it, by its client id for SCIM. */
const needing = (estate: Estate): ByToken =>
  collected([
    ...named(estate, ["include", "require"], ({ decision }) => decision !== "deny"),
    ...estate.items("applications").flatMap((application) => {
      const client = scimClient(application);
      return client === "" ? [] : [[client, [application]] as const];
    }),
  ]);

const scimClient = ({ scim_config }: Members): string =>
  textOf(membersOf(membersOf(scim_config)["authentication"])["client_id"]);

const needed = (estate: Estate, { id, client_id }: Members): readonly Members[] => {
  const index = estate.once(needing);
  return [...new Set([...(index.get(id) ?? []), ...(index.get(client_id) ?? [])])];
};

/** Whether a policy lets tokens in, without a login. */
const admits = ({ decision }: Members): boolean => decision === "non_identity" || decision === "bypass";

/** The applications that each token opens because a policy names it. */
const openedBy = (estate: Estate): ByToken => collected(named(estate, ["include"], admits));

const namesToken: Test = ({ selector }) => selector === "service_token";

/** The applications that any token opens. */
function openToAny(estate: Estate): readonly Members[] {
  const selector = "any_valid_service_token";
  const standings = [...policiesWith(estate, selector, ["include"])].filter(
    ({ policy }) =>
      admits(policy) &&
      branchesOf(estate, policy, [selector]).some(({ way }) => ensures(estate, way.require, namesToken) !== true),
  );
  return [...new Set(standings.flatMap(({ applications }) => applications))];
}

/** Ids and client ids of the tokens that anything names. */
const everyName = (estate: Estate): ReadonlySet<unknown> =>
  new Set([
    ...rulesBy(estate, "service_token").map(({ rule }) => rule.argument["token_id"]),
    ...estate.items("applications").map(scimClient),
    ...estate.items("organization_doh").map(({ id }) => id),
  ]);

/** A token may open so many applications; those of MCP count as one, since a portal and its servers share it. */
const mostApplications = 5;
const spread = (applications: readonly Members[]): number => {
  const others = applications.filter(({ type }) => type !== "mcp" && type !== "mcp_portal");
  return others.length + (others.length < applications.length ? 1 : 0);
};

const policy = (...include: readonly Members[]): Members => ({ id: "p", decision: "non_identity", include });
const byToken = { service_token: { token_id: "t" } };
const anyToken = { any_valid_service_token: {} };
const build = { id: "build", type: "self_hosted", name: "Build", domain: "build.example.com", policies: [{ id: "p" }] };
const builds = (count: number, more: Members = {}): readonly Members[] =>
  Array.from({ length: count }, (_, at) => ({ ...build, id: `build-${at}`, ...more }));

/** `TOK-02`. */
export const endingInUse: Check = {
  id: "TOK-02",
  title: "Service token in use that has expired or soon will",
  severity: "medium",
  why: "The machines that present it are shut out on that day.",
  reads: ["service_tokens", "policies", "applications"],
  also: ["groups"],
  *find(estate) {
    for (const item of estate.items("service_tokens")) {
      const end = timeOf(item, "expires_at");
      if (item["enabled"] === false || !(end < estate.now + 30 * day)) continue;
      const applications = needed(estate, item);
      if (applications.length === 0) continue;
      yield {
        subject: subject("service_tokens", item),
        says: `it ${end < estate.now ? "ended" : "ends"} on ${date(textOf(item["expires_at"]))} and is needed by ${counted(applications.length, "application")}`,
        field: "expires_at",
        value: item["expires_at"],
        related: applicationSubjects(applications),
        fix: call("refresh_service_token", item),
      };
    }
  },
  remedy: "Refresh it, or rotate it and give the machines the new secret.",
  falsePositive: "It is meant to end; then take it out of the policies.",
  source,
  flagged: [
    {
      says: "20 days are left, and a policy names it through a group",
      account: {
        service_tokens: [token({ expires_at: "2026-11-21T00:00:00Z" })],
        groups: [{ id: "g", include: [byToken] }],
        policies: [policy({ group: { id: "g" } })],
        applications: [build],
      },
    },
    {
      says: "expired, and accounts are sent with it",
      account: {
        service_tokens: [token({ client_id: "c.access", expires_at: "2026-10-01T00:00:00Z" })],
        applications: [{ ...build, scim_config: { authentication: { client_id: "c.access" } } }],
      },
    },
  ],
  clean: [
    {
      says: "the policy opens no application",
      account: {
        service_tokens: [token({ expires_at: "2026-11-21T00:00:00Z" })],
        policies: [policy(byToken)],
      },
    },
    {
      says: "two months are left, or it was turned off",
      account: {
        service_tokens: [token(), token({ id: "off", enabled: false, expires_at: "2026-10-01T00:00:00Z" })],
        applications: [{ ...build, policies: [policy(byToken, { service_token: { token_id: "off" } })] }],
      },
    },
  ],
};

/** `TOK-04`. */
export const acceptedUnnamed: Check = {
  id: "TOK-04",
  title: "Service token that is named nowhere and still opens something",
  severity: "medium",
  why: "It looks unused, but policies that accept any token let it in.",
  reads: ["service_tokens", "policies", "applications", "groups"],
  also: ["organization_doh"],
  *find(estate) {
    const applications = estate.once(openToAny);
    if (applications.length === 0 || !isWhole(estate, "policies", "applications", "groups")) return;
    const related = applicationSubjects(applications);
    const names = estate.once(everyName);
    for (const item of estate.items("service_tokens")) {
      const isNamed = names.has(item["id"]) || names.has(textOf(item["client_id"]) || undefined);
      if (isNamed || !isUsable(estate, item)) continue;
      const seen = textOf(item["last_seen_at"]);
      const isInUse = timeOf(item, "last_seen_at") > estate.now - 90 * day;
      yield {
        subject: subject("service_tokens", item),
        says: `nothing names it, yet it opens what accepts any token: ${counted(applications.length, "application")}${isInUse ? `; it was last seen on ${date(seen)}` : ""}`,
        field: "id",
        value: item["id"],
        certain: isWhole(estate, "organization_doh"),
        related,
        // Machines that still use it come in by those applications: there it has to be named first.
        ...(!isInUse && { fix: call("delete_service_token", item) }),
      };
    }
  },
  remedy: "Let those applications name the tokens that they accept; delete the token when nobody uses it.",
  falsePositive: "It is meant for an application that accepts any token; then name it there.",
  source: "own judgement",
  flagged: [
    {
      says: "any token opens the build server; one is in use, one is not",
      account: {
        service_tokens: [token(), token({ id: "spare", last_seen_at: null })],
        policies: [policy(anyToken)],
        applications: [build],
      },
    },
  ],
  clean: [
    {
      says: "a policy names it, devices ask for names with it, or it is off",
      account: {
        service_tokens: [token(), token({ id: "doh" }), token({ id: "off", enabled: false })],
        policies: [policy(anyToken, byToken)],
        applications: [build],
        organization_doh: [{ id: "doh" }],
      },
    },
    {
      says: "the policy requires a certain token, or opens nothing",
      account: {
        service_tokens: [token(), token({ id: "other" })],
        policies: [
          { ...policy(anyToken), require: [{ service_token: { token_id: "other" } }] },
          { ...policy(anyToken), id: "q" },
        ],
        applications: [build],
      },
    },
  ],
};

/** `TOK-06`. */
export const forMany: Check = {
  id: "TOK-06",
  title: "One service token for many applications",
  severity: "medium",
  why: "Whoever gets hold of its secret has them all.",
  reads: ["service_tokens", "policies", "applications"],
  also: ["groups"],
  *find(estate) {
    const index = estate.once(openedBy);
    for (const item of estate.items("service_tokens")) {
      const applications = [...(index.get(item["id"]) ?? [])];
      if (spread(applications) <= mostApplications) continue;
      yield {
        subject: subject("service_tokens", item),
        says: `it opens ${counted(applications.length, "application")}`,
        field: "id",
        value: item["id"],
        ...atMostLow(estate, item),
        related: applicationSubjects(applications),
        fix: {
          steps: [{ operation: "create_service_token", arguments: { duration: "8760h" } }],
          choose: { name: "of the machine that gets a token of its own" },
        },
      };
    }
  },
  remedy: "Give each machine or application its own token and name it in that policy instead.",
  falsePositive: "An MCP portal and its servers share a token; they count as one application.",
  source: "own judgement",
  flagged: [
    {
      says: "six applications by one policy",
      account: { service_tokens: [token()], policies: [policy(byToken)], applications: builds(6) },
    },
  ],
  clean: [
    {
      says: "five, two of them besides a portal with its servers, and some that only block it",
      account: {
        service_tokens: [token()],
        policies: [policy(byToken), { ...policy(byToken), id: "q", decision: "deny" }],
        applications: [
          ...builds(4),
          { ...build, id: "portal", type: "mcp_portal" },
          { ...build, id: "server", type: "mcp" },
          ...builds(9, { policies: [{ id: "q" }] }).map((one) => ({ ...one, id: `q-${one["id"]}` })),
        ],
      },
    },
  ],
};
