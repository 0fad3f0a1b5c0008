import type { z } from "zod";
import { anatomy, optionFor } from "../core/model.ts";
import { didYouMean } from "../core/nearest.ts";

type Issue = z.core.$ZodIssue;

/** What to do about one thing zod found, naming the field and, for an unknown one, the nearest that exists. */
export function describeIssue(model: z.ZodType, value: unknown, issue: Issue, extraKeys: readonly string[]): string[] {
  const path = pathText(issue.path);
  // A model that has something to say about a key says it better than the list of its fields.
  if (issue.code === "unrecognized_keys" && !issue.message.startsWith("Unrecognized key")) {
    return [`${path || "arguments"}: ${issue.message}`];
  }
  if (issue.code === "unrecognized_keys") {
    const allowed = keysAt(model, value, issue.path);
    const known = issue.path.length === 0 ? [...allowed.own, ...extraKeys] : allowed.own;
    return issue.keys.map((key) => {
      const kind = allowed.kind === undefined ? "" : ` of ${allowed.kind}`;
      const elsewhere = allowed.others.get(key);
      const belongs =
        elsewhere === undefined
          ? didYouMean(key, known) || (known.length <= 12 ? ` — it has ${known.join(", ")}` : "")
          : ` — that belongs to ${elsewhere.join(", ")}`;
      return `${pathText([...issue.path, key])}: not a field${kind}${belongs}`;
    });
  }
  if (issue.code === "invalid_union" && issue.errors.length > 0) {
    const option = closest(issue.errors);
    return option.flatMap((inner) =>
      describeIssue(model, value, { ...inner, path: [...issue.path, ...inner.path] } as Issue, extraKeys),
    );
  }
  if (issue.code === "invalid_type" && issue.input === undefined && /received undefined/.test(issue.message)) {
    return [`${path || "arguments"}: required, ${expectation(issue.expected)}`];
  }
  return [`${path || "arguments"}: ${issue.message.replace(/^Invalid input: /, "")}`];
}

/** The branch of a union that the value came nearest to: the one with the least to complain about. */
function closest(errors: readonly (readonly Issue[])[]): readonly Issue[] {
  const weight = (issue: Issue) => {
    if (issue.code === "unrecognized_keys") return issue.keys.length;
    return issue.code === "invalid_type" && issue.path.length === 0 ? 100 : 1;
  };
  const distance = (issues: readonly Issue[]) => issues.reduce((sum, issue) => sum + weight(issue), 0);
  return errors.toSorted((a, b) => distance(a) - distance(b))[0] ?? [];
}

const expectation = (expected: string): string => (/^[aeiou]/.test(expected) ? `an ${expected}` : `a ${expected}`);

const pathText = (path: readonly PropertyKey[]): string =>
  path
    .map((part, index) => (typeof part === "number" ? `[${part}]` : `${index === 0 ? "" : "."}${String(part)}`))
    .join("");

interface Keys {
  readonly own: readonly string[];
  /** What the union option at this place is called, when there is one. */
  readonly kind: string | undefined;
  /** Keys of the sibling options, with the kinds that have them. */
  readonly others: ReadonlyMap<string, readonly string[]>;
}

/** The fields that the model allows at a path of the value. */
function keysAt(model: z.ZodType, value: unknown, path: readonly PropertyKey[]): Keys {
  const parts = anatomy(model);
  const [head, ...rest] = path;
  if (parts.kind === "union") {
    const members = typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
    const option = optionFor(parts, members);
    const inside = option === undefined ? { own: [], kind: undefined, others: new Map() } : keysAt(option, value, path);
    const { discriminator } = parts;
    if (discriminator === undefined || head !== undefined) return inside;
    return {
      ...inside,
      kind: `${discriminator} ${String(members[discriminator])}`,
      others: otherKinds(parts.options, discriminator),
    };
  }
  if (parts.kind === "object") {
    if (head === undefined) return { own: Object.keys(parts.shape), kind: undefined, others: new Map() };
    const field = parts.shape[String(head)];
    if (field !== undefined) return keysAt(field, (value as Record<PropertyKey, unknown> | undefined)?.[head], rest);
  }
  if (parts.kind === "array" && typeof head === "number") {
    return keysAt(parts.element, (value as unknown[] | undefined)?.[head], rest);
  }
  if (parts.kind === "record" && head !== undefined) {
    return keysAt(parts.value, (value as Record<PropertyKey, unknown> | undefined)?.[head], rest);
  }
  return { own: [], kind: undefined, others: new Map() };
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
