import type { z } from "zod";
import { anatomy } from "../../src/core/model.ts";
import type { Entry } from "../../src/core/room.ts";

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

export interface ExampleChoice {
  /** Which branch of a union on `type` or another discriminator; the first otherwise. */
  readonly option?: number;
}

/** Arguments that an operation accepts: only what is required, or every field at every depth. */
export function exampleOf(entry: Entry, size: "minimal" | "full", choice: ExampleChoice = {}): Record<string, unknown> {
  const made = build(entry.input, "", size, choice.option ?? 0) as Record<string, unknown>;
  const parsed = entry.input.safeParse(made);
  if (!parsed.success) throw new Error(`${entry.name}: the ${size} example is not valid: ${parsed.error.message}`);
  return made;
}

/** How many branches the input of an operation has. */
export function branchesOf(entry: Entry): number {
  const parts = anatomy(entry.input);
  return parts.kind === "union" ? parts.options.length : 1;
}

const isOptional = (field: z.ZodType) => field._zod.optin === "optional";

function build(model: z.ZodType, name: string, size: "minimal" | "full", option: number): unknown {
  const parts = anatomy(model);
  switch (parts.kind) {
    case "object": {
      const fields = Object.entries(parts.shape).filter(([, field]) => size === "full" || !isOptional(field));
      const whole = Object.fromEntries(fields.map(([key, field]) => [key, build(field, key, size, 0)]));
      if (model.safeParse(whole).success || size === "minimal") return onlyIfNeeded(model, whole, parts.shape);
      return onlyIfNeeded(model, whole, parts.shape);
    }
    case "array":
      return arrayOf(model, parts.element, name, size);
    case "record":
      return { example: build(parts.value, "example", size, 0) };
    case "union":
      return build(parts.options[option] ?? (parts.options[0] as z.ZodType), name, size, 0);
    case "leaf":
      return leaf(parts.type, parts.schema, name);
  }
}

/** A rule has one selector only: models that refuse the whole shape get the first member that satisfies them. */
function onlyIfNeeded(
  model: z.ZodType,
  whole: Record<string, unknown>,
  shape: Readonly<Record<string, z.ZodType>>,
): unknown {
  if (model.safeParse(whole).success) return whole;
  for (const [key, field] of Object.entries(shape)) {
    const single = { [key]: build(field, key, "full", 0) };
    if (model.safeParse(single).success) return single;
  }
  return whole;
}

/** Every selector once where an array holds rules; one element otherwise. */
function arrayOf(model: z.ZodType, element: z.ZodType, name: string, size: "minimal" | "full"): unknown[] {
  const parts = anatomy(element);
  if (size === "full" && parts.kind === "object" && "email_domain" in parts.shape) {
    return Object.entries(parts.shape).map(([key, field]) => ({ [key]: build(field, key, "full", 0) }));
  }
  if (size === "full" && parts.kind === "union") return parts.options.map((option) => build(option, name, size, 0));
  const one = [build(element, name, size, 0)];
  return model.safeParse([]).success && size === "minimal" ? [] : one;
}

function leaf(type: string, schema: z.ZodType, name: string): unknown {
  if (type === "enum") return (schema as z.ZodEnum).options[0];
  if (type === "literal") return [...(schema as z.ZodLiteral).values][0];
  if (type === "boolean") return true;
  if (type === "number" || type === "int") return [1, 30, 22, 0].find((value) => schema.safeParse(value).success) ?? 1;
  const candidates = [
    texts[name],
    `${name || "text"}-1`,
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
  return candidates.find((value) => value !== undefined && schema.safeParse(value).success) ?? `${name}-1`;
}
