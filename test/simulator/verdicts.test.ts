import { afterAll, describe, expect, it } from "vitest";
import applications from "../../src/access/applications/index.ts";
import users from "../../src/access/users.ts";
import type { Call, Workshop } from "../../src/core/call.ts";
import type { Members } from "../../src/core/change.ts";
import type { World } from "../../src/inventory/world.ts";
import { accountOf } from "../../src/simulator/account.ts";
import { decide, decisiveRooms, gateIn } from "../../src/simulator/evaluate.ts";
import { explanationOf } from "../../src/simulator/explain.ts";
import { whoCanAccess } from "../../src/simulator/questions/who.ts";
import { planServer } from "../support/plans.ts";
import { okta, pin, policy, rule, worldOf } from "./account.ts";
import { accountFrom, type Case } from "./reference/case.ts";
import { randomCase } from "./reference/random.ts";

const company = planServer();
afterAll(() => company.close());
const told = async (name: string, given: Members) => (await company.tool(name, given)).content;
const everyone = async (name: string) => (await told(name, { all: true }))["items"] as readonly Members[];

const nobody = "Nobody can get in.";

/** What is wrong with the first sentence of an answer, seen beside the rest of it. */
function contradictionsIn(answer: Members): readonly string[] {
  const { verdict, total, certain, unknown } = answer;
  const known = answer["users"] as Readonly<Record<"known" | "yes" | "no" | "depends", number>>;
  const isClosed = total === 0 && known.yes + known.depends === 0 && certain === true;
  const isAll = /^Anyone .* gets in/.test(String(verdict));
  return [
    ...((verdict === nobody) === isClosed ? [] : ["nobody"]),
    ...(total === 0 && known.yes > 0 ? ["somebody comes in by no way"] : []),
    ...(isAll && (known.no > 0 || (certain === true && known.depends > 0)) ? ["not everybody"] : []),
    ...(certain === true && (unknown !== undefined || /^Nobody surely/.test(String(verdict))) ? ["certain"] : []),
  ];
}

/** `who_can_access` at the first application of a world. */
async function whoAt(world: World, people: readonly Members[]): Promise<Members> {
  const read: World["read"] = async (room) => (room === users ? { state: "ok", items: people } : world.read(room));
  const { run } = whoCanAccess(async () => ({ ...world, read }));
  const call = { input: { application: "app" }, view: { all: true } } as unknown as Call;
  const { list } = (await run?.(call, {} as Workshop)) ?? {};
  return { ...list?.head, total: list?.total };
}

const worldFrom = (one: Case): World => {
  const account = accountFrom(one);
  return {
    now: account.now,
    read: async (room) => {
      const items = account.all(room);
      return items === undefined ? { state: "forbidden", items: [] } : { state: "ok", items };
    },
  };
};

describe("the verdict of who_can_access", () => {
  const people = ["ann@x.com", "eve@y.com", "kim@z.com"].map((email, id) => ({ id: String(id), email }));
  const app = (...policies: readonly Members[]) => ({
    id: "app",
    type: "self_hosted",
    policies: policies.map((one) => ({ ...one, reusable: false })),
  });
  const at = (policies: readonly Members[], groups: readonly Members[] = []) =>
    whoAt(worldOf({ identityProviders: [pin], applications: [app(...policies)], groups }), people);

  it("says that nobody gets in where that is sure alone", async () => {
    expect((await at([]))["verdict"]).toBe(nobody);
    const loop = [policy("loop", "allow", [rule.group("a")])];
    const groups = [{ id: "a", name: "a", include: [rule.group("a")] }];
    expect(await at(loop, groups)).toMatchObject({
      verdict: expect.stringMatching(/^Nobody surely gets in; it depends on .*"a" leads back to itself/),
      users: { yes: 0, depends: 3 },
      certain: false,
    });
  });

  it("is not certain where a group leaves itself out or is gone", async () => {
    const groups = [{ id: "a", name: "a", include: [rule.domain("x.com")], exclude: [rule.group("a")] }];
    for (const one of [
      policy("p", "allow", [rule.group("a")]),
      policy("p", "allow", [rule.everyone], { require: [rule.group("gone")] }),
    ]) {
      expect(await at([one], groups)).toMatchObject({
        certain: false,
        unknown: [expect.stringMatching(/nobody documents/)],
      });
    }
  });

  it("contradicts the rest of the answer at no application of the pretend company", async () => {
    for (const { id, name, type } of await everyone("list_applications")) {
      const answer = await told("who_can_access", { application: String(id) });
      if (type === "bookmark") expect(answer, String(name)).not.toHaveProperty("users");
      else expect(contradictionsIn(answer), String(name)).toEqual([]);
    }
  });

  it("contradicts it in no random account", async () => {
    const verdicts = new Set<unknown>();
    for (let seed = 1; seed <= 1000; seed++) {
      const answer = await whoAt(worldFrom(randomCase(seed)), people);
      verdicts.add(String(answer["verdict"]).slice(0, 10));
      if (contradictionsIn(answer).length > 0)
        expect.fail(`seed ${seed}: ${JSON.stringify([contradictionsIn(answer), answer, randomCase(seed)])}`);
    }
    expect(verdicts).toContain("Nobody can");
    expect(verdicts).toContain("Nobody sur");
  });
});

