import { describe, expect, it } from "vitest";
import { ask, certificate, type Row, seeded } from "../sandbox/support.ts";
import { failureOf } from "../support/calls.ts";
import { type SafeServer, safeServer } from "../support/safe.ts";
import { type Ids, smallAccount } from "../support/small-account.ts";

interface Stage extends SafeServer {
  readonly ids: Ids;
  /** How Cloudflare shows what is at a path now. */
  shown(path: string): Promise<Row>;
  /** What a plan says of the way back. */
  promised(name: string, input: Row): Promise<{ possible: string; why?: string }>;
  /** The id of a change that is made. */
  changed(name: string, input: Row): Promise<string>;
  undo(change_id: string): Promise<string>;
  /** A change as list_changes shows it. */
  listed(change_id: string): Promise<Row>;
}

async function stage(): Promise<Stage> {
  const { sandbox, ids } = await smallAccount();
  const server = safeServer({ confirm: "never", guard: "off" }, { sandbox });
  const { call } = server;
  const changed = async (name: string, input: Row) => {
    const { change_id } = await call(name, input);
    if (change_id === undefined) throw new Error(`${name} changed nothing`);
    return change_id;
  };
  return {
    ...server,
    ids,
    shown: async (path) => (await ask(sandbox, `GET ${path}`)).result,
    promised: async (name, input) =>
      ((await call(name, input, { dry_run: true })).result as { undo: { possible: string; why?: string } }).undo,
    changed,
    undo: (change_id) => changed("undo_change", { change_id }),
    async listed(change_id) {
      const { result } = await call("list_changes", {}, {}, { view: { fields: ["*"], all: true } });
      const found = (result as { items: Row[] }).items.find(({ id }) => id === change_id);
      if (found === undefined) throw new Error(`no change ${change_id}`);
      return found;
    },
  };
}

/** Without what moves with every write. */
const bare = (row: Row, ...without: string[]): Row =>
  Object.fromEntries(
    Object.entries(row).filter(([name]) => !/^(?:updated|created)_at$/.test(name) && !without.includes(name)),
  );

