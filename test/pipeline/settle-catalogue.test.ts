import { describe, expect, it } from "vitest";
import { access } from "../../src/access/index.ts";
import { type Entry, pathFields } from "../../src/core/room.ts";
import type { Fault } from "../../src/sandbox/index.ts";
import { certificate, type Row, seeded } from "../sandbox/support.ts";
import { exampleOf } from "../support/examples.ts";
import { verdictOf, type World, worldWith } from "../support/settling.ts";

/** Where one request of an operation is met, and only there. */
const at = ({ route }: Entry): Fault["match"] => {
  const [method = "", path = ""] = route.split(" ");
  return { method, path: `^${path.replace("{account_or_zone}", "accounts/{id}").replace(/\{\w+\}/g, "[^/]+")}$` };
};

const idIn = (world: World, path: string, test?: (row: Row) => boolean): string => {
  const row = seeded(world.sandbox, path, test);
  return String(row["id"] ?? row["uid"] ?? row["name"]);
};

const selfHosted = ({ type }: Row) => type === "self_hosted";
const saml = (world: World) => idIn(world, "access/identity_providers", ({ type }) => type === "saml");

type Prepare = (world: World) => Row | Promise<Row>;

/** What examples cannot know: ids of what is there, and values that change something. */
const particulars: Readonly<Record<string, Prepare>> = {
  update_application: (world) => ({ app_id: idIn(world, "access/apps", selfHosted), session_duration: "7h" }),
  delete_application: (world) => ({ app_id: idIn(world, "access/apps", selfHosted) }),
  replace_application_settings: (world) => ({ app_id: idIn(world, "access/apps", selfHosted), allow_iframe: true }),
  update_application_settings: (world) => ({ app_id: idIn(world, "access/apps", selfHosted), allow_iframe: true }),
  create_application_policy: (world) => ({ app_id: idIn(world, "access/apps", selfHosted), name: "new" }),
  update_policy: (world) => ({ policy_id: idIn(world, "access/policies"), name: "changed" }),
  create_application_ca: (world) => ({ app_id: idIn(world, "access/apps", ({ type }) => type === "vnc") }),
  delete_application_ca: (world) => ({ app_id: idIn(world, "access/apps", ({ type }) => type === "ssh") }),
  update_group: (world) => ({ group_id: idIn(world, "access/groups"), name: "changed" }),
  delete_group: (world) => ({ group_id: idIn(world, "access/groups") }),
  update_service_token: (world) => ({ service_token_id: idIn(world, "access/service_tokens"), name: "changed" }),
  delete_service_token: (world) => ({ service_token_id: idIn(world, "access/service_tokens") }),
  refresh_service_token: (world) => ({
    service_token_id: idIn(world, "access/service_tokens", ({ duration }) => duration !== "forever"),
  }),
  rotate_service_token: (world) => ({ service_token_id: idIn(world, "access/service_tokens") }),
  create_mtls_certificate: () => ({ certificate }),
  update_mtls_hostname_settings: () => ({
    settings: [{ hostname: "new.example.com", china_network: false, client_certificate_forwarding: true }],
  }),
  rotate_saml_certificate: (world) => ({ saml_cert_set_id: idIn(world, "access/saml_certificates") }),
  delete_ssh_ca: (world) => ({ certificate_id: idIn(world, "access/gateway_ca") }),
  update_key_configuration: () => ({ key_rotation_interval_days: 45 }),
  create_target: () => ({ ip: { ipv4: { ip_addr: "10.1.2.3" } } }),
  create_targets: () => ({
    targets: ["10.1.2.3", "10.1.2.4"].map((ip_addr) => ({ hostname: "twin", ip: { ipv4: { ip_addr } } })),
  }),
  update_target: (world) => ({ target_id: idIn(world, "infrastructure/targets"), hostname: "changed" }),
  delete_target: (world) => ({ target_id: idIn(world, "infrastructure/targets") }),
  delete_targets: (world) => ({ target_ids: [idIn(world, "infrastructure/targets")] }),
  create_user: () => ({ email: "new@example.com" }),
  update_user: (world) => ({
    user_id: idIn(world, "access/users"),
    email: seeded(world.sandbox, "access/users")["email"],
    name: "changed",
  }),
  delete_user: (world) => ({ user_id: idIn(world, "access/users") }),
  update_identity_provider: (world) => ({
    identity_provider_id: saml(world),
    name: "changed",
    type: "saml",
    config: undefined,
  }),
  delete_identity_provider: (world) => ({ identity_provider_id: saml(world) }),
  create_idp_federation_grant: (world) => ({ idp_id: saml(world) }),
  update_organization: () => ({ session_duration: "7h" }),
  update_organization_doh: () => ({ doh_jwt_duration: "7h" }),
  update_mcp_portal: (world) => ({ id: idIn(world, "access/ai-controls/mcp/portals"), name: "changed" }),
  delete_mcp_portal: (world) => ({ id: idIn(world, "access/ai-controls/mcp/portals") }),
  update_mcp_server: (world) => ({ id: idIn(world, "access/ai-controls/mcp/servers"), name: "changed" }),
  delete_mcp_server: (world) => ({ id: idIn(world, "access/ai-controls/mcp/servers") }),
  update_tag: (world) => ({ tag_name: idIn(world, "access/tags"), name: "changed" }),
  delete_tag: (world) => ({ tag_name: idIn(world, "access/tags") }),
  update_custom_page: (world) => ({ custom_page_id: idIn(world, "access/custom_pages"), name: "changed" }),
  delete_custom_page: (world) => ({ custom_page_id: idIn(world, "access/custom_pages") }),
  create_bookmark: () => ({ bookmark_id: "b1" }),
};

