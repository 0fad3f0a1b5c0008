import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { fileLeases } from "../../src/journal/leases.ts";

const freshFolder = () => mkdtempSync(join(tmpdir(), "leases-"));

/** The name that the lease of a key has, found by taking it once. */
async function nameOf(folder: string, key: string): Promise<string> {
  return fileLeases(folder)(key, async () => join(folder, readdirSync(folder)[0] ?? ""));
}

it("let one at a time work on a key, whoever asks", async () => {
  const folder = freshFolder();
  const [one, other] = [fileLeases(folder), fileLeases(folder)];
  let inside = 0;
  const work = async () => {
    inside += 1;
    expect(inside).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 1));
    inside -= 1;
  };
  await Promise.all(Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? one : other)("key", work)));
  expect(readdirSync(folder)).toEqual([]);
});

it("are not kept waiting by work on another key", async () => {
  const lease = fileLeases(freshFolder());
  expect(await lease("one", () => lease("other", async () => "done"))).toBe("done");
});

const { pid: gone } = spawnSync(process.execPath, ["--version"]);

it.each([
  ["of a process that is gone", `${gone} 0123456789abcdef ${Date.now()}`],
  [
    "of an earlier process with the number of this one",
    `${process.pid} 0123456789abcdef ${performance.timeOrigin - 1_000}`,
  ],
  ["held for longer than any call takes", `${process.ppid} 0123456789abcdef ${Date.now() - 121_000}`],
  ["that a power cut left empty", ""],
])("are taken over %s", async (_, content) => {
  const folder = freshFolder();
  const path = await nameOf(folder, "key");
  writeFileSync(path, content, { mode: 0o600 });
  expect(await fileLeases(folder)("key", async () => "done")).toBe("done");
  expect(readdirSync(folder)).toEqual([]);
});
