import type { z } from "zod";
import type { Run } from "./call.ts";

/** What a call does to the account. Hints, read-only mode, permissions and confirmation all derive from it. */
export type Effect = "read" | "create" | "update" | "delete" | "revoke" | "rotate" | "action";

/**
 * The shape of Cloudflare's answer: one object; an array without paging; an array read with `page` and `per_page`;
 * no body; or plain text (PEM).
 */
export type Answers = "object" | "list" | "pages" | "nothing" | "text";

type AnyInput = z.ZodType<Record<string, unknown>>;

/** Placeholders that the scope of the call fills, never the caller's input. */
type ScopePlaceholder = "account_id" | "account_or_zone";

type Placeholder<Route extends string> = Route extends `${string}{${infer Name}}${infer Rest}`
  ? Exclude<Name, ScopePlaceholder> | Placeholder<Rest>
  : never;

/** Declares an operation that is not one request: it reads what is remembered, or calls others through the pipeline. */
export function ownOperation<Input extends AnyInput, Output extends z.ZodType>(
  definition: Omit<Operation<Input, Output>, "route" | "run" | "secrets" | "place"> & { readonly run: Run },
): Operation<Input, Output> {
  return { ...definition, route: "" };
}

type KeyOf<T> = T extends unknown ? Extract<keyof T, string> : never;
type SecretPath<T> = KeyOf<NonNullable<T>> | `${KeyOf<NonNullable<T>>}.${string}`;

/** One operation of the Access API, declared as data. Everything else about it is derived from this. */
export interface Operation<Input extends z.ZodType = z.ZodType, Output extends z.ZodType = z.ZodType> {
  /** Tool name, `verb_noun`; fixed once published. */
  readonly name: string;
  readonly title: string;
  /** What it does, in at most 150 characters, written for an agent that has to choose. */
  readonly summary: string;
  /** When to use it and what to know before; follows the summary in the tool's description. */
  readonly advice?: string;
  readonly effect: Effect;
  /** `METHOD /path`; `{account_or_zone}` stands for `accounts/ID` or `zones/ID`, other placeholders are input fields. */
  readonly route: string;
  /** Done by this server instead of one request to Cloudflare; then `route` is empty. */
  readonly run?: Run;
  /** Request fields side by side: path ids, query filters, body fields. Unknown keys are refused at every depth. */
  readonly input: Input;
  /** One answer object (one item of a list). Keeps unknown keys, so that tomorrow's field reaches the agent. */
  readonly output: Output;
  readonly answers?: Answers;
  /** Dotted paths of input and output whose values never enter a result, a log or the journal. */
  readonly secrets?: readonly string[];
  /** Where a field goes when it is not the usual place (query for GET and DELETE, body key otherwise); `body`: the whole body. */
  readonly place?: Readonly<Record<string, "query" | "body">>;
  /** Cloudflare keeps, or may keep, what an update leaves out: leaving a field out does not take it away. */
  readonly merges?: true;
  /** Set when Cloudflare deprecated the operation: what to use instead. */
  readonly deprecated?: string;
}

/** Declares an operation; the compiler refuses a route placeholder missing from `input` and a secret that is in neither model. */
export function operation<const Route extends string, Input extends AnyInput, Output extends z.ZodType>(
  definition: Omit<Operation<Input, Output>, "route" | "input" | "secrets"> & {
    readonly route: Route;
    readonly input: [Placeholder<Route>] extends [KeyOf<z.output<Input>>] ? Input : never;
    readonly secrets?: readonly (SecretPath<z.output<Input>> | SecretPath<z.output<Output>>)[];
  },
): Operation<Input, Output> {
  return definition;
}
