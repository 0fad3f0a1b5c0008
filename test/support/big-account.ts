import type { Members } from "../../src/core/change.ts";
import type { Holdings } from "../../src/inventory/datasets.ts";
import { type Random, random } from "../../src/sandbox/random.ts";
import { type Company, domain, lookedAt, okta, pin, times } from "./big-company.ts";
import { peopleOf } from "./big-people.ts";

/** How many objects an account of scale 1 has; the rest follows from these. */
const sizes = {
  applications: 500,
  policies: 2000,
  groups: 200,
  users: 2000,
  service_tokens: 60,
  targets: 200,
} as const;

const entra = "idp-entra";

const inGroup = (group: Members | undefined) => ({ group: { id: group?.["id"] } });
const oktaGroup = (name: string) => ({ okta: { name, identity_provider_id: okta } });
const person = (at: number) => ({ email: { email: `person-${at}@${domain}` } });
const factor = { auth_method: { auth_method: "mfa" } };
const encrypted = { device_posture: { integration_uid: "posture-0" } };
const leavers = { email_list: { id: "list-0" } };

/**
 * The seeded account of a carrier with 500 applications, 2,000 reusable policies, 200 groups and 2,000 users at scale
 * 1, as an inventory reads it: departments of teams, policies that many applications share and many that one does,
 * several hostnames an application, and a few mistakes of every kind. The same scale and seed make the same account.
 */
export function bigAccount(scale: number, seed = "carrier"): Holdings {
  const company: Company = {
    draw: (kind) => random(`${seed}/${kind}`),
    count: (atScaleOne) => Math.max(1, Math.round(atScaleOne * scale)),
    ago: (days) => new Date(lookedAt - days * 86_400_000).toISOString(),
  };
  const groups = groupsOf(company);
  const service_tokens = tokensOf(company);
  const policies = policiesOf(company, groups, service_tokens);
  const mcp_servers = times(company.count(20), (at) => serverOf(company, at));
  const mcp_portals = times(company.count(4), (at) => portalOf(at, mcp_servers));
  const targets = targetsOf(company);
  const applications = applicationsOf(company, { groups, policies, mcp_servers, mcp_portals });
  return {
    ...settingsOf(company),
    applications,
    application_cas: applications.flatMap(({ id, aud, type }) => (type === "ssh" ? [{ id: `ca-${id}`, aud }] : [])),
    policies,
    groups,
    service_tokens,
    mtls_certificates: authoritiesOf(company, applications),
    targets,
    mcp_portals,
    mcp_servers,
    ...peopleOf(company, company.count(sizes.users), applications),
  };
}

function settingsOf({ count, ago }: Company): Holdings {
  return {
    organization: [
      {
        name: "Carrier",
        auth_domain: "carrier.cloudflareaccess.com",
        session_duration: "24h",
        mfa_config: { allowed_authenticators: ["totp"] },
        created_at: ago(900),
      },
    ],
    organization_doh: [{ id: "token-0", doh_jwt_duration: "24h" }],
    identity_providers: [
      { id: okta, name: "Okta", type: "okta", config: {}, scim_config: { enabled: true, user_deprovision: true } },
      { id: entra, name: "Entra ID", type: "azureAD", config: {}, scim_config: { enabled: true } },
      { id: pin, name: "One-time PIN", type: "onetimepin", config: {} },
    ],
    idp_federation_grants: [],
    mtls_hostname_settings: [],
    saml_certificates: [],
    ssh_cas: [{ id: "ssh-ca", public_key: "ssh-ed25519 AAAA" }],
    keys: [{ key_rotation_interval_days: 90, days_until_next_rotation: 12, last_key_rotation_at: ago(78) }],
    posture_rules: times(8, (at) => ({ id: `posture-${at}`, name: `Device rule ${at}`, type: "disk_encryption" })),
    gateway_lists: times(count(10), (at) => ({ id: `list-${at}`, name: `List ${at}`, type: "EMAIL" })),
    gateway_list_items: times(count(200), (at) => ({ list_id: `list-${at % 10}`, value: `left-${at}@${domain}` })),
    tags: times(20, (at) => ({ name: `team-${at}` })),
    custom_pages: times(3, (at) => ({ uid: `page-${at}`, name: `Page ${at}`, type: "forbidden" })),
    bookmarks: [],
  };
}

