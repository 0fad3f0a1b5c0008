import type { Control } from "../../src/core/change.ts";
import type { Sandbox } from "../../src/sandbox/index.ts";
import type { Random } from "../../src/sandbox/random.ts";
import { certificate, type Row } from "../sandbox/support.ts";

/** A call that writes. */
export interface Write {
  readonly operation: string;
  readonly input: Row;
  readonly control?: Control;
}

type Maker = (account: Glance, chance: Random) => Write | undefined;

/** What of an account the makers of writes look at. */
interface Glance {
  /** The rows of a collection of the account. */
  rows(path: string): readonly Row[];
  one(path: string, test?: (row: Row) => boolean): Row;
  /** A word that nothing is called yet. */
  word(): string;
}

const write = (operation: string, input: Row, control: Control = {}): Write => ({ operation, input, control });

const apps = "access/apps";
const browser = ({ type }: Row) => type === "self_hosted";
const saml = ({ saas_app }: Row) => (saas_app as Row | undefined)?.["auth_type"] === "saml";

/** Rules over what is there. */
function rules({ rows }: Glance, chance: Random): readonly Row[] {
  const anybody = [
    ...rows("access/groups").map(({ id }) => ({ group: { id } })),
    { email_domain: { domain: "example.net" } },
    { email: { email: `${chance.hex(4)}@example.com` } },
    { geo: { country_code: chance.pick(["PT", "DE", "SE"]) } },
    { everyone: {} },
  ];
  return chance.sample(anybody, chance.integer(1, 3));
}

const policyOf = (account: Glance, chance: Random): Row => ({
  name: account.word(),
  decision: chance.pick(["allow", "deny", "bypass"]),
  include: rules(account, chance),
  ...(chance.chance(0.4) && { require: rules(account, chance) }),
  ...(chance.chance(0.4) && { exclude: rules(account, chance) }),
  ...(chance.chance(0.4) && { session_duration: `${chance.integer(1, 24)}h` }),
});

const links = ({ rows }: Glance, chance: Random): readonly Row[] =>
  chance.sample(rows("access/policies"), 3).map(({ id }, at) => ({ id, precedence: at + 1 }));

/** Fields of applications behind the proxy, and what they may be changed to. */
const browserFields: readonly ((account: Glance, chance: Random) => Row)[] = [
  ({ word }) => ({ name: word() }),
  ({ word }) => ({ domain: `${word()}.example.com` }),
  ({ word }) => ({
    destinations: [
      { type: "public", uri: `${word()}.example.com` },
      { type: "private", cidr: "10.0.0.0/24", port_range: "443" },
    ],
  }),
  (_, chance) => ({ session_duration: `${chance.integer(1, 24)}h` }),
  ({ rows }, chance) => ({ tags: chance.sample(rows("access/tags"), 2).map(({ name }) => name) }),
  ({ rows }, chance) => ({ allowed_idps: chance.sample(rows("access/identity_providers"), 1).map(({ id }) => id) }),
  (_, chance) => ({ cors_headers: { allow_all_origins: chance.chance(0.5), max_age: chance.integer(0, 900) } }),
  (_, chance) => ({ mfa_config: { session_duration: `${chance.integer(1, 9)}h` } }),
  (account, chance) => ({ policies: links(account, chance) }),
];

