import type { z } from "zod";
import { type Anatomy, anatomy, isNullable, isOptional, remarksOn } from "../core/model.ts";

/** A model at full depth in TypeScript-like words: the shortest form that loses nothing. Larger parts are named once, below. */
export function signature(model: z.ZodType): string {
  const types = new Map<string, string>();
  const parts = anatomy(model);
  const root = parts.kind === "union" ? kinds(parts, types) : write(model, "arguments", types, "root");
  return [root, ...[...types].map(([text, name]) => `${name} = ${text}`)].join("\n");
}

/** Text over this many characters gets a name of its own. */
const namedFrom = 80;

type Types = Map<string, string>;
type Union = Extract<Anatomy, { kind: "union" }>;

function write(model: z.ZodType, name: string, types: Types, place: "root" | "inside" = "inside"): string {
  const text = bare(model, name, types);
  const titled = remarksOn(model).title ?? name;
  const isLong = text.length > namedFrom && (text.startsWith("{") || text.includes(" | {"));
  const shown = isLong && place === "inside" ? nameFor(text, titled, types) : text;
  return isNullable(model) ? `${shown} | null` : shown;
}

function bare(model: z.ZodType, name: string, types: Types): string {
  const parts = anatomy(model);
  switch (parts.kind) {
    case "object": {
      const fields = Object.entries(parts.shape).map(([key, field]) => line(key, field, isOptional(field), "", types));
      return block(fields);
    }
    case "array": {
      const element = write(parts.element, name, types);
      return element.includes(" | ") ? `(${element})[]` : `${element}[]`;
    }
    case "record":
      return `{ [name]: ${write(parts.value, name, types)} }`;
    case "union":
      return parts.options.map((option) => write(option, name, types)).join(" | ");
    case "leaf":
      return leaf(parts.type, parts.schema);
  }
}

interface Line {
  readonly text: string;
  readonly comment: string;
}

function line(key: string, field: z.ZodType, optional: boolean, remark: string, types: Types): Line {
  const name = /^\w+$/.test(key) ? key : JSON.stringify(key);
  return {
    text: `${name}${optional ? "?" : ""}: ${write(field, key, types)}`,
    comment: [remarksOn(field).description ?? "", remark].filter((part) => part !== "").join(" "),
  };
}

/** On one line when short, else a line each. */
function block(lines: readonly Line[]): string {
  if (lines.length === 0) return "{}";
  const short = lines.map(({ text, comment }) => (comment === "" ? text : `${text} (${comment})`)).join("; ");
  if (short.length <= namedFrom && !short.includes("\n")) return `{ ${short} }`;
  return `{\n${lines.map(({ text, comment }) => ` ${text}${comment === "" ? "" : ` // ${comment}`}`).join("\n")}\n}`;
}

/** The kinds of a discriminated union share most fields: each field once, with the kinds that have it. */
function kinds({ options, discriminator }: Union, types: Types): string {
  const shapes = options.flatMap((option) => {
    const parts = anatomy(option);
    if (parts.kind !== "object") return [];
    const tag = discriminator === undefined ? undefined : parts.shape[discriminator];
    return { tags: [...(tag?._zod.values ?? [])].map(String), shape: parts.shape };
  });
  const all = shapes.flatMap(({ tags }) => tags);
  const fields = new Map<string, { field: z.ZodType; tags: string[]; needed: string[] }>();
  for (const { tags, shape } of shapes) {
    for (const [key, field] of Object.entries(shape)) {
      const text = key === discriminator ? key : `${key}: ${write(field, key, types)}`;
      const known = fields.get(text) ?? { field, tags: [], needed: [] };
      known.tags.push(...tags);
      if (!isOptional(field)) known.needed.push(...tags);
      fields.set(text, known);
    }
  }
  const lines = [...fields].map(([text, { field, tags, needed }]) => {
    const [key = ""] = text.split(":");
    if (key === discriminator)
      return { text: `${key}: ${all.map((tag) => JSON.stringify(tag)).join(" | ")}`, comment: "" };
    const must = needed.length > 0 && needed.length < tags.length ? `[required: ${needed.join(", ")}]` : "";
    return line(key, field, needed.length < tags.length, `${kindsText(tags, all)}${must}`, types);
  });
  return block(lines);
}

/** Which kinds have a field, said the shorter way. */
function kindsText(tags: readonly string[], all: readonly string[]): string {
  const others = all.filter((tag) => !tags.includes(tag));
  if (others.length === 0) return "";
  return others.length < tags.length ? `[not ${others.join(", ")}]` : `[${tags.join(", ")}]`;
}

function nameFor(text: string, wanted: string, types: Types): string {
  const known = types.get(text);
  if (known !== undefined) return known;
  const base = wanted.replace(/(?:^|[^A-Za-z0-9])([A-Za-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  const taken = new Set(types.values());
  let name = base;
  for (let count = 2; taken.has(name); count++) name = `${base}${count}`;
  types.set(text, name);
  return name;
}

function leaf(type: string, schema: z.ZodType): string {
  const values = type === "enum" || type === "literal" ? [...(schema._zod.values ?? [])] : [];
  if (values.length > 0) return values.map((value) => JSON.stringify(value)).join(" | ");
  return type === "any" || type === "unknown" ? "unknown" : type;
}
