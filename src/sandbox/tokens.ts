import type { Entry } from "../core/room.ts";
import { Refusal } from "./envelope.ts";

/** The API token that may do everything in the sandbox. */
export const SANDBOX_TOKEN = "sandbox-token";

/** The API token that may only read. */
export const SANDBOX_READ_ONLY_TOKEN = "sandbox-read-only";

/** The legacy pair that may do everything. */
export const SANDBOX_LEGACY = { email: "admin@quillon.example.com", key: "sandbox-key" } as const;

/** Whom a request comes from. */
export interface Bearer {
  /** Id of the API token; absent for the legacy pair. */
  readonly tokenId?: string;
  permits(entry: Entry): boolean;
}

/** API tokens by value, with the permission groups they hold (`Access: Service Tokens Read`); Write includes Read. */
export type Grants = Readonly<Record<string, readonly string[]>>;

const denied = (status: number) => new Refusal(status, 10000, "Authentication error");

/** Cloudflare says no more than this when a token lacks the permission group of an operation. */
export const lacksPermission = () => denied(403);

/** Knows who a request comes from by its headers; refuses who is not known. */
export function doorkeeper(token: string, grants: Grants): (headers: Readonly<Record<string, string>>) => Bearer {
  const holders = new Map<string, Bearer>([
    [SANDBOX_READ_ONLY_TOKEN, { tokenId: idOf(SANDBOX_READ_ONLY_TOKEN), permits: ({ effect }) => effect === "read" }],
    [token, { tokenId: idOf(token), permits: () => true }],
  ]);
  for (const [value, groups] of Object.entries(grants)) {
    const held = new Set(groups.flatMap((group) => [group, group.replace(/ Write$/, " Read")]));
    const permits = ({ needs, effect }: Entry) => (needs === null ? effect === "read" : held.has(needs));
    holders.set(value, { tokenId: idOf(value), permits });
  }

  return (headers) => {
    const [, bearer] = /^Bearer (.+)$/i.exec(headers["authorization"] ?? "") ?? [];
    if (bearer !== undefined) {
      const holder = holders.get(bearer);
      if (holder === undefined) throw denied(403);
      return holder;
    }
    const { "x-auth-email": email, "x-auth-key": key } = headers;
    if (email === undefined || key === undefined) throw denied(400);
    if (email !== SANDBOX_LEGACY.email || key !== SANDBOX_LEGACY.key) throw denied(403);
    return { permits: () => true };
  };
}

/** A stable 32-digit id that says nothing about the token. */
function idOf(token: string): string {
  let hash = 0x811c9dc5;
  return Array.from({ length: 4 }, (_, round) => {
    for (const char of `${round}${token}`) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
    return (hash >>> 0).toString(16).padStart(8, "0");
  }).join("");
}
