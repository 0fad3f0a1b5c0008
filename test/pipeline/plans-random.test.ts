import { expect, it } from "vitest";
import type { Members } from "../../src/core/change.ts";
import { random } from "../../src/sandbox/random.ts";
import { contentsOf, planServer, rowsOf } from "../support/plans.ts";

const rounds = process.env["LONG"] === "1" ? 100 : 8;
const seed = 20_260_731;

/** A plan of up to ten writes to what is there and to what its own steps make; one more ends it that never goes well. */
function planFor(
  pick: (most: number) => number,
  ids: Readonly<Record<"group" | "policy" | "app", readonly unknown[]>>,
) {
  const rule = () => ({ email: { email: `user${pick(9)}@example.com` } });
  const changes: { operation: string; arguments: Members }[] = [];
  const made: Record<keyof typeof ids, unknown[]> = {
    group: [...ids.group],
    policy: [...ids.policy],
    app: [...ids.app],
  };
  const one = (kind: keyof typeof ids) => made[kind][pick(made[kind].length)];
  const create = (kind: keyof typeof ids, operation: string, given: Members) => {
    changes.push({ operation, arguments: given });
    made[kind].push(`$${changes.length}.id`);
  };
  const ways: readonly (() => void)[] = [
    () => create("group", "create_group", { name: `G${changes.length}`, include: [rule()] }),
    () =>
      create("policy", "create_policy", {
        name: `P${changes.length}`,
        decision: "allow",
        include: [{ group: { id: one("group") } }],
      }),
    () =>
      create("app", "create_application", {
        type: "self_hosted",
        name: `A${changes.length}`,
        domain: `a${changes.length}.example.com`,
        policies: [{ id: one("policy"), precedence: 1 }],
      }),
    () => changes.push({ operation: "update_group", arguments: { group_id: one("group"), name: `Group ${pick(99)}` } }),
    () => changes.push({ operation: "update_group", arguments: { group_id: one("group"), exclude: [rule()] } }),
    () => changes.push({ operation: "update_policy", arguments: { policy_id: one("policy"), require: [rule()] } }),
    () =>
      changes.push({
        operation: "update_application",
        arguments: { app_id: one("app"), session_duration: `${1 + pick(20)}h` },
      }),
    () =>
      changes.push({
        operation: "create_application_policy",
        arguments: {
          app_id: one("app"),
          name: `Own ${changes.length}`,
          decision: "allow",
          precedence: 50 + changes.length,
          include: [rule()],
        },
      }),
  ];
  const count = 2 + pick(9);
  while (changes.length < count) ways[pick(ways.length)]?.();
  return [...changes, { operation: "create_tag", arguments: { name: "never" } }];
}

it(`${rounds} random plans that fail at their end leave the account as it was (seed ${seed})`, {
  timeout: 4_000 * rounds + 20_000,
}, async () => {
  const server = planServer(
    { confirm: "never", guard: "off" },
    { faults: [{ match: { method: "POST", path: /tags$/ }, kind: "status", status: 400 }] },
  );
  const source = random(seed);
  const ids = (collection: string, type?: string) =>
    rowsOf(server.sandbox, collection)
      .filter((row) => type === undefined || row["type"] === type)
      .map(({ id }) => id);
  const known = { group: ids("groups"), policy: ids("policies"), app: ids("apps", "self_hosted") };
  const before = contentsOf(server.sandbox);
  for (let round = 0; round < rounds; round++) {
    const changes = planFor((most) => source.integer(0, most - 1), known);
    const said = await server.plan(changes);
    const told = `round ${round}: ${JSON.stringify(changes)} ${JSON.stringify(said.content)}`;
    expect(said.content, told).toMatchObject({
      outcome: "not_done",
      message: expect.stringMatching(/was taken back$/),
    });
    expect(contentsOf(server.sandbox), told).toEqual(before);
  }
});
