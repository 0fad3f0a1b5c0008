import { describe, expect, it } from "vitest";
import { z } from "zod";
import { access } from "../../src/access/index.ts";
import { pathFields } from "../support/calls.ts";
import { contract } from "../support/facts.ts";
import { type FieldFact, fieldPaths, type JsonSchema } from "../support/paths.ts";
import { additions } from "./additions.ts";

const schemaOf = (model: z.ZodType, io: "input" | "output") =>
  z.toJSONSchema(model, { io, unrepresentable: "any" }) as JsonSchema;

/** A selector is one of 26 in the SDK's union, one optional key here: "required" cannot be compared on it. */
const isSelector = (path: string) => /(?:^|\.)(?:include|exclude|require|is_default)\[\]\.[^.[]+$/.test(path);

/** The 13 and 15 kinds are told apart by `type` here; the SDK's untagged unions cannot say so. */
const isKind = (path: string) => path === "type";

function differences(
  ours: Record<string, FieldFact>,
  theirs: Record<string, FieldFact>,
  known: readonly string[],
  extras: "listed" | "free",
): string[] {
  const found: string[] = [];
  for (const [path, fact] of Object.entries(theirs)) {
    const own = ours[path];
    if (own === undefined) {
      if (!known.includes(`-${path}`)) found.push(`missing ${path}`);
      continue;
    }
    const absent = (fact.enum ?? []).filter((value) => !own.enum?.includes(value));
    if (absent.length > 0 && !known.includes(`-${path}`)) found.push(`${path} lacks the values ${absent.join(", ")}`);
    if (
      !isSelector(path) &&
      !isKind(path) &&
      (own.required ?? false) !== (fact.required ?? false) &&
      !known.includes(`!${path}`)
    ) {
      found.push(`${path} is ${fact.required ? "" : "not "}required by the contract`);
    }
  }
  for (const path of Object.keys(ours)) {
    if (path in theirs || extras === "free") continue;
    if (
      !known.some((entry) => entry === `+${path}` || (entry.endsWith("*") && `+${path}`.startsWith(entry.slice(0, -1))))
    ) {
      found.push(`${path} is not in the contract`);
    }
  }
  return found;
}

describe("the models hold every field, value and required flag of the contract", () => {
  const entries = new Map(access.map((entry) => [entry.name, entry]));

  it("has exactly the 125 operations", () => {
    expect([...entries.keys()].sort()).toEqual(contract.map((fact) => fact.tool).sort());
  });

  it.each(contract.map((fact) => [fact.tool, fact] as const))("%s", (tool, fact) => {
    const entry = entries.get(tool);
    expect(entry, `${tool} is declared`).toBeDefined();
    if (entry === undefined) return;
    expect(entry.room.toolset).toBe(fact.toolset);
    expect(entry.effect).toBe(fact.effect);
    expect(entry.deprecated !== undefined).toBe(fact.deprecated);
    expect(entry.route.replace(/\{\w+\}/g, "{}")).toBe(`${fact.method} ${fact.path}`.replace(/\{\w+\}/g, "{}"));
    const { request = [], response = [], answers } = additions[tool] ?? {};
    expect(entry.answers ?? "object").toBe(
      answers ??
        { unwrap_result: "object", result_array: fact.paging ? "pages" : "list", empty: "nothing", raw_binary: "text" }[
          fact.envelope
        ],
    );
    const input = fieldPaths(schemaOf(entry.input, "input"));
    for (const name of pathFields(entry)) if (!(name in fact.body)) delete input[name];
    expect(differences(input, { ...fact.query, ...fact.body }, request, "listed"), "request").toEqual([]);
    const output = fieldPaths(schemaOf(entry.output, "output"));
    expect(differences(output, fact.response, response, "free"), "response").toEqual([]);
  });
});
