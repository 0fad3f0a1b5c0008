import { describe, expect, it } from "vitest";
import { access } from "../../src/access/index.ts";
import { shownBy } from "../../src/core/room.ts";
import type { Send } from "../../src/core/send.ts";
import { createSandbox, type Sandbox } from "../../src/sandbox/index.ts";
import { ask, type Row } from "../sandbox/support.ts";
import { type SafeServer, safeServer } from "../support/safe.ts";
import { changesFor, onePerKind, type Subject, subjectsOf } from "../support/subjects.ts";

const updates = access.filter((entry) => shownBy(entry) !== undefined);
const isRow = (value: unknown): value is Row => typeof value === "object" && value !== null && !Array.isArray(value);

/** What answers show and updates do not take, by operation; `*` for all. Written down from Cloudflare's reference, not from the models. */
const readOnly: Readonly<Record<string, readonly string[]>> = {
  "*": ["id", "uid", "created_at", "updated_at", "modified_at", "created_by", "modified_by", "app_count", "reusable"],
  update_application: ["aud"],
  update_service_token: [
    "client_id",
    "expires_at",
    "last_seen_at",
    "client_secret_version",
    "previous_client_secret_expires_at",
  ],
  update_mtls_certificate: ["fingerprint", "expires_on"],
  update_key_configuration: ["last_key_rotation_at", "days_until_next_rotation"],
  update_user: ["seat_uid", "access_seat", "gateway_seat", "active_device_count", "last_successful_login"],
  update_identity_provider: ["saml_certificate_set", "read_only"],
  update_organization: ["trusted_accounts"],
  update_organization_doh: ["client_id", "name", "enabled", "duration", "expires_at"],
  update_custom_page: ["warnings"],
  update_mcp_server: [
    "hostname",
    "auth_type",
    "authentication_status",
    "auth_config_summary",
    "status",
    "error",
    "error_details",
    "last_synced",
    "last_successful_sync",
    "tools",
    "prompts",
  ],
};

/** What stays as it is when it is left out, so that it is left out. */
const kept: Readonly<Record<string, readonly string[]>> = {
  update_application: ["policies"],
  // Sending it would start the lifetime anew.
  update_service_token: ["duration"],
};

/** What single kinds of applications show and do not take. */
const byKind: Readonly<Record<string, readonly string[]>> = {
  app_launcher: ["name", "domain"],
  warp: ["name", "domain"],
  biso: ["name", "domain"],
  mcp: ["domain", "self_hosted_domains"],
  mcp_portal: ["self_hosted_domains"],
};

/** What Cloudflare makes inside of objects. */
const insides: readonly string[] = ["config.redirect_url", "scim_config.scim_base_url", "scim_config.secret"];

/** Fields that say the same: a change of one takes the others out. */
const ties = [
  ["domain", "destinations", "self_hosted_domains"],
  ["code_mode", "allow_code_mode"],
];

/** The overrides of a portal, as they are written. */
const overrides = (shown: unknown) =>
  (shown as readonly Row[]).map(({ name, enabled, portal_alias, portal_description }) =>
    JSON.parse(JSON.stringify({ name, enabled, alias: portal_alias, description: portal_description })),
  );

/** How a shown object has to be sent back when nothing changes. */
function asSent({ entry }: Subject, shown: Row): Row {
  const out = new Set([
    ...(readOnly["*"] ?? []),
    ...(readOnly[entry.name] ?? []),
    ...(kept[entry.name] ?? []),
    ...(entry.name === "update_application" ? (byKind[String(shown["type"])] ?? []) : []),
  ]);
  const bare = (value: unknown, path: string): unknown => {
    if (Array.isArray(value)) return value.map((item) => bare(item, path));
    if (!isRow(value)) return value;
    return Object.fromEntries(
      Object.entries(value)
        .filter(([key, inner]) => !insides.includes(`${path}${key}`) && inner !== null && !/^\*+$/.test(String(inner)))
        .map(([key, inner]) => [key, bare(inner, `${path}${key}.`)]),
    );
  };
  const sent = bare(Object.fromEntries(Object.entries(shown).filter(([key]) => !out.has(key))), "") as Row;
  if (entry.name === "update_organization_doh") sent["service_token_id"] = shown["id"];
  if (entry.name === "update_mcp_portal") {
    sent["servers"] = (shown["servers"] as readonly Row[]).map((server) => ({
      server_id: server["server_id"],
      on_behalf: server["on_behalf"],
      default_disabled: server["default_disabled"],
      updated_tools: overrides(server["updated_tools"]),
      updated_prompts: overrides(server["updated_prompts"]),
    }));
  }
  return sent;
}

const server = (sandbox?: Sandbox) =>
  safeServer({ confirm: "never", guard: "off", "max-result": "500000" }, { ...(sandbox && { sandbox }) });

/** The body that an update would send. */
async function planned({ call }: SafeServer, { entry, ids }: Subject, fields: Row): Promise<Row> {
  const { result } = await call(entry.name, { ...ids, ...fields }, { dry_run: true });
  return ((result as Row)["request"] as Row)["body"] as Row;
}

/** People and machines are many and all alike: a few of them will do. */
const some = (subjects: readonly Subject[]) => subjects.slice(0, subjects.length > 50 ? 5 : 50);

