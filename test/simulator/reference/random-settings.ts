import type { Members } from "../../../src/core/change.ts";
import type { AccessOutcome } from "../../../src/simulator/evaluate.ts";
import { numbers } from "../random-account.ts";
import { type Setting, unixUsers } from "./settings.ts";

const types =
  "self_hosted self_hosted self_hosted ssh vnc rdp rdp infrastructure infrastructure saas app_launcher warp biso bookmark mcp mcp_portal dash_sso proxy_endpoint".split(
    " ",
  );
const durations = ["30m", "1h", "6h", "24h", "168h", "0s"];
const methods = ["totp", "biometrics", "security_key"];
const keys = ["piv_key", "ssh_fido2_key"];
const hosts = ["web", "db", "web-2"];
const tags = { environment: ["production", "staging"], team: ["red", "blue"] };
const identities = [
  { email: "ann@x.com" },
  { email: "ann@x.com" },
  { email: "bob@y.com" },
  { email: "root@x.com", service_token: "robot" },
  { service_token: "robot" },
  { service_token: "robot" },
  { common_name: "device" },
  { linked_app: "other" },
  {},
];
const outcomes: readonly AccessOutcome[] = ["allowed", "allowed_after_approval", "bypassed", "service_auth"];
const denials: readonly AccessOutcome[] = ["blocked", "denied_by_default"];

/** A setting by chance; the same one for the same seed. */
export function randomSetting(seed: number): Setting {
  const next = numbers(seed);
  const one = <Item>(items: readonly Item[]): Item => items[Math.floor(next() * items.length)] as Item;
  const often = (share: number) => next() < share;
  const some = <Item>(items: readonly Item[], least = 0) =>
    items.filter((_, at) => often(0.4) || (least > 0 && at === 0));
  const maybe = <Value>(name: string, share: number, value: () => Value) => (often(share) ? { [name]: value() } : {});

  const type = one(types);
  const factors = type === "infrastructure" ? keys : methods;
  const off = () => one([undefined, null, false, true, true]);
  const factor = (allowed: readonly string[]): Members => ({
    ...maybe("mfa_disabled", 0.5, off),
    ...(often(0.7) && { allowed_authenticators: some(allowed, often(0.8) ? 1 : 0) }),
    ...maybe("session_duration", 0.4, () => one(["15m", "8h"])),
  });
  const hostRule = (): Members => ({ target_attributes: { hostname: some(hosts, often(0.9) ? 1 : 0) } });
  const tagRule = (): Members => ({
    tags: {
      ...maybe("environment", 0.7, () => some(tags.environment, often(0.9) ? 1 : 0)),
      ...maybe("team", 0.4, () => [one(tags.team)]),
    },
  });
  const rule = (): Members => ({ ...(often(0.6) && hostRule()), ...(often(0.6) && tagRule()) });
  const criterion = (): Members => ({
    ...(often(0.75) ? { include: rule() } : hostRule()),
    ...maybe("require", 0.3, rule),
    ...maybe("exclude", 0.3, rule),
  });
  const identity = one(identities);
  // A machine never logs in, and so is never admitted by Allow.
  const usual = "email" in identity ? outcomes : (["bypassed", "service_auth", "service_auth"] as const);
  const happening = (): readonly AccessOutcome[] => [
    ...new Set([one(often(0.7) ? usual : denials), ...(often(0.4) ? [one([...usual, ...denials])] : [])]),
  ];
  const flag = () => one([true, true, false]);
  const organization = {
    ...maybe("allow_authenticate_via_warp", 0.4, flag),
    ...maybe("warp_auth_session_duration", 0.8, () => one(durations)),
    ...maybe("session_duration", 0.6, () => one(durations)),
    ...maybe("mfa_required_for_all_apps", 0.6, flag),
    ...maybe("mfa_config", 0.6, () => ({
      ...maybe("allowed_authenticators", 0.8, () => some(factors, 1)),
      ...maybe("session_duration", 0.4, () => one(["30m", "12h"])),
    })),
  };
  return {
    application: {
      type,
      ...maybe("session_duration", 0.5, () => one(durations)),
      ...maybe("allow_authenticate_via_warp", 0.4, () => one([true, false, false])),
      ...maybe("mfa_config", 0.5, () => factor(factors)),
    },
    gateway: { target_criteria: Array.from({ length: Math.floor(next() * 4) }, criterion) },
    policy: {
      decision: "allow",
      ...maybe("session_duration", 0.4, () => one([...durations, null])),
      ...maybe("mfa_config", 0.4, () => factor(factors)),
      ...maybe("connection_rules", 0.7, () => ({
        ssh: { usernames: some(unixUsers), ...maybe("allow_email_alias", 0.6, flag) },
      })),
    },
    ...(often(0.85) && { organization }),
    target: {
      hostname: one(hosts),
      ...maybe("tags", 0.8, () =>
        one([
          null,
          {},
          ...tags.environment.map((environment) => ({ environment })),
          { environment: "staging", team: "red" },
        ]),
      ),
    },
    identity,
    portal: {
      link: { server_id: "server", ...maybe("on_behalf", 0.7, () => often(0.3)) },
      entrance: happening(),
      own: happening(),
    },
  };
}
