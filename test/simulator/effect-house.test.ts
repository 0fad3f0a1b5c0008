import { describe, expect, it } from "vitest";
import type { z } from "zod";
import { access } from "../../src/access/index.ts";
import { anatomy, shapesOf } from "../../src/core/model.ts";
import { applicationSettings } from "../../src/simulator/effect/applications.ts";
import type { Settings } from "../../src/simulator/effect/compare.ts";
import { organizationSettings, providerSettings } from "../../src/simulator/effect/identity.ts";
import { judges } from "../../src/simulator/effect/judges.ts";
import { certificateSettings, targetSettings, tokenSettings } from "../../src/simulator/effect/machines.ts";
import { portalSettings, serverSettings } from "../../src/simulator/effect/mcp.ts";
import { groupSettings, policySettings } from "../../src/simulator/effect/policies.ts";
import { entryOf } from "./labelled-edits.ts";

const writes = access.filter(({ effect }) => effect !== "read");

describe("every write is judged", () => {
  it.each(writes.map((entry) => [entry.name, entry] as const))("%s", (_, { room, verb }) => {
    expect(
      judges.get(room)?.[verb],
      "say in simulator/effect/judges.ts what it does to access, or that it is neutral",
    ).toBeTypeOf("function");
  });

  it("judges nothing that is not there", () => {
    const known = new Set(writes.map(({ room, verb }) => `${room.noun} ${verb}`));
    const told = [...judges].flatMap(([room, verbs]) => Object.keys(verbs).map((verb) => `${room.noun} ${verb}`));
    expect(told.filter((name) => !known.has(name))).toEqual([]);
  });
});

/** Dotted paths of the fields of a model that a table does not know. */
function unjudged(settings: Settings, model: z.ZodType, path = ""): readonly string[] {
  return shapesOf(model).flatMap((shape) =>
    Object.entries(shape).flatMap(([field, inner]) => {
      const judge = Object.hasOwn(settings, field) ? settings[field] : undefined;
      if (judge === undefined) return [`${path}${field}`];
      return typeof judge === "object" && anatomy(inner).kind !== "array"
        ? unjudged(judge, inner, `${path}${field}.`)
        : [];
    }),
  );
}

const tables: readonly (readonly [update: string, get: string, settings: Settings])[] = [
  ["update_application", "get_application", applicationSettings],
  ["update_policy", "get_policy", policySettings],
  ["update_application_policy", "get_application_policy", policySettings],
  ["update_group", "get_group", groupSettings],
  ["update_service_token", "get_service_token", tokenSettings],
  ["update_mtls_certificate", "get_mtls_certificate", certificateSettings],
  ["update_target", "get_target", targetSettings],
  ["update_identity_provider", "get_identity_provider", providerSettings],
  ["update_organization", "get_organization", organizationSettings],
  ["update_mcp_portal", "get_mcp_portal", portalSettings],
  ["update_mcp_server", "get_mcp_server", serverSettings],
];

describe("every field of what is compared is judged", () => {
  it.each(tables)("%s", (update, get, settings) => {
    const { input, route } = entryOf(update);
    const found = [...unjudged(settings, input), ...unjudged(settings, entryOf(get).output)];
    expect([...new Set(found)].filter((path) => !route.includes(`{${path}}`))).toEqual([]);
  });
});
