import { encode } from "gpt-tokenizer/encoding/o200k_base";
import type { ToolRecord } from "../../src/mcp/describe.ts";

/** What a model pays for a tool list: name, description and input schema, counted with o200k_base. */
export function tokensOf(tools: readonly Pick<ToolRecord, "name" | "description" | "inputSchema">[]): number {
  const seen = tools.map(({ name, description, inputSchema }) => ({ name, description, inputSchema }));
  return encode(JSON.stringify({ tools: seen })).length;
}
