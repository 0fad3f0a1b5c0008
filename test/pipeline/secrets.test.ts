import { describe, expect, it } from "vitest";
import type { Next } from "../../src/core/call.ts";
import { pipeline } from "../../src/pipeline/index.ts";
import type { FreshSecret } from "../../src/pipeline/redact.ts";
import { callOf } from "../support/calls.ts";
import { destinationOf, pipelineSettings } from "../support/safe.ts";

const canary = "canary-fresh-secret-2b7e";

function run(last: Next, keep: (secret: FreshSecret) => Promise<string | undefined> = async () => "kept") {
  const kept: FreshSecret[] = [];
  const call = pipeline(
    pipelineSettings(
      { confirm: "never" },
      {
        secretKeeper: {
          ready: async () => undefined,
          keep: async (secret) => {
            kept.push(secret);
            return keep(secret);
          },
        },
      },
    ),
    destinationOf(last),
  );
  return { call, kept };
}

const answering =
  (result: unknown): Next =>
  async () => ({ result, notes: [] });

const okta = (client_secret: string) => ({
  identity_provider_id: "idp",
  type: "okta",
  name: "Okta",
  config: { okta_account: "https://example.okta.com", client_id: "c", client_secret },
});

describe("a mask", () => {
  it.each(["[secret]", "[secret, sha256 0011aabb]", "**********************************", "[redacted]"])(
    "%s is not taken for a secret, and nothing is sent",
    async (mask) => {
      let sent = 0;
      const { call } = run(async () => {
        sent += 1;
        return { result: {}, notes: [] };
      });
      await expect(call(callOf("update_identity_provider", okta(mask)))).rejects.toMatchObject({
        facts: { kind: "input", outcome: "not_sent", issues: [expect.stringContaining("config.client_secret")] },
      });
      expect(sent).toBe(0);
    },
  );
});

describe("a secret in an answer", () => {
  it("that the caller sent is masked without a fingerprint and kept nowhere", async () => {
    const { call, kept } = run(answering({ id: "idp", config: { client_secret: "hunter2" } }));
    const { result } = await call(callOf("update_identity_provider", okta("hunter2")));
    expect(result).toMatchObject({ config: { client_secret: "[secret]" } });
    expect(kept).toEqual([]);
  });

  it("that Cloudflare hides already stays as it is and is kept nowhere", async () => {
    const { call, kept } = run(answering({ id: "idp", config: { client_secret: "******" } }));
    const { result } = await call(callOf("update_identity_provider", okta("hunter2")));
    expect(result).toMatchObject({ config: { client_secret: "******" } });
    expect(kept).toEqual([]);
  });

  it("that no model declares is masked by its name", async () => {
    const { call } = run(answering({ id: "t", client_secret: canary, nested: [{ private_key: canary, note: "n" }] }));
    const { result } = await call(callOf("get_service_token", { service_token_id: "t" }));
    expect(result).toEqual({ id: "t", client_secret: "[secret]", nested: [{ private_key: "[secret]", note: "n" }] });
  });

  it("that an update made is kept like any other", async () => {
    const { call, kept } = run(answering({ id: "t", client_secret: canary }));
    const { result } = await call(callOf("update_service_token", { service_token_id: "t", client_secret_version: 2 }));
    expect(JSON.stringify(result)).not.toContain(canary);
    expect(kept).toMatchObject([{ value: canary, id: "t" }]);
  });

  it("that cannot be kept after all is told to be lost, with what was done", async () => {
    const { call } = run(answering({ id: "t", client_secret: canary }), async () => {
      throw Object.assign(new Error("full"), { code: "ENOSPC" });
    });
    const { result, notes } = await call(callOf("create_service_token", { name: "t" }));
    expect(result).toMatchObject({ id: "t" });
    expect(JSON.stringify([result, notes])).not.toContain(canary);
    expect(notes.join()).toMatch(/could not be kept \(ENOSPC\) and is lost: rotate/);
  });

  it("stays in the answer by the operator's choice alone", async () => {
    const { call } = run(answering({ id: "t", client_secret: canary }), async () => undefined);
    const { result } = await call(callOf("create_service_token", { name: "t" }));
    expect(result).toMatchObject({ client_secret: canary });
  });
});
