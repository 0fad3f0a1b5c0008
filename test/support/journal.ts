import { mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type EntryDraft, newChangeId } from "../../src/journal/entry.ts";
import { type FileJournalSettings, fileJournal } from "../../src/journal/files.ts";
import type { Journal } from "../../src/journal/store.ts";

/** The least that a caller tells the journal, with whatever a test adds. */
export const draft = (more: Partial<EntryDraft> = {}): EntryDraft => ({
  change_id: newChangeId(),
  stage: "intent",
  principal: { type: "token", name: "owner" },
  server: { version: "1.0.0", transport: "stdio" },
  deed: {
    operation: "update_group",
    effect: "update",
    noun: "group",
    method: "PUT",
    route: "/accounts/{account_id}/access/groups/{group_id}",
    resource: { id: "g1", name: "admins" },
  },
  ...more,
});

/** A folder for a journal, not made yet. */
export const freshFolder = (): string => join(mkdtempSync(join(tmpdir(), "journal-")), "journal");

/** A journal that is closed when the test ends. */
export function openJournal(folder: string, more: Partial<FileJournalSettings> = {}): Journal {
  const journal = fileJournal({ folder, ...more });
  onTestFinished(() => journal.close());
  return journal;
}

/** The paths of the files of a journal, in the order in which they were begun. */
export const filesOf = (folder: string, kind: "entries" | "heads" = "entries"): string[] =>
  readdirSync(join(folder, kind))
    .sort()
    .map((name) => join(folder, kind, name));

/** The journal of a folder that nobody writes, checked. */
export const verified = (folder: string) => fileJournal({ folder }).verify();
