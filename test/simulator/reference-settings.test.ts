import { describe, expect, it } from "vitest";
import type { AccessOutcome, Decision } from "../../src/simulator/evaluate.ts";
import { factorOf } from "../../src/simulator/factor.ts";
import { throughPortal } from "../../src/simulator/mcp.ts";
import { sessionOf } from "../../src/simulator/session.ts";
import { coversTarget } from "../../src/simulator/targets.ts";
import { unixUsersOf } from "../../src/simulator/unix.ts";
import { accountFrom, smallest } from "./reference/case.ts";
import { randomSetting } from "./reference/random-settings.ts";
import {
  answersTo,
  asText,
  by,
  factorAsWritten,
  portalWays,
  type Setting,
  sessionAsWritten,
  type Told,
  targetAsWritten,
  unixAsWritten,
  unixUsers,
  unknown,
} from "./reference/settings.ts";

const isLong = process.env["LONG"] === "1";
const patience = isLong ? 1_200_000 : 60_000;

const accountOf = ({ organization }: Setting) =>
  accountFrom({ account: organization === undefined ? {} : { organization: [organization] } });

function session(setting: Setting): Told {
  const { application, policy } = setting;
  const found = sessionOf(application, accountOf(setting), policy);
  if (found === undefined) return { hasSession: false };
  const [here, login] = [found.application, found.login].map(({ duration, from }) => by(duration, from));
  return { hasSession: true, here, login };
}

function factor(setting: Setting): Told {
  const { application, policy } = setting;
  const { asked, from, authenticators, lasts } = factorOf(application, accountOf(setting), policy);
  return { asked: by(asked, from), methods: [...authenticators].sort(), lasts };
}

function users({ policy, identity }: Setting): Told {
  const { names, more } = unixUsersOf(policy, { ...identity, facts: new Map() });
  expect(new Set(names).size).toBe(names.length);
  expect(names.filter((name) => !unixUsers.includes(name))).toEqual([]);
  return Object.fromEntries(unixUsers.map((user) => [user, names.includes(user) || (more ? unknown : false)]));
}

const questions = {
  session: [sessionAsWritten, session],
  factor: [factorAsWritten, factor],
  target: [targetAsWritten, ({ gateway, target }: Setting) => ({ covers: coversTarget(gateway, target) })],
  users: [unixAsWritten, users],
} as const;

const classOf = (outcome: AccessOutcome) =>
  outcome === "allowed_after_approval"
    ? "after approval"
    : outcome === "blocked" || outcome === "denied_by_default"
      ? "out"
      : "in";

const decisionOf = (outcomes: readonly AccessOutcome[]): Decision => ({
  outcomes: new Set(outcomes),
  certain: outcomes.length === 1,
  trace: [],
});

/** What the simulator says of a server in a portal, and whether it is sure. */
function throughIt({ identity, portal: { link, entrance, own } }: Setting) {
  const person = { ...identity, facts: new Map<string, boolean>() };
  const { outcomes, certain } = throughPortal(person, decisionOf(entrance), decisionOf(own), link);
  return { way: [...new Set([...outcomes].map(classOf))].sort().join(), certain, count: outcomes.size };
}

/** Where the simulator says what no reading of the documentation does; `seen` counts what was compared. */
function differences(setting: Setting, seen?: Map<string, number>): readonly string[] {
  const count = (what: string) => seen?.set(what, (seen.get(what) ?? 0) + 1);
  const found: string[] = [];
  for (const [name, [written, simulated]] of Object.entries(questions)) {
    const said: Told = simulated(setting);
    for (const [member, values] of Object.entries(answersTo((asks) => written(setting, asks)))) {
      const text = asText(said[member]);
      const isOpen = values.size > 1;
      // How long something lasts matters less than whose that is.
      const told = isOpen ? "open" : [...values].join().replace(/^\d+[smh] /, "");
      count(`${name} ${member}: ${told}`);
      if (!values.has(text) && !(isOpen && text === unknown))
        found.push(`${name} ${member}: reference ${[...values].join(" or ")}, simulator ${text}`);
    }
  }
  const ways = portalWays(setting);
  const { way, certain, count: outcomes } = throughIt(setting);
  count(`portal: ${ways.length > 1 ? "open" : ways[0]?.includes(",") ? unknown : ways[0]}`);
  const every = [...new Set(ways.flatMap((one) => one.split(",")))].sort().join();
  if (![...ways, every].includes(way)) found.push(`portal: reference ${ways.join(" or ")}, simulator ${way}`);
  if (certain !== (outcomes === 1)) found.push(`portal: ${outcomes} outcomes and certain is ${certain}`);
  if (JSON.stringify(factor(setting)) !== JSON.stringify(factor(withFalse(setting))))
    found.push("factor: mfa_disabled null is not like false");
  return found;
}

const withFalse = (setting: Setting): Setting =>
  JSON.parse(JSON.stringify(setting).replaceAll('"mfa_disabled":null', '"mfa_disabled":false'));

/** What chance has to come to often. */
const usual = {
  "session hasSession": ["true", "false"],
  "session here": ["by client", "by policy", "by application", "by default", unknown, "open"],
  "session login": ["by client", "by organization", "by application", "by default", unknown, "open"],
  "factor asked": [
    ...["policy", "application", "organization"].flatMap((from) => [`true by ${from}`, `false by ${from}`]),
    "false by launcher",
    unknown,
    "open",
  ],
  "factor methods": ['["totp"]', '["piv_key"]', "open"],
  "factor lasts": ["15m", "8h", "open"],
  "target covers": ["true", "false", "open"],
  "users root": ["true", "false", unknown],
  "users ann": ["true", "false", unknown],
  portal: ["in", "out", "after approval", unknown, "open"],
};

const parts = ["policy", "gateway", "target", "portal"] as const;

/** Whether a setting that parts were left out of is still one, and different. */
const isDifferent = (less: Setting) => {
  if (!parts.every((part) => part in less)) return false;
  const { link, entrance, own } = less.portal;
  return [link, entrance?.length, own?.length].every(Boolean) && differences(less).length > 0;
};

describe("a reference for what lasts, what is asked for and what is reached", () => {
  it("agrees with the simulator on everything that is documented", { timeout: patience }, () => {
    const count = isLong ? 100_000 : 2_000;
    const seen = new Map<string, number>();
    for (let seed = 1; seed <= count; seed++) {
      const one = randomSetting(seed);
      if (differences(one, seen).length > 0) {
        const least = smallest(one, isDifferent);
        expect.fail(`seed ${seed}: ${JSON.stringify(least)}\n${differences(least).join("\n")}`);
      }
    }
    // Chance has to reach all of it often, else this shows little.
    for (const [what, kinds] of Object.entries(usual))
      for (const kind of kinds)
        expect(seen.get(`${what}: ${kind}`) ?? 0, `${what}: ${kind}`).toBeGreaterThan(count / 100);
  });
});
