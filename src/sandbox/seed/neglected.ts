import type { Row } from "../store.ts";
import type { ApplicationSeed } from "./applications.ts";
import type { GroupSeed } from "./groups.ts";
import { mail, type Plot, type Rules } from "./plot.ts";
import type { PolicySeed } from "./policies.ts";

/** Groups that nobody has looked at for years. */
export const neglectedGroups = (rule: Rules): readonly GroupSeed[] => [
  // Whoever comes to the door, and at the same time what new policies start with.
  { name: "Visitors", include: [rule.everyone], is_default: true, age: 640 },
  // Each is made of the other.
  { name: "Route planners", include: [rule.okta("planning"), rule.group("Regional leads")], age: 450 },
  { name: "Regional leads", include: [rule.email(`yara.haddad@${mail.own}`), rule.group("Route planners")], age: 449 },
  // Nobody comes from two networks at once.
  {
    name: "Locker sites",
    include: [rule.domain(mail.own)],
    require: [rule.ip("203.0.113.64/28"), rule.ip("203.0.113.96/28")],
    age: 330,
  },
];

/** Policies that let in too many, nobody, or others than was meant. */
export const neglectedPolicies = (rule: Rules): readonly PolicySeed[] => [
  { name: "Counter staff by country", include: [rule.geo("NL")] },
  { name: "Friends of the house", include: [rule.domain("gmail.com")] },
  { name: "Visitors by PIN", include: [rule.login("One-time PIN")] },
  { name: "Visitors", include: [rule.group("Visitors")] },
  { name: "Night shift", include: [rule.group("Support")], exclude: [rule.group("Support")] },
  { name: "Robots as people", include: [rule.token("ci-deploy")] },
  { name: "Partners without login", decision: "bypass", include: [rule.domain(mail.partner)] },
  { name: "Lockers by address", decision: "non_identity", include: [rule.ip("10.0.0.0/8"), rule.ip("0.0.0.0/0")] },
  { name: "Lockers by certificate", decision: "non_identity", include: [rule.certificate] },
  // The application that it names was deleted.
  { name: "Scripts of the old portal", decision: "non_identity", include: [rule.linked("Old portal")] },
  { name: "Route planning", include: [rule.group("Route planners")] },
  { name: "Lockers on site", include: [rule.group("Locker sites")] },
  // Entra is not asked for authentication contexts.
  { name: "Tested agents", include: [rule.group("Finance")], require: [rule.context("c1")] },
  { name: "Checked by the old service", include: [rule.evaluation("http://check.old.example.net")] },
  { name: "Whatever the risk", include: [rule.group("Employees")], require: [rule.risk("low", "medium", "high")] },
  { name: "After nobody's approval", include: [rule.group("Sales")], approval_required: true, approval_groups: [] },
  { name: "Support, copied", include: [rule.group("Support")] },
  { name: "Visitors to keep out", decision: "deny", include: [rule.domain("rival.example.net")] },
  // These two do it right.
  {
    name: "Checked by our own service",
    include: [rule.group("Security")],
    require: [rule.evaluation(`https://check.${mail.own}`)],
  },
  { name: "Low risk only", include: [rule.group("Employees")], require: [rule.risk("low")] },
];

/** Applications with the mistakes that only an audit finds, and one that does the same things right. */
export const neglectedApplications = (
  plot: Plot,
  rule: Rules,
  at: (host: string) => string,
): readonly ApplicationSeed[] => {
  const managed = (lifetime: string, grant: string, registration: Row): Row => ({
    oauth_configuration: {
      enabled: true,
      dynamic_client_registration: { enabled: true, ...registration },
      grant: { access_token_lifetime: lifetime, session_duration: grant },
    },
  });
  return [
    {
      type: "self_hosted",
      name: "Visitor desk",
      destinations: [at("visitors"), `${at("reception")}/guests/*`].map((uri) => ({ type: "public", uri })),
      // Those after the visitors never come to bear.
      uses: [
        "Counter staff by country",
        "Friends of the house",
        "Visitors by PIN",
        "Visitors",
        "Sales",
        "Visitors to keep out",
      ],
      http_only_cookie_attribute: false,
      allow_authenticate_via_warp: false,
      mfa_config: { mfa_disabled: true },
    },
    {
      type: "self_hosted",
      name: "Parcel lockers",
      destinations: [at("lockers"), `*-depot.${mail.own}`].map((uri) => ({ type: "public", uri })),
      uses: ["Lockers by address", "Lockers by certificate", "Deployment robots", "Lockers on site"],
    },
    {
      type: "self_hosted",
      name: "Tariff calculator",
      // Nobody can tell which of the two answers for tariff-depot.
      destinations: [at("tariffs"), `${plot.slug("tariff")}-*.${mail.own}`].map((uri) => ({ type: "public", uri })),
      uses: [
        "Partners without login",
        "Scripts of the old portal",
        "Deployment robots",
        "Robots as people",
        "Night shift",
        "Route planning",
        "Whatever the risk",
        "After nobody's approval",
        "Checked by the old service",
        "Checked by our own service",
        "Low risk only",
      ],
      options_preflight_bypass: true,
    },
    {
      type: "self_hosted",
      name: "Agent playground",
      domain: at("playground"),
      uses: ["Tested agents", "Deployment robots"],
      ...managed("24h", "2160h", { allow_any_on_localhost: true, allow_any_on_loopback: true }),
    },
    {
      type: "self_hosted",
      name: "Agent workbench",
      destinations: [at("workbench"), `*.${at("workbench")}`, `${at("wiki")}/workbench/*`].map((uri) => ({
        type: "public",
        uri,
      })),
      uses: ["Platform team"],
      allowed_idps: [plot.sharedId("identity_provider", "Okta")],
      auto_redirect_to_identity: true,
      session_duration: "8h",
      allow_authenticate_via_warp: false,
      enable_binding_cookie: true,
      cors_headers: { allowed_origins: [`https://${at("wiki")}`], allow_credentials: true, max_age: 600 },
      ...managed("15m", "168h", {
        allow_any_on_localhost: false,
        allow_any_on_loopback: false,
        allowed_uris: [`https://${at("agents")}/callback`],
      }),
    },
    {
      type: "saas",
      name: "Old forum",
      saas_app: {
        auth_type: "oidc",
        redirect_uris: [`http://${plot.slug("forum")}.example.net/callback`],
        grant_types: ["authorization_code", "implicit"],
        scopes: ["openid", "email"],
        access_token_lifetime: "5m",
      },
      uses: ["Employees"],
      // It says nothing of sessions, so that they last as long as the application says: a month.
      own: [{ name: "Forum guests", decision: "allow", include: [rule.group("Auditors")] }],
      session_duration: "720h",
    },
    {
      type: "mcp",
      name: "Documents for agents",
      destinations: [{ type: "via_mcp_server_portal", mcp_server_id: plot.slug("documents") }],
      // A portal asks for no reason.
      uses: ["Security, with a reason", "Deployment robots"],
    },
  ];
};
