import { describe, expect, it } from "vitest";
import applications from "../../src/access/applications/index.ts";
import type { Change, Members } from "../../src/core/change.ts";
import { type LockOut, lockOut } from "../../src/simulator/guard.ts";
import type { GuardSettings } from "../../src/simulator/index.ts";
import { create, type Objects, okta, pin, policy, remove, rule, update, worldOf } from "./account.ts";

const admin = "admin@x.com";
const admins = {
  id: "G",
  name: "Admins",
  include: [rule.email(admin), rule.email("second@x.com")],
  require: [],
  exclude: [],
};
const robot = { id: "robot", name: "CI", client_id: "robot.access", enabled: true, expires_at: "2999-01-01T00:00:00Z" };
const shared = policy("P", "allow", [rule.group("G")], { name: "Admins only" });
const block = policy("B", "deny", [rule.domain("x.com")], { name: "Block x" });
const machines = policy("M", "non_identity", [rule.token("robot")]);
const link = (one: Members, precedence: number) => ({ ...one, reusable: true, precedence });
const portal = {
  id: "A",
  name: "Portal",
  type: "self_hosted",
  domain: "portal.example.com",
  allowed_idps: ["okta"],
  session_duration: "24h",
  policies: [link(shared, 1), link(machines, 2)],
};
const launcher = { id: "L", name: "App Launcher", type: "app_launcher", policies: [link(shared, 1)] };
const settings: Members = { name: "Org", auth_domain: "x.cloudflareaccess.com", session_duration: "24h" };
const account: Objects = {
  applications: [portal],
  groups: [admins, { id: "H", name: "Others", include: [rule.email("other@x.com")] }],
  policies: [shared, block, machines],
  identityProviders: [pin, okta],
  serviceTokens: [robot, { id: "spare", name: "Spare", enabled: true }],
  organization: [settings],
};
const guard: GuardSettings = { identities: [admin], applications: ["Portal"] };
const group: GuardSettings = { ...guard, identities: ["Admins"] };
const token: GuardSettings = { ...guard, identities: ["CI"] };

const locked = (change: Change, wanted: GuardSettings = guard, objects: Objects = account) =>
  lockOut(change, worldOf(objects), wanted);

const editApp = (patch: Members) => update("update_application", portal, patch, { app_id: "A" });
const editPolicy = (patch: Members) => update("update_policy", shared, patch, { policy_id: "P" });
const editGroup = (patch: Members) => update("update_group", admins, patch, { group_id: "G" });
const editToken = (patch: Members) => update("update_service_token", robot, patch, { service_token_id: "robot" });
const editOrganization = (patch: Members) => update("update_organization", settings, patch);
const editProvider = (patch: Members) =>
  update("update_identity_provider", okta, patch, { identity_provider_id: "okta" });

