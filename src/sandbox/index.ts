import { access } from "../access/index.ts";
import type { Entry } from "../core/room.ts";
import { type ApiRequest, type ApiResponse, type Send, SendError } from "../core/send.ts";
import { failure, Refusal, type Reply, success } from "./envelope.ts";
import { type Fault, type Message, playFaults, type Reaction } from "./faults.ts";
import { cloudflareLimit, type RateLimit, turnstile } from "./limit.ts";
import { ownRoutes } from "./own.ts";
import { type Patience, pause } from "./pause.ts";
import { quirks } from "./quirks/index.ts";
import { random } from "./random.ts";
import { router } from "./router.ts";
import { seedAccount } from "./seed.ts";
import { type Row, Store } from "./store.ts";
import { doorkeeper, type Grants, lacksPermission, SANDBOX_READ_ONLY_TOKEN, SANDBOX_TOKEN } from "./tokens.ts";
import type { World } from "./world.ts";

export { type Fault, faultKinds } from "./faults.ts";
export { SANDBOX_LEGACY, SANDBOX_READ_ONLY_TOKEN, SANDBOX_TOKEN } from "./tokens.ts";

/** What kind of pretend Cloudflare to make. */
export interface SandboxOptions {
  /** The operations it answers; all of Access when absent. */
  readonly catalogue?: readonly Entry[];
  /** The same number makes the same account, 1 when absent. */
  readonly seed?: number;
  /** How many times the usual company, 1 when absent; 0 leaves the account empty. */
  readonly scale?: number;
  /** Milliseconds before each answer, 0 when absent. */
  readonly latency?: number;
  /** What time it is, the clock when absent; the company's past ends at the full hour before the first look. */
  readonly now?: () => Date;
  /** Cloudflare's 1,200 in 300 seconds when absent. */
  readonly rateLimit?: RateLimit;
  /** What goes wrong, and when. */
  readonly faults?: readonly Fault[];
  /** The API token that may do everything, `sandbox-token` when absent. */
  readonly token?: string;
  /** Further API tokens with the permission groups they hold. */
  readonly tokens?: Grants;
}

/** A request as the sandbox saw it; without headers, which hold credentials. */
interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: readonly (readonly [string, string])[];
  readonly body: unknown;
}

/** A request from the wire or from the client in the same process. */
interface Incoming extends RecordedRequest, Patience {
  /** Header names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body was no JSON. */
  readonly malformed?: boolean;
}

/** A pretend Cloudflare. */
export interface Sandbox {
  /** The transport that stands in for Cloudflare; put it under the stage that authorizes. */
  readonly send: Send;
  /** How it reacts to a request, for whoever brings the requests; rejects with a `SendError` when it had to wait too long. */
  react(incoming: Incoming): Promise<Reaction>;
  readonly accountId: string;
  readonly zoneId: string;
  readonly token: string;
  readonly readOnlyToken: string;
  /** The latest 10,000 requests, oldest first. */
  readonly requests: readonly RecordedRequest[];
  /** A copy of everything it holds, by collection. */
  snapshot(): Record<string, Record<string, Row>>;
}

const remembered = 10_000;

