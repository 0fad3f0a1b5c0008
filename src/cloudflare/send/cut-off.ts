import type { ApiResponse } from "../../core/send.ts";

const closers: Readonly<Record<string, string>> = { "{": "}", "[": "]" };

/**
 * Whether a good answer starts as JSON and does not end as such: a proxy or a broken connection ended it too early.
 * Only the ends are looked at, since every read passes here and is parsed later anyway.
 */
export function looksCutOff({ status, body }: ApiResponse): boolean {
  if (status < 200 || status >= 300) return false;
  const text = body.trim();
  const closer = closers[text.charAt(0)];
  return closer !== undefined && !text.endsWith(closer);
}

/** The same to the letter, for an answer that is known to be wrong. */
export function isCutOff(response: ApiResponse): boolean {
  if (response.status < 200 || response.status >= 300 || !/^\s*[{[]/.test(response.body)) return false;
  try {
    JSON.parse(response.body);
    return false;
  } catch {
    return true;
  }
}