/** Operations on objects of which nothing is seeded, or which others hold: what is made first, and what is said then. */
const onNew: Readonly<Record<string, readonly [make: Prepare, change: Row]>> = {
  update_application_policy: [
    (world) => ({ app_id: idIn(world, "access/apps", selfHosted), name: "one" }),
    { name: "changed" },
  ],
  delete_application_policy: [(world) => ({ app_id: idIn(world, "access/apps", selfHosted), name: "two" }), {}],
  delete_policy: [() => ({ name: "three" }), {}],
  update_mtls_certificate: [() => ({ certificate, name: "four" }), { name: "changed" }],
  delete_mtls_certificate: [() => ({ certificate, name: "five" }), {}],
  delete_idp_federation_grant: [
    (world) => ({ idp_id: idIn(world, "access/identity_providers", ({ type }) => type === "azureAD") }),
    {},
  ],
  update_bookmark: [() => ({ bookmark_id: "b2" }), { name: "changed" }],
  delete_bookmark: [() => ({ bookmark_id: "b3" }), {}],
};

async function inputFor(entry: Entry, world: World): Promise<Row> {
  const first = onNew[entry.name];
  const create = entry.siblings["create"];
  if (first === undefined || create === undefined) {
    const example = entry.effect === "update" ? {} : exampleOf(entry, "minimal");
    return { ...example, ...(await particulars[entry.name]?.(world)) };
  }
  const [make, change] = first;
  const given = await make(world);
  const { result } = await world.write(create.name, { ...exampleOf(create, "minimal"), ...given });
  const own = pathFields(entry).at(-1) ?? "";
  const ids = pathFields(entry).map((name) => [
    name,
    given[name] ?? (name === own ? (result as Row)["id"] : undefined),
  ]);
  return { ...Object.fromEntries(ids), ...change };
}

/** Writes that leave nothing behind that could be looked at. */
const unseen = new Set([
  "revoke_application_tokens",
  "revoke_user",
  "start_policy_test",
  "sync_mcp_server",
  "create_identity_provider_saml_certificate",
  "delete_targets_deprecated",
]);
const order = ["create", "update", "rotate", "delete"];
const seen = access
  .filter(({ name, effect }) => order.includes(effect) && !unseen.has(name) && name !== "create_organization")
  .toSorted((one, other) => order.indexOf(one.effect) - order.indexOf(other.effect));

const usual: readonly Omit<Fault, "match" | "nth">[] = [
  { kind: "reset" },
  { kind: "reset_after" },
  { kind: "hang_after" },
  { kind: "html" },
  { kind: "truncate" },
  { kind: "success_false", applied: false },
];
const rare: readonly Omit<Fault, "match" | "nth">[] = [
  { kind: "hang" },
  { kind: "delay" },
  { kind: "trickle" },
  { kind: "status", status: 500 },
  { kind: "status", status: 500, applied: true },
  { kind: "status", status: 502 },
  { kind: "status", status: 502, applied: true },
  { kind: "redirect" },
  { kind: "redirect", applied: true },
  { kind: "html", applied: false },
  { kind: "html", status: 503, applied: false },
  { kind: "empty" },
  { kind: "null_result" },
  { kind: "truncate", applied: false },
  { kind: "success_false" },
];

/** The small form has the faults that differ most. */
const mishaps = process.env["LONG"] === "1" ? [...usual, ...rare] : usual;

describe("a write whose answer is lost", () => {
  it("can be looked up for 60 operations", () => expect(seen.length).toBe(60));

  it.each(mishaps.map((mishap) => [JSON.stringify(mishap), mishap] as const))(
    "%s: what is said is what is true",
    async (_, mishap) => {
      const world = worldWith({ faults: seen.map((entry) => ({ ...mishap, match: at(entry), nth: 1 })) });
      const told: string[] = [];
      for (const entry of seen) {
        const input = await inputFor(entry, world);
        const before = JSON.stringify(world.sandbox.snapshot());
        const verdict = await verdictOf(world.write(entry.name, input));
        const truth = JSON.stringify(world.sandbox.snapshot()) === before ? "not_done" : "done";
        // A list that is replaced as a whole shows nothing of what it was.
        const isBlind = entry.name === "update_mtls_hostname_settings" && truth === "not_done";
        if (verdict !== (isBlind ? "unknown" : truth)) told.push(`${entry.name}: ${verdict}, but ${truth}`);
      }
      expect(told).toEqual([]);
    },
  );
});
