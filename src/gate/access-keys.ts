import { type CryptoKey, importJWK } from "jose";
import { request } from "undici";

/** Where and how the signing keys of a team are got. */
export interface KeySettings {
  /** `https://acme.cloudflareaccess.com`, or what stands for it. */
  readonly origin: string;
  /** Milliseconds that never go back. */
  readonly elapsed?: (() => number) | undefined;
  /** Milliseconds that the key server has for its whole answer. */
  readonly patience?: number | undefined;
  /** Told once per outage, in words for the operator. */
  readonly onWarning?: ((warning: string) => void) | undefined;
}

/** The key of a `kid`; nothing when the team has no such key. Throws `NoKeys`. */
export type SigningKeys = (kid: string) => Promise<CryptoKey | undefined>;

/** No key is known that is young enough to trust: whether a token is good cannot be told. */
export class NoKeys extends Error {}

const second = 1_000;
const minute = 60 * second;
/** Keys rotate every six weeks and the one before stays good for seven days (docs, "Validate JWTs"). */
const fresh = 10 * minute;
const usable = 24 * 60 * minute;
/** Between two fetches for the same reason, in milliseconds; for all reasons together there are two a minute. */
const pause = 30 * second;
const most = 1024 * 1024;

/** The keys at `/cdn-cgi/access/certs`, fetched when they are old or one is missing, by one request at a time. */
export function signingKeys(settings: KeySettings): SigningKeys {
  const { elapsed = () => performance.now(), patience = 5 * second, onWarning = () => undefined } = settings;
  const address = new URL("/cdn-cgi/access/certs", settings.origin);
  const tried = { old: -Infinity, missing: -Infinity };
  let [lastButOne, last] = [-Infinity, -Infinity];
  let keys: ReadonlyMap<string, CryptoKey> = new Map();
  let since = -Infinity;
  let outage = false;
  let running: Promise<void> | undefined;

  const age = () => elapsed() - since;

  const fetched = async () => {
    try {
      keys = await fetchKeys(address, patience);
      since = elapsed();
      outage = false;
    } catch (error) {
      if (!outage) onWarning(warning(address, error, age()));
      outage = true;
    }
  };

  /** A reason has its own pause, so that a rotation right after a usual fetch refuses nobody. */
  const refresh = (reason: keyof typeof tried): Promise<void> => {
    const now = elapsed();
    if (running !== undefined) return running;
    if (now - tried[reason] < pause || now - lastButOne < minute) return Promise.resolve();
    tried[reason] = now;
    [lastButOne, last] = [last, now];
    running = fetched().finally(() => {
      running = undefined;
    });
    return running;
  };

  return async (kid) => {
    const before = keys;
    if (age() >= fresh) {
      const refreshed = refresh("old");
      // In an outage nobody waits for a server that may be slow as well, unless there is nothing else.
      if (!outage || age() > usable) await refreshed;
    }
    if (keys === before && age() <= usable && !keys.has(kid)) await refresh("missing");
    if (age() > usable) throw new NoKeys();
    return keys.get(kid);
  };
}

function warning({ host }: URL, error: unknown, age: number): string {
  const why = error instanceof BadAnswer ? error.message : "no answer";
  const meanwhile =
    age > usable
      ? "callers get 503 until they can be"
      : `the keys fetched ${Math.round(age / minute)} minutes ago are used for up to 24 hours`;
  return `the signing keys of Cloudflare Access cannot be fetched from ${host} (${why}); ${meanwhile}`;
}

/** The key server answered, but with nothing to use. */
class BadAnswer extends Error {}

async function fetchKeys(address: URL, patience: number): Promise<ReadonlyMap<string, CryptoKey>> {
  const { statusCode, body } = await request(address, {
    headers: { accept: "application/json", "user-agent": "cloudflare-access-mcp" },
    signal: AbortSignal.timeout(patience),
  });
  // Undici follows no redirect unless told to: one is a status like any other.
  if (statusCode !== 200) {
    body.on("error", () => undefined).destroy();
    throw new BadAnswer(`status ${statusCode}`);
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    // Leaving the loop destroys the body, and its connection with it.
    if (size > most) throw new BadAnswer("over 1 MiB");
    chunks.push(chunk);
  }
  const keys = await keysIn(Buffer.concat(chunks).toString());
  if (keys.size === 0) throw new BadAnswer("no RSA key for signatures in it");
  return keys;
}

async function keysIn(text: string): Promise<ReadonlyMap<string, CryptoKey>> {
  const found = new Map<string, PublicKey | undefined>();
  for (const jwk of listed(text)) {
    const key = publicKey(jwk);
    if (key === undefined) continue;
    const other = found.has(key.kid) ? found.get(key.kid) : key;
    // Of two keys with one name neither is trusted, nor a third.
    found.set(key.kid, other?.n === key.n ? key : undefined);
  }
  const keys = new Map<string, CryptoKey>();
  for (const [kid, key] of found) {
    if (key === undefined) continue;
    const imported = await importJWK({ kty: "RSA", n: key.n, e: exponent }, "RS256").catch(() => undefined);
    if (imported !== undefined && isStrong(imported)) keys.set(kid, imported);
  }
  return keys;
}

function listed(text: string): readonly unknown[] {
  try {
    const { keys }: { keys?: unknown } = JSON.parse(text);
    if (Array.isArray(keys)) return keys;
  } catch {
    // Told below: whatever is wrong with it, it is no key set.
  }
  throw new BadAnswer("no key set");
}

interface PublicKey {
  readonly kid: string;
  readonly n: string;
}

/** 65537, which Cloudflare uses; others can make a signature weak or its check slow. */
const exponent = "AQAB";
const privateParts = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

function publicKey(jwk: unknown): PublicKey | undefined {
  if (typeof jwk !== "object" || jwk === null) return undefined;
  const { kid, kty, n, e, use = "sig", alg = "RS256", key_ops = ["verify"] } = jwk as Record<string, unknown>;
  if (typeof kid !== "string" || kid === "" || typeof n !== "string") return undefined;
  const forSignatures = use === "sig" && alg === "RS256" && Array.isArray(key_ops) && key_ops.includes("verify");
  if (kty !== "RSA" || e !== exponent || !forSignatures || privateParts.some((part) => part in jwk)) return undefined;
  return { kid, n };
}

/** At least what RS256 asks for (RFC 7518, 3.3), and not so much that each check takes long. */
function isStrong({ algorithm }: CryptoKey): boolean {
  const { modulusLength } = algorithm as { modulusLength?: number };
  return modulusLength !== undefined && modulusLength >= 2048 && modulusLength <= 8192;
}
