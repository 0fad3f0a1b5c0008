import { answers, recall } from "../../test/support/recall.ts";
import type { Figure } from "./measure.ts";

/** How often search_operations puts a right operation first, or among the first three, for plain requests. */
export async function searchFigures(): Promise<Figure[]> {
  return [figure(3, 0.95), figure(1, 0.8)];
}

const figure = (most: number, least: number): Figure => ({
  name: `search recall at ${most} (${answers.length} requests)`,
  value: recall(most),
  unit: "of 1",
  goal: { least },
});
