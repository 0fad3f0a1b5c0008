/** A request to the Cloudflare API as data; auth, budget and retries are other people's business. */
export interface ApiRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Percent-encoded, below the base URL: `/accounts/ID/access/apps`. */
  readonly path: string;
  readonly query: readonly (readonly [string, string])[];
  readonly body?: unknown;
  /** The answer is text (PEM), not an envelope. */
  readonly text?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** When the answer is due, in milliseconds of `performance.now()`. */
  readonly deadline: number;
}

/** The answer before anyone judged it. Header names are lower case. */
export interface ApiResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** How a request reaches Cloudflare, or the sandbox that stands in for it. */
export type Send = (request: ApiRequest) => Promise<ApiResponse>;

/** Why no whole answer came. */
export type SendTrouble = "unreachable" | "timeout" | "reset" | "truncated" | "too_large" | "cancelled";

/** A request that failed below HTTP. `sent` is false only when it certainly never reached Cloudflare. */
export class SendError extends Error {
  readonly reason: SendTrouble;
  readonly sent: boolean;

  /** `detail` is a code such as ECONNREFUSED, never text from outside. */
  constructor(reason: SendTrouble, sent: boolean, detail?: string) {
    super(detail === undefined ? reason : `${reason}: ${detail}`);
    this.name = "SendError";
    this.reason = reason;
    this.sent = sent;
  }
}
