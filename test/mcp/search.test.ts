import { describe, expect, it } from "vitest";
import { search } from "../../src/mcp/search.ts";
import { answers, misses, recall } from "../support/recall.ts";
import { operations } from "../support/tools.ts";
import { requests } from "./search-requests.ts";

const tools = new Map(operations.map((tool) => [tool.name, tool]));
const found = (query: string, most = 3) => search(tools, query, most).map(({ name }) => name);

/** What a failed expectation prints: each missed request with what came instead. */
const told = (missed: ReturnType<typeof misses>) =>
  missed
    .map(({ request, wanted, found }) => `${request}: ${found.join(", ")} instead of ${wanted.join(", ")}`)
    .join("\n");

describe("the table of requests", () => {
  it("asks every toolset, in words that are no tool names", () => {
    expect(answers.length).toBeGreaterThanOrEqual(80);
    expect(new Set(Object.keys(requests))).toEqual(new Set(operations.map(({ toolset }) => toolset)));
    for (const { request, wanted } of answers) {
      expect(request).not.toMatch(/_/);
      for (const name of wanted) expect(tools.has(name), `${request}: there is no ${name}`).toBe(true);
    }
  });
});

describe("searching operations by plain requests", () => {
  it("finds a right one among the first three", () => {
    expect(recall(3), told(misses(3))).toBeGreaterThanOrEqual(0.95);
  });

  it("mostly finds a right one first", () => {
    expect(recall(1), told(misses(1))).toBeGreaterThanOrEqual(0.8);
  });

  it("finds every operation by its title", () => {
    const lost = operations.filter(({ name, title }) => !found(title).includes(name)).map(({ title }) => title);
    expect(lost).toEqual([]);
  });

  it("forgives misspellings and abbreviations", () => {
    expect(found("delete an aplication")).toContain("delete_application");
    expect(found("lst identty providrs")).toContain("list_identity_providers");
    expect(found("rotate saml cert")).toContain("rotate_saml_certificate");
  });

  it("answers as many as asked, nothing to words it does not know, and only from the tools it is given", () => {
    expect(found("delete", 5)).toHaveLength(5);
    expect(found("???")).toEqual([]);
    expect(found("qqqqqqqq")).toEqual([]);
    const few = new Map([...tools].filter(([name]) => name.startsWith("get_")));
    expect(search(few, "rename a tag", 50).every(({ name }) => few.has(name))).toBe(true);
    expect(found("rename a tag")[0]).toBe("update_tag");
  });

  it("takes a request of any length", () => {
    expect(found(`rename a tag ${"very ".repeat(20_000)}`)[0]).toBe("update_tag");
  });
});
