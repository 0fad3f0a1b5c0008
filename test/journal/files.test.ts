import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { AccessError } from "../../src/core/errors.ts";
import type { EntryDraft } from "../../src/journal/entry.ts";
import type { Checkpoint, Journal } from "../../src/journal/store.ts";
import { draft, filesOf, freshFolder, openJournal, verified } from "../support/journal.ts";

const canary = "canary-in-the-entry";
const modeOf = (path: string) => statSync(path).mode & 0o777;

/** Puts something else where a path was, which is kept beside it. */
function displace(path: string, put: (path: string, real: string) => void): void {
  renameSync(path, `${path}.real`);
  put(path, `${path}.real`);
}

/** What may stand where a file or folder of the journal should be. */
const put = {
  nothing: () => undefined,
  file: (path: string) => writeFileSync(path, "", { mode: 0o600 }),
  folder: (path: string) => mkdirSync(path, { mode: 0o700 }),
  link: (path: string, real: string) => symlinkSync(real, path),
  loop: (path: string) => symlinkSync(path, path),
};

/** The refusal that a promise ends in; it never shows what was to be written. */
async function refusalOf(work: Promise<unknown>): Promise<AccessError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(AccessError);
  const refusal = error as AccessError;
  expect(refusal.facts).toMatchObject({
    kind: "refused",
    outcome: "not_sent",
    next: expect.stringMatching(/operator|again/),
  });
  expect(JSON.stringify([refusal.message, refusal.facts, refusal.stack])).not.toContain(canary);
  return refusal;
}

describe("what is appended", () => {
  it("is on disk, in files that the owner alone can open", async () => {
    const folder = freshFolder();
    const journal = openJournal(folder);
    const entry = await journal.append(draft({ reason: "a new colleague", undo_of: undefined }));
    const [path = ""] = filesOf(folder);
    const [head = ""] = filesOf(folder, "heads");
    const line = readFileSync(path, "utf8");
    expect(line).toMatch(/^\{.*\}\n$/);
    expect(JSON.parse(line)).toEqual(JSON.parse(JSON.stringify(entry)));
    expect(JSON.parse(readFileSync(head, "utf8"))).toEqual({ seq: 1, hash: entry.hash });
    expect([folder, join(folder, "entries"), join(folder, "heads")].map(modeOf)).toEqual([0o700, 0o700, 0o700]);
    expect([path, head].map(modeOf)).toEqual([0o600, 0o600]);
  });

  it("is one chain in the order of the calls, however many there are at once", async () => {
    const folder = freshFolder();
    const journal = openJournal(folder);
    const entries = await Promise.all(Array.from({ length: 500 }, () => journal.append(draft())));
    const workers = Array.from({ length: 16 }, async () => {
      for (let count = 0; count < 10; count++) entries.push(await journal.append(draft()));
    });
    await Promise.all(workers);
    expect(entries.slice(0, 500).map(({ seq }) => seq)).toEqual(Array.from({ length: 500 }, (_, index) => index + 1));
    expect(await journal.verify()).toEqual({ files: 1, entries: 660, faults: [], torn: [] });
    expect((await journal.entries()).map(({ hash }) => hash)).toEqual(
      entries.toSorted((a, b) => a.seq - b.seq).map(({ hash }) => hash),
    );
  });

  it("can be read and verified while it is being written", async () => {
    const folder = freshFolder();
    const journal = openJournal(folder);
    let isDone = false;
    const writing = (async () => {
      while (!isDone)
        await Promise.all(Array.from({ length: 20 }, () => journal.append(draft({ reason: "x".repeat(5000) }))));
    })();
    for (let count = 0; count < 20; count++) {
      expect(await verified(folder)).toMatchObject({ faults: [], torn: [] });
      const seqs = (await openJournal(folder).entries()).map(({ seq }) => seq);
      expect(seqs).toEqual(seqs.map((_, index) => index + 1));
    }
    isDone = true;
    await writing;
  });

  it("is written before the journal is closed, and nothing after", async () => {
    const folder = freshFolder();
    const journal = openJournal(folder);
    const last = Promise.all([journal.append(draft()), journal.append(draft())]);
    await journal.ready();
    await journal.close();
    await last;
    expect((await refusalOf(journal.append(draft()))).message).toMatch(/closed/);
    await refusalOf(journal.ready());
    expect(await verified(folder)).toMatchObject({ entries: 2, faults: [], torn: [] });
  });

  it("is refused when it is not JSON, and the rest goes on", async () => {
    const journal = openJournal(freshFolder());
    const broken = { ...draft(), result: { status: "done", duration_ms: Number.NaN } } satisfies EntryDraft;
    await expect(journal.append(broken)).rejects.toThrow(TypeError);
    expect(await journal.append(draft())).toMatchObject({ seq: 1 });
    expect((await journal.verify()).faults).toEqual([]);
  });
});

