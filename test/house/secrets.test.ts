import { describe, expect, it } from "vitest";
import { z } from "zod";
import { access } from "../../src/access/index.ts";
import type { Entry } from "../../src/core/room.ts";
import { redact } from "../../src/pipeline/redact.ts";
import { callOf } from "../support/calls.ts";
import { fieldPaths, type JsonSchema } from "../support/paths.ts";

/** Names that look like secrets and are none, each with the reason. */
const harmless: Readonly<Record<string, string>> = {
  // Identity rules and settings that name a token or say what is done with one.
  any_valid_service_token: "a selector without a value",
  linked_app_token: "a selector that names an application",
  service_token: "a selector that names a service token",
  token_id: "names a service token",
  service_token_id: "names a service token",
  service_token_status: "a flag",
  service_token_inactivity: "a setting",
  strict_service_token_auth: "a flag",
  read_service_tokens_from_header: "the name of a header",
  access_token_lifetime: "a duration",
  refresh_token_options: "a duration",
  return_access_token_from_authorization_endpoint: "a flag",
  return_id_token_from_authorization_endpoint: "a flag",
  doh_jwt_duration: "a duration",
  allow_pkce_without_client_secret: "a flag",
  allow_credentials: "a flag of CORS",
  check_private_key: "a flag",
  // Facts about a secret.
  client_secret_version: "a counter",
  has_client_secret: "a flag",
  previous_client_secret_expires_at: "a time",
  // Addresses, methods and public material.
  token_endpoint: "an address",
  token_endpoint_auth_method: "a choice",
  token_url: "an address",
  public_key: "public by name",
  nonce: "the id of a session, which the API takes in paths",
};

const suspicious =
  /secret|token|pass_?(?:word|phrase|code)|private_?key|credential|api_?key|bearer|jwt|nonce|hmac|(?:^|_)(?:key|pin|otp|seed)$/i;

const pathsOf = (model: z.ZodType, io: "input" | "output") =>
  Object.keys(fieldPaths(z.toJSONSchema(model, { io, unrepresentable: "any" }) as JsonSchema));

/** Every field of both models, at every depth, through arrays and records. */
const fieldsOf = (entry: Entry) => [...pathsOf(entry.input, "input"), ...pathsOf(entry.output, "output")];
const nameOf = (path: string) =>
  path
    .replace(/[[\]{}]+$/, "")
    .split(".")
    .at(-1) ?? "";
/** A path as `secrets` has it; members of a record have a name nobody knows, so none of them can be declared. */
const declarable = (path: string) => path.replaceAll("[]", "");

const every = access.map((entry) => [entry.name, entry] as const);

describe("every field that looks like a secret is declared one", () => {
  it.each(every)("%s", (_, entry) => {
    const declared = new Set(entry.secrets ?? []);
    const paths = fieldsOf(entry);
    for (const path of paths.filter((one) => suspicious.test(nameOf(one)) && !(nameOf(one) in harmless))) {
      expect(declared.has(declarable(path)), `${path} should be in secrets, or be explained here`).toBe(true);
    }
    for (const secret of declared) {
      const holder = secret.split(".").slice(0, -1).join(".");
      const known = paths.map(declarable);
      expect(known.includes(secret) || known.includes(holder), `${secret} is declared a secret but is no field`).toBe(
        true,
      );
    }
  });

  it("and no explanation outlives its field", () => {
    const names = new Set(access.flatMap(fieldsOf).map(nameOf));
    expect(Object.keys(harmless).filter((name) => !names.has(name) || !suspicious.test(name))).toEqual([]);
  });
});

const canary = "canary-7c1f";

/** The canary at a dotted path; every object on the way, and the whole, inside of an array when `deep`. */
const planted = (path: string, deep: boolean): unknown =>
  path.split(".").reduceRight<unknown>((inner, name) => (deep ? [{ [name]: inner }] : { [name]: inner }), canary);

const holders = every.filter(([, { secrets }]) => (secrets?.length ?? 0) > 0);

describe("a declared secret never reaches an answer", () => {
  it.each(holders)("of %s", async (name, { secrets = [] }) => {
    const stage = redact({ ready: async () => undefined, keep: async () => "kept elsewhere" });
    for (const path of secrets) {
      for (const deep of [false, true]) {
        const outcome = await stage(callOf(name), async () => ({ result: planted(path, deep), notes: [] }));
        expect(JSON.stringify(outcome), path).not.toContain(canary);
        expect(JSON.stringify(outcome.result), path).toContain("[secret");
      }
    }
  });
});