describe("what comes back but for what its plan says", () => {
  it("is a deleted group, under another id and unknown to whoever used it", async () => {
    const { promised, changed, undo, ids, shown, sandbox } = await stage();
    const before = await shown(`/access/groups/${ids["staff"]}`);
    const why = "what does not come back: id, 4 references to it";
    expect(await promised("delete_group", { group_id: ids["staff"] })).toEqual({ possible: "partly", why });
    await undo(await changed("delete_group", { group_id: ids["staff"] }));
    const after = seeded(sandbox, "access/groups", ({ name }) => name === "Staff");
    expect(bare(after, "id")).toEqual(bare(before, "id"));
  });

  it("is a deleted application with its own policies, under another id and audience", async () => {
    const { promised, changed, undo, ids, shown, sandbox } = await stage();
    const before = await shown(`/access/apps/${ids["build"]}`);
    expect(await promised("delete_application", { app_id: ids["build"] })).toEqual({
      possible: "partly",
      why: "what does not come back: id, aud",
    });
    await undo(await changed("delete_application", { app_id: ids["build"] }));
    const { id } = seeded(sandbox, "access/apps", ({ name }) => name === "Build server");
    const after = await shown(`/access/apps/${id}`);
    const policies = (row: Row) =>
      (row["policies"] as Row[]).map((one) => bare(one, one["reusable"] === true ? "" : "id"));
    expect(bare(after, "id", "aud", "policies")).toEqual(bare(before, "id", "aud", "policies"));
    expect(policies(after)).toEqual(policies(before));
  });

  it("is a deleted SaaS application, whose secret is another then", async () => {
    const { promised, ids } = await stage();
    expect((await promised("delete_application", { app_id: ids["boards"] })).why).toContain(
      "secret saas_app.client_secret",
    );
    expect((await promised("delete_application", { app_id: ids["claims"] })).why).not.toContain("secret");
    expect((await promised("delete_service_token", { service_token_id: ids["robot"] })).why).toMatch(
      /secret client_secret.*id/,
    );
    expect((await promised("delete_identity_provider", { identity_provider_id: ids["okta"] })).why).toContain(
      "config.client_secret",
    );
    expect((await promised("delete_identity_provider", { identity_provider_id: ids["pin"] })).why).not.toContain(
      "secret",
    );
    expect((await promised("delete_mcp_server", { id: ids["issues"] })).why).toContain("auth_credentials");
  });

  it("is the list of policies, the application's own under another id", async () => {
    const { promised, changed, undo, ids, shown } = await stage();
    const path = `/access/apps/${ids["build"]}`;
    const before = (await shown(path))["policies"] as Row[];
    const input = { app_id: ids["build"], policies: [{ id: ids["let_robot"], precedence: 1 }] };
    expect(await promised("update_application", input)).toEqual({
      possible: "partly",
      why: "comes back under another id: Own",
    });
    await undo(await changed("update_application", input));
    const after = (await shown(path))["policies"] as Row[];
    expect(after.map((one) => bare(one, one["reusable"] === true ? "" : "id"))).toEqual(
      before.map((one) => bare(one, one["reusable"] === true ? "" : "id")),
    );
    const reordered = { app_id: ids["claims"], policies: [ids["let_admins"], ids["let_staff"]] };
    expect(await promised("update_application", reordered)).toEqual({ possible: "yes" });
  });

  it("is a lifetime, and not the end that was counted from it", async () => {
    const { promised, changed, undo, ids, shown } = await stage();
    const path = `/access/service_tokens/${ids["spare"]}`;
    const before = await shown(path);
    const input = { service_token_id: ids["spare"], duration: "24h" };
    expect(await promised("update_service_token", input)).toEqual({
      possible: "partly",
      why: "does not go back with it: expires_at",
    });
    await undo(await changed("update_service_token", input));
    expect(bare(await shown(path), "expires_at")).toEqual(bare(before, "expires_at"));
    expect(
      await promised("update_service_token", { service_token_id: ids["spare"], client_secret_version: 2 }),
    ).toEqual({
      possible: "partly",
      why: "cannot be set back: client_secret_version",
    });
  });

  it("is an identity provider without its secret", async () => {
    const { promised, changed, undo, ids, shown } = await stage();
    const path = `/access/identity_providers/${ids["okta"]}`;
    const before = await shown(path);
    const input = { identity_provider_id: ids["okta"], name: "Renamed", config: { client_secret: "again" } };
    expect(await promised("update_identity_provider", input)).toEqual({
      possible: "partly",
      why: "secrets cannot be restored: config.client_secret",
    });
    await undo(await changed("update_identity_provider", input));
    const { client_secret: _, ...config } = before["config"] as Row;
    expect(bare(await shown(path))).toEqual({ ...bare(before), config });
  });

  it("is a SAML application that was made an OIDC one", async () => {
    const { changed, undo, ids, shown } = await stage();
    const path = `/access/apps/${ids["claims"]}`;
    const before = await shown(path);
    await undo(
      await changed("update_application", {
        app_id: ids["claims"],
        saas_app: { auth_type: "oidc", redirect_uris: [] },
      }),
    );
    expect(bare(await shown(path))).toEqual(bare(before));
  });

  it("is not what had no value where nothing is taken away by leaving it out", async () => {
    const { promised, ids } = await stage();
    const { why } = await promised("update_mcp_server", { id: ids["issues"], description: "new" });
    expect(why).toContain("cannot be set back: description");
  });
});

