import { readFileSync } from "node:fs";
import { AccessError } from "../../core/errors.ts";
import { type ChangeRecord, changesFrom, isPlan } from "../../journal/changes.ts";
import { dueChanges, dueTime } from "../../journal/due.ts";
import { fileApprovals } from "../../journal/file-tickets.ts";
import { detailsOf, summaryOf } from "../../journal/room.ts";
import type { Checkpoint, Journal } from "../../journal/store.ts";
import type { Pending } from "../../journal/ticket-book.ts";
import { changeIn } from "../../journal/undoing.ts";
import { harmless, mapTexts } from "../../pipeline/cleanse.ts";
import { CommandError, exitCodes } from "../command-error.ts";
import type { SettingValues } from "../settings.ts";
import { stateFolder, stateIn } from "../state.ts";
import { ask, needPerson, osUser } from "./person.ts";
import { type Desk, exitFor, type Report } from "./report.ts";
import type { ChangesRequest, ChangesWord } from "./request.ts";
import { changeText, decisionText, dueText, listText, pendingText } from "./text.ts";

/** Changes that `list` shows without `--all`. */
const usual = 50;

/** Does what is asked of `changes`, prints it, and sets the exit code. */
export async function run(request: ChangesRequest, values: SettingValues, environment: NodeJS.ProcessEnv) {
  if (values.sandbox && values.state === undefined) {
    throw new CommandError("usage", "changes: those of a sandbox ended with its process, unless --state kept them");
  }
  // Whoever reads only the first lines is not told of an error.
  process.stdout.on("error", () => process.exit());
  const { folder } = await stateFolder(values, environment);
  const { journal } = stateIn(folder, values.approval);
  try {
    const { document, text, exit } = await words[request.word]({
      ...request,
      journal,
      folder,
      values,
      environment,
      now: Date.now(),
    });
    const printed = request.given.has("json") ? JSON.stringify(mapTexts(document, harmless), null, 2) : text;
    if (printed !== "") process.stdout.write(`${printed}\n`);
    if (exit !== undefined) process.exitCode = exitCodes[exit];
  } catch (error) {
    if (!(error instanceof AccessError)) throw error;
    const { kind, next, outcome, details } = error.facts;
    if (request.given.has("json")) {
      const document = { error: { kind, message: error.message, next, outcome, ...details } };
      process.stderr.write(`${JSON.stringify(mapTexts(document, harmless))}\n`);
      process.exitCode = exitCodes[exitFor[kind]];
      return;
    }
    throw new CommandError(exitFor[kind], harmless(`${error.message}. ${next}`));
  } finally {
    await journal.close();
  }
}

const words: Readonly<Record<ChangesWord, (desk: Desk) => Promise<Report>>> = {
  async list({ journal, given }) {
    const all = given.has("all");
    const found = changesFrom(await journal.entries(all ? {} : { limit: usual + 1 }));
    const shown = all ? found : found.slice(0, usual);
    const more = shown.length < found.length;
    return { document: { items: shown.map(summaryOf), complete: !more }, text: listText(shown, more) };
  },

  async show({ journal, argument }) {
    const change = await changeIn(journal, argument);
    const steps = await stepsOf(change, journal);
    if (steps.length === 0) return { document: detailsOf(change), text: changeText(change) };
    return {
      document: { ...detailsOf(change), steps: steps.map(summaryOf) },
      text: `${changeText(change)}\n\n${listText(steps, false)}`,
    };
  },

  undo: async (desk) => (await import("./undo.ts")).undo(desk),
  "revert-due": async (desk) => (await import("./undo.ts")).revertDue(desk),

  async due({ journal, given, now }) {
    const found = (await dueChanges(journal)).filter((change) => given.has("all") || dueTime(change) <= now);
    return { document: { items: found.map(summaryOf) }, text: dueText(found, now) };
  },

  async pending({ folder, now }) {
    const waiting = await fileApprovals(folder).pending();
    return { document: { items: waiting.map(shown) }, text: pendingText(waiting, now) };
  },

  async approve({ folder, argument: id, now }) {
    needPerson("; an agent cannot approve");
    const approvals = fileApprovals(folder);
    const found = (await approvals.pending()).find((waiting) => waiting.id === id);
    if (found === undefined) throw nothingWaits(id);
    process.stderr.write(`${decisionText(found, now)}\n\n`);
    if (!(await ask("Approve?"))) throw new CommandError("approval", "not approved; it still waits until it expires");
    const who = osUser();
    await approvals.approve(id, who);
    return { document: { id, status: "approved", who }, text: `${id} is approved: the agent can make it once` };
  },

  async reject({ folder, argument: id }) {
    const who = osUser();
    await fileApprovals(folder).reject(id, who);
    return { document: { id, status: "rejected", who }, text: `${id} is rejected for good` };
  },

  async verify({ journal, folder, argument }) {
    const verdict = await journal.verify(argument === "" ? [] : checkpointsIn(argument));
    const { files, entries, faults, torn } = verdict;
    const notes = torn.map(({ file, line }) => `${file} line ${line} was cut off by a crash; nobody relied on it`);
    const found = faults.map(({ file, line, problem }) => `${file} line ${line} ${problem}`);
    const whole = `${entries} lines in ${files} files are as they were written`;
    // What was taken away whole leaves nothing that could be wrong.
    if (files === 0) found.push(`there is no journal in ${folder}`);
    return {
      document: { whole: found.length === 0, ...verdict },
      text: [...(found.length > 0 ? found : [whole]), ...notes].join("\n"),
      ...(found.length > 0 && { exit: "altered" }),
    };
  },

  async export({ journal }) {
    const entries = await journal.entries();
    return { document: { items: entries }, text: entries.map(ascii).join("\n") };
  },
};

/** The changes that a plan consists of, in their order; none of any other change. */
async function stepsOf({ change_id, intent }: ChangeRecord, journal: Journal): Promise<readonly ChangeRecord[]> {
  if (!isPlan(intent)) return [];
  const all = changesFrom(await journal.entries({ plan_id: intent?.plan?.id }));
  return all.filter((step) => step.change_id !== change_id).toReversed();
}

/** The checkpoints that servers told on stderr, out of a file that kept them. */
function checkpointsIn(file: string): readonly Checkpoint[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CommandError("usage", `changes: the file with checkpoints cannot be read (${code ?? "unknown reason"})`);
  }
  const found = [...text.matchAll(/journal checkpoint (\S+\.jsonl) (\d{1,15}) ([0-9a-f]{64})\b/g)];
  if (found.length === 0) throw new CommandError("usage", "changes: there is no checkpoint in that file");
  return found.map(([, name = "", seq, hash = ""]) => ({ file: name, seq: Number(seq), hash }));
}

const nothingWaits = (id: string) =>
  new CommandError("failed", `no change waits under "${id}": it was decided or used, or is older than ten minutes`);

/** What waits, without what ties it to its ticket. */
const shown = ({ ticket_sha256: _, ...pending }: Pending): Omit<Pending, "ticket_sha256"> => pending;

/** JSON of nothing but ASCII: the same value, and nothing in it that a terminal obeys. */
const ascii = (value: unknown): string =>
  JSON.stringify(value).replaceAll(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
