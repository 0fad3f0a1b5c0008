import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished, vi } from "vitest";
import { newChangeId } from "../../src/journal/entry.ts";
import { draft, freshFolder, openJournal } from "../support/journal.ts";

const writer = fileURLToPath(new URL("../support/journal-writer.ts", import.meta.url));

it("are the intents of a process that was killed, the newest first, until a line knows what became of them", async () => {
  const folder = freshFolder();
  const journal = openJournal(folder);
  const child = spawn(process.execPath, ["--import", "tsx", writer, folder]);
  onTestFinished(() => void child.kill("SIGKILL"));
  const written: string[] = [];
  const lines = createInterface({ input: child.stdout }).on("line", (line) => written.push(line));
  while (written.length < 20) await once(lines, "line");
  expect(await journal.abandoned(10)).toEqual([]);
  const closed = once(lines, "close");
  child.kill("SIGKILL");
  await closed;

  const found = (await journal.abandoned(1e6)).map(({ change_id }) => change_id);
  expect(found).toEqual(expect.arrayContaining(written));
  expect(found).toEqual(found.toSorted().reverse());
  expect((await journal.abandoned(3)).map(({ change_id }) => change_id)).toEqual(found.slice(0, 3));

  const [first = "", second = "", third = "", ...rest] = found;
  await journal.append(draft({ change_id: first, stage: "outcome", result: { status: "unknown" } }));
  await journal.append(draft({ change_id: second, stage: "settled", result: { status: "done" } }));
  await journal.append(draft({ change_id: second, stage: "outcome", result: { status: "done" } }));
  await journal.append(draft({ stage: "refused", result: { status: "refused" } }));
  expect((await journal.abandoned(1e6)).map(({ change_id }) => change_id)).toEqual([first, third, ...rest]);
});

it("are not those that a living process has just begun, but those it began long ago", async () => {
  const folder = freshFolder();
  const journal = openJournal(folder);
  await journal.append(draft());
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 240_000 });
  onTestFinished(() => void vi.useRealTimers());
  expect(await journal.abandoned(10)).toEqual([]);
  vi.setSystemTime(Date.now() + 70_000);
  expect(await journal.abandoned(10)).toHaveLength(1);
});

it("are those of an earlier process with the number of this one", async () => {
  const folder = freshFolder();
  const journal = openJournal(folder);
  vi.useFakeTimers({ toFake: ["Date"], now: performance.timeOrigin - 60_000 });
  onTestFinished(() => void vi.useRealTimers());
  const change_id = newChangeId();
  await journal.append(draft({ change_id }));
  vi.useRealTimers();
  expect((await journal.abandoned(10)).map((entry) => entry.change_id)).toEqual([change_id]);
});
