import Cloudflare from "cloudflare";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { createSandbox, SANDBOX_TOKEN } from "../../src/sandbox/index.ts";
import { listen } from "../../src/sandbox/listen.ts";
import { entryOf, pathFields } from "../support/calls.ts";
import { exampleOf } from "../support/examples.ts";
import { contract, type OperationFact } from "../support/facts.ts";
import { callOfficial } from "../support/official-sdk.ts";
import { certificate, type Row, seeded } from "./support.ts";

const sandbox = createSandbox({ rateLimit: { limit: 100_000, window: 300 } });
let served: Awaited<ReturnType<typeof listen>>;
let sdk: Cloudflare;

beforeAll(async () => {
  served = await listen(sandbox, { port: 0 });
  sdk = new Cloudflare({ baseURL: served.url, apiToken: SANDBOX_TOKEN, maxRetries: 0 });
});
afterAll(() => served.close());

/** All but one: an account has its organization already, so that making another is refused. */
const operations = contract.filter(({ tool }) => tool !== "create_organization");

/** What is read, changed and rotated was there before; what is deleted was made by an earlier call. */
const turns = ["create", "action", "read", "update", "rotate", "revoke", "delete"];
const depth = ({ path, effect }: OperationFact) => (effect === "delete" ? -path.length : 0);
const inOrder = operations.toSorted((a, b) => turns.indexOf(a.effect) - turns.indexOf(b.effect) || depth(a) - depth(b));

/** Ids of what the SDK made, by the path of the collection. */
const made = new Map<string, string>();

const idOf = (path: string, test?: (row: Row) => boolean, key = "id") => String(seeded(sandbox, path, test)[key]);

/** Somebody who is logged in right now, and has failed to before. */
const state = sandbox.snapshot();
const people = `accounts/${sandbox.accountId}/access/users`;
const [person = "", nonce = ""] =
  Object.keys(state[people] ?? {})
    .filter((id) => `${people}/${id}/failed_logins` in state)
    .flatMap((id) => Object.keys(state[`${people}/${id}/active_sessions`] ?? {}).map((session) => [id, session]))[0] ??
  [];

/** What stands in a place of a path when nothing was made there. */
const present: Record<string, string> = {
  "access/users": person,
  "access/users/{user_id}/active_sessions": nonce,
  "access/tags": "finance",
  "access/identity_providers": idOf("access/identity_providers", ({ type }) => type === "okta"),
  "access/custom_pages": idOf("access/custom_pages", undefined, "uid"),
  "access/saml_certificates": idOf("access/saml_certificates", undefined, "uid"),
  "access/ai-controls/mcp/servers": "weather",
  "access/ai-controls/mcp/portals": "engineering",
};

/** Collections whose members are read and changed where the SDK made them, since parents and children belong together. */
const families = ["access/apps", "access/apps/{app_id}/policies", "access/policy-tests"];

const particulars: Record<string, () => Row> = {
  create_mtls_certificate: () => ({ certificate }),
  create_idp_federation_grant: () => ({ idp_id: idOf("access/identity_providers", ({ type }) => type === "saml") }),
  create_target: () => ({ ip: { ipv4: { ip_addr: "10.9.9.1" } } }),
  update_target: () => ({ ip: { ipv4: { ip_addr: "10.9.9.2" } } }),
  create_targets: () => ({ targets: [{ hostname: "bulk", ip: { ipv4: { ip_addr: "10.9.9.3" } } }] }),
  delete_targets: () => ({ target_ids: [idOf("infrastructure/targets", ({ hostname }) => hostname === "bulk")] }),
  update_user: () => ({ email: seeded(sandbox, "access/users", ({ id }) => id === person)["email"] }),
  start_policy_test: () => ({ policies: [idOf("access/policies")] }),
  list_scim_updates: () => ({ idp_id: [idOf("access/identity_providers", ({ type }) => type === "okta")] }),
  update_tag: () => ({ name: "finance" }),
  update_organization_doh: () => ({ service_token_id: idOf("access/service_tokens") }),
  revoke_user: () => ({ email: seeded(sandbox, "access/users", ({ id }) => id === person)["email"] }),
  update_mtls_hostname_settings: () => ({
    settings: [{ hostname: "sdk.quillon.example.com", client_certificate_forwarding: true, china_network: false }],
  }),
};

function pathIds(fact: OperationFact): Row {
  const parts = fact.path.split("/");
  const start = parts.findIndex((part) => /^(?:access|infrastructure|devices|gateway)$/.test(part));
  const ids: Row = {};
  for (const [index, part] of parts.entries()) {
    if (index < start || !part.startsWith("{")) continue;
    const collection = parts.slice(start, index).join("/");
    const isLast = index === parts.length - 1;
    const own = isLast && fact.effect === "delete";
    ids[part.slice(1, -1)] =
      isLast && fact.effect === "create"
        ? "made-by-the-sdk"
        : ((own || families.includes(collection) ? made.get(collection) : undefined) ??
          fitting[fact.tool] ??
          present[collection] ??
          idOf(collection));
  }
  return ids;
}

/** Collections whose own verbs need a member of another kind. */
const fitting: Record<string, string> = {
  create_identity_provider_saml_certificate: idOf("access/identity_providers", ({ type }) => type === "saml"),
};

const collectionOf = (path: string) => path.replace(/^.*?\/(?=access|infrastructure)/, "").replace(/\/\{\w+\}$/, "");

describe("the official SDK works against the sandbox", () => {
  it("has its 104 operations of Access among them", () => {
    expect(operations.filter(({ sdk: path }) => path.startsWith("zeroTrust.access."))).toHaveLength(104);
  });

  it.each(inOrder.map((fact) => [fact.sdk, fact] as const))("%s", async (_, fact) => {
    const entry = entryOf(fact.tool);
    const ids = pathIds(fact);
    const input = { ...exampleOf(entry, "minimal"), ...particulars[fact.tool]?.(), ...ids };
    const answer = await callOfficial(sdk, fact, entry, input, { account_id: sandbox.accountId }, undefined);

    if (fact.envelope === "raw_binary") {
      expect(await (answer as Response).text()).toMatch(/^-----BEGIN CERTIFICATE-----/);
    } else if (fact.paging || fact.envelope === "result_array") {
      const rows: unknown[] = [];
      for await (const row of answer as AsyncIterable<unknown>) rows.push(row);
      z.array(entry.output).min(1).parse(rows);
    } else if (fact.envelope !== "empty") {
      const isList = entry.answers === "list" || entry.answers === "pages";
      (isList ? z.array(entry.output).min(1) : entry.output).parse(answer);
    }
    const id = (answer as Row | undefined)?.[entry.room.key ?? "id"];
    if (["create", "action"].includes(fact.effect) && typeof id === "string") made.set(collectionOf(fact.path), id);
    expect(pathFields(entry).every((name) => name in input)).toBe(true);
  });
});
