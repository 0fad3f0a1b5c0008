import type { Difference, Members } from "../../core/change.ts";
import { AccessError } from "../../core/errors.ts";
import { dueChanges } from "../../journal/due.ts";
import { fileApprovals } from "../../journal/file-tickets.ts";
import { described } from "../catalogue.ts";
import { takeCloudflare } from "../credentials.ts";
import { type LoadedEngine, loadEngine } from "../engine.ts";
import { readRules } from "../rules-file.ts";
import { version } from "../version.ts";
import { ask, needPerson, osUser } from "./person.ts";
import { type Desk, exitFor, type Report } from "./report.ts";
import { decisionText, differenceText, plain } from "./text.ts";

/** Takes one change back, the way of every call: rehearsed, agreed to, guarded, journalled. */
export async function undo(desk: Desk): Promise<Report> {
  needAgreement(desk);
  const engine = await load(desk);
  try {
    return reportOf([await takeBack(engine, desk, desk.argument)]);
  } finally {
    await engine.close();
  }
}

/** Takes back all that is due, the earliest first; one that fails does not keep the others. */
export async function revertDue(desk: Desk): Promise<Report> {
  needAgreement(desk);
  const due = (await dueChanges(desk.journal)).filter(({ intent }) => Date.parse(intent?.revert_due ?? "") <= desk.now);
  // Cron sends a mail whenever something is said.
  if (due.length === 0) return { document: { items: [] }, text: desk.given.has("yes") ? "" : "nothing is due" };
  const engine = await load(desk);
  const endings: Ending[] = [];
  try {
    for (const { change_id } of due) {
      endings.push(await takeBack(engine, desk, change_id));
    }
  } finally {
    await engine.close();
  }
  return reportOf(endings);
}

const needAgreement = ({ given }: Desk): void => {
  if (!given.has("yes")) needPerson(", or give --yes");
};

/** What became of one change that was to be taken back. */
interface Ending {
  readonly id: string;
  readonly status: "done" | "failed" | "declined";
  readonly change_id?: string | undefined;
  readonly notes?: readonly string[];
  readonly error?: Members;
  readonly exit?: Report["exit"];
}

/** The stages and the way to Cloudflare, such that every change needs a person: whoever runs this command. */
async function load({ values, environment }: Desk): Promise<LoadedEngine> {
  const { cloudflare, pinned } = takeCloudflare(values, environment);
  for (const warning of cloudflare?.warnings ?? []) process.stderr.write(`cloudflare-access-mcp: ${warning}\n`);
  const rules = values.rules === undefined ? undefined : await readRules(values.rules, described);
  // A new secret is not for the terminal, and a plan is shown whole.
  const secrets = values.secrets === "inline" ? "file" : values.secrets;
  const own = { ...values, secrets, confirm: "always", approval: "human", "max-result": 500_000 } as const;
  return loadEngine({ values: own, environment, cloudflare, pinned, rules, transport: "command line" });
}

const takeBack = (engine: LoadedEngine, desk: Desk, id: string): Promise<Ending> =>
  agreed(engine, desk, id).catch((error: unknown) => ({ id, ...failureOf(error) }));

/** Shows the plan, asks, and has it carried out. */
async function agreed(engine: LoadedEngine, desk: Desk, id: string): Promise<Ending> {
  const { folder, values, given, now, word } = desk;
  const who = osUser();
  const entry = engine.entries.get("undo_change");
  if (entry === undefined) throw new Error("there is no operation that takes changes back");
  const call = (ticket?: string) =>
    engine.run({
      entry,
      input: { change_id: id },
      view: {},
      signal: new AbortController().signal,
      deadline: performance.now() + values.timeout * 1000,
      caller: { principal: who, client: { name: "cloudflare-access-mcp changes", version } },
      // Rules may ask for a reason.
      control: { reason: `changes ${word}`, ...(ticket !== undefined && { ticket }) },
    });

  const planned = (await call()).result as Planned;
  const approvals = fileApprovals(folder);
  if (word === "revert-due" && given.has("yes") && planned.access?.direction === "widen") {
    await approvals.reject(planned.approval, who);
    const next = `Look at it and take it back by hand: cloudflare-access-mcp changes undo ${id}`;
    return {
      id,
      status: "failed",
      error: { kind: "refused", message: "taking it back lets more in, which nobody agreed to", next },
      exit: "approval",
    };
  }
  if (!given.has("yes")) {
    const plan = (await approvals.pending()).find((waiting) => waiting.id === planned.approval);
    if (plan === undefined) throw new Error("the plan is not where it was put");
    process.stderr.write(`${decisionText(plan, now)}\n\n`);
    if (!(await ask(`Take ${id} back?`))) {
      await approvals.reject(planned.approval, who);
      return { id, status: "declined", exit: "approval" };
    }
  }
  await approvals.approve(planned.approval, who);
  const { change_id, notes } = await call(planned.ticket);
  return { id, status: "done", change_id, notes };
}

/** What the answer to an undo without ticket holds. */
interface Planned {
  readonly ticket: string;
  readonly approval: string;
  readonly access?: { readonly direction: string };
}

function failureOf(error: unknown): Omit<Ending, "id"> {
  if (!(error instanceof AccessError)) throw error;
  const { message, facts } = error;
  const { kind, next, outcome, details } = facts;
  return { status: "failed", error: { kind, message, next, outcome, ...details }, exit: exitFor[kind] };
}

function reportOf(endings: readonly Ending[]): Report {
  const wrong = endings.flatMap(({ exit }) => exit ?? []);
  const [first] = wrong;
  const items = endings.map(({ exit: _, ...ending }) => ending);
  return {
    document: { items },
    text: endings.map(lineOf).join("\n"),
    ...(first !== undefined && { exit: wrong.length < endings.length ? "partial" : first }),
  };
}

/** What somebody else changed since, when that is what is wrong. */
const othersIn = (error: Members | undefined): readonly Difference[] =>
  Array.isArray(error?.["theirs"]) ? error["theirs"] : [];

const lineOf = ({ id, status, change_id, notes = [], error }: Ending): string =>
  [
    status === "done" ? `${id} was taken back by ${change_id}` : "",
    status === "declined" ? `${id} stays: nobody agreed` : "",
    error === undefined ? "" : plain(`${id} stays: ${error["message"]}. ${error["next"]}`),
    ...othersIn(error).map((one) => `  ${differenceText(one)}`),
    ...notes.map((note) => `  ${plain(note)}`),
  ]
    .filter((line) => line !== "")
    .join("\n");
