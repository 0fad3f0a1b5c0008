import { spawn } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Control } from "../../src/core/change.ts";
import { serverEnvironment, serverFile } from "../support/built-server.ts";
import { failureOf } from "../support/calls.ts";
import {
  changes,
  createGroup,
  documentOf,
  endOf,
  environmentFor,
  hostile,
  onTerminal,
  root,
  server,
  who,
} from "../support/changes-command.ts";
import { filesOf } from "../support/journal.ts";
import { safeServer } from "../support/safe.ts";

const groups = () => JSON.stringify(server.sandbox.snapshot());

describe("looking at changes", () => {
  it("needs no credentials and shows the newest first", async () => {
    const { change_id } = await createGroup("first");
    await createGroup("second");
    const { code, out } = await changes(["list"]);
    expect(code).toBe(0);
    expect(out.split("\n").map((line) => /"(\w+)"/.exec(line)?.[1])).toEqual([undefined, "second", "first", undefined]);
    expect(out).toContain(change_id);
    expect(documentOf(await changes(["list", "--json"]))).toMatchObject({
      items: [{ name: "second", status: "done", access: "neutral", undoable: "yes" }, { name: "first" }],
      complete: true,
    });
    const shown = await changes(["show", change_id]);
    expect(shown.out).toContain("create_group");
    expect(documentOf(await changes(["show", change_id, "--json"]))).toMatchObject({
      id: change_id,
      status: "done",
      undo: { possible: "yes" },
    });
  });

  it("says how much more there is", async () => {
    for (let index = 0; index < 52; index++) await createGroup(`g${index}`);
    expect(documentOf(await changes(["list", "--json"]))).toMatchObject({ complete: false });
    expect((await changes(["list"])).out).toMatch(/there are older ones: --all\n$/);
    expect(documentOf(await changes(["list", "--all", "--json"])).items).toHaveLength(52);
  });

  it("shows nothing that a terminal obeys or a person cannot see", async () => {
    const { change_id } = await createGroup(hostile, { reason: hostile });
    for (const words of [
      ["list"],
      ["show", change_id],
      ["export"],
      ["list", "--json"],
      ["show", change_id, "--json"],
    ]) {
      const { code, out } = await changes(words);
      expect(code).toBe(0);
      expect(out, words.join(" ")).not.toMatch(/[^\n\x20-\x7e\u00a0-\u2027\u2030-\uffff]/);
    }
  });

  it("is in colour on a terminal alone", async () => {
    await createGroup("first");
    const { CI, NO_COLOR, FORCE_COLOR, ...environment } = serverEnvironment({ TERM: "xterm-256color" });
    const seenWith = async (name: string, value: string) =>
      (await onTerminal(["list"], "", { ...environment, [name]: value })).out;
    expect(await seenWith("TERM", "xterm")).toContain("\u001b[");
    expect(await seenWith("TERM", "dumb")).not.toContain("\u001b[");
    expect(await seenWith("NO_COLOR", "1")).not.toContain("\u001b[");
    expect((await changes(["list"])).out).not.toContain("\u001b[");
  });

  it("verifies no journal where there is none", async () => {
    rmSync(join(server.folder, "journal"), { recursive: true, force: true });
    const { code, out } = await changes(["verify"]);
    expect(code).not.toBe(0);
    expect(out).toMatch(/there is no journal/);
  });

  it("exports every line as it was written", async () => {
    await createGroup(hostile);
    const { out } = await changes(["export"]);
    const lines = out.trimEnd().split("\n");
    const written = filesOf(join(server.folder, "journal")).flatMap((file) =>
      readFileSync(file, "utf8").trimEnd().split("\n"),
    );
    expect(lines.map((line) => JSON.parse(line))).toEqual(written.map((line) => JSON.parse(line)));
    expect(documentOf(await changes(["export", "--json"])).items).toHaveLength(written.length);
  });

  it("ends with 1 for an id that nothing has", async () => {
    const { code, errors } = await changes(["show", "chg_0123456789"]);
    expect({ code, errors }).toEqual({ code: 1, errors: expect.stringMatching(/no change chg_0123456789/) });
    const { errors: json } = await changes(["show", "chg_0123456789", "--json"]);
    expect(JSON.parse(json)).toMatchObject({ error: { kind: "input", outcome: "not_sent" } });
  });
});

