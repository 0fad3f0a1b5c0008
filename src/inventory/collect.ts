import type { Call, Workshop } from "../core/call.ts";
import type { Members } from "../core/change.ts";
import { cursorAt } from "../core/cursor.ts";
import { AccessError } from "../core/errors.ts";
import { shapesOf } from "../core/model.ts";
import { type Entry, pathFields, type Room } from "../core/room.ts";
import { type DatasetName, datasets, type Inventory } from "./datasets.ts";
import { datasetNames, nameOfRoom } from "./holdings.ts";
import { type Part, type Read, readWhole, reasonOf, unreadable } from "./reading.ts";
import type { Dataset } from "./world.ts";

/** What to read, and how much of what has no end. */
export interface CollectOptions {
  /** All when absent. */
  readonly datasets?: readonly DatasetName[] | undefined;
  /** Users of whom sessions and the like are read: at most 300, and no more than 400 requests allow, when absent. */
  readonly users?: number | undefined;
  /** Requests about single users, for all datasets together; 400 when absent. */
  readonly userReads?: number | undefined;
  /** Whole days of logs before today (UTC), 30 when absent. */
  readonly days?: number | undefined;
  /** Milliseconds since 1970; the clock when absent. */
  readonly now?: number | undefined;
}

/** Datasets that are read at once, and objects of each of those that are read object by object. */
const datasetsAtOnce = 6;
const ownersAtOnce = 2;
const mostOwners = 300;
/** For all datasets together: with the lists it stays below what the request budget lets through at once. */
const mostUserReads = 400;
/** The newest rows of a log. */
const mostRows = 10_000;
/** Items of a page: 5,000 applications and 20,000 users and policies come in a quarter of the request budget. */
const pageSize = 500;
/** Objects that may fail one by one before the others are not tried any more. */
const mostFailures = 10;
/** The share of a call's time in which it reads; the rest is for what is done with it. */
const readingTime = 0.9;

/** How a dataset is read, as far as its declaration does not tell. */
interface Way {
  readonly verb?: string;
  /** Whose objects it is about, where that is no part of the path; then one question is about all of them. */
  readonly about?: { readonly owners: DatasetName; readonly field: string };
  /** Which of the owners have any. */
  readonly having?: (owner: Members) => boolean;
}

const sendsScim = ({ scim_config }: Members): boolean => (scim_config as Members | undefined)?.["enabled"] === true;

const ways: Readonly<Partial<Record<DatasetName, Way>>> = {
  idp_scim: { verb: "users", having: sendsScim },
  scim_updates: { about: { owners: "identity_providers", field: "idp_id" }, having: sendsScim },
};

/** How one dataset is read. */
interface Plan {
  readonly entry: Entry;
  /** Arguments that are always the same. */
  readonly input: Members;
  readonly most?: number;
  /** The dataset of those to whom its objects belong, and the argument that names one, or all at once. */
  readonly owners?: DatasetName;
  readonly field: string;
  readonly isTogether: boolean;
  readonly having: (owner: Members) => boolean;
}

/**
 * Reads an account: every dataset becomes a state with what could be read, and a part of it is said to be one. Only
 * cancelling is an error. Requests go the way of every call, within its deadline and the request budget.
 */
export async function collect(
  call: Call,
  workshop: Pick<Workshop, "perform" | "entries">,
  options: CollectOptions = {},
): Promise<Inventory> {
  const wanted = options.datasets ?? datasetNames;
  const planOf = planner(workshop.entries, options);
  const plans = new Map(wanted.map((name) => [name, planOf(name)]));
  for (const { owners } of [...plans.values()]) if (owners !== undefined) plans.set(owners, planOf(owners));
  const read = reader(call, workshop);
  const step = stepper(call, plans.size);
  const perUser = [...plans.values()].filter(({ owners }) => owners === "users").length;
  const sample =
    options.users ?? Math.min(mostOwners, Math.floor((options.userReads ?? mostUserReads) / Math.max(1, perUser)));

  const found = new Map<DatasetName, Dataset>();
  const [plain, owned] = [[...plans].filter(isPlain), [...plans].filter((one) => !isPlain(one))];
  await eachOf(plain, datasetsAtOnce, async ([name, plan]) => {
    found.set(name, await readPlain(read, plan, plan.input));
    step();
  });
  await eachOf(owned, owned.length, async ([name, plan]) => {
    const owners = found.get(plan.owners as DatasetName) as Dataset;
    found.set(name, await readOwned(read, plan, owners, plan.owners === "users" ? sample : mostOwners, step));
    step();
  });
  return Object.fromEntries(wanted.map((name) => [name, found.get(name) as Dataset]));
}

const isPlain = ([, { owners }]: readonly [DatasetName, Plan]): boolean => owners === undefined;

function planner(entries: Workshop["entries"], { now = Date.now(), days = 30 }: CollectOptions) {
  const day = 86_400_000;
  const since = new Date((Math.floor(now / day) - days) * day).toISOString();
  const window = { since, until: new Date(now).toISOString(), direction: "desc" };
  return (name: DatasetName): Plan => {
    const { verbs, within }: Room = datasets[name];
    const { verb, about, having = () => true } = ways[name] ?? {};
    const operation = verb === undefined ? (verbs["list"] ?? verbs["get"]) : verbs[verb];
    const entry = operation && entries.get(operation.name);
    if (entry === undefined) throw new Error(`nothing reads ${name}`);
    const isLog = shapesOf(entry.input).some((shape) => "since" in shape);
    const [field = about?.field ?? ""] = pathFields(entry);
    const owners = field === "" ? undefined : (about?.owners ?? (within && nameOfRoom(within)));
    const bounds = isLog ? { input: window, most: mostRows } : { input: {} };
    return { entry, ...bounds, ...(owners && { owners }), field, isTogether: about !== undefined, having };
  };
}

