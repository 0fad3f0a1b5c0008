import { describe, expect, it } from "vitest";
import type { Change, Members } from "../../src/core/change.ts";
import { brokenRule, type Known } from "../../src/pipeline/rules/index.ts";
import { shapes } from "../../src/pipeline/rules/shapes.ts";
import { creates, does, edits } from "../support/changes.ts";

const whyNot = async (shape: string, change: Change, known?: Known) =>
  (await brokenRule({ forbid: { shapes: [shape] } }, change, new Date(0), known))?.why;

const everyone = { everyone: {} };
const staff = { email_domain: { domain: "example.com" } };
const policy = (fields: Members = {}): Members => ({
  id: "p1",
  name: "P",
  decision: "allow",
  include: [staff],
  require: [],
  exclude: [],
  ...fields,
});
const application = (fields: Members = {}): Members => ({
  id: "a1",
  name: "A",
  type: "self_hosted",
  domain: "a.example.com",
  policies: [policy({ precedence: 1 })],
  ...fields,
});
const organization: Members = { name: "Org", auth_domain: "x.cloudflareaccess.com", mfa_required_for_all_apps: true };
const editPolicy = (patch: Members, before = policy()) => edits("update_policy", before, patch, { policy_id: "p1" });
const editApp = (patch: Members, before = application()) =>
  edits("update_application", before, patch, { app_id: "a1" });
const editOrganization = (patch: Members) => edits("update_organization", organization, patch);

/** For each shape: a change that brings it in, and one that comes near it and does not. */
const pairs: Readonly<Record<string, readonly [string, Change, Change][]>> = {
  bypass: [["bypass", editPolicy({ decision: "bypass" }), editPolicy({ decision: "deny" })]],
  non_identity: [["non_identity", editPolicy({ decision: "non_identity" }), editPolicy({ decision: "bypass" })]],
  everyone: [
    ["everyone", editPolicy({ include: [staff, everyone] }), editPolicy({ exclude: [everyone] })],
    [
      "everyone",
      creates("create_group", { name: "G", include: [everyone] }),
      creates("create_group", { name: "G", require: [everyone] }),
    ],
    [
      "everyone",
      editPolicy({ decision: "allow" }, policy({ decision: "deny", include: [everyone] })),
      editPolicy({ include: [everyone] }, policy({ decision: "deny" })),
    ],
    [
      "everyone",
      editPolicy({ require: [] }, policy({ include: [everyone], require: [staff] })),
      editPolicy({ require: [staff, staff] }, policy({ include: [everyone], require: [staff] })),
    ],
    [
      "everyone",
      editPolicy({ decision: "bypass" }, policy({ include: [everyone] })),
      editPolicy({ decision: "allow" }, policy({ include: [everyone], decision: "bypass" })),
    ],
  ],
  any_valid_service_token: [
    [
      "any_valid_service_token",
      editPolicy({ include: [{ any_valid_service_token: {} }] }),
      editPolicy({ include: [{ service_token: { token_id: "t" } }] }),
    ],
  ],
  any_certificate: [
    [
      "any_certificate",
      editPolicy({ include: [{ certificate: {} }] }),
      editPolicy({ include: [{ common_name: { common_name: "ci" } }] }),
    ],
  ],
  wide_network: ["0.0.0.0/0", "::/0", "10.0.0.0/7", "2000::/3", "::ffff:0.0.0.0/96", "1.2.3.4/x"].map((ip) => [
    "wide_network",
    editPolicy({ include: [{ ip: { ip } }] }),
    editPolicy({ include: ["10.0.0.0/8", "192.0.2.1", "2001:db8::/32", "::1"].map((near) => ({ ip: { ip: near } })) }),
  ]),
  wildcard_domain: [
    ["wildcard_domain", editApp({ domain: "*.example.com" }), editApp({ domain: "b.example.com" })],
    [
      "wildcard_domain",
      editApp({ destinations: [{ type: "public", uri: "a.example.com" }, { uri: "*.b.example.com" }] }),
      editApp({ destinations: [{ type: "private", cidr: "10.0.0.0/8" }] }),
    ],
    [
      "wildcard_domain",
      editApp({ destinations: [{ type: "all_workers" }] }),
      editApp({ destinations: [{ type: "worker", worker_id: "w" }] }),
    ],
    [
      "wildcard_domain",
      editApp({ self_hosted_domains: ["*.b.example.com"] }, application({ self_hosted_domains: ["*.a.example.com"] })),
      editApp({ name: "B" }, application({ self_hosted_domains: ["*.a.example.com"] })),
    ],
  ],
  public_path: [
    [
      "public_path",
      editApp({ destinations: [{ uri: "a.example.com", overrides: [{ path_pattern: "/x", behavior: "public" }] }] }),
      editApp({ destinations: [{ uri: "a.example.com", overrides: [] }] }),
    ],
  ],
  cors_all_origins: [
    [
      "cors_all_origins",
      editApp({ cors_headers: { allow_all_origins: true } }),
      editApp({ cors_headers: { allow_all_methods: true, allow_all_origins: false } }),
    ],
    [
      "cors_all_origins",
      editApp({ cors_headers: { allowed_origins: ["*"] } }),
      editApp({ cors_headers: { allowed_origins: ["https://a.example.com"] } }),
    ],
  ],
  preflight_bypass: [
    ["preflight_bypass", editApp({ options_preflight_bypass: true }), editApp({ options_preflight_bypass: false })],
  ],
  no_policies: [["no_policies", editApp({ policies: [] }), editApp({ name: "B" })]],
  mfa_off: [
    [
      "mfa_off",
      editPolicy({ mfa_config: { mfa_disabled: true } }),
      editPolicy({ mfa_config: { mfa_disabled: false } }),
    ],
    ["mfa_off", editApp({ mfa_config: { mfa_disabled: true } }), editApp({ mfa_config: {} })],
    ["mfa_off", editOrganization({ mfa_required_for_all_apps: false }), editOrganization({ name: "New" })],
    [
      "mfa_off",
      editOrganization({ mfa_required_for_all_apps: undefined }),
      edits("update_organization", { ...organization, mfa_required_for_all_apps: false }, { name: "New" }),
    ],
  ],
  one_time_pin: [
    [
      "one_time_pin",
      creates("create_identity_provider", { name: "PIN", type: "onetimepin", config: {} }),
      creates("create_identity_provider", { name: "Okta", type: "okta", config: {} }),
    ],
  ],
  token_forever: [
    [
      "token_forever",
      creates("create_service_token", { name: "ci", duration: "forever" }),
      creates("create_service_token", { name: "ci", duration: "87600h" }),
    ],
  ],
  token_over: ["8761h", "forever", "8760h1s", "525601m"].map((duration) => [
    "token_over:8760h",
    creates("create_service_token", { name: "ci", duration }),
    creates("create_service_token", { name: "ci", duration: "8760h" }),
  ]),
  session_over: [
    ["session_over:24h", editPolicy({ session_duration: "24h1s" }), editPolicy({ session_duration: "24h" })],
    ["session_over:24h", editApp({ session_duration: "720h" }), editApp({ session_duration: "1h30m" })],
    ["session_over:90m", editApp({ session_duration: "1h31m" }), editApp({ session_duration: "1.5h" })],
    [
      "session_over:24h",
      editOrganization({ warp_auth_session_duration: "25h" }),
      editOrganization({ session_duration: "24h", user_seat_expiration_inactive_time: "730h" }),
    ],
    [
      "session_over:24h",
      editApp({ oauth_configuration: { grant: { session_duration: "48h" } } }),
      editApp({ oauth_configuration: { grant: {} }, session_duration: null }),
    ],
    [
      "session_over:24h",
      editApp({ session_duration: "72h" }, application({ session_duration: "48h" })),
      editApp({ session_duration: "36h" }, application({ session_duration: "48h" })),
    ],
  ],
  mfa_session_over: [
    [
      "mfa_session_over:12h",
      editPolicy({ mfa_config: { session_duration: "13h" } }),
      editPolicy({ mfa_config: { session_duration: "720m" }, session_duration: "48h" }),
    ],
  ],
};