describe("what cannot be undone", () => {
  const hopeless: readonly (readonly [string, (ids: Ids) => Row, string | RegExp])[] = [
    ["rotate_service_token", (ids) => ({ service_token_id: ids["robot"] }), / has no opposite$/],
    ["rotate_keys", () => ({}), / has no opposite$/],
    ["refresh_service_token", (ids) => ({ service_token_id: ids["robot"] }), "nothing was set that could be set back"],
    ["revoke_application_tokens", (ids) => ({ app_id: ids["wiki"] }), / has no opposite$/],
    ["revoke_user", () => ({ email: "ada@example.com" }), / has no opposite$/],
    ["sync_mcp_server", (ids) => ({ id: ids["issues"] }), "Sync MCP server has no opposite"],
    [
      "create_targets",
      () => ({ targets: [{ hostname: "x", ip: { ipv4: { ip_addr: "10.0.0.7" } } }] }),
      "no single delete takes it back",
    ],
    ["delete_targets", (ids) => ({ target_ids: [ids["target"]] }), "the object could not be read before"],
    ["delete_mtls_certificate", (ids) => ({ certificate_id: ids["authority"] }), /is not shown: certificate$/],
    [
      "create_mtls_certificate",
      () => ({ name: "bound", certificate, associated_hostnames: ["wiki.example.com"] }),
      "it cannot be deleted while associated_hostnames has entries",
    ],
    [
      "update_application_settings",
      (ids) => ({ app_id: ids["wiki"], allow_iframe: true }),
      /allow_iframe had no value/,
    ],
  ];

  it.each(hopeless)("%s: is said before and after", async (name, inputOf, why) => {
    const { promised, changed, call, listed, ids, sandbox } = await stage();
    const input = inputOf(ids);
    const promise = await promised(name, input);
    expect(promise).toEqual({ possible: "no", why: expect.stringMatching(why) });
    const change_id = await changed(name, input);
    expect(await listed(change_id)).toMatchObject({ undoable: "no" });
    const { result } = await call("get_change", { change_id });
    expect((result as Row)["undo"]).toMatchObject(promise);
    const written = sandbox.requests.length;
    const { message, facts } = await failureOf(call("undo_change", { change_id }));
    expect(message).toContain(promise.why);
    expect(facts).toMatchObject({ kind: "refused", outcome: "not_sent" });
    expect(sandbox.requests).toHaveLength(written);
  });
});

