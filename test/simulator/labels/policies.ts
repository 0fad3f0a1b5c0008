import type { Members } from "../../../src/core/change.ts";
import { bothWays, type Kind, keepsOut, letsIn, list, plus, set } from "./kinds.ts";

const stranger = { email: { email: "someone.new@elsewhere.example.org" } };
const domain = { email_domain: { domain: "elsewhere.example.org" } };
const office = { ip: { ip: "203.0.113.0/24" } };
const tomorrow = { voice_print: { id: "3f" } };

const has = (field: string, selector: string) => (base: Members) => list(base[field]).some((rule) => selector in rule);
const decides =
  (...decisions: readonly string[]) =>
  (base: Members) =>
    decisions.includes(String(base["decision"]));
const both = (...tests: readonly ((base: Members) => boolean)[]) => (base: Members) => tests.every((test) => test(base));
const not = (test: (base: Members) => boolean) => (base: Members) => !test(base);

const people = both(decides("allow"), not(has("include", "everyone")));
const machines = both(decides("non_identity"), not(has("include", "any_valid_service_token")));
const many = (base: Members) => list(base["include"]).length > 1;
const first = (field: string) => (base: Members) => ({ ...base, [field]: list(base[field]).slice(0, 1) });

/** What anybody would say of rules where matching lets in: policies that allow, and groups used in them. */
const rules: readonly Kind[] = [
  { name: "an address more in include", label: "widen", code: "include_added", edit: plus("include", stranger) },
  { name: "a domain more in include", label: "widen", code: "include_added", edit: plus("include", domain) },
  { name: "a network more in include", label: "widen", code: "include_added", edit: plus("include", office) },
  { name: "a country more in include", label: "widen", edit: plus("include", { geo: { country_code: "BR" } }) },
  { name: "everyone in include", label: "widen", code: "everyone", edit: plus("include", { everyone: {} }) },
  { name: "everyone instead of include", label: "widen", code: "everyone", edit: set({ include: [{ everyone: {} }] }) },
  {
    name: "every login of a provider",
    label: "widen",
    code: "any_login",
    edit: plus("include", { login_method: { id: "0aa1" } }),
  },
  {
    name: "every client certificate",
    label: "widen",
    code: "any_certificate",
    edit: plus("include", { certificate: {} }),
  },
  { name: "a selector of tomorrow in include", label: "widen", code: "unclear", edit: plus("include", tomorrow) },
  { name: "a rule that is two at once", label: "widen", code: "unclear", edit: plus("include", { ...stranger, ...office }) },
  {
    name: "one address for another",
    label: "widen",
    code: "include_added",
    from: set({ include: [{ email: { email: "a@example.org" } }] }),
    edit: set({ include: [stranger] }),
  },
  {
    name: "a domain for an address of it",
    label: "widen",
    from: set({ include: [stranger] }),
    edit: set({ include: [domain] }),
  },
  {
    name: "a larger network",
    label: "widen",
    from: set({ include: [office] }),
    edit: set({ include: [{ ip: { ip: "203.0.112.0/23" } }] }),
  },
  {
    name: "a requirement gone",
    label: "widen",
    code: "dropped_require",
    from: set({ require: [{ auth_method: { auth_method: "mfa" } }] }),
    edit: set({ require: [] }),
  },
  { name: "require cleared", label: "widen", code: "dropped_require", from: plus("require", office), edit: set({ require: undefined }) },
  {
    name: "a requirement for a laxer one",
    label: "widen",
    code: "dropped_require",
    from: set({ require: [stranger] }),
    edit: set({ require: [domain] }),
  },
  {
    name: "a requirement for an unlike one",
    label: "widen",
    code: "dropped_require",
    from: set({ require: [{ geo: { country_code: "PT" } }] }),
    edit: set({ require: [{ geo: { country_code: "SE" } }] }),
  },
  {
    name: "an exclusion gone",
    label: "widen",
    code: "removed_exclude",
    from: plus("exclude", stranger),
    edit: (base) => ({ ...base, exclude: list(base["exclude"]).slice(0, -1) }),
  },
  { name: "exclude cleared", label: "widen", code: "removed_exclude", from: plus("exclude", domain), edit: set({ exclude: [] }) },
  {
    name: "an exclusion made smaller",
    label: "widen",
    code: "removed_exclude",
    from: set({ exclude: [domain] }),
    edit: set({ exclude: [stranger] }),
  },
  { name: "a rule less in include", label: "narrow", code: "include_removed", where: many, edit: first("include") },
  {
    name: "a domain for everyone",
    label: "narrow",
    code: "include_removed",
    from: set({ include: [{ everyone: {} }] }),
    edit: set({ include: [domain] }),
  },
  { name: "an address for its domain", label: "narrow", from: set({ include: [domain] }), edit: set({ include: [stranger] }) },
  { name: "a smaller network", label: "narrow", from: set({ include: [{ ip: { ip: "203.0.112.0/20" } }] }), edit: set({ include: [office] }) },
  { name: "a requirement more", label: "narrow", code: "added_require", edit: plus("require", { geo: { country_code: "IS" } }) },
  { name: "an exclusion more", label: "narrow", code: "added_exclude", edit: plus("exclude", stranger) },
  { name: "a stricter requirement", label: "narrow", from: set({ require: [domain] }), edit: set({ require: [stranger] }) },
  {
    name: "rules in another order",
    label: "neutral",
    where: many,
    edit: (base) => ({ ...base, include: list(base["include"]).toReversed() }),
  },
  { name: "a rule twice", label: "neutral", edit: (base) => ({ ...base, include: [...list(base["include"]), ...list(base["include"])] }) },
  {
    name: "an address in capitals",
    label: "neutral",
    from: set({ include: [stranger] }),
    edit: set({ include: [{ email: { email: "Someone.New@Elsewhere.example.org" } }] }),
  },
  { name: "an address of an included domain", label: "neutral", from: set({ include: [domain] }), edit: plus("include", stranger) },
  { name: "another name", label: "neutral", edit: set({ name: "Renamed" }) },
  { name: "nothing at all", label: "neutral", edit: (base) => ({ ...base }) },
  { name: "no exclude instead of an empty one", label: "neutral", from: set({ exclude: [] }), edit: set({ exclude: undefined }) },
];

