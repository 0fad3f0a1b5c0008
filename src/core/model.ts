import { z } from "zod";

/** The parts of a zod schema that derivations walk; everything else is a leaf. */
export type Anatomy =
  | { readonly kind: "object"; readonly shape: Readonly<Record<string, z.ZodType>> }
  | { readonly kind: "array"; readonly element: z.ZodType }
  | { readonly kind: "record"; readonly value: z.ZodType }
  | { readonly kind: "union"; readonly options: readonly z.ZodType[]; readonly discriminator?: string | undefined }
  | { readonly kind: "leaf"; readonly type: string; readonly schema: z.ZodType };

interface Definition {
  type: string;
  shape: Record<string, z.ZodType>;
  element: z.ZodType;
  innerType: z.ZodType;
  valueType: z.ZodType;
  options: z.ZodType[];
  discriminator?: string;
}

const wrappers = new Set(["optional", "nullable", "default", "readonly"]);

const definitionOf = (schema: z.ZodType) => schema._zod.def as unknown as Definition;

/** What a schema is made of, seen through `optional`, `nullable` and the like. */
export function anatomy(schema: z.ZodType): Anatomy {
  const definition = definitionOf(schema);
  if (wrappers.has(definition.type)) return anatomy(definition.innerType);
  switch (definition.type) {
    case "object":
      return { kind: "object", shape: definition.shape };
    case "array":
      return { kind: "array", element: definition.element };
    case "record":
      return { kind: "record", value: definition.valueType };
    case "union":
      return { kind: "union", options: definition.options, discriminator: definition.discriminator };
    default:
      return { kind: "leaf", type: definition.type, schema };
  }
}

/** The fields of an object model, once for each kind of a union; none for anything else. */
export function shapesOf(schema: z.ZodType): readonly Readonly<Record<string, z.ZodType>>[] {
  const parts = anatomy(schema);
  if (parts.kind === "union") return parts.options.flatMap(shapesOf);
  return parts.kind === "object" ? [parts.shape] : [];
}

export const isOptional = (field: z.ZodType): boolean => field._zod.optin === "optional";

export function isNullable(schema: z.ZodType): boolean {
  const { type, innerType } = definitionOf(schema);
  return type === "nullable" || (wrappers.has(type) && isNullable(innerType));
}

/** What a room may say about a schema with `describe` and `meta`. */
export interface Remarks {
  readonly description?: string;
  readonly brief?: string;
  readonly title?: string;
  /** Seldom needed: taken, but told by `describe_operation` alone, since every listed argument costs context. */
  readonly rare?: true;
  /**
   * How the shown value is sent back when an update does not mention the field: `false`: not at all, since leaving it
   * out keeps it or sending it does something; a function: what to send instead.
   */
  readonly echo?: false | ((shown: unknown) => unknown);
  /** How the shown value is sent to bring it back, where an update that does not mention it keeps it; `anew`: in a new object. */
  readonly restore?: (shown: unknown, anew: boolean) => unknown;
  /** Another field that says the same and wins: a change of one takes the other out of what is sent. */
  readonly sameAs?: string;
  /** The field of answers that shows what this one sets, when it is called otherwise there. */
  readonly shownAs?: string;
  /** What a change of this field moves besides, which setting it back does not bring back. */
  readonly moves?: string;
  /** An object cannot be deleted while this list of it has items. */
  readonly binds?: true;
  /** What is wrong with a given value, seen beside the shown one. */
  readonly flaw?: (given: unknown, shown: unknown) => string | undefined;
  /**
   * Outsiders wrote the named items of this list: the noun of who did ("MCP server"), told apart by the `id` of the
   * object that has the list. They are data, and it is told when one changes.
   */
  readonly foreign?: string;
}

const remarks = new WeakMap<z.ZodType, Remarks>();
/** What was said about a schema, also when it was wrapped into `optional` afterwards. */
export function remarksOn(schema: z.ZodType): Remarks {
  const { type, innerType } = definitionOf(schema);
  const found = remarks.get(schema) ?? { ...(wrappers.has(type) && remarksOn(innerType)), ...schema.meta() };
  remarks.set(schema, found);
  return found;
}

/** The option of a union that a value is meant to be: by its discriminator, else the first whose keys fit best. */
export function optionFor(
  union: Extract<Anatomy, { kind: "union" }>,
  value: Readonly<Record<string, unknown>>,
): z.ZodType | undefined {
  const { discriminator, options } = union;
  const shapes = options.map((option) => ({ option, parts: anatomy(option) }));
  if (discriminator !== undefined) {
    return shapes.find(
      ({ parts }) =>
        parts.kind === "object" && parts.shape[discriminator]?.safeParse(value[discriminator]).success === true,
    )?.option;
  }
  const belongs = (field: z.ZodType | undefined, given: unknown) => {
    const parts = field === undefined ? undefined : anatomy(field);
    if (parts?.kind !== "leaf" || parts.type !== "literal") return field !== undefined;
    return parts.schema.safeParse(given).success;
  };
  const overlap = (parts: Anatomy) =>
    parts.kind === "object" ? Object.keys(value).filter((key) => belongs(parts.shape[key], value[key])).length : -1;
  return shapes.toSorted((a, b) => overlap(b.parts) - overlap(a.parts))[0]?.option;
}

/**
 * The answer model of a shape: the same fields, every object at every depth keeping keys it does not know.
 * Request models refuse unknown keys; answers must not lose any.
 */
export function answer<const Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape, z.core.$loose> {
  return loosen(z.object(shape)) as unknown as z.ZodObject<Shape, z.core.$loose>;
}

/** The same fields with none of them required, as answers and patches have them. */
export function optional<const Shape extends z.ZodRawShape>(
  shape: Shape,
): { [Key in keyof Shape]: z.ZodOptional<Shape[Key]> } {
  return z.object(shape).partial().shape as { [Key in keyof Shape]: z.ZodOptional<Shape[Key]> };
}

/** The same model with every field optional at every depth: what an update may say. Items of arrays stay whole. */
export function patchOf(schema: z.ZodType): z.ZodType {
  return remade(schema, patchOf, {
    object: ({ shape }) => z.strictObject(mapped(shape, (field) => patchOf(field).optional())),
  });
}

/** The loose twin of any model, for answers whose model is a union or already built. */
export function loosen(schema: z.ZodType): z.ZodType {
  return remade(schema, loosen, {
    object: ({ shape }) => z.looseObject(mapped(shape, loosen)),
    array: ({ element }) => z.array(loosen(element)),
    record: ({ valueType }) => z.record(z.string(), loosen(valueType)),
  });
}

type Makers = Readonly<Record<string, (definition: Definition) => z.ZodType>>;

/** A model made again by its type, and what was said about it; types that nobody makes stay as they are. */
function remade(schema: z.ZodType, inner: (schema: z.ZodType) => z.ZodType, makers: Makers): z.ZodType {
  const always: Makers = {
    union: ({ options }) => z.union(options.map(inner)),
    optional: ({ innerType }) => inner(innerType).optional(),
    nullable: ({ innerType }) => inner(innerType).nullable(),
  };
  const [definition, remarks] = [definitionOf(schema), schema.meta()];
  const made = { ...always, ...makers }[definition.type]?.(definition);
  return made === undefined ? schema : remarks === undefined ? made : made.meta(remarks);
}

const mapped = (shape: Definition["shape"], map: (field: z.ZodType) => z.ZodType) =>
  Object.fromEntries(Object.entries(shape).map(([key, field]) => [key, map(field)]));
