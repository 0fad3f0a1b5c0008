import type { z } from "zod";
import { anatomy } from "../core/model.ts";
import { didYouMean } from "../core/nearest.ts";

type Path = readonly PropertyKey[];

/** Something wrong at a place of a value, and what to write instead. */
export interface Complaint {
  readonly path: Path;
  /** Whether the key at the end of the path is wrong, or its value. */
  readonly of: "key" | "value";
  readonly message: string;
}

const expectations: Readonly<Record<string, string>> = {
  string: "a text",
  array: "a list, each item after a -",
  object: "keys with values",
  boolean: "true or false",
};

/** What to do about one thing that a model found; of alternatives, about the one that was meant. */
export function complaints(model: z.ZodType, issue: z.core.$ZodIssue, above: Path = []): readonly Complaint[] {
  const path = [...above, ...issue.path];
  if (issue.code === "unrecognized_keys") {
    const known = keysAt(model, path);
    return issue.keys.map((key) => {
      const instead = didYouMean(key, known) || `: it has ${known.join(", ")}`;
      return { path: [...path, key], of: "key", message: `not a key of ${pathText(path)}${instead}` };
    });
  }
  if (issue.code === "invalid_union") {
    const meant = issue.errors.find((branch) => !branch.some(isAboutType));
    if (meant !== undefined) return meant.flatMap((inner) => complaints(model, inner, path));
  }
  const isPlain = issue.code === "invalid_type" && issue.message.startsWith("Invalid input");
  const missing = issue.message.endsWith("received undefined") ? "missing, " : "";
  const expected = isPlain ? `${missing}expected ${expectations[issue.expected] ?? issue.expected}` : issue.message;
  return [{ path, of: "value", message: `${pathText(path)}: ${expected}` }];
}

const isAboutType = ({ code, path }: z.core.$ZodIssue): boolean => code === "invalid_type" && path.length === 0;

/** The keys that the model has at a path; of alternatives, those of the object. */
function keysAt(model: z.ZodType, path: Path): readonly string[] {
  const [head, ...rest] = path;
  const parts = anatomy(model);
  if (parts.kind === "union") return parts.options.flatMap((option) => keysAt(option, path));
  if (parts.kind === "array") return keysAt(parts.element, rest);
  if (parts.kind !== "object") return [];
  if (head === undefined) return Object.keys(parts.shape);
  const field = parts.shape[String(head)];
  return field === undefined ? [] : keysAt(field, rest);
}

const pathText = (path: Path): string =>
  path
    .map((part, place) => (typeof part === "number" ? `[${part}]` : `${place === 0 ? "" : "."}${String(part)}`))
    .join("") || "the file";
