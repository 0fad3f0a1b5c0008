import { search } from "../../src/mcp/search.ts";
import { requests } from "../mcp/search-requests.ts";
import { operations } from "./tools.ts";

const tools = new Map(operations.map((tool) => [tool.name, tool]));

/** Each request of the table with what it should find and what it finds, best first. */
export const answers = Object.values(requests)
  .flatMap((group) => Object.entries(group))
  .map(([request, wanted]) => ({ request, wanted, found: search(tools, request, 3).map(({ name }) => name) }));

/** The requests that find none of their operations among the first so many. */
export const misses = (most: number) =>
  answers.filter(({ wanted, found }) => !found.slice(0, most).some((name) => wanted.includes(name)));

/** The share of requests that find one of their operations among the first so many. */
export const recall = (most: number): number => 1 - misses(most).length / answers.length;
