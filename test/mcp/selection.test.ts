import { describe, expect, it } from "vitest";
import { discovery, operations, selected } from "../support/tools.ts";

const listed = (settings: Parameters<typeof selected>[0]) => selected(settings).listed.map(({ name }) => name);
const discoveryNames = discovery.map(({ name }) => name);
const operationsOf = (names: string[]) => names.filter((name) => !discoveryNames.includes(name));

describe("surfaces", () => {
  it("list everything, the everyday tools or only the discovery tools", () => {
    expect(operationsOf(listed({ surface: "all" }))).toHaveLength(140);
    expect(listed({ surface: "search" })).toEqual(discoveryNames);
    expect(listed({})).toEqual(listed({ surface: "default" }));
    expect(listed({ surface: "default" })).toEqual(
      expect.arrayContaining(["list_applications", "create_policy", ...discoveryNames]),
    );
  });

  it("keep every operation reachable", () => {
    for (const surface of ["all", "default", "search"] as const) expect(selected({ surface }).reachable.size).toBe(140);
  });

  it("are in the same order every time", () => {
    expect(listed({ surface: "all" })).toEqual([...operations.map(({ name }) => name), ...discoveryNames]);
  });
});

describe("filters", () => {
  it("by toolset list all of it", () => {
    const names = operationsOf(listed({ toolsets: ["groups", "targets"] }));
    expect(names).toContain("delete_group");
    expect(names).toContain("delete_targets");
    expect(names).not.toContain("list_applications");
    expect(selected({ toolsets: ["groups"] }).reachable.has("list_applications")).toBe(false);
  });

  it("by toolset keep to the surface when one is named", () => {
    expect(operationsOf(listed({ surface: "default", toolsets: ["groups"] }))).toEqual([
      "list_groups",
      "create_group",
      "update_group",
    ]);
  });

  it("by name take globs", () => {
    const names = operationsOf(listed({ tools: ["list_*", "get_group"] }));
    expect(names.every((name) => name.startsWith("list_") || name === "get_group")).toBe(true);
    expect(names).toContain("get_group");
    expect(operationsOf(listed({ surface: "default", tools: ["rotate_keys"] }))).toEqual(["rotate_keys"]);
  });

  it("exclude last and for good", () => {
    const { reachable, listed: tools } = selected({
      surface: "all",
      excludeTools: ["delete_*", "run_write_operation"],
    });
    expect([...reachable.keys()].some((name) => name.startsWith("delete_"))).toBe(false);
    expect(tools.some(({ name }) => name === "run_write_operation")).toBe(false);
  });

  it("read-only leaves reads alone", () => {
    const { reachable, listed: tools } = selected({ surface: "all", readOnly: true });
    expect([...reachable.values()].every(({ effect }) => effect === "read")).toBe(true);
    expect(tools.every(({ annotations }) => annotations.readOnlyHint)).toBe(true);
    expect(tools.map(({ name }) => name)).not.toContain("run_write_operation");
  });

  it.each([
    [{ toolsets: ["grups"] }, /no toolset "grups".*groups/],
    [{ tools: ["lst_*"] }, /--tools: no tool matches "lst_\*"/],
    [{ toolsets: ["groups"], tools: ["list_policies"] }, /leave no operation/],
    [{ excludeTools: ["delete_grop"] }, /--exclude-tools: no tool matches "delete_grop".*delete_group/],
  ])("%j is an error with a hint", (settings, message) => {
    expect(() => selected(settings)).toThrow(message);
  });
});