describe("changes verify", () => {
  it("ends with 0 for a journal that is whole", async () => {
    await createGroup("first");
    expect(await changes(["verify"])).toMatchObject({ code: 0, out: "2 lines in 1 files are as they were written\n" });
    expect(documentOf(await changes(["verify", "--json"]))).toMatchObject({ whole: true, faults: [] });
  });

  it("names file, line and problem of what was altered, and ends with 1", async () => {
    await createGroup("first");
    const [file = ""] = filesOf(join(server.folder, "journal"));
    writeFileSync(file, readFileSync(file, "utf8").replace(/(\n.*)"done"/, '$1"none"'));
    const { code, out } = await changes(["verify"]);
    expect(code).toBe(1);
    expect(out).toMatch(/^\S+\.jsonl line 2 was changed: its hash is of other content\n$/);
    const ending = await changes(["verify", "--json"]);
    expect(ending.code).toBe(1);
    expect(documentOf(ending)).toMatchObject({ whole: false, faults: [{ line: 2 }] });
  });
});

describe("changes verify FILE", () => {
  it("finds even a journal that was written anew, by the checkpoints that a server told", async () => {
    const { change_id } = await createGroup("first");
    const { errors } = await changes(["undo", change_id, "--yes"], await environmentFor(server));
    const log = `${server.folder}.log`;
    writeFileSync(log, `something else\n${errors}`);
    expect((await changes(["verify", log])).code).toBe(0);
    const told = filesOf(join(server.folder, "journal")).find((file) => errors.includes(basename(file))) ?? "";
    const head = filesOf(join(server.folder, "journal"), "heads").find((file) =>
      errors.includes(basename(file, ".json")),
    );
    rmSync(told);
    rmSync(head ?? "");
    expect((await changes(["verify"])).code).toBe(0);
    const { code, out } = await changes(["verify", log]);
    expect(code).toBe(1);
    expect(out).toContain(`${basename(told)} line 0 the file is missing`);
  });

  it("needs a file with checkpoints in it", async () => {
    const empty = join(root, "empty");
    writeFileSync(empty, "");
    for (const file of [empty, join(root, "missing")]) expect((await changes(["verify", file])).code).toBe(1);
  });
});

describe("changes undo", () => {
  it("takes a change back, and the journal says who agreed", async () => {
    const { id, change_id } = await createGroup("first");
    const ending = await changes(["undo", change_id, "--yes", "--json"], await environmentFor(server));
    expect(ending.code).toBe(0);
    const [item] = documentOf(ending).items;
    expect(item).toMatchObject({ id: change_id, status: "done" });
    expect(groups()).not.toContain(id);
    const { result } = await server.call("get_change", { change_id: item.change_id });
    expect(result).toMatchObject({
      undo_of: change_id,
      principal: who,
      reason: "changes undo",
      consent: { by: "approval", who },
    });
    expect((await changes(["list"])).out).toContain("undone");
  });

  it("shows what it does on a terminal, and does it after a yes", async () => {
    const { id, change_id } = await createGroup("first");
    const { code, out } = await onTerminal(["undo", change_id], "y\n", await environmentFor(server));
    expect(out).toContain("Delete group");
    expect(out).toContain(`${change_id} was taken back by`);
    expect(code).toBe(0);
    expect(groups()).not.toContain(id);
  });

  it.each(["n\n", "\n", "\u0004", "\u0003"])("does nothing after %j", async (answer) => {
    const { id, change_id } = await createGroup("first");
    const { code, out } = await onTerminal(["undo", change_id], answer, await environmentFor(server));
    expect(out).toContain("nobody agreed");
    expect(code).toBe(6);
    expect(groups()).toContain(id);
    expect((await changes(["pending"])).out).toBe("nothing waits for a person\n");
  });

  it("does nothing without terminal and --yes, whatever is piped in", async () => {
    const { change_id } = await createGroup("first");
    const before = server.sandbox.requests.length;
    const { code, errors } = await changes(["undo", change_id], await environmentFor(server), "y\n");
    expect({ code, errors }).toEqual({ code: 6, errors: expect.stringMatching(/on a terminal, or give --yes/) });
    expect(server.sandbox.requests.length).toBe(before);
  });

  it("ends with 5 and shows what somebody else changed since", async () => {
    const { id } = await createGroup("first");
    const { change_id = "" } = await server.call("update_group", { group_id: id, name: "second" });
    await server.call("update_group", { group_id: id, name: "third" });
    const environment = await environmentFor(server);
    const { code, out } = await changes(["undo", change_id, "--yes"], environment);
    expect(code).toBe(5);
    expect(out).toContain(`${change_id} stays`);
    const ending = await changes(["undo", change_id, "--yes", "--json"], environment);
    expect(documentOf(ending)).toMatchObject({ items: [{ status: "failed", error: { kind: "conflict" } }] });
    expect(groups()).toContain('"third"');
  });

  it("ends with 3 without credentials, and with 4 when Cloudflare is not there", async () => {
    const { change_id } = await createGroup("first");
    expect((await changes(["undo", change_id, "--yes"])).code).toBe(3);
    const environment = { ...(await environmentFor(server)), CLOUDFLARE_BASE_URL: "http://127.0.0.1:1/client/v4" };
    expect((await changes(["undo", change_id, "--yes"], environment)).code).toBe(4);
  });

  it("keeps to the operator's settings", async () => {
    const { change_id } = await createGroup("first");
    const environment = await environmentFor(server);
    expect((await changes(["undo", change_id, "--yes", "--read-only"], environment)).code).toBe(5);
    expect((await changes(["undo", change_id, "--yes", "--max-destroys", "0"], environment)).code).toBe(5);
  });
});

