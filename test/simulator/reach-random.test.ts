import { describe, expect, it } from "vitest";
import applications from "../../src/access/applications/index.ts";
import type { Members } from "../../src/core/change.ts";
import { accountOf } from "../../src/simulator/account.ts";
import { decisiveRooms, type Gate, gateIn, isSameGate } from "../../src/simulator/evaluate.ts";
import { impactOf } from "../../src/simulator/impact.ts";
import { standingsOf } from "../../src/simulator/people.ts";
import { type Identity, ruleKey } from "../../src/simulator/selectors.ts";
import { abilityOf } from "../../src/simulator/standing.ts";
import { reachOf, type Way, waysInto } from "../../src/simulator/who.ts";
import { changedWorld } from "../../src/simulator/world.ts";
import { worldOf } from "./account.ts";
import { chance, numbers, openRules } from "./random-account.ts";

const emails = ["admin@x.com", "second@x.com", "third@y.com", "other@x.com", "nobody@z.com"];

/** Everything about somebody, so that nothing is left open. */
function* known(): Generator<Identity> {
  for (const login_method of ["pin", "okta"]) {
    for (let bits = 0; bits < 2 ** openRules.length; bits++) {
      // Nobody comes from two countries at once.
      if (openRules.filter((rule, at) => "geo" in rule && (bits & (2 ** at)) !== 0).length > 1) continue;
      const facts = new Map(
        openRules.map((rule, at): [string, boolean] => {
          const [selector, argument] = Object.entries(rule)[0] as [string, Members];
          return [ruleKey(selector, argument), (bits & (2 ** at)) !== 0];
        }),
      );
      for (const email of emails) yield { email, login_method, facts };
    }
  }
}
const everybody = [...known()];

/** Whether the rule of a way means somebody. */
function isMeant({ email, login_method, facts }: Identity, { leaf: { selector, argument } }: Way): boolean {
  if (selector === "everyone") return true;
  if (selector === "email") return email === argument["email"];
  if (selector === "email_domain") return email?.endsWith(`@${argument["domain"]}`) === true;
  if (selector === "login_method") return login_method === argument["id"];
  return facts?.get(ruleKey(selector, argument)) === true;
}

async function account(seed: number) {
  const { account, change } = chance(numbers(seed));
  const objects = account();
  const world = worldOf(objects);
  return { world, known: await accountOf(world, decisiveRooms), change: () => change(objects) };
}

const rounds = 100;

describe("on random accounts", () => {
  it("nobody gets in by a way that is not told, and nobody is told who never does", async () => {
    for (let seed = 1; seed <= rounds; seed++) {
      const { known } = await account(seed);
      for (const application of known.all(applications) ?? []) {
        const gate = gateIn(application, known);
        const { ways } = waysInto(gate);
        expect(reachOf(application, known).principals).toEqual(ways.map(({ principals }) => principals));
        for (const person of everybody) {
          const { verdict } = abilityOf(person, gate);
          const mine = ways.filter((way) => isMeant(person, way));
          if (verdict === true && mine.length === 0) throw new Error(`seed ${seed}: ${say(person)} gets in by no way`);
        }
        for (const { identity, principals } of ways) {
          const verdict = abilityOf(identity, gate).verdict;
          if (verdict === false) throw new Error(`seed ${seed}: ${JSON.stringify(principals)} never gets in`);
        }
      }
    }
  });

  it("users are judged as if each were judged alone", async () => {
    for (let seed = 1; seed <= rounds; seed++) {
      const { known } = await account(seed);
      const users = emails.map((email) => ({ id: email, email }));
      for (const application of known.all(applications) ?? []) {
        const gate = gateIn(application, known);
        const alone = users.map(({ email }) => abilityOf({ email }, gate).verdict);
        expect(standingsOf(users, gate).map(({ verdict }) => verdict)).toEqual(alone);
      }
    }
  });

  it("whoever is said for certain to gain or lose does, and who does is said", async () => {
    for (let seed = 1; seed <= rounds; seed++) {
      const { world, known: before, change } = await account(seed);
      const made = change();
      if (made === undefined) continue;
      const after = await accountOf(changedWorld(world, made), decisiveRooms);
      const users = emails.map((email) => ({ id: email, email }));
      const impacts = impactOf(before, after, { users });
      const gates = (one: typeof before) =>
        new Map((one.all(applications) ?? []).map((item) => [String(item["id"]), gateIn(item, one)]));
      const [old, now] = [gates(before), gates(after)];
      for (const [id, gate] of now) {
        const impact = impacts.find(({ application }) => application.id === id);
        const was = old.get(id);
        if (was !== undefined && isSameGate(was, gate)) continue;
        for (const { login_method, ...person } of everybody) {
          // People choose how they log in.
          if (login_method !== "pin") continue;
          const [had, has] = [admitted(person, was), admitted(person, gate)];
          const told =
            has === true && had === false ? impact?.gains : had === true && has === false ? impact?.loses : [];
          if (told?.length === 0 && had !== has && had !== undefined && has !== undefined) {
            throw new Error(`seed ${seed}: ${say(person)} moved and nobody says so: ${JSON.stringify(made.input)}`);
          }
        }
        for (const { email, certain } of impact?.people?.gain ?? []) {
          const verdicts = [was, gate].map((one) => admitted({ email }, one));
          if (certain) expect(verdicts).toEqual([false, true]);
        }
      }
    }
  });
});

const admitted = (identity: Identity, gate: Gate | undefined) =>
  gate === undefined ? false : abilityOf(identity, gate).verdict;

const say = ({ email, login_method, facts }: Identity) =>
  `${email} by ${login_method} with ${JSON.stringify([...(facts ?? [])].filter(([, holds]) => holds).map(([mark]) => mark))}`;
