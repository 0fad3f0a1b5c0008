import { z } from "zod";
import type { Members } from "../core/change.ts";
import { type AccessError, badInput } from "../core/errors.ts";
import { didYouMean } from "../core/nearest.ts";
import { type DatasetName, datasets, type Inventory } from "./datasets.ts";
import { datasetNames, labelOf } from "./holdings.ts";
import { brokenJson, type Place, placesIn } from "./json-place.ts";
import { isMembers } from "./reading.ts";
import { withoutSecrets } from "./secrets.ts";
import { type Flaw, flawsIn } from "./shape.ts";
import type { Taken } from "./source.ts";
import type { Dataset } from "./world.ts";

const format = "cloudflare-access-mcp snapshot";
const version = 1;

/**
 * An account as canonical JSON: datasets in a fixed order, objects by their key, members by name, without secrets.
 * `names` says what the ids are by which objects refer to each other. The same account makes the same text but for
 * `taken_at`.
 */
export function snapshotText({ account_id, taken_at, inventory }: Taken): string {
  const known = datasetNames.flatMap((name) => {
    const dataset = inventory[name];
    return dataset === undefined ? [] : [[name, writtenOf(name, dataset)] as const];
  });
  const names = namesIn(known);
  const snapshot = { format, version, taken_at, account_id, names, datasets: Object.fromEntries(known) };
  return `${JSON.stringify(snapshot, null, 1)}\n`;
}

type Named = readonly (readonly [name: DatasetName, dataset: Dataset])[];

function writtenOf(name: DatasetName, { state, why, sample, bounded, items }: Dataset): Dataset {
  const key = datasets[name].key ?? "";
  const written = items
    .map((item) => ordered(withoutSecrets(name, item)) as Members)
    .map((item) => ({ item, text: `${String(item[key] ?? "")}\n${JSON.stringify(item)}` }))
    .sort((one, other) => (one.text < other.text ? -1 : 1));
  const facts = { ...(why !== undefined && { why }), ...(sample && { sample }), ...(bounded && { bounded }) };
  return { state, ...facts, items: written.map(({ item }) => item) };
}

/** A value with the members of every object in the order of their names. */
export function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (!isMembers(value)) return value;
  const members = Object.entries(value).map(([name, member]) => [name, ordered(member)] as const);
  return Object.fromEntries(members.sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** What is called how, of all that something else in the account refers to by its id. */
function namesIn(known: Named): Members {
  const labels = new Map<string, string>();
  for (const [name, { items }] of known) {
    const { key, noun } = datasets[name];
    for (const item of items) {
      const [id, label] = [item[key ?? ""], labelOf(item)];
      if (typeof id === "string" && label !== "" && label !== id && !labels.has(id))
        labels.set(id, `${noun}: ${label}`);
    }
  }
  const used = new Set<string>();
  const visit = (value: unknown): void => {
    if (typeof value === "string") used.add(value);
    else if (typeof value === "object" && value !== null) for (const inner of Object.values(value)) visit(inner);
  };
  for (const [name, { items }] of known) {
    for (const { [datasets[name].key ?? ""]: _, ...rest } of items) visit(rest);
  }
  return ordered(Object.fromEntries([...labels].filter(([id]) => used.has(id)))) as Members;
}

const Count = z.int("a whole number").min(0, "a whole number");
const Object_ = z.custom<Members>(isMembers, "an object");
const text = (what: string) => z.string(what).min(1, what);

const states = ["ok", "partial", "forbidden", "not_enabled", "failed"] as const;

const DatasetModel = z.strictObject(
  {
    state: z.enum(states, `one of ${states.join(", ")}`),
    why: text("a text").optional(),
    sample: z.strictObject({ read: Count, of: Count }, "an object with read and of").optional(),
    bounded: z.literal(true, "true, or nothing").optional(),
    items: z.array(Object_, "an array of objects"),
  },
  "an object with state and items",
);

const known = Object.fromEntries(datasetNames.map((name) => [name, DatasetModel.optional()]));

const SnapshotModel = z.strictObject({
  format: z.literal(format),
  version: z.literal(version, `${version}, which is what this release reads`),
  taken_at: z.iso.datetime({ offset: true, error: "a time like 2026-01-31T12:00:00Z" }),
  account_id: text("the id of an account"),
  names: z.record(z.string(), z.string("a text"), "an object").optional(),
  datasets: z.strictObject(known, "an object of datasets by name"),
});

/** Complaints that one error tells of. */
const mostTold = 20;

/** Reads a snapshot; `name` is how the caller knows it. What is wrong with it is told with line, column and field. */
export function readSnapshot(given: string, name: string): Taken {
  const source = given.replace(/^\uFEFF/, "");
  const json = parsed(source);
  if (json === undefined) {
    const broken = brokenJson(source);
    const says = source.trim() === "" ? "it is empty" : `this is no JSON, expected ${broken?.expected ?? "a value"}`;
    throw refusal(name, [{ path: [], says }], broken === undefined ? [] : [broken]);
  }
  const read = SnapshotModel.safeParse(json);
  const inventory = (read.data?.datasets ?? {}) as Inventory;
  const flaws = read.success ? flawsIn(inventory, mostTold) : flawsAround(json, read.error).slice(0, mostTold);
  if (read.success && flaws.length === 0) {
    const { account_id, taken_at } = read.data;
    return { account_id, taken_at, inventory };
  }
  const paths = flaws.map(({ path }) => path);
  throw refusal(name, flaws, placesIn(source, paths));
}

function parsed(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    return undefined;
  }
}

function refusal(name: string, flaws: readonly Flaw[], places: readonly Place[]): AccessError {
  const all = flaws.map(({ path, says }, at) => {
    const { line = 1, column = 1 } = places[at] ?? {};
    return `line ${line}, column ${column}: ${path.length === 0 ? "" : `${fieldOf(path)}: `}${says}`;
  });
  return badInput(
    `snapshot "${name}", ${all[0]}`,
    "Make a snapshot anew with export_snapshot; one that was edited by hand has to be put right first.",
    all.length > 1 ? all : undefined,
  );
}

/** What is wrong with a snapshot besides the objects in it. */
function flawsAround(json: unknown, { issues }: z.ZodError): readonly Flaw[] {
  if (isMembers(json) && json["format"] === format) return issues.flatMap(flawsOf);
  const says = `this is no snapshot of an Access account, which begins with "format": "${format}"`;
  return [{ path: ["format"], says }];
}

function flawsOf(issue: z.core.$ZodIssue): readonly Flaw[] {
  const { path, message } = issue;
  if (issue.code !== "unrecognized_keys") return [{ path, says: `must be ${message}` }];
  const names = path[0] === "datasets" && path.length === 1 ? datasetNames : ["why", "sample", "names"];
  return issue.keys.map((key) => ({
    path: [...path, key],
    says: `no snapshot has this${didYouMean(key, names)}`,
  }));
}

/** `datasets.groups.items[3]` */
const fieldOf = (path: readonly PropertyKey[]): string =>
  path
    .map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`))
    .join("")
    .replace(/^\./, "");
