import type { z } from "zod";
import type { Assessment, Change, Inverse, Members, Undo } from "../../core/change.ts";
import { type Remarks, remarksOn, shapesOf } from "../../core/model.ts";
import { type Entry, pathFields, shownBy } from "../../core/room.ts";
import { masked, secretsIn } from "../masks.ts";
import { differences, identity } from "./difference.ts";
import { knownPart, lacks, sendable, shapeFor } from "./merge.ts";
import { resetBy, secretsAtRisk, split } from "./think.ts";

const no = (why: string): Undo => ({ undoable: "no", why });

/** How a change could be taken back, told before it is made. */
export function undoOf(change: Change, { references }: Assessment): Undo {
  const { entry } = change;
  switch (entry.effect) {
    case "create":
      return undoCreate(change);
    case "update":
      return change.before === undefined
        ? no("the object could not be read before")
        : undoUpdate(change, change.before);
    case "delete":
      return change.before === undefined
        ? no("the object could not be read before")
        : undoDelete(change, change.before, references.length);
    default:
      return no(`${entry.title} has no opposite`);
  }
}

const pathOf = ({ route }: Entry): string => route.slice(route.indexOf(" ") + 1);

/** A delete of exactly what a create makes: one level below its address, or at it. */
function undoCreate({ entry, input }: Change): Undo {
  const remove = entry.siblings["delete"];
  const own = remove === undefined ? undefined : pathFields(remove).at(-1);
  if (remove === undefined || own === undefined) return no("it cannot be deleted");
  const isOpposite = [pathOf(entry), `${pathOf(entry)}/{${own}}`].includes(pathOf(remove));
  if (!isOpposite) return no("no single delete takes it back");
  const { ids, fields } = split(entry, input);
  const isFull = (name: string) => Array.isArray(fields[name]) && fields[name].length > 0;
  const bound = Object.keys(fields).find((name) => remarksIn(entry, fields, name).binds === true && isFull(name));
  if (bound !== undefined) return no(`it cannot be deleted while ${bound} has entries`);
  const inverse: Inverse = { operation: remove.name, input: ids, ...(!(own in ids) && { id_field: own }) };
  return { undoable: "yes", inverse };
}

/** A part of an object that has an address of its own: what of it was touched or, where it was replaced, all of it. */
function undoSetting({ entry, input }: Change, before: Members): Undo {
  const { ids, fields } = split(entry, input);
  const names = [...new Set([...Object.keys(fields), ...resetBy(entry)])].filter((name) => !(name in ids));
  const missing = names.filter((name) => before[name] === undefined || before[name] === null);
  if (names.length === 0) return no("nothing was set that could be set back");
  if (missing.length > 0) return no(`${missing.join(", ")} had no value that could be set again`);
  const old = Object.fromEntries(names.map((name) => [name, before[name]]));
  return { undoable: "yes", inverse: { operation: entry.name, input: { ...ids, ...masked(old, entry.secrets) } } };
}

function undoUpdate(change: Change, before: Members): Undo {
  const { entry, input, after } = change;
  const shown = shownBy(entry);
  if (shown === undefined) return undoSetting(change, before);
  const { ids, fields } = split(entry, input);
  const models = { request: entry.input, answer: shown.output };
  const kept = sendable(models, before);
  const all = sendable(models, before, "restore");
  // What an update keeps when it is not mentioned is only mentioned when the change touched it.
  const back = Object.fromEntries(Object.entries(all).filter(([name]) => name in kept || name in fields));
  const inverse = { operation: entry.name, input: { ...addressAfter(change, ids), ...back }, replace: true };
  const missing = missingIn(entry, inverse.input);
  if (missing.length > 0) return no(`what it takes to bring it back is not shown: ${missing.join(", ")}`);

  const differing = differences(masked(before, entry.secrets), masked(after ?? {}, entry.secrets));
  if (differing.length > 0 && differing.every(({ path }) => entry.secrets?.includes(path))) {
    return no(`secrets cannot be restored: ${differing.map(({ path }) => path).join(", ")}`);
  }
  const given = secretsIn(fields, new Set(entry.secrets)).keys();
  const secrets = [...new Set([...given, ...secretsAtRisk({ ...change, input: inverse.input })])];
  const touched = Object.keys(fields).map((name) => ({ name, ...remarksIn(entry, fields, name) }));
  const isLeft = ({ name, echo }: Remarks & { name: string }) =>
    !(name in back) && !secrets.includes(name) && (entry.merges === true || echo !== undefined);
  const destroys = touched.flatMap(({ name, restore }) =>
    restore ? destroyed(before[name], back[name], after?.[name]) : [],
  );
  const why = [
    [secrets, "secrets cannot be restored"],
    [touched.filter(isLeft).map(({ name }) => name), "cannot be set back"],
    [touched.flatMap(({ moves }) => moves ?? []), "does not go back with it"],
    [destroys, "comes back under another id"],
  ] as const;
  const told = why.flatMap(([names, what]) => (names.length === 0 ? [] : [`${what}: ${names.join(", ")}`]));
  if (told.length === 0) return { undoable: "yes", inverse };
  return { undoable: "partly", why: told.join("; "), destroys, inverse };
}

