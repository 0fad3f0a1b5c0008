import { type Entry, pathFields, shownBy } from "../../src/core/room.ts";
import type { Sandbox } from "../../src/sandbox/index.ts";
import { ask, type Row } from "../sandbox/support.ts";
import { examplesOf } from "./examples.ts";

/** An object of a sandbox that an update can change. */
export interface Subject {
  readonly entry: Entry;
  /** The path ids that lead to it. */
  readonly ids: Row;
  /** Below the account: `/access/groups/ID`. */
  readonly path: string;
  /** How Cloudflare shows it now. */
  shown(): Promise<Row>;
  /** How it is stored now. */
  stored(): Row;
}

/** Every object that an update can change, found by its route in what the sandbox holds. */
export function subjectsOf(sandbox: Sandbox, entry: Entry): readonly Subject[] {
  if (shownBy(entry) === undefined) throw new Error(`${entry.name} changes no object as a whole`);
  const account = `accounts/${sandbox.accountId}`;
  const segments = entry.route.replace(/^PUT \/(?:accounts\/)?\{\w+\}\//, "").split("/");
  const snapshot = sandbox.snapshot();
  let found: { ids: Row; path: string }[] = [{ ids: {}, path: "" }];
  for (const segment of segments) {
    found = found.flatMap(({ ids, path }) => {
      if (!segment.startsWith("{")) return [{ ids, path: `${path}/${segment}` }];
      const rows = Object.keys(snapshot[`${account}${path}`] ?? {});
      return rows.map((id) => ({ ids: { ...ids, [segment.slice(1, -1)]: id }, path: `${path}/${id}` }));
    });
  }
  if (pathFields(entry).length === 0 && found.length !== 1) throw new Error(`${entry.name}: one object expected`);
  return found.map(({ ids, path }) => ({
    entry,
    ids,
    path,
    shown: async () => (await ask(sandbox, `GET ${encodeURI(path)}`)).result,
    stored: () => {
      const [, collection = "", id = ""] = /^(.*)\/([^/]*)$/.exec(`${account}${path}`) ?? [];
      return sandbox.snapshot()[collection]?.[id] ?? {};
    },
  }));
}

/** The first object of each kind: by `type`, by the protocol of a SaaS application, by how it logs in. */
export async function onePerKind(subjects: readonly Subject[]): Promise<readonly Subject[]> {
  const found = new Map<string, Subject>();
  for (const subject of subjects) {
    const shown = await subject.shown();
    const { auth_type } = (shown["saas_app"] ?? {}) as Row;
    const kind = String([shown["type"], auth_type, shown["scim_config"] !== undefined]);
    if (!found.has(kind)) found.set(kind, subject);
  }
  return [...found.values()];
}

/** Values for fields of which an example says what does not fit the account. */
const particular: Readonly<Record<string, unknown>> = {
  include: [{ email_domain: { domain: "new.example.com" } }],
  require: [{ geo: { country_code: "PT" } }],
  exclude: [{ ip: { ip: "192.0.2.0/24" } }],
  saas_app: { custom_attributes: [{ name: "rank" }] },
  config: undefined,
  self_hosted_domains: undefined,
  servers: [],
  policies: [],
  updated_tools: [{ name: "export_reports", alias: "export" }],
  updated_prompts: [],
  precedence: 77,
  scim_config: undefined,
  service_token_id: undefined,
  client_secret_version: undefined,
  doh_jwt_duration: "12h",
  email: undefined,
  client_secret: undefined,
  saml_certificate_set_id: undefined,
  auth_credentials: undefined,
};

/** A new value for each field that an update takes for an object of this kind. */
export function changesFor({ entry, ids }: Subject, shown: Row): Row {
  const { auth_type } = (shown["saas_app"] ?? {}) as Row;
  const examples = examplesOf(entry, "full").filter(({ type }) => type === undefined || type === shown["type"]);
  const fields = new Set(examples.flatMap(Object.keys).filter((name) => name !== "type" && !(name in ids)));
  const host = `${String(Object.values(ids)[0]).slice(0, 8)}.example.com`;
  const own: Row = {
    ...particular,
    domain: host,
    destinations: [{ type: "public", uri: `new-${host}` }, { type: "all_workers" }],
    ...(auth_type === "oidc" && { saas_app: { app_launcher_url: `https://${host}` } }),
  };
  return Object.fromEntries(
    [...fields].flatMap((name) => {
      const values = name in own ? [own[name]] : examples.map((example) => example[name]);
      const value = values.find((one) => one !== undefined && one !== null);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