describe("--approval human", () => {
  /** Asks for a deletion, which waits for a person. */
  async function askToDelete() {
    const { id } = await createGroup("first");
    const careful = safeServer({ approval: "human" }, { folder: server.folder, sandbox: server.sandbox });
    const deletion = (control?: Control) => careful.call("delete_group", { group_id: id }, control);
    const { ticket, approval } = (await deletion({ reason: hostile })).result as { ticket: string; approval: string };
    return { id, approval, again: () => deletion({ ticket, reason: hostile }) };
  }

  it("lets a change through that a person approved on a terminal", async () => {
    const { id, approval, again } = await askToDelete();
    expect(documentOf(await changes(["pending", "--json"]))).toMatchObject({
      items: [{ id: approval, operation: "delete_group", object: id, principal: "local" }],
    });
    expect((await changes(["pending", "--json"])).out).not.toContain("ticket");
    expect(await failureOf(again())).toMatchObject({ message: expect.stringContaining(approval) });
    const { code, out } = await onTerminal(["approve", approval], "y\n");
    expect(out).toMatch(/Delete group "first".*asked by local: delete_group.*expires in 9m/s);
    for (const one of ["\u001b[31m", "\u009b", "\u202e"]) expect(out).not.toContain(one);
    expect(code).toBe(0);
    const { change_id } = await again();
    expect((await server.call("get_change", { change_id })).result).toMatchObject({
      consent: { by: "approval", who },
    });
    expect((await onTerminal(["approve", approval], "y\n")).code).toBe(5);
  });

  it("is not given to whoever pipes a yes", async () => {
    const { approval, again } = await askToDelete();
    const { code, errors } = await changes(["approve", approval], serverEnvironment(), "y\n");
    expect({ code, errors }).toEqual({ code: 6, errors: expect.stringMatching(/an agent cannot approve/) });
    expect((await changes(["approve", approval, "--yes"])).code).toBe(1);
    await failureOf(again());
  });

  it("goes on waiting when the person is not sure, and ends when it is rejected", async () => {
    const { approval, again } = await askToDelete();
    expect((await onTerminal(["approve", approval], "\n")).code).toBe(6);
    expect((await changes(["pending"])).out).toContain(approval);
    expect(documentOf(await changes(["reject", approval, "--json"]))).toEqual({
      id: approval,
      status: "rejected",
      who,
    });
    expect(await failureOf(again())).toMatchObject({ message: expect.stringMatching(/a person said no/) });
    expect((await onTerminal(["approve", approval], "y\n")).code).toBe(5);
  });
});

describe("the changes of a sandbox", () => {
  it("are none unless its state was kept", async () => {
    const child = spawn(process.execPath, [serverFile, "changes", "list", "--sandbox"], { env: serverEnvironment() });
    expect(await endOf(child)).toMatchObject({ code: 1, errors: expect.stringContaining("--state") });
    expect((await changes(["list", "--sandbox"])).out).toBe("nothing was changed yet\n");
  });
});
