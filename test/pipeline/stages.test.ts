import { describe, expect, it } from "vitest";
import { access } from "../../src/access/index.ts";
import { redactor } from "../../src/cloudflare/redaction.ts";
import type { Next } from "../../src/core/call.ts";
import { AccessError } from "../../src/core/errors.ts";
import type { Entry } from "../../src/core/room.ts";
import { pipeline } from "../../src/pipeline/index.ts";
import type { FreshSecret, SecretKeeper } from "../../src/pipeline/redact.ts";
import { callOf, failureOf } from "../support/calls.ts";
import { exampleOf } from "../support/examples.ts";
import { destinationOf, pipelineSettings } from "../support/safe.ts";

const canary = "canary-4f9a-secret-value-71";

function run(last: Next, { readOnly = false, keeper }: { readOnly?: boolean; keeper?: SecretKeeper } = {}) {
  const kept: FreshSecret[] = [];
  const memory: SecretKeeper = {
    ready: async () => undefined,
    keep: async (secret) => {
      kept.push(secret);
      return "kept in memory";
    },
  };
  const settings = pipelineSettings(
    { confirm: "never", "max-destroys": "1000", "max-writes": "1000" },
    { readOnly, redactText: redactor([canary]), secretKeeper: keeper ?? memory },
  );
  return { kept, run: pipeline(settings, destinationOf(last)) };
}

describe("read-only", () => {
  const readOnly = () => {
    const sent: string[] = [];
    const { run: call } = run(
      async ({ entry }) => {
        sent.push(entry.name);
        return { result: {}, notes: [] };
      },
      { readOnly: true },
    );
    return { sent, attempt: (entry: Entry) => call(callOf(entry.name, exampleOf(entry, "minimal"))) };
  };

  it("lets every read through", async () => {
    const reads = access.filter(({ effect }) => effect === "read");
    const { sent, attempt } = readOnly();
    for (const entry of reads) await attempt(entry);
    expect(sent).toEqual(reads.map(({ name }) => name));
  });

  it("refuses every operation that is not a read, and sends nothing", async () => {
    const { sent, attempt } = readOnly();
    for (const entry of access.filter(({ effect }) => effect !== "read")) {
      expect((await failureOf(attempt(entry))).facts).toMatchObject({ kind: "refused", outcome: "not_sent" });
    }
    expect(sent).toEqual([]);
  });
});

describe("secrets", () => {
  it("that were just made go to the keeper and are masked in the answer", async () => {
    const { run: call, kept } = run(async () => ({
      result: { id: "t1", client_id: "c", client_secret: canary },
      notes: [],
    }));
    const outcome = await call(callOf("create_service_token", { name: "t" }));
    expect(JSON.stringify(outcome)).not.toContain(canary);
    expect(outcome.result).toMatchObject({
      id: "t1",
      client_id: "c",
      client_secret: expect.stringMatching(/^\[secret, sha256 [0-9a-f]{8}\]$/),
    });
    expect(outcome.notes).toEqual(["client_secret: kept in memory"]);
    expect(kept).toEqual([{ value: canary, field: "client_secret", noun: "service token", id: "t1" }]);
  });

  it("that cannot be kept stop the request before it is sent", async () => {
    let sent = 0;
    const keeper: SecretKeeper = {
      ready: async () => {
        throw new AccessError("no place", { kind: "refused", next: "make one", outcome: "not_sent" });
      },
      keep: async () => undefined,
    };
    const { run: call } = run(
      async () => {
        sent += 1;
        return { result: {}, notes: [] };
      },
      { keeper },
    );
    expect((await failureOf(call(callOf("rotate_service_token", { service_token_id: "t1" })))).facts.outcome).toBe(
      "not_sent",
    );
    expect(sent).toBe(0);
  });

  it("in lists and deep in objects are masked and never kept", async () => {
    const application = { id: "a", type: "saas", saas_app: { client_id: "c", client_secret: canary } };
    const { run: call, kept } = run(async () => ({
      result: [application],
      list: { offset: 0, total: 1, steady: true, ended: true },
      notes: [],
    }));
    const outcome = await call(callOf("list_applications", {}, { view: { fields: ["*"] } }));
    expect(JSON.stringify(outcome)).not.toContain(canary);
    expect(JSON.stringify(outcome)).toContain("[secret]");
    expect(kept).toEqual([]);
  });
});

describe("failures", () => {
  it("of our own never carry a credential", async () => {
    const { run: call } = run(async () => {
      throw new AccessError(`upstream said ${canary}`, {
        kind: "rejected",
        next: `look at ${canary}`,
        outcome: "not_done",
        issues: [canary],
        errors: [{ code: 1000, message: Buffer.from(canary).toString("base64") }],
      });
    });
    const error = await failureOf(call(callOf("list_groups")));
    expect(JSON.stringify([error.message, error.facts])).not.toContain(canary);
    expect(JSON.stringify(error.facts)).not.toContain(Buffer.from(canary).toString("base64"));
  });

  it("that nobody expected say what is certain", async () => {
    const { run: call } = run(async () => {
      throw new TypeError(`boom ${canary}`);
    });
    const read = await failureOf(call(callOf("list_groups")));
    expect(read.facts).toMatchObject({ kind: "unexpected", outcome: "not_done" });
    expect(read.message).not.toContain(canary);
    const write = await failureOf(call(callOf("delete_group", { group_id: "g" })));
    expect(write.facts).toMatchObject({ kind: "unexpected", outcome: "unknown" });
  });

  it("by cancelling a write say that it may have happened", async () => {
    const controller = new AbortController();
    const { run: call } = run(async () => {
      controller.abort();
      throw controller.signal.reason;
    });
    const error = await failureOf(call(callOf("delete_group", { group_id: "g" }, { signal: controller.signal })));
    expect(error.facts).toMatchObject({ kind: "cancelled", outcome: "unknown" });
  });
});
