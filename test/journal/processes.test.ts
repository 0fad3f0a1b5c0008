import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { filesOf, freshFolder, openJournal, verified } from "../support/journal.ts";

const script = fileURLToPath(new URL("../support/journal-writer.ts", import.meta.url));
const kills = process.env["LONG"] === "1" ? 300 : 20;

/** A process that appends to the journal of a folder, and what it will have said. */
function startWriter(folder: string, count: number, shell = 'exec "$0" "$@"') {
  const command = [process.execPath, "--import", "tsx", script, folder, String(count)];
  const child: ChildProcessWithoutNullStreams = spawn("sh", ["-c", shell, ...command]);
  onTestFinished(() => void child.kill("SIGKILL"));
  const said = text(child.stdout).then((all) => all.split("\n").slice(0, -1));
  return { child, said, first: once(child.stdout, "data"), errors: text(child.stderr), ended: once(child, "close") };
}

const changesIn = async (folder: string) =>
  new Set((await openJournal(folder).entries()).map(({ change_id }) => change_id));

it("is shared by processes, each with a file of its own", async () => {
  const folder = freshFolder();
  const writers = [startWriter(folder, 200), startWriter(folder, 200)];
  const said = (await Promise.all(writers.map(({ said }) => said))).flat();
  expect(await Promise.all(writers.map(({ errors }) => errors))).toEqual(["", ""]);
  expect(said).toHaveLength(400);
  expect(filesOf(folder)).toHaveLength(2);
  expect(await verified(folder)).toEqual({ files: 2, entries: 400, faults: [], torn: [] });
  expect(await changesIn(folder)).toEqual(new Set(said));
});

it(`keeps all that was acknowledged through ${kills} times kill -9`, { timeout: 30_000 * kills }, async () => {
  const folder = freshFolder();
  const acknowledged: string[] = [];
  const killOne = async (index: number) => {
    const writer = startWriter(folder, Number.POSITIVE_INFINITY);
    await writer.first;
    await pause((index * 7) % 40);
    writer.child.kill("SIGKILL");
    expect(await writer.ended).toEqual([null, "SIGKILL"]);
    acknowledged.push(...(await writer.said));
  };
  for (let index = 0; index < kills; index += 4) {
    await Promise.all([0, 1, 2, 3].map((offset) => killOne(index + offset)));
    expect(await verified(folder)).toMatchObject({ files: index + 4, faults: [] });
  }
  expect(acknowledged.length).toBeGreaterThanOrEqual(kills);
  const kept = await changesIn(folder);
  expect(acknowledged.filter((change) => !kept.has(change))).toEqual([]);
});

it.runIf(process.platform !== "win32")("refuses when a file can grow no more, and goes on in a new one", async () => {
  const folder = freshFolder();
  // In blocks of 512 or 1,024 bytes, by the shell; large enough for what tsx keeps.
  const writer = startWriter(folder, Number.POSITIVE_INFINITY, 'ulimit -f 2048 && exec "$0" "$@"');
  const said = await writer.said;
  const refusal = said.findIndex((line) => line.startsWith("refused: "));
  expect(said[refusal]).toMatch(/size that a file may have \(EFBIG\), and what cannot be journalled is not done$/);
  expect(said.slice(refusal + 1)).toEqual([expect.stringMatching(/^chg_/)]);
  expect(await writer.errors).toBe("");

  const [full = "", next = ""] = filesOf(folder);
  expect(readFileSync(full).at(-1)).toBe(10);
  expect(readFileSync(next, "utf8").split("\n")).toHaveLength(2);
  expect(await verified(folder)).toEqual({ files: 2, entries: said.length - 1, faults: [], torn: [] });
  expect(await changesIn(folder)).toEqual(new Set(said.filter((line) => line.startsWith("chg_"))));
});
