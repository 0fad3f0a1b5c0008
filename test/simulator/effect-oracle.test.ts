import { expect, it } from "vitest";
import applications from "../../src/access/applications/index.ts";
import groups from "../../src/access/groups.ts";
import identityProviders from "../../src/access/identity-providers/index.ts";
import organization from "../../src/access/organization.ts";
import policies from "../../src/access/policies.ts";
import serviceTokens from "../../src/access/service-tokens.ts";
import type { Change } from "../../src/core/change.ts";
import { effectOf } from "../../src/simulator/effect/index.ts";
import { referencesTo } from "../../src/simulator/references.ts";
import { changedWorld } from "../../src/simulator/world.ts";
import { rule, worldOf } from "./account.ts";
import { type Account, getsIn, type Visitor } from "./brute-force.ts";
import { chance, numbers, openRules } from "./random-account.ts";

const isLong = process.env["LONG"] === "1";
const rooms = { applications, groups, identityProviders, organization, policies, serviceTokens };

async function changed(account: Account, change: Change): Promise<Account> {
  const world = changedWorld(worldOf(account), change);
  const read = Object.entries(rooms).map(async ([name, room]) => [name, (await world.read(room)).items] as const);
  return Object.fromEntries(await Promise.all(read)) as unknown as Account;
}

const who = [
  { email: "admin@x.com" },
  { email: "second@x.com" },
  { email: "third@y.com" },
  { email: "stranger@z.com" },
  { token: "robot" },
  { token: "spare" },
  {},
];
const facts = [...openRules, rule.everyone].map((one) => JSON.stringify(one));
const subsets = Array.from({ length: 2 ** facts.length }, (_, bits) => {
  return new Set(facts.filter((_, place) => (bits >> place) & 1));
});

/** Whoever has a token can also come without showing it. */
const canEnter = ({ token, ...visitor }: Visitor, application: string, account: Account): boolean =>
  getsIn(visitor, application, account) || (token !== undefined && getsIn({ ...visitor, token }, application, account));

/** How long a login lasts is left out: it says how people are in, not who. */
const timeless = (account: Account): Account =>
  JSON.parse(JSON.stringify(account, (key, value) => (key === "session_duration" ? undefined : value)));

/** Who gets in and did not before, if anybody. */
function newcomer(before: Account, after: Account): (Visitor & { readonly application: string }) | undefined {
  const visitors = who.flatMap((one) => subsets.map((some): Visitor => ({ ...one, facts: some })));
  for (const { id } of after.applications) {
    const application = String(id);
    const found = visitors.find((one) => canEnter(one, application, after) && !canEnter(one, application, before));
    if (found !== undefined) return { ...found, application };
  }
  return undefined;
}

it("calls it a widening whenever the plainest reading lets somebody in anew", {
  timeout: isLong ? 900_000 : 60_000,
}, async () => {
  const [sequences, steps] = isLong ? [3000, 12] : [60, 8];
  let [opened, told] = [0, 0];
  for (let seed = 1; seed <= sequences; seed++) {
    const random = chance(numbers(seed));
    let account = random.account();
    for (let step = 0; step < steps; step++) {
      const change = random.change(account);
      if (change === undefined) continue;
      const { references } = await referencesTo(change, worldOf(account));
      const { direction } = effectOf(change, references);
      const next = await changed(account, change);
      const found = newcomer(timeless(account), timeless(next));
      if (found !== undefined) {
        opened++;
        const { application, email, token, facts } = found;
        const what = JSON.stringify({
          application,
          email,
          token,
          facts: [...facts],
          after: change.after,
          before: change.before,
        });
        expect(direction, `seed ${seed}, step ${step}, ${change.entry.name}: ${what}`).toBe("widen");
      }
      told += Number(direction === "widen");
      account = next;
    }
  }
  expect(opened).toBeGreaterThan(sequences / 2);
  // Not everything is called a widening to be safe.
  expect(told).toBeLessThan(sequences * steps * 0.6);
});
