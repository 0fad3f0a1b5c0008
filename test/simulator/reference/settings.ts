import type { Members } from "../../../src/core/change.ts";
import type { AccessOutcome } from "../../../src/simulator/evaluate.ts";
import type { Identity } from "../../../src/simulator/selectors.ts";
import { type Ask, everyWay } from "./possibilities.ts";

/** What lasts, what is asked for and what is reached at one application, in plain JSON. */
export interface Setting {
  readonly application: Members;
  readonly policy: Members;
  /** The settings of Access as a whole; left out when they could not be read. */
  readonly organization?: Members;
  /** An application for targets, and one that it may cover. */
  readonly gateway: Members;
  readonly target: Members;
  readonly identity: Omit<Identity, "facts">;
  /** A server in a portal, with what may happen at the portal and at the server itself. */
  readonly portal: {
    readonly link: Members;
    readonly entrance: readonly AccessOutcome[];
    readonly own: readonly AccessOutcome[];
  };
}

/** Something told of a setting, by name. */
export type Told = Readonly<Record<string, unknown>>;

/** What is answered where the facts that nobody could read would decide. */
export const unknown = "unknown";

/** Two ways to ask: a fact that could not be read, and a reading of what the documentation does not say. */
interface Asks {
  readonly fact: Ask;
  readonly reading: Ask;
}

/** Members by name, each with every value that some reading of the documentation gives it. */
export type Answers = Readonly<Record<string, ReadonlySet<string>>>;

/** Every member that is told in all readings, with its value in each: what all facts agree on, else `unknown`. */
export function answersTo(told: (asks: Asks) => Told): Answers {
  const readings: Answers[] = [];
  everyWay((reading) => {
    const ways: Told[] = [];
    everyWay((fact) => ways.push(told({ fact, reading })), 100_000);
    readings.push(together(ways, ({ size }) => size === 1));
  }, 10_000);
  const all = readings.map((one) => Object.entries(one).map(([name, [value]]) => [name, value] as const));
  return together(all.map(Object.fromEntries), () => true);
}

/** Members that are told in all of some ways, as JSON; those of too many values are not known. */
function together(ways: readonly Told[], isKnown: (values: ReadonlySet<string>) => boolean): Answers {
  const names = Object.keys(ways[0] ?? {}).filter((name) => ways.every((way) => name in way));
  return Object.fromEntries(
    names.map((name) => {
      const values = new Set(ways.map((way) => asText(way[name])));
      return [name, isKnown(values) ? values : new Set([unknown])];
    }),
  );
}

/** How values are compared: as JSON, and one that is not known or not there as that word. */
export function asText(value: unknown = unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

const members = (value: unknown): Members => (typeof value === "object" && value !== null ? (value as Members) : {});
const texts = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);
const entries = (value: unknown) => Object.entries(members(value));
const either = [false, true] as const;

/** Settings of the account: what they are when they could not be read is asked. Their durations stand nowhere else. */
function organizationOf({ organization }: Setting, { fact }: Asks): Members {
  if (organization !== undefined) return organization;
  return {
    allow_authenticate_via_warp: fact("client", either),
    warp_auth_session_duration: fact("client session", ["41m", "42m"]),
    session_duration: fact("global session", [undefined, "43m", "44m"]),
    mfa_required_for_all_apps: fact("second factor", either),
    mfa_config: fact("methods", [{}, { allowed_authenticators: ["elsewhere"], session_duration: "45m" }]),
  };
}

/** Types of applications that have no session of their own. */
const endless = ["infrastructure", "bookmark", "biso"];

/** How long a session lasts: the client's over all, else policy, application and 24 h; globally organization first. */
export function sessionAsWritten(setting: Setting, asks: Asks): Told {
  const { application, policy } = setting;
  if (endless.includes(String(application["type"]))) return { hasSession: false };
  const organization = organizationOf(setting, asks);
  const isClient = (application["allow_authenticate_via_warp"] ?? organization["allow_authenticate_via_warp"]) === true;
  const client = organization["warp_auth_session_duration"];
  // A client's session without a length is nowhere described: as long as ever, or as if it were off.
  const isOff = isClient && client === undefined && asks.reading("client without length", either);
  const first = (levels: readonly (readonly [string, Members])[]): string => {
    if (isClient && !isOff) return by(client, "client");
    for (const [from, { session_duration }] of levels)
      if (session_duration !== undefined && session_duration !== null) return by(session_duration, from);
    return by("24h", "default");
  };
  const own = ["application", application] as const;
  const [here, login] = [first([["policy", policy], own]), first([["organization", organization], own])];
  return { hasSession: true, here, login };
}

/** A value and whose it is; nobody's while it is not known. */
export const by = (value: unknown, from: string): string => (value === undefined ? unknown : `${value} by ${from}`);

/** Types that can have a second factor of their own. */
const factored = ["self_hosted", "ssh", "vnc", "rdp", "infrastructure"];

