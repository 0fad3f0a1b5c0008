import { sshPublicKey } from "../certificates.ts";
import { completeApplication } from "../quirks/applications.ts";
import type { Row } from "../store.ts";
import { neglectedApplications } from "./neglected.ts";
import { mail, type Plot, type Rules, rulesFor } from "./plot.ts";

/** An application with names in the place of ids. */
export interface ApplicationSeed extends Row {
  readonly type: string;
  readonly name: string;
  /** Names of reusable policies, in order. */
  readonly uses?: readonly string[];
  /** Policies of this application alone; they come after the reusable ones. */
  readonly own?: readonly Row[];
  /** An account has one of these: copies of the company get a bookmark instead. */
  readonly single?: boolean;
  /** It has a short-lived certificate authority of its own. */
  readonly authority?: boolean;
}

const web = (name: string, host: string, uses: readonly string[], more: Row = {}): ApplicationSeed => ({
  type: "self_hosted",
  name,
  domain: host,
  uses,
  ...more,
});

const pages = (plot: Plot, rule: Rules, at: (host: string) => string): readonly ApplicationSeed[] => [
  web("Wiki", at("wiki"), ["Employees", "Contractors, isolated"], { tags: ["knowledge"] }),
  // What is attached to the wiki is open to everybody.
  web("Wiki attachments", `${at("wiki")}/attachments`, ["Open to the internet"], { app_launcher_visible: false }),
  web("Metrics", at("metrics"), ["Engineering", "Deployment robots"], { tags: ["engineering", "monitoring"] }),
  web("Build server", at("build"), ["Engineering", "Any service token"], { tags: ["engineering"] }),
  web("Source code", at("git"), ["Block former contractors", "Engineering", "Contractors"], {
    tags: ["engineering"],
    mfa_config: { allowed_authenticators: ["security_key"], session_duration: "24h" },
  }),
  web("Payroll", at("payroll"), ["Payroll"], {
    tags: ["finance"],
    session_duration: "2h",
    enable_binding_cookie: true,
    custom_pages: [plot.sharedId("custom_page", "Payroll refused")],
  }),
  web("Finance reports", at("reports"), ["Finance", "Auditors"], { tags: ["finance"], session_duration: "720h" }),
  web("Fleet tracker", at("fleet"), ["Anyone with a login"], { tags: ["operations"] }),
  web("Order desk", at("orders"), ["Support", "Sales"], { tags: ["operations"], auto_redirect_to_identity: true }),
  web("Warehouse scanners", at("scanners"), ["Warehouse scanners"], { service_auth_401_redirect: true }),
  // Nobody can reach it: no policy at all.
  web("Staging", at("staging"), []),
  web("Log search", at("logs"), ["Offices without login", "Engineering", "Security, with a reason"]),
  web("Data console", at("data"), ["Data team", "On call, after approval"], { tags: ["engineering"] }),
  web("Legacy intranet", `*.${at("legacy")}`, ["Legacy intranet"], { tags: ["archive"] }),
  web("Shipment API", at("api"), ["Deployment robots", "Partner engineers"], {
    cors_headers: { allow_all_origins: true, allow_credentials: true, allow_all_methods: true, max_age: 600 },
  }),
  {
    type: "self_hosted",
    name: "Rates worker",
    destinations: [{ type: "worker", worker_id: plot.random.fork("worker").hex(32) }],
    uses: ["Employees on managed devices"],
  },
  {
    type: "self_hosted",
    name: "Database console",
    uses: ["Platform team"],
    destinations: [
      { type: "private", cidr: "10.20.0.0/24", port_range: "5432", l4_protocol: "tcp" },
      { type: "private", hostname: "sql.internal.example.com", port_range: "443" },
    ],
    own: [
      {
        name: "Database firefighters",
        decision: "allow",
        include: [rule.group("On call")],
        require: [rule.method("mfa")],
        session_duration: "1h",
      },
    ],
  },
];