/** Makes a pretend Cloudflare with an account in it. Nothing it holds outlives it. */
export function createSandbox(options: SandboxOptions = {}): Sandbox {
  const {
    catalogue = access,
    seed = 1,
    scale = 1,
    latency = 0,
    now = () => new Date(),
    token = SANDBOX_TOKEN,
  } = options;
  const source = random(seed);
  const world: World = {
    store: new Store(),
    random: source.fork("server"),
    now,
    accountId: source.fork("account").hex(32),
    zoneId: source.fork("zone").hex(32),
  };
  if (scale > 0) seedAccount(world, source.fork("seed"), scale);
  const route = router(catalogue, quirks, world);
  const own = ownRoutes(world);
  const identify = doorkeeper(token, options.tokens ?? {});
  const pay = turnstile(options.rateLimit ?? cloudflareLimit, now);
  const faultFor = playFaults(options.faults ?? []);
  const requests: RecordedRequest[] = [];
  const rays = source.fork("rays");

  const carryOut = (incoming: Incoming): Reply => {
    const { method, path } = incoming;
    const bearer = identify(incoming.headers);
    const segments = decode(path);
    const search = new Map<string, string[]>();
    for (const [name, value] of incoming.query) search.set(name, [...(search.get(name) ?? []), value]);
    const handled = own({ method, segments, search }, bearer);
    if (handled !== undefined) return handled;
    const [space = "", scopeId = "", ...rest] = segments;
    const found = route({ method, space, scopeId, segments: rest, search, body: incoming.body });
    if (scopeId !== (space === "zones" ? world.zoneId : world.accountId)) {
      throw new Refusal(403, 9109, "Unauthorized to access requested resource");
    }
    if (!bearer.permits(found.entry)) throw lacksPermission();
    if (incoming.malformed) throw new Refusal(400, 6007, "Malformed JSON in request body");
    return found.answer({ method, space, scopeId, segments: rest, search, body: incoming.body });
  };

  const answer = (incoming: Incoming): Message => {
    const toll = pay();
    const headers = { "content-type": "application/json", "cf-ray": `${rays.hex(16)}-SBX`, ...toll.headers };
    try {
      if (toll.retryAfter !== undefined) {
        throw new Refusal(429, 10429, "Rate limited. Please wait and consider throttling your request speed");
      }
      return message(carryOut(incoming), headers);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { status: error.status, headers, body: failure(error.code, error.message) };
    }
  };

  const react = async (incoming: Incoming): Promise<Reaction> => {
    const { method, path, query, body } = incoming;
    requests.push({ method, path, query, body });
    if (requests.length > remembered) requests.shift();
    const mishap = faultFor(method, path);
    const wait = latency + (mishap?.delay ?? 0);
    if (wait > 0) await pause(wait, incoming);
    if (mishap === undefined) return { kind: "reply", ...answer(incoming) };
    const untouched = { status: 200, headers: { "content-type": "application/json" }, body: "" };
    return mishap.spoil(mishap.applied ? answer(incoming) : untouched);
  };

  return {
    send: (request) => deliver(react, request),
    react,
    accountId: world.accountId,
    zoneId: world.zoneId,
    token,
    readOnlyToken: SANDBOX_READ_ONLY_TOKEN,
    requests,
    snapshot: () => world.store.snapshot(),
  };
}

function decode(path: string): string[] {
  try {
    return path.split("/").slice(1).map(decodeURIComponent);
  } catch {
    throw new Refusal(400, 7003, `Could not route to ${path}, perhaps your object identifier is invalid?`);
  }
}

function message(reply: Reply, headers: Record<string, string>): Message {
  const status = reply.status ?? 200;
  if (reply.shape === "text") {
    return { status, headers: { ...headers, "content-type": "application/x-pem-file" }, body: String(reply.result) };
  }
  return { status, headers, body: reply.shape === "empty" ? "" : success(reply) };
}

/** Hands a request of the same process to the sandbox, and tells the lack of an answer as a transport does. */
async function deliver(react: Sandbox["react"], request: ApiRequest): Promise<ApiResponse> {
  const { method, path, query, signal, deadline } = request;
  if (signal.aborted) throw new SendError("cancelled", false);
  const body: unknown = request.body === undefined ? undefined : JSON.parse(JSON.stringify(request.body));
  const given = Object.entries(request.headers ?? {}).map(([name, text]) => [name.toLowerCase(), text]);
  const reaction = await react({ method, path, query, body, headers: Object.fromEntries(given), signal, deadline });
  if (reaction.kind === "refuse") throw new SendError("unreachable", false, "ECONNREFUSED");
  if (reaction.kind === "reset") throw new SendError("reset", true, "ECONNRESET");
  if (reaction.kind === "hang") await pause(Number.POSITIVE_INFINITY, { signal, deadline });
  if (reaction.kind !== "reply" || reaction.cut !== undefined) throw new SendError("truncated", true);
  const { status, headers, trickle = 0 } = reaction;
  if (trickle > 0) await pause(trickle * reaction.body.length, { signal, deadline });
  return { status, headers, body: reaction.body };
}
