import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { secretKeeper, stateFolder } from "../../src/main/secrets.ts";
import { readSettings } from "../../src/main/settings.ts";
import { redact } from "../../src/pipeline/redact.ts";
import { callOf, failureOf } from "../support/calls.ts";

const fresh = { value: "canary-secret", field: "client_secret", noun: "service token", id: "../../etc/x" };

it("keeps a secret in a file of its own that only the owner can read", async () => {
  const home = mkdtempSync(join(tmpdir(), "secrets-"));
  const keeper = secretKeeper("file", { XDG_STATE_HOME: home });
  await keeper.ready();
  const said = (await keeper.keep(fresh)) ?? "";
  await keeper.keep(fresh);
  const folder = join(stateFolder({ XDG_STATE_HOME: home }), "secrets");
  const files = readdirSync(folder);
  expect(files).toHaveLength(2);
  for (const file of files) {
    const path = join(folder, file);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, "utf8")).toBe("canary-secret\n");
  }
  expect(said).toContain(folder);
  expect(said).not.toContain("canary-secret");
});

it("says before anything is sent when a secret could not be kept", async () => {
  const file = join(mkdtempSync(join(tmpdir(), "secrets-")), "a-file");
  writeFileSync(file, "");
  await expect(secretKeeper(`file:${file}`, {}).ready()).rejects.toThrow(/could not be kept/);
});

it("masks or leaves secrets by the operator's choice", async () => {
  expect(await secretKeeper("mask", {}).keep(fresh)).toMatch(/kept nowhere/);
  expect(await secretKeeper("inline", {}).keep(fresh)).toBeUndefined();
});

describe("a command of the operator", () => {
  const folder = mkdtempSync(join(tmpdir(), "secrets-"));
  const keeperOf = (command: string, environment: NodeJS.ProcessEnv = {}) =>
    secretKeeper(`command:${command}`, { PATH: process.env["PATH"], ...environment });

  it("gets the secret on its standard input, and what it belongs to in the environment", async () => {
    const keeper = keeperOf(
      `cat > ${folder}/value; echo noise; echo noise >&2; printf '%s|' "$CF_ACCESS_SECRET_NOUN" "$CF_ACCESS_SECRET_ID" "$CF_ACCESS_SECRET_FIELD" > ${folder}/facts`,
    );
    await keeper.ready();
    const said = (await keeper.keep(fresh)) ?? "";
    expect(readFileSync(join(folder, "value"), "utf8")).toBe("canary-secret");
    expect(readFileSync(join(folder, "facts"), "utf8")).toBe("service token|../../etc/x|client_secret|");
    expect(said).toContain("cat");
    expect(said).not.toContain("canary-secret");
  });

  it("never sees the credentials of the server, and no secret in its environment or arguments", async () => {
    const keeper = keeperOf(`env > ${folder}/environment; ps -o args= -p $$ >> ${folder}/environment || true`, {
      CLOUDFLARE_API_TOKEN: "canary-api-token",
      CLOUDFLARE_API_KEY: "canary-api-key",
      CLOUDFLARE_API_TOKEN_FILE: "/canary-token-file",
      CF_ACCESS_MCP_SECRETS: "canary-setting",
      VAULT_ADDR: "https://vault.example.com",
    });
    await keeper.keep(fresh);
    const seen = readFileSync(join(folder, "environment"), "utf8");
    expect(seen).toContain("VAULT_ADDR=https://vault.example.com");
    expect(seen).not.toContain("canary");
  });

  it.each([
    ["that ends badly", "cat > /dev/null; exit 3", "exit code 3"],
    ["that does not read", "exec 0<&-; exit 1", "exit code 1"],
    ["that is killed", "kill -9 $$", "SIGKILL"],
  ])("%s says so without the secret", async (_, command, code) => {
    const end = await keeperOf(command)
      .keep({ ...fresh, value: fresh.value.repeat(100_000) })
      .catch((error) => error);
    expect(end).toMatchObject({ code });
    expect(String(end)).not.toContain("canary");
  });

  it("that does not end is ended after 30 s with all that it started", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const file = join(folder, "pids");
      const ended = keeperOf(`sleep 300 & echo $! > ${file}.new; mv ${file}.new ${file}; wait`)
        .keep(fresh)
        .catch((error) => error);
      while (!existsSync(file)) await new Promise((turn) => setImmediate(turn));
      vi.advanceTimersByTime(30_000);
      expect(await ended).toMatchObject({ code: "no end within 30 s" });
      const started = Number(readFileSync(file, "utf8"));
      const isAlive = () =>
        /^\d+ [^Z]/.test(spawnSync("ps", ["-o", "pid=,stat=", "-p", `${started}`], { encoding: "utf8" }).stdout.trim());
      while (isAlive()) await new Promise((turn) => setImmediate(turn));
    } finally {
      vi.useRealTimers();
    }
  });

  it.each([
    ["does not exist", "no-such-program-here --store", /no-such-program-here/],
    ["does not exist behind a variable", "NAME=x no-such-program-here", /no-such-program-here/],
    ["is no shell language", "cat > 'x", /could not be kept/],
  ])("that %s is refused before anything is sent", async (_, command, message) => {
    const failure = await failureOf(keeperOf(command).ready());
    expect(failure.message).toMatch(message);
    expect(failure.facts).toMatchObject({ kind: "refused", outcome: "not_sent" });
  });

  it.each(["cat", "  VAR=1 cat -", "{ cat; } > /dev/null", '"cat" -', "if true; then cat; fi"])(
    "%s is ready",
    async (command) => {
      await expect(keeperOf(command).ready()).resolves.toBeUndefined();
    },
  );

  it("is a setting that needs a command", () => {
    const read = (text: string) => readSettings(new Map([["secrets", text]]), {}).secrets;
    expect(read("command:pass insert -m cf")).toBe("command:pass insert -m cf");
    for (const text of ["command", "command:", "command: ", "file:", "commands:x"])
      expect(() => read(text)).toThrow(/expected/);
  });
});

it("a command that fails loses no word about it: the answer says that the secret is lost, never the secret", async () => {
  const stage = redact(secretKeeper("command:exit 3", { PATH: process.env["PATH"] }));
  const { result, notes } = await stage(callOf("create_service_token", { name: "t" }), async () => ({
    result: { id: "t", client_secret: "canary-secret" },
    notes: [],
  }));
  expect(JSON.stringify([result, notes])).not.toContain("canary");
  expect(result).toMatchObject({ client_secret: expect.stringMatching(/^\[secret, sha256 [0-9a-f]{8}\]$/) });
  expect(notes).toEqual([expect.stringMatching(/could not be kept \(exit code 3\) and is lost: rotate/)]);
});