it("leaves no file behind when nothing was written", async () => {
  const folder = freshFolder();
  const journal = openJournal(folder);
  expect(await journal.entries()).toEqual([]);
  expect(await journal.verify()).toEqual({ files: 0, entries: 0, faults: [], torn: [] });
  await journal.ready();
  expect(filesOf(folder)).toHaveLength(1);
  await journal.close();
  expect([...filesOf(folder), ...filesOf(folder, "heads")]).toEqual([]);
});

describe("a line that a crash cut short", () => {
  it("is reported as torn, hurts nobody, and the next process begins a new file", async () => {
    const folder = freshFolder();
    await openJournal(folder).append(draft());
    const [path = ""] = filesOf(folder);
    const line = readFileSync(path, "utf8");
    appendFileSync(path, line.slice(0, 100));
    const next = openJournal(folder);
    await next.append(draft());
    expect(await next.verify()).toMatchObject({ entries: 2, faults: [], torn: [{ line: 2 }] });
    expect(await next.entries()).toHaveLength(2);
    expect(filesOf(folder)).toHaveLength(2);
  });

  it("is no excuse for a whole line that is wrong", async () => {
    const folder = freshFolder();
    await openJournal(folder).append(draft());
    const [path = ""] = filesOf(folder);
    appendFileSync(path, "{}\n");
    expect(await verified(folder)).toMatchObject({ faults: [{ line: 2 }], torn: [] });
  });
});

/** The folder of a journal of two files, which nobody writes any more. */
async function settledFolder(): Promise<string> {
  const folder = freshFolder();
  for (let count = 0; count < 2; count++) {
    const journal = openJournal(folder);
    await journal.append(draft());
    await journal.close();
  }
  return folder;
}

describe("a place that is not safe", () => {
  it.each<[string, (folder: string) => void, RegExp]>([
    ["a link", (folder) => displace(folder, put.link), /is a symbolic link/],
    ["a file", (folder) => displace(folder, put.file), /is not a folder/],
    [
      "with entries that are a link",
      (folder) => displace(join(folder, "entries"), put.link),
      /entries is a symbolic link/,
    ],
    ["that others can read", (folder) => chmodSync(folder, 0o750), /open to other users.*750/],
    ["with entries that others can write", (folder) => chmodSync(join(folder, "entries"), 0o702), /entries is open to/],
  ])("is refused: a folder %s", async (_, spoil, reason) => {
    const folder = await settledFolder();
    spoil(folder);
    const journal = openJournal(folder);
    for (const act of [
      () => journal.append(draft({ reason: canary })),
      journal.ready,
      journal.verify,
      journal.entries,
    ]) {
      expect((await refusalOf(act())).message).toMatch(reason);
    }
  });

  it.each<[string, (path: string) => void, RegExp]>([
    ["is a link", (path) => displace(path, put.link), /symbolic link/],
    ["is a folder", (path) => displace(path, put.folder), /is not a file/],
    ["others can read", (path) => chmodSync(path, 0o644), /open to other users.*644/],
  ])("is a file that %s: verify names it, reading refuses it", async (_, spoil, reason) => {
    const folder = await settledFolder();
    const [path = ""] = filesOf(folder);
    spoil(path);
    const [file, problem] = [basename(path), expect.stringMatching(reason)];
    expect(await verified(folder)).toMatchObject({ entries: 1, faults: [{ file, line: 0, problem }] });
    expect((await refusalOf(openJournal(folder).entries())).message).toMatch(reason);
  });
});