const opposite = { widen: "narrow", narrow: "widen", neutral: "neutral" } as const;

/** The same where matching keeps out; what nobody can tell stays a widening. */
const inverted = (kind: Kind): Kind => {
  const { code, ...rest } = kind;
  if (code === "unclear") return kind;
  const label = opposite[kind.label];
  const lowered = { widen: "block_lowered", narrow: "block_raised", neutral: undefined }[label];
  return { ...rest, label, ...(lowered !== undefined && kind.label !== "neutral" && { code: lowered }) };
};

/** Edits that take and give at once widen whichever way they are read. */
const mixed = new Set(["one address for another", "a requirement for an unlike one"]);

const settings: readonly Kind[] = [
  ...bothWays("approval", { approval_required: true }, { approval_required: false }, "approval_off"),
  ...bothWays(
    "reason",
    { purpose_justification_required: true },
    { purpose_justification_required: false },
    "justification_off",
  ),
  ...bothWays("isolation", { isolation_required: true }, { isolation_required: false }, "isolation_off"),
  ...bothWays("session", { session_duration: "30m" }, { session_duration: "720h" }, "longer_session"),
  ...bothWays("session in other units", { session_duration: "90m" }, { session_duration: "2h" }, "longer_session"),
  ...bothWays(
    "second factor",
    { mfa_config: { allowed_authenticators: ["security_key"], session_duration: "8h" } },
    { mfa_config: { mfa_disabled: true } },
    "mfa_off",
  ),
  ...bothWays("own second factor", { mfa_config: { allowed_authenticators: ["totp"] } }, { mfa_config: undefined }, "mfa_off"),
  ...bothWays(
    "kinds of second factors",
    { mfa_config: { allowed_authenticators: ["security_key"] } },
    { mfa_config: { allowed_authenticators: ["security_key", "totp"] } },
    "weaker_mfa",
  ),
  ...bothWays(
    "time of a second factor",
    { mfa_config: { allowed_authenticators: ["totp"], session_duration: "0m" } },
    { mfa_config: { allowed_authenticators: ["totp"], session_duration: "48h" } },
    "longer_session",
  ),
  ...bothWays(
    "clipboard",
    { connection_rules: { rdp: { allowed_clipboard_remote_to_local_formats: [] } } },
    { connection_rules: { rdp: { allowed_clipboard_remote_to_local_formats: ["text", "file"] } } },
    "clipboard_opened",
  ),
  ...bothWays(
    "approvals needed",
    { approval_required: true, approval_groups: [{ approvals_needed: 2, email_addresses: ["a@example.org"] }] },
    { approval_required: true, approval_groups: [{ approvals_needed: 1, email_addresses: ["a@example.org"] }] },
    "easier_approval",
  ),
  ...bothWays(
    "who approves",
    { approval_required: true, approval_groups: [{ approvals_needed: 1, email_addresses: ["a@example.org"] }] },
    { approval_required: true, approval_groups: [{ approvals_needed: 1, email_addresses: ["a@example.org", "b@example.org"] }] },
    "easier_approval",
  ),
  { name: "a duration of the same length", label: "neutral", from: set({ session_duration: "60m" }), edit: set({ session_duration: "1h" }) },
  { name: "another prompt", label: "neutral", edit: set({ purpose_justification_prompt: "Which customer is this for?" }) },
  { name: "a flag that was off by itself", label: "neutral", edit: set({ approval_required: false }), where: (base) => base["approval_required"] !== true },
  { name: "a setting of tomorrow", label: "widen", code: "unclear", edit: set({ trust_everything: true }) },
  // People say that an hour is short; only Cloudflare knows what counted before.
  { name: "an own short session", label: "narrow", from: set({ session_duration: undefined }), edit: set({ session_duration: "1h" }) },
];

