import { describe, expect, it } from "vitest";
import { z } from "zod";
import { access } from "../../src/access/index.ts";
import { fieldPaths, type JsonSchema } from "../support/paths.ts";

/** Names that look like secrets and are none, each with the reason. */
const harmless: Readonly<Record<string, string>> = {
  client_secret_version: "a counter",
  has_client_secret: "a flag",
  client_secret_expires_at: "a time",
  previous_client_secret_expires_at: "a time",
  token_id: "names a service token",
  service_token_id: "names a service token",
  service_token_status: "a flag",
  token_endpoint: "an address",
  token_url: "an address",
  public_key: "public by name",
  certificate: "public material",
  allow_credentials: "a flag of CORS",
  check_private_key: "a flag",
  allow_pkce_without_client_secret: "a flag",
};

const suspicious = /secret|password|passphrase|private_key|credential|(?:^|_)token$/i;

const schemaOf = (model: z.ZodType, io: "input" | "output") =>
  z.toJSONSchema(model, { io, unrepresentable: "any" }) as JsonSchema;

describe("every field that looks like a secret is declared one", () => {
  it.each(access.map((entry) => [entry.name, entry] as const))("%s", (_, entry) => {
    const declared = new Set(entry.secrets ?? []);
    const paths = [
      ...Object.keys(fieldPaths(schemaOf(entry.input, "input"))),
      ...Object.keys(fieldPaths(schemaOf(entry.output, "output"))),
    ].map((path) => path.replaceAll("[]", ""));
    for (const path of paths) {
      const name = path.split(".").at(-1) ?? "";
      // A selector of a rule names a token, it does not hold one.
      if (!suspicious.test(name) || name in harmless || /(?:include|exclude|require|is_default)\./.test(path)) continue;
      expect(declared.has(path), `${path} should be in secrets, or be explained here`).toBe(true);
    }
    for (const secret of declared) {
      const holder = secret.split(".").slice(0, -1).join(".");
      expect(paths.includes(secret) || paths.includes(holder), `${secret} is declared a secret but is no field`).toBe(
        true,
      );
    }
  });
});
