import type { Members } from "../../core/change.ts";
import { didYouMean } from "../../core/nearest.ts";
import { isMembers, listOf, membersOf, textsOf } from "./members.ts";

/** What an object has of a shape: what it is, and how bad. More of the same is worse than it was. */
export type Findings = Readonly<Record<string, number>>;

interface Shape {
  /** What it is, for the operator who may forbid it. */
  readonly meaning: string;
  /** Set for shapes with a limit, `session_over:24h`. */
  readonly limit?: "duration";
  readonly find: (object: Members, limit: number) => Findings;
}

const when = (what: string, isSo: boolean): Findings => (isSo ? { [what]: 1 } : {});
const each = (texts: readonly string[]): Findings => Object.fromEntries(texts.map((text) => [text, 1]));

/** The rules by which a policy or group lets in; none for a policy that keeps out. */
export const admitting = ({ decision, include }: Members): readonly Members[] =>
  decision === "deny" ? [] : listOf(include).filter(isMembers);

const admits = (selector: string) => (object: Members) =>
  when(
    `include ${selector}`,
    admitting(object).some((rule) => Object.hasOwn(rule, selector)),
  );

function everyone(object: Members): Findings {
  if (!admitting(object).some((rule) => Object.hasOwn(rule, "everyone"))) return {};
  return {
    "include everyone": 1,
    ...when("include everyone and require nothing", listOf(object["require"]).length === 0),
    ...when("include everyone without a login", ["bypass", "non_identity"].includes(String(object["decision"]))),
  };
}

/** Fewest bits of a prefix that is not wide; IPv4 can be written as IPv6. */
const fewestBits = (network: string) => (/^::ffff:/i.test(network) ? 96 + 8 : network.includes(":") ? 16 : 8);

const wideNetworks = (object: Members) =>
  each(
    textsOf(admitting(object).map(({ ip }) => membersOf(ip)["ip"]))
      .filter((network) => network.includes("/") && !(Number(network.split("/")[1]) >= fewestBits(network)))
      .map((network) => `include ip ${network}`),
  );

/** Hostnames, paths and networks of an application, as they are written in it. */
export function addressesOf({ domain, self_hosted_domains, destinations }: Members): readonly string[] {
  const targets = listOf(destinations)
    .map(membersOf)
    .map(({ uri, hostname, cidr, type }) => uri ?? hostname ?? cidr ?? type);
  return textsOf([...new Set([domain, ...listOf(self_hosted_domains), ...targets])]);
}

const publicPaths = ({ destinations }: Members) =>
  each(
    listOf(destinations).flatMap((destination) =>
      listOf(membersOf(destination)["overrides"]).map(
        (override) => `${addressesOf({ destinations: [destination] })} open at ${membersOf(override)["path_pattern"]}`,
      ),
    ),
  );

function corsAllOrigins({ cors_headers }: Members): Findings {
  const { allow_all_origins, allowed_origins } = membersOf(cors_headers);
  return when("cors_headers for all origins", allow_all_origins === true || listOf(allowed_origins).includes("*"));
}

/** The organization is the object with a login domain; multi-factor is off there as soon as it is not asked for. */
const mfaOff = (object: Members): Findings => ({
  ...when("mfa_config.mfa_disabled", membersOf(object["mfa_config"])["mfa_disabled"] === true),
  ...when(
    "mfa_required_for_all_apps is off",
    Object.hasOwn(object, "auth_domain") && object["mfa_required_for_all_apps"] !== true,
  ),
});

const units: Readonly<Record<string, number>> = { ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 };

/** Seconds of a duration like `2h45m`; infinite for `forever` and all else that has no end. */
export function secondsOf(duration: string): number {
  const parts = [...duration.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)];
  if (parts.map(([part]) => part).join("") !== duration || parts.length === 0) return Number.POSITIVE_INFINITY;
  return parts.reduce((sum, [, amount, unit = ""]) => sum + Number(amount) * (units[unit] ?? 0), 0);
}

