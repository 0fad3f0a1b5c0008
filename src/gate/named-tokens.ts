import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { bearerOf } from "./bearer.ts";
import type { Identity, Mode, Refusal, Role } from "./mode.ts";

/** A token as it is kept: what opens the door is nowhere but with its holder. */
export interface NamedToken {
  readonly name: string;
  readonly role: Role;
  /** Hexadecimal; the token is 256 random bits, so that a plain digest tells nothing about it. */
  readonly sha256: string;
  /** RFC 3339, as `expires`, from when on it opens nothing. */
  readonly created: string;
  readonly expires?: string | undefined;
}

/** A new token: shown once, kept as its digest. */
export function makeToken(): { readonly token: string; readonly sha256: string } {
  const token = `cfam_${randomBytes(32).toString("base64url")}`;
  return { token, sha256: digestOf(token).toString("hex") };
}

const digestOf = (token: string): Buffer => createHash("sha256").update(token).digest();

const unknown: Refusal = {
  status: 401,
  message: "This bearer token opens nothing here; ask the operator for another",
  challenge: 'Bearer realm="cloudflare-access-mcp", error="invalid_token"',
};

/** Tokens that the operator gave names and roles; `read` is asked each time, so that a revoked one ends at once. */
export function namedTokens(read: () => Promise<readonly NamedToken[]>, now: () => number = Date.now): Mode {
  return async (headers): Promise<Identity | Refusal | undefined> => {
    const token = bearerOf(headers);
    if (token === undefined) return undefined;
    const digest = digestOf(token);
    let found: NamedToken | undefined;
    // All are compared, so that the time does not tell which one it nearly was.
    for (const one of await read()) if (isSame(one.sha256, digest)) found = one;
    if (found === undefined || (found.expires !== undefined && !(now() < Date.parse(found.expires)))) return unknown;
    const name = `token:${found.name}`;
    return { name, marks: [name], role: found.role };
  };
}

function isSame(kept: string, digest: Buffer): boolean {
  const other = Buffer.from(kept, "hex");
  return other.length === digest.length && timingSafeEqual(other, digest);
}
