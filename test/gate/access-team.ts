import { constants, createHmac, KeyObject, sign } from "node:crypto";
import type { ServerResponse } from "node:http";
import { type CryptoKey, exportJWK, generateKeyPair, type JWK } from "jose";
import { type AccessSettings, accessAssertion } from "../../src/gate/access-assertion.ts";
import { serve } from "../support/serve.ts";

export const issuer = "https://acme.cloudflareaccess.com";
export const ours = "a1".repeat(32);
export const alsoOurs = "b2".repeat(32);
export const other = "c3".repeat(32);

export interface Signer {
  readonly kid: string;
  readonly secret: KeyObject;
  readonly open: JWK;
}

/** A pair of keys, and what a key server says of it. */
export async function signer(kid: string, alg = "RS256"): Promise<Signer> {
  const pair = await generateKeyPair(alg, { extractable: true });
  return {
    kid,
    secret: KeyObject.from(pair.privateKey as CryptoKey),
    open: { ...(await exportJWK(pair.publicKey)), kid, alg, use: "sig" },
  };
}

/** How each algorithm signs. */
const ways: Readonly<Record<string, (data: Buffer, key: KeyObject) => Buffer>> = {
  RS256: (data, key) => sign("sha256", data, key),
  RS384: (data, key) => sign("sha384", data, key),
  RS512: (data, key) => sign("sha512", data, key),
  PS256: (data, key) =>
    sign("sha256", data, {
      key,
      padding: constants.RSA_PKCS1_PSS_PADDING,
      saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
    }),
  ES256: (data, key) => sign("sha256", data, { key, dsaEncoding: "ieee-p1363" }),
  HS256: (data, key) =>
    createHmac("sha256", key.export({ format: "pem", type: "spki" }))
      .update(data)
      .digest(),
  none: () => Buffer.alloc(0),
};

type Changes = Readonly<Record<string, unknown>>;

export interface Wish {
  readonly key?: Signer;
  readonly header?: Changes;
  readonly claims?: Changes;
  /** How it is signed in truth, whatever the header says. */
  readonly way?: string;
  readonly with?: KeyObject;
  /** The last word on the texts. */
  readonly rewrite?: (json: string) => string;
  readonly rewriteHeader?: (json: string) => string;
}

const encode = (text: string) => Buffer.from(text).toString("base64url");

/** The moment that tokens are made for, in seconds since 1970. */
export const noon = 1_790_000_000;

export const person = {
  aud: [ours],
  email: "ada@example.com",
  exp: noon + 3600,
  iat: noon - 60,
  nbf: noon - 60,
  iss: issuer,
  type: "app",
  identity_nonce: "6ei69kawdKzMIAPF",
  sub: "7335d417-61da-459d-899c-0a01c76a2f94",
  country: "PT",
};

export const client = `${"e367".repeat(8)}.access`;
export const service = { ...person, email: undefined, nbf: undefined, sub: "", common_name: client };

/** A token as Access makes it, but for what is wished otherwise; `undefined` takes a claim away. */
export function tokenOf(key: Signer, wish: Wish = {}): string {
  const { header, claims, rewrite = String, rewriteHeader = String } = wish;
  const used = wish.key ?? key;
  const head = { alg: "RS256", kid: used.kid, typ: "JWT", ...header };
  const way = ways[wish.way ?? head.alg];
  if (way === undefined) throw new Error(`no way to sign ${head.alg}`);
  const texts = [rewriteHeader(JSON.stringify(head)), rewrite(JSON.stringify({ ...person, ...claims }))];
  const data = texts.map(encode).join(".");
  return `${data}.${way(Buffer.from(data), wish.with ?? used.secret).toString("base64url")}`;
}

export type Answer = (response: ServerResponse) => void;

export const keySet =
  (...keys: readonly unknown[]): Answer =>
  (response) =>
    response.setHeader("content-type", "application/json").end(JSON.stringify({ keys, public_certs: [] }));

/** A team: its key server on loopback, a clock that moves when told, and the mode under test. */
export async function team(answer: Answer, settings: Partial<AccessSettings> = {}) {
  const clock = { seconds: noon };
  const warnings: string[] = [];
  const fetches: number[] = [];
  const state = { answer };
  const server = await serve((request, response) => {
    fetches.push(clock.seconds);
    if (request.url === "/cdn-cgi/access/certs" && request.method === "GET") state.answer(response);
    else response.writeHead(404).end();
  });
  const mode = accessAssertion({
    team: "acme",
    audiences: [ours, alsoOurs],
    origin: server.url.origin,
    now: () => clock.seconds * 1000,
    elapsed: () => (clock.seconds - noon) * 1000,
    onWarning: (warning) => warnings.push(warning),
    ...settings,
  });
  const ask = (token: string) => mode({ "cf-access-jwt-assertion": token });
  return { clock, warnings, fetches, state, mode, ask, origin: server.url.origin, close: server.close };
}
