import { selfSigned } from "../certificates.ts";
import { invalid, Refusal } from "../envelope.ts";
import { type Row, rowOf, rowsOf, textOf } from "../store.ts";
import { type Filter, inAccount, type Question, type Quirks, type Resource, type World } from "../world.ts";
import { concealIn } from "./concealed.ts";
import { attachPolicies, expandPolicies } from "./policies.ts";

const collection = "access/apps";

/** Kinds of which an account has at most one, with what Cloudflare names them. */
const single: Readonly<Record<string, { name: string; path: string }>> = {
  app_launcher: { name: "App Launcher", path: "" },
  warp: { name: "Warp Login App", path: "/warp" },
  biso: { name: "Clientless Web Isolation App", path: "/browser" },
};

const gate = { allowed_idps: [], auto_redirect_to_identity: false, session_duration: "24h" };
const proxied = { ...gate, tags: [], http_only_cookie_attribute: true, options_preflight_bypass: false };
const browser = { ...proxied, app_launcher_visible: true, enable_binding_cookie: false };

/** What Cloudflare fills in for each kind when it is not sent. */
const defaults: Readonly<Record<string, Row>> = {
  self_hosted: browser,
  ssh: browser,
  vnc: browser,
  rdp: browser,
  mcp: proxied,
  mcp_portal: proxied,
  saas: { ...gate, tags: [], app_launcher_visible: true },
  bookmark: { tags: [], app_launcher_visible: true },
  app_launcher: gate,
  warp: gate,
  biso: gate,
  proxy_endpoint: gate,
  infrastructure: {},
};

/** Kinds that stand at an address of their own. */
const addressed = new Set(["self_hosted", "ssh", "vnc", "rdp", "mcp", "mcp_portal"]);

const organization = (world: World) => world.store.find(inAccount(world, "access"), "organizations");
const authDomain = (world: World) => textOf(organization(world)?.["auth_domain"]);

const bare = (address: unknown) =>
  textOf(address)
    .toLowerCase()
    .replace(/\/\*?$/, "");

/** `domain`, `self_hosted_domains` and `destinations` say the same: the newest form that was sent decides the others. */
function tieAddresses(draft: Row, sent: Row): Row {
  if (!addressed.has(textOf(draft["type"]))) return {};
  const uris = (list: unknown) => rowsOf(list).flatMap(({ uri }) => (typeof uri === "string" ? [uri] : []));
  const publicly = (list: readonly unknown[]) => list.map((uri) => ({ type: "public", uri }));
  const domains = (sent["self_hosted_domains"] as string[] | undefined) ?? [];
  const given = sent["destinations"] ?? publicly(domains.length > 0 ? domains : sent["domain"] ? [sent["domain"]] : []);
  const destinations = rowsOf(given).map((destination) => ({ type: "public", ...destination }));
  const hostnames = uris(destinations);
  const domain = sent["domain"] ?? hostnames[0];
  return {
    destinations,
    ...(hostnames.length > 0 && { self_hosted_domains: hostnames }),
    ...(domain !== undefined && { domain }),
  };
}

/** What Cloudflare makes for a SaaS application: the keys and addresses that the other side has to know. */
function saasParts(draft: Row, before: Row | undefined, world: World): Row {
  const { random, now } = world;
  const { client_secret: _, ...sent } = rowOf(draft["saas_app"]);
  const old = rowOf(before?.["saas_app"]);
  const certificate = () =>
    selfSigned({
      commonName: textOf(draft["name"]) || "Cloudflare Access",
      secret: random.bytes(32),
      serial: random.bytes(16),
      notBefore: now(),
      notAfter: new Date(now().getTime() + 10 * 365 * 86_400_000),
    });
  const public_key = textOf(old["public_key"]) || certificate();
  if (sent["auth_type"] === "oidc") return { ...sent, public_key, client_id: old["client_id"] ?? random.hex(64) };
  const site = `https://${authDomain(world)}`;
  const sso_endpoint = `${site}/cdn-cgi/access/sso/saml/${textOf(draft["aud"])}`;
  return { name_id_format: "email", ...sent, auth_type: "saml", idp_entity_id: site, sso_endpoint, public_key };
}

/** Refuses a second application of the same address, and a second of a kind there is only one of (code 11010). */
function refuseTwins(draft: Row, { world, scope }: Question): void {
  const { id, type } = draft;
  const twin = world.store.rows(`${scope}/${collection}`).some((other) => {
    if (other["id"] === id) return false;
    if (textOf(type) in single) return other["type"] === type;
    const comparable = [draft, other].every((row) => addressed.has(textOf(row["type"])) && bare(row["domain"]) !== "");
    return comparable && bare(other["domain"]) === bare(draft["domain"]);
  });
  if (twin) throw new Refusal(409, 11010, "access.api.error.application_already_exists");
}

