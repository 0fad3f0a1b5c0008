import { describe, expect, it } from "vitest";
import { failureOf } from "../support/calls.ts";
import { changes, createGroup, documentOf, environmentFor, rule, server } from "../support/changes-command.ts";
import { type SafeServer, safeServer } from "../support/safe.ts";

describe("--revert-after", () => {
  const soon = { revert_after: 1 };

  it("is listed when it is due, later with --all", async () => {
    const { change_id } = await createGroup("now", soon);
    await createGroup("later", { revert_after: 7_200_000 + 60_000 });
    await createGroup("never");
    expect(documentOf(await changes(["due", "--json"]))).toMatchObject({ items: [{ id: change_id }] });
    expect((await changes(["due", "--all"])).out).toMatch(/\d+s ago .*"now"\n.* in 2h .*"later"\n$/);
  });

  it("is taken back by revert-due, the earliest first; one that cannot be does not keep the others", async () => {
    const environment = await environmentFor(server);
    const first = await createGroup("first", soon);
    const changed = await createGroup("changed", soon);
    const last = await createGroup("last", soon);
    await server.call("update_group", { group_id: changed.id, name: "changed since" });
    const ending = await changes(["revert-due", "--yes", "--json"], environment);
    expect(ending.code).toBe(7);
    expect(documentOf(ending).items).toMatchObject([
      { id: first.change_id, status: "done" },
      { id: changed.change_id, status: "failed", error: { kind: "conflict" } },
      { id: last.change_id, status: "done" },
    ]);
    expect((await changes(["revert-due", "--yes"], environment)).code).toBe(5);
    await server.call("delete_group", { group_id: changed.id });
  });

  it("is not taken back by revert-due alone where that lets more in", async () => {
    const environment = await environmentFor(server);
    const { id } = await createGroup("two may");
    const both = await server.call("update_group", {
      group_id: id,
      include: [rule, { email: { email: "bob@example.com" } }],
    });
    const used = await server.call("create_policy", {
      name: "by group",
      decision: "allow",
      include: [{ group: { id } }],
    });
    const narrowed = await server.call("update_group", { group_id: id, include: [rule] }, soon);
    const ending = await changes(["revert-due", "--yes", "--json"], environment);
    expect(ending.code).toBe(6);
    expect(documentOf(ending).items).toMatchObject([
      { id: narrowed.change_id, status: "failed", error: { message: expect.stringMatching(/lets more in/) } },
    ]);
    expect((await server.call("get_group", { group_id: id })).result).toMatchObject({ include: [rule] });
    expect([both, used].map(({ change_id }) => change_id)).not.toContain(undefined);
  });

  it("says nothing to cron when nothing is due", async () => {
    expect(await changes(["revert-due", "--yes"])).toEqual({ code: 0, out: "", errors: "" });
    expect((await changes(["revert-due"])).code).toBe(6);
  });

  it("is refused where nothing takes the change back", async () => {
    const before = server.sandbox.requests.length;
    const failure = await failureOf(server.call("revoke_user", { email: "ada@example.com" }, soon));
    expect(failure).toMatchObject({ message: expect.stringMatching(/revert_after: it could not be taken back/) });
    expect(server.sandbox.requests.slice(before).filter(({ method }) => method !== "GET")).toEqual([]);
  });

  it("is reminded of by every write and by list_changes until it is taken back", async () => {
    const { change_id } = await createGroup("first", soon);
    const other = serverOver(server);
    const reminder = `1 change is overdue to be taken back: ${change_id}; undo_change takes it back.`;
    const write = (name: string) => other.call("create_tag", { name });
    expect((await write("a")).notes).toContain(reminder);
    expect((await other.call("create_tag", { name: "b" }, { dry_run: true })).notes).toContain(reminder);
    expect((await other.call("list_changes")).notes).toContain(reminder);
    expect((await other.call("list_groups")).notes).not.toContain(reminder);
    expect((await other.call("undo_change", { change_id })).notes).not.toContain(reminder);
    expect((await write("c")).notes).not.toContain(reminder);
    expect((await other.call("list_changes")).notes).not.toContain(reminder);
  });
});

/** Another process over the same state and the same Cloudflare. */
const serverOver = ({ folder, sandbox }: SafeServer): SafeServer =>
  safeServer({ confirm: "never" }, { folder, sandbox });