/** Applications of the dashboard login can only be read, and a SCIM secret is needed to send its way of login back. */
const isWritable = (shown: Row) =>
  shown["type"] !== "dash_sso" && (shown["scim_config"] as Row | undefined)?.["authentication"] === undefined;

/** What moves with every write, and what is counted from others. */
const isTime = (name: string) => /(?:updated|modified)_at$|modified_by$|^days_until_next_rotation$/.test(name);
/** The sandbox takes a secret that is not sent for gone; the rehearsal warns of it. */
const withoutWiped = (shown: Row): Row =>
  isRow(shown["config"]) ? { ...shown, config: { ...shown["config"], client_secret: undefined } } : shown;
const settled = (row: Row): Row => Object.fromEntries(Object.entries(row).filter(([name]) => !isTime(name)));

describe.each(updates)("$name, on every object there is", (entry) => {
  it("would send all that is there as it is, and nothing that only Cloudflare sets", async () => {
    const safe = server();
    const subjects = some(subjectsOf(safe.sandbox, entry));
    expect(subjects.length).toBeGreaterThan(0);
    for (const subject of subjects) {
      const shown = await subject.shown();
      if (!isWritable(shown)) continue;
      const told = `${subject.path} ${shown["type"] ?? ""} ${shown["name"] ?? ""}`;
      const body = await planned(safe, subject, {});
      expect(body, told).toEqual(asSent(subject, shown));

      const before = subject.stored();
      const answer = await ask(safe.sandbox, `PUT ${encodeURI(subject.path)}`, body);
      expect(answer.errors, told).toEqual([]);
      expect(settled(await subject.shown()), told).toEqual(settled(withoutWiped(shown)));
      // How a portal spells out its servers is its own affair.
      const but = (row: Row) => settled({ ...withoutWiped(row), ...("servers" in row && { servers: [] }) });
      expect(but(subject.stored()), told).toEqual(but(before));
    }
    expect(safe.sandbox.requests.filter(({ method }) => method === "PUT")).toHaveLength(
      (await Promise.all(subjects.map(({ shown }) => shown()))).filter(isWritable).length,
    );
  });

  it("keeps keys that no model knows yet, at every depth", async () => {
    const plain = createSandbox({ rateLimit: { limit: 1e9, window: 1 } });
    const future = { future_setting: { on: true } };
    const planted = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(planted)
        : isRow(value)
          ? { ...Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, planted(inner)])), ...future }
          : value;
    const send: Send = async (request) => {
      const response = await plain.send(request);
      if (request.method !== "GET" || !targets.has(request.path)) return response;
      const { result, ...envelope } = JSON.parse(response.body) as { result: unknown };
      return { ...response, body: JSON.stringify({ ...envelope, result: planted(result) }) };
    };
    const subjects = await onePerKind(subjectsOf(plain, entry));
    const targets = new Set(subjects.map(({ path }) => `/accounts/${plain.accountId}${encodeURI(path)}`));
    const safe = server({ ...plain, send });
    for (const subject of subjects) {
      const shown = await subject.shown();
      if (!isWritable(shown)) continue;
      const body = await planned(safe, subject, {});
      expect(body["future_setting"], subject.path).toEqual({ on: true });
      const sent = asSent(subject, shown);
      for (const [key, value] of Object.entries(sent)) {
        // The links of a portal are written anew.
        if (key === "servers") continue;
        expect(body[key], `${subject.path} ${key}`).toEqual(planted(value));
      }
    }
  });

  it("changes the field that is given, and no other", async () => {
    const safe = server();
    const subjects = await onePerKind(some(subjectsOf(safe.sandbox, entry)));
    let changed = 0;
    for (const subject of subjects) {
      for (const [field, value] of Object.entries(changesFor(subject, await subject.shown()))) {
        const before = await subject.shown();
        if (!isWritable(before)) continue;
        const told = `${subject.path} ${before["type"] ?? ""} ${field}`;
        const mark = safe.sandbox.requests.length;
        const { result, notes } = await safe.call(entry.name, { ...subject.ids, [field]: value });
        const [put, ...more] = safe.sandbox.requests.slice(mark).filter(({ method }) => method !== "GET");
        if (JSON.stringify(before[field]) === JSON.stringify(value)) {
          expect([put, notes[0]], told).toEqual([
            undefined,
            `It is like that already: nothing was sent to ${entry.name}.`,
          ]);
          expect(result, told).toMatchObject({ [field]: value });
          continue;
        }
        changed++;
        expect(more, told).toEqual([]);
        const tied = ties.find((one) => one.includes(field)) ?? [];
        const rest = Object.entries(asSent(subject, before)).filter(([key]) => !tied.includes(key));
        const old = asSent(subject, before)[field];
        const merged = isRow(old) && isRow(value) ? { ...old, ...value } : value;
        expect(put?.body, told).toEqual({ ...Object.fromEntries(rest), [field]: merged });
        if (entry.name === "update_tag") return;
        const after = settled(await subject.shown());
        const others = (row: Row) =>
          Object.fromEntries(Object.entries(row).filter(([key]) => key !== field && !tied.includes(key)));
        expect(others(after), told).toEqual(others(settled(withoutWiped(before))));
      }
    }
    expect(changed).toBeGreaterThan(0);
  });
});