/** What the room says of a field, by the kind of object that an input makes. */
function remarksIn(entry: Entry, fields: Members, name: string): Remarks {
  const field = shapeFor(entry.input, fields)?.[name];
  return field === undefined ? {} : remarksOn(field);
}

/** Names of the items of a list that exist in it alone and that a change destroys. What is only linked to lives on. */
function destroyed(before: unknown, back: unknown, after: unknown): readonly string[] {
  const items = [before, back, after].map((list) => (Array.isArray(list) ? list : []) as readonly Members[]);
  const [old = [], sent = [], left = []] = items;
  const isLink = (item: Members | undefined) => Object.values(item ?? {}).every((value) => typeof value !== "object");
  const there = new Set(left.map(identity));
  return old
    .filter((item, at) => !isLink(sent[at]) && !there.has(identity(item)))
    .map(({ name, id }) => String(name ?? id));
}

/** What the request misses in an input, as paths. */
function missingIn(entry: Entry, input: Members): readonly string[] {
  const parsed = entry.input.safeParse(knownPart(entry.input, input));
  if (parsed.success) return [];
  const paths = parsed.error.issues.map(({ path }) => path.join(".") || entry.room.noun);
  return [...new Set(paths)];
}

/** The ids that lead to the object after the change: where its name is its id, a rename moves it. */
function addressAfter({ entry, after, before }: Change, ids: Members): Members {
  const own = pathFields(entry).at(-1);
  const { key } = entry.room;
  if (own === undefined || key === null || before?.[key] !== ids[own] || after?.[key] === undefined) return ids;
  return { ...ids, [own]: after[key] };
}

function undoDelete({ entry, input }: Change, before: Members, references: number): Undo {
  const create = entry.siblings["create"];
  const answer = (entry.siblings["get"] ?? entry.siblings["list"])?.output;
  if (create === undefined || answer === undefined || entry.verb !== "delete") return no("it cannot be made again");
  const models = { request: create.input, answer };
  const { ids } = split(entry, input);
  const address = Object.fromEntries(pathFields(create).flatMap((name) => (name in ids ? [[name, ids[name]]] : [])));
  const inverse = { operation: create.name, input: { ...address, ...sendable(models, before, "recreate") } };
  const missing = missingIn(create, inverse.input);
  if (missing.length > 0) return no(`what it takes to make it again is not shown: ${missing.join(", ")}`);
  const lost = lostWith(entry, create, before, inverse.input);
  if (references > 0) lost.push(`${references} reference${references === 1 ? "" : "s"} to it`);
  if (lost.length === 0) return { undoable: "yes", inverse };
  return { undoable: "partly", why: `what does not come back: ${lost.join(", ")}`, inverse };
}

/** What a new object like the old one will have other values of: its id and whatever else Cloudflare makes, secrets first. */
function lostWith({ room }: Entry, create: Entry, before: Members, made: Members): string[] {
  const chosen = new Set(pathFields(create).map((name) => made[name]));
  const cloudflares = Object.entries(before)
    .filter(([name, value]) => !(name in made) && typeof value === "string" && value !== "")
    .filter(([name, value]) => !(name === room.key && chosen.has(value)))
    .map(([name]) => name)
    .filter((name) => /(?:^|_)(?:id|uid|aud|fingerprint|public_key)$/.test(name));
  const isMade = (path: string) => !knows(create.input, path) && lacks(create.output, before, path);
  const secrets = (create.secrets ?? []).filter((path) => lacks(create.input, made, path) || isMade(path));
  return [...secrets.map((path) => `secret ${path}`), ...cloudflares];
}

/** Whether any kind of a model has a field at a dotted path. */
function knows(model: z.ZodType, path: string): boolean {
  const [head = "", ...rest] = path.split(".");
  return shapesOf(model).some(
    ({ [head]: field }) => field !== undefined && (rest.length === 0 || knows(field, rest.join("."))),
  );
}
