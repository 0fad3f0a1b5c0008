import { setTimeout } from "node:timers/promises";
import type { Call, Next } from "../core/call.ts";
import type { Ask, Members } from "../core/change.ts";
import { type Entry, pathFields } from "../core/room.ts";
import { isPlan } from "../journal/changes.ts";
import type { EntryDraft, Entry as Line } from "../journal/entry.ts";
import { type Settlement, settledDraft } from "../journal/settled.ts";
import type { Journal } from "../journal/store.ts";
import { masked } from "../pipeline/masks.ts";
import type { Lease } from "../pipeline/ports.ts";
import { askWithin } from "../pipeline/rehearse/index.ts";
import { fingerprint } from "../pipeline/rehearse/think.ts";
import { type Finding, keyOf, settleIntent } from "../pipeline/settle/evidence.ts";
import { whole } from "../pipeline/settle/index.ts";

export interface RecoverySettings {
  readonly journal: Journal;
  readonly entries: ReadonlyMap<string, Entry>;
  /** Carries out reads. */
  readonly read: Next;
  readonly lease: Lease;
  readonly server: EntryDraft["server"];
  /** Told what could not be done. */
  readonly warn: (message: string) => void;
}

/** Intents that one process settles; the next one goes on. */
const most = 50;
/** Milliseconds after which a write that is not to be seen was not done: what left a dead process may still be carried out. */
const quiet = 15_000;
/** Milliseconds that one look may take. */
const patience = 30_000;
/** How much earlier than an intent others may have made what it finds, in milliseconds. */
const around = 900_000;

/** Finds out in the background what became of writes whose process died; `stop` ends it. */
export function recovery(settings: RecoverySettings): { readonly stop: () => void } {
  const ending = new AbortController();
  recover(settings, ending.signal).catch((error: unknown) => {
    if (!ending.signal.aborted) settings.warn(`writes of earlier processes were not looked up: ${String(error)}`);
  });
  return { stop: () => ending.abort() };
}

async function recover(settings: RecoverySettings, signal: AbortSignal): Promise<void> {
  const { journal, lease, warn } = settings;
  let failures = 0;
  let reason = "";
  const settle = async (intent: Line, again = false): Promise<boolean> => {
    try {
      return await lease(`settle ${intent.change_id}`, () => settled(settings, intent, signal, again));
    } catch (error) {
      if (signal.aborted) throw error;
      failures += 1;
      reason = error instanceof Error ? error.message : String(error);
      return true;
    }
  };

  const young: Line[] = [];
  for (const intent of await journal.abandoned(most)) {
    signal.throwIfAborted();
    // A plan is gone on with; what is looked up are its steps.
    if (!isPlan(intent) && !(await settle(intent))) young.push(intent);
  }
  for (const intent of young) {
    await setTimeout(Math.max(0, ageLeft(intent)), undefined, { signal, ref: false });
    await settle(intent, true);
  }
  if (failures > 0) warn(`${failures} writes of earlier processes could not be looked up: ${reason}`);
}

const ageLeft = ({ time }: Line): number => Date.parse(time) + quiet - Date.now();

/**
 * Looks at one intent and writes down what became of it; false when it is too early to say. An empty list alone shows
 * little: it is believed when it is empty `again`.
 */
async function settled(
  settings: RecoverySettings,
  intent: Line,
  signal: AbortSignal,
  again: boolean,
): Promise<boolean> {
  const { journal, entries, server } = settings;
  signal.throwIfAborted();
  const lines = await journal.entries({ change_id: intent.change_id });
  if (lines.some((line) => line.change_id === intent.change_id && isKnown(line))) return true;
  const entry = entries.get(intent.deed.operation);
  const finding: Finding =
    entry === undefined ? { verdict: "unknown", seen: "" } : await look(settings, entry, intent, signal);
  if (finding.verdict !== "done" && ageLeft(intent) > 0) return false;
  if (finding.weak === true && !again) return false;
  await journal.append(settledDraft(intent, server, settlementOf(entry, finding)));
  return true;
}

const isKnown = ({ stage, result }: Line): boolean =>
  stage === "settled" || (stage === "outcome" && result?.status !== "unknown");

async function look(settings: RecoverySettings, entry: Entry, intent: Line, signal: AbortSignal): Promise<Finding> {
  const { journal, entries, read } = settings;
  const { deed, object, time } = intent;
  const { account_id, zone_id } = deed;
  const scope = zone_id !== undefined ? { zone_id } : account_id !== undefined ? { account_id } : undefined;
  const input = deed.input ?? {};
  const deadline = performance.now() + patience;
  const call: Call = { entry, input, view: {}, signal, deadline, ...(scope && { scope }) };
  await prove(call, read);
  const since = new Date(Date.parse(time) - around).toISOString();
  const neighbours = entry.effect === "create" ? await journal.entries({ operation: entry.name, since }) : [];
  const isOthers = (shown: Members) => neighbours.some((line) => made(line, keyOf(entry, shown), shown));
  const ask: Ask = askWithin(call, whole(read), entries);
  const { before, after } = object ?? {};
  return settleIntent({ entry, input, id: deed.resource?.id, before, after, sentAt: Date.parse(time), isOthers }, ask);
}

/** Whether a line says that its change made this object; a key that callers choose may be used again. */
const made = ({ stage, deed, object }: Line, key: string, { created_at }: Members): boolean =>
  stage !== "intent" && deed.resource?.id === key && [undefined, created_at].includes(object?.after?.["created_at"]);

/** Throws unless these credentials can see the place that a write went to: where they cannot, everything looks deleted. */
async function prove({ entry: { siblings }, input, ...call }: Call, read: Next): Promise<void> {
  const shown = [siblings["list"], siblings["get"]].find(
    (one) => one !== undefined && pathFields(one).every((name) => input[name] !== undefined),
  );
  if (shown === undefined) return;
  const ids = Object.fromEntries(pathFields(shown).map((name) => [name, input[name]]));
  await read({ ...call, entry: shown, input: ids, view: { limit: 1 } });
}

function settlementOf(entry: Entry | undefined, finding: Finding): Settlement {
  if (entry === undefined || finding.verdict !== "done") return { status: finding.verdict };
  const { found } = finding;
  if (entry.effect === "delete" || typeof found !== "object" || found === null || Array.isArray(found)) {
    return { status: "done" };
  }
  const after = masked(found as Members, entry.secrets);
  return {
    status: "done",
    ...(entry.effect === "create" && { made: keyOf(entry, after) }),
    after,
    digest_after: fingerprint(entry, after),
  };
}
