/** How a list says where it stands: `result_info` of the API. */
interface ResultInfo {
  readonly page: number;
  readonly per_page: number;
  readonly count: number;
  readonly total_count: number;
  readonly total_pages: number;
}

/** What an operation answers, before it is put into words. */
export interface Reply {
  /** 200 when absent. */
  readonly status?: number;
  readonly result: unknown;
  readonly info?: ResultInfo;
  /** `empty`: no body at all; `text`: `result` is the body. */
  readonly shape?: "empty" | "text";
}

/**
 * A refusal in Cloudflare's words. Codes that a source names say so where they are used; 12044 and those from 10400
 * to 10599 are the sandbox's own, because no source names Cloudflare's.
 */
export class Refusal extends Error {
  readonly status: number;
  readonly code: number;

  constructor(status: number, code: number, message: string) {
    super(message);
    this.name = "Refusal";
    this.status = status;
    this.code = code;
  }
}

/** The generic validation refusal, code 12130. */
export const invalid = (detail: string) => new Refusal(400, 12130, `access.api.error.invalid_request: ${detail}`);

/** No such object. Applications have a code of their own (python-cloudflare #100, DockFlare). */
export const notFound = (noun: string) =>
  noun === "application"
    ? new Refusal(404, 12045, "access.api.error.invalid_application_id")
    : new Refusal(404, 12044, "access.api.error.not_found");

/** Something of that name is there already, or is in the way; that its code is 12136 is only weakly attested. */
export const conflict = (detail: string) => new Refusal(409, 12136, `access.api.error.conflict: ${detail}`);

/** What nobody can know without a real account, said openly. */
export const notModelled = (what: string) =>
  new Refusal(501, 10501, `The sandbox does not know how Cloudflare answers ${what}; try it on a real account.`);

/** The text of a successful answer. */
export function success({ result, info }: Reply): string {
  return JSON.stringify({
    success: true,
    errors: [],
    messages: [],
    result: result ?? null,
    ...(info && { result_info: info }),
  });
}

/** The text of a refusal. */
export function failure(code: number, message: string): string {
  return JSON.stringify({ success: false, errors: [{ code, message }], messages: [], result: null });
}
