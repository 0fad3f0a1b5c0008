import { beforeAll, describe, expect, it } from "vitest";
import { connections } from "../support/built-server.ts";
import { Person } from "../support/clients.ts";
import {
  type Conversation,
  connected,
  crew,
  newest,
  type Row,
  startUpstream,
  type Upstream,
} from "../support/upstream.ts";

/** One of each SDK, era and transport; `auto` comes to the newest revision. */
const clients = connections.filter(([name]) => !/auto|\(legacy\) over HTTP/.test(name));

/** Over HTTP nobody remembers what an older client said it can do, so that no question can be put there. */
const canAsk = (name: string) => name !== "SDK v1 over HTTP";

const everyone = [{ everyone: {} }];

let upstream: Upstream;
beforeAll(async () => {
  upstream = await startUpstream();
});

describe.each(clients)("%s, with nobody to ask", (_, connect) => {
  let server: Conversation;
  beforeAll(async () => {
    server = await connected(upstream, connect);
    upstream.writes();
  });

  it("changes what is said and keeps the rest", async () => {
    const { application } = await crew(upstream);
    const path = `/apps/${application["id"]}`;
    const before = await upstream.dashboard("GET", path);
    await server.ask("update_application", { app_id: application["id"], session_duration: "8h" });
    const after = await upstream.dashboard("GET", path);
    expect(after).toEqual({ ...before, session_duration: "8h", updated_at: after["updated_at"] });
    expect(upstream.writes()).toMatchObject([{ method: "PUT", path, body: { session_duration: "8h" } }]);
    await server.ask("update_application", { app_id: application["id"], clear: ["http_only_cookie_attribute"] });
    expect(upstream.writes()[0]?.body).not.toHaveProperty("http_only_cookie_attribute");
    expect((await upstream.dashboard("GET", path))["policies"]).toEqual(after["policies"]);
  });

  it("rehearses without sending anything", async () => {
    const { name, group, inside, application } = await crew(upstream);
    const plan = await server.ask("delete_group", { group_id: group["id"], dry_run: true });
    expect(plan).toMatchObject({
      status: "planned",
      summary: `Delete group "${name}": lets more in`,
      access: {
        direction: "widen",
        reasons: expect.arrayContaining([
          expect.objectContaining({ direction: "narrow", code: "include_removed" }),
          expect.objectContaining({ direction: "widen", code: "block_lowered" }),
        ]),
      },
      request: { method: "DELETE", path: expect.stringMatching(`/access/groups/${group["id"]}$`) },
      undo: { possible: "partly", why: expect.stringContaining("references") },
    });
    const sides = (plan["references"] as Row[]).map((one) => `${one["side"]} ${one["noun"]} ${one["name"]}`);
    expect(sides.toSorted()).toEqual([
      `keeps_out application ${application["name"]}`,
      `keeps_out reusable policy ${name} outside`,
      `lets_in application ${application["name"]}`,
      `lets_in reusable policy ${name} inside`,
    ]);

    const edit = await server.ask("update_policy", {
      policy_id: inside["id"],
      include: everyone,
      session_duration: "8h",
      dry_run: true,
    });
    expect(edit).toMatchObject({
      access: { direction: "widen", reasons: expect.arrayContaining([expect.objectContaining({ code: "everyone" })]) },
      changes: expect.arrayContaining([{ path: "session_duration", before: "24h", after: "8h" }]),
      request: { method: "PUT", body: { name: `${name} inside`, decision: "allow", include: everyone } },
    });
    expect(upstream.writes()).toEqual([]);
  });

  it("does a risky change when the call comes again with its ticket, once", async () => {
    const { name, inside } = await crew(upstream);
    const change = { policy_id: inside["id"], include: everyone };
    const plan = await server.ask("update_policy", change);
    expect(plan).toMatchObject({
      status: "needs_confirmation",
      summary: `Change reusable policy "${name} inside": lets more in`,
      ticket: expect.any(String),
      next: expect.stringContaining("Show a person"),
    });
    const { ticket } = plan;
    expect(await server.refusal("update_policy", { ...change, session_duration: "1h", ticket })).toMatchObject({
      message: expect.stringContaining("other arguments"),
      outcome: "not_sent",
    });
    expect(upstream.writes()).toEqual([]);

    expect(await server.ask("update_policy", { ...change, ticket })).toMatchObject({ include: everyone });
    expect(upstream.writes()).toMatchObject([{ method: "PUT", body: { include: everyone } }]);
    expect(await newest(server)).toMatchObject({
      operation: "update_policy",
      name: `${name} inside`,
      status: "done",
      access: { direction: "widen" },
      consent: { by: "ticket", ticket_id: expect.any(String) },
    });

    await upstream.dashboard("PUT", `/policies/${inside["id"]}`, { ...inside, id: undefined });
    expect(await server.refusal("update_policy", { ...change, ticket })).toMatchObject({
      message: expect.stringContaining("used already"),
      outcome: "not_sent",
    });
    expect(upstream.writes()).toEqual([]);
  });

  it("refuses the ticket of an object that somebody changed since, and shows both sides", async () => {
    const { group, name } = await crew(upstream);
    const change = { group_id: group["id"], include: everyone };
    const { ticket } = await server.ask("update_group", change);
    await upstream.dashboard("PUT", `/groups/${group["id"]}`, {
      name: `${name} renamed`,
      include: group["include"],
    });
    expect(await server.refusal("update_group", { ...change, ticket })).toMatchObject({
      kind: "conflict",
      outcome: "not_sent",
      theirs: [{ path: "name", before: name, after: `${name} renamed` }],
      yours: expect.arrayContaining([{ path: "include[0]", after: { everyone: {} } }]),
    });
    expect(upstream.writes()).toEqual([]);
    expect(await newest(server)).toMatchObject({
      operation: "update_group",
      resource_id: group["id"],
      status: "refused",
    });
  });

  it("carries tickets through run_write_operation", async () => {
    const { group } = await crew(upstream);
    const operation = "delete_group";
    const { ticket } = await server.ask("run_write_operation", { operation, arguments: { group_id: group["id"] } });
    expect(ticket).toEqual(expect.any(String));
    expect(upstream.writes()).toEqual([]);
    await server.ask("run_write_operation", { operation, arguments: { group_id: group["id"], ticket } });
    expect(upstream.writes()).toMatchObject([{ method: "DELETE", path: `/groups/${group["id"]}` }]);
  });

  it("tells what was changed and takes it back", async () => {
    const { inside } = await crew(upstream);
    const path = `/policies/${inside["id"]}`;
    const before = await upstream.dashboard("GET", path);
    await server.ask("update_policy", {
      policy_id: inside["id"],
      session_duration: "1h",
      reason: "the audit asks for it",
    });
    const change = await newest(server);
    expect(change).toMatchObject({
      status: "done",
      reason: "the audit asks for it",
      consent: { by: "policy" },
      differences: [{ path: "session_duration", before: "24h", after: "1h" }],
      undo: { possible: "yes", by: "update_policy" },
    });
    upstream.writes();

    // Back to the longer session means letting in for longer: that needs a yes as well.
    const { ticket, status } = await server.ask("undo_change", { change_id: change["id"] });
    expect(status).toBe("needs_confirmation");
    expect(upstream.writes()).toEqual([]);
    const { _change_id } = await server.ask("undo_change", { change_id: change["id"], ticket });
    const after = await upstream.dashboard("GET", path);
    expect(after).toEqual({ ...before, updated_at: after["updated_at"] });
    expect(await server.ask("get_change", { change_id: change["id"] })).toMatchObject({ undone_by: _change_id });
    expect(await newest(server)).toMatchObject({ id: _change_id, undo_of: change["id"], status: "done" });
    expect(await server.refusal("undo_change", { change_id: change["id"] })).toMatchObject({
      message: expect.stringContaining("taken back already"),
    });
  });
});