/** Teams by what the directory says, departments of teams, divisions of departments, and what cuts across. */
function groupsOf({ draw, count, ago }: Company): readonly Members[] {
  const source = draw("groups");
  const made: Members[] = [];
  const make = (name: string, rules: Members) => {
    const id = `group-${made.length}`;
    made.push({ id, name, require: [], exclude: [], ...rules, created_at: ago(source.integer(10, 800)) });
  };
  const all = count(sizes.groups);
  const parts = { team: Math.ceil(all * 0.7), department: Math.ceil(all * 0.2), division: Math.ceil(all * 0.05) };
  for (let at = 0; at < parts.team; at++) {
    make(`Team ${at}`, {
      include: [oktaGroup(`team-${at}`), ...times(source.integer(0, 3), () => person(source.integer(0, count(2000))))],
      ...(source.chance(0.2) && { require: [source.pick([factor, encrypted])] }),
      ...(source.chance(0.1) && { exclude: [leavers] }),
    });
  }
  for (const [name, members, width] of [
    ["Department", parts.team, 4],
    ["Division", parts.department, 4],
  ] as const) {
    const first = name === "Department" ? 0 : parts.team;
    for (let at = 0; at < (name === "Department" ? parts.department : parts.division); at++) {
      const inner = times(width, () => inGroup({ id: `group-${first + source.integer(0, members - 1)}` }));
      make(`${name} ${at}`, { include: inner, ...(source.chance(0.3) && { exclude: [leavers] }) });
    }
  }
  while (made.length < all) make(`Across ${made.length}`, source.pick(acrossOf(source, made.length)));
  return made;
}

/** Groups that cut across teams; one of them is a mistake. */
const acrossOf = (source: Random, at: number): readonly Members[] => [
  { include: times(3, (part) => ({ ip: { ip: `198.51.${source.integer(0, 255)}.${part * 32}/27` } })) },
  { include: ["NL", "DE", "PT"].map((country_code) => ({ geo: { country_code } })) },
  { include: [{ email_domain: { domain: `partner-${at}.example.net` } }] },
  { include: [{ email_domain: { domain } }], is_default: at % 50 === 0 },
  { include: [{ everyone: {} }] },
  { include: [inGroup({ id: `group-${at}` })] },
];

function tokensOf({ draw, count, ago }: Company): readonly Members[] {
  const source = draw("tokens");
  return times(count(sizes.service_tokens), (at) => ({
    id: `token-${at}`,
    name: `machine-${at}`,
    client_id: `${source.hex(32)}.access`,
    enabled: source.chance(0.95),
    ...(source.chance(0.1) ? { duration: "forever" } : { duration: "8760h", expires_at: ago(source.integer(-360, 5)) }),
    ...(source.chance(0.05) && { previous_client_secret_expires_at: ago(-20) }),
    last_seen_at: source.chance(0.9) ? ago(source.integer(0, 120)) : null,
    created_at: ago(source.integer(5, 600)),
  }));
}

/** A tenth of the policies is for many applications, the others for a team's own. */
function policiesOf(
  { draw, count, ago }: Company,
  groups: readonly Members[],
  tokens: readonly Members[],
): readonly Members[] {
  const source = draw("policies");
  // A few of each are left that nobody names.
  const named = (all: readonly Members[]) => all.filter((_, at) => at % 20 !== 19);
  const [usedGroups, usedTokens] = [named(groups), named(tokens)];
  const token = () => ({ service_token: { token_id: source.pick(usedTokens)["id"] } });
  const group = () => inGroup(source.pick(usedGroups));
  const country = () => ({ geo: { country_code: source.pick(["NL", "DE", "PT", "SE", "GB"]) } });
  const kinds: readonly (readonly [weight: number, rules: () => Members])[] = [
    [70, () => ({ decision: "allow", include: times(source.integer(1, 3), group) })],
    [
      8,
      () => ({ decision: "allow", include: times(source.integer(1, 6), () => person(source.integer(0, count(2000)))) }),
    ],
    [6, () => ({ decision: "allow", include: [{ email_domain: { domain } }] })],
    [7, () => ({ decision: "non_identity", include: times(source.integer(1, 2), token) })],
    [1, () => ({ decision: "non_identity", include: [{ any_valid_service_token: {} }] })],
    [1, () => ({ decision: "non_identity", include: [{ certificate: {} }] })],
    [3, () => ({ decision: "deny", include: [leavers] })],
    [1, () => ({ decision: "bypass", include: [{ ip: { ip: `203.0.113.${source.integer(0, 255)}/32` } }] })],
    [1, () => ({ decision: "bypass", include: [{ everyone: {} }] })],
    [2, () => ({ decision: "allow", include: [{ everyone: {} }] })],
  ];
  const weighted = kinds.flatMap(([weight, rules]) => times(weight, () => rules));
  return times(count(sizes.policies), (at) => ({
    id: `policy-${at}`,
    name: `Policy ${at}`,
    reusable: true,
    require: source.chance(0.25) ? [source.pick([factor, encrypted, group()])] : [],
    exclude: source.chance(0.1) ? [source.pick([leavers, country()])] : [],
    ...source.pick(weighted)(),
    session_duration: source.pick(["24h", "24h", "8h", "30m", "168h"]),
    ...(source.chance(0.03) && { purpose_justification_required: true }),
    created_at: ago(source.integer(10, 700)),
  }));
}

const serverOf = ({ ago }: Company, at: number): Members => ({
  id: `server-${at}`,
  name: `Server ${at}`,
  hostname: `https://mcp-${at}.example.net/mcp`,
  auth_type: at % 4 === 0 ? "bearer" : "oauth",
  status: "ready",
  tools: times(5, (tool) => ({ name: `tool_${tool}`, description: `Does ${tool}` })),
  last_synced: ago(1),
});

