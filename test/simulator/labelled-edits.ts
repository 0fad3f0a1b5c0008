import { access } from "../../src/access/index.ts";
import type { Change, Direction, Members, Reference } from "../../src/core/change.ts";
import type { Entry } from "../../src/core/room.ts";
import { createSandbox } from "../../src/sandbox/index.ts";
import type { ReasonCode } from "../../src/simulator/effect/index.ts";
import { applicationKinds, saasKinds } from "./labels/applications.ts";
import { type Kind, keepsOut, letsIn, list } from "./labels/kinds.ts";
import * as others from "./labels/others.ts";
import { groupKinds, policyKinds, sshPolicyKinds } from "./labels/policies.ts";

/** A change and what a person says that it does to who gets in. */
export interface LabelledEdit {
  readonly name: string;
  readonly label: Direction;
  readonly code?: ReasonCode | undefined;
  readonly change: Change;
  readonly references: readonly Reference[];
}

const snapshot = createSandbox({ seed: 3, now: () => new Date("2026-03-01T12:00:00Z") }).snapshot();

const objects = (path: string): readonly Members[] =>
  Object.entries(snapshot)
    .filter(([collection]) => collection.startsWith("accounts/") && collection.endsWith(`/${path}`))
    .flatMap(([, rows]) => Object.values(rows));

/** Everything there is of a kind in the sandbox's account, as Cloudflare shows it. */
export const bases = {
  policies: objects("access/policies").map((policy) => ({ ...policy, app_count: 1 })),
  groups: objects("access/groups"),
  tokens: objects("access/service_tokens"),
  providers: objects("access/identity_providers"),
  organization: objects("access").filter((row) => "auth_domain" in row),
  certificates: objects("access/certificates"),
  targets: objects("infrastructure/targets"),
  portals: objects("access/ai-controls/mcp/portals"),
  servers: objects("access/ai-controls/mcp/servers"),
  applications: objects("access/apps").map((application): Members => {
    const own = objects(`access/apps/${application["id"]}/policies`);
    const known = new Map([...objects("access/policies"), ...own].map((policy) => [policy["id"], policy]));
    const policies = list(application["policies"]).map((link) => ({ ...known.get(link["id"]), ...link }));
    return { ...application, policies };
  }),
};

export const entryOf = (name: string): Entry => {
  const entry = access.find((one) => one.name === name);
  if (entry === undefined) throw new Error(`no operation ${name}`);
  return entry;
};

/** Objects a kind is tried on at most: enough for different shapes, few enough for a quick run. */
const most = 4;

function updates(name: string, kinds: readonly Kind[], objects: readonly Members[]): readonly LabelledEdit[] {
  const entry = entryOf(name);
  return kinds.flatMap(({ name: kind, label, code, where, from, edit, references = [] }, index) => {
    const suitable = objects.filter((base) => where?.(base) ?? true);
    const chosen = suitable.filter(
      (_, place) => (place + index) % Math.max(1, Math.floor(suitable.length / most)) === 0,
    );
    return chosen.slice(0, most).map((base): LabelledEdit => {
      const before = from?.(base) ?? base;
      const after = edit(before);
      const change = { entry, input: after, id: String(base["id"]), before, after };
      return { name: `${name}: ${kind}, on ${base["name"] ?? base["hostname"]}`, label, code, change, references };
    });
  });
}

/** The same edits where the policy stands in the list of an application. */
function inApplications(edits: readonly LabelledEdit[]): readonly LabelledEdit[] {
  const entry = entryOf("update_application");
  const [application] = bases.applications.filter(({ type }) => type === "self_hosted");
  const other = { id: "other", name: "Other", decision: "allow", include: [{ email: { email: "k@example.org" } }] };
  return edits.map(({ change: { before = {}, after = {} }, ...edit }) => {
    const within = (policy: Members) => ({
      ...application,
      policies: [
        { ...other, precedence: 1 },
        { ...policy, precedence: 2 },
      ],
    });
    const [old, now] = [within(before), within(after)];
    const change: Change = { entry, input: now, id: String(application?.["id"]), before: old, after: now };
    return { ...edit, name: `in an application: ${edit.name}`, change };
  });
}

const single = (
  name: string,
  label: Direction,
  code: ReasonCode | undefined,
  change: Omit<Change, "entry" | "input"> & { readonly input?: Members },
  references: readonly Reference[] = [],
): LabelledEdit => ({ name, label, code, change: { entry: entryOf(name), input: {}, ...change }, references });

const creates = (name: string, label: Direction, code: ReasonCode | undefined, after: Members) =>
  single(name, label, code, { input: after, after });

const removes = (
  name: string,
  objects: readonly Members[],
  judge: (base: Members) => readonly [Direction, ReasonCode?],
  references: readonly Reference[] = [],
) =>
  objects.map((before) => {
    const [label, code] = judge(before);
    return single(name, label, code, { id: String(before["id"]), before }, references);
  });