describe.each(clients.filter(([name]) => canAsk(name)))("%s, with somebody to ask", (_, connect) => {
  const person = new Person();
  let server: Conversation;
  beforeAll(async () => {
    server = await connected(upstream, connect, { person });
    upstream.writes();
  });

  it("asks for a yes to what the change does", async () => {
    const { name, inside, application } = await crew(upstream);
    person.says = "yes";
    person.asked.length = 0;
    const answer = await server.ask("update_policy", { policy_id: inside["id"], include: everyone });
    expect(answer).toMatchObject({ id: inside["id"], include: everyone });
    const [question = "", ...more] = person.asked;
    expect(more).toEqual([]);
    expect(question.split("\n")[0]).toBe(`Change reusable policy "${name} inside": lets more in`);
    expect(question).toContain("anyone who can log in may enter");
    expect(question).toContain(`Used by application "${application["name"]}"`);
    expect(question).not.toContain("update_policy");
    expect(upstream.writes()).toMatchObject([{ method: "PUT", body: { include: everyone } }]);
    expect(await newest(server)).toMatchObject({ status: "done", consent: { by: "person" } });
  });

  it.each(["no", "nothing, but sends the form", "nothing and closes it"] as const)(
    "sends nothing when the person says %s",
    async (says) => {
      const { group } = await crew(upstream);
      person.says = says;
      person.asked.length = 0;
      expect(await server.ask("delete_group", { group_id: group["id"] })).toMatchObject({ status: "declined" });
      expect(person.asked).toHaveLength(1);
      expect(upstream.writes()).toEqual([]);
      expect(await newest(server)).toMatchObject({
        operation: "delete_group",
        resource_id: group["id"],
        status: "refused",
        error: { message: "a person said no" },
      });
    },
  );

  it("does not ask for what lets nobody in", async () => {
    const { inside } = await crew(upstream);
    person.asked.length = 0;
    await server.ask("update_policy", { policy_id: inside["id"], session_duration: "1h" });
    expect(person.asked).toEqual([]);
    expect(upstream.writes()).toHaveLength(1);
  });

  it("takes no ticket in the place of the person", async () => {
    const { group } = await crew(upstream);
    const { ticket } = await server.ask("delete_group", { group_id: group["id"], dry_run: true });
    person.says = "no";
    person.asked.length = 0;
    expect(await server.ask("delete_group", { group_id: group["id"], ticket })).toMatchObject({ status: "declined" });
    expect(person.asked).toHaveLength(1);
    expect(upstream.writes()).toEqual([]);
  });

  it("asks through run_write_operation and before an undo", async () => {
    const [{ group, name }, { inside }] = [await crew(upstream), await crew(upstream)];
    person.says = "yes";
    person.asked.length = 0;
    await server.ask("run_write_operation", { operation: "delete_group", arguments: { group_id: group["id"] } });
    expect(person.asked).toEqual([expect.stringMatching(`^Delete group "${name}"`)]);
    expect(upstream.writes()).toHaveLength(1);

    await server.ask("update_policy", { policy_id: inside["id"], session_duration: "1h" });
    const { id } = await newest(server);
    upstream.writes();
    person.says = "no";
    expect(await server.ask("undo_change", { change_id: id })).toMatchObject({ status: "declined" });
    expect(upstream.writes()).toEqual([]);
    person.says = "yes";
    await server.ask("undo_change", { change_id: id });
    expect(person.asked.slice(1)).toEqual(
      Array(2).fill(expect.stringContaining(`Change reusable policy "${inside["name"]}"`)),
    );
    expect(await server.ask("get_change", { change_id: id })).toMatchObject({ undone_by: expect.any(String) });
  });
});

describe.each(clients.filter(([name]) => !canAsk(name)))("%s, with somebody who cannot be reached", (_, connect) => {
  it("answers with a ticket", async () => {
    const person = new Person();
    const server = await connected(upstream, connect, { person });
    const { group } = await crew(upstream);
    upstream.writes();
    const { status, ticket } = await server.ask("delete_group", { group_id: group["id"] });
    expect(status).toBe("needs_confirmation");
    expect(upstream.writes()).toEqual([]);
    await server.ask("delete_group", { group_id: group["id"], ticket });
    expect(person.asked).toEqual([]);
    expect(upstream.writes()).toHaveLength(1);
  });
});
