import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { connectOverStdio, serverEnvironment, serverFile } from "../support/built-server.ts";
import { Person } from "../support/clients.ts";
import { connected, crew, freshState, newest, type Row, startUpstream, type Upstream } from "../support/upstream.ts";

const everyone = [{ everyone: {} }];

let upstream: Upstream;
beforeAll(async () => {
  upstream = await startUpstream();
});

/** A server with flags of the operator; what was written before is forgotten. */
async function serverWith(flags: readonly string[], more: { person?: Person; state?: string } = {}) {
  const server = await connected(upstream, connectOverStdio, { flags, ...more });
  upstream.writes();
  return server;
}

describe("--confirm", () => {
  it("always: has somebody agree to what is harmless, too", async () => {
    const { ask } = await serverWith(["--confirm", "always"]);
    const group = { name: "harmless", include: [{ email: { email: "ada@example.com" } }] };
    const { status, ticket } = await ask("create_group", group);
    expect(status).toBe("needs_confirmation");
    expect(upstream.writes()).toEqual([]);
    await ask("create_group", { ...group, ticket });
    expect(upstream.writes()).toHaveLength(1);
  });

  it("never: asks nobody, and the journal says so", async () => {
    const person = new Person();
    const server = await serverWith(["--confirm", "never"], { person });
    const { group } = await crew(upstream);
    await server.ask("delete_group", { group_id: group["id"] });
    expect(person.asked).toEqual([]);
    expect(upstream.writes()).toHaveLength(1);
    expect(await newest(server)).toMatchObject({ operation: "delete_group", consent: { by: "never" } });
  });

  it("--elicit off: asks nobody through the client, and wants the ticket", async () => {
    const person = new Person();
    const { ask } = await serverWith(["--elicit", "off"], { person });
    const { group } = await crew(upstream);
    const { ticket } = await ask("delete_group", { group_id: group["id"] });
    expect(upstream.writes()).toEqual([]);
    await ask("delete_group", { group_id: group["id"], ticket });
    expect(person.asked).toEqual([]);
    expect(upstream.writes()).toHaveLength(1);
  });
});

describe("--approval human", () => {
  const run = promisify(execFile);
  const words = (word: string, id: string, state: string) => ["changes", word, id, "--state", state];

  /** Runs `changes` on a terminal, answers its question, and tells what it showed. */
  async function onTerminal(answer: string, ...args: readonly string[]): Promise<string> {
    const command = [process.execPath, serverFile, ...args].map((word) => `'${word}'`).join(" ");
    const child = spawn("script", ["-qec", command, "/dev/null"], { env: serverEnvironment() });
    let seen = "";
    let isAnswered = false;
    child.stdout.on("data", (data) => {
      seen += data;
      if (!isAnswered && seen.includes("[y/N]")) isAnswered = child.stdin.write(answer);
    });
    await once(child, "close");
    return seen;
  }

  it("makes tickets worthless before a person approved them on this machine", async () => {
    const [person, state] = [new Person(), freshState()];
    const server = await serverWith(["--approval", "human"], { person, state });
    const { name, group } = await crew(upstream);
    const change = { group_id: group["id"] };
    const { ticket, approval, next } = await server.ask("delete_group", change);
    expect(next).toContain(`changes approve ${approval}`);
    expect(person.asked, "the client's word is the agent's").toEqual([]);
    expect(await server.refusal("delete_group", { ...change, ticket })).toMatchObject({
      message: expect.stringContaining("waiting for a person"),
    });

    const byAgent = run(process.execPath, [serverFile, ...words("approve", String(approval), state)], {
      env: serverEnvironment(),
    });
    await expect(byAgent).rejects.toMatchObject({
      code: 6,
      stderr: expect.stringContaining("an agent cannot approve"),
    });
    await server.refusal("delete_group", { ...change, ticket });
    expect(upstream.writes()).toEqual([]);

    const seen = await onTerminal("y\n", ...words("approve", String(approval), state));
    expect(seen).toContain(`Delete group "${name}"`);
    await server.ask("delete_group", { ...change, ticket });
    expect(upstream.writes()).toMatchObject([{ method: "DELETE", path: `/groups/${group["id"]}` }]);
    expect(await newest(server)).toMatchObject({
      status: "done",
      consent: { by: "approval", who: expect.any(String) },
    });
  });

  it("ends what a person rejects", async () => {
    const state = freshState();
    const { ask, refusal } = await serverWith(["--approval", "human"], { state });
    const { group } = await crew(upstream);
    const change = { group_id: group["id"] };
    const { ticket, approval } = await ask("delete_group", change);
    await run(process.execPath, [serverFile, ...words("reject", String(approval), state)], {
      env: serverEnvironment(),
    });
    expect(await refusal("delete_group", { ...change, ticket })).toMatchObject({
      message: expect.stringContaining("said no"),
    });
    expect(upstream.writes()).toEqual([]);
  });
});

