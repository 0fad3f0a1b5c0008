import { failure } from "./envelope.ts";

/** An answer as it leaves for the wire. */
export interface Message {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a caller experiences: an answer, or the lack of one. */
export type Reaction =
  | (Message & {
      readonly kind: "reply";
      /** The connection breaks after this many characters of the body. */
      readonly cut?: number;
      /** Milliseconds between one character of the body and the next. */
      readonly trickle?: number;
    })
  | { readonly kind: "refuse" | "reset" | "hang" };

/** One thing that goes wrong on purpose. */
export interface Fault {
  /** Which requests: every one when absent. `path` is a pattern for the path below the base URL. */
  readonly match?: { readonly method?: string; readonly path?: RegExp | string };
  /** Which of the matching requests, counted from 1; all of them when absent. */
  readonly nth?: number | readonly number[];
  readonly kind: FaultKind;
  /** Whether Cloudflare acts before it goes wrong. Without it: what the kind implies. */
  readonly applied?: boolean;
  /** For `status`. */
  readonly status?: number;
  readonly code?: number;
  readonly message?: string;
  /** Headers of the answer, besides or instead of the usual ones. */
  readonly headers?: Readonly<Record<string, string>>;
  /** For `delay` (before the answer, 1,000 when absent) and `trickle` (between characters, 20 when absent). */
  readonly milliseconds?: number;
}

interface Misfortune {
  /** Whether the operation is carried out, unless the fault says otherwise. */
  readonly applied: boolean;
  spoil(message: Message, fault: Fault): Reaction;
}

const reply = (message: Message): Reaction => ({ kind: "reply", ...message });
const lost = (kind: "refuse" | "reset" | "hang", applied = false): Misfortune => ({ applied, spoil: () => ({ kind }) });

/** A refusal of the API with this status, code and text. */
const refusal = (status: number, code: number, text: string, headers: Record<string, string> = {}): Misfortune => ({
  applied: false,
  spoil: (message, fault) =>
    reply({
      status: fault.status ?? status,
      headers: { ...message.headers, ...headers },
      body: failure(fault.code ?? code, fault.message ?? text),
    }),
});

/** The same answer with another body. */
const body = (
  rewrite: (text: string, message: Message) => string,
  headers: Record<string, string> = {},
): Misfortune => ({
  applied: true,
  spoil: (message, fault) =>
    reply({
      status: fault.status ?? message.status,
      headers: { ...message.headers, ...headers },
      body: rewrite(message.body, message),
    }),
});

const page = "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Please wait.</body></html>";

const misfortunes = {
  /** Nothing listens. */
  refuse: lost("refuse"),
  /** The connection breaks before anything was done, or after. */
  reset: lost("reset"),
  reset_after: lost("reset", true),
  /** No answer, ever. */
  hang: lost("hang"),
  hang_after: lost("hang", true),
  /** A status of choice, 500 when none is given. */
  status: refusal(500, 10001, "Internal server error"),
  throttle: refusal(429, 10429, "Rate limited. Please wait and consider throttling your request speed", {
    "retry-after": "1",
  }),
  /** Throttling told by the body alone (terraform-provider-cloudflare #6502). */
  throttle971: refusal(200, 971, "Please wait and consider throttling your request speed"),
  /** Another place to go, which nobody should follow. */
  redirect: refusal(307, 10307, "Moved", { location: "https://elsewhere.example.net/" }),
  html: body(() => page, { "content-type": "text/html; charset=utf-8" }),
  success_false: body(() => failure(10001, "Internal server error")),
  null_result: body(() => JSON.stringify({ success: true, errors: [], messages: [], result: null })),
  empty: body(() => ""),
  truncate: {
    applied: true,
    spoil: (message) => ({ ...message, kind: "reply", cut: Math.floor(message.body.length / 2) }),
  },
  trickle: {
    applied: true,
    spoil: (message, { milliseconds = 20 }) => ({ ...message, kind: "reply", trickle: milliseconds }),
  },
  /** The right answer, late. */
  delay: { applied: true, spoil: reply },
} satisfies Record<string, Misfortune>;

export type FaultKind = keyof typeof misfortunes;

/** The kinds of fault there are, for whoever reads a script from a file. */
export const faultKinds = Object.keys(misfortunes) as readonly FaultKind[];

/** A fault that is due for one request. */
export interface Mishap {
  readonly applied: boolean;
  /** Milliseconds to wait first. */
  readonly delay: number;
  spoil(message: Message): Reaction;
}

/** A pattern without the memory that the flags g and y bring. */
const patternOf = (path: RegExp | string | undefined) =>
  path === undefined ? undefined : new RegExp(path instanceof RegExp ? path.source : path);

/** Plays a script of faults: tells for each request, in turn, which fault is due. */
export function playFaults(script: readonly Fault[]): (method: string, path: string) => Mishap | undefined {
  const acts = script.map((fault) => ({
    fault,
    path: patternOf(fault.match?.path),
    seen: 0,
  }));
  return (method, path) => {
    let due: Fault | undefined;
    for (const act of acts) {
      const { match, nth } = act.fault;
      if (match?.method !== undefined && match.method !== method) continue;
      if (act.path !== undefined && !act.path.test(path)) continue;
      act.seen += 1;
      if (nth === undefined || [nth].flat().includes(act.seen)) due ??= act.fault;
    }
    if (due === undefined) return undefined;
    const fault = due;
    const misfortune: Misfortune = misfortunes[fault.kind];
    return {
      applied: fault.applied ?? misfortune.applied,
      delay: fault.kind === "delay" ? (fault.milliseconds ?? 1000) : 0,
      spoil: (message) => misfortune.spoil({ ...message, headers: { ...message.headers, ...fault.headers } }, fault),
    };
  };
}