/** What becomes of an application's address when the application goes, by its type. */
const gone = (base: Members): readonly [Direction, ReasonCode?] => {
  const type = String(base["type"]);
  if (type === "bookmark") return ["neutral"];
  return ["saas", "app_launcher", "warp", "biso"].includes(type)
    ? ["narrow", "application_removed"]
    : ["widen", "unprotected"];
};

const kept = (base: Members): readonly [Direction, ReasonCode?] =>
  base["decision"] === "deny" ? ["widen", "block_lowered"] : ["narrow", "policy_removed"];

const constant = (label: Direction, code?: ReasonCode) => (): readonly [Direction, ReasonCode?] => [label, code];
const staff = { name: "Staff", decision: "allow", include: [{ email_domain: { domain: "example.org" } }] };
const { groups, policies, applications, tokens, providers, portals, servers, targets, certificates } = bases;
const few = <Item>(items: readonly Item[]) => items.slice(0, 3);

const wholes: readonly LabelledEdit[] = [
  ...removes("delete_application", applications, gone),
  ...removes("delete_policy", policies, kept),
  ...removes("delete_application_policy", policies, kept),
  ...removes("delete_group", few(groups), constant("neutral")),
  ...removes("delete_group", few(groups), constant("narrow"), letsIn),
  ...removes("delete_group", few(groups), constant("widen", "block_lowered"), keepsOut),
  ...removes("delete_group", few(groups), constant("widen", "block_lowered"), [...letsIn, ...keepsOut]),
  ...removes("delete_service_token", few(tokens), constant("narrow", "token_unusable")),
  ...removes("delete_service_token", few(tokens), constant("widen", "block_lowered"), keepsOut),
  ...removes("delete_identity_provider", providers, constant("narrow", "identity_provider_removed"), letsIn),
  ...removes("delete_identity_provider", providers, constant("widen", "block_lowered"), keepsOut),
  ...removes("delete_mtls_certificate", certificates, constant("narrow", "certificate_authority_removed")),
  ...removes("delete_mcp_portal", portals, constant("narrow", "tools_disabled")),
  ...removes("delete_mcp_server", few(servers), constant("narrow", "tools_disabled")),
  ...removes("delete_target", few(targets), constant("narrow", "targets_removed")),
  ...removes("delete_user", [{ id: "u", email: "a@example.org" }], constant("narrow", "sessions_ended")),
  ...["delete_tag", "delete_custom_page", "delete_bookmark"].map((name) => single(name, "neutral", undefined, {})),
  single("delete_application", "widen", "unclear", { id: "unread" }),
  single("delete_application_policy", "widen", "unclear", { id: "unread" }),
  single("update_policy", "widen", "unclear", { id: "unread", input: { name: "x" } }),
  single("delete_idp_federation_grant", "narrow", undefined, {}),
  single("delete_ssh_ca", "narrow", "certificate_authority_removed", {}),
  single("delete_application_ca", "narrow", "certificate_authority_removed", {}),
  single("delete_targets", "narrow", "targets_removed", { input: { target_ids: ["a"] } }),
  creates("create_policy", "neutral", undefined, { ...staff, decision: "bypass", include: [{ everyone: {} }] }),
  creates("create_group", "neutral", undefined, { name: "g", include: [{ everyone: {} }] }),
  creates("create_service_token", "neutral", undefined, { name: "t", duration: "forever" }),
  creates("create_user", "neutral", undefined, { email: "a@example.org" }),
  creates("create_tag", "neutral", undefined, { name: "t" }),
  creates("create_custom_page", "neutral", undefined, { name: "p" }),
  creates("create_bookmark", "neutral", undefined, { name: "b" }),
  creates("create_mcp_server", "neutral", undefined, { id: "s", name: "s" }),
  creates("create_ssh_ca", "neutral", undefined, {}),
  creates("create_application_policy", "widen", "policy_added", staff),
  creates("create_application_policy", "widen", "everyone", { ...staff, include: [{ everyone: {} }] }),
  creates("create_application_policy", "widen", "bypass", { ...staff, decision: "bypass" }),
  creates("create_application_policy", "widen", "any_service_token", {
    ...staff,
    decision: "non_identity",
    include: [{ any_valid_service_token: {} }],
  }),
  creates("create_application_policy", "narrow", "block_raised", { ...staff, decision: "deny" }),
  creates("create_application", "widen", "policy_added", {
    type: "self_hosted",
    domain: "n.example.org",
    policies: ["3f"],
  }),
  creates("create_application", "widen", "bypass", {
    type: "self_hosted",
    domain: "n.example.org",
    policies: [{ ...staff, decision: "bypass" }],
  }),
  creates("create_application", "narrow", "protected", { type: "self_hosted", domain: "n.example.org" }),
  creates("create_application", "neutral", undefined, { type: "bookmark", domain: "n.example.org", policies: ["3f"] }),
  creates("create_application", "widen", "policy_added", { type: "saas", saas_app: {}, policies: [{ id: "3f" }] }),
  creates("create_identity_provider", "widen", "new_identity_provider", { name: "x", type: "github", config: {} }),
  creates("create_identity_provider_saml_certificate", "neutral", undefined, {}),
  creates("create_idp_federation_grant", "widen", "identity_provider_shared", { idp_id: "3f" }),
  creates("create_mtls_certificate", "widen", "new_certificate_authority", { name: "x" }),
  creates("create_mcp_portal", "widen", "server_added", { id: "p", servers: [{ server_id: "s" }] }),
  creates("create_mcp_portal", "neutral", undefined, { id: "p" }),
  creates("create_target", "widen", "target_moved", { hostname: "n", tags: { environment: "production" } }),
  single("create_service_token", "widen", "token_usable", { input: {}, after: { name: "t" } }, letsIn),
  single("refresh_service_token", "widen", "longer_token", {}),
  single("rotate_service_token", "narrow", "token_unusable", {}),
  single("rotate_service_token", "widen", "two_secrets", {
    input: { previous_client_secret_expires_at: "2030-01-01T00:00:00Z" },
  }),
  single("revoke_user", "narrow", "sessions_ended", { input: { email: "a@example.org" } }),
  single("revoke_application_tokens", "narrow", "sessions_ended", {}),
  single("delete_identity_provider", "widen", "unclear", {}, [
    { noun: "application", id: "a", field: "allowed_idps[0]", side: "lets_in" },
  ]),
  ...[
    "rotate_keys",
    "update_key_configuration",
    "rotate_saml_certificate",
    "sync_mcp_server",
    "start_policy_test",
    "update_tag",
    "update_custom_page",
    "update_user",
  ].map((name) => single(name, "neutral", undefined, { before: { name: "a" }, after: { name: "b" } })),
  single("update_mtls_hostname_settings", "widen", "certificate_forwarded", {
    input: { settings: [{ hostname: "a", client_certificate_forwarding: true, china_network: false }] },
  }),
  single("update_mtls_hostname_settings", "narrow", undefined, {
    input: { settings: [{ hostname: "a", client_certificate_forwarding: false, china_network: false }] },
  }),
  single("update_organization_doh", "widen", "longer_session", {
    before: { id: "t", doh_jwt_duration: "1h" },
    after: { id: "t", doh_jwt_duration: "24h" },
  }),
  single("update_organization_doh", "widen", "unclear", {
    input: { service_token_id: "u" },
    before: { id: "t" },
    after: { id: "t" },
  }),
  single("update_application_settings", "widen", "interstitial_skipped", {
    before: { type: "self_hosted", skip_interstitial: false },
    after: { type: "self_hosted", skip_interstitial: true },
  }),
  single("replace_application_settings", "neutral", undefined, {
    before: { type: "self_hosted" },
    after: { type: "self_hosted", allow_iframe: true },
  }),
  single("update_application_policy", "widen", "block_lowered", {
    before: { ...staff, decision: "deny", precedence: 1 },
    after: { ...staff, decision: "deny", precedence: 3 },
  }),
  single("update_application_policy", "narrow", "block_raised", {
    before: { ...staff, decision: "deny", precedence: 3 },
    after: { ...staff, decision: "deny", precedence: 1 },
  }),
  single("update_application_policy", "neutral", undefined, {
    before: { ...staff, decision: "bypass", precedence: 3 },
    after: { ...staff, decision: "bypass", precedence: 1 },
  }),
  single("update_policy", "neutral", undefined, {
    before: { ...staff, app_count: 0 },
    after: { ...staff, include: [{ everyone: {} }] },
  }),
];

const policyEdits = updates("update_policy", policyKinds, bases.policies);

/** More than 500 edits of the sandbox's account, each with what it does. */
export const labelledEdits: readonly LabelledEdit[] = [
  ...policyEdits,
  ...inApplications(policyEdits.filter((_, index) => index % 3 === 0)),
  ...updates(
    "update_application_policy",
    sshPolicyKinds,
    applications.flatMap(({ type, policies }) => (type === "infrastructure" ? list(policies) : [])),
  ),
  ...updates("update_group", groupKinds, groups),
  ...updates("update_application", applicationKinds, applications),
  ...updates(
    "update_application",
    saasKinds,
    applications.filter(({ type }) => type === "saas"),
  ),
  ...updates("update_service_token", others.tokenKinds, tokens),
  ...updates("update_identity_provider", others.providerKinds, providers),
  ...updates("update_organization", others.organizationKinds, bases.organization),
  ...updates("update_mtls_certificate", others.certificateKinds, certificates),
  ...updates("update_target", others.targetKinds, targets),
  ...updates("update_mcp_portal", others.portalKinds, portals),
  ...updates("update_mcp_server", others.serverKinds, servers),
  ...wholes,
];
