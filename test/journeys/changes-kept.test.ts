import { rmSync, writeFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { StreamableHTTPClientTransport, specTypeSchemas, withInputRequired } from "@modelcontextprotocol/client";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { connections, connectOverStdio, startHttp } from "../support/built-server.ts";
import { modernClient, Person } from "../support/clients.ts";
import {
  type Conversation,
  connected,
  crew,
  everythingIn,
  freshState,
  newest,
  type Row,
  startUpstream,
  type Upstream,
} from "../support/upstream.ts";

const everyone = [{ everyone: {} }];

let upstream: Upstream;
beforeAll(async () => {
  upstream = await startUpstream();
});

/** Two server processes that share one state. */
async function pair(over = upstream): Promise<readonly [Conversation, Conversation]> {
  const state = freshState();
  const servers = await Promise.all([1, 2].map(() => connected(over, connectOverStdio, { state })));
  over.writes();
  return servers as [Conversation, Conversation];
}

/** Every text in a value. */
const textsIn = (value: unknown): readonly string[] =>
  typeof value === "string" ? [value] : Object.values(value ?? {}).flatMap(textsIn);

/** How a call ended, without failing the test. */
const ended = (call: Promise<Row>): Promise<Row | Error> => call.catch((error: Error) => error);

describe("a ticket", () => {
  it("makes one write, however many use it in however many processes", async () => {
    const [one, other] = await pair();
    const { group } = await crew(upstream);
    const { ticket } = await one.ask("delete_group", { group_id: group["id"] });
    const uses = [one, other, one, other, one, other].map(({ ask }) =>
      ended(ask("delete_group", { group_id: group["id"], ticket })),
    );
    const failures = (await Promise.all(uses)).filter((end) => end instanceof Error);
    expect(failures).toHaveLength(5);
    expect(upstream.writes()).toHaveLength(1);
    const { items } = await other.ask("list_changes", { resource_id: group["id"] });
    expect((items as Row[]).filter(({ status }) => status === "done")).toHaveLength(1);
  });

  it("is dead after a no, whatever the client sends then", async () => {
    const args = ["http", "--surface", "all", "--state", freshState()];
    const server = await startHttp({ args, environment: upstream.environment });
    const transport = new StreamableHTTPClientTransport(server.url);
    const client = await modernClient(transport, { pin: "2026-07-28" }, new Person());
    onTestFinished(() => client.close());
    const { group } = await crew(upstream);
    upstream.writes();
    const params = { name: "delete_group", arguments: { group_id: group["id"] } };
    const round = (more: Row = {}) =>
      client.request(
        { method: "tools/call", params: { ...params, ...more } },
        withInputRequired(specTypeSchemas.CallToolResult),
        { allowInputRequired: true },
      );
    const { requestState, inputRequests } = (await round()) as Row;
    expect(inputRequests).toMatchObject({ confirm: { method: "elicitation/create" } });
    const yes = { confirm: { action: "accept", content: { confirm: true } } };
    const declined = await round({ requestState, inputResponses: { confirm: { action: "decline" } } });
    expect(declined).toMatchObject({ structuredContent: { status: "declined" } });
    expect(await round({ requestState, inputResponses: yes })).toMatchObject({
      isError: true,
      structuredContent: { error: { message: expect.stringContaining("said no"), outcome: "not_sent" } },
    });
    const foreign = { requestState: String(requestState).replace(/.$/, ""), inputResponses: yes };
    expect(await round(foreign)).toMatchObject({ isError: true });
    expect(upstream.writes()).toEqual([]);
  });
});

describe("two processes", () => {
  it("lose no update of one object", async () => {
    // Long enough that both write at once if nobody keeps them from it.
    const slow = await startUpstream({ faults: [{ kind: "delay", milliseconds: 300, match: { method: "PUT" } }] });
    const [one, other] = await pair(slow);
    const { inside } = await crew(slow);
    const changes = [{ name: "renamed" }, { session_duration: "1h" }];
    const ends = await Promise.all(
      [one, other].map(({ ask }, at) => ended(ask("update_policy", { policy_id: inside["id"], ...changes[at] }))),
    );
    const done = changes.filter((_, at) => !(ends[at] instanceof Error));
    const final = await slow.dashboard("GET", `/policies/${inside["id"]}`);
    expect(done.length).toBeGreaterThan(0);
    for (const change of done) expect(final).toMatchObject(change);
    expect(slow.writes()).toHaveLength(done.length);
    for (const end of ends) if (end instanceof Error) expect(end.message).toContain('"kind":"conflict"');
  });

  it("know of each other's changes and undo them", async () => {
    const [one, other] = await pair();
    const { inside } = await crew(upstream);
    await one.ask("update_policy", { policy_id: inside["id"], session_duration: "1h" });
    const { id } = await newest(other);
    const { ticket } = await other.ask("undo_change", { change_id: id });
    await other.ask("undo_change", { change_id: id, ticket });
    expect(await one.ask("get_change", { change_id: id })).toMatchObject({ undone_by: expect.any(String) });
    expect(await upstream.dashboard("GET", `/policies/${inside["id"]}`)).toMatchObject({ session_duration: "24h" });
  });
});

describe("secrets", () => {
  it("given or made, are in no answer, question, log or journal", async () => {
    const person = new Person();
    const server = await connected(upstream, connectOverStdio, { person, flags: ["--confirm", "always"] });
    upstream.writes();
    const answers: unknown[] = [];
    const ask = async (name: string, input: Row): Promise<Row> => {
      const { structuredContent, content } = await server.client.callTool({ name, arguments: input });
      answers.push(structuredContent, content);
      return structuredContent ?? {};
    };
    const given = ["canary-first-0f3b", "canary-second-91ac", "canary-third-77de"];
    const config = (client_secret: string | undefined) => ({ client_id: "crew", client_secret });
    const provider = { name: "Canary", type: "github", config: config(given[0]) };
    const { id } = await ask("create_identity_provider", provider);
    const address = { identity_provider_id: id };
    await ask("update_identity_provider", { ...address, ...provider, config: config(given[1]), dry_run: true });
    await ask("update_identity_provider", { ...address, ...provider, config: config(given[1]) });
    person.says = "no";
    await ask("update_identity_provider", { ...address, ...provider, name: "Named anew", config: config(given[2]) });
    person.says = "yes";
    expect(upstream.writes().map(({ body }) => (body as typeof provider).config.client_secret)).toEqual(
      given.slice(0, 2),
    );
    await ask("create_identity_provider", { ...provider, type: "no such kind" });
    await ask("create_identity_provider", { ...provider, config: { ...config(given[2]), nonsense: true } });

    const token = await ask("create_service_token", { name: "canary" });
    await ask("rotate_service_token", { service_token_id: token["id"] });
    await ask("undo_change", { change_id: (await newest(server))["id"] });
    for (const change of (await server.ask("list_changes"))["items"] as Row[]) {
      await ask("get_change", { change_id: change["id"] });
    }
    const folder = join(server.state, "secrets");
    const files = await readdir(folder);
    const made = await Promise.all(files.map(async (file) => (await readFile(join(folder, file), "utf8")).trim()));
    expect(made).toHaveLength(2);
    expect(JSON.stringify(answers)).toContain(files[0]);

    await server.client.close();
    rmSync(folder, { recursive: true });
    const kept = everythingIn(server.state);
    expect(kept).toContain("rotate_service_token");
    const told = [JSON.stringify(answers), JSON.stringify(person.asked), kept, server.log()];
    for (const secret of [...given, ...made]) {
      for (const form of [secret, Buffer.from(secret).toString("base64"), encodeURIComponent(secret)]) {
        for (const text of told) expect(text).not.toContain(form);
      }
    }
  });
});

describe("names that hide something", () => {
  const hostile = "pay\u202eroll\u001b[31m\u200b\u{e0041}";
  const hidden = Array.from("\u202e\u001b\u200b\u{e0041}");
  const visible = "pay⟦U+202E⟧roll";

  it.each([
    ["newest revision", "2026-07-28"],
    ["older one", "legacy"],
  ] as const)("come out visibly, to agents and people: %s", async (_, mode) => {
    const person = new Person();
    person.says = "no";
    const [, connect] = connections.find(([name]) => name === `SDK v2 (${mode}) over stdio`) ?? [];
    const server = await connected(upstream, connect, { person });
    const { inside } = await crew(upstream);
    const { id } = await upstream.dashboard("POST", "/groups", { name: hostile, include: everyone });
    await upstream.dashboard("PUT", `/policies/${inside["id"]}`, {
      name: hostile,
      decision: "allow",
      include: [{ group: { id } }],
    });
    upstream.writes();
    const answers = [
      await server.ask("get_group", { group_id: id }),
      await server.ask("delete_group", { group_id: id, dry_run: true }),
      await server.ask("delete_group", { group_id: id }),
      await server.ask("update_group", { group_id: id, include: [{ email: { email: "ada@partner.example" } }] }),
      await server.ask("list_changes", { limit: 2 }),
      await newest(server),
    ];
    for (const text of [...textsIn(answers), ...person.asked]) {
      for (const character of hidden) expect(text).not.toContain(character);
    }
    expect(answers[1]).toMatchObject({ summary: expect.stringContaining(visible) });
    expect(answers[5]).toMatchObject({ name: expect.stringContaining(visible) });
    expect(person.asked).toEqual([expect.stringContaining(`Delete group "${visible}`)]);
    expect(upstream.writes(), "as it was, only without the rule").toMatchObject([{ body: { name: hostile } }]);
  });
});

describe("a journal that cannot be written", () => {
  it("ends writes and lets reads go on", async () => {
    const server = await connected(upstream);
    const { inside } = await crew(upstream);
    const change = { policy_id: inside["id"], session_duration: "1h" };
    await server.ask("update_policy", { ...change, session_duration: "8h" });
    rmSync(server.state, { recursive: true });
    writeFileSync(server.state, "in the way");
    upstream.writes();
    expect(await server.refusal("update_policy", change)).toMatchObject({ kind: "refused", outcome: "not_sent" });
    expect(await server.refusal("create_tag", { name: "unwritten" })).toMatchObject({ outcome: "not_sent" });
    expect(upstream.writes()).toEqual([]);
    expect(await server.ask("get_policy", { policy_id: inside["id"] })).toMatchObject({ session_duration: "8h" });
    rmSync(server.state);
    await server.ask("update_policy", change);
    expect(upstream.writes()).toHaveLength(1);
  });
});