describe("rules that contradict each other", () => {
  const geo = (country: string) => rule.geo(country);
  const ada = rule.email("ada@example.com");
  const ways: readonly (readonly [string, Members, readonly Members[]])[] = [
    ["two countries", policy("p", "allow", [ada], { require: [geo("NL"), geo("DE")] }), []],
    ["another country than included", policy("p", "allow", [geo("NL"), geo("BE")], { require: [geo("DE")] }), []],
    [
      "another than a required group has",
      policy("p", "allow", [ada], { require: [geo("NL"), rule.group("g")] }),
      [{ id: "g", include: [geo("DE"), geo("BE")] }],
    ],
    [
      "a country that a required group asks for",
      policy("p", "allow", [ada], { require: [geo("NL"), rule.group("g")] }),
      [{ id: "g", include: [rule.everyone], require: [geo("DE")] }],
    ],
    [
      "what is left out again",
      policy("p", "allow", [geo("NL"), { ip: { ip: "10.1.2.3" } }], {
        exclude: [geo("nl"), { ip: { ip: "10.0.0.0/8" } }],
      }),
      [],
    ],
    ["two logins", policy("p", "allow", [ada], { require: [rule.login("pin"), rule.okta("team")] }), []],
    [
      "networks that do not meet",
      policy("p", "allow", [ada], { require: [{ ip: { ip: "192.0.2.0/24" } }, { ip: { ip: "198.51.100.7" } }] }),
      [],
    ],
  ];

  it.each(ways)("%s: every answer is a certain no", async (_, one, groups) => {
    const world = worldOf({
      identityProviders: [pin, okta],
      applications: [{ id: "app", type: "self_hosted", policies: [{ ...one, reusable: false }] }],
      groups,
    });
    const people = [{ id: "1", email: "ada@example.com" }];
    expect(await whoAt(world, people)).toMatchObject({ verdict: nobody, certain: true, users: { no: 1, depends: 0 } });
    const account = await accountOf(world, decisiveRooms);
    const [application = {}] = account.all(applications) ?? [];
    const told = explanationOf({ email: "ada@example.com" }, gateIn(application, account));
    expect(told).toMatchObject({ allowed: "no", certain: true, outcomes: ["denied_by_default"] });
    expect(told.trace[0]?.["because"]).toMatch(/contradict each other/);
  });

  const none: readonly (readonly [string, Members])[] = [
    ["a network within another", { require: [{ ip: { ip: "10.0.0.0/8" } }, { ip: { ip: "10.1.2.3" } }] }],
    ["a country of a group", { require: [geo("NL"), rule.group("g")] }],
    ["two groups of one login", { require: [rule.okta("team"), rule.okta("night")] }],
    [
      "a certificate by another spelling",
      { require: [{ common_name: { common_name: "A" } }], exclude: [{ common_name: { common_name: "a" } }] },
    ],
  ];

  it.each(none)("%s is none", async (_, more) => {
    const one = policy("p", "allow", [ada], more);
    const bound = { mtlsCertificates: [{ id: "ca", associated_hostnames: ["a.example.com"] }] };
    const application = { id: "app", type: "self_hosted", domain: "a.example.com", policies: [one] };
    const groups = [{ id: "g", include: [geo("NL"), geo("DE")] }];
    const world = worldOf({ identityProviders: [pin, okta], groups, ...bound });
    const { outcomes } = await decide({ email: "ada@example.com" }, application, world);
    expect([...outcomes]).toEqual(["allowed", "denied_by_default"]);
  });

  it("of nobody knows what they mean at a target say nothing", async () => {
    const rules = [{ ip: { ip: "192.0.2.1" } }, { ip: { ip: "192.0.2.2" } }];
    const application = { type: "infrastructure", policies: [policy("p", "allow", [ada], { require: rules })] };
    const { certain } = await decide({ email: "ada@example.com" }, application, worldOf({ identityProviders: [pin] }));
    expect(certain).toBe(false);
  });

  it("block nobody", async () => {
    const block = policy("block", "deny", [rule.everyone], { require: [geo("NL"), geo("DE")] });
    const { outcomes } = await decide(
      { email: "ada@example.com" },
      { policies: [block, policy("p", "allow", [ada])] },
      worldOf({ identityProviders: [pin] }),
    );
    expect([...outcomes]).toEqual(["allowed"]);
  });
});

describe("an explanation of a certain no", () => {
  it("never rests on what is not known, for no machine and no application of the pretend company", async () => {
    const applications = (await everyone("list_applications")).filter(({ type }) => type !== "bookmark");
    const machines = ["cn:a-device", ...(await everyone("list_service_tokens")).map(({ id }) => String(id))];
    for (const principal of machines) {
      for (const { id } of applications) {
        const { trace = [] } = await told("explain_access", { principal, application: String(id) });
        const lines = trace as readonly { matches: string; because?: string; policy: Members }[];
        for (const { matches, because, policy } of lines) {
          if (matches !== "no") continue;
          expect(because).toMatch(/./);
          expect(because).not.toMatch(/not known/);
          if (policy["decision"] === "allow") expect(because).toMatch(/^a machine never logs in/);
        }
      }
    }
  });

  it("says why a machine cannot use an allow policy", async () => {
    const answer = await told("explain_access", { principal: "ci-deploy", application: "Wiki" });
    expect(answer).toMatchObject({ allowed: "no", certain: true });
    expect(JSON.stringify(answer["trace"])).toMatch(/a machine never logs in/);
  });
});

describe("a bookmark", () => {
  it("is explained as a link that asks nobody", async () => {
    const answer = await told("explain_access", {
      principal: "ines.okafor@quillon.example.com",
      application: "Handbook",
    });
    expect(answer["says"]).toMatch(/only a link in the App Launcher.*behind the link decides/);
    for (const said of ["allowed", "outcomes", "trace"]) expect(answer).not.toHaveProperty(said);
  });

  it("counts nobody in or out", async () => {
    const answer = await told("who_can_access", { application: "Handbook" });
    expect(answer["verdict"]).toMatch(/only a link in the App Launcher/);
    for (const said of ["users", "counts"]) expect(answer).not.toHaveProperty(said);
  });
});
