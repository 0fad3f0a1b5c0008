import { describe, expect, it } from "vitest";
import { matchUrl } from "../../src/simulator/matching.ts";
import { accountFrom, smallest } from "./reference/case.ts";
import { type Answer, answerTo, randomVisit, type Visited } from "./reference/urls.ts";

const isLong = process.env["LONG"] === "1";
const patience = isLong ? 1_200_000 : 60_000;

/** What the simulator says of a visit. */
function simulated({ url, applications, organization }: Visited): Answer {
  const account = { applications, ...(organization && { organization: [organization] }) };
  const { answers, certain, unmatched, ambiguous } = matchUrl(url, accountFrom({ account }));
  expect(ambiguous).toBe(answers.length > 1);
  return {
    answers: answers.map(({ application }) => String(application["id"])).sort(),
    certain,
    ...(unmatched && { unmatched }),
  };
}

const isDifferent = (one: Visited) => JSON.stringify(simulated(one)) !== JSON.stringify(answerTo(one));

describe("a translation of destinations into regular expressions", () => {
  it("finds the same application for a URL as the simulator", { timeout: patience }, () => {
    const count = isLong ? 100_000 : 2_000;
    const seen = { alone: 0, chosen: 0, ambiguous: 0, none: 0 };
    for (let seed = 1; seed <= count; seed++) {
      const one = randomVisit(seed);
      if (isDifferent(one)) {
        const least = smallest(one, isDifferent);
        expect.fail(
          `seed ${seed}: ${JSON.stringify(least)}\nreference ${JSON.stringify(answerTo(least))}\nsimulator ${JSON.stringify(simulated(least))}`,
        );
      }
      const { answers, certain } = answerTo(one);
      seen[answers.length === 0 ? "none" : answers.length > 1 ? "ambiguous" : certain ? "alone" : "chosen"]++;
    }
    for (const [kind, times] of Object.entries(seen)) expect(times, kind).toBeGreaterThan(count / 100);
  });
});
