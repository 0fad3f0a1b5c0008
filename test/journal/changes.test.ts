import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { changesFrom } from "../../src/journal/changes.ts";
import { type ChangeStatus, type EntryDraft, type EntryStage, newChangeId } from "../../src/journal/entry.ts";
import type { Filter } from "../../src/journal/store.ts";
import { draft, filesOf, freshFolder, openJournal } from "../support/journal.ts";

const { deed } = draft();
const hour = 3_600_000;
const start = Date.parse("2026-01-01T00:00:00.000Z");
/** Ids of changes begun at full hours. */
const ids = Array.from({ length: 6 }, (_, index) => newChangeId(start + index * hour));
const idAt = (index: number) => ids[index] as string;

const line = (index: number, stage: EntryStage, status?: ChangeStatus, more: Partial<EntryDraft> = {}) =>
  draft({ change_id: idAt(index), stage, result: status && { status }, ...more });
const created = { deed: { ...deed, operation: "create_group", resource: { id: "g2" } } };
const undo = { undo_of: idAt(0), deed: { ...deed, operation: "delete_group" } };

/** Six changes by two processes, whose lines lie across each other. */
async function story(): Promise<string> {
  const folder = freshFolder();
  const [first, second] = [openJournal(folder), openJournal(folder)];
  await first.append(line(0, "intent", undefined, { deed: { ...created.deed, resource: {} } }));
  await second.append(line(1, "intent"));
  await first.append(line(0, "outcome", "done", created));
  await second.append(line(1, "outcome", "unknown"));
  await first.append(line(2, "refused", "refused", { plan: { id: "p1", step: 0 } }));
  await first.append(line(3, "intent", undefined, undo));
  await second.append(line(3, "outcome", "done", undo));
  await second.append(line(4, "intent", undefined, { undo_of: idAt(1) }));
  await second.append(line(4, "outcome", "failed", { undo_of: idAt(1) }));
  await first.append(line(1, "settled", "not_done"));
  await first.append(line(5, "intent"));
  return folder;
}

describe("changes", () => {
  it("are put together from the lines of all processes, newest first", async () => {
    const journal = openJournal(await story());
    const changes = changesFrom(await journal.entries());
    expect(changes.map(({ change_id }) => change_id)).toEqual(ids.toReversed());
    expect(changes.map(({ status }) => status)).toEqual(["open", "failed", "done", "refused", "not_done", "done"]);
    expect(changes.map(({ undone_by }) => undone_by)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
      idAt(3),
    ]);
    expect(changes.map(({ intent, end }) => [intent?.stage, end?.stage])).toEqual([
      ["intent", undefined],
      ["intent", "outcome"],
      ["intent", "outcome"],
      [undefined, "refused"],
      ["intent", "settled"],
      ["intent", "outcome"],
    ]);
  });

  it.each<[string, Filter, number[]]>([
    ["the newest", { limit: 2 }, [5, 4]],
    ["the newest before one", { limit: 2, before: idAt(4) }, [3, 2]],
    ["since a time", { since: new Date(start + 4 * hour).toISOString() }, [5, 4]],
    ["one", { change_id: idAt(1) }, [1]],
    ["of an operation", { operation: "delete_group" }, [3]],
    ["of an object, also when its id came only with the outcome", { resource_id: "g2" }, [0]],
    ["of a plan", { plan_id: "p1" }, [2]],
    ["of nothing", { operation: "update" }, []],
  ])("are chosen: %s", async (_, filter, expected) => {
    const journal = openJournal(await story());
    const changes = changesFrom(await journal.entries(filter));
    expect(changes.map(({ change_id }) => change_id)).toEqual(expected.map(idAt));
    const [all, chosen] = [changesFrom(await journal.entries()), new Set(expected.map(idAt))];
    expect(changes).toEqual(all.filter(({ change_id }) => chosen.has(change_id)));
  });

  it.each<[string, readonly (readonly [EntryStage, ChangeStatus])[], ChangeStatus]>([
    [
      "a later look",
      [
        ["outcome", "unknown"],
        ["settled", "done"],
      ],
      "done",
    ],
    [
      "the last look",
      [
        ["settled", "unknown"],
        ["settled", "not_done"],
      ],
      "not_done",
    ],
    [
      "an answer that came after the look",
      [
        ["settled", "not_done"],
        ["outcome", "done"],
      ],
      "done",
    ],
    [
      "an answer that a look did not see",
      [
        ["outcome", "failed"],
        ["settled", "unknown"],
      ],
      "failed",
    ],
    ["a refusal after the intent", [["refused", "refused"]], "refused"],
  ])("end as what is known best says: %s", async (_, ends, expected) => {
    const journal = openJournal(freshFolder());
    await journal.append(line(0, "intent"));
    for (const [stage, status] of ends) await journal.append(line(0, stage, status));
    expect(changesFrom(await journal.entries())).toMatchObject([{ status: expected }]);
  });
});

it("reads in the order of time across files, and leaves out a line that was changed", async () => {
  const folder = await story();
  const journal = openJournal(folder);
  const before = await journal.entries();
  expect(before).toHaveLength(11);
  expect(before.map(({ time }) => time)).toEqual(before.map(({ time }) => time).toSorted());

  const [path = ""] = filesOf(folder);
  writeFileSync(path, readFileSync(path, "utf8").replace('"status":"done"', '"status":"none"'));
  expect(await journal.entries()).toEqual(
    before.filter((entry) => !(entry.change_id === idAt(0) && entry.stage === "outcome")),
  );
});
