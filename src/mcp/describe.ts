import type { z } from "zod";
import { type Anatomy, anatomy, isOptional, remarksOn, shapesOf } from "../core/model.ts";
import type { Effect } from "../core/operation.ts";
import { type Entry, pathFields, shownBy } from "../core/room.ts";
import { controlProperties } from "./control.ts";

/** The part of JSON Schema that every MCP client accepts: no unions, references, nullables or patterns. */
export interface ToolSchema {
  readonly type: "object" | "array" | "string" | "number" | "integer" | "boolean";
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly items?: ToolSchema;
  readonly properties?: Readonly<Record<string, ToolSchema>>;
  readonly required?: readonly string[];
}

export interface RootSchema extends ToolSchema {
  readonly type: "object";
  readonly properties: Readonly<Record<string, ToolSchema>>;
}

/** What a client may expect of a tool; all four are always set, since clients assume the worst of an absent one. */
export interface Hints {
  readonly readOnlyHint: boolean;
  readonly destructiveHint: boolean;
  readonly idempotentHint: boolean;
  readonly openWorldHint: boolean;
}

/** A tool as it is listed, and what selects it. Made at build time, so that listing tools loads no model. */
export interface ToolRecord {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly inputSchema: RootSchema;
  readonly annotations: Hints;
  readonly toolset: string;
  readonly effect: Effect;
  readonly everyday: boolean;
  /** What a search should find it by besides its name and description. */
  readonly keywords: string;
}

const hintsByEffect: Readonly<Record<Effect, Omit<Hints, "openWorldHint">>> = {
  read: { readOnlyHint: true, destructiveHint: false, idempotentHint: true },
  create: { readOnlyHint: false, destructiveHint: false, idempotentHint: false },
  update: { readOnlyHint: false, destructiveHint: true, idempotentHint: true },
  delete: { readOnlyHint: false, destructiveHint: true, idempotentHint: true },
  revoke: { readOnlyHint: false, destructiveHint: true, idempotentHint: true },
  rotate: { readOnlyHint: false, destructiveHint: true, idempotentHint: false },
  action: { readOnlyHint: false, destructiveHint: false, idempotentHint: false },
};

export const hintsFor = (effect: Effect): Hints => ({ ...hintsByEffect[effect], openWorldHint: true });

const viewProperties: Readonly<Record<string, ToolSchema>> = {
  limit: { type: "integer" },
  cursor: { type: "string" },
  all: { type: "boolean" },
  fields: { type: "array", items: { type: "string" } },
};

/** Whether a tool reads a list and so takes limit, cursor, all and fields; a list that a write answers is shown whole. */
export const listsItems = ({ answers, effect }: Entry): boolean =>
  effect === "read" && (answers === "list" || answers === "pages");

/** The tool that stands for an operation. */
export function describeTool(entry: Entry): ToolRecord {
  const input = rootOf(entry.input);
  const properties = {
    ...input.properties,
    ...(entry.scope === "account_or_zone" && { zone_id: { type: "string" } as const }),
    ...(listsItems(entry) && viewProperties),
    ...controlProperties(entry),
  };
  // What is merged into what is there needs no more than the ids that say where.
  const required = shownBy(entry) === undefined ? input.required : pathFields(entry);
  return {
    name: entry.name,
    title: entry.title,
    description: [
      entry.summary,
      entry.deprecated === undefined ? undefined : `Deprecated: ${entry.deprecated}`,
      entry.advice,
    ]
      .filter((part) => part !== undefined)
      .join(" "),
    inputSchema: { type: "object", properties, ...(required.length > 0 && { required }) },
    annotations: hintsFor(entry.effect),
    toolset: entry.room.toolset,
    effect: entry.effect,
    everyday: entry.everyday,
    keywords: [
      entry.title,
      entry.room.noun,
      entry.verb,
      entry.advice ?? "",
      ...new Set([...shapesOf(entry.input).flatMap(Object.keys), ...Object.keys(properties)]),
    ].join(" "),
  };
}

interface Root {
  readonly properties: Record<string, ToolSchema>;
  readonly required: readonly string[];
}

/** With more fields than this, only what is required or marked `brief` is explained; `describe_operation` explains the rest. */
const fieldsExplained = 12;

/** One flat object for any input model: the branches of a union are laid over each other. */
function rootOf(model: z.ZodType): Root {
  const branches = shapesOf(model);
  const names = new Set(branches.flatMap(Object.keys));
  const properties: Record<string, ToolSchema> = {};
  const required: string[] = [];
  for (const name of names) {
    const fields = branches.flatMap((branch) => branch[name] ?? []);
    // Still taken, but no longer offered, or told on demand.
    const isHidden = (field: z.ZodType) =>
      remarksOn(field).rare ?? remarksOn(field).description?.startsWith("Deprecated");
    if (fields.every(isHidden)) continue;
    const needed = fields.length === branches.length && !fields.some(isOptional);
    if (needed) required.push(name);
    properties[name] = fields.map((field) => explained(field, needed || names.size <= fieldsExplained)).reduce(overlay);
  }
  return { properties, required };
}

/** What two branches agree on; their enum values together. */
function overlay(one: ToolSchema, other: ToolSchema): ToolSchema {
  if (one.enum !== undefined && other.enum !== undefined) {
    return { ...one, enum: [...new Set([...one.enum, ...other.enum])] };
  }
  return one;
}

/** A field with its short explanation: the one marked `brief`, else its description where there is room for it. */
function explained(field: z.ZodType, roomy: boolean): ToolSchema {
  const remarks = remarksOn(field);
  const description = remarks.brief ?? (roomy ? remarks.description : undefined);
  const schema = outline(anatomy(field));
  return description === undefined ? schema : { ...schema, description };
}

/** What kind of value a field takes. What is inside an object shows on demand through `describe_operation`. */
function outline(parts: Anatomy): ToolSchema {
  switch (parts.kind) {
    case "object":
    case "record":
      return { type: "object" };
    case "array":
      return { type: "array", items: outline(anatomy(parts.element)) };
    case "union": {
      // Clients do not take unions: the first option is the one that is shown, all are accepted.
      const [first] = parts.options;
      return first === undefined ? { type: "string" } : outline(anatomy(first));
    }
    case "leaf":
      return leaf(parts);
  }
}

function leaf({ type, schema }: Extract<Anatomy, { kind: "leaf" }>): ToolSchema {
  switch (type) {
    case "string":
      return { type: "string" };
    case "number":
      return { type: (schema as z.ZodNumber).format === "safeint" ? "integer" : "number" };
    case "boolean":
      return { type: "boolean" };
    case "enum":
      return { type: "string", enum: (schema as z.ZodEnum).options.map(String) };
    case "literal":
      return literal([...(schema as z.ZodLiteral).values]);
    default:
      return { type: "object" };
  }
}

function literal(values: readonly unknown[]): ToolSchema {
  if (values.every((value) => typeof value === "string")) return { type: "string", enum: values };
  return { type: typeof values[0] === "number" ? "number" : "boolean" };
}
