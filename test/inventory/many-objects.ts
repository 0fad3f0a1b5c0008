import { access } from "../../src/access/index.ts";
import { createClient } from "../../src/cloudflare/client.ts";
import type { Call, Workshop } from "../../src/core/call.ts";
import { AccessError } from "../../src/core/errors.ts";
import type { ApiRequest, Send } from "../../src/core/send.ts";
import { callOf } from "../support/calls.ts";

const account = "0123456789abcdef0123456789abcdef";

/** The client over an account with so many objects below each path; what is not named is empty. */
export function manyObjects(
  counts: Readonly<Record<string, number>>,
  {
    trouble = () => undefined,
    numberOf = (place) => place,
  }: {
    /** What keeps a request from being sent, by how many went before it. */
    readonly trouble?: (request: ApiRequest, before: number) => AccessError | undefined;
    /** Which object stands at a place of a list. */
    readonly numberOf?: (place: number) => number;
  } = {},
) {
  const requests: ApiRequest[] = [];
  let attempts = 0;
  const send: Send = async (request) => {
    attempts += 1;
    const failure = trouble(request, requests.length);
    if (failure !== undefined) throw failure;
    requests.push(request);
    const path = request.path.replace(`/accounts/${account}/`, "");
    const query = new Map(request.query);
    const [page, size] = [Number(query.get("page")), Number(query.get("per_page"))];
    const total = counts[path] ?? 0;
    const length = Math.max(0, Math.min(size, total - (page - 1) * size));
    const paged = Array.from({ length }, (_, place) => {
      const number = numberOf((page - 1) * size + place);
      return {
        id: `${path}-${number}`,
        name: `${number}`,
        last_successful_login: new Date(number * 1000).toISOString(),
      };
    });
    const whole = /(?:sessions|failed_logins|lists|settings)$/.test(path) ? [] : { id: path };
    const body = query.has("page")
      ? { success: true, result: paged, result_info: { page, per_page: size, total_count: total } }
      : { success: true, result: whole };
    return { status: 200, headers: {}, body: JSON.stringify(body) };
  };
  const entries = new Map(access.map((entry) => [entry.name, entry]));
  const workshop: Pick<Workshop, "perform" | "entries"> = {
    perform: createClient({ send, account_id: account }),
    entries,
  };
  const call: Call = callOf("list_groups");
  return { call, workshop, requests, attempts: () => attempts };
}

/** What the request budget says when nothing may be sent in time any more. */
export const spent = new AccessError("Cloudflare's request limit is nearly used up; the next request may go in 31 s", {
  kind: "throttled",
  next: "Wait 31 seconds, then call again; nothing was sent.",
  outcome: "not_sent",
  retry_after_seconds: 31,
});