/** Performs reads within a call, in the time that reading has. */
function reader(call: Call, { perform }: Pick<Workshop, "perform">): Read {
  const { scope, signal, caller } = call;
  const start = performance.now();
  const deadline = start + (call.deadline - start) * readingTime;
  return async (entry, input, offset) => {
    const first: Call = { entry, input, scope, signal, caller, deadline, view: { all: true, page_size: pageSize } };
    return perform(offset === 0 ? first : { ...first, view: { ...first.view, cursor: cursorAt(first, offset) } });
  };
}

/** Tells how far it has come: each dataset is a step, and each object that is read by itself. */
function stepper({ progress }: Call, planned: number): (more?: number) => void {
  let [done, total] = [0, planned];
  return (more) => {
    if (more === undefined) done += 1;
    else total += more;
    if (more === undefined) progress?.(done, total);
  };
}

async function readPlain(read: Read, { entry, most }: Plan, input: Members): Promise<Dataset> {
  try {
    return datasetOf(await readWhole(read, entry, input, most));
  } catch (error) {
    return unreadable(error, entry);
  }
}

const datasetOf = ({ items, ...part }: Part): Dataset => ({
  state: part.why === undefined ? "ok" : "partial",
  items,
  ...part,
});

/** Reads what belongs to the objects of another dataset. */
async function readOwned(
  read: Read,
  plan: Plan,
  owners: Dataset,
  most: number,
  step: (more?: number) => void,
): Promise<Dataset> {
  const { entry, field, input, owners: name = "users" } = plan;
  const { noun, key } = datasets[name];
  const unknown = owners.why === undefined ? [] : [`${noun}: ${owners.why}`];
  if (!isKnown(owners)) return { state: owners.state, items: [], why: unknown.join() };
  const idOf = (owner: Members) => owner[key ?? "id"];
  const all = owners.items.filter((owner) => plan.having(owner) && typeof idOf(owner) === "string");
  if (plan.isTogether) {
    const known =
      all.length === 0 ? datasetOf({ items: [] }) : await readPlain(read, plan, { ...input, [field]: all.map(idOf) });
    return partly(known, unknown);
  }

  const chosen = all.toSorted(latestFirst).slice(0, most);
  const parts: Part[] = [];
  const failures: ReturnType<typeof reasonOf>[] = [];
  let patience = mostFailures;
  step(chosen.length);
  await eachOf(chosen, ownersAtOnce, async (owner, place) => {
    if (patience > 0) {
      const id = idOf(owner);
      const part = await readWhole(read, entry, { ...input, [field]: id }).catch((error: unknown) => {
        // There is nothing of somebody who never logged in.
        if (error instanceof AccessError && error.facts.kind === "not_found") return { items: [] };
        failures.push(reasonOf(error, entry));
        patience -= isLasting(error) ? mostFailures : 1;
        return undefined;
      });
      if (part !== undefined) parts[place] = { ...part, items: part.items.map((item) => ({ ...item, [field]: id })) };
    }
    step();
  });

  const known = parts.filter((part) => part !== undefined);
  const [failure] = failures;
  if (known.length === 0 && failure !== undefined) return { ...failure, items: [] };
  const sample = { read: known.length, of: all.length };
  const chance =
    sample.read < sample.of ? [`${sample.read} of ${sample.of} ${noun}s were looked at${sampled(name)}`] : [];
  const troubles = [
    ...new Set([...(failure ? [failure.why] : []), ...known.flatMap(({ why }) => why ?? [])]),
    ...unknown,
  ];
  const dataset = partly({ state: "ok", items: known.flatMap(({ items }) => items) }, [...chance, ...troubles]);
  const isMeant = chance.length > 0 && troubles.length === 0;
  return { ...dataset, sample, ...(isMeant && { bounded: true }) };
}

/** What is known, with further reasons why that is not all. */
function partly(dataset: Dataset, reasons: readonly string[]): Dataset {
  if (reasons.length === 0 || !isKnown(dataset)) return dataset;
  return { state: "partial", items: dataset.items, why: [dataset.why ?? [], reasons].flat().join("; ") };
}

const isKnown = ({ state }: Dataset): boolean => state === "ok" || state === "partial";

const sampled = (owners: DatasetName): string => (owners === "users" ? ", those who logged in last" : "");

/** Failures that the next request would meet too. */
const isLasting = (error: unknown): boolean =>
  error instanceof AccessError && ["auth", "permission", "refused", "throttled", "timeout"].includes(error.facts.kind);

/** Who logged in last comes first; what never logs in stands by its id. */
function latestFirst(one: Members, other: Members): number {
  const time = ({ last_successful_login }: Members) => Date.parse(String(last_successful_login)) || 0;
  return time(other) - time(one) || (String(one["id"]) < String(other["id"]) ? -1 : 1);
}

/** Works through items, several at once, in their order. */
async function eachOf<Item>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item, place: number) => Promise<void>,
): Promise<void> {
  const queue = items.entries();
  const worker = async () => {
    for (const [place, item] of queue) await work(item, place);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