function refuseWarpWithoutSession(draft: Row, { world }: Question): void {
  const duration = organization(world)?.["warp_auth_session_duration"];
  if (draft["allow_authenticate_via_warp"] === true && duration === undefined) {
    throw invalid(
      "allow_authenticate_via_warp cannot be set if the Warp Auth Session Duration is not set for the account",
    );
  }
}

/** An application as Cloudflare stores it: with what was not sent filled in, and what only Cloudflare can make. */
export function completeApplication(given: Row, sent: Row, before: Row | undefined, world: World): Row {
  const draft: Row = { ...given, aud: given["aud"] ?? world.random.hex(64) };
  const type = textOf(draft["type"]);
  const one = single[type];
  const named = one && { name: one.name, domain: `${authDomain(world)}${one.path}` };
  const scim = rowOf(draft["scim_config"]);
  const authentication = scim["authentication"];
  const hidden = { authentication: concealIn(authentication, ["password", "token", "client_secret"]) };
  return {
    ...defaults[type],
    ...named,
    ...draft,
    ...tieAddresses(draft, sent),
    ...(Array.isArray(draft["tags"]) && { tags: draft["tags"].toSorted() }),
    ...(type === "saas" && { saas_app: saasParts(draft, before, world) }),
    ...(draft["scim_config"] !== undefined && {
      scim_config: { ...scim, ...(authentication !== undefined && hidden) },
    }),
  };
}

const write: Resource["write"] = (draft, question, before) => {
  const application = completeApplication(draft, question.body, before, question.world);
  refuseTwins(application, question);
  refuseWarpWithoutSession(application, question);
  // Last, because it changes the store: nothing may be refused after it.
  const policies = attachPolicies(textOf(application["id"]), question.body["policies"], before, question);
  return { ...application, policies };
};

const criteria = (application: Row) =>
  rowsOf(application["target_criteria"]).flatMap((criterion) => {
    const include = rowOf(criterion["include"]);
    return [rowOf(criterion["target_attributes"]), rowOf(include["target_attributes"]), rowOf(include["tags"])];
  });

const destinationsOf = (application: Row) => rowsOf(application["destinations"]);

const filters: Record<string, Filter> = {
  destination_type: (row, type: string) => destinationsOf(row).some((destination) => destination["type"] === type),
  worker_id: (row, id: string) => destinationsOf(row).some((destination) => destination["worker_id"] === id),
  target_attributes: (row, pair: string) => {
    const [key = "", value = ""] = pair.split("=");
    return criteria(row).some((attributes) => (attributes[key] as string[] | undefined)?.includes(value) ?? false);
  },
};

const application = ({ world, scope, ids }: Question): Row =>
  world.store.find(`${scope}/${collection}`, ids["app_id"] ?? "") ?? {};

const settingsOf = (row: Row) => ({
  allow_iframe: row["allow_iframe"] ?? false,
  skip_interstitial: row["skip_interstitial"] ?? false,
});

/** Ends what users have open in an application. */
function endSessions({ world }: Question, applicationId: string): void {
  const users = inAccount(world, "access/users");
  for (const { id } of world.store.rows(users)) {
    for (const session of world.store.rows(`${users}/${textOf(id)}/active_sessions`)) {
      const metadata = rowOf(session["metadata"]);
      const apps = Object.entries(rowOf(metadata["apps"])).filter(([, app]) => rowOf(app)["uid"] !== applicationId);
      metadata["apps"] = Object.fromEntries(apps);
    }
  }
}

export const applicationQuirks: Quirks = {
  resources: {
    [collection]: {
      write,
      show: (row, { world, scope }) => ({ ...row, policies: expandPolicies(row, scope, world) }),
      reveal: (row, { world }, before) => {
        if (before !== undefined) return {};
        const saas = rowOf(row["saas_app"]);
        return saas["auth_type"] === "oidc" ? { saas_app: { ...saas, client_secret: world.random.hex(64) } } : {};
      },
      filters,
    },
  },
  operations: {
    revoke_application_tokens: (question) => {
      endSessions(question, question.ids["app_id"] ?? "");
      return { result: {} };
    },
    replace_application_settings: (question) => {
      const row = application(question);
      Object.assign(row, settingsOf(question.body));
      return { result: settingsOf(row) };
    },
    update_application_settings: (question) => {
      const row = application(question);
      Object.assign(row, question.body);
      return { result: settingsOf(row) };
    },
  },
};