describe.each(Object.keys(shapes))("shape %s", (name) => {
  it.each(pairs[name] ?? [])("%s is refused where it comes in, and only there", async (shape, bringing, near) => {
    expect(await whyNot(shape, bringing)).toMatch(`it would bring in ${shape}, which is forbidden: `);
    expect(await whyNot(shape, near)).toBeUndefined();
  });

  it("is tried", () => expect(pairs[name]).toBeDefined());
});

describe("an object that had the shape", () => {
  it.each(Object.values(pairs).flat())("%s is still edited otherwise and deleted", async (shape, { entry, after }) => {
    const had = { id: "x", ...after };
    const room = Object.values(entry.siblings);
    const [update, remove] = ["update", "delete"].map((effect) => room.find((one) => one.effect === effect));
    if (update !== undefined) expect(await whyNot(shape, edits(update.name, had, { name: "Renamed" }))).toBeUndefined();
    if (remove !== undefined) expect(await whyNot(shape, does(remove.name, had))).toBeUndefined();
  });
});

describe("policies inside an application", () => {
  const open = policy({ id: "p2", decision: "bypass", precedence: 2 });
  const had = application({ policies: [policy({ precedence: 1 }), open] });

  it("are compared with what they were", async () => {
    expect(await whyNot("bypass", editApp({ policies: [policy(), open] }))).toMatch(/policies\[1\]: decision bypass$/);
    expect(await whyNot("bypass", editApp({ policies: [policy({ decision: "bypass" })] }))).toMatch(/policies\[0\]/);
    expect(await whyNot("bypass", editApp({ policies: [open, policy({ name: "Q" })] }, had))).toBeUndefined();
    expect(await whyNot("bypass", editApp({ policies: [open, { ...open, id: undefined }] }, had))).toMatch(/\[1\]/);
    expect(await whyNot("bypass", editApp({ policies: [policy({ decision: "bypass" }), open] }, had))).toMatch(/\[0\]/);
    expect(await whyNot("bypass", editApp({ policies: ["p1", { id: "p2" }] }, had))).toBeUndefined();
    expect(await whyNot("bypass", editApp({ session_duration: "1h" }, had))).toBeUndefined();
  });

  it("count as their own too, and in a new application", async () => {
    expect(await whyNot("bypass", creates("create_application", had))).toMatch(/policies\[1\]/);
    expect(await whyNot("bypass", creates("create_application_policy", open, { app_id: "a1", ...open }))).toBeDefined();
    const change = edits("update_application_policy", policy(), { decision: "bypass" }, { app_id: "a1" });
    expect(await whyNot("bypass", change)).toBeDefined();
  });
});

