import type { Members } from "../../../src/core/change.ts";
import { bothWays, type Kind, keepsOut, letsIn, list, plus, set } from "./kinds.ts";
import { domain, office, ruleKinds } from "./rules.ts";

const has = (field: string, selector: string) => (base: Members) => list(base[field]).some((rule) => selector in rule);
const decides =
  (...decisions: readonly string[]) =>
  (base: Members) =>
    decisions.includes(String(base["decision"]));
const both =
  (...tests: readonly ((base: Members) => boolean)[]) =>
  (base: Members) =>
    tests.every((test) => test(base));
const not = (test: (base: Members) => boolean) => (base: Members) => !test(base);

const people = both(decides("allow"), not(has("include", "everyone")));
const machines = both(decides("non_identity"), not(has("include", "any_valid_service_token")));
const opposite = { widen: "narrow", narrow: "widen", neutral: "neutral" } as const;

/** The same where matching keeps out; what nobody can tell stays a widening. */
const inverted = (kind: Kind): Kind => {
  const { code, ...rest } = kind;
  if (code === "unclear") return kind;
  const label = opposite[kind.label];
  const lowered = ({ widen: "block_lowered", narrow: "block_raised", neutral: undefined } as const)[label];
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
  ...bothWays(
    "own second factor",
    { mfa_config: { allowed_authenticators: ["totp"] } },
    { mfa_config: undefined },
    "mfa_off",
  ),
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
    {
      approval_required: true,
      approval_groups: [{ approvals_needed: 1, email_addresses: ["a@example.org", "b@example.org"] }],
    },
    "easier_approval",
  ),
  {
    name: "a duration of the same length",
    label: "neutral",
    from: set({ session_duration: "60m" }),
    edit: set({ session_duration: "1h" }),
  },
  {
    name: "another prompt",
    label: "neutral",
    edit: set({ purpose_justification_prompt: "Which customer is this for?" }),
  },
  {
    name: "a flag that was off by itself",
    label: "neutral",
    edit: set({ approval_required: false }),
    where: (base) => base["approval_required"] !== true,
  },
  { name: "a setting of tomorrow", label: "widen", code: "unclear", edit: set({ trust_everything: true }) },
  // People say that an hour is short; only Cloudflare knows what counted before.
  {
    name: "an own short session",
    label: "narrow",
    from: set({ session_duration: undefined }),
    edit: set({ session_duration: "1h" }),
  },
];

const decisions: readonly Kind[] = [
  {
    name: "allow to bypass",
    label: "widen",
    code: "bypass",
    where: decides("allow"),
    edit: set({ decision: "bypass" }),
  },
  {
    name: "allow to non_identity",
    label: "widen",
    code: "non_identity",
    where: decides("allow"),
    edit: set({ decision: "non_identity" }),
  },
  {
    name: "non_identity to bypass",
    label: "widen",
    code: "bypass",
    where: decides("non_identity"),
    edit: set({ decision: "bypass" }),
  },
  {
    name: "a block opened",
    label: "widen",
    code: "block_lowered",
    from: set({ decision: "deny" }),
    edit: set({ decision: "allow" }),
  },
  {
    name: "a block turned round",
    label: "widen",
    code: "bypass",
    from: set({ decision: "deny" }),
    edit: set({ decision: "bypass" }),
  },
  { name: "a decision of tomorrow", label: "widen", code: "unclear", edit: set({ decision: "consider" }) },
  {
    name: "a decision nobody knows, gone",
    label: "widen",
    from: set({ decision: "consider" }),
    edit: set({ decision: "allow" }),
  },
  {
    name: "blocked",
    label: "narrow",
    code: "block_raised",
    where: not(decides("deny")),
    edit: set({ decision: "deny" }),
  },
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
  // Whether everyone stands for machines too is not documented.
  {
    name: "people, where machines came",
    label: "widen",
    code: "unclear",
    from: set({ decision: "non_identity", include: [{ everyone: {} }] }),
    edit: set({ decision: "allow" }),
  },
  {
    name: "a token beside everyone, without login",
    label: "widen",
    code: "include_added",
    from: set({ decision: "non_identity", include: [{ everyone: {} }] }),
    edit: plus("include", { service_token: { token_id: "77" } }),
  },
  {
    name: "an address beside everyone",
    label: "neutral",
    from: set({ decision: "allow", include: [{ everyone: {} }] }),
    edit: plus("include", { email: { email: "a@example.org" } }),
  },
  {
    name: "every token of the account",
    label: "widen",
    code: "any_service_token",
    where: machines,
    edit: plus("include", { any_valid_service_token: {} }),
  },
  {
    name: "a token more",
    label: "widen",
    code: "include_added",
    where: machines,
    edit: plus("include", { service_token: { token_id: "77" } }),
  },
  {
    name: "one token for all tokens",
    label: "narrow",
    from: set({ decision: "non_identity", include: [{ any_valid_service_token: {} }] }),
    edit: set({ include: [{ service_token: { token_id: "77" } }] }),
  },
  {
    name: "more without login",
    label: "widen",
    code: "bypass",
    where: both(decides("bypass"), not(has("include", "everyone"))),
    edit: plus("include", office),
  },
  // Whether a group is of networks or of people nobody can see from here.
  {
    name: "login for a group of networks",
    label: "narrow",
    where: decides("bypass"),
    edit: set({ decision: "allow" }),
  },
];

const suit = (kinds: readonly Kind[], where: (base: Members) => boolean): readonly Kind[] =>
  kinds.map((kind) => ({ ...kind, where: both(where, kind.where ?? (() => true)) }));

/** Policies that people use, then those that keep out. */
export const policyKinds: readonly Kind[] = [
  ...suit([...ruleKinds, ...settings], people),
  ...decisions,
  ...suit(ruleKinds.filter(({ name }) => !mixed.has(name)).map(inverted), people).map((kind) => ({
    ...kind,
    name: `deny: ${kind.name}`,
    from: (base: Members) => ({ ...(kind.from?.(base) ?? base), decision: "deny" }),
  })),
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

/** Groups: the same ruleKinds, by where they are used. */
export const groupKinds: readonly Kind[] = [
  ...ruleKinds.map((kind) => ({ ...kind, name: `used: ${kind.name}`, references: letsIn })),
  ...ruleKinds
    .filter(({ name }) => !mixed.has(name))
    .map((kind) => ({ ...inverted(kind), name: `kept out: ${kind.name}`, references: keepsOut })),
  ...ruleKinds
    .filter(({ label }) => label !== "neutral")
    .map(
      ({ code: _, ...kind }): Kind => ({
        ...kind,
        label: "widen",
        name: `both: ${kind.name}`,
        references: [...letsIn, ...keepsOut],
      }),
    ),
  ...ruleKinds.map(
    ({ code: _, ...kind }): Kind => ({ ...kind, label: "neutral", name: `unused: ${kind.name}`, references: [] }),
  ),
].map((kind) => ({ ...kind, where: both(unlikeEveryone, kind.where ?? (() => true)) }));
