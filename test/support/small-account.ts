import { createSandbox, type Sandbox } from "../../src/sandbox/index.ts";
import { ask, certificate, type Row } from "../sandbox/support.ts";

/** The ids of what is in a small account, by the name that tests call it. */
export type Ids = Readonly<Record<string, string>>;

export interface SmallAccount {
  readonly sandbox: Sandbox;
  readonly ids: Ids;
}

const person = (email: string) => ({ email: { email } });
const inGroup = (id: string | undefined) => ({ group: { id } });

/**
 * An account with one or two objects of every kind, made through the API: cheap enough to be made and read many times.
 * A wiki behind policy, group and identity provider, a build server that a robot reaches too, and what else there is.
 */
export async function smallAccount(): Promise<SmallAccount> {
  const sandbox = createSandbox({ scale: 0, rateLimit: { limit: 1e9, window: 1 } });
  const ids: Record<string, string> = {};
  const make = async (name: string, line: string, body: Row) => {
    const { result, errors } = await ask(sandbox, line, body);
    if (errors.length > 0) throw new Error(`${name}: ${JSON.stringify(errors)}`);
    ids[name] = String(result["id"] ?? result["uid"] ?? result["name"]);
  };

  await make("organization", "POST /access/organizations", {
    name: "Small",
    auth_domain: "small.cloudflareaccess.com",
    session_duration: "24h",
  });
  await ask(sandbox, "POST /access/keys/rotate", {});
  await ask(sandbox, "PUT /access/keys", { key_rotation_interval_days: 90 });
  await make("pin", "POST /access/identity_providers", { name: "PIN", type: "onetimepin", config: {} });
  await make("okta", "POST /access/identity_providers", {
    name: "Okta",
    type: "okta",
    config: { client_id: "0oa", client_secret: "hidden", okta_account: "https://small.example.com" },
  });
  await make("saml", "POST /access/identity_providers", {
    name: "SAML",
    type: "saml",
    config: { issuer_url: "https://sso.example.com", sso_target_url: "https://sso.example.com/login" },
  });
  await make("admins", "POST /access/groups", {
    name: "Admins",
    include: [person("admin@example.com"), person("deputy@example.com")],
  });
  await make("staff", "POST /access/groups", { name: "Staff", include: [{ email_domain: { domain: "example.com" } }] });
  await make("robot", "POST /access/service_tokens", { name: "robot" });
  await make("spare", "POST /access/service_tokens", { name: "spare" });
  await make("let_admins", "POST /access/policies", {
    name: "Admins",
    decision: "allow",
    include: [inGroup(ids["admins"])],
  });
  await make("let_staff", "POST /access/policies", {
    name: "Staff",
    decision: "allow",
    include: [inGroup(ids["staff"])],
    session_duration: "8h",
  });
  await make("let_robot", "POST /access/policies", {
    name: "Robots",
    decision: "non_identity",
    include: [{ service_token: { token_id: ids["robot"] } }],
  });
  await make("internal", "POST /access/tags", { name: "internal" });
  await make("unused", "POST /access/tags", { name: "unused" });
  await make("wiki", "POST /access/apps", {
    type: "self_hosted",
    name: "Wiki",
    domain: "wiki.example.com",
    allowed_idps: [ids["pin"]],
    policies: [{ id: ids["let_admins"], precedence: 1 }],
    tags: ["internal"],
  });
  await make("build", "POST /access/apps", {
    type: "self_hosted",
    name: "Build server",
    domain: "build.example.com",
    allow_iframe: false,
    skip_interstitial: true,
    policies: [
      { id: ids["let_staff"], precedence: 1 },
      { id: ids["let_robot"], precedence: 2 },
    ],
  });
  await make("build_own", `POST /access/apps/${ids["build"]}/policies`, {
    name: "Own",
    decision: "allow",
    include: [person("guest@example.net")],
  });
  await make("claims", "POST /access/apps", {
    type: "saas",
    name: "Claims",
    saas_app: { auth_type: "saml", sp_entity_id: "claims", consumer_service_url: "https://claims.example.net/acs" },
    policies: [ids["let_staff"]],
  });
  await make("boards", "POST /access/apps", {
    type: "saas",
    name: "Boards",
    saas_app: { auth_type: "oidc", redirect_uris: ["https://boards.example.net/callback"] },
    policies: [ids["let_staff"]],
  });
  await make("servers", "POST /access/apps", {
    type: "infrastructure",
    name: "Servers",
    target_criteria: [{ port: 22, protocol: "SSH", include: { tags: { role: ["db"] } } }],
    policies: [
      {
        name: "Operators",
        decision: "allow",
        include: [person("admin@example.com")],
        connection_rules: { ssh: { usernames: ["root"] } },
      },
    ],
  });
  await make("handbook", "POST /access/apps", {
    type: "bookmark",
    name: "Handbook",
    domain: "https://handbook.example.com",
  });
  await make("target", "POST /infrastructure/targets", {
    hostname: "db-1",
    ip: { ipv4: { ip_addr: "10.0.0.1" } },
    tags: { role: "db" },
  });
  await make("user", "POST /access/users", { email: "ada@example.com", name: "Ada" });
  await make("authority", "POST /access/certificates", { name: "Scanners", certificate });
  await make("page", "POST /access/custom_pages", { name: "No", type: "forbidden", custom_html: "<p>No</p>" });
  await make("link", "POST /access/bookmarks/b1", { name: "Link", domain: "link.example.com" });
  await make("issues", "POST /access/ai-controls/mcp/servers", {
    id: "issues",
    name: "Issues",
    hostname: "https://issues.example.com/mcp",
    auth_type: "unauthenticated",
  });
  await make("tools", "POST /access/ai-controls/mcp/portals", {
    id: "tools",
    name: "Tools",
    hostname: "tools.example.com",
    servers: [
      {
        server_id: "issues",
        on_behalf: true,
        default_disabled: false,
        updated_tools: [{ name: "search", alias: "find" }],
        updated_prompts: [],
      },
    ],
  });
  await ask(sandbox, "PUT /access/organizations/doh", { service_token_id: ids["spare"], doh_jwt_duration: "24h" });
  return { sandbox, ids };
}
