import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { secretKeeper, stateFolder } from "../../src/main/secrets.ts";

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
