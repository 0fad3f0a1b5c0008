import { describe, expect, it } from "vitest";
import { changeLines } from "../../src/pipeline/confirm/plan.ts";

describe("what changes, as a person reads it", () => {
  const differences = (count: number) =>
    Array.from({ length: count }, (_, place) => ({ path: `field_${place}`, before: 1, after: 2 }));

  it("is told wholly where it fits, and counted where it does not", () => {
    expect(changeLines(differences(12), 12)).toHaveLength(12);
    expect(changeLines(differences(13), 12).slice(11)).toEqual(["~ field_11: 1 → 2", "~ and 1 more field"]);
    expect(changeLines(differences(20), 12).at(-1)).toBe("~ and 8 more fields");
  });
});