const portalOf = (at: number, servers: readonly Members[]): Members => ({
  id: `portal-${at}`,
  name: `Portal ${at}`,
  hostname: `tools-${at}.${domain}`,
  servers: servers
    .filter((_, place) => place % 4 === at % 4)
    .slice(0, 12)
    .map((server) => ({ ...server, server_id: server["id"] })),
});

function targetsOf({ draw, count }: Company): readonly Members[] {
  const source = draw("targets");
  return times(count(sizes.targets), (at) => ({
    id: `target-${at}`,
    hostname: `host-${at}`,
    ip: { ipv4: { ip_addr: `10.${(at >> 16) & 255}.${(at >> 8) & 255}.${at & 255}` } },
    tags: { cluster: `cluster-${at % Math.max(1, count(25))}`, role: source.pick(["web", "database", "queue"]) },
  }));
}

const authoritiesOf = ({ count, ago }: Company, applications: readonly Members[]): readonly Members[] =>
  times(count(5), (at) => ({
    id: `authority-${at}`,
    name: `Authority ${at}`,
    associated_hostnames: times(6, (place) => String(applications[at * 7 + place]?.["domain"] ?? "").split("/")[0]),
    expires_on: ago(-20 - 90 * at),
  }));

/** What applications are made of. */
interface Parts {
  readonly groups: readonly Members[];
  readonly policies: readonly Members[];
  readonly mcp_servers: readonly Members[];
  readonly mcp_portals: readonly Members[];
}

function applicationsOf({ draw, count, ago }: Company, parts: Parts): readonly Members[] {
  const source = draw("applications");
  const shared = parts.policies.slice(0, Math.ceil(parts.policies.length / 10));
  let next = shared.length;
  const attached = () =>
    times(source.integer(1, 5), (at) => {
      const own = parts.policies[next];
      const policy = own !== undefined && source.chance(0.7) ? own : source.pick(shared);
      if (policy === own) next++;
      return { ...policy, precedence: at + 1 };
    });
  let cluster = 0;
  const inline = (at: number, more: Members = {}): Members => ({
    id: `own-${at}`,
    name: `Own ${at}`,
    decision: "allow",
    include: [inGroup(source.pick(parts.groups))],
    require: [],
    exclude: [],
    precedence: 9,
    reusable: false,
    ...more,
  });
  const team = () => source.integer(0, Math.max(1, count(50)) - 1);
  const hostOf = (at: number) => `app-${at}.team-${team()}.${domain}`;
  const web = (at: number): Members => {
    const first = source.chance(0.1) ? `app-${at - 1}.team-0.${domain}/admin` : hostOf(at);
    const more = times(source.chance(0.35) ? source.integer(1, 3) : 0, (place) =>
      source.chance(0.15) ? `${first.split("/")[0]}/part-${place}/*` : hostOf(at),
    );
    const uris = at % 33 === 0 ? [`*.team-${team()}.${domain}`] : [first, ...more];
    return { domain: uris[0], destinations: uris.map((uri) => ({ type: "public", uri })) };
  };
  const kinds: readonly (readonly [weight: number, type: string, more: (at: number) => Members])[] = [
    [72, "self_hosted", web],
    [12, "saas", (at) => ({ saas_app: { auth_type: "saml", sp_entity_id: `service-${at}` } })],
    [4, "ssh", web],
    [2, "vnc", web],
    [4, "bookmark", (at) => ({ domain: `https://${hostOf(at)}`, policies: [] })],
    [
      4,
      "infrastructure",
      (at) => ({
        target_criteria: [{ port: 22, protocol: "SSH", include: { tags: { cluster: [`cluster-${cluster++}`] } } }],
        policies: [inline(at, { connection_rules: { ssh: { usernames: ["deploy"] } } })],
      }),
    ],
    [
      2,
      "mcp",
      () => {
        const mcp_server_id = source.pick(parts.mcp_servers)["id"];
        return { destinations: [{ type: "via_mcp_server_portal", mcp_server_id }] };
      },
    ],
  ];
  const weighted = kinds.flatMap((kind) => times(kind[0], () => kind));
  const single = [
    ...["app_launcher", "warp"].map((type) => ({ id: type, type, name: type, policies: attached() })),
    ...parts.mcp_portals.map(({ id, hostname }) => ({
      id: `portal-application-${id}`,
      type: "mcp_portal",
      name: `Portal ${id}`,
      domain: hostname,
      policies: attached(),
    })),
  ];
  return times(count(sizes.applications), (at): Members => {
    const [, type, more] = source.pick(weighted);
    const given = single[at] ?? {
      id: `application-${at}`,
      name: `Application ${at}`,
      type,
      session_duration: source.pick(["24h", "24h", "8h", "720h"]),
      http_only_cookie_attribute: source.chance(0.9),
      allowed_idps: source.chance(0.3) ? [source.pick([okta, entra])] : [],
      tags: [`team-${source.integer(0, 24)}`],
      policies: [...attached(), ...(source.chance(0.15) ? [inline(at)] : [])],
      ...more(at),
    };
    return { aud: `aud-${at}`, created_at: ago(source.integer(10, 700)), ...given };
  });
}