describe("a change that locks somebody out", () => {
  const ways: readonly [string, Change, Partial<LockOut>, GuardSettings?][] = [
    ["deletes the application", remove("delete_application", portal), { application: "Portal", identity: "anybody" }],
    ["makes another kind of it", editApp({ type: "bookmark" }), { application: "Portal" }],
    ["renames it away from its guard", editApp({ name: "Gate" }), { application: "Portal" }],
    ["detaches all policies", editApp({ policies: [] }), { application: "Portal", identity: "anybody", policy: "M" }],
    ["detaches the one that lets in", editApp({ policies: ["M"] }), { identity: admin, policy: "Admins only" }],
    ["puts a block first", editApp({ policies: [{ id: "B" }, { id: "P" }] }), { identity: admin, policy: "Block x" }],
    [
      "puts a block first by its precedence",
      editApp({
        policies: [
          { id: "P", precedence: 2 },
          { id: "B", precedence: 1 },
        ],
      }),
      { identity: admin, policy: "Block x" },
    ],
    ["limits the identity providers to none", editApp({ allowed_idps: ["gone"] }), { identity: admin }],
    ["ends the application's sessions at once", editApp({ session_duration: "0s" }), {}],
    ["deletes the reusable policy", remove("delete_policy", shared), { identity: admin, policy: "Admins only" }],
    ["turns it into a block", editPolicy({ decision: "deny" }), { identity: admin, policy: "Admins only" }],
    ["turns it into one for machines", editPolicy({ decision: "non_identity" }), { identity: admin }],
    [
      "requires what nobody can show",
      editPolicy({ require: [rule.method("hwk")] }),
      { identity: admin, policy: "Admins only", rule: "require[0] (auth_method)" },
    ],
    [
      "requires what does not hold",
      editPolicy({ require: [rule.domain("y.com")] }),
      { identity: admin, rule: "require[0] (email_domain)" },
    ],
    ["excludes", editPolicy({ exclude: [rule.email(admin)] }), { identity: admin, rule: "exclude[0] (email)" }],
    ["ends its sessions at once", editPolicy({ session_duration: "0m" }), { policy: "Admins only" }],
    ["takes somebody out of the group", editGroup({ include: [rule.email("second@x.com")] }), { identity: admin }],
    ["empties the group", editGroup({ include: [] }), { identity: admin }],
    ["deletes the group", remove("delete_group", admins), { identity: admin, policy: "Admins only" }],
    ["deletes the identity provider", remove("delete_identity_provider", okta), { identity: admin }],
    [
      "reconfigures the identity provider",
      editProvider({ config: { ...okta.config, okta_account: "z" } }),
      { identity: admin },
    ],
    [
      "gives it another secret",
      editProvider({ config: { ...okta.config, client_secret: "new" } }),
      { identity: admin },
    ],
    ["moves the login domain", editOrganization({ auth_domain: "y.cloudflareaccess.com" }), { identity: admin }],
    ["ends everybody's sessions at once", editOrganization({ session_duration: "0h" }), {}],
    [
      "adds a block in front",
      create(
        "create_application_policy",
        { name: "New", decision: "deny", include: [rule.everyone], precedence: 0 },
        { app_id: "A" },
      ),
      { identity: admin, policy: "New" },
    ],
    ["deletes a guarded group", remove("delete_group", admins), { identity: "Admins" }, group],
    [
      "replaces all of a guarded group",
      editGroup({ include: [rule.email("new@x.com")] }),
      { identity: "Admins" },
      group,
    ],
    ["excludes everyone from it", editGroup({ exclude: [rule.everyone] }), { identity: "Admins" }, group],
    ["renames it", editGroup({ name: "People" }), { identity: "Admins" }, group],
    ["adds a require for its members", editPolicy({ require: [rule.email(admin)] }), { identity: "Admins" }, group],
    ["deletes a guarded service token", remove("delete_service_token", robot), { identity: "CI" }, token],
    ["disables it", editToken({ enabled: false }), { identity: "CI" }, token],
    ["lets it expire", editToken({ duration: "0s" }), { identity: "CI" }, token],
    ["detaches its policy", editApp({ policies: [{ id: "P" }] }), { identity: "CI", policy: "M" }, token],
  ];

  it.each(ways)("%s", async (_, change, expected, wanted) => {
    const found = await locked(change, wanted);
    expect(found).toContainEqual(expect.objectContaining(expected));
    for (const { why, next } of found) {
      expect(why).toMatch(/^\S.{10,}[^.]$/);
      expect(next).toMatch(/^[A-Z].{10,}\.$/);
    }
  });

  it("edits or deletes a policy of the application alone", async () => {
    const own = { ...policy("O", "allow", [rule.email(admin)]), reusable: false, precedence: 1 };
    const application = { ...portal, policies: [own] };
    const objects = { ...account, applications: [application] };
    const edit = (patch: Members) => update("update_application", application, patch, { app_id: "A" });
    const ids = { app_id: "A", policy_id: "O" };
    const strict = update("update_application_policy", own, { require: [rule.geo("KP")] }, ids);
    expect(await locked(strict, guard, objects)).toMatchObject([{ identity: admin, rule: "require[0] (geo)" }]);
    expect(await locked(remove("delete_application_policy", own, ids), guard, objects)).toHaveLength(1);
    const replaced = edit({
      policies: [{ id: "O", name: "O", decision: "allow", include: [rule.email("z@x.com")] }],
    });
    expect(await locked(replaced, guard, objects)).toMatchObject([{ identity: admin, policy: "O" }]);
    const kept = edit({
      policies: [
        { id: "O", precedence: 9 },
        { id: "B", precedence: 10 },
      ],
    });
    expect(await locked(kept, guard, objects)).toEqual([]);
  });

  it("deletes the certificate authority that a policy needs", async () => {
    const ca = { id: "ca", associated_hostnames: ["portal.example.com"] };
    const strict = { ...shared, require: [{ certificate: {} }] };
    const objects = { ...account, policies: [strict], mtlsCertificates: [ca] };
    expect(await locked(remove("delete_mtls_certificate", ca), guard, objects)).toHaveLength(1);
    const unbound = update("update_mtls_certificate", ca, { associated_hostnames: [] }, { certificate_id: "ca" });
    expect(await locked(unbound, guard, objects)).toHaveLength(1);
  });
});

