import type { Entry } from "./entry.ts";
import { isAlive } from "./own-files.ts";
import { entryIn, scan } from "./reading.ts";

/** Milliseconds after which an intent counts as abandoned though its process lives: no call takes so long. */
const longest = 300_000;

const isIntent = (line: Buffer): boolean => line.includes('"stage":"intent"');
const isRefusal = (line: Buffer): boolean => line.includes('"stage":"refused"');
/** An outcome that its own process could not tell: the end came before the last look. */
const isUnknown = (line: Buffer): boolean => line.includes('"stage":"outcome"') && line.includes('"status":"unknown"');

/** Intents of which no line knows what became of them and that nobody is at work on any more, the newest first. */
export async function abandonedIn(folder: string, limit: number): Promise<readonly Entry[]> {
  const open = new Map<string, { readonly line: Buffer; readonly name: string }>();
  const ended = new Set<string>();
  await scan(folder, (line, changeId, name) => {
    if (isIntent(line)) {
      // The line's own memory is part of a large piece of the file.
      if (!ended.delete(changeId)) open.set(changeId, { line: Buffer.from(line), name });
    } else if (!isRefusal(line) && !isUnknown(line) && !open.delete(changeId)) ended.add(changeId);
  });
  const newest = [...open].sort(([one], [other]) => (one < other ? 1 : -1));
  return newest
    .flatMap(([, { line, name }]) => entryIn(line).filter((entry) => isAbandoned(entry, name)))
    .slice(0, limit);
}

/** Whether nobody will write the outcome; the name of a journal file tells which process began it, and when. */
function isAbandoned({ time }: Entry, name: string): boolean {
  if (Date.now() - Date.parse(time) > longest) return true;
  const [began = "", pid] = name.split("-");
  return !isAlive(Number(pid), timeOf(began));
}

/** Milliseconds since 1970 of `20260131T235959999Z`. */
const timeOf = (text: string): number =>
  Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z$/, "$1-$2-$3T$4:$5:$6.$7Z"));