describe("what is newly used", () => {
  const objects: Readonly<Record<string, Members>> = {
    "reusable policy open": policy({ id: "open", decision: "bypass" }),
    "reusable policy closed": policy({ id: "closed" }),
    "reusable policy grouped": policy({ id: "grouped", include: [{ group: { id: "outer" } }] }),
    "group all": { id: "all", include: [everyone] },
    "group outer": { id: "outer", include: [{ group: { id: "inner" } }, { group: { id: "outer" } }] },
    "group inner": { id: "inner", include: [staff, { group: { id: "all" } }, { group: { id: "outer" } }] },
    "group staff": { id: "staff", include: [staff] },
  };
  const known: Known = { find: async (noun, id) => objects[`${noun} ${id}`] };
  const attach = (...links: unknown[]) => editApp({ policies: [{ id: "p1" }, ...links] });

  it("brings its shape along: a reusable policy", async () => {
    expect(await whyNot("bypass", attach("open"), known)).toMatch(/policy open: decision bypass$/);
    expect(await whyNot("bypass", attach({ id: "open", precedence: 2 }), known)).toMatch(/policy open/);
    expect(await whyNot("bypass", attach("closed"), known)).toBeUndefined();
    expect(await whyNot("bypass", attach({ ...policy(), id: "open" }), known)).toMatch(/policy open/);
    expect(await whyNot("everyone", attach("grouped"), known)).toMatch(/group all: include everyone/);
  });

  it("brings its shape along: a group, at any depth and in circles", async () => {
    const letIn = (id: string, decision = "allow") => editPolicy({ include: [{ group: { id } }], decision });
    expect(await whyNot("everyone", letIn("all"), known)).toMatch(/group all: include everyone/);
    expect(await whyNot("everyone", letIn("outer"), known)).toMatch(/group all: include everyone/);
    expect(await whyNot("everyone", letIn("staff"), known)).toBeUndefined();
    expect(await whyNot("everyone", letIn("all", "deny"), known)).toBeUndefined();
    expect(await whyNot("everyone", editPolicy({ exclude: [{ group: { id: "all" } }] }), known)).toBeUndefined();
    const had = policy({ include: [{ group: { id: "all" } }] });
    expect(await whyNot("everyone", editPolicy({ name: "Q" }, had), known)).toBeUndefined();
    expect(
      await whyNot("everyone", editPolicy({ decision: "allow" }, { ...had, decision: "deny" }), known),
    ).toBeDefined();
  });

  it("is refused when it cannot be read", async () => {
    const unreadable = /cannot be read, so it may bring in everyone/;
    expect(await whyNot("everyone", attach("gone"), known)).toMatch(unreadable);
    expect(await whyNot("everyone", attach("closed"))).toMatch(unreadable);
    expect(await whyNot("everyone", editPolicy({ include: [{ group: { id: "gone" } }] }), known)).toMatch(unreadable);
  });
});

describe("what could not be read before", () => {
  it("counts as new", async () => {
    const { before: _, after: __, ...blind } = editPolicy({ decision: "bypass" });
    expect(await whyNot("bypass", blind)).toBeDefined();
  });

  it("does not matter to writes that change no object", async () => {
    const test = does("start_policy_test", undefined, { policies: [policy({ decision: "bypass" })] });
    expect(await whyNot("bypass", test)).toBeUndefined();
  });
});

it("survives values of any form", async () => {
  const odd = [null, 1, "x", [], {}, [null], [[]], [{ everyone: null }], { a: null }];
  const fields = ["decision", "include", "require", "policies", "destinations", "domain", "cors_headers", "mfa_config"];
  for (const shape of Object.entries(shapes).map(([name, { limit }]) => (limit === undefined ? name : `${name}:1h`))) {
    for (const value of odd) {
      const object = Object.fromEntries(fields.map((field) => [field, value]));
      await expect(whyNot(shape, creates("create_application", object))).resolves.not.toBe(null);
    }
  }
});