describe("a change that takes away a way in of which nobody is sure", () => {
  const team = policy("P", "allow", [rule.okta("team"), rule.okta("night")], { require: [rule.method("mfa")] });
  const objects = { ...account, policies: [team], applications: [{ ...portal, policies: [link(team, 1)] }] };
  const edit = (patch: Members) => locked(update("update_policy", team, patch, { policy_id: "P" }), guard, objects);

  it("may leave another one of them", async () => {
    expect(await edit({ include: [rule.okta("night")] })).toEqual([]);
    expect(await edit({ require: [] })).toEqual([]);
    expect(await edit({ name: "Team" })).toEqual([]);
  });

  it("may not replace what was met by what perhaps is not", async () => {
    expect(await edit({ include: [rule.okta("day")] })).toHaveLength(1);
    expect(await edit({ require: [rule.method("mfa"), rule.geo("KP")] })).toHaveLength(1);
    expect(await edit({ exclude: [rule.geo("KP")] })).toHaveLength(1);
  });

  it("takes nothing from whom no facts let in", async () => {
    const never = { ...team, exclude: [rule.method("mfa")] };
    const closed = { ...objects, policies: [never] };
    expect(await locked(update("update_policy", never, { name: "Never" }, { policy_id: "P" }), guard, closed)).toEqual(
      [],
    );
  });
});

describe("without a guarded identity", () => {
  const bare: GuardSettings = { identities: [], applications: [] };
  const vital = { ...account, applications: [portal, launcher] };

  it("the applications that everybody needs stay as they are", async () => {
    for (const type of ["app_launcher", "warp", "dash_sso"]) {
      const one = { ...launcher, type };
      const objects = { ...account, applications: [portal, one] };
      expect(await locked(remove("delete_application", one), bare, objects)).toHaveLength(1);
      expect(await locked(remove("delete_application", portal), bare, objects)).toEqual([]);
    }
  });

  it("nobody may be the only one left to get in", async () => {
    const strict = editPolicy({ require: [rule.geo("KP")] });
    expect(await locked(strict, bare, vital)).toEqual([]);
    expect(await locked(editPolicy({ decision: "deny" }), bare, vital)).toMatchObject([{ identity: "anybody" }]);
    expect(await locked(remove("delete_group", admins), bare, vital)).toMatchObject([{ identity: "anybody" }]);
    const onlyOkta = { ...vital, identityProviders: [okta] };
    expect(await locked(remove("delete_identity_provider", okta), bare, onlyOkta)).toMatchObject([
      { identity: "anybody" },
    ]);
    expect(await locked(remove("delete_identity_provider", okta), bare, vital)).toEqual([]);
  });

  it("a token that may not read the applications can still be used", async () => {
    const blind = { ...vital, unreadable: [applications] };
    expect(await locked(editToken({ enabled: false }), bare, blind)).toEqual([]);
    expect(await locked(editToken({ enabled: false }), guard, blind)).toHaveLength(1);
    expect(await locked({ ...editGroup({}), before: undefined, after: undefined })).toHaveLength(1);
  });
});

