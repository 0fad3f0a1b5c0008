import type { Assessment, Change, Inverse, Members, Undo } from "../core/change.ts";
import { type Entry, pathFields, shownBy } from "../core/room.ts";
import { masked, secretsIn } from "./masks.ts";
import { sendable, shapeFor } from "./merge.ts";
import { secretsAtRisk, split } from "./think.ts";

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
      return no(`a ${entry.effect} has no opposite`);
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
  const { ids } = split(entry, input);
  const inverse: Inverse = { operation: remove.name, input: ids, ...(!(own in ids) && { id_field: own }) };
  return { undoable: "yes", inverse };
}

function undoUpdate(change: Change, before: Members): Undo {
  const { entry, input } = change;
  const { ids, fields } = split(entry, input);
  const shown = shownBy(entry);
  const hidden = [...secretsIn(fields, new Set(entry.secrets)).keys()];
  if (shown === undefined) {
    const touched = Object.keys(fields);
    const missing = touched.filter((name) => before[name] === undefined || before[name] === null);
    if (touched.length === 0) return no("nothing was set that could be set back");
    if (missing.length > 0) return no(`${missing.join(", ")} had no value that could be set again`);
    const old = Object.fromEntries(touched.map((name) => [name, before[name]]));
    return { undoable: "yes", inverse: { operation: entry.name, input: { ...ids, ...masked(old, entry.secrets) } } };
  }
  const models = { request: entry.input, answer: shown.output };
  const kept = sendable(models, before);
  const all = sendable(models, before, "restore");
  // What an update keeps when it is not mentioned is only mentioned when the change touched it.
  const back = Object.fromEntries(Object.entries(all).filter(([name]) => name in kept || name in fields));
  const inverse = { operation: entry.name, input: { ...addressAfter(change, ids), ...back }, replace: true };
  const lost = [...new Set([...hidden, ...secretsAtRisk({ ...change, input: inverse.input })])];
  if (lost.length > 0) return { undoable: "partly", why: `secrets cannot be restored: ${lost.join(", ")}`, inverse };
  return { undoable: "yes", inverse };
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
  const known = shapeFor(create.input, inverse.input) ?? {};
  const valid = create.input.safeParse(
    Object.fromEntries(Object.entries(inverse.input).filter(([key]) => key in known)),
  );
  if (!valid.success) {
    const missing = valid.error.issues.map(({ path }) => path.join(".")).filter((path) => path !== "");
    return no(`what it takes to make it again is not shown: ${[...new Set(missing)].join(", ") || entry.room.noun}`);
  }
  const lost = lostWith(entry, create, before, inverse.input);
  if (references > 0) lost.push(`${references} reference${references === 1 ? "" : "s"} to it`);
  if (lost.length === 0) return { undoable: "yes", inverse };
  return { undoable: "partly", why: `what does not come back: ${lost.join(", ")}`, inverse };
}

/** What a new object like the old one will have other values of: its id and whatever else Cloudflare makes, secrets first. */
function lostWith(entry: Entry, create: Entry, before: Members, made: Members): string[] {
  const isChosen = entry.room.key !== null && entry.room.key in made;
  const cloudflares = Object.entries(before)
    .filter(([name, value]) => !(name in made) && typeof value === "string" && value !== "")
    .map(([name]) => name)
    .filter(
      (name) => /(?:^|_)(?:id|uid|aud|fingerprint|public_key)$/.test(name) && !(isChosen && name === entry.room.key),
    );
  const secrets = (create.secrets ?? []).filter((path) => shapeHas(create, made, path));
  return [...secrets.map((path) => `secret ${path}`), ...cloudflares];
}

function shapeHas(create: Entry, made: Members, path: string): boolean {
  const [head = ""] = path.split(".");
  return head in made || (create.effect === "create" && !(head in (shapeFor(create.input, made) ?? {})));
}