describe("budgets", () => {
  it("stop a loop of deletes with one clear reason", async () => {
    const server = await serverWith(["--confirm", "never", "--max-destroys", "3"]);
    const ids = await Promise.all(
      Array.from(
        { length: 6 },
        async (_, at) => (await upstream.dashboard("POST", "/tags", { name: `loop-${at}` }))["name"],
      ),
    );
    const reasons: unknown[] = [];
    for (const [at, tag_name] of ids.entries()) {
      if (at < 3) await server.ask("delete_tag", { tag_name });
      else reasons.push((await server.refusal("delete_tag", { tag_name }))["message"]);
    }
    expect(upstream.writes()).toHaveLength(3);
    expect(new Set(reasons)).toEqual(
      new Set(["delete_tag is refused: 3 of 3 deletions and revocations allowed per 10 minutes are done"]),
    );
    expect(await newest(server)).toMatchObject({ operation: "delete_tag", status: "refused" });
  });
});

describe("the guard", () => {
  it("refuses what would lock somebody out, by whatever way and whoever agrees", async () => {
    const { name, group, inside, application } = await crew(upstream);
    const state = freshState();
    // The same state without a guard: its tickets work here too.
    const careless = await serverWith([], { state });
    const server = await serverWith(["--guard", `ada@partner.example,app:${application["name"]}`], { state });
    const changes: readonly (readonly [string, Row])[] = [
      ["delete_group", { group_id: group["id"] }],
      ["update_group", { group_id: group["id"], include: [{ email: { email: "eve@example.com" } }] }],
      ["update_policy", { policy_id: inside["id"], require: [{ geo: { country_code: "AQ" } }] }],
      ["delete_application", { app_id: application["id"] }],
    ];
    for (const [operation, input] of changes) {
      const plan = await server.ask(operation, { ...input, dry_run: true });
      expect(plan["would_be_refused"], operation).toEqual([
        expect.stringContaining(`locked out of "${application["name"]}"`),
      ]);
      expect(plan, operation).not.toHaveProperty("ticket");
      const { ticket } = await careless.ask(operation, { ...input, dry_run: true });
      for (const given of [input, { ...input, ticket }]) {
        expect(await server.refusal(operation, given), operation).toMatchObject({
          kind: "refused",
          outcome: "not_sent",
          message: expect.stringMatching(/the guard keeps (?:ada@partner.example|anybody) from being locked out/),
        });
      }
    }
    expect(upstream.writes()).toEqual([]);
    expect(await newest(server)).toMatchObject({ operation: "delete_application", status: "refused" });
    await server.ask("update_group", { group_id: group["id"], name: `${name} and friends` });
    expect(upstream.writes(), "what locks nobody out goes on").toHaveLength(1);
  });
});

describe("--rules", () => {
  it("refuses what the file forbids, and the journal knows", async () => {
    const state = freshState();
    const file = join(state, "rules.yaml");
    writeFileSync(file, "forbid:\n  shapes:\n    - match: everyone\n      because: The board decided so.\n", {
      mode: 0o600,
    });
    const server = await serverWith(["--rules", file, "--confirm", "never"], { state });
    const { inside } = await crew(upstream);
    const change = { policy_id: inside["id"], include: everyone };
    expect(await server.ask("update_policy", { ...change, dry_run: true })).toMatchObject({
      would_be_refused: [expect.stringContaining("The board decided so.")],
    });
    const told = { message: expect.stringMatching(/forbid\.shapes\[0\]/), kind: "refused" };
    expect(await server.refusal("update_policy", change)).toMatchObject({ ...told, outcome: "not_sent" });
    expect(
      await server.refusal("run_write_operation", { operation: "update_policy", arguments: change }),
    ).toMatchObject(told);
    expect(upstream.writes()).toEqual([]);
    const { items } = await server.ask("list_changes", { resource_id: inside["id"] });
    expect(items).toMatchObject(Array(2).fill({ operation: "update_policy", status: "refused" }));
    expect(await newest(server)).toMatchObject({ error: told });
  });
});