describe("an undo", () => {
  it("is refused after somebody else's edit, with both sides", async () => {
    const { changed, call, ids, sandbox, shown } = await stage();
    const group_id = ids["admins"];
    const change_id = await changed("update_group", { group_id, name: "Mine" });
    const others = [{ email: { email: "other@example.com" } }];
    const { include } = await shown(`/access/groups/${group_id}`);
    await ask(sandbox, `PUT /access/groups/${group_id}`, { name: "Mine", include: [...(include as Row[]), ...others] });
    const writes = () => sandbox.requests.filter(({ method }) => method !== "GET").length;
    const before = writes();
    const { facts } = await failureOf(call("undo_change", { change_id }));
    expect(facts).toMatchObject({ kind: "conflict", outcome: "not_sent" });
    expect(facts.details).toEqual({
      theirs: [{ path: "include[2]", after: others[0] }],
      yours: [{ path: "name", before: "Mine", after: "Admins" }],
    });
    expect(writes()).toBe(before);
    await ask(sandbox, `PUT /access/groups/${group_id}`, { name: "Mine", include });
    await call("undo_change", { change_id });
    expect(await shown(`/access/groups/${group_id}`)).toMatchObject({ name: "Admins", include });
  });

  it("of a create is refused after somebody else's edit", async () => {
    const { call, ids, sandbox } = await stage();
    for (const [name, input, path, change] of [
      ["create_group", { name: "New", include: [{ everyone: {} }] }, "/access/groups", { name: "Other", include: [] }],
      [
        "create_custom_page",
        { name: "New", type: "forbidden", custom_html: "a" },
        "/access/custom_pages",
        { name: "New", type: "forbidden", custom_html: "b" },
      ],
    ] as const) {
      const { result, change_id } = await call(name, input);
      const id = String((result as Row)["id"] ?? (result as Row)["uid"]);
      const answer = await ask(sandbox, `PUT ${path}/${id}`, { ...change, include: [{ group: { id: ids["staff"] } }] });
      expect(answer.errors).toEqual([]);
      expect((await failureOf(call("undo_change", { change_id }))).facts).toMatchObject({
        kind: "conflict",
        outcome: "not_sent",
      });
    }
  });

  it("can be undone itself, and is shown with what it took back", async () => {
    const { changed, undo, listed, call, shown, ids } = await stage();
    const path = `/access/policies/${ids["let_staff"]}`;
    const before = await shown(path);
    const change_id = await changed("update_policy", {
      policy_id: ids["let_staff"],
      session_duration: "1h",
      name: "Short",
    });
    const after = await shown(path);
    const undone = await undo(change_id);
    expect(bare(await shown(path))).toEqual(bare(before));
    expect(await listed(change_id)).toMatchObject({ undone_by: undone });
    const again = await undo(undone);
    expect(bare(await shown(path))).toEqual(bare(after));
    expect(await listed(undone)).toMatchObject({ undone_by: again });
    expect((await call("get_change", { change_id: undone })).result).toMatchObject({ undo_of: change_id });
    expect((await failureOf(call("undo_change", { change_id }))).message).toContain(`taken back already, by ${undone}`);
    await undo(again);
    expect(bare(await shown(path))).toEqual(bare(before));
  });

  it("is rehearsed and confirmed like any other change", async () => {
    const { sandbox, ids } = await smallAccount();
    const { call } = safeServer({ guard: "off" }, { sandbox });
    const narrowed = await call("update_group", {
      group_id: ids["admins"],
      include: [{ email: { email: "admin@example.com" } }],
    });
    const { change_id } = narrowed;
    const plan = (await call("undo_change", { change_id }, { dry_run: true })).result as Row;
    expect(plan).toMatchObject({ status: "planned", access: { direction: "widen" }, undo: { possible: "yes" } });
    const first = (await call("undo_change", { change_id })).result as Row;
    expect(first).toMatchObject({ status: "needs_confirmation" });
    const done = await call("undo_change", { change_id }, { ticket: String(first["ticket"]) });
    expect((done.result as { include: Row[] }).include).toHaveLength(2);
  });

  it("brings back the settings that fell out of a replacement, which its plan tells", async () => {
    const { changed, undo, call, shown, ids } = await stage();
    await call("update_application_settings", { app_id: ids["build"], allow_iframe: true });
    const input = { app_id: ids["build"], skip_interstitial: false };
    const { changes } = (await call("replace_application_settings", input, { dry_run: true })).result as Row;
    expect(changes).toEqual([
      { path: "allow_iframe", before: true },
      { path: "skip_interstitial", before: true, after: false },
    ]);
    await undo(await changed("replace_application_settings", input));
    expect(await shown(`/access/apps/${ids["build"]}`)).toMatchObject({ allow_iframe: true, skip_interstitial: true });
  });

  it("brings back a list that was replaced as a whole, and tells before what falls out of it", async () => {
    const { changed, undo, call, sandbox } = await stage();
    const setting = (hostname: string) => ({ hostname, client_certificate_forwarding: true, china_network: false });
    const all = [setting("wiki.example.com"), setting("build.example.com")];
    await call("update_mtls_hostname_settings", { settings: all });
    const one = { settings: all.slice(0, 1) };
    const { result } = await call("update_mtls_hostname_settings", one, { dry_run: true });
    expect((result as Row)["changes"]).toEqual([{ path: "settings[1]", before: all[1] }]);
    await undo(await changed("update_mtls_hostname_settings", one));
    expect((await ask(sandbox, "GET /access/certificates/settings")).rows).toEqual(all);
  });

  it("brings back what a portal says of its servers, and what a rename moved", async () => {
    const { changed, undo, shown, sandbox } = await stage();
    const path = "/access/ai-controls/mcp/portals/tools";
    const before = await shown(path);
    await undo(await changed("update_mcp_portal", { id: "tools", servers: [] }));
    expect(bare(await shown(path), "modified_at", "modified_by")).toEqual(bare(before, "modified_at", "modified_by"));
    await undo(await changed("update_tag", { tag_name: "internal", name: "external" }));
    expect(seeded(sandbox, "access/tags", ({ name }) => name === "internal")).toBeDefined();
  });
});
