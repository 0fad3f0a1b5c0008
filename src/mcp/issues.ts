import type { z } from "zod";
import { type Anatomy, anatomy, optionFor, shapesOf } from "../core/model.ts";
import { didYouMean } from "../core/nearest.ts";

type Issue = z.core.$ZodIssue;

/** What is known of the outermost object besides its model. */
export interface RootKeys {
  /** Arguments that are no fields: limit, cursor, zone_id. */
  readonly extra: readonly string[];
  /** Fields of the answer. */
  readonly shownOnly: readonly string[];
}

/** What to do about one thing zod found, naming the field and, for an unknown one, the nearest that exists. */
export function describeIssue(model: z.ZodType, value: unknown, issue: Issue, root: RootKeys): string[] {
  const path = pathText(issue.path);
  // A model that has something to say about a key says it better than the list of its fields.
  if (issue.code === "unrecognized_keys" && !issue.message.startsWith("Unrecognized key")) {
    return [`${path || "arguments"}: ${issue.message}`];
  }
  if (issue.code === "unrecognized_keys") {
    const allowed = keysAt(model, value, issue.path);
    const isRoot = issue.path.length === 0;
    const known = isRoot ? [...allowed.own, ...root.extra] : allowed.own;
    return issue.keys.map((given) => {
      const key = given.length > 64 ? `${given.slice(0, 63)}…` : given;
      if (isRoot && root.shownOnly.includes(key) && !allowed.others.has(key)) {
        return `${key}: answers show it, but it cannot be set; leave it out`;
      }
      const kind = allowed.kind === undefined ? "" : ` of ${allowed.kind}`;
      const elsewhere = allowed.others.get(key);
      const belongs =
        elsewhere === undefined
          ? didYouMean(key, known) || (known.length <= 12 ? ` — it has ${known.join(", ") || "no fields"}` : "")
          : ` — that belongs to ${elsewhere.join(", ")}`;
      return `${pathText([...issue.path, key])}: not a field${kind}${belongs}`;
    });
  }
  if (issue.code === "invalid_union" && issue.errors.length > 0) {
    const branch = closest(placeAt(model, value, issue.path), issue.errors);
    return branch.flatMap((inner) =>
      describeIssue(model, value, { ...inner, path: [...issue.path, ...inner.path] } as Issue, root),
    );
  }
  if (issue.code === "invalid_type" && issue.input === undefined && /received undefined/.test(issue.message)) {
    return [`${path || "arguments"}: required, ${expectation(issue.expected)}`];
  }
  return [`${path || "arguments"}: ${issue.message.replace(/^Invalid input: /, "")}`];
}

/** The complaints of the branch that the value is meant to be; of the one with the fewest where that cannot be told. */
function closest(place: Place | undefined, errors: readonly (readonly Issue[])[]): readonly Issue[] {
  if (place?.parts.kind === "union" && isMembers(place.value)) {
    const option = optionFor(place.parts, place.value);
    const meant = option === undefined ? undefined : errors[place.parts.options.indexOf(option)];
    if (meant !== undefined && meant.length > 0) return meant;
  }
  return errors.toSorted((one, other) => one.length - other.length)[0] ?? [];
}

const expectation = (expected: string): string => (/^[aeiou]/.test(expected) ? `an ${expected}` : `a ${expected}`);

const pathText = (path: readonly PropertyKey[]): string =>
  path
    .map((part, index) => (typeof part === "number" ? `[${part}]` : `${index === 0 ? "" : "."}${String(part)}`))
    .join("");

type Members = Readonly<Record<PropertyKey, unknown>>;

const isMembers = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

interface Place {
  readonly parts: Anatomy;
  readonly value: unknown;
}

/** What the model expects at a path of the value; unions on the way are taken as the option the value is meant to be. */
function placeAt(model: z.ZodType, value: unknown, path: readonly PropertyKey[]): Place | undefined {
  const parts = anatomy(model);
  const [head, ...rest] = path;
  if (head === undefined) return { parts, value };
  const inside = (next: z.ZodType | undefined) =>
    next === undefined ? undefined : placeAt(next, (value as Members | undefined)?.[head], rest);
  switch (parts.kind) {
    case "object":
      return inside(parts.shape[String(head)]);
    case "array":
      return inside(parts.element);
    case "record":
      return inside(parts.value);
    case "union": {
      const option = isMembers(value) ? optionFor(parts, value) : undefined;
      return option === undefined ? undefined : placeAt(option, value, path);
    }
    case "leaf":
      return undefined;
  }
}

interface Keys {
  readonly own: readonly string[];
  /** What the kind at this place is called, when there are several. */
  readonly kind?: string;
  /** Keys of the sibling kinds, with the kinds that have them. */
  readonly others: ReadonlyMap<string, readonly string[]>;
}

/** The fields that the model allows at a path of the value. */
function keysAt(model: z.ZodType, value: unknown, path: readonly PropertyKey[]): Keys {
  const place = placeAt(model, value, path);
  if (place?.parts.kind === "object") return { own: Object.keys(place.parts.shape), others: new Map() };
  if (place?.parts.kind !== "union" || !isMembers(place.value)) return { own: [], others: new Map() };
  const { options, discriminator } = place.parts;
  const option = optionFor(place.parts, place.value);
  const own = option === undefined ? [] : shapesOf(option).flatMap(Object.keys);
  if (discriminator === undefined) return { own, others: new Map() };
  const tag = place.value[discriminator];
  const others = otherKinds(options, discriminator);
  return tag === undefined ? { own, others } : { own, kind: `${discriminator} ${String(tag)}`, others };
}

function otherKinds(options: readonly z.ZodType[], discriminator: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const option of options) {
    const parts = anatomy(option);
    if (parts.kind !== "object") continue;
    const tag = parts.shape[discriminator];
    const values = [...(tag?._zod.values ?? [])].filter((value) => value !== undefined).map(String);
    if (values.length === 0) continue;
    for (const key of Object.keys(parts.shape)) found.set(key, [...(found.get(key) ?? []), ...values]);
  }
  return found;
}
