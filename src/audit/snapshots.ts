import { z } from "zod";
import type { Members } from "../core/change.ts";
import { ownOperation } from "../core/operation.ts";
import { type Room, room } from "../core/room.ts";
import { compare } from "../inventory/compare.ts";
import { datasetNames } from "../inventory/holdings.ts";
import { snapshotText } from "../inventory/snapshot.ts";
import type { Snapshots, Take, Taken } from "../inventory/source.ts";
import { textOf } from "../simulator/fields.ts";
import { type Concerned, type Impact, impactOf, wordsFor } from "../simulator/impact.ts";
import type { Principals } from "../simulator/reach.ts";
import { reachOf } from "../simulator/who.ts";
import { estateOf } from "./estate.ts";
import { gapsIn } from "./told.ts";

/** Applications and objects that a comparison tells of. */
const most = 50;

const Name = z.string().regex(/^[A-Za-z0-9][\w.-]{0,79}$/, "letters, digits, dots, dashes and underscores, at most 80");

/** What an account was like, kept as a file, and what became of it since. */
export function snapshotting({ take, snapshots }: { readonly take: Take; readonly snapshots: Snapshots }): Room {
  const exporting = ownOperation({
    name: "export_snapshot",
    title: "Export snapshot",
    summary: "Keep the whole account as a file without secrets, to audit or compare later.",
    effect: "read",
    input: z.strictObject({ name: Name.optional().describe("Default: the time") }),
    output: z.looseObject({ name: z.string() }),
    async run(call, workshop) {
      const taken = await take(call, workshop, { datasets: datasetNames });
      const name = textOf(call.input["name"]) || taken.taken_at.replaceAll(/[:.]/g, "-");
      const text = snapshotText(taken);
      const { account_id, taken_at, inventory } = taken;
      const counts = Object.entries(inventory).map(([dataset, { items }]) => [dataset, items.length]);
      const result = {
        name,
        path: await snapshots.write(name, text),
        bytes: Buffer.byteLength(text),
        account_id,
        taken_at,
        objects: Object.fromEntries(counts),
        not_read_whole: gapsIn(inventory),
      };
      return { result, notes: [] };
    },
  });

  const comparing = ownOperation({
    name: "compare_snapshots",
    title: "Compare snapshots",
    summary: "What changed between two snapshots, or since one, and what that did to who can reach what.",
    advice: "Snapshots of two accounts are compared by name.",
    effect: "read",
    input: z.strictObject({
      before: z.string(),
      after: z.string().optional().describe("Default: the live account"),
    }),
    output: z.looseObject({ compared_by: z.string() }),
    async run(call, workshop) {
      const { before, after } = call.input;
      const [old, now] = await Promise.all(
        [before, after].map((name) =>
          take(call, workshop, { datasets: datasetNames, snapshot: textOf(name) || undefined }),
        ),
      );
      if (old === undefined || now === undefined) throw new Error("two were read");
      return { result: told(old, now), notes: [] };
    },
  });

  return room({
    noun: "snapshot",
    toolset: "audit",
    key: "name",
    permission: null,
    columns: [],
    verbs: { export: exporting, compare: comparing },
  });
}

function told(before: Taken, after: Taken): Members {
  const { by, datasets } = compare(before, after);
  const reach: readonly Concerned[] = by === "id" ? impactBetween(before, after) : reachBetween(before, after);
  const count = (part: "added" | "removed" | "changed") =>
    datasets.reduce((sum, dataset) => sum + dataset[part].length, 0);
  const [added, removed, changed] = [count("added"), count("removed"), count("changed")];
  return {
    verdict: `${added} added, ${removed} removed, ${changed} changed; who gets in differs at ${wordsFor(reach)}`,
    compared_by: by,
    before: { account_id: before.account_id, taken_at: before.taken_at },
    after: { account_id: after.account_id, taken_at: after.taken_at },
    reach: reach.slice(0, most),
    datasets: datasets.map((dataset) => ({
      ...dataset,
      added: dataset.added.slice(0, most),
      removed: dataset.removed.slice(0, most),
      changed: dataset.changed.slice(0, most),
    })),
  };
}

const accountOf = ({ inventory, taken_at }: Taken) => estateOf(inventory, Date.parse(taken_at)).account;

const impactBetween = (before: Taken, after: Taken): readonly Impact[] => impactOf(accountOf(before), accountOf(after));

/** Ways in by what they are called: ids mean nothing in another account. */
function reachBetween(before: Taken, after: Taken): readonly Concerned[] {
  const [old, now] = [waysByName(before), waysByName(after)];
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((application) => {
    const [was, is] = [old, now].map((side) => side.get(application) ?? new Map<string, Members>());
    const gains = [...(is ?? [])].filter(([mark]) => !was?.has(mark)).map(([, way]) => way);
    const loses = [...(was ?? [])].filter(([mark]) => !is?.has(mark)).map(([, way]) => way);
    return gains.length + loses.length === 0
      ? []
      : [{ application: { noun: "application", name: application }, gains, loses }];
  });
}

function waysByName(taken: Taken): ReadonlyMap<string, ReadonlyMap<string, Members>> {
  const account = accountOf(taken);
  const wayOf = ({ kind, label, outcome, conditions }: Principals) => {
    const way = { kind, label, outcome, ...(conditions.length > 0 && { conditions }) };
    return [JSON.stringify(way), way] as const;
  };
  return new Map(
    (taken.inventory.applications?.items ?? []).map((application) => [
      textOf(application["name"]),
      new Map(reachOf(application, account).principals.map(wayOf)),
    ]),
  );
}
