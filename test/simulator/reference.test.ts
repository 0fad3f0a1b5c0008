import { describe, expect, it } from "vitest";
import { gateIn, pass } from "../../src/simulator/evaluate.ts";
import { numbers } from "./random-account.ts";
import { accountFrom, type Case, smallest } from "./reference/case.ts";
import { byThreeValues, inOneWay, type Walk } from "./reference/evaluator.ts";
import { everyWay, someWays } from "./reference/possibilities.ts";
import { randomCase } from "./reference/random.ts";

const isLong = process.env["LONG"] === "1";
const patience = isLong ? 3_600_000 : 60_000;

/** What the simulator says of a case. */
function simulated(one: Case): Walk {
  const { outcomes, trace } = pass(
    { ...one.identity, facts: new Map(Object.entries(one.facts)) },
    gateIn(one.application, accountFrom(one)),
  );
  const steps = trace.map(({ policy, verdict }) => [String(policy["id"]), verdict] as const);
  return { outcomes: [...outcomes], steps };
}

const isDifferent = (one: Case) => JSON.stringify(simulated(one)) !== JSON.stringify(byThreeValues(one));

/** What happens in ways that what is not known may be, all of them where they are few. */
function happening(one: Case, seed: number) {
  const run = everyWay((ask) => inOneWay({ one, ask }), 64);
  if (run.all) return run;
  return { all: false, results: someWays((ask) => inOneWay({ one, ask }), 32, numbers(seed)) };
}

const missedBy = (one: Case, seed: number) =>
  [...happening(one, seed).results].filter((outcome) => !simulated(one).outcomes.includes(outcome));

const told = (seed: number, one: Case, wanted: unknown) =>
  `seed ${seed}: ${JSON.stringify(one)}\nreference ${JSON.stringify(wanted)}\nsimulator ${JSON.stringify(simulated(one))}`;

describe("a reference that knows the documented semantics alone", () => {
  it("comes to the same as the simulator, and nothing that may happen is missing", { timeout: patience }, () => {
    const count = isLong ? 100_000 : 2_000;
    const seen = new Map<string, number>();
    for (let seed = 1; seed <= count; seed++) {
      const one = randomCase(seed);
      const { outcomes } = simulated(one);
      if (isDifferent(one)) {
        const least = smallest(one, isDifferent);
        expect.fail(told(seed, least, byThreeValues(least)));
      }
      if (missedBy(one, seed).length > 0) {
        const least = smallest(one, (less) => missedBy(less, seed).length > 0);
        expect.fail(told(seed, least, missedBy(least, seed)));
      }
      const kind = outcomes.length === 1 ? String(outcomes[0]) : "several";
      seen.set(kind, (seen.get(kind) ?? 0) + 1);
    }
    // Chance has to reach every outcome often, else this shows little.
    const kinds = ["allowed", "allowed_after_approval", "blocked", "bypassed", "service_auth", "denied_by_default"];
    for (const kind of [...kinds, "several"])
      expect(seen.get(kind) ?? 0, `${kind} of ${JSON.stringify([...seen])}`).toBeGreaterThan(count / 100);
  });
});
