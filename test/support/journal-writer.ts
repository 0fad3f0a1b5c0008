import { writeSync } from "node:fs";
import { newChangeId } from "../../src/journal/entry.ts";
import { fileJournal } from "../../src/journal/files.ts";

/**
 * Appends to the journal of a folder for as long as it may, four lines at a time, and says on stdout which change was
 * acknowledged, one a line. After a refusal it says so once, makes the journal ready and goes on.
 */
const [folder = "", wanted = "Infinity"] = process.argv.slice(2);
const journal = fileJournal({ folder });
const say = (text: string) => writeSync(1, `${text}\n`);
let left = Number(wanted);

async function work(): Promise<void> {
  while (left-- > 0) {
    const change_id = newChangeId();
    await journal.append({
      change_id,
      stage: "intent",
      principal: { type: "token", name: "owner" },
      server: { version: "1.0.0", transport: "stdio" },
      deed: {
        operation: "update_group",
        effect: "update",
        noun: "group",
        method: "PUT",
        route: "/accounts/{account_id}/access/groups/{group_id}",
        input: { name: "x".repeat(left % 7 === 0 ? 20_000 : 100) },
      },
    });
    say(change_id);
  }
}

const results = await Promise.allSettled([work(), work(), work(), work()]);
const failed = results.find((result) => result.status === "rejected");
if (failed !== undefined) {
  say(`refused: ${failed.reason.message}`);
  await journal.ready();
  left = 1;
  await work();
}
await journal.close();