describe("a journal that cannot be written", () => {
  const reasons = async (journal: Journal) => (await journal.entries()).map(({ reason }) => reason);

  it.each<[string, (folder: string) => string, (path: string, real: string) => void]>([
    ["its folder was moved away", (folder) => folder, put.nothing],
    ["its folder was replaced by a file", (folder) => folder, put.file],
    ["its folder was replaced by a loop of links", (folder) => folder, put.loop],
    ["its file was removed", (folder) => filesOf(folder)[0] ?? "", put.nothing],
    ["its file was replaced by another", (folder) => filesOf(folder)[0] ?? "", put.file],
  ])("refuses until ready succeeds: %s", async (_, placeOf, replacement) => {
    const folder = freshFolder();
    const journal = openJournal(folder);
    await journal.append(draft({ reason: "before" }));
    const path = placeOf(folder);
    displace(path, replacement);
    await refusalOf(journal.append(draft({ reason: canary })));
    const both = [journal.append(draft({ reason: canary })), journal.append(draft({ reason: canary }))];
    await Promise.all(both.map(refusalOf));
    rmSync(path, { force: true });
    renameSync(`${path}.real`, path);
    await refusalOf(journal.append(draft({ reason: canary })));
    expect(await reasons(journal)).toEqual(["before"]);

    await Promise.all([journal.ready(), journal.ready()]);
    expect(await journal.append(draft({ reason: "after" }))).toMatchObject({ seq: 1 });
    expect(await reasons(journal)).toEqual(["before", "after"]);
    expect(await journal.verify()).toMatchObject({ files: 2, entries: 2, faults: [], torn: [] });
  });

  it("refuses where no folder can be made, until one can", async () => {
    const folder = freshFolder();
    const parent = join(folder, "..");
    rmSync(parent, { recursive: true });
    writeFileSync(parent, "");
    const journal = openJournal(folder);
    await refusalOf(journal.ready());
    await refusalOf(journal.append(draft({ reason: canary })));
    rmSync(parent);
    await journal.ready();
    await journal.append(draft());
    expect(await verified(folder)).toMatchObject({ files: 1, entries: 1, faults: [] });
  });
});

describe("checkpoints", () => {
  const seqsOf = (told: readonly Checkpoint[]) => told.map(({ seq }) => seq);

  it("are told every 1,000 entries and at the end, and the journal agrees with them", async () => {
    const folder = freshFolder();
    const told: Checkpoint[] = [];
    const journal = openJournal(folder, { onCheckpoint: (checkpoint) => told.push(checkpoint) });
    for (let count = 0; count < 25; count++)
      await Promise.all(Array.from({ length: 100 }, () => journal.append(draft())));
    expect(told.length).toBeGreaterThanOrEqual(1);
    for (const [index, seq] of seqsOf(told).entries())
      expect(seq - (seqsOf(told)[index - 1] ?? 0)).toBeGreaterThanOrEqual(1000);
    await journal.close();
    expect(seqsOf(told).at(-1)).toBe(2500);
    expect(await journal.verify(told)).toMatchObject({ entries: 2500, faults: [] });
  });

  it("are told after an hour when there are fewer", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const told: Checkpoint[] = [];
      const journal = openJournal(freshFolder(), { onCheckpoint: (checkpoint) => told.push(checkpoint) });
      await journal.append(draft());
      await journal.append(draft());
      vi.advanceTimersByTime(3_599_999);
      expect(seqsOf(told)).toEqual([]);
      vi.advanceTimersByTime(1);
      expect(seqsOf(told)).toEqual([2]);
      vi.advanceTimersByTime(7_200_000);
      await journal.close();
      expect(seqsOf(told)).toEqual([2]);
    } finally {
      vi.useRealTimers();
    }
  });
});
