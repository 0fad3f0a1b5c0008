import { encode } from "gpt-tokenizer/encoding/o200k_base";
import { access } from "../../src/access/index.ts";
import { described } from "../../src/main/catalogue.ts";
import { describeTool, type ToolRecord } from "../../src/mcp/describe.ts";
import { discoveryTools } from "../../src/mcp/discovery.ts";
import { selectTools } from "../../src/mcp/selection.ts";
import type { Figure } from "./measure.ts";

const isOfTheApi = new Set(access.map(({ name }) => name));

/** What a model sees of tools/list, in tokens of o200k_base. */
export async function contextFigures(): Promise<Figure[]> {
  const operations = described.map(describeTool);
  const discovery = discoveryTools.map(({ record }) => record);
  const listed = (surface: "all" | "default" | "search") =>
    selectTools(operations, discovery, { surface, readOnly: false }).listed;
  return [
    figure(
      "the 125 operations",
      operations.filter(({ name }) => isOfTheApi.has(name)),
      16_000,
    ),
    figure(
      "the operations of this server",
      operations.filter(({ name }) => !isOfTheApi.has(name)),
      2_500,
    ),
    figure("--surface all", listed("all"), 20_000),
    figure("--surface default", listed("default"), 4_500),
    figure("--surface search", listed("search"), 900),
  ];
}

function figure(name: string, tools: readonly ToolRecord[], most: number): Figure {
  const seen = tools.map(({ name, description, inputSchema }) => ({ name, description, inputSchema }));
  const value = encode(JSON.stringify({ tools: seen })).length;
  return { name: `context of ${name} (${tools.length} tools)`, value, unit: "tokens", goal: { most } };
}
