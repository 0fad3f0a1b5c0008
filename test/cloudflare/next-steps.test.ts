import { describe, expect, it } from "vitest";
import { access } from "../../src/access/index.ts";
import { createClient } from "../../src/cloudflare/client.ts";
import { callOf, failureOf, pathFields } from "../support/calls.ts";
import { exampleOf } from "../support/examples.ts";
import { bad, scripted } from "./harness.ts";

const client = createClient({ account_id: "acc", send: scripted(bad(404, 12044, "access.api.error.not_found")).send });

const named = new Set(access.map(({ name }) => name));
const addressed = access.filter((entry) => pathFields(entry).length > 0);

describe("what was not found can be found", () => {
  it.each(addressed.map((entry) => [entry.name, entry] as const))(
    "%s names another tool that lists it",
    async (name, entry) => {
      const { kind, next } = (await failureOf(client(callOf(name, exampleOf(entry, "minimal"))))).facts;
      expect(kind).toBe("not_found");
      const tools = [...next.matchAll(/\b[a-z]+(?:_[a-z]+)+\b/g)].map(([tool]) => tool);
      expect(tools).not.toContain(name);
      for (const tool of tools) expect(named.has(tool), `${tool} is a tool`).toBe(true);
      const hasNoList =
        entry.room.within === undefined && (entry.room.verbs["list"] === undefined || entry.effect === "create");
      expect(tools.length > 0, next).toBe(!hasNoList);
    },
  );
});