/** One write for every way in which rooms can be written; what chance picks may not suit. */
export const makers: Readonly<Record<string, Maker>> = {
  create_application: (account, chance) =>
    write("create_application", {
      type: "self_hosted",
      ...Object.assign({}, ...chance.sample(browserFields, 4).map((field) => field(account, chance))),
      domain: undefined,
      destinations: [{ type: "public", uri: `${account.word()}.example.com` }],
      ...(chance.chance(0.5) && {
        policies: [...links(account, chance), { ...policyOf(account, chance), precedence: 9 }],
      }),
    }),
  create_bookmark_application: ({ word }) =>
    write("create_application", { type: "bookmark", name: word(), domain: `https://${word()}.example.com` }),
  update_application: (account, chance) => {
    const fields = Object.assign({}, ...chance.sample(browserFields, 2).map((field) => field(account, chance)));
    return write("update_application", { app_id: account.one(apps, browser)["id"], ...fields });
  },
  clear_application: ({ one }, chance) => {
    const app = one(apps, browser);
    const field = chance.pick(["cors_headers", "mfa_config", "tags", "allowed_idps", "session_duration"]);
    return field in app ? write("update_application", { app_id: app["id"] }, { clear: [field] }) : undefined;
  },
  update_saas: ({ one, word }) =>
    write("update_application", {
      app_id: one(apps, saml)["id"],
      saas_app: { default_relay_state: `https://${word()}.example.com` },
    }),
  update_infrastructure: ({ one }, chance) =>
    write("update_application", {
      app_id: one(apps, ({ type }) => type === "infrastructure")["id"],
      target_criteria: [{ port: chance.integer(1, 999), protocol: "SSH", include: { tags: { role: ["db"] } } }],
    }),
  update_application_settings: ({ one }, chance) =>
    write("update_application_settings", { app_id: one(apps, browser)["id"], allow_iframe: chance.chance(0.5) }),
  replace_application_settings: ({ one }, chance) =>
    write("replace_application_settings", { app_id: one(apps, browser)["id"], skip_interstitial: chance.chance(0.5) }),
  create_application_policy: (account, chance) =>
    write("create_application_policy", { app_id: account.one(apps, browser)["id"], ...policyOf(account, chance) }),
  update_application_policy: (account, chance) => {
    const { rows } = account;
    const [app, own] =
      rows(apps).flatMap(({ id }) => rows(`${apps}/${id}/policies`).map((policy) => [id, policy] as const))[0] ?? [];
    const change = chance.pick([
      { name: account.word() },
      { include: rules(account, chance) },
      { precedence: chance.integer(20, 90) },
    ]);
    return own && write("update_application_policy", { app_id: app, policy_id: own["id"], ...change });
  },
  create_policy: (account, chance) => write("create_policy", policyOf(account, chance)),
  update_policy: (account, chance) =>
    write("update_policy", { policy_id: account.one("access/policies")["id"], ...policyOf(account, chance) }),
  create_group: (account, chance) => write("create_group", { name: account.word(), include: rules(account, chance) }),
  update_group: (account, chance) =>
    write("update_group", {
      group_id: account.one("access/groups")["id"],
      ...chance.pick([
        { name: account.word() },
        { include: [{ email: { email: "new@example.com" } }] },
        { exclude: [{ geo: { country_code: "KP" } }] },
      ]),
    }),
  create_service_token: ({ word }) => write("create_service_token", { name: word(), duration: "24h" }),
  update_service_token: ({ one, word }, chance) =>
    write("update_service_token", {
      service_token_id: one("access/service_tokens")["id"],
      ...chance.pick([{ name: word() }, { enabled: chance.chance(0.5) }, { duration: "48h" }]),
    }),
  create_mtls_certificate: ({ word }, chance) =>
    write("create_mtls_certificate", {
      name: word(),
      certificate,
      ...(chance.chance(0.3) && { associated_hostnames: ["wiki.example.com"] }),
    }),
  update_mtls_certificate: ({ one, word }) =>
    write("update_mtls_certificate", {
      certificate_id: one("access/certificates")["id"],
      associated_hostnames: [`${word()}.example.com`],
    }),
  update_mtls_hostname_settings: ({ word }, chance) =>
    write("update_mtls_hostname_settings", {
      settings: Array.from({ length: chance.integer(0, 2) }, () => ({
        hostname: `${word()}.example.com`,
        client_certificate_forwarding: chance.chance(0.5),
        china_network: false,
      })),
    }),
  create_application_ca: ({ one }) => write("create_application_ca", { app_id: one(apps, browser)["id"] }),
  create_ssh_ca: () => write("create_ssh_ca", {}),
  update_key_configuration: (_, chance) =>
    write("update_key_configuration", { key_rotation_interval_days: chance.integer(30, 300) }),
  create_target: ({ word }) => write("create_target", { hostname: word(), ip: { ipv4: { ip_addr: "10.0.0.9" } } }),
  update_target: ({ one, word }, chance) =>
    write("update_target", {
      target_id: one("infrastructure/targets")["id"],
      ...chance.pick([{ hostname: word() }, { tags: { owner: word() } }, { ip: { ipv6: { ip_addr: "2001:db8::1" } } }]),
    }),
  create_user: ({ word }) => write("create_user", { email: `${word()}@example.com`, name: word() }),
  update_user: ({ one, word }) => {
    const { id, email } = one("access/users");
    return write("update_user", { user_id: id, email, name: word() });
  },
  create_identity_provider: ({ word }) =>
    write("create_identity_provider", {
      name: word(),
      type: "saml",
      config: { issuer_url: "https://sso.example.org" },
    }),
  update_identity_provider: ({ one, word }, chance) =>
    write("update_identity_provider", {
      identity_provider_id: one("access/identity_providers")["id"],
      ...chance.pick([{ name: word() }, { scim_config: { enabled: chance.chance(0.5) } }]),
    }),
  create_idp_federation_grant: ({ one }) =>
    write("create_idp_federation_grant", {
      idp_id: one("access/identity_providers", ({ type }) => type === "saml")["id"],
    }),
  update_organization: ({ word }, chance) =>
    write(
      "update_organization",
      chance.pick([{ name: word() }, { session_duration: "12h" }, { login_design: { header_text: word() } }]),
    ),
  update_organization_doh: ({ rows }, chance) =>
    write(
      "update_organization_doh",
      chance.pick([
        { doh_jwt_duration: `${chance.integer(1, 23)}h` },
        { service_token_id: chance.pick(rows("access/service_tokens"))["id"] },
      ]),
    ),
  create_mcp_server: ({ word }) => {
    const id = word();
    return write("create_mcp_server", {
      id,
      name: id,
      hostname: `https://${id}.example.com/mcp`,
      auth_type: "unauthenticated",
    });
  },
  create_mcp_portal: ({ word }) =>
    write("create_mcp_portal", { id: word(), name: word(), hostname: `${word()}.example.com` }),
  update_mcp_portal: ({ word }, chance) =>
    write("update_mcp_portal", {
      id: "tools",
      ...chance.pick([
        { name: word() },
        { code_mode: "enforced" },
        { allow_code_mode: false },
        { description: word() },
        { servers: [] },
      ]),
    }),
  delete_mcp_portal: () => write("delete_mcp_portal", { id: "tools" }),
  create_tag: ({ word }) => write("create_tag", { name: word() }),
  update_tag: ({ one, word }) => write("update_tag", { tag_name: one("access/tags")["name"], name: word() }),
  delete_tag: ({ one }) => write("delete_tag", { tag_name: one("access/tags")["name"] }),
  create_custom_page: ({ word }) =>
    write("create_custom_page", { name: word(), type: "forbidden", custom_html: "<p>New</p>" }),
  update_custom_page: ({ one, word }, chance) =>
    write("update_custom_page", {
      custom_page_id: one("access/custom_pages")["uid"],
      ...chance.pick([{ name: word() }, { custom_html: word() }]),
    }),
  create_bookmark: ({ word }) =>
    write("create_bookmark", { bookmark_id: word(), name: word(), domain: "x.example.com" }),
  update_bookmark: ({ one, word }) =>
    write("update_bookmark", { bookmark_id: one("access/bookmarks")["id"], name: word() }),
  delete_bookmark: ({ one }) => write("delete_bookmark", { bookmark_id: one("access/bookmarks")["id"] }),
};

/** Looks at a sandbox for the makers. */
export function glance(sandbox: Sandbox, chance: Random): Glance {
  const snapshot = sandbox.snapshot();
  const rows = (path: string) => Object.values(snapshot[`accounts/${sandbox.accountId}/${path}`] ?? {});
  return {
    rows,
    one: (path, test = () => true) => chance.pick(rows(path).filter(test)),
    word: () => `w${chance.hex(8)}`,
  };
}