/** Which second factor is asked for: what the policy says, else the application, else the organization. */
export function factorAsWritten(setting: Setting, asks: Asks): Told {
  const { application, policy } = setting;
  const type = String(application["type"]);
  if (type === "app_launcher") return { asked: by(false, "launcher") };
  // Whether others ever ask for one is not said.
  if (!factored.includes(type)) return {};
  const organization = organizationOf(setting, asks);
  const levels = [
    { from: "policy", config: members(policy["mfa_config"]) },
    { from: "application", config: members(application["mfa_config"]) },
    { from: "organization", config: members(organization["mfa_config"]) },
  ];
  const named = levels.map(({ config }) => texts(config["allowed_authenticators"]));
  const says = (at: number) => {
    const { mfa_config } = at === 0 ? policy : application;
    if (members(mfa_config)["mfa_disabled"] === true || named[at]?.length !== 0) return true;
    // Settings that neither switch it off nor name an authenticator are nowhere described.
    return mfa_config !== undefined && mfa_config !== null && asks.reading(`says ${at}`, either);
  };
  const at = says(0) ? 0 : says(1) ? 1 : 2;
  const { from, config } = levels[at] ?? { from: "organization", config: {} };
  const isAsked = at === 2 ? organization["mfa_required_for_all_apps"] === true : config["mfa_disabled"] !== true;
  if (!isAsked) return { asked: by(false, from) };
  // What a level leaves open may come from one below it, or from nowhere.
  const level = <Value>(name: string, values: readonly Value[], isOpen: (value: Value) => boolean): Value => {
    const own = values[at] as Value;
    return isOpen(own) ? (values[asks.reading(name, [0, 1, 2].slice(at))] as Value) : own;
  };
  const methods = level("methods", named, ({ length }) => length === 0);
  const lasting = levels.map((each) => each.config["session_duration"]);
  const lasts = level("lasts", lasting, (value) => value === undefined);
  return { asked: by(true, from), methods: [...methods].sort(), lasts };
}

const admitted: readonly AccessOutcome[] = ["allowed", "allowed_after_approval", "bypassed", "service_auth"];

/** What becomes of somebody at a server in a portal, who has to pass the portal and the server. */
export function portalAsWritten({ identity, portal }: Setting, { fact, reading }: Asks): string {
  const [entrance, own] = [fact("entrance", portal.entrance), fact("own", portal.own)];
  const isIn = [entrance, own].every((outcome) => admitted.includes(outcome));
  if (!isIn) return "out";
  if (identity.email !== undefined) {
    // What a token that comes with a person is worth in a portal is not said.
    const isByToken = identity.service_token !== undefined && [entrance, own].includes("service_auth");
    if (isByToken && reading("both", either)) return "out";
    // The portal's own approval stands; a server's is not asked for.
    return entrance === "allowed_after_approval" ? "after approval" : "in";
  }
  // Certificates and linked applications are not spoken of.
  if (identity.service_token === undefined) return reading("machine", ["in", "out"]);
  const { on_behalf } = portal.link;
  if (on_behalf === true) return "out";
  if (on_behalf === undefined && reading("on behalf", either)) return "out";
  return entrance === "service_auth" && own === "service_auth" ? "in" : "out";
}

/** What may become of them, once for each reading; nothing but that has to be found. */
export function portalWays(setting: Setting): readonly string[] {
  const ways = new Set<string>();
  everyWay((reading) => {
    const { results } = everyWay((fact) => portalAsWritten(setting, { fact, reading }), 1_000);
    ways.add([...results].sort().join());
  }, 100);
  return [...ways];
}

/** Whether an application covers a target: for one of its criteria any include, all requires and no exclude. */
export function targetAsWritten({ gateway, target }: Setting, { fact, reading }: Asks): Told {
  const criteria = (gateway["target_criteria"] ?? []) as readonly Members[];
  const isHost = (host: string) => host === target["hostname"];
  // Whether a target that shows no tags at all has none is not said.
  const isHidden = target["tags"] === undefined && reading("hidden tags", either);
  // Each is a fact of its own, as it is where three values are combined.
  let asked = 0;
  const isTag = (key: string) => (value: string) =>
    isHidden ? fact(`${asked++}`, either) : members(target["tags"])[key] === value;
  /** Each item of a rule, with whether each of its values fits. */
  const fits = (rule: unknown): readonly (readonly boolean[])[] => [
    ...entries(members(rule)["tags"]).map(([key, values]) => texts(values).map(isTag(key))),
    ...entries(members(rule)["target_attributes"]).map(([, hosts]) => texts(hosts).map(isHost)),
  ];
  // What an item without values means is not said; nor whether all of require means each item or each value.
  const any = (values: readonly boolean[]) => (values.length === 0 ? reading("empty", either) : values.some(Boolean));
  const meets = (values: readonly boolean[]) =>
    values.length > 1 && reading("each value", either) ? values.every(Boolean) : any(values);
  const covers = criteria.some((criterion) => {
    const include = criterion["include"] ?? { target_attributes: criterion["target_attributes"] };
    return fits(include).some(any) && fits(criterion["require"]).every(meets) && !fits(criterion["exclude"]).some(any);
  });
  return { covers };
}

/** Of some UNIX users, whether a policy grants them: by name, or where it says so like the e-mail address before its @. */
export function unixAsWritten({ policy, identity }: Setting, { fact }: Asks): Told {
  const { usernames, allow_email_alias } = members(members(policy["connection_rules"])["ssh"]);
  const email =
    identity.email ??
    fact(
      "email",
      [...unixUsers, "nobody"].map((user) => `${user}@x.com`),
    );
  const isAlias = (user: string) => allow_email_alias === true && email.slice(0, email.indexOf("@")) === user;
  return Object.fromEntries(unixUsers.map((user) => [user, texts(usernames).includes(user) || isAlias(user)]));
}

/** UNIX users that are asked about; two of them are named like people. */
export const unixUsers = ["root", "deploy", "ann", "bob"];
