import { type JWTPayload, type JWTVerifyGetKey, jwtVerify } from "jose";
import { badInput } from "../core/errors.ts";
import { NoKeys, signingKeys } from "./access-keys.ts";
import { hasTwins } from "./json-twins.ts";
import type { Identity, Mode, Refusal } from "./mode.ts";

export interface AccessSettings {
  /** `acme`, `acme.cloudflareaccess.com` or `https://acme.cloudflareaccess.com`. */
  readonly team: string;
  /** The AUD tags of the Access applications that protect this server. */
  readonly audiences: readonly string[];
  /** Where the keys are instead, in tests and private networks; tokens are issued by the team all the same. */
  readonly origin?: string | undefined;
  /** Milliseconds since 1970, which tokens are held against. */
  readonly now?: (() => number) | undefined;
  /** Milliseconds that never go back, by which keys age. */
  readonly elapsed?: (() => number) | undefined;
  /** Milliseconds that the key server has for its answer. */
  readonly patience?: number | undefined;
  /** Told once when keys cannot be fetched, in words for the operator. */
  readonly onWarning?: ((warning: string) => void) | undefined;
}

/** Never the cookie of the same content: a browser sends that one along unasked. */
const header = "cf-access-jwt-assertion";
const longest = 16 * 1024;
/** Strict, as decoders let white space and padding pass. */
const compact = /^[\w-]+\.[\w-]+\.[\w-]+$/;
/** Parts of a header that name other keys or other rules; Cloudflare sends none of them. */
const foreign = ["crit", "b64", "jku", "jwk", "x5u", "x5c"];
/** Seconds that the clocks of Cloudflare and of this machine may differ. */
const tolerance = 60;

const refused: Refusal = {
  status: 401,
  message: "This Cloudflare Access token opens nothing here; sign in through Cloudflare Access again",
  challenge: 'Cloudflare-Access realm="cloudflare-access-mcp"',
};

const unavailable: Refusal = {
  status: 503,
  message: "Cloudflare Access tokens cannot be checked at the moment; try again in 30 seconds",
  retryAfter: 30,
};

/** Callers whom Cloudflare Access let through, by the token it sends along (docs, "Application token"). */
export function accessAssertion(settings: AccessSettings): Mode {
  const { issuer, audiences, origin } = checked(settings);
  const { now = Date.now, elapsed, patience, onWarning } = settings;
  const keyOf = signingKeys({ origin, elapsed, patience, onWarning });

  const keyFor: JWTVerifyGetKey = async (parameters) => {
    const { kid } = parameters;
    const key = kid === undefined || foreign.some((name) => name in parameters) ? undefined : await keyOf(kid);
    if (key === undefined) throw new Error("no such key");
    return key;
  };

  return async (headers) => {
    const token: unknown = headers[header];
    if (token === undefined) return undefined;
    if (typeof token !== "string" || token.length > longest || !compact.test(token)) return refused;
    const at = now();
    try {
      const { payload } = await jwtVerify(token, keyFor, {
        algorithms: ["RS256"],
        issuer,
        audience: [...audiences],
        clockTolerance: tolerance,
        currentDate: new Date(at),
      });
      const sound = isForHere(payload, audiences) && isTimed(payload, at) && payload["type"] === "app";
      return (sound && !isAmbiguous(token) && identityOf(payload)) || refused;
    } catch (error) {
      return error instanceof NoKeys ? unavailable : refused;
    }
  };
}

/** Who else a token is meant for could send it on to here. */
const isForHere = ({ aud = [] }: JWTPayload, audiences: ReadonlySet<string>) =>
  [aud].flat().every((one) => audiences.has(one));

/** What the library leaves: times that are missing, a time of issue to come, and `1e999`, which is read as a number. */
const isTimed = ({ iat = Infinity, exp }: JWTPayload, now: number) =>
  iat <= now / 1000 + tolerance && Number.isFinite(iat) && Number.isFinite(exp);

const isAmbiguous = (token: string) =>
  token
    .split(".", 2)
    .map((part) => Buffer.from(part, "base64url").toString())
    .some(hasTwins);

/** Letters, marks and digits of any script, but nothing that separates marks, hides or turns the line around. */
const mailbox = /^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~.-]{1,64}(@[\p{L}\p{M}\p{N}.-]{1,253})$/u;
/** A Client ID, and not the common name of a client certificate, which may be any. */
const clientId = /^[0-9a-f]{32}\.access(?:\.[a-z0-9.-]{1,253})?$/;
const groupName = /^[^\p{C}\p{Zl}\p{Zp}]{1,256}$/u;

/** A person by e-mail address, which the identity provider has verified, or a service token by Client ID. */
function identityOf({ sub, ...claims }: JWTPayload): Identity | undefined {
  const { email = "", common_name: client, custom } = claims;
  if (email === "") {
    if (sub || typeof client !== "string" || !clientId.test(client)) return undefined;
    return { name: `token:${client}`, marks: [`token:${client}`] };
  }
  // Letters such as the Kelvin sign become plain ones in lower case: somebody else's address.
  if (typeof email !== "string" || email.normalize("NFKC") !== email || typeof sub !== "string" || sub === "")
    return undefined;
  const name = email.toLowerCase();
  const domain = mailbox.exec(name)?.[1];
  return domain === undefined ? undefined : { name, marks: [name, domain, ...groupsIn(custom)] };
}

/** Cloudflare leaves claims out when all of them together are over 1 kB: then there are fewer groups, never more. */
function groupsIn(custom: unknown): readonly string[] {
  const { groups = [] } = (custom ?? {}) as { groups?: unknown };
  return [groups]
    .flat()
    .filter((group) => typeof group === "string" && groupName.test(group))
    .map((group) => `group:${group}`);
}

const teamName =
  /^(?:https:\/\/(?=.*\.cloudflareaccess\.com$))?([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?:\.cloudflareaccess\.com)?$/;
const audienceTag = /^[0-9a-f]{64}$/;

function checked({ team, audiences, origin }: AccessSettings) {
  const name = teamName.exec(team)?.[1];
  const wrong = audiences.find((one) => !audienceTag.test(one));
  const issues = [
    name === undefined && `team: write acme or acme.cloudflareaccess.com, not "${cut(team)}"`,
    audiences.length === 0 && "audience: give the AUD tag of the Access application, 64 hexadecimal characters",
    wrong !== undefined && `audience: write the 64 hexadecimal characters of an AUD tag, not "${cut(wrong)}"`,
    origin !== undefined && !isOrigin(origin) && `origin: write https://HOST, not "${cut(origin)}"`,
  ].filter((issue) => issue !== false);
  if (issues.length > 0)
    throw badInput(`Cloudflare Access: ${issues.join("; ")}`, "Correct it and start again.", issues);
  const issuer = `https://${name}.cloudflareaccess.com`;
  return { issuer, audiences: new Set(audiences), origin: origin ?? issuer };
}

const cut = (text: string) => text.slice(0, 80);

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** Without TLS whoever is on the way could name the keys. */
function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, origin, href } = new URL(text);
  return href === `${origin}/` && (protocol === "https:" || (protocol === "http:" && loopback.test(hostname)));
}
