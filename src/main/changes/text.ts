import { styleText } from "node:util";
import type { Difference, Members } from "../../core/change.ts";
import type { ChangeRecord } from "../../journal/changes.ts";
import { dueTime } from "../../journal/due.ts";
import { detailsOf, summaryOf } from "../../journal/room.ts";
import type { Pending } from "../../journal/ticket-book.ts";
import { harmless } from "../../pipeline/cleanse.ts";

/** Text of others on one line: no character in it moves the cursor or hides. */
export const plain = (text: string): string => harmless(text).replaceAll(/\s+/g, " ");

type Style = Parameters<typeof styleText>[0];

/** Colours where somebody looks: on a terminal that has them, whose user does not mind (NO_COLOR, TERM, CI). */
const paint = (style: Style, text: string): string =>
  process.stdout.isTTY && process.stdout.hasColors() ? styleText(style, text, { validateStream: false }) : text;

const styles: Readonly<Record<string, Style>> = {
  done: "green",
  widen: "yellow",
  failed: "red",
  refused: "red",
  unknown: "magenta",
  open: "magenta",
};

/** Rows under a heading, columns as wide as their longest text; the last may be as long as it likes. */
function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heading.map((_, at) => Math.max(...[heading, ...rows].map((row) => row[at]?.length ?? 0)));
  const lines = [heading, ...rows].map((row, place) =>
    row
      .map((cell, at) => {
        const wide = at === row.length - 1 ? cell : cell.padEnd(widths[at] ?? 0);
        const style = place === 0 ? "dim" : styles[cell];
        return style === undefined ? wide : paint(style, wide);
      })
      .join("  ")
      .trimEnd(),
  );
  return lines.join("\n");
}

const when = (time: unknown): string =>
  String(time)
    .replace("T", " ")
    .replace(/\.\d+Z$/, "Z");

/** What was done to what, in at most 90 characters. */
function deedOf({ intent, end }: ChangeRecord): string {
  const { operation, noun, resource } = (intent ?? end)?.deed ?? {};
  const name = resource?.name ?? resource?.id;
  const text = plain(`${operation}: ${noun}${name === undefined ? "" : ` ${JSON.stringify(name)}`}`);
  return text.length > 90 ? `${text.slice(0, 89)}…` : text;
}

const undoable = ({ undone_by }: ChangeRecord, { undoable }: Members): string =>
  undone_by === undefined ? String(undoable ?? "-") : "undone";

/** Changes, one a line. */
export function listText(changes: readonly ChangeRecord[], more: boolean): string {
  if (changes.length === 0) return "nothing was changed yet";
  const rows = changes.map((change) => {
    const summary = summaryOf(change);
    const { id, status, time, access } = summary;
    const cells = [when(time), String(id), String(status), String(access ?? "-")];
    return [...cells, undoable(change, summary), deedOf(change)];
  });
  const text = table(["time", "id", "status", "effect", "undoable", "what"], rows);
  return more ? `${text}\nthere are older ones: --all` : text;
}

/** Changes that are due, one a line; `now` in milliseconds since 1970. */
export function dueText(changes: readonly ChangeRecord[], now: number): string {
  if (changes.length === 0) return "nothing is due";
  const rows = changes.map((change) => [
    change.change_id,
    span(dueTime(change) - now),
    when(change.intent?.revert_due),
    deedOf(change),
  ]);
  return table(["id", "due", "time", "what"], rows);
}

const units = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
] as const;

/** A time from now in its largest unit: `in 2h`, `3d ago`. */
function span(milliseconds: number): string {
  const size = Math.abs(milliseconds);
  const [unit, length] = units.find(([, length]) => size >= length) ?? ["s", 1_000];
  const text = `${Math.floor(size / length)}${unit}`;
  return milliseconds < 0 ? `${text} ago` : `in ${text}`;
}

/** What waits for a person, one a line. */
export function pendingText(waiting: readonly Pending[], now: number): string {
  if (waiting.length === 0) return "nothing waits for a person";
  const rows = waiting.map(({ id, principal, expires, summary }) => [
    id,
    span(Date.parse(expires) - now),
    plain(principal),
    plain(summary.headline),
  ]);
  return table(["id", "expires", "asked by", "what"], rows);
}

/** What a person reads before agreeing: the effect first. */
export function decisionText({ summary, principal, operation, object, expires }: Pending, now: number): string {
  return [
    paint("bold", plain(summary.headline)),
    ...summary.lines.map((line) => `  ${plain(line)}`),
    "",
    `  asked by ${plain(principal)}: ${operation}${object === null ? "" : ` ${plain(object)}`}`,
    `  expires ${span(Date.parse(expires) - now)} (${when(expires)})`,
  ].join("\n");
}

const value = (given: unknown): string => {
  const text = plain(JSON.stringify(given) ?? "nothing");
  return text.length > 200 ? `${text.slice(0, 199)}…` : text;
};

/** One field that differs, on one line. */
export const differenceText = ({ path, before, after }: Difference): string =>
  `~ ${plain(path)}: ${before === undefined ? "nothing" : value(before)} → ${after === undefined ? "nothing" : value(after)}`;

/** One change with what is kept of it. */
export function changeText(change: ChangeRecord): string {
  const { intent, end, status, undone_by } = change;
  const details = detailsOf(change);
  const line = intent ?? end;
  const { client, consent, reason, error } = details as { [name: string]: Members | undefined };
  const undo = end?.undo ?? intent?.undo;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ["time", when(line?.time)],
    ["what", deedOf(change)],
    ["object", details["resource_id"] === undefined ? undefined : plain(String(details["resource_id"]))],
    [
      "by",
      `${plain(line?.principal.name ?? "")}${client === undefined ? "" : `, through what calls itself ${value(client["name"])}`}`,
    ],
    ["reason", reason === undefined ? undefined : value(reason)],
    ["consent", consent && [consent["by"], consent["who"]].flatMap((part) => part ?? []).join(" by ")],
    ["effect", intent?.object?.access?.direction],
    ["error", error && plain(String(error["message"]))],
    ["takes back", intent?.undo_of],
    ["taken back by", undone_by],
    ["due", undone_by === undefined && intent?.revert_due !== undefined ? when(intent.revert_due) : undefined],
    ["undoable", undo && [undo.undoable, undo.why].flatMap((part) => part ?? []).join(": ")],
  ];
  const reasons = intent?.object?.access?.reasons ?? [];
  return [
    `${change.change_id}  ${paint(styles[status] ?? "reset", status)}`,
    ...facts.flatMap(([name, text]) =>
      text === undefined || text === "" ? [] : [`  ${name.padEnd(13)}  ${plain(text)}`],
    ),
    ...reasons.map(({ text }) => `  - ${plain(text)}`),
    ...(intent?.object?.diff ?? []).map((one) => `  ${differenceText(one)}`),
  ].join("\n");
}
