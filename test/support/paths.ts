/** A JSON Schema as these tests read it. */
export interface JsonSchema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  additionalProperties?: boolean | JsonSchema;
}

/** What is known of one field: its enum values, and whether every branch that has its parent requires it. */
export interface FieldFact {
  enum?: string[];
  required?: boolean;
}

/**
 * Every field of a schema as a dotted path (`include[].email.email`), whatever branches it takes.
 * Two schemas of the same API have the same paths, however their unions are cut.
 */
export function fieldPaths(root: JsonSchema, definitions: Record<string, JsonSchema> = {}): Record<string, FieldFact> {
  const seen = new Map<string, { enums: Set<string>; required: boolean[] }>();

  const visit = (schema: JsonSchema, path: string, depth: number): void => {
    if (depth > 24) return;
    if (schema.$ref !== undefined) {
      const target = definitions[schema.$ref.split("/").at(-1) ?? ""];
      if (target === undefined) throw new Error(`no definition for ${schema.$ref}`);
      visit(target, path, depth + 1);
      return;
    }
    const here = seen.get(path);
    for (const value of schema.enum ?? (schema.const === undefined ? [] : [schema.const])) {
      if (typeof value === "string") here?.enums.add(value);
    }
    for (const branch of [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]) visit(branch, path, depth + 1);
    if (schema.items !== undefined) visit(schema.items, `${path}[]`, depth + 1);
    if (typeof schema.additionalProperties === "object") visit(schema.additionalProperties, `${path}{}`, depth + 1);
    for (const [key, child] of Object.entries(schema.properties ?? {})) {
      const childPath = path === "" ? key : `${path}.${key}`;
      const fact = seen.get(childPath) ?? { enums: new Set<string>(), required: [] };
      fact.required.push(schema.required?.includes(key) ?? false);
      seen.set(childPath, fact);
      visit(child, childPath, depth + 1);
    }
  };

  visit(root, "", 0);
  return Object.fromEntries(
    [...seen]
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([path, { enums, required }]) => [
        path,
        {
          ...(enums.size > 0 && { enum: [...enums].sort() }),
          ...(required.every(Boolean) && { required: true }),
        },
      ]),
  );
}
