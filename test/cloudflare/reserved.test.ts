import { describe, expect, it } from "vitest";
import { access } from "../../src/access/index.ts";
import { prepare } from "../../src/cloudflare/path.ts";
import { exampleOf } from "../support/examples.ts";

const words = access.flatMap((entry) =>
  Object.entries(entry.reserved).flatMap(([name, reserved]) =>
    reserved.map((word) => [entry.name, name, word] as const),
  ),
);

describe("an id that is part of another operation's address", () => {
  it("is known from the routes", () => {
    expect(words).toContainEqual(["delete_target", "target_id", "batch"]);
    expect(words).toContainEqual(["get_application", "app_id", "ca"]);
    expect(words).toContainEqual(["update_mtls_certificate", "certificate_id", "settings"]);
    expect(words).toContainEqual(["get_posture_rule", "rule_id", "integration"]);
  });

  it.each(words)("%s refuses %s %s", (tool, name, word) => {
    const entry = access.find((candidate) => candidate.name === tool) as (typeof access)[number];
    expect(() => prepare(entry, { ...exampleOf(entry, "minimal"), [name]: word })).toThrow(
      /another operation's address/,
    );
  });
});
