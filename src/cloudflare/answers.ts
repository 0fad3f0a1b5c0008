import { AccessError } from "../core/errors.ts";
import type { Effect } from "../core/operation.ts";
import type { ApiResponse } from "../core/send.ts";
import { failure, isObject, type Json, LATER, lookUp, type Question, rayOf } from "./failures.ts";

/** What a good answer holds. */
export interface Envelope {
  readonly result: unknown;
  /** `result_info` as sent, of whatever shape. */
  readonly info: Readonly<Record<string, unknown>>;
}

/** Writes that answer with what they made: without it nobody knows whether they were done. */
const telling: ReadonlySet<Effect> = new Set(["create", "update", "rotate"]);

/** The result of an answer, or the failure that it is. */
export function judge(response: ApiResponse, question: Question): Envelope {
  const { status, body } = response;
  const { answers, effect } = question;
  const write = effect !== "read";
  const silent = write && (answers === "nothing" || !telling.has(effect));
  const good = status >= 200 && status < 300;
  if (good && answers === "text" && /^[^<{]/.test(body.trimStart())) return { result: body, info: {} };
  if (good && silent && body.trim() === "") return { result: null, info: {} };

  const envelope = parse(body);
  const accepted = good && (envelope?.["success"] ?? "result" in (envelope ?? {})) === true;
  if (envelope === undefined || !accepted) throw failure(response, envelope, question);

  const result = envelope["result"] ?? null;
  const info = isObject(envelope["result_info"]) ? envelope["result_info"] : {};
  if (silent) return { result, info };
  const many = answers === "pages" || answers === "list";
  if (many && result === null) return { result: [], info };
  if (many ? Array.isArray(result) : answers === "text" ? typeof result === "string" : isThing(result, write)) {
    return { result, info };
  }
  throw new AccessError(`${question.name}: Cloudflare says success, but sent no ${many ? "list" : answers}`, {
    kind: "unexpected",
    next: write
      ? lookUp(question)
      : question.lookup === undefined
        ? LATER
        : `Look with ${question.lookup} whether it exists.`,
    outcome: write ? "unknown" : "not_done",
    status,
    ray: rayOf(response),
  });
}

const isThing = (result: unknown, write: boolean) => (write ? isObject(result) : result !== null);

function parse(body: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