const saml = (host: string): Row => ({
  auth_type: "saml",
  sp_entity_id: `https://${host}/saml/metadata`,
  consumer_service_url: `https://${host}/saml/acs`,
  name_id_format: "email",
});

const oidc = (host: string, more: Row = {}): Row => ({
  auth_type: "oidc",
  redirect_uris: [`https://${host}/oidc/callback`],
  grant_types: ["authorization_code"],
  scopes: ["openid", "email", "profile", "groups"],
  access_token_lifetime: "5m",
  ...more,
});

const foreign = (plot: Plot): readonly ApplicationSeed[] => {
  const at = (host: string) => `${plot.slug(host)}.example.net`;
  return [
    { type: "saas", name: "Expense claims", saas_app: saml(at("expenses")), uses: ["Employees"], tags: ["finance"] },
    {
      type: "saas",
      name: "Ticketing",
      saas_app: saml(at("tickets")),
      uses: ["Support", "Engineering"],
      scim_config: {
        enabled: true,
        idp_uid: plot.sharedId("identity_provider", "Okta"),
        remote_uri: `https://${at("tickets")}/scim/v2`,
        deactivate_on_delete: true,
        authentication: { scheme: "oauthbearertoken", token: "*".repeat(34) },
        mappings: [{ schema: "urn:ietf:params:scim:schemas:core:2.0:User", enabled: true, strictness: "strict" }],
      },
    },
    { type: "saas", name: "Video calls", saas_app: saml(at("video")), uses: ["Employees", "Partner engineers"] },
    { type: "saas", name: "Design boards", saas_app: oidc(at("design")), uses: ["Employees"] },
    {
      type: "saas",
      name: "People suite",
      saas_app: oidc(at("people"), {
        grant_types: ["authorization_code", "refresh_tokens"],
        refresh_token_options: { lifetime: "90d" },
      }),
      uses: ["Payroll"],
    },
    // Bought and forgotten: it asks Access, and Access lets nobody in.
    { type: "saas", name: "Signatures", saas_app: oidc(at("signatures")), uses: [] },
  ];
};

const ssh = (usernames: readonly string[]): Row => ({ ssh: { usernames, allow_email_alias: false } });

const screens = (rule: Rules, at: (host: string) => string): readonly ApplicationSeed[] => [
  { type: "ssh", name: "Bastion", domain: at("bastion"), uses: ["Platform team"], authority: true },
  { type: "ssh", name: "Router console", domain: at("router"), uses: ["Administrators"], authority: true },
  { type: "vnc", name: "Dispatch screen", domain: at("dispatch"), uses: ["Support"] },
  {
    type: "rdp",
    name: "Accounting desktop",
    domain: at("accounting"),
    uses: ["Desktop users"],
    target_criteria: [{ port: 3389, protocol: "RDP", target_attributes: { hostname: ["accounting-desktop"] } }],
  },
  {
    type: "rdp",
    name: "Design workstation",
    domain: at("cad"),
    uses: ["Anyone, long sessions"],
    target_criteria: [{ port: 3389, protocol: "RDP", include: { tags: { role: ["workstation"] } } }],
  },
  {
    type: "infrastructure",
    name: "Production servers",
    target_criteria: [{ port: 22, protocol: "SSH", include: { tags: { environment: ["production"] } } }],
    own: [
      {
        name: "Platform on production",
        decision: "allow",
        include: [rule.okta("platform")],
        connection_rules: ssh(["deploy", "root"]),
      },
    ],
  },
  {
    type: "infrastructure",
    name: "Database servers",
    target_criteria: [{ port: 22, protocol: "SSH", target_attributes: { hostname: ["db-primary", "db-replica"] } }],
    own: [
      {
        name: "Database keepers",
        decision: "allow",
        include: [rule.email(`ines.okafor@${mail.own}`)],
        connection_rules: ssh(["postgres"]),
        mfa_config: { allowed_authenticators: ["piv_key"], session_duration: "8h" },
      },
    ],
  },
  {
    type: "infrastructure",
    name: "Staging servers",
    target_criteria: [{ port: 22, protocol: "SSH", include: { tags: { environment: ["staging"] } } }],
    own: [
      {
        name: "Engineers on staging",
        decision: "allow",
        include: [rule.domain(mail.own)],
        connection_rules: ssh(["deploy"]),
      },
    ],
  },
];

