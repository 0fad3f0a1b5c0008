import { AccessError } from "../../src/core/errors.ts";
import type { Entry } from "../../src/core/room.ts";
import { parseArguments } from "../../src/mcp/arguments.ts";

/** What a tool says to arguments that it must refuse. */
export function refusalOf(entry: Entry, given: Record<string, unknown>, pinned = true): AccessError {
  try {
    parseArguments(entry, given, pinned);
  } catch (error) {
    if (error instanceof AccessError) return error;
    throw error;
  }
  throw new Error(`${entry.name} took ${JSON.stringify(given)}`);
}
