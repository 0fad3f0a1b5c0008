import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import type { Bond } from "./tickets.ts";

/** How long a ticket is good, in milliseconds. */
export const lifetime = 600_000;

/** The keys that open tickets, 32 bytes each; the first one also seals. */
export type KeyRing = readonly [Buffer, ...Buffer[]];

/** What an opened ticket tells; bonds are compared, never read back. */
export interface Opened {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly issued: number;
  /** The first part of a bond that is not the one sealed; `digest` only when all others are equal. */
  differsIn(bond: Bond): keyof Bond | undefined;
}

/** In the order in which a difference is told. */
const parts: readonly (keyof Bond)[] = ["operation", "principal", "account", "arguments", "object", "digest"];

const version = 1;
const bytes = { version: 1, keyId: 4, nonce: 12, time: 6, imprint: 16, tag: 16 };
const header = bytes.version + bytes.keyId;
const front = header + bytes.nonce;
const whole = front + bytes.time + parts.length * bytes.imprint + bytes.tag;

const sha256 = (...texts: readonly (string | Buffer)[]): Buffer =>
  texts.reduce((hash, text) => hash.update(text), createHash("sha256")).digest();

const headerFor = (key: Buffer): Buffer =>
  Buffer.concat([Buffer.of(version), sha256("key id", key).subarray(0, bytes.keyId)]);

/** Salted with the nonce, which nobody knows before the ticket exists: two bonds with one imprint cannot be prepared. */
const imprint = (nonce: Buffer, part: keyof Bond, bond: Bond): Buffer =>
  sha256(nonce, JSON.stringify([part, bond[part]])).subarray(0, bytes.imprint);

/** Letters and digits that nobody mixes up, 32 of them. */
const letters = "abcdefghijkmnpqrstuvwxyz23456789";
const idOf = (nonce: Buffer): string => Array.from(nonce.subarray(0, 8), (byte) => letters[byte % 32]).join("");

/** Seals a bond with AES-256-GCM into 180 characters of base64url: version, key id, nonce, time and imprints, tag. */
export function seal([key]: KeyRing, bond: Bond, issued: number): { ticket: string; id: string } {
  const nonce = randomBytes(bytes.nonce);
  const time = Buffer.alloc(bytes.time);
  time.writeUIntBE(issued, 0, bytes.time);
  const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: bytes.tag }).setAAD(headerFor(key));
  const sealed = [time, ...parts.map((part) => imprint(nonce, part, bond))].map((piece) => cipher.update(piece));
  const ticket = Buffer.concat([headerFor(key), nonce, ...sealed, cipher.final(), cipher.getAuthTag()]);
  return { ticket: ticket.toString("base64url"), id: idOf(nonce) };
}

/** Opens a ticket; `undefined` for everything that `seal` did not make with one of these keys, letter by letter. */
export function unseal(keys: KeyRing, ticket: string): Opened | undefined {
  // The decoder forgives padding, spaces and the other alphabet; a ticket has one spelling.
  if (ticket.length !== (whole * 4) / 3) return undefined;
  const given = Buffer.from(ticket, "base64url");
  if (given.toString("base64url") !== ticket) return undefined;

  const key = keys.find((one) => headerFor(one).equals(given.subarray(0, header)));
  if (key === undefined) return undefined;
  const nonce = given.subarray(header, front);
  const content = decrypted(key, nonce, given);
  if (content === undefined) return undefined;
  const sealedImprint = (at: number) =>
    content.subarray(bytes.time).subarray(at * bytes.imprint, (at + 1) * bytes.imprint);
  return {
    id: idOf(nonce),
    issued: content.readUIntBE(0, bytes.time),
    differsIn: (bond) => parts.find((part, at) => !imprint(nonce, part, bond).equals(sealedImprint(at))),
  };
}

function decrypted(key: Buffer, nonce: Buffer, given: Buffer): Buffer | undefined {
  const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: bytes.tag });
  decipher.setAAD(given.subarray(0, header)).setAuthTag(given.subarray(whole - bytes.tag));
  try {
    return Buffer.concat([decipher.update(given.subarray(front, whole - bytes.tag)), decipher.final()]);
  } catch {
    return undefined;
  }
}