const others = (plot: Plot, at: (host: string) => string): readonly ApplicationSeed[] => [
  { type: "bookmark", name: "Handbook", domain: `https://${at("wiki")}/handbook`, tags: ["knowledge"] },
  { type: "bookmark", name: "Canteen menu", domain: `https://${at("canteen")}` },
  {
    type: "app_launcher",
    name: "App Launcher",
    uses: ["Employees", "Contractors"],
    single: true,
    bg_color: "#f4f1ea",
    header_bg_color: "#12324a",
    footer_links: [{ name: "Service desk", url: `https://${at("orders")}` }],
  },
  { type: "warp", name: "Warp Login App", uses: ["Employees", "Contractors"], single: true },
  { type: "biso", name: "Clientless Web Isolation App", uses: ["Contractors, isolated"], single: true },
  { type: "dash_sso", name: "Cloudflare dashboard", uses: ["Administrators"], single: true },
  {
    type: "mcp",
    name: "Issue tracker for agents",
    destinations: [{ type: "via_mcp_server_portal", mcp_server_id: plot.slug("issue-tracker") }],
    uses: ["Engineering"],
  },
  { type: "mcp_portal", name: "Engineering tools", domain: at("mcp"), uses: ["Engineering", "Deployment robots"] },
  {
    type: "proxy_endpoint",
    name: "Branch office proxy",
    domain: `${plot.slug("k3p9x2vt1d")}.proxy.cloudflare-gateway.com`,
    uses: ["Employees"],
  },
];

/** Forty-seven applications of all kinds, and what can go wrong with them. */
export function plantApplications(plot: Plot): void {
  const { world, random } = plot;
  const rule = rulesFor(plot);
  const at = (host: string) => `${plot.slug(host)}.${mail.own}`;
  const seeds = [
    ...pages(plot, rule, at),
    ...foreign(plot),
    ...screens(rule, at),
    ...others(plot, at),
    ...neglectedApplications(plot, rule, at),
  ];

  for (const [index, seed] of seeds.entries()) {
    const { uses = [], own = [], single = false, authority = false, ...fields } = seed;
    const bookmark = { type: "bookmark", name: seed.name, domain: `https://${at(`link-${index}`)}` };
    const wanted: Row = single && plot.copy > 0 ? bookmark : fields;
    const id = plot.id("application", seed.name);
    const created_at = plot.ago(700 - 13 * index);
    const application: Row = {
      id,
      aud: random.fork(`aud/${index}`).hex(64),
      ...wanted,
      name: plot.name(seed.name),
      created_at,
      updated_at: plot.ago(150 - 3 * index),
    };
    const links = uses.map((name, place) => ({ id: plot.id("policy", name), precedence: place + 1 }));
    for (const [place, policy] of own.entries()) {
      const policyId = plot.id("own_policy", String(policy["name"]));
      links.push({ id: policyId, precedence: uses.length + place + 1 });
      const times = { created_at, updated_at: created_at };
      plot.keep(`access/apps/${id}/policies`, policyId, {
        id: policyId,
        require: [],
        exclude: [],
        ...policy,
        ...times,
      });
    }
    const workshop = { ...world, random: random.fork(`saas/${index}`), now: () => plot.date(0) };
    const complete = completeApplication(application, wanted, undefined, workshop);
    plot.keep("access/apps", id, { ...complete, policies: links });
    if (authority) {
      const public_key = sshPublicKey(random.fork(`ca/${index}`).bytes(32));
      plot.keep(`access/apps/${id}`, "ca", {
        id: plot.id("application_ca", seed.name),
        aud: application["aud"],
        public_key,
      });
    }
  }
}