describe("this server's own application", () => {
  const own: GuardSettings = { identities: [admin], applications: [], ownHostname: "portal.example.com" };

  it("is found by its hostname", async () => {
    expect(await locked(remove("delete_application", portal), own)).toHaveLength(1);
    const wide = { ...portal, domain: "*.example.com" };
    const objects = { ...account, applications: [wide] };
    expect(await locked(remove("delete_application", wide), own, objects)).toHaveLength(1);
    expect(await locked(remove("delete_application", wide), { ...own, ownHostname: "example.com" }, objects)).toEqual(
      [],
    );
  });

  it("cannot be moved away or hidden behind another one", async () => {
    expect(await locked(editApp({ domain: "other.example.com" }), own)).toHaveLength(1);
    const inFront = (include: readonly unknown[]) =>
      create("create_application", {
        type: "self_hosted",
        name: "Front",
        destinations: [{ type: "public", uri: "portal.example.com/mcp" }],
        policies: [{ name: "New", decision: "allow", include }],
      });
    expect(await locked(inFront([rule.email("z@x.com")]), own)).toMatchObject([
      { application: "Front", identity: admin },
    ]);
    expect(await locked(inFront([rule.domain("x.com")]), own)).toEqual([]);
  });
});

describe("a change that locks nobody out", () => {
  const harmless: readonly [string, Change, GuardSettings?][] = [
    ["a new member", editGroup({ include: [...admins.include, rule.email("third@x.com")] })],
    ["the other member leaves", editGroup({ include: [rule.email(admin)] })],
    ["a new name of a group that is not guarded by it", editGroup({ name: "People" })],
    ["a block behind", editApp({ policies: [{ id: "P" }, { id: "B" }] })],
    ["all identity providers", editApp({ allowed_idps: [] })],
    ["the name of the identity provider", editProvider({ name: "Work" })],
    [
      "a provider's configuration without its secret",
      editProvider({ config: { okta_account: "https://e.example", client_id: "c" } }),
    ],
    ["a provider that the application does not allow", remove("delete_identity_provider", pin)],
    ["shorter sessions", editOrganization({ session_duration: "1h" })],
    ["another policy", remove("delete_policy", block)],
    ["another group", remove("delete_group", { id: "H" })],
    ["the token of others", editToken({ enabled: false })],
    ["a new secret", remove("rotate_service_token", robot), token],
    ["another token", remove("delete_service_token", { id: "spare" }), token],
    ["a new application", create("create_application", { type: "saas", name: "New" })],
    ["a new identity provider", create("create_identity_provider", { name: "Second", type: "onetimepin", config: {} })],
  ];

  it.each(harmless)("%s", async (_, change, wanted) => {
    expect(await locked(change, wanted)).toEqual([]);
  });

  it("is not even looked at where it cannot matter", async () => {
    const world = worldOf(account);
    const changes = [
      remove("delete_tag", { name: "red" }),
      remove("delete_target", { id: "t" }),
      remove("delete_bookmark", { id: "b" }),
      remove("delete_custom_page", { uid: "c" }),
      create("create_group", { name: "new" }),
      remove("rotate_service_token", robot),
    ];
    for (const change of changes) expect(await lockOut(change, world, guard)).toEqual([]);
    expect(world.looked).toEqual([]);
  });

  it("is what happens to a name that nothing has", async () => {
    const wrong: GuardSettings = { identities: ["nobody-knows"], applications: ["Nothing"] };
    expect(await locked(remove("delete_application", portal), wrong)).toEqual([]);
  });
});
