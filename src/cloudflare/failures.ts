import { AccessError, type FailureFacts, type FailureKind } from "../core/errors.ts";
import type { Answers, Effect } from "../core/operation.ts";
import type { Entry } from "../core/room.ts";
import { type ApiResponse, SendError, type SendTrouble } from "../core/send.ts";
import { isCutOff } from "./send/cut-off.ts";
import { retryAfterSeconds } from "./send/limits.ts";

/** What an answer is judged by, and what a failure can name. */
export interface Question {
  readonly name: string;
  readonly answers: Answers;
  readonly effect: Effect;
  /** The permission the token needs, `null` where Cloudflare does not document it. */
  readonly needs: string | null;
  /** The tools that list what the ids of the request can be. */
  readonly lists: readonly string[];
  /** The tool that shows whether a write was done. */
  readonly lookup?: string | undefined;
  /** The answer holds a secret that is shown once. */
  readonly revealing?: boolean;
}

export function questionOf({ name, verb, answers = "object", effect, needs, room, secrets = [] }: Entry): Question {
  const list = room.verbs["list"]?.name;
  const get = room.verbs["get"]?.name;
  // Neither a list nor a create names an object of its own room.
  const own = verb === "list" || effect === "create" ? undefined : list;
  return {
    name,
    answers,
    effect,
    needs,
    lists: [room.within?.verbs["list"]?.name, own].filter((tool) => tool !== undefined),
    lookup: effect === "create" ? (list ?? get) : (get ?? list),
    revealing: (effect === "create" || effect === "rotate") && secrets.length > 0,
  };
}

export const LATER = "Try again later; if it stays so, report it with the ray id.";

/** A failure below HTTP, in the words of the question. Anything else is passed on as it is. */
export function sendFailure(error: unknown, question: Question): unknown {
  if (!(error instanceof SendError)) return error;
  const { reason, sent, message } = error;
  const { kind, says, next } = troubles[reason];
  const outcome = !sent ? "not_sent" : question.effect === "read" ? "not_done" : "unknown";
  return new AccessError(`${question.name}: ${says} (${message})`, {
    kind,
    next: outcome === "unknown" ? lookUp(question) : next,
    outcome,
  });
}

interface Verdict {
  readonly kind: FailureKind;
  readonly says: string;
  readonly next: string;
}

const troubles: Readonly<Record<SendTrouble, Verdict>> = {
  unreachable: {
    kind: "unavailable",
    says: "Cloudflare could not be reached",
    next: "Check the network, proxies and CLOUDFLARE_API_BASE_URL, then call again.",
  },
  timeout: { kind: "timeout", says: "Cloudflare did not answer in time", next: "Call again, or ask for less at once." },
  reset: { kind: "unavailable", says: "the connection broke before an answer came", next: "Call again." },
  truncated: { kind: "unavailable", says: "the connection broke within the answer", next: "Call again." },
  too_large: {
    kind: "unexpected",
    says: "the answer is over 32 MB",
    next: "Ask for less: a smaller limit, or filters.",
  },
  cancelled: { kind: "cancelled", says: "cancelled", next: "Call again when the answer is needed." },
};

/** The next step after a write of which nobody knows whether it was done. */
export const lookUp = ({ lookup, revealing }: Question) =>
  `It may have been done. Do not repeat it before looking ${lookup === undefined ? "in the Cloudflare dashboard" : `with ${lookup}`}.` +
  (revealing ? " If it was done, its secret is lost: rotate it, or delete the object and make another." : "");

type Case =
  | "auth"
  | "permission"
  | "not_found"
  | "conflict"
  | "rejected"
  | "throttled"
  | "unavailable"
  | "not_enabled"
  | "redirected"
  | "cut_off"
  | "garbled";

/** Codes that say more than the status (seen in Terraform, DockFlare and python-cloudflare reports). */
const byCode: ReadonlyMap<number, Case> = new Map([
  [971, "throttled"],
  [6003, "auth"],
  [6111, "auth"],
  [9109, "permission"],
  [9999, "not_enabled"],
  [10000, "permission"],
  [11010, "conflict"],
  [12045, "not_found"],
]);

const byWord: readonly (readonly [RegExp, Case])[] = [
  [/\binvalid access token\b/i, "auth"],
  [/\bnot_enabled\b/, "not_enabled"],
  [/\bnot_found\b/, "not_found"],
  [/\b(?:conflict|already_exists)\b/, "conflict"],
];

const byStatus: ReadonlyMap<number, Case> = new Map([
  [401, "auth"],
  [403, "permission"],
  [404, "not_found"],
  [409, "conflict"],
  [429, "throttled"],
]);

/** Statuses that decide whatever the body says. */
const decisive: ReadonlySet<number> = new Set([401, 429]);

function caseOf(status: number, errors: readonly CloudflareError[]): Case {
  if (!decisive.has(status)) {
    for (const { code, message } of errors) {
      const found = byWord.find(([word]) => word.test(message))?.[1] ?? byCode.get(code);
      if (found !== undefined) return found;
    }
  }
  if (status >= 500) return "unavailable";
  if (status >= 300 && status < 400) return "redirected";
  return byStatus.get(status) ?? "rejected";
}