/** Fields, by dotted path, that hold a longer duration than allowed. */
const over =
  (...paths: readonly string[]) =>
  (object: Members, limit: number): Findings =>
    Object.fromEntries(
      paths.flatMap((path) => {
        const value = path.split(".").reduce<unknown>((inner, key) => membersOf(inner)[key], object);
        const seconds = typeof value === "string" ? secondsOf(value) : 0;
        return seconds > limit ? [[path, seconds]] : [];
      }),
    );

/** What an operator can forbid an object to be, by name. Looks at policies, groups, applications and all else alike. */
export const shapes: Readonly<Record<string, Shape>> = {
  bypass: {
    meaning: "A policy with decision `bypass`: no login, no check, no log.",
    find: ({ decision }) => when("decision bypass", decision === "bypass"),
  },
  non_identity: {
    meaning: "A policy with decision `non_identity`: machines pass without a login.",
    find: ({ decision }) => when("decision non_identity", decision === "non_identity"),
  },
  everyone: { meaning: "`everyone` in the include of a group, or of a policy that lets in.", find: everyone },
  any_valid_service_token: {
    meaning: "Any service token of the account in an include that lets in.",
    find: admits("any_valid_service_token"),
  },
  any_certificate: { meaning: "Any client certificate in an include that lets in.", find: admits("certificate") },
  wide_network: {
    meaning: "A network wider than /8 (IPv6: /16) in an include that lets in; `0.0.0.0/0` is everybody.",
    find: wideNetworks,
  },
  wildcard_domain: {
    meaning: "An application for a hostname or path with `*`, or for all Workers.",
    find: (object) => each(addressesOf(object).filter((address) => /\*|^all_/.test(address))),
  },
  public_path: { meaning: "A path of an application that is open to everybody.", find: publicPaths },
  cors_all_origins: { meaning: "CORS answers for every origin.", find: corsAllOrigins },
  preflight_bypass: {
    meaning: "CORS preflights that pass without a login.",
    find: ({ options_preflight_bypass }) => when("options_preflight_bypass", options_preflight_bypass === true),
  },
  no_policies: {
    meaning: "`policies: []`: detaches every policy of an application and destroys its own.",
    find: ({ policies }) => when("policies []", Array.isArray(policies) && policies.length === 0),
  },
  mfa_off: {
    meaning: "Multi-factor turned off in a policy or application, or no longer asked for by the organization.",
    find: mfaOff,
  },
  one_time_pin: {
    meaning: "An identity provider that mails a PIN to any address.",
    find: ({ type }) => when("type onetimepin", type === "onetimepin"),
  },
  token_forever: {
    meaning: "A service token that never expires.",
    find: ({ duration }) => when("duration forever", duration === "forever"),
  },
  token_over: { meaning: "A service token that lives longer than this.", limit: "duration", find: over("duration") },
  session_over: {
    meaning: "A session that lasts longer than this, where the write says how long; what is left out is not judged.",
    limit: "duration",
    find: over("session_duration", "warp_auth_session_duration", "oauth_configuration.grant.session_duration"),
  },
  mfa_session_over: {
    meaning: "A second factor that counts longer than this.",
    limit: "duration",
    find: over("mfa_config.session_duration", "mfa_config.amr_matching_session_duration"),
  },
};

const split = (text: string): readonly [string, string | undefined] => {
  const [name = "", limit] = text.split(/:(.*)/s);
  return [name, limit];
};

/** What to write instead of a shape that does not exist or lacks its limit; `undefined` for a good one. */
export function shapeProblem(text: string): string | undefined {
  const [name, limit] = split(text);
  const names = Object.keys(shapes);
  const shape = Object.hasOwn(shapes, name) ? shapes[name] : undefined;
  if (shape === undefined)
    return `there is no shape "${name}"${didYouMean(name, names) || `: one of ${names.join(", ")}`}`;
  if (shape.limit === undefined) return limit === undefined ? undefined : `"${name}" takes no limit: write ${name}`;
  const isGood = limit !== undefined && Number.isFinite(secondsOf(limit));
  return isGood ? undefined : `"${name}" needs a duration as its limit: write ${name}:24h`;
}

/** What an object has of a shape; nothing when the shape does not exist, which reading the file has refused. */
export function findShape(text: string, object: Members): Findings {
  const [name, limit = ""] = split(text);
  return shapes[name]?.find(object, secondsOf(limit)) ?? {};
}
