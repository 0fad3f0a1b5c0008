import { describe, expect, it } from "vitest";
import { access } from "../../src/access/index.ts";
import { createClient } from "../../src/cloudflare/client.ts";
import { AccessError } from "../../src/core/errors.ts";
import { callOf } from "../support/calls.ts";
import { exampleOf } from "../support/examples.ts";

const missing = JSON.stringify({
  success: false,
  errors: [{ code: 12044, message: "access.api.error.not_found" }],
  result: null,
});
const client = createClient({ account_id: "acc", send: async () => ({ status: 404, headers: {}, body: missing }) });

const named = new Set(access.map(({ name }) => name));
const addressed = access.filter(({ route }) => /\{(?!account_id|account_or_zone)\w+\}/.test(route));

describe("what was not found can be found", () => {
  it.each(addressed.map(({ name }) => [name]))("%s names another tool that lists it", async (name) => {
    const entry = access.find((candidate) => candidate.name === name);
    const input = exampleOf(entry as (typeof access)[number], "minimal");
    const error = await client(callOf(name, input)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AccessError);
    const { kind, next } = (error as AccessError).facts;
    expect(kind).toBe("not_found");
    const tools = [...next.matchAll(/\b[a-z]+(?:_[a-z]+)+\b/g)].map(([tool]) => tool);
    expect(tools).not.toContain(name);
    for (const tool of tools) expect(named.has(tool), `${tool} is a tool`).toBe(true);
    const hasNoList =
      entry?.room.within === undefined && (entry?.room.verbs["list"] === undefined || entry.effect === "create");
    expect(tools.length > 0, next).toBe(!hasNoList);
  });
});