export function failure(response: ApiResponse, envelope: Json | undefined, question: Question): AccessError {
  const { status, body } = response;
  const errors = errorsIn(envelope);
  const spoken = errors.length > 0 || envelope?.["success"] === false;
  const cutOff = question.answers !== "text" && isCutOff(response);
  const which = cutOff ? "cut_off" : spoken || status >= 300 ? caseOf(status, errors) : "garbled";
  const foreign = !spoken && !cutOff && status < 500 && which !== "throttled" && body.trim() !== "";
  const uncertain = (status >= 500 && which !== "throttled") || status === 408 || unclear.has(which);
  const outcome = question.effect !== "read" && uncertain ? "unknown" : "not_done";
  const wait =
    which === "throttled" ? Math.ceil(retryAfterSeconds(response) ?? (status === 429 ? 300 : 30)) : undefined;

  const { kind, says, next } = verdicts[which](question, wait ?? 0);
  const [first] = errors;
  const detail = first === undefined ? describe(response, spoken) : `${first.code} ${first.message}`;
  const headline = foreign && status >= 400 ? verdicts.garbled(question, 0).says : says;
  return new AccessError(`${question.name}: ${headline} (HTTP ${status}; ${detail})`, {
    kind,
    next: outcome === "unknown" ? lookUp(question) : foreign ? ELSEWHERE : next,
    outcome,
    status,
    ...(errors.length > 0 && { errors }),
    ray: rayOf(response),
    retry_after_seconds: wait,
  });
}

/** Answers after which nobody knows what was done. */
const unclear: ReadonlySet<Case> = new Set(["garbled", "cut_off", "redirected"]);

const ELSEWHERE =
  "This is not how the Cloudflare API answers: check CLOUDFLARE_API_BASE_URL, and proxies or firewalls on the way.";

/** How each case reads; `wait` is in seconds. */
const verdicts: Readonly<Record<Case, (question: Question, wait: number) => Verdict>> = {
  auth: ({ needs }) => ({
    kind: "auth",
    says: `Cloudflare does not accept the credentials; ${permissionFor(needs)}`,
    next: "Have the operator check the API token: it may be revoked, expired or mistyped.",
  }),
  permission: ({ needs }) => ({
    kind: "permission",
    says: `the API token may not do this; ${permissionFor(needs)}`,
    next: `Have the operator add ${needs === null ? "the missing permission" : `"${needs}"`} to the API token for this account or zone (the dashboard says Edit for Write).`,
  }),
  not_found: ({ lists }) => ({
    kind: "not_found",
    says: "Cloudflare has no such object",
    next: lists.length === 0 ? "Check the ids." : `Find the right id with ${lists.join(" and ")}.`,
  }),
  conflict: ({ lookup }) => ({
    kind: "conflict",
    says: "this conflicts with what is there",
    next: `Look at what is there${lookup === undefined ? "" : ` with ${lookup}`}; if an earlier change is still being applied, wait some seconds.`,
  }),
  rejected: () => ({
    kind: "rejected",
    says: "Cloudflare rejected the request",
    next: "Correct the arguments as the message says, then call again.",
  }),
  throttled: (_, wait) => ({
    kind: "throttled",
    says: "Cloudflare's request limit is used up",
    next: `Wait ${wait} seconds, then call again.`,
  }),
  unavailable: () => ({
    kind: "unavailable",
    says: "Cloudflare failed to answer",
    next: "Call again in a minute; see cloudflarestatus.com if it goes on.",
  }),
  not_enabled: () => ({
    kind: "rejected",
    says: "Zero Trust is not set up for this account",
    next: "Have an administrator open Zero Trust in the Cloudflare dashboard once and finish its setup.",
  }),
  redirected: () => ({
    kind: "unexpected",
    says: "the answer is a redirect, which is never followed",
    next: ELSEWHERE,
  }),
  cut_off: () => troubles.truncated,
  garbled: () => ({ kind: "unexpected", says: "the answer is not what the API sends", next: ELSEWHERE }),
};

const permissionFor = (needs: string | null) =>
  needs === null ? "Cloudflare does not document which permission this needs" : `this needs the permission "${needs}"`;

export type Json = Readonly<Record<string, unknown>>;
type CloudflareError = NonNullable<FailureFacts["errors"]>[number];

export const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Cloudflare's errors, each message at most 300 characters, 3,600 in all. */
function errorsIn(envelope: Json | undefined): readonly CloudflareError[] {
  const given = envelope?.["errors"];
  if (!Array.isArray(given)) return [];
  return given
    .filter(isObject)
    .slice(0, 12)
    .map(({ code, message }) => ({ code: Number(code) || 0, message: excerpt(String(message ?? ""), 300) }));
}

/** What the body is when it holds no errors; of a web page only the title is told. */
function describe({ body }: ApiResponse, spoken: boolean): string {
  if (spoken) return "no reason given";
  if (body.trim() === "") return "an empty answer";
  if (!/^\s*</.test(body)) return /^\s*[{[]/.test(body) ? "JSON that is cut off or of another shape" : "not JSON";
  const [, title = ""] = /<title[^>]{0,200}>([^<]{1,400})/i.exec(body.slice(0, 8_192)) ?? [];
  return title.trim() === "" ? "a web page" : `a web page titled "${excerpt(title, 80)}"`;
}

/** One line of at most `most` characters, without control and format characters. */
export function excerpt(text: string, most: number): string {
  const line = text
    .slice(0, 4 * most)
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, " ")
    .trim();
  return line.length <= most ? line.toWellFormed() : `${line.slice(0, most - 1).toWellFormed()}…`;
}

export function rayOf({ headers }: ApiResponse): string | undefined {
  const ray = headers["cf-ray"];
  return ray !== undefined && /^[\w-]{1,64}$/.test(ray) ? ray : undefined;
}
