import type { z } from "zod";
import { anatomy } from "../core/model.ts";

/** A model at full depth as a TypeScript-like text: the shortest form that models read without loss. */
export function signature(model: z.ZodType): string {
  return write(model, "");
}

const isOptional = (field: z.ZodType): boolean => field._zod.optin === "optional";

function write(model: z.ZodType, indent: string): string {
  const parts = anatomy(model);
  const text = bare(model, indent);
  return isNullable(model) && parts.kind !== "union" ? `${text} | null` : text;
}

function bare(model: z.ZodType, indent: string): string {
  const parts = anatomy(model);
  switch (parts.kind) {
    case "object":
      return members(parts.shape, indent);
    case "array": {
      const element = write(parts.element, indent);
      return /[|]/.test(element) && !element.startsWith("{") ? `(${element})[]` : `${element}[]`;
    }
    case "record":
      return `{ [name]: ${write(parts.value, indent)} }`;
    case "union":
      return parts.options.map((option) => write(option, indent)).join(" | ");
    case "leaf":
      return leaf(parts.type, parts.schema);
  }
}

function leaf(type: string, schema: z.ZodType): string {
  if (type === "enum") return (schema as z.ZodEnum).options.map((value) => JSON.stringify(value)).join(" | ");
  if (type === "literal") return [...(schema as z.ZodLiteral).values].map((value) => JSON.stringify(value)).join(" | ");
  return type === "any" || type === "unknown" ? "unknown" : type;
}

function members(shape: Readonly<Record<string, z.ZodType>>, indent: string): string {
  const inner = `${indent} `;
  const lines = Object.entries(shape).map(([key, field]) => {
    const name = /^\w+$/.test(key) ? key : JSON.stringify(key);
    const comment = field.description === undefined ? "" : ` // ${field.description}`;
    return `${inner}${name}${isOptional(field) ? "?" : ""}: ${write(field, inner)}${comment}`;
  });
  return lines.length === 0 ? "{}" : `{\n${lines.join("\n")}\n${indent}}`;
}

function isNullable(model: z.ZodType): boolean {
  const { type, innerType } = model._zod.def as unknown as { type: string; innerType?: z.ZodType };
  if (type === "nullable") return true;
  return innerType !== undefined && isNullable(innerType);
}
