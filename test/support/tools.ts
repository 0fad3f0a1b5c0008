import { described } from "../../src/main/catalogue.ts";
import { describeTool } from "../../src/mcp/describe.ts";
import { discoveryTools } from "../../src/mcp/discovery.ts";
import { type SelectionSettings, selectTools } from "../../src/mcp/selection.ts";

export const operations = described.map(describeTool);
export const discovery = discoveryTools.map(({ record }) => record);
export const everyTool = [...operations, ...discovery];

/** What the given settings offer. */
export const selected = (settings: Partial<SelectionSettings> = {}) =>
  selectTools(operations, discovery, { readOnly: false, ...settings });
