import { describe, expect, it } from "vitest";
import applications from "../../src/access/applications/index.ts";
import groups from "../../src/access/groups.ts";
import identityProviders from "../../src/access/identity-providers/index.ts";
import policies from "../../src/access/policies.ts";
import type { Ask, Members } from "../../src/core/change.ts";
import { AccessError } from "../../src/core/errors.ts";
import { type GuardSettings, simulator } from "../../src/simulator/index.ts";
import { create, pin, policy, remove, rule, update } from "./account.ts";

const group = { id: "G", name: "Admins", include: [rule.email("admin@x.com")] };
const shared = policy("P", "allow", [rule.group("G")]);
const portal = { id: "A", name: "Portal", type: "warp", policies: [{ ...shared, reusable: true, precedence: 1 }] };
const objects = new Map<string, readonly Members[]>([
  [applications.verbs.list.name, [portal]],
  [policies.verbs.list.name, [shared]],
  [groups.verbs.list.name, [group]],
  [identityProviders.verbs.list.name, [pin]],
]);
const guard: GuardSettings = { identities: ["admin@x.com"], applications: [] };

/** Answers from the objects, and remembers what it was asked. */
function asking(forbidden?: string, account = objects) {
  const asked: string[] = [];
  const ask: Ask = async ({ name, answers = "object" }) => {
    asked.push(name);
    if (name === forbidden) throw new AccessError(name, { kind: "permission", next: "", outcome: "not_sent" });
    return account.get(name) ?? (answers === "object" ? {} : []);
  };
  return { ask, asked };
}

describe("the simulator of one call", () => {
  it("reads each list at most once, whatever is asked of it", async () => {
    const { ask, asked } = asking();
    const simulated = simulator(ask, guard);
    const change = remove("delete_group", group);
    const [{ references }, lockOuts] = await Promise.all([simulated.assess(change), simulated.lockOuts(change)]);
    expect(references.map(({ noun }) => noun).sort()).toEqual(["application", "reusable policy"]);
    expect(lockOuts).toMatchObject([{ application: "Portal", identity: "anybody", policy: "P" }]);
    expect(new Set(asked).size).toBe(asked.length);
  });

  it("tells of names to be guarded that mean nobody", async () => {
    const misspelled = { identities: ["admin@x.com", "Admins", "Break glas"], applications: ["Portal", "Wikki"] };
    const simulated = simulator(asking().ask, misspelled);
    expect(await simulated.meaningNobody(remove("delete_group", group))).toEqual(["Break glas", "Wikki"]);
  });

  it("guards nothing and reads nothing when the guard is off", async () => {
    const { ask, asked } = asking();
    expect(await simulator(ask, "off").lockOuts(remove("delete_application", portal))).toEqual([]);
    expect(asked).toEqual([]);
  });

  it("tells what is attached by its id alone, whatever the place it is given", async () => {
    const empty = { ...portal, id: "B", policies: [] };
    const account = new Map([...objects, [policies.verbs.list.name, [{ ...shared, decision: "bypass" }]]]);
    for (const link of ["P", { id: "P" }, { id: "P", precedence: 7 }]) {
      const { effect } = await simulator(asking(undefined, account).ask, guard).assess(
        update("update_application", empty, { policies: [link] }),
      );
      expect(effect.reasons.map(({ text }) => text)).toEqual([
        'another policy lets in: policy "P" is added, its decision is "bypass"',
        'requests pass without login and without log: policy "P": decision is "bypass"',
      ]);
    }
  });

  it("counts a new service token as widening where any token may enter", async () => {
    const change = create("create_service_token", { name: "new" });
    expect((await simulator(asking().ask, guard).assess(change)).effect.direction).toBe("neutral");
    const open = { ...portal, policies: [policy("own", "non_identity", [rule.anyToken])] };
    const { ask } = asking(undefined, new Map([...objects, [applications.verbs.list.name, [open]]]));
    expect((await simulator(ask, guard).assess(change)).effect.reasons).toEqual([
      {
        direction: "widen",
        code: "token_usable",
        text: 'a service token works that did not: it is new and already let in by application "Portal" policies[0].include[0].any_valid_service_token',
      },
    ]);
  });

  it("says what it was not allowed to read, and refuses what it cannot judge", async () => {
    const { ask } = asking(applications.verbs.list.name);
    const simulated = simulator(ask, guard);
    const change = remove("delete_group", group);
    expect(await simulated.assess(change)).toMatchObject({ unread: ["application"] });
    expect(await simulated.lockOuts(change)).toMatchObject([{ identity: "anybody" }]);
  });
});
