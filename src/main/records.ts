import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { ToolRecord } from "../mcp/describe.ts";

/** The tool table: made once at build time beside the bundle, or from the models when running from source. */
export async function loadRecords(): Promise<readonly ToolRecord[]> {
  const built = new URL("./tools.json", import.meta.url);
  if (existsSync(built)) return JSON.parse(await readFile(built, "utf8"));
  const [{ described }, { describeTool }] = await Promise.all([import("./catalogue.ts"), import("../mcp/describe.ts")]);
  return described.map(describeTool);
}
