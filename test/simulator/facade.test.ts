import { describe, expect, it } from "vitest";
import applications from "../../src/access/applications/index.ts";
import groups from "../../src/access/groups.ts";
import identityProviders from "../../src/access/identity-providers/index.ts";
import policies from "../../src/access/policies.ts";
import type { Ask, Members } from "../../src/core/change.ts";
import { AccessError } from "../../src/core/errors.ts";
import { type GuardSettings, simulator } from "../../src/simulator/index.ts";
import { pin, policy, remove, rule } from "./account.ts";

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
function asking(forbidden?: string) {
  const asked: string[] = [];
  const ask: Ask = async ({ name, answers = "object" }) => {
    asked.push(name);
    if (name === forbidden) throw new AccessError(name, { kind: "permission", next: "", outcome: "not_sent" });
    return objects.get(name) ?? (answers === "object" ? {} : []);
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

  it("says what it was not allowed to read, and refuses what it cannot judge", async () => {
    const { ask } = asking(applications.verbs.list.name);
    const simulated = simulator(ask, guard);
    const change = remove("delete_group", group);
    expect(await simulated.assess(change)).toMatchObject({ unread: ["application"] });
    expect(await simulated.lockOuts(change)).toMatchObject([{ identity: "anybody" }]);
  });
});
