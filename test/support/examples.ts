import type { z } from "zod";
import { anatomy } from "../../src/core/model.ts";
import type { Entry } from "../../src/core/room.ts";

/** Only what is required; every field at every depth; or every field with the emptiest value that it takes. */
type ExampleSize = "minimal" | "full" | "empty";

type Fields = Record<string, unknown>;

/** Texts that satisfy the checks of fields whose models want a certain form, by field name. */
const texts: Readonly<Record<string, string>> = {
  duration: "8760h",
  session_duration: "24h",
  access_token_lifetime: "5m",
  lifetime: "7d",
  warp_auth_session_duration: "24h",
  doh_jwt_duration: "24h",
  user_seat_expiration_inactive_time: "1460h",
  amr_matching_session_duration: "12h",
  email: "ada@example.com",
  since: "2026-01-01T00:00:00Z",
  until: "2026-02-01T00:00:00Z",
  previous_client_secret_expires_at: "2026-12-01T00:00:00Z",
};

/** Texts for all other fields; the first that the model accepts. */
const usualTexts = [
  "24h",
  "8h",
  "30m",
  "2026-01-01T00:00:00Z",
  "ada@example.com",
  "https://example.com/x",
  "10.0.0.1",
  "app.example.com",
  "#112233",
  "DE",
];

/** Arguments that an operation accepts; the first of `examplesOf`. */
export function exampleOf(entry: Entry, size: ExampleSize): Fields {
  const [first] = examplesOf(entry, size);
  if (first === undefined) throw new Error(`${entry.name}: no ${size} example`);
  return first;
}

/**
 * Arguments that an operation accepts, as many as it takes to have every branch of every union and, in full ones,
 * every selector, enum value, flag both ways and null once.
 */
export const examplesOf = ({ name, input }: Entry, size: ExampleSize): Fields[] => fitting(name, input, size);

/** Answers that an operation may get, in as many kinds as `examplesOf` has of arguments; one item of a list each. */
export const answersOf = ({ name, output }: Entry, size: ExampleSize): Fields[] => fitting(name, output, size);

function fitting(name: string, model: z.ZodType, size: ExampleSize): Fields[] {
  return values(model, "", size).map((made) => {
    const parsed = model.safeParse(made);
    if (!parsed.success) throw new Error(`${name}: the ${size} example is not valid: ${parsed.error.message}`);
    return made as Fields;
  });
}

function values(model: z.ZodType, name: string, size: ExampleSize): unknown[] {
  const nullable = size !== "minimal" && accepts(model, null);
  if (nullable && size === "empty") return [null];
  const found = valuesOf(model, name, size);
  return nullable ? [...found, null] : found;
}

function valuesOf(model: z.ZodType, name: string, size: ExampleSize): unknown[] {
  const parts = anatomy(model);
  switch (parts.kind) {
    case "object":
      return objects(model, parts.shape, size);
    case "array":
      if (size === "full") return [values(parts.element, name, size)];
      return [accepts(model, []) ? [] : values(parts.element, name, size).slice(0, 1)];
    case "record":
      return size === "empty" ? [{}] : values(parts.value, "example", size).map((example) => ({ example }));
    case "union":
      return parts.options.flatMap((option) => values(option, name, size));
    case "leaf":
      return leaves(parts.type, parts.schema, name, size);
  }
}

interface Field {
  readonly key: string;
  readonly required: boolean;
  readonly values: readonly unknown[];
}

function objects(model: z.ZodType, shape: Readonly<Record<string, z.ZodType>>, size: ExampleSize): Fields[] {
  const fields: Field[] = Object.entries(shape).map(([key, field]) => ({
    key,
    required: field._zod.optin !== "optional",
    values: values(field, key, size),
  }));
  const valid = (chosen: readonly Field[]) => sideBySide(chosen).filter((made) => accepts(model, made));
  const required = fields.filter((field) => field.required);
  const optional = fields.filter((field) => !field.required);
  const withOneMore = () => optional.flatMap((field) => valid([...required, field]));

  if (size === "minimal") {
    const made = valid(required);
    return made.length > 0 ? made : withOneMore().slice(0, sideBySide(required).length);
  }
  // Fields may exclude each other: then all but one of them, or one alone such as the selector of a rule.
  const withOneLess = () => optional.flatMap((field) => valid(fields.filter((other) => other !== field)));
  return [() => valid(fields), withOneLess, withOneMore].reduce<Fields[]>(
    (made, attempt) => (made.length > 0 ? made : attempt()),
    [],
  );
}

/** As few objects as have each value of each field. */
function sideBySide(fields: readonly Field[]): Fields[] {
  const count = Math.max(1, ...fields.map((field) => field.values.length));
  return Array.from({ length: count }, (_, row) =>
    Object.fromEntries(fields.map((field) => [field.key, field.values[row % field.values.length]])),
  );
}

function leaves(type: string, schema: z.ZodType, name: string, size: ExampleSize): unknown[] {
  if (type === "null") return [null];
  if (type === "literal") return [...(schema as z.ZodLiteral).values];
  if (type === "enum") return (schema as z.ZodEnum).options.slice(0, size === "full" ? undefined : 1);
  if (type === "boolean") return size === "full" ? [true, false] : [size === "minimal"];
  const usual = type === "number" ? [1, 30, 22] : [texts[name], `${name || "text"}-1`, ...usualTexts];
  const empty = type === "number" ? 0 : "";
  const candidates = size === "empty" ? [empty, ...usual] : [...usual, empty];
  return [candidates.find((value) => value !== undefined && accepts(schema, value)) ?? `${name}-1`];
}

const accepts = (model: z.ZodType, value: unknown) => model.safeParse(value).success;
