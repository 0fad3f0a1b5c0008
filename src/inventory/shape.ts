import { z } from "zod";
import type { Members } from "../core/change.ts";
import { type Anatomy, anatomy, shapesOf } from "../core/model.ts";
import { pathFields, type Room } from "../core/room.ts";
import { type DatasetName, datasets, type Inventory } from "./datasets.ts";
import { datasetNames } from "./holdings.ts";
import { isMembers } from "./reading.ts";

/** Where a value is not what those who read it rely on. */
export interface Flaw {
  readonly path: readonly PropertyKey[];
  readonly says: string;
}

type Leaf = "text" | "word" | "scalar" | "any";

/** What can stand at a place of Cloudflare's answers: the kinds of value that some model of it has. */
interface Shape {
  readonly leaves: ReadonlySet<Leaf>;
  readonly item?: Shape;
  readonly fields?: ReadonlyMap<string, Shape>;
  /** What each member of a map is, whatever its name. */
  readonly each?: Shape;
  readonly told: string;
}

const partsOf = (model: z.ZodType): readonly Anatomy[] => {
  const parts = anatomy(model);
  return parts.kind === "union" ? parts.options.flatMap(partsOf) : [parts];
};

/** Numbers and truths are one, since answers are not always true to which of them a field is documented as. */
function leafOf(model: z.ZodType, type: string): Leaf {
  if (type === "string") return "text";
  if (model instanceof z.ZodEnum) return "word";
  if (model instanceof z.ZodLiteral)
    return [...model.values].some((value) => typeof value === "string") ? "word" : "scalar";
  return ["number", "int", "boolean"].includes(type) ? "scalar" : "any";
}

/** Alternatives become one: which fields go together is left to Cloudflare. */
function shapeOf(models: readonly z.ZodType[]): Shape {
  const parts = models.flatMap(partsOf);
  const leaves = new Set(parts.flatMap((part) => (part.kind === "leaf" ? [leafOf(part.schema, part.type)] : [])));
  const items = parts.flatMap((part) => (part.kind === "array" ? [part.element] : []));
  const maps = parts.flatMap((part) => (part.kind === "record" ? [part.value] : []));
  const objects = parts.flatMap((part) => (part.kind === "object" ? [part.shape] : []));
  const names = new Set(objects.flatMap((fields) => Object.keys(fields)));
  const fields = [...names].map((name) => [name, shapeOf(objects.flatMap((one) => one[name] ?? []))] as const);
  const item = items.length > 0 ? { item: shapeOf(items) } : {};
  const told = [
    ...(leaves.has("text") || leaves.has("word") ? ["a text"] : []),
    ...(leaves.has("scalar") ? ["a number, true or false"] : []),
    ...(item.item === undefined ? [] : [`a list, each of it ${item.item.told}`]),
    ...(objects.length + maps.length > 0 ? ["an object"] : []),
  ].join(" or ");
  return {
    leaves,
    ...item,
    ...(objects.length > 0 && { fields: new Map(fields) }),
    ...(maps.length > 0 && { each: shapeOf(maps) }),
    told,
  };
}

/** What the objects of a dataset have in common with every answer that shows one, and what they are found by. */
interface Kind {
  readonly shape: Shape;
  /** Fields without which an object is nobody's or nothing: its key, and the id of its owner. */
  readonly needed: readonly string[];
}

function kindOf({ key, verbs }: Room): Kind {
  const shown = Object.values(verbs).filter(({ effect, output }) => effect === "read" && shapesOf(output).length > 0);
  const reading = verbs["list"] ?? verbs["get"] ?? shown[0];
  // There is one of what is not listed, so nobody looks for it by its key.
  const isListed = reading?.answers === "list" || reading?.answers === "pages";
  const owner = reading === undefined ? [] : pathFields(reading);
  return {
    shape: shapeOf(shown.map(({ output }) => output)),
    needed: [...(isListed && key !== null ? [key] : []), ...owner],
  };
}

const made = new Map<DatasetName, Kind>();
function kindOfDataset(name: DatasetName): Kind {
  const kind = made.get(name) ?? kindOf(datasets[name]);
  made.set(name, kind);
  return kind;
}

/** Names that every object of the language has: whoever looks one up in a table finds something. */
const isTaken = (name: string): boolean => name in {};

function isOf(value: unknown, { leaves, item, fields, each }: Shape): boolean {
  if (leaves.has("any")) return true;
  if (typeof value === "string") return leaves.has("text") || leaves.has("word");
  if (typeof value === "number" || typeof value === "boolean") return leaves.has("scalar");
  return Array.isArray(value) ? item !== undefined : isMembers(value) && (fields ?? each) !== undefined;
}

/**
 * What is wrong with the objects of an inventory, at most `most` of it: every value that is known to Cloudflare's
 * models has to be of their kind. What they do not know is let be, and null says no more than nothing.
 */
export function flawsIn(inventory: Inventory, most: number): readonly Flaw[] {
  const flaws: Flaw[] = [];
  const path: PropertyKey[] = [];
  const at = (step: PropertyKey, look: () => void): void => {
    path.push(step);
    look();
    path.pop();
  };
  const wrong = (says: string): void => void flaws.push({ path: [...path], says });
  const look = (value: unknown, shape: Shape): void => {
    if (flaws.length >= most) return;
    const { item, fields, each, leaves, told } = shape;
    if (!isOf(value, shape)) wrong(`must be ${told}`);
    else if (typeof value === "string") {
      if (leaves.has("word") && isTaken(value)) wrong("must be a word of Cloudflare's");
    } else if (Array.isArray(value)) {
      for (const [place, one] of value.entries()) if (item !== undefined) at(place, () => look(one, item));
    } else if (isMembers(value)) {
      for (const [name, one] of Object.entries(value)) {
        const inner = fields?.get(name) ?? each;
        if (fields !== undefined && isTaken(name)) at(name, () => wrong("no field is called like this"));
        else if (inner !== undefined && one !== null) at(name, () => look(one, inner));
      }
    }
  };
  const lookWhole = (item: Members, { shape, needed }: Kind): void => {
    for (const name of needed) {
      if (typeof item[name] !== "string" || item[name] === "") at(name, () => wrong("must be a text"));
    }
    look(item, shape);
  };
  for (const name of datasetNames) {
    const kind = kindOfDataset(name);
    inventory[name]?.items.forEach((item, place) => {
      path.push("datasets", name, "items", place);
      lookWhole(item, kind);
      path.length = 0;
    });
  }
  return flaws;
}
