import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { beforeAll, expect, it } from "vitest";
import { fileJournal } from "../../src/journal/files.ts";
import { draft, filesOf, freshFolder, verified } from "../support/journal.ts";

const folder = freshFolder();
const whole = new Map<string, Buffer>();
let names: string[] = [];

beforeAll(async () => {
  for (const count of [1, 40, 12, 25]) {
    const journal = fileJournal({ folder });
    await Promise.all(
      Array.from({ length: count }, (_, index) => journal.append(draft({ reason: `reason ${index} é` }))),
    );
    await journal.close();
  }
  names = filesOf(folder);
  for (const path of [...names, ...filesOf(folder, "heads")]) whole.set(path, readFileSync(path));
});

/** mulberry32: the same numbers for the same seed; `below(n)` is from 0 to n - 1. */
function dice(seed: number) {
  let state = seed;
  return (below: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

type Below = ReturnType<typeof dice>;
const linesIn = (bytes: Buffer): string[] => bytes.toString().match(/.*\n|.+$/g) ?? [];
const joined = (lines: readonly string[]) => Buffer.from(lines.join(""));
const pick = <Item>(items: readonly Item[], below: Below): Item => items[below(items.length)] as Item;

/** Each makes other bytes of a file's bytes, or `undefined` for none at all; `other` is another file. */
const edits: Readonly<Record<string, (bytes: Buffer, below: Below, other: Buffer) => Buffer | undefined>> = {
  "changes a byte": (bytes, below) => {
    const place = below(bytes.length);
    return Buffer.from(bytes.with(place, (bytes[place] ?? 0) ^ (1 + below(255))));
  },
  "takes a byte": (bytes, below) => {
    const place = below(bytes.length);
    return Buffer.concat([bytes.subarray(0, place), bytes.subarray(place + 1)]);
  },
  "adds a byte": (bytes, below) => {
    const place = below(bytes.length);
    return Buffer.concat([
      bytes.subarray(0, place),
      Buffer.from([pick([10, 32, 0x7d, below(256)], below)]),
      bytes.subarray(place),
    ]);
  },
  "cuts the tail": (bytes, below) => bytes.subarray(0, below(bytes.length)),
  "cuts whole lines": (bytes, below) => {
    const lines = linesIn(bytes);
    return joined(lines.slice(0, below(lines.length)));
  },
  "takes a line": (bytes, below) => {
    const lines = linesIn(bytes);
    return joined(lines.toSpliced(below(lines.length), 1));
  },
  "repeats a line": (bytes, below) => {
    const lines = linesIn(bytes);
    return joined(lines.toSpliced(below(lines.length + 1), 0, pick(lines, below)));
  },
  "swaps two lines": (bytes, below) => {
    const lines = linesIn(bytes);
    if (lines.length === 1) return undefined;
    const first = below(lines.length);
    const second = (first + 1 + below(lines.length - 1)) % lines.length;
    return joined(lines.with(first, lines[second] ?? "").with(second, lines[first] ?? ""));
  },
  "brings a line of another file": (bytes, below, other) => {
    const lines = linesIn(bytes);
    return joined(lines.with(below(lines.length), pick(linesIn(other), below)));
  },
  "takes the place of another file": (_bytes, _below, other) => other,
  "removes the file": () => undefined,
};

it("passes a journal that nobody touched", async () => {
  expect(await verified(folder)).toEqual({ files: 4, entries: 78, faults: [], torn: [] });
});

it("finds each of 1,000 random edits, and where it is", async () => {
  for (let seed = 1; seed <= 1000; seed++) {
    const below = dice(seed);
    const [kind, edit] = pick(Object.entries(edits), below);
    const index = below(names.length);
    const path = names[index] as string;
    const other = names[(index + 1 + below(names.length - 1)) % names.length] as string;
    const before = whole.get(path) as Buffer;
    const after = edit(before, below, whole.get(other) as Buffer);
    if (after === undefined) rmSync(path);
    else writeFileSync(path, after);

    const { faults } = await verified(folder);
    const [linesBefore, linesAfter] = [linesIn(before), linesIn(after ?? Buffer.alloc(0))];
    const firstChanged = linesBefore.findIndex((line, at) => line !== linesAfter[at]) + 1;
    expect(faults, `seed ${seed}, ${kind}`).toHaveLength(1);
    expect(faults[0], `seed ${seed}, ${kind}`).toEqual({
      file: path.replace(/^.*\//, ""),
      // A line that came to the end leaves those before it as they are.
      line: after === undefined ? 0 : firstChanged === 0 ? linesBefore.length + 1 : firstChanged,
      problem: expect.any(String),
    });
    writeFileSync(path, before, { mode: 0o600 });
  }
  expect((await verified(folder)).faults).toEqual([]);
});

it("finds a head that is gone, cut or says other than the file", async () => {
  for (const path of filesOf(folder, "heads")) {
    const before = whole.get(path) as Buffer;
    const { seq, hash } = JSON.parse(before.toString());
    const other = `${JSON.stringify({ seq, hash: hash.replace(/^./, (first: string) => (first === "0" ? "1" : "0")) })}`;
    for (const after of [undefined, "", before.subarray(0, 50), `${other.padEnd(126)}\n`, "null", "[]"]) {
      if (after === undefined) rmSync(path);
      else writeFileSync(path, after);
      expect((await verified(folder)).faults).toHaveLength(1);
      writeFileSync(path, before, { mode: 0o600 });
    }
  }
  expect((await verified(folder)).faults).toEqual([]);
});

it("finds by a checkpoint kept elsewhere what was cut together with its head", async () => {
  const [, path = ""] = names;
  const [, head = ""] = filesOf(folder, "heads");
  const lines = linesIn(whole.get(path) as Buffer);
  const { seq, hash } = JSON.parse(lines[29] ?? "");
  const last = JSON.parse(lines.at(-1) ?? "");
  writeFileSync(path, joined(lines.slice(0, 30)));
  writeFileSync(head, `${JSON.stringify({ seq, hash }).padEnd(126)}\n`);

  const file = path.replace(/^.*\//, "");
  expect((await verified(folder)).faults).toEqual([]);
  const journal = fileJournal({ folder });
  expect((await journal.verify([{ file, seq, hash }])).faults).toEqual([]);
  expect((await journal.verify([{ file, seq: 40, hash: last.hash }])).faults).toMatchObject([{ file, line: 31 }]);
  expect((await journal.verify([{ file, seq: 30, hash: last.hash }])).faults).toMatchObject([{ file, line: 30 }]);
  expect((await journal.verify([{ file: "gone.jsonl", seq: 1, hash }])).faults).toMatchObject([
    { file: "gone.jsonl", line: 0 },
  ]);
  for (const changed of [path, head]) writeFileSync(changed, whole.get(changed) as Buffer);
});