const decisions: readonly Kind[] = [
  { name: "allow to bypass", label: "widen", code: "bypass", where: decides("allow"), edit: set({ decision: "bypass" }) },
  { name: "allow to non_identity", label: "widen", code: "non_identity", where: decides("allow"), edit: set({ decision: "non_identity" }) },
  { name: "non_identity to bypass", label: "widen", code: "bypass", where: decides("non_identity"), edit: set({ decision: "bypass" }) },
  { name: "a block opened", label: "widen", code: "block_lowered", from: set({ decision: "deny" }), edit: set({ decision: "allow" }) },
  { name: "a block turned round", label: "widen", code: "bypass", from: set({ decision: "deny" }), edit: set({ decision: "bypass" }) },
  { name: "a decision of tomorrow", label: "widen", code: "unclear", edit: set({ decision: "consider" }) },
  { name: "a decision nobody knows, gone", label: "widen", from: set({ decision: "consider" }), edit: set({ decision: "allow" }) },
  { name: "blocked", label: "narrow", code: "block_raised", where: not(decides("deny")), edit: set({ decision: "deny" }) },
  {
    name: "login instead of the open internet",
    label: "narrow",
    code: "login_required",
    from: set({ decision: "bypass", include: [{ everyone: {} }] }),
    edit: set({ decision: "allow" }),
  },
  {
    name: "login for a network",
    label: "narrow",
    from: set({ decision: "bypass", include: [office], require: [], exclude: [] }),
    edit: set({ decision: "allow" }),
  },
  {
    name: "machines to people",
    label: "widen",
    code: "unclear",
    from: set({ decision: "non_identity", include: [domain] }),
    edit: set({ decision: "allow" }),
  },
  {
    name: "every token of the account",
    label: "widen",
    code: "any_service_token",
    where: machines,
    edit: plus("include", { any_valid_service_token: {} }),
  },
  { name: "a token more", label: "widen", code: "include_added", where: machines, edit: plus("include", { service_token: { token_id: "77" } }) },
  {
    name: "one token for all tokens",
    label: "narrow",
    from: set({ decision: "non_identity", include: [{ any_valid_service_token: {} }] }),
    edit: set({ include: [{ service_token: { token_id: "77" } }] }),
  },
  { name: "more without login", label: "widen", code: "bypass", where: both(decides("bypass"), not(has("include", "everyone"))), edit: plus("include", office) },
  // Whether a group is of networks or of people nobody can see from here.
  { name: "login for a group of networks", label: "narrow", where: decides("bypass"), edit: set({ decision: "allow" }) },
];

const suit = (kinds: readonly Kind[], where: (base: Members) => boolean): readonly Kind[] =>
  kinds.map((kind) => ({ ...kind, where: both(where, kind.where ?? (() => true)) }));

/** Policies that people use, then those that keep out. */
export const policyKinds: readonly Kind[] = [
  ...suit([...rules, ...settings], people),
  ...decisions,
  ...suit(
    rules.filter(({ name }) => !mixed.has(name)).map(inverted),
    people,
  ).map((kind) => ({ ...kind, name: `deny: ${kind.name}`, from: (base: Members) => ({ ...(kind.from?.(base) ?? base), decision: "deny" }) })),
];

/** Edits of policies that only applications of machines have. */
export const sshPolicyKinds: readonly Kind[] = [
  ...bothWays(
    "UNIX users",
    { connection_rules: { ssh: { usernames: ["deploy"] } } },
    { connection_rules: { ssh: { usernames: ["deploy", "root"] } } },
    "ssh_logins_added",
  ),
  ...bothWays(
    "the user of the address",
    { connection_rules: { ssh: { usernames: ["deploy"], allow_email_alias: false } } },
    { connection_rules: { ssh: { usernames: ["deploy"], allow_email_alias: true } } },
    "ssh_logins_added",
  ),
];

const unlikeEveryone = not(has("include", "everyone"));

/** Groups: the same rules, by where they are used. */
export const groupKinds: readonly Kind[] = [
  ...rules.map((kind) => ({ ...kind, name: `used: ${kind.name}`, references: letsIn })),
  ...rules
    .filter(({ name }) => !mixed.has(name))
    .map((kind) => ({ ...inverted(kind), name: `kept out: ${kind.name}`, references: keepsOut })),
  ...rules
    .filter(({ label }) => label !== "neutral")
    .map(({ code: _, ...kind }): Kind => ({
      ...kind,
      label: "widen",
      name: `both: ${kind.name}`,
      references: [...letsIn, ...keepsOut],
    })),
  ...rules.map(({ code: _, ...kind }): Kind => ({ ...kind, label: "neutral", name: `unused: ${kind.name}`, references: [] })),
].map((kind) => ({ ...kind, where: both(unlikeEveryone, kind.where ?? (() => true)) }));
